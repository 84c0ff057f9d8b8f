"""Faults of the services on which the pipeline runs: the message that a person reads, and what happens then.

`test_killed.py` provokes each and checks the words; docs/faults.md shows them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ServiceFault:
    """The outcome that a fault must have.

    :param what: the fault, as the documentation names it.
    :param tasks: the tasks it is provoked in.
    :param says: pattern of the error at the end of the task's log; `None` when there is no such error.
    :param shown: the error in words.
    :param then: what happens then, and what was proven of it.
    """

    what: str
    tasks: tuple[str, ...]
    says: str | None
    shown: str
    then: str


KILLED = ServiceFault(
    "`kill -9` of the task",
    ("every ingestion task, before and after each of its calls", "a dbt model"),
    None,
    "`Process terminated by signal.` with its name (Airflow's words)",
    "Airflow tries again: same tables, and the batch table is dropped",
)
WAREHOUSE_SHORT = ServiceFault(
    "warehouse down for less than ten minutes",
    ("landing_tables", "load", "merge", "drop_batch"),
    None,
    "nothing",
    "Google's client asks again until it is back; the task succeeds at its first try",
)
WAREHOUSE_LONG = ServiceFault(
    "warehouse down for longer",
    WAREHOUSE_SHORT.tasks,
    r"RetryError: Timeout of .* exceeded, last exception: .*/bigquery/v2/projects/.*Connection refused",
    "`RetryError: Timeout of 600.0s exceeded, last exception: …` with the address and the table (Google's words)",
    "Airflow tries again: same tables",
)
WAREHOUSE_DBT = ServiceFault(
    "warehouse down",
    ("dbt",),
    r"CosmosDbtRunError: dbt invocation did not complete .*Database Error\s.*Connection refused",
    "`CosmosDbtRunError: … Database Error … Connection refused` (dbt's words)",
    "Airflow tries again: same tables",
)
WAREHOUSE_KILLED = ServiceFault(
    "warehouse killed while it works on a job, and when it has begun to write",
    ("load", "merge"),
    None,
    "nothing, or Google's error when the job is lost",
    "the job is done as a whole or not at all; same tables after the retry",
)
LAKE_DOWN = ServiceFault(
    "lake down at the upload",
    ("extract",),
    r"StorageUnavailable: [a-z-]+: gs://\S+ could not be stored \(.*\) → check the bucket",
    "`<dataset>: gs://… could not be stored (…) → check the bucket and google_cloud_default; the run can be tried again`",
    "the client tries again for two minutes, then Airflow does: same tables",
)
OBJECT_GONE = ServiceFault(
    "object gone from the lake before the load",
    ("load",),
    r"ObjectChanged: [a-z-]+: gs://\S+ is gone → clear the extract task and what follows it",
    "`<dataset>: gs://… is gone → clear the extract task and what follows it`",
    "the table stays as it was; clear `extract` and what follows it",
)
OBJECT_CHANGED = ServiceFault(
    "object replaced in the lake before the load",
    ("load",),
    r"ObjectChanged: [a-z-]+: gs://\S+ is not the object that this run has extracted → clear the extract task",
    "`<dataset>: gs://… is not the object that this run has extracted → clear the extract task and what follows it`",
    "the table stays as it was; clear `extract` and what follows it",
)
DISK_FULL = ServiceFault(
    "no room for the temporary files",
    ("extract",),
    r"StorageUnavailable: [a-z0-9-]+: no room in \S+ for .* → free space on the worker, or ask for a smaller window",
    "`<dataset>: no room in /tmp for <window> (…) → free space on the worker, or ask for a smaller window`",
    "Airflow tries again: same tables",
)
SERVICES = (
    KILLED, WAREHOUSE_SHORT, WAREHOUSE_LONG, WAREHOUSE_DBT, WAREHOUSE_KILLED, LAKE_DOWN, OBJECT_GONE,
    OBJECT_CHANGED, DISK_FULL,
)  # fmt: skip
SERVICES_HEAD = """
## Processes, disk, lake and warehouse

`tests/faults/test_killed.py` provokes each on the embedded stack. "Same tables" means that after the retry the landing
table is, row for row, what the source says.

| fault | tasks | a person reads | then |
|---|---|---|---|
"""
