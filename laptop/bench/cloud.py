"""What an hourly run asks of BigQuery and Cloud Storage: the number of jobs and calls, their price, and the time that
their latencies add.

The run is the real DAG under a real scheduler. Its requests go through a proxy, which records them
(`laptop.edge.proxy`) and, in the second run of each pair, adds to each request the time that BigQuery takes to answer.
The emulator finishes every job at once. On BigQuery, a client asks for the state of a long job several times.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median
from typing import get_args

from laptop.airflow import AirflowServer
from laptop.bench.history import TABLE, hourly_window
from laptop.bench.orchestration import start, trigger
from laptop.bench.table import Goal, Result, Say
from laptop.edge.billing import DOLLARS_PER_TIB, billed_bytes, is_contract_check
from laptop.edge.calls import JOBS, Call, Kind
from laptop.edge.proxy import Proxy
from laptop.environment import DATASETS, PROJECT_ID, pipeline_environment
from laptop.stack import Stack
from laptop.warehouse import Warehouse

_HOURS_PER_MONTH = 730
#: The same run at commit 2521e6a: jobs, other calls to the warehouse, GiB billed, seconds that the latencies added.
BEFORE = {"jobs": 87.0, "calls": 299.0, "gib": 0.92, "added": 47.0}

_NODE = re.compile(r'"node": "(\w+)\.')


def measure(stack: Stack, latency: tuple[float, float], pairs: int, say: Say) -> Iterator[Result]:
    """Four rows of the table, whose notes tell what the jobs and calls were for.

    :param stack: a stack that is up, with a month in its warehouse.
    :param latency: seconds added to a job, and to any other call.
    """
    job, call = latency
    delays: dict[Kind, float] = {kind: job if kind in JOBS else call for kind in get_args(Kind)}
    say("one hourly DAG run under a real scheduler, through a proxy; the first run is not counted")
    days = dict(zip(("start_date", "end_date"), map(str, hourly_window()), strict=True))
    plain, slow, waited, calls = [], [], [], []
    with Proxy(stack.endpoints) as proxy, _Server(stack, proxy) as server:
        start(server, TABLE)
        trigger(server, TABLE, days)
        for number in range(pairs):
            proxy.delays, proxy.calls = {}, []
            plain.append(trigger(server, TABLE, days).seconds)
            calls = list(proxy.calls)
            proxy.delays, proxy.waits = delays, []
            slow.append(trigger(server, TABLE, days).seconds)
            waited.append(covered(proxy.waits))
            say(
                f"  pair {number + 1} of {pairs}: {plain[-1]:.1f} s; with latencies {slow[-1]:.1f} s, of which "
                f"{waited[-1]:.1f} s were spent waiting for at least one latency"
            )
    yield from _results(calls, _views(stack), plain, slow, waited, latency)


class _Server(AirflowServer):
    """Airflow whose tasks reach warehouse and lake through the proxy. It has a database of its own, because pgserver
    starts the same database only once per process."""

    def __init__(self, stack: Stack, proxy: Proxy) -> None:
        super().__init__(stack, port=0)
        self.proxy, self.database.postgres = proxy, stack.state / "postgres-cloud"

    @property
    def environment(self) -> dict[str, str]:
        direct, through = self.stack.environment, pipeline_environment(self.stack.state, self.proxy.endpoints)
        return super().environment | {name: value for name, value in through.items() if value != direct[name]}


def covered(intervals: Sequence[tuple[float, float]]) -> float:
    """Seconds that lie in at least one of the intervals; overlapping intervals count once.

    Something else may compute while a latency passes, so this is an upper bound for what latencies have added to a run.
    Other work of the machine does not change it.
    """
    seconds, reached = 0.0, float("-inf")
    for begin, end in sorted(intervals):
        seconds += max(0.0, end - max(begin, reached))
        reached = max(reached, end)
    return seconds


def _results(
    calls: list[Call],
    views: dict[str, str],
    plain: list[float],
    slow: list[float],
    waited: list[float],
    latency: tuple[float, float],
) -> Iterator[Result]:
    jobs = [call for call in calls if call.kind == "query job"]
    others = [call for call in calls if call.service == "warehouse" and call.kind != "query job"]
    lake = Counter(call.kind for call in calls if call.service == "lake")
    gib = sum(billed_bytes(job.statement, views, PROJECT_ID) for job in jobs) / 2**30
    month = gib * _HOURS_PER_MONTH / 1024
    added = [with_latency - without for with_latency, without in zip(slow, plain, strict=True)]
    yield Result(
        "query jobs per hourly run", "–", Goal(40, "≤ 40"), [float(len(jobs))], unit="jobs",
        note=_before("jobs") + _listed(Counter(purpose(job) for job in jobs)),
    )  # fmt: skip
    yield Result(
        "other calls to BigQuery per hourly run", "–", Goal(100, "≤ 100"), [float(len(others))], unit="calls",
        note=_before("calls") + _listed(Counter(map(target, others))) + " Calls to Cloud Storage: " + _listed(lake),
    )  # fmt: skip
    yield Result(
        "billed per hourly run", "–", Goal(0.45, "≤ 0.45 GiB"), [gib], unit="GiB",
        note=_before("gib") + f"10 MiB, the minimum, for each table a query reads. {_HOURS_PER_MONTH} runs a month: "
        f"{month:.2f} TiB, ${month * DOLLARS_PER_TIB:.2f} at ${DOLLARS_PER_TIB} per TiB, of which the first is free.",
    )  # fmt: skip
    yield Result(
        "seconds that BigQuery's latencies add", "–", Goal(20, "≤ 20 s"), added, unit="s",
        note=_before("added") + f"{latency[0]:g} s to each job, {latency[1]:g} s to each other call. A run takes "
        f"{median(plain):.1f} s without latencies and {median(slow):.1f} s with them, of which {median(waited):.1f} s "
        "are spent waiting for at least one latency.",
    )  # fmt: skip


def _before(figure: str) -> str:
    return f"Before: {BEFORE[figure]:g}. "


def _listed(counted: Counter[str] | Counter[Kind]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counted.most_common()) + "."


def purpose(job: Call) -> str:
    """What a query job is for."""
    sql = job.statement.lower()
    found = _NODE.search(job.statement)
    node = found[1] if found else None
    if is_contract_check(sql):
        return "contract checks"
    if node == "model":
        if "create or replace view" in sql:
            return "views"
        return "replaced partitions" if "dbt_internal_source" in sql else "tables"
    if node == "test":
        return "data tests"
    return "other dbt statements" if node else "statements of the pipeline"


def target(call: Call) -> str:
    """What a call is about: `get tables`, `patch tables`, `get jobs`."""
    resources = ("datasets", "tables", "data", "jobs", "queries")
    named = [part for part in call.path.partition("?")[0].split("/") if part in resources]
    return call.kind if call.kind in JOBS else f"{call.kind} {named[-1] if named else 'other'}"


def _views(stack: Stack) -> dict[str, str]:
    """Query of every view, by `dataset.table`."""
    client = Warehouse(stack.environment).client
    items = [item for dataset in DATASETS.values() for item in client.list_tables(dataset)]
    return {f"{i.dataset_id}.{i.table_id}": client.get_table(i).view_query for i in items if i.table_type == "VIEW"}
