"""The calls of the dbt tasks to the warehouse. A task waits for each call, so it may send only those that it needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from odre.contract import tables
from odre.transform import NOT_IN_THE_DAG, dbt_build_flags

from laptop.bench.cloud import target
from laptop.edge.calls import Call
from laptop.edge.proxy import Proxy
from laptop.warehouse import Warehouse
from tests.project import NONE, dbt
from tests.proxied import proxied
from tests.tables import MARTS

MIX = "eco2mix_national_tr"
WINDOW = ("2023-11-01", "2023-11-01")
VIEW, PARTITIONED, TABLE = f"stg_{MIX}", "int_mix_daily_observed", "int_mix_daily"


@pytest.fixture(scope="module")
def asked(shared_stack) -> Iterator[tuple[Proxy, Warehouse]]:
    """The proxy of a warehouse whose models of the mix stand."""
    with proxied(shared_stack) as (stack, proxy):
        warehouse = Warehouse(stack.environment)
        for table in tables():
            warehouse.create_landing(table)
        assert dbt("run", "--select", f"+{TABLE}").success
        yield proxy, warehouse


def build(model: str, window: tuple[str, str], *more: str) -> bool:
    """As the task of a DAG does it."""
    flags = [flag for flag in dbt_build_flags(MIX) if flag != "--no-write-json"]  # which `dbt` gives already
    given = (*flags, "--select", model, "--exclude", *NOT_IN_THE_DAG)
    return bool(dbt("build", *given, *more, window=window).success)


def about(call: Call) -> str:
    """What a call is about: the table that it names, or what it lists."""
    path = call.path.partition("?")[0]
    return path.rpartition("/")[2] if "/tables/" in path else target(call)


@pytest.mark.parametrize(
    ("model", "asks"),
    [
        (VIEW, {VIEW: 1}),
        # once while it is compiled, for the bounds of its window, and once while it is built, for the columns
        (PARTITIONED, {PARTITIONED: 2, "query job": 1, "get queries": 1}),
        (TABLE, {TABLE: 1, "query job": 1, "get queries": 1}),  # the table's rows are counted for the log
    ],
)
def test_a_task_of_a_window_asks_for_its_own_model_only(asked, model, asks):
    """dbt asks which datasets there are, once."""
    proxy, _ = asked
    proxy.calls = []
    assert build(model, WINDOW)
    assert Counter(about(call) for call in proxy.calls) == {"get datasets": 1, **asks}


@pytest.mark.parametrize("window", [NONE, WINDOW])
@pytest.mark.parametrize("model", [PARTITIONED, TABLE])  # the emulator drops no views
def test_what_is_missing_is_made(asked, model, window):
    _, warehouse = asked
    warehouse.query(f"drop table {MARTS}.{model}")
    assert build(model, window)
    assert warehouse.client.get_table(f"{MARTS}.{model}")
