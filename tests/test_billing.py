"""The tables for which a statement is billed, and the kinds of requests to warehouse and lake."""

import json
import re
from datetime import date

import pytest
from odre.contract import load_contract
from odre.contract_measures import MIX
from odre.dashboard.data import reads
from odre.dashboard.steps import query
from odre.sql.merge import replace_window
from odre.window import Window

from laptop.edge.billing import MINIMUM_BYTES, billed_bytes, tables_read
from laptop.edge.calls import describe
from laptop.environment import REPOSITORY
from tests import project
from tests.plans import load

VIEWS = {"d.view": "select * from `p`.`d`.`below`", "d.below": "select * from `p.d.table` where `a` = 1"}


@pytest.mark.parametrize(
    ("sql", "read"),
    [
        ("select 1", set()),
        ("select * from `p.d.table` as a inner join p.d.table as b using (x)", {"d.table"}),
        ("select * from `p`.`d`.`view` cross join `p`.`e`.`other`", {"d.table", "e.other"}),
        ("select * from `q.d.table`", set()),
        ("select 'from `p.d.text`' -- from `p.d.comment`\n/* `p.d.node` */ from `p.d.table`", {"d.table"}),
        ("create or replace table `p`.`d`.`made` as (select * from `p`.`d`.`table`)", {"d.table"}),
        ("create or replace view `p`.`d`.`made` as select * from `p`.`d`.`table`", set()),
        ("insert into `p.d.made` (a) select a from `p.d.table`", {"d.table"}),
        (
            "merge `p.d.made` as t using `p.d.table` as s on false when not matched then insert row",
            {"d.made", "d.table"},
        ),
        ("delete from `p.d.made` where a = 1", {"d.made"}),
        ("drop table if exists `p.d.made`", set()),
        ("select * from (select * from `p.d.table`) as q where false and true limit 0", set()),
    ],
)
def test_tables_that_a_statement_reads(sql, read):
    assert tables_read(sql, VIEWS, "p") == read


def test_every_statement_of_a_script_is_billed():
    script = "select 'a; b' from `p.d.table`; merge `p.d.made` as t using `p.d.table` as s on false when matched then delete;"
    assert billed_bytes(script, VIEWS, "p") == 3 * MINIMUM_BYTES


@pytest.mark.parametrize(
    ("service", "method", "path", "body", "kind"),
    [
        ("warehouse", "POST", "/bigquery/v2/projects/p/jobs", {"configuration": {"query": {"query": "q"}}}, "query job"),
        ("warehouse", "POST", "/bigquery/v2/projects/p/queries?prettyPrint=false", {"query": "q"}, "query job"),
        ("warehouse", "POST", "/bigquery/v2/projects/p/jobs", {"configuration": {"load": {}}}, "load job"),
        ("warehouse", "POST", "/bigquery/v2/projects/p/datasets/d/tables", {}, "insert"),
        ("warehouse", "GET", "/bigquery/v2/projects/p/queries/job?maxResults=0", None, "get"),
        ("warehouse", "PATCH", "/bigquery/v2/projects/p/datasets/d/tables/t", {}, "patch"),
        ("warehouse", "DELETE", "/bigquery/v2/projects/p/datasets/d/tables/t", None, "delete"),
        ("lake", "POST", "/upload/storage/v1/b/lake/o?uploadType=multipart", None, "upload"),
        ("lake", "GET", "/download/storage/v1/b/lake/o/a?alt=media", None, "download"),
        ("lake", "GET", "/storage/v1/b/lake/o/a", None, "get"),
    ],
)  # fmt: skip
def test_kinds_of_calls(service, method, path, body, kind):
    call = describe(service, method, path, b"" if body is None else json.dumps(body).encode())
    assert call.kind == kind and call.statement == ("q" if kind == "query job" else "")


def test_an_hourly_run_asks_and_is_billed_what_the_docs_say():
    """Counted from the manifest, the MERGE and the page's queries; `make bench ONLY=cloud` counts what a run sends. A run
    of the schedule asks twice more: whether a sweep is owed, and whether the source is late."""
    manifest = project.read()
    nodes, parents, children = manifest["nodes"], manifest["parent_map"], manifest["child_map"]
    downstream, waiting = set(), [f"source.eco2mix.odre.{MIX}"]
    while waiting:
        found = {i for i in children.get(waiting.pop(), ()) if i in nodes} - downstream
        downstream |= found
        waiting += found

    def tables(i: str) -> set[str]:
        """What a query of a model or test reads."""
        read = {parent for parent in parents[i] if parent in nodes or parent in manifest["sources"]}
        inlined = {parent for parent in read if kind(parent) in ("view", "ephemeral")}
        return (read - inlined).union(*(tables(parent) for parent in inlined))

    def kind(i: str) -> str:
        return nodes[i]["config"]["materialized"] if i in nodes else "source"

    count = jobs = 0
    for i in downstream:
        node = nodes[i]
        jobs += node["resource_type"] == "model" and kind(i) in ("table", "incremental")  # views stand
        if node["resource_type"] == "model" and kind(i) in ("table", "incremental"):
            count += len(tables(i)) + (kind(i) == "incremental")
        elif node["resource_type"] == "test" and node["attached_node"] in nodes:
            tested = nodes[node["attached_node"]]["config"]
            is_guard = tested["materialized"] in ("table", "incremental") or tested["meta"].get("guarded")
            if not (is_guard and node["config"]["severity"] == "ERROR"):
                count, jobs = count + len(tables(i)), jobs + 1
    window = Window(date(2024, 1, 1), date(2024, 1, 8))
    merge = replace_window(load_contract(MIX), "p.d.landing", "p.d.batch", "p.d.ledger", load(window, 768))
    page = [sql for sql in reads("p.d").values() if isinstance(sql, str)]
    page.append(query("p.d", window.start, window.end))
    count += sum(billed_bytes(sql, {}, "p") for sql in (merge, *page)) // MINIMUM_BYTES
    written = (REPOSITORY / "docs" / "performance.md").read_text(encoding="utf-8")
    said = dict(re.findall(r"^\| (query jobs|billed, GiB) \|.*\| ([\d.]+) \| [\d.]+ \|$", written, re.MULTILINE))
    assert count * MINIMUM_BYTES / 2**30 == pytest.approx(float(said["billed, GiB"]), abs=0.005)
    assert jobs + len([merge, *page]) == int(said["query jobs"])


def test_the_docs_name_one_count_of_an_hourly_run():
    now = {}
    for line in (REPOSITORY / "docs" / "performance.md").read_text(encoding="utf-8").splitlines():
        if found := re.fullmatch(r"\| (query jobs|other calls|billed, GiB) \|.*\| ([\d.]+) \| ([\d.]+) \|", line):
            now[found[1]] = found[2]
    assert len(now) == 3
    deploy = " ".join((REPOSITORY / "docs" / "deploy.md").read_text(encoding="utf-8").split())
    assert f"sends {now['query jobs']} query jobs and {now['other calls']} other calls" in deploy
    assert f"billed {now['billed, GiB']} GiB" in deploy
    assert f"{now['query jobs']} jobs were expected" in deploy and f"{now['other calls']} other calls." in deploy
