"""The ledger's answers: whether a sweep is owed and which tables are synthetic; and the names of its columns."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from odre.contract import load_contract
from odre.ledger import LEDGER_FIELDS, SET_ASIDE_FIELDS, synthetic_tables
from odre.operators.window import WindowOperator
from odre.plan import RunPlan
from odre.settings import Settings
from odre.window import last_sweep

from laptop.provenance import held, refuse_mixing
from laptop.service import StackError
from tests.listeners import catalogue

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


def test_what_is_synthetic_is_what_stands_not_what_was_loaded_last(warehouse, ledger):
    """Of each day, and each part of it, the last load that answered it counts."""
    name = warehouse.create_ledger()

    def answered(table: str, minute: int, is_synthetic: bool, *days: tuple[str, str]) -> None:
        answers = ", ".join(
            f"struct(date '{day}' as local_date, '{part}' as part, 0 as maturity)" for day, part in days
        )
        warehouse.query(
            f"insert into `{name}` (load_id, table_name, asked_at, merged_at, is_synthetic, answered) values "
            f"('{minute}', '{table}', timestamp '2024-01-01', timestamp '2024-01-01 00:{minute}:00', {is_synthetic}, "
            f"[{answers}])"
        )

    def found() -> tuple[str, ...]:
        return synthetic_tables(warehouse.client, name, 10**9)

    assert found() == ()
    answered(GAS.table, 10, True, ("2024-01-01", "Storengy"), ("2024-01-01", "Teréga"))
    answered("temperature_quotidienne_regionale", 11, False, ("2024-01-01", ""))
    assert found() == (GAS.table,)
    answered(GAS.table, 12, False, ("2024-01-01", "Storengy"))
    assert found() == (GAS.table,)
    assert held(warehouse.environment["BIGQUERY_EMULATOR_HOST"]) == {
        False: [GAS.table, "temperature_quotidienne_regionale"], True: [GAS.table]
    }  # fmt: skip
    answered(GAS.table, 13, False, ("2024-01-01", "Teréga"))
    assert found() == ()


def test_the_commands_refuse_to_mix_and_say_what_is_there(warehouse, ledger, monkeypatch):
    name, url = warehouse.create_ledger(), warehouse.environment["BIGQUERY_EMULATOR_HOST"]
    for is_synthetic, served in ((True, False), (False, True), (True, True), (False, False)):
        warehouse.query(f"delete from `{name}` where true")
        refuse_mixing(url, "http://127.0.0.1:9", external=False)  # nothing is there, so nothing is asked
        warehouse.query(
            f"insert into `{name}` (load_id, table_name, asked_at, is_synthetic) "
            f"values ('x', '{GAS.table}', timestamp '2024-01-01', {is_synthetic})"
        )
        refuse_mixing(url, "http://127.0.0.1:9", external=True)  # an API that does not answer says nothing
        with catalogue("Gaz", *(["synthetic"] if served else [])) as api:
            if is_synthetic == served:
                refuse_mixing(url, api, external=False)
                continue
            with pytest.raises(StackError, match="`make reset` deletes what is there") as refusal:
                refuse_mixing(url, api, external=False)
        there, coming = ("the synthetic sample", "real data") if is_synthetic else ("real data", "the synthetic sample")
        assert f"the warehouse holds {there} ({GAS.table}), and {coming} would be loaded" in str(refusal.value)


def test_without_a_ledger_nothing_is_owed(warehouse, monkeypatch):
    for name, value in warehouse.environment.items():
        monkeypatch.setenv(name, value)
    warehouse.client.delete_table(warehouse.create_ledger())
    assert planned("scheduled").kind == "interval"


def test_every_column_says_what_it_means():
    fields = [*LEDGER_FIELDS, *SET_ASIDE_FIELDS]
    fields += [part for field in fields for part in field.get("fields", ())]
    assert all(field["description"].endswith(".") for field in fields)
