"""Whether a task runs while the rest of its run stays as it is: somebody has cleared it alone, or has stopped the run.

Airflow judges a run by its last tasks only. A run whose `set_aside` has succeeded once stays green, whatever becomes of
the earlier tasks that are cleared afterwards. So two tasks look at the states of the others, and fail where green would
be wrong. Both are tied to the end of the run (`odre.pipeline`), so that the run fails with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from odre.errors import ClearedAlone

if TYPE_CHECKING:
    from airflow.sdk import Context

MERGE, LAST = "ingest.merge", "set_aside"


def refuse_to_begin(context: Context, dataset: str) -> None:
    """Refuse to ask the source anew in a run whose MERGE would not follow, because it has ended and was not cleared.

    A retry, a whole run that was cleared, and a task that was cleared with what follows it pass, because the MERGE of
    their run waits. A MERGE that failed passes too: its run is red, and it can be cleared next.

    :param dataset: ODRÉ dataset of the run, for the message.
    :raises ClearedAlone: the MERGE has succeeded, or was skipped.
    """
    if _states(context, MERGE).get(MERGE) in ("success", "skipped"):
        raise ClearedAlone(
            dataset,
            "a task before ingest.merge was cleared without it, so that nothing would merge the source's new answer",
            "clear window and all that follows it",
        )


def refuse_to_end(context: Context, dataset: str) -> None:
    """Refuse to end the ingestion of a run that would be green although its answer has not reached the tables.

    Before a run has ended for the first time, `set_aside` waits, and says itself what is wrong.

    :param dataset: ODRÉ dataset of the run, for the message.
    :raises ClearedAlone: `set_aside` was skipped, because the run was stopped; or it had succeeded, and the MERGE that
        was cleared afterwards has not.
    """
    states = _states(context, MERGE, LAST)
    if states.get(LAST) == "skipped":
        raise ClearedAlone(
            dataset,
            "the run was stopped before its end, so that its models were not built",
            "clear ingest.merge and all that follows it",
        )
    if states.get(LAST) == "success" and states.get(MERGE) != "success":
        raise ClearedAlone(
            dataset,
            f"ingest.merge was cleared and is {states.get(MERGE)}",
            "see its log, then clear ingest.merge and all that follows it",
        )


def _states(context: Context, *tasks: str) -> dict[str, str | None]:
    """The states of these tasks of the run; `None` for a task that waits to be scheduled."""
    instance, run_id = context["ti"], context["dag_run"].run_id
    states: dict[str, str | None] = instance.get_task_states(
        instance.dag_id, task_ids=list(tasks), run_ids=[run_id]
    ).get(run_id, {})
    return states
