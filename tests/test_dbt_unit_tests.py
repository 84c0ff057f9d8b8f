"""The unit tests of the dbt project pass, and all of them run: one that dbt leaves out proves nothing. The models that
they need, built empty, also show whether every column is described."""

from __future__ import annotations

import pytest
from odre.contract import tables

from tests.project import dbt, read


@pytest.fixture(scope="module")
def run(warehouse):
    """The result of every unit test, by name, and dbt's manifest of the project."""
    for table in tables():
        warehouse.create_landing(table)
    # dbt takes the columns of what a unit test is given from the warehouse: every model has to be there, and empty landing
    # tables make empty models.
    assert dbt("seed").success
    assert dbt("run").success
    done = dbt("test", "--select", "test_type:unit")
    assert done.result is not None, done.exception
    return {result.node.name: (str(result.status), result.message) for result in done.result.results}, read()


def test_every_unit_test_runs_and_passes(run):
    results, manifest = run
    declared = [test["name"] for test in manifest["unit_tests"].values()]
    assert len(declared) == len(set(declared)), "two unit tests have one name"
    assert {name: found for name, found in results.items() if found[0] != "pass"} == {}
    assert sorted(results) == sorted(declared)


def test_every_column_of_every_model_is_described(run, warehouse):
    """`make lint` sees the columns that YAML names; what the query really makes is seen here."""
    built = {}
    for node in run[1]["nodes"].values():
        if node["resource_type"] == "model" and node["config"]["materialized"] != "ephemeral":
            table = warehouse.client.get_table(f"{node['database']}.{node['schema']}.{node['name']}")
            built[node["name"]] = ({field.name for field in table.schema}, set(node["columns"]))
    assert len(built) > len(tables())
    differing = {name: made ^ described for name, (made, described) in built.items() if made != described}
    assert differing == {}
