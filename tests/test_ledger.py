"""The ledger's answers: whether a sweep is owed and which tables are synthetic; and the names of its columns."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from google.cloud import bigquery
from odre.contract import load_contract
from odre.ledger import (
    LEDGER,
    LEDGER_FIELDS,
    SET_ASIDE,
    SET_ASIDE_FIELDS,
    ledger_resource,
    set_aside_resource,
    synthetic_tables,
)
from odre.operators.landing_tables import LandingTablesOperator
from odre.operators.window import WindowOperator
from odre.plan import RunPlan
from odre.resources import table_resource
from odre.settings import Settings
from odre.window import last_sweep

from laptop.edge.proxy import Proxy
from laptop.environment import DATASETS, PROJECT_ID, Endpoints
from laptop.provenance import held, refuse_mixing
from laptop.service import StackError
from tests.listeners import catalogue

GAS, STAGING = load_contract("stock_quotidien_stockages_gaz"), DATASETS["STAGING"]
# the sweep of gas ticks on the 3rd at 09:40 in Paris, which is 07:40 UTC in May
TICK = datetime(2026, 5, 3, 7, 40, tzinfo=timezone.utc)
DAY = timedelta(1)


def test_a_sweep_was_due_at_its_last_tick():
    assert last_sweep(GAS, TICK) == last_sweep(GAS, TICK + 20 * DAY) == TICK
    assert last_sweep(GAS, TICK - timedelta(seconds=1)) == datetime(2026, 4, 3, 7, 40, tzinfo=timezone.utc)
    assert last_sweep(GAS.model_copy(update={"sweep": None}), TICK) is None


@pytest.fixture
def ledger(warehouse):
    table = warehouse.create_ledger()
    warehouse.query(f"delete from `{table}` where true")

    def record(kind: str, asked_at: datetime, table_name: str = GAS.table, is_partial: bool = False) -> None:
        warehouse.query(
            f"insert into `{table}` (load_id, table_name, run_kind, run_id, asked_at, merged_at, is_partial) values "
            f"('x', '{table_name}', '{kind}', 'a {kind}', timestamp '{asked_at.isoformat()}', "
            f"timestamp '{asked_at.isoformat()}', {str(is_partial).lower()})"
        )

    return record


PUBLISHED = {"ingest.merge": "success", "dbt.a_model": "success", "publish_dashboard": "success", "set_aside": "failed"}


def planned(run_type: str, interval_end: datetime = TICK + 2 * DAY, states: dict | None = None) -> RunPlan:
    """The plan of a run.

    :param states: what Airflow says of the tasks of runs that it still knows; by default, that they have published.
    """
    run = SimpleNamespace(
        data_interval_start=interval_end - DAY, data_interval_end=interval_end, run_after=interval_end,
        run_id="a run", run_type=run_type, clear_number=0,
    )  # fmt: skip

    def get_task_states(dag_id: str, run_ids: list[str], task_ids: list[str] | None = None) -> dict:
        if run_ids == [run.run_id]:
            return {run.run_id: dict.fromkeys(task_ids or ())}  # none of them has begun
        assert dag_id == GAS.table and run_ids in (["a sweep"], ["a full_refresh"])
        return dict.fromkeys(run_ids, PUBLISHED) if states is None else states

    instance = SimpleNamespace(dag_id=GAS.table, get_task_states=get_task_states)
    operator = WindowOperator(task_id="window", table=GAS.table, settings=Settings.from_environment())
    return RunPlan.from_xcom(operator.execute({"dag_run": run, "params": {}, "ti": instance}), GAS.table)


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


@pytest.mark.parametrize(
    ("states", "kind"),
    [
        (PUBLISHED, "interval"),
        (PUBLISHED | {"dbt.a_model": "failed"}, "sweep"),
        (PUBLISHED | {"dbt.a_model": None}, "sweep"),
        (PUBLISHED | {"publish_dashboard": "upstream_failed"}, "sweep"),
        ({}, "sweep"),  # Airflow has forgotten the run
    ],
)
def test_a_sweep_whose_run_failed_after_its_merge_is_owed(ledger, states, kind):
    """The next run rebuilds the months of its own window only, and the others of the sweep would stay as they were. Of
    several sweeps the last counts."""
    for load in (("interval", BEFORE), ("sweep", SINCE), ("full_refresh", SINCE + DAY)):
        ledger(*load)
    assert planned("scheduled", states={"a sweep": PUBLISHED, "a full_refresh": states}).kind == kind


def test_only_runs_of_the_schedule_pay_what_is_owed(ledger):
    ledger("interval", BEFORE)
    assert planned("manual").kind == "interval" and planned("backfill").kind == "backfill"


@pytest.mark.parametrize("is_synthetic", [True, False])
def test_the_tables_of_a_sample_are_those_that_have_rows_of_it(warehouse, ledger, is_synthetic):
    """The MERGE keeps sample and real data apart, so all loads are of one kind."""
    name, temperature = warehouse.create_ledger(), "temperature_quotidienne_regionale"
    assert synthetic_tables(warehouse.client, name) == ()
    for table, rows in ((temperature, 0), (GAS.table, 7), (GAS.table, 7), (temperature, 1), ("another", 0)):
        warehouse.query(
            f"insert into `{name}` (load_id, table_name, asked_at, is_synthetic, row_count) "
            f"values ('x', '{table}', timestamp '2024-01-01', {is_synthetic}, {rows})"
        )
    assert synthetic_tables(warehouse.client, name) == ((GAS.table, temperature) if is_synthetic else ())
    found = held(warehouse.environment["BIGQUERY_EMULATOR_HOST"])
    assert found == {is_synthetic: ["another", GAS.table, temperature]}
    warehouse.client.delete_table(name)
    assert synthetic_tables(warehouse.client, name) == ()


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
            with pytest.raises(StackError, match="run `make reset`, which deletes what is there") as refusal:
                refuse_mixing(url, api, external=False)
        there, coming = ("the synthetic sample", "real data") if is_synthetic else ("real data", "the synthetic sample")
        said = f"the warehouse holds {there} ({GAS.table}), and this command would mix {coming} into it"
        assert said in str(refusal.value)


def test_without_a_ledger_nothing_is_owed(warehouse):
    warehouse.client.delete_table(warehouse.create_ledger())
    assert planned("scheduled").kind == "interval"


def test_tables_of_an_older_version_get_the_columns_that_they_lack(warehouse, ledger):
    """A column of the ledger's days among them."""
    wanted = {LEDGER: ledger_resource(), SET_ASIDE: set_aside_resource(), GAS.table: table_resource(GAS)}
    lacked = {LEDGER: "days_undecided", SET_ASIDE: "row_json", GAS.table: "load_id"}
    for table, resource in wanted.items():
        older = json.loads(json.dumps(resource))
        older["tableReference"] = {"projectId": PROJECT_ID, "datasetId": STAGING, "tableId": table}
        fields = older["schema"]["fields"]
        older["schema"]["fields"] = [field for field in fields if field["name"] != lacked[table]]
        for field in fields:
            field["fields"] = [part for part in field.get("fields", []) if part["name"] != "maturity"]
        warehouse.client.delete_table(f"{STAGING}.{table}", not_found_ok=True)
        warehouse.client.create_table(bigquery.Table.from_api_repr(older))
    operator = LandingTablesOperator(
        task_id="landing_tables", table=GAS.table, dataset_id=STAGING, project_id=PROJECT_ID, location="EU"
    )
    for _ in range(2):
        operator.execute({})
        for table, resource in wanted.items():
            found = warehouse.client.get_table(f"{STAGING}.{table}").schema
            assert names(found) == names(map(bigquery.SchemaField.from_api_repr, resource["schema"]["fields"]))
    # the emulator adds no column to those of a record
    for table, column in lacked.items():
        warehouse.query(f"select {column} from {STAGING}.{table}")


def test_tables_that_are_as_they_should_be_cost_one_call(warehouse, ledger, monkeypatch):
    operator = LandingTablesOperator(
        task_id="landing_tables", table=GAS.table, dataset_id=STAGING, project_id=PROJECT_ID, location="EU"
    )
    operator.execute({})
    services = (warehouse.environment[name] for name in ("STORAGE_EMULATOR_HOST", "BIGQUERY_EMULATOR_HOST"))
    with Proxy(Endpoints("http://127.0.0.1:9", *services)) as proxy:
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", proxy.endpoints.warehouse)
        operator.execute({})
    assert [call.path.partition("?")[0] for call in proxy.calls] == [
        f"/bigquery/v2/projects/{PROJECT_ID}/datasets/{STAGING}/tables"
    ]


def names(fields) -> dict:
    """Names of columns, with those of the columns in them."""
    return {field.name: names(field.fields) for field in fields}


def test_every_column_says_what_it_means():
    fields = [*LEDGER_FIELDS, *SET_ASIDE_FIELDS]
    fields += [part for field in fields for part in field.get("fields", ())]
    assert all(field["description"].endswith(".") for field in fields)
