"""Finds the tasks of a demo that are left to a later DAG of the same demo.

A mart that reads several datasets is rebuilt by the DAG of each of them. A demo loads all datasets one after the other,
so it builds such a mart only in the last of these DAGs, when all its datasets are there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from airflow.sdk import DAG, Context, TriggerRule
from airflow.sdk.exceptions import AirflowSkipException
from odre.lineage import marts_by_subject, read_by, read_manifest

REASON = "left to the runs that follow in this demo, which do it with the data of all datasets"
_PUBLISHING = ("publish_dashboard", "publish_dbt_docs")


class Left(NamedTuple):
    """The work that a DAG leaves to the DAGs after it, which do the same work with more data.

    :param tasks: tasks that are left as a whole.
    :param narrowed: for tasks that are left in part: the marts that are still built, by task.
    """

    tasks: set[str]
    narrowed: dict[str, list[str]]


def left_to_later(table: str, later: Sequence[str]) -> Left:
    """The work that a dataset's DAG leaves to later ones.

    :param later: landing tables whose DAGs run after this one.
    """
    if not later:
        return Left(set(), {})
    manifest = read_manifest()
    by_later = {mart for other in later for marts in marts_by_subject(manifest, other).values() for mart in marts}
    subjects = marts_by_subject(manifest, table)
    own = {mart for marts in subjects.values() for mart in marts}
    kept, waiting = set[str](), list(own - by_later)
    while waiting:  # the marts that a mart reads are built before it
        mart = waiting.pop()
        kept.add(mart)
        waiting += [parent for parent in manifest["parent_map"][mart] if parent in own - kept]
    left = {f"dbt.{name}" for name, marts in subjects.items() if not marts & kept} | set(_PUBLISHING)
    if not any(read_by(manifest, table, kept, kind) for kind in ("model", "seed")):
        left.add("neighbour_models")
    narrowed = {
        f"dbt.{name}": sorted(manifest["nodes"][mart]["name"] for mart in marts & kept)
        for name, marts in subjects.items()
        if marts & kept and marts - kept
    }
    return Left(left, narrowed)


def leave_out(dag: DAG, left: Left) -> None:
    """Make a DAG skip or narrow these tasks and still run the tasks after them. The last task of the DAG, a teardown,
    no longer depends on the tasks that are skipped."""
    for name in left.tasks:
        task = dag.get_task(name)
        task.pre_execute = _skip  # type: ignore[method-assign,union-attr]  # no task of ours is mapped
        for after in task.downstream_list:
            if after.is_teardown:
                task.downstream_task_ids.remove(after.task_id)
                after.upstream_task_ids.remove(name)
            else:
                after.trigger_rule = TriggerRule.NONE_FAILED
    for name, marts in left.narrowed.items():
        build: Any = dag.get_task(name)
        build.select = marts


def _skip(context: Context) -> None:
    raise AirflowSkipException(REASON)
