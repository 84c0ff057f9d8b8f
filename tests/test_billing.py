"""The tables for which a statement is billed, and the kinds of requests to warehouse and lake."""

import json

import pytest

from laptop.edge.billing import MINIMUM_BYTES, billed_bytes, tables_read
from laptop.edge.calls import describe

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
