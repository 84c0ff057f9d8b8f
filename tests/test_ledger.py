"""What the ledger answers: whether a sweep is owed, and the names of its columns."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from odre.contract import load_contract
from odre.ledger import LEDGER_FIELDS, SET_ASIDE_FIELDS
from odre.operators.window import WindowOperator
from odre.plan import RunPlan
from odre.settings import Settings
from odre.window import last_sweep

GAS = load_contract("stock_quotidien_stockages_gaz")
# the sweep of gas ticks on the 3rd at 09:40 in Paris, which is 07:40 UTC in May
TICK = datetime(2026, 5, 3, 7, 40, tzinfo=timezone.utc)
DAY = timedelta(1)


def test_a_sweep_was_due_at_its_last_tick():
    assert last_sweep(GAS, TICK) == last_sweep(GAS, TICK + 20 * DAY) == TICK
    assert last_sweep(GAS, TICK - timedelta(seconds=1)) == datetime(2026, 4, 3, 7, 40, tzinfo=timezone.utc)
    assert last_sweep(GAS.model_copy(update={"sweep": None}), TICK) is None


@pytest.fixture
def ledger(warehouse, monkeypatch):
    for name, value in warehouse.environment.items():
        monkeypatch.setenv(name, value)
    table = warehouse.create_ledger()
    warehouse.query(f"delete from `{table}` where true")

    def record(kind: str, asked_at: datetime, table_name: str = GAS.table, is_partial: bool = False) -> None:
        warehouse.query(
            f"insert into `{table}` (load_id, table_name, run_kind, asked_at, is_partial) "
            f"values ('x', '{table_name}', '{kind}', timestamp '{asked_at.isoformat()}', {str(is_partial).lower()})"
        )

    return record


def planned(run_type: str, interval_end: datetime = TICK + 2 * DAY) -> RunPlan:
    run = SimpleNamespace(
        data_interval_start=interval_end - DAY, data_interval_end=interval_end, run_after=interval_end,
        run_id="a run", run_type=run_type,
    )  # fmt: skip
    operator = WindowOperator(task_id="window", table=GAS.table, settings=Settings.from_environment())
    return RunPlan.from_xcom(operator.execute({"dag_run": run, "params": {}}), GAS.table)


BEFORE, SINCE = TICK - DAY, TICK + DAY


@pytest.mark.parametrize(
    ("loads", "kind"),
    [
        ([], "interval"),  # a new deployment: nothing was loaded when the sweep was due
        ([("interval", SINCE)], "interval"),
        ([("interval", BEFORE)], "sweep"),
        ([("interval", BEFORE), ("interval", SINCE), ("range", SINCE), ("backfill", SINCE)], "sweep"),
        ([("interval", BEFORE), ("sweep", BEFORE)], "sweep"),  # that was the sweep of the tick before
        ([("interval", BEFORE), ("sweep", SINCE)], "interval"),
        ([("interval", BEFORE), ("full_refresh", SINCE)], "interval"),
        ([("interval", BEFORE), ("sweep", SINCE, GAS.table, True)], "sweep"),  # a dataset of the API was missing
        ([("interval", BEFORE, "temperature_quotidienne_regionale")], "interval"),
        ([("interval", BEFORE), ("sweep", SINCE, "temperature_quotidienne_regionale")], "sweep"),
    ],
)
def test_a_sweep_is_owed_until_one_has_been_merged_since_its_tick(ledger, loads, kind):
    for load in loads:
        ledger(*load)
    plan = planned("scheduled")
    assert plan.kind == kind
    days = GAS.sweep.lookback_days if kind == "sweep" else GAS.lookback_days
    assert plan.window.start == date(2026, 5, 4) - days * DAY


def test_only_runs_of_the_schedule_pay_what_is_owed(ledger):
    ledger("interval", BEFORE)
    assert planned("manual").kind == "interval" and planned("backfill").kind == "backfill"


def test_without_a_ledger_nothing_is_owed(warehouse, monkeypatch):
    for name, value in warehouse.environment.items():
        monkeypatch.setenv(name, value)
    warehouse.client.delete_table(warehouse.create_ledger())
    assert planned("scheduled").kind == "interval"


def test_every_column_says_what_it_means():
    fields = [*LEDGER_FIELDS, *SET_ASIDE_FIELDS]
    fields += [part for field in fields for part in field.get("fields", ())]
    assert all(field["description"].endswith(".") for field in fields)
