"""Which tasks of a demo are left to a later DAG of the same demo.

Marts fed by several datasets are rebuilt by each DAG that brings news. A demo brings all the news at once: what a later
run builds from all datasets need not be built from some of them before.
"""

from __future__ import annotations

from collections.abc import Sequence

from airflow.sdk import DAG, Context, TriggerRule
from airflow.sdk.exceptions import AirflowSkipException
from odre.transform import marts_by_subject, neighbours_of_marts, read_manifest

_PUBLISHING = ("publish_dashboard", "publish_dbt_docs")


def left_to_later(table: str, later: Sequence[str]) -> set[str]:
    """The tasks of a dataset's DAG whose work the DAGs that run after it do as well, with more data.

    :param later: landing tables whose DAGs run after this one.
    """
    if not later:
        return set()
    manifest = read_manifest()
    by_later = {mart for other in later for marts in marts_by_subject(manifest, other).values() for mart in marts}
    own = marts_by_subject(manifest, table)
    kept = {name: marts for name, marts in own.items() if not marts <= by_later}
    needed = neighbours_of_marts(manifest, table, [mart for marts in kept.values() for mart in marts])
    return {
        *_PUBLISHING,
        *(f"dbt.{name}" for name in own.keys() - kept.keys()),
        *(() if needed else ("neighbour_models",)),
    }


def leave_out(dag: DAG, left: set[str]) -> None:
    """Have these tasks of a DAG skipped, and what comes after them run all the same."""
    for name in left:
        task = dag.get_task(name)
        task.pre_execute = _skip  # type: ignore[method-assign,union-attr]  # no task of ours is mapped
        for after in task.downstream_list:
            after.trigger_rule = TriggerRule.NONE_FAILED


def _skip(context: Context) -> None:
    raise AirflowSkipException("left to the runs that follow in this demo, which do it with the data of all datasets")
