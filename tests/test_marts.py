"""Rules for every mart."""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import yaml
from odre.contract import tables
from odre.contract_measures import MIX
from odre.dashboard.data import reads
from odre.dashboard.steps import query as steps_query
from odre.ledger import LEDGER

from laptop.manifest import PROJECT
from tests.project import dbt, read
from tests.tables import examples, marts


@pytest.fixture(scope="module")
def project() -> dict:
    """dbt's manifest of the project."""
    return read()


@pytest.fixture(scope="module")
def all_marts(project) -> dict[str, dict]:
    return {name: project["nodes"][mart["unique_id"]] for name, mart in marts().items()}


@pytest.mark.parametrize("name", marts())
def test_a_mart_is_described_tested_and_owned(project, all_marts, name):
    mart = all_marts[name]
    [subject] = set(mart["tags"]) - {"mart"} or {None}
    assert subject, (
        f"{Path(mart['path']).parent}: give this folder its tag below `marts` in include/dbt/dbt_project.yml"
    )
    assert "Grain:" in mart["description"], "the description does not say what one row is (`Grain: one row per …`)"
    assert {"grain", "units"} <= set(mart["config"]["meta"]), "`config.meta` needs `grain` and `units`"
    assert name in examples().get(name, ""), f"the description has no example (`Example: … select … from {name} …`)"
    assert mart["config"]["contract"]["enforced"] and mart["config"]["access"] == "public"
    bare = [
        column["name"] for column in mart["columns"].values() if not (column["description"] and column["data_type"])
    ]
    assert mart["columns"] and not bare, f"columns without a description or a data_type: {bare}"
    group = project["groups"][f"group.eco2mix.{mart['config']['group']}"]
    assert group["owner"]["email"]
    children = project["child_map"][mart["unique_id"]]
    assert any(child.startswith("test.eco2mix.grain_") for child in children), "no data test `grain` on the key"
    unit_tests = [test for test in project["unit_tests"].values() if test["model"] == name]
    assert unit_tests, "no unit test"


def test_the_models_in_the_folder_of_marts_have_their_tag_and_no_others():
    assert set(marts()) == {path.stem for path in (PROJECT / "models" / "marts").rglob("*.sql")}


def test_a_description_that_columns_share_is_written_once():
    """As a block of a file `_docs….md`. dbt fills in no variables there, so descriptions with a variable are repeated;
    so are those that `make manifest` writes, and those of staging, which come from the catalogue of each dataset."""
    found = Counter()
    for path in (PROJECT / "models").rglob("*.yml"):
        if "staging" not in path.parts:
            text = re.sub(
                r"# measures: (?!end).*?# measures: end", "", path.read_text(encoding="utf-8"), flags=re.DOTALL
            )
            models = yaml.safe_load(text).get("models", ())
            found.update(column["description"] for model in models for column in model.get("columns", ()))
    assert [each for each, times in found.items() if times > 1 and "{{" not in each] == []


def test_only_what_reads_steps_is_rebuilt_by_the_month(project):
    """Everything else is small, and is built whole: the order in which windows are loaded cannot show in it."""
    models = {n["name"]: n for n in project["nodes"].values() if n["resource_type"] == "model"}
    of_steps = {name for name, model in models.items() if {"local_date", "clock_time"} <= set(model["columns"])}
    tables_made = {name for name, model in models.items() if model["config"]["materialized"] != "view"}
    readers = {
        name for name in tables_made if of_steps & {i.split(".")[-1] for i in models[name]["depends_on"]["nodes"]}
    }
    grown = {name for name, model in models.items() if model["config"]["materialized"] == "incremental"}
    assert grown == readers, (
        "what reads steps is incremental (config of its own, as in mix_hourly.sql), the rest is not"
    )
    for name in grown:
        config = models[name]["config"]
        assert config["incremental_strategy"] == "insert_overwrite"
        assert config["partition_by"]["granularity"] == "month"


def test_every_dataset_has_its_completeness_as_part_of_completeness_daily(project):
    set_aside = "model.eco2mix.int_days_set_aside"
    parents = set(project["parent_map"]["model.eco2mix.completeness_daily"]) - {set_aside}
    assert sorted(parents) == [f"model.eco2mix.completeness_{table}" for table in tables()]
    for node in parents:
        assert project["nodes"][node]["config"]["materialized"] == "ephemeral"


def test_the_large_mart_asks_for_a_filter(all_marts):
    assert all_marts["mix_quarter_hourly"]["config"]["require_partition_filter"]


def test_maturity_is_seen_down_to_the_marts(project, all_marts):
    of_the_mix, waiting = set(), [f"source.eco2mix.odre.{MIX}"]
    while waiting:
        children = [i for i in project["child_map"][waiting.pop()] if i.startswith("model.") and i not in of_the_mix]
        of_the_mix.update(children)
        waiting += children
    # completeness has no maturity, and so have the models that read it
    without = {i for i in of_the_mix if "completeness" in i}
    without |= {i for i in of_the_mix if set(project["parent_map"][i]) & without}
    for name, mart in all_marts.items():
        if mart["unique_id"] in of_the_mix - without:
            assert "maturity" in mart["columns"], f"{name}: hand on `maturity`, so that readers know how final a row is"


def test_the_exposure_of_the_dashboard_is_what_the_page_reads(project):
    what = [*reads("p.d").values(), steps_query("p.d", date(2022, 1, 1), date(2022, 1, 31))]
    read = {name for sql in what if isinstance(sql, str) for name in re.findall(r"`p\.d\.(\w+)`", sql)}
    read |= {listed.table for listed in what if not isinstance(listed, str)}
    exposure = project["exposures"]["exposure.eco2mix.dashboard"]
    assert {node.split(".")[-1] for node in exposure["depends_on"]["nodes"]} == read
    assert exposure["owner"]["email"]


def test_every_source_has_a_freshness(project):
    sources = {source["name"]: source["freshness"] for source in project["sources"].values()}
    assert sorted(sources) == sorted([*tables(), LEDGER])
    assert all(freshness["warn_after"]["count"] and freshness["error_after"]["count"] for freshness in sources.values())


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (["'a', 1, 1", "'b', 1, 2", "'a', 2, 1"], []),
        (["'a', 1, 1", "'b', 1, 1", "'a', 1, 2"], [("a", 1, 2, 0)]),
        (["'a', 1, 1", "null, 2, 1"], [(None, 2, 1, 1)]),
        (["'a', 1, 1", "'a', 2, null"], [("a", 2, 1, 1)]),
    ],
    ids=["good", "two rows of a key", "a null in the key", "a null in a required column"],
)
def test_grain_finds_what_breaks_it(warehouse, rows, found):
    first, *others = rows
    site, day, stock = first.split(", ")
    selects = [f"select {site} as site, {day} as day, {stock} as stock", *(f"select {row}" for row in others)]
    model = f"({' union all '.join(selects)})"
    macro = f"""{{{{ test_grain("{model}", ['site', 'day'], ['stock']) }}}}"""
    [compiled] = dbt("compile", "--inline", macro).result.results
    assert warehouse.query(compiled.node.compiled_code)[1] == found
