"""Data tests of tables are guards of the statement that writes them, and the DAG does not run them as queries. A test
of a kind without a guard would therefore not be run at all."""

from __future__ import annotations

import re

import pytest

from tests.project import read


@pytest.fixture(scope="module")
def manifest() -> dict:
    return read()


def left_out_of_the_dag(manifest: dict) -> list[dict]:
    """The tests that `odre.transform.NOT_IN_THE_DAG` names: generic ones that fail, of tables and of guarded views."""
    nodes, found = manifest["nodes"], []
    for node in nodes.values():
        if node["resource_type"] == "test" and node.get("test_metadata") and node["config"]["severity"] == "ERROR":
            read = [nodes[i] for i in node["depends_on"]["nodes"] if i in nodes]
            if any(it["config"]["materialized"] != "view" or it["config"]["meta"].get("guarded") for it in read):
                found.append(node)
    return found


def test_every_test_that_the_dag_leaves_out_is_a_guard(manifest):
    left_out = left_out_of_the_dag(manifest)
    assert len(left_out) > 30
    for node in left_out:
        kind, model = node["test_metadata"]["name"], node["attached_node"]
        assert f"macro.eco2mix.guard_{kind}" in manifest["macros"], f"{node['name']}: write a macro guard_{kind}"
        assert node["depends_on"]["nodes"] == [model], f"{node['name']} reads other tables, which a guard cannot"
        assert not node["config"].get("where"), f"{node['name']}: a guard has no `where`"


def test_every_guarded_view_is_guarded(manifest):
    """By a table that names it, or by having the rows of a view that is: one that it selects from without a join."""
    models = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}
    named = {name for node in models.values() for name in node["config"]["meta"].get("guards", ())}
    guarded = {name for name, node in models.items() if node["config"]["meta"].get("guarded")}
    assert named <= guarded and len(named) >= 2
    for name in guarded - named:
        node = models[name]
        [read] = [i.split(".")[-1] for i in node["depends_on"]["nodes"]]
        assert read in named, name
        assert not re.search(r"(?i)\b(join|union|unnest)\b", node["raw_code"]), (
            f"{name} may have other rows than {read}"
        )


def test_tables_get_the_grants_that_the_project_gives_them(manifest):
    """As in the materializations that ours replace: the emulator knows no grants, so no run would miss them."""
    for kind in ("table", "incremental"):
        macros = manifest["macros"][f"macro.eco2mix.materialization_{kind}_bigquery"]["depends_on"]["macros"]
        assert {"macro.dbt.apply_grants", "macro.dbt.should_revoke"} <= set(macros)
