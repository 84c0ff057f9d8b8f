"""Every kind of call that a step makes to warehouse and lake goes wrong once: the client's own retry heals it, or the
task fails with a line that says what happened and its retry heals it. Either way the tables are what they were."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

from laptop.demo import load_dag
from laptop.edge.calls import Kind, Service
from laptop.edge.proxy import HOWS, Fault, How, Proxy
from laptop.environment import LAKE_BUCKET, PROJECT_ID
from laptop.warehouse import Warehouse
from tests.faults.run import TASKS, IngestRun, TaskFailed
from tests.proxied import proxied
from tests.tables import checksums, leave_work_for_landing_tables

TABLE = "stock_quotidien_stockages_gaz"
FIRST, LAST = "2023-11-10", "2023-11-30"
MODEL = "dbt.int_gas_storage_daily_model_build"
# The message of a task that has given up.
SAYS: dict[How, str] = {
    "dropped": "(?i)connection|disconnected",
    "lost": "(?i)connection|disconnected|already exists",
    "503": "service is currently unavailable",
    "429": "Too many requests",
    "403 rateLimitExceeded": "Exceeded rate limits",
    "403 quotaExceeded": "Quota exceeded",
}
EXPECTED: dict[str, set[tuple[Service, Kind]]] = {
    "window": {("warehouse", "query job")},
    "landing_tables": {("warehouse", "insert"), ("warehouse", "get"), ("warehouse", "patch")},
    "extract": {("lake", "upload")},
    "load": {("warehouse", "insert"), ("warehouse", "load job")},
    "merge": {("warehouse", "query job")},
    "drop_batch": {("warehouse", "delete")},
    "neighbour_models": {("warehouse", "get")},
    MODEL: {("warehouse", "query job"), ("warehouse", "get")},
    "publish_dashboard": {("warehouse", "query job"), ("lake", "upload")},
    "publish_dbt_docs": {("warehouse", "get"), ("lake", "upload")},
}
# These tasks take seconds each. They use the same clients as the others, so only those faults are tried that differ.
SLOW: dict[str, tuple[How, ...]] = {
    "neighbour_models": ("dropped", "503"),
    MODEL: ("dropped", "403 quotaExceeded", "lost"),
    "publish_dashboard": ("dropped", "503", "lost"),
    "publish_dbt_docs": ("dropped",),
}
CASES = [(task, how) for task in EXPECTED for how in SLOW.get(task, HOWS)]


def impatient() -> None:
    """Let Google's clients wait hundredths of a second before they try again, instead of seconds."""
    from google.cloud.bigquery import retry as warehouse
    from google.cloud.storage import retry as lake

    for default in (warehouse.DEFAULT_RETRY, warehouse.DEFAULT_JOB_RETRY, lake.DEFAULT_RETRY):
        default._initial = default._maximum = 0.02


@dataclass
class Steps:
    """A run whose tasks have all succeeded once, through a proxy, and can be run again."""

    run: IngestRun
    proxy: Proxy
    warehouse: Warehouse
    made: dict[str, set[tuple[Service, Kind]]] = field(default_factory=dict)
    tables: dict[str, tuple] = field(default_factory=dict)

    def first_time(self, task: str) -> None:
        if task == "landing_tables":
            self.run.task(task)
            self.prepare(task)
        self.proxy.calls.clear()
        self.run.task(task)
        self.made[task] = {(call.service, call.kind) for call in self.proxy.calls}

    def contents(self) -> dict[str, tuple]:
        # an extraction that is tried again is another load of the same rows
        found = checksums(self.warehouse, loads=False)
        return {name: rows for name, rows in found.items() if "__batch" not in name}

    def prepare(self, task: str) -> None:
        """Give the task something to do."""
        if task == "landing_tables":
            leave_work_for_landing_tables(self.warehouse)
        if task == "merge":
            where = f"date between date '{FIRST}' and date '{LAST}' and mod(extract(day from date), 3) = 0"
            self.warehouse.query(f"delete from de_project_staging.{TABLE} where {where}")
        if task == "drop_batch":
            self.run.task("load")
        if task == "publish_dbt_docs":  # it writes once a day
            client = storage.Client(PROJECT_ID, AnonymousCredentials())
            client.bucket(LAKE_BUCKET).blob("dbt_docs/catalog.json").delete()

    def try_with(self, task: str, fault: Fault) -> str | None:
        """Run a task with a fault; what it failed with."""
        self.proxy.set_fault(fault)
        try:
            self.run.task(task, impatient)
        except TaskFailed as error:
            return str(error)
        finally:
            assert self.proxy.broken, f"{fault} never happened"
            self.proxy.set_fault(None)
        return None


@pytest.fixture(scope="module")
def steps(shared_stack, tmp_path_factory, airflow_home):
    import dbt.adapters.bigquery
    import dbt.cli.main  # noqa: F401 - once, for all the processes that fork from this one

    folder = tmp_path_factory.mktemp("proxy")
    with proxied(shared_stack) as (stack, proxy):
        run = IngestRun(load_dag(TABLE), "proxy", FIRST, LAST, folder)
        run.dag_run.run_type = "scheduled"  # which asks the ledger what is owed
        found = Steps(run, proxy, Warehouse(stack.environment))
        for task in TASKS[:-1]:
            found.first_time(task)
        run.task("neighbour_models")
        for name in ("window", "neighbour_models"):
            found.first_time(name)
        for task in run.dag.topological_sort():
            if task.task_id.startswith("dbt."):
                found.first_time(task.task_id)
        for name in ("publish_dashboard", "publish_dbt_docs", "drop_batch"):
            found.first_time(name)
        found.tables = found.contents()
        yield found


def test_the_steps_make_the_calls_that_are_broken_below(steps):
    """Without this a step whose calls the proxy no longer recognises would be tested with none."""
    for task, expected in EXPECTED.items():
        assert expected <= steps.made[task], task


@pytest.mark.parametrize(("task", "how"), CASES)
def test_a_call_that_goes_wrong_once(steps, task, how):
    for service, kind in sorted(steps.made[task]):
        steps.prepare(task)
        said = steps.try_with(task, Fault(service, kind, how))
        if said is not None:
            assert [line for line in said.splitlines() if len(line) < 500 and re.search(SAYS[how], line)], (kind, said)
            steps.run.task(task)
    left = {
        item.table_id for item in steps.warehouse.client.list_tables("de_project_staging") if "__batch" in item.table_id
    }
    assert not left or task != "drop_batch"
    assert steps.contents() == steps.tables
