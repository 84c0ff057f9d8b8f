"""Runs after a model that was a view has become a table, or the other way round. In a run for a window, BigQuery or dbt
refuses to build the model; a full refresh, which the runbook recommends, builds it."""

from __future__ import annotations

import pytest
from odre.contract import tables

from laptop.environment import REPOSITORY
from tests.project import dbt
from tests.tables import MARTS
from tests.test_calls import PARTITIONED, TABLE, WINDOW, build

# A view that none of these tables reads.
VIEW = "stg_stock_quotidien_stockages_gaz"
RUNBOOK = (REPOSITORY / "docs" / "runbook.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def warehouse(warehouse):
    """With the models up to the tables."""
    for table in tables():
        warehouse.create_landing(table)
    assert dbt("run", "--select", f"+{TABLE}").success
    return warehouse


def kind(warehouse, model: str) -> str:
    return warehouse.client.get_table(f"{MARTS}.{model}").table_type


def put(warehouse, model: str, statement: str) -> None:
    """Something else in the place of a model."""
    warehouse.client.delete_table(f"{MARTS}.{model}", not_found_ok=True)
    warehouse.query(f"create {statement} {MARTS}.{model} as select date '2023-11-01' as local_date")


@pytest.mark.parametrize(
    ("model", "stands", "becomes", "says"),
    [
        (TABLE, "view", "TABLE", "is not allowed for this operation because it is currently a VIEW"),
        (VIEW, "table", "VIEW", "but it currently exists as a table"),
    ],
)
def test_a_window_cannot_build_what_was_of_another_kind_and_a_full_refresh_does(
    warehouse, capfd, model, stands, becomes, says
):
    put(warehouse, model, stands)
    assert not build(model, WINDOW)
    assert says in capfd.readouterr().out and says in RUNBOOK
    assert kind(warehouse, model) == stands.upper(), "what stood has to stand"
    assert build(model, WINDOW, "--full-refresh")
    assert kind(warehouse, model) == becomes


def test_a_model_that_is_replaced_by_partitions_is_made_whole_where_a_view_stood(warehouse):
    """It asks what stands in any case."""
    put(warehouse, PARTITIONED, "view")
    assert build(PARTITIONED, WINDOW)
    assert kind(warehouse, PARTITIONED) == "TABLE"
