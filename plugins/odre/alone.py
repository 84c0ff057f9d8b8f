"""Whether a run that Airflow would call green has done what it is for.

Airflow judges a run by its last tasks only. So a run could be green although somebody has stopped it, or has cleared
one of its tasks alone and that task has failed. Four tasks look at the states of the others, and fail where green
would be wrong: `window`, `drop_batch`, `source_freshness` and `set_aside`. What ties them to the others is in
`odre.pipeline`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from airflow.providers.standard.utils.skipmixin import XCOM_SKIPMIXIN_KEY

from odre.errors import ClearedAlone, RunIncomplete

if TYPE_CHECKING:
    from airflow.sdk import Context

APPROVE, DROP_BATCH, LOAD, MERGE = "approve", "ingest.drop_batch", "ingest.load", "ingest.merge"


def refuse_to_begin(context: Context, dataset: str) -> None:
    """Refuse to ask the source anew in a run whose MERGE would not follow, because it has ended and was not cleared.

    A retry, a whole run that was cleared, and a task that was cleared with what follows it pass, because the MERGE of
    their run waits. A MERGE that failed passes too: its run is red, and it can be cleared next.

    :param dataset: ODRÉ dataset of the run, for the message.
    :raises ClearedAlone: the MERGE has succeeded, or was skipped.
    """
    if states(context).get(MERGE) in ("success", "skipped"):
        raise ClearedAlone(
            dataset,
            "a task before ingest.merge was cleared without it, so that nothing would merge the source's new answer",
            "clear window and all that follows it",
        )


def refuse_stopped(context: Context, dataset: str) -> None:
    """Refuse a run that was stopped before its MERGE. Airflow skips what such a run has not begun, and its teardowns
    decide what becomes of it. A dry run and a run that a person has rejected skip their MERGE too, and pass.

    :param dataset: ODRÉ dataset of the run, for the message.
    :raises RunIncomplete: the MERGE was skipped, and neither of these is why.
    """
    if states(context).get(MERGE) != "skipped" or context["params"].get("dry_run") or _rejected(context):
        return
    raise RunIncomplete(
        dataset,
        "the run was stopped before ingest.merge, so that nothing was loaded",
        "clear window and all that follows it, or trigger the days again",
    )


def refuse_without_load(context: Context, dataset: str) -> None:
    """Refuse to end a run whose `load` has failed. When it is cleared alone, only `drop_batch` is cleared with it.

    :param dataset: ODRÉ dataset of the run, for the message.
    :raises RunIncomplete: it has failed.
    """
    if states(context).get(LOAD) == "failed":
        raise RunIncomplete(dataset, f"{LOAD} has failed", f"see its log, then clear {LOAD} and all that follows it")


def refuse_incomplete(context: Context, dataset: str, needed: Collection[str]) -> None:
    """Refuse to end a run whose tables or pages are not all made.

    :param dataset: ODRÉ dataset of the run, for the message.
    :param needed: ids of the tasks that must have succeeded.
    :raises RunIncomplete: one has not.
    """
    found = states(context)
    lacking = {task: found.get(task) for task in sorted(needed) if found.get(task) != "success"}
    # Of what follows a failed task nothing is said: it is not why.
    causes = [task for task, state in lacking.items() if state == "failed"] or list(lacking)
    if causes:
        named = ", ".join(f"{task} ({lacking[task]})" for task in causes)
        raise RunIncomplete(
            dataset,
            f"the run's tables and pages are not all made: {named}",
            f"see the log of {causes[0]}, then clear it and all that follows it",
        )


def _rejected(context: Context) -> bool:
    """Whether a person was asked for approval and has rejected the window, so that `approve` has skipped what follows.
    It notes that before it does it."""
    return context["ti"].xcom_pull(task_ids=APPROVE, key=XCOM_SKIPMIXIN_KEY) is not None


def states(context: Context) -> dict[str, str | None]:
    """The states of the tasks of the run; `None` for one that waits to be scheduled."""
    instance, run_id = context["ti"], context["dag_run"].run_id
    found: dict[str, str | None] = instance.get_task_states(instance.dag_id, run_ids=[run_id]).get(run_id, {})
    return found
