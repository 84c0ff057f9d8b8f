"""Which tasks of a demo are left to a later DAG of the same demo.

Marts fed by several datasets are rebuilt by each DAG that brings news. A demo brings all the news at once: what a later
run builds from all datasets need not be built from some of them before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from airflow.sdk import DAG, Context, TriggerRule
from airflow.sdk.exceptions import AirflowSkipException
from odre.transform import marts_by_subject, read_by, read_manifest

REASON = "left to the runs that follow in this demo, which do it with the data of all datasets"
_PUBLISHING = ("publish_dashboard", "publish_dbt_docs")


class Left(NamedTuple):
    """What a DAG leaves to the DAGs that run after it, which do it as well, with more data.

    :param tasks: tasks of which nothing is to do.
    :param narrowed: the marts that are built all the same, by task, where others of the task are left.
    """

    tasks: set[str]
    narrowed: dict[str, list[str]]


def left_to_later(table: str, later: Sequence[str]) -> Left:
    """What a dataset's DAG leaves to others.

    :param later: landing tables whose DAGs run after this one.
    """
    if not later:
        return Left(set(), {})
    manifest = read_manifest()
    by_later = {mart for other in later for marts in marts_by_subject(manifest, other).values() for mart in marts}
    subjects = marts_by_subject(manifest, table)
    own = {mart for marts in subjects.values() for mart in marts}
    kept, waiting = set[str](), list(own - by_later)
    while waiting:  # what a mart reads is built before it
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
    """Have tasks of a DAG skipped or narrowed, and what comes after them run all the same."""
    for name in left.tasks:
        task = dag.get_task(name)
        task.pre_execute = _skip  # type: ignore[method-assign,union-attr]  # no task of ours is mapped
        for after in task.downstream_list:
            after.trigger_rule = TriggerRule.NONE_FAILED
    for name, marts in left.narrowed.items():
        build: Any = dag.get_task(name)
        build.select = marts


def _skip(context: Context) -> None:
    raise AirflowSkipException(REASON)
