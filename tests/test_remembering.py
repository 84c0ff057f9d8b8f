"""The emulator keeps what it has parsed and translated, and its answers are still those of the current statement."""

from __future__ import annotations

import subprocess
from decimal import Decimal

import pytest
from google.api_core.exceptions import GoogleAPIError

from laptop.environment import DATASETS, PROJECT_ID, REPOSITORY
from laptop.stack import EMULATORS

MARTS = f"{PROJECT_ID}.{DATASETS['DEVELOPMENT']}"
# Many of the emulator's rewriters change a statement like this one, each in a tree that it is given.
REWRITTEN = f"""\
with numbers as (select n, safe_divide(n, n - 2) as ratio, 10.5 / n as part from unnest([1, 2, 3]) as n)
select
  array_agg(ratio ignore nulls) as ratios,
  (select sum(s.size) from unnest([struct('a' as name, 1 as size), struct('b', 2)]) as s) as sizes,
  string_agg(format_date('%Y-%m', last_day(date '2024-02-10', month)), ',' order by n) as months,
  round(sum(part), 3) as parts, (select count(*) from `{MARTS}.remembered`) as others
from numbers"""


def test_the_same_statement_sees_another_table_of_that_name(warehouse):
    statement = f"select avg(a) as a from `{MARTS}.remembered`"
    for value, average in (("1", 1.0), ("numeric '2.5'", Decimal("2.5")), ("cast(null as int64)", None)):
        warehouse.query(f"create or replace table `{MARTS}.remembered` as select {value} as a")
        assert warehouse.query(statement) == (["a"], [(average,)])
    warehouse.query(f"drop table `{MARTS}.remembered`")
    warehouse.query(f"create view `{MARTS}.remembered` as select 7 as a")
    assert warehouse.query(statement)[1] == [(7.0,)]
    warehouse.query(f"drop view `{MARTS}.remembered`")


def test_a_statement_that_is_rewritten_means_the_same_every_time(warehouse):
    warehouse.query(f"create or replace table `{MARTS}.remembered` as select 1 as a")
    answers = [warehouse.query(REWRITTEN) for _ in range(3)]
    assert answers[0][1] == [([-1.0, 3.0], 3, "2024-02,2024-02,2024-02", 19.25, 1)]
    assert answers == answers[:1] * 3
    created = f"create or replace table `{MARTS}.rewritten` as {REWRITTEN}"
    for _ in range(2):
        warehouse.query(created)
        assert warehouse.query(f"select * from `{MARTS}.rewritten`")[1] == answers[0][1]
    warehouse.query(f"drop table `{MARTS}.remembered`")


def test_a_view_that_is_replaced_is_read_as_it_is_now(warehouse):
    """The refusal of unbounded reads puts the queries of views into the tree of a statement, which others read too."""
    table, view = f"`{MARTS}.filtered`", f"`{MARTS}.remembered_view`"
    warehouse.query(
        f"create or replace table {table} (day date, a int64) partition by day options (require_partition_filter = true)"
    )
    warehouse.query(f"create or replace view {view} as select * from {table}")
    statement = f"select a from {view}"
    with pytest.raises(GoogleAPIError, match="without a filter"):
        warehouse.query(statement)
    warehouse.query(f"create or replace view {view} as select * from {table} where day >= date '2024-01-01'")
    assert warehouse.query(statement)[1] == []


def test_a_function_that_is_given_the_kept_tree_leaves_it_as_it_is():
    """In the emulator's own environment. A kept tree that is changed would be the tree of all later readers."""
    done = subprocess.run(
        [EMULATORS / "bin" / "python", "-c", _EVERY_READER], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split()[-1] == "12"


_EVERY_READER = """
import importlib, inspect
from unittest.mock import MagicMock
from laptop.edge import remembering
remembering.install()
statements = [
    "create or replace table `p.d.t` (a int64 options (description='b')) partition by a options (description='c') as select 1 as a",
    "create or replace view `p.d.v` as with x as (select * from `p.d.t`) select a from x where a > 1",
    "merge `p.d.t` as t using `p.d.s` as s on t.a = s.a when matched then update set a = s.a",
    "insert into d.t (a) select a from unnest([1, 2]) as a",
    "select a, count(*) from d.t group by a",
    "drop table if exists d.t",
    "create schema d",
    "truncate table d.t",
]
called = 0
for name, functions in remembering.READERS.items():
    module = importlib.import_module(name)
    for function in functions:
        reader = getattr(module, function)
        for statement in statements:
            [tree] = remembering.shared_trees(statement)
            before = repr(tree)
            given = {
                parameter: statement if parameter.endswith("sql") else "p" if "project" in parameter else MagicMock()
                for parameter in inspect.signature(reader).parameters
            }
            reader(**given)
            assert remembering.shared_trees(statement) == [tree] and repr(tree) == before, (function, statement)
        called += 1
print(called)
"""
