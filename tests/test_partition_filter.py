"""The large tables refuse queries without a bound on their partitions (the emulator knows the setting and does not
enforce it), and the project sends no such query, because none reads an old row that breaks every rule."""

from __future__ import annotations

import datetime as dt

import pytest
from odre.contract import load_contract, tables
from odre.resources import table_resource
from odre.transform import NOT_IN_THE_DAG

from tests.project import NONE, dbt
from tests.tables import MARTS

LARGE = "eco2mix_national_tr"
LANDING = f"de_project_staging.{LARGE}"
GOOD_DAY = dt.date(2023, 11, 1)
WINDOW = (str(GOOD_DAY), str(GOOD_DAY))


@pytest.fixture(scope="module")
def warehouse(warehouse):
    """With one good row, and a bad one in a month that no query has reason to read."""
    for table in tables():
        warehouse.create_landing(table)
    warehouse.query(
        f"""insert into {LANDING} (perimetre, nature, date, heure, date_heure, consommation) values
        ('France', 'Données temps réel', date '2023-11-01', '12:00', timestamp '2023-11-01 11:00:00', 50000),
        (null, null, date '1900-01-01', null, timestamp '2100-01-01 00:00:00', -1)"""
    )
    return warehouse


@pytest.mark.parametrize("window", [NONE, WINDOW])
def test_models_and_data_tests_read_within_bounds(warehouse, window):
    done = dbt("build", "--exclude", "resource_type:unit_test", window=window)
    assert done.success, [(r.node.name, r.message) for r in done.result.results if r.status not in ("success", "pass")]
    assert any(
        node.startswith("source.") for r in done.result.results for node in getattr(r.node.depends_on, "nodes", ())
    )
    for table, column in [
        ("int_mix_daily", "local_date"),
        ("mix_quarter_hourly", "local_date"),
        ("daily_merged", "date_mix"),
    ]:
        assert warehouse.query(f"select min({column}) from {warehouse.whole(f'{MARTS}.{table}')}")[1] == [(GOOD_DAY,)]
    _, [[earliest]] = warehouse.query(
        f"select min(local_date) from {MARTS}.completeness_daily where source_table = '{LARGE}'"
    )
    assert earliest == GOOD_DAY


def test_freshness_reads_within_bounds(warehouse):
    """The bad row's instant is in the future; the good one's is older than the bound."""
    [found] = dbt("source", "freshness", "--select", f"source:odre.{LARGE}").result.results
    assert (found.status, found.max_loaded_at.year) == ("error", 1)


def test_the_large_landing_table_asks_for_a_filter():
    assert table_resource(load_contract(LARGE))["requirePartitionFilter"]


def test_a_column_that_a_model_has_no_more_stays_in_its_table(warehouse):
    """A windowed run works with such a table."""
    model = "int_mix_daily_observed"
    assert dbt("run", "--select", f"+{model}").success
    warehouse.query(f"alter table {MARTS}.{model} add column gone string")
    done = dbt("run", "--select", model, window=WINDOW)
    assert done.success, [r.message for r in done.result.results]
    query = f"select gone, observed_steps from {MARTS}.{model} where local_date = date '{GOOD_DAY}'"
    assert warehouse.query(query)[1] == [(None, 1)]


def test_a_view_is_replaced_when_it_says_something_else(warehouse):
    """Otherwise it is left alone, in windowed runs too, so that an hourly run sends no job for it."""
    name = f"{MARTS}.stg_{LARGE}"

    def run(*more: str, window: tuple[str, str] = NONE) -> str:
        done = dbt("run", "--select", f"stg_{LARGE}", *more, window=window)
        assert done.success, [r.message for r in done.result.results]
        [result] = done.result.results
        return result.adapter_response["code"]

    assert run("--full-refresh") == "CREATE VIEW"
    says = warehouse.client.get_table(name).view_query
    assert run() == run(window=WINDOW) == "OK"
    warehouse.query(f"create or replace view {name} as select 1 as one")
    assert run(window=WINDOW) == "CREATE VIEW"
    assert warehouse.client.get_table(name).view_query == says


def test_a_row_that_breaks_a_data_test_leaves_the_table_as_it_was(warehouse):
    """More steps than a day has: the statement that writes the table refuses them, whole or by partitions, without any
    test being run after it."""
    model = "int_mix_daily_observed"
    assert dbt("run", "--select", f"+{model}").success
    before = warehouse.query(f"select * from {MARTS}.{model}")
    warehouse.query(
        f"insert into {LANDING} "
        "select * except (again) replace (timestamp_add(date_heure, interval again minute) as date_heure, "
        "format('%02d:%02d', 12 + div(again, 60), mod(again, 60)) as heure) from "
        f"{LANDING} cross join unnest(generate_array(1, 150)) as again where date = date '{GOOD_DAY}' and heure = '12:00'"
    )
    for how, window in ((["--full-refresh"], NONE), ([], WINDOW)):
        done = dbt("build", "--select", model, "--exclude", *NOT_IN_THE_DAG, *how, window=window)
        [result] = done.result.results
        assert (done.success, result.status) == (False, "error")
        assert f"{model}: observed_steps <= coalesce(expected_steps, 0) does not hold: row {GOOD_DAY}" in result.message
        assert warehouse.query(f"select * from {MARTS}.{model}") == before
