"""The unit tests of the dbt project pass, and all of them run: one that dbt leaves out proves nothing."""

from __future__ import annotations

import json
import os

import pytest
from odre.contract import tables

from laptop.manifest import PROJECT


@pytest.fixture(scope="module")
def run(warehouse, tmp_path_factory):
    """The result of every unit test, by name, and the names that the project declares."""
    from dbt.cli.main import dbtRunner

    folder = tmp_path_factory.mktemp("dbt")
    for table in tables():
        warehouse.create_landing(table)
    where = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(folder)]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (os.environ | warehouse.environment | {"DBT_LOG_PATH": str(folder)}).items():
            patch.setenv(name, value)
        # dbt takes the columns of what a unit test is given from the warehouse: every model has to be there, empty.
        assert dbtRunner().invoke(["--quiet", "run", "--empty", *where]).success
        done = dbtRunner().invoke(["--quiet", "test", "--select", "test_type:unit", *where])
        assert done.result is not None, done.exception
    declared = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["unit_tests"].values()
    results = {result.node.name: (str(result.status), result.message) for result in done.result.results}
    return results, [test["name"] for test in declared]


def test_every_unit_test_runs_and_passes(run):
    results, declared = run
    assert len(declared) == len(set(declared)), "two unit tests have one name"
    assert {name: found for name, found in results.items() if found[0] != "pass"} == {}
    assert sorted(results) == sorted(declared)
