"""The operator that ends a run: it fails when days or rows of the source's answer were not loaded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from odre.alerts import Condition, failures
from odre.alone import DROP_BATCH, LOAD, refuse_incomplete
from odre.contract import load_contract
from odre.errors import DaysSetAside, ResultMissing
from odre.extracted import Extracted
from odre.operators.merge import Merged

if TYPE_CHECKING:
    from airflow.sdk import Context, XComArg
    from pydantic import JsonValue

_NAMED = 5


class SetAsideOperator(BaseOperator):
    """Fail when days or rows of the window were left out, and name them. The rest of the window has been published by
    then. Fail too when a task before this one has not succeeded: see `odre.alone`.

    These days keep the rows that stood before. The notifiers send a message when the days change, and once a day while
    they stay the same. The messages end when a decision in the contract (`decisions`) covers the days, or when a
    scheduled run whose window has all days that were reported leaves nothing out. A run with a smaller window does not
    end what a sweep has reported.

    :param table: landing table of this DAG.
    :param extracted: templated; the run's `odre.extracted.Extracted` as XCom keeps it.
    :param merged: templated; the run's `odre.operators.merge.Merged` as XCom keeps it.
    :raises DaysSetAside: days or rows were left out, and no decision in the contract covers them.
    :raises RunIncomplete: the run was stopped, or a task of it has failed, for example one that was cleared alone.
    :raises ResultMissing: the object that was extracted last has not been merged.
    """

    template_fields: Sequence[str] = ("extracted", "merged")

    def __init__(
        self,
        *,
        table: str,
        extracted: XComArg | dict[str, JsonValue],
        merged: XComArg | dict[str, JsonValue],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.table, self.extracted, self.merged = table, extracted, merged

    def execute(self, context: Context) -> None:
        contract = load_contract(self.table)
        # `load` takes the place of `drop_batch`, which follows it: a batch table that is not dropped expires by itself.
        refuse_incomplete(context, contract.dataset_id, self.upstream_task_ids - {DROP_BATCH} | {LOAD})
        extracted, merged = Extracted.from_xcom(self.extracted, self.table), Merged.from_xcom(self.merged, self.table)
        if merged.load_id != extracted.load_id:
            raise ResultMissing(
                contract.dataset_id,
                f"{extracted.uri} was extracted, but another object was merged",
                "clear ingest.merge and what follows it",
            )
        reasons = {day.local_date: day.reason for day in merged.held_back if not day.decided}
        for entry in extracted.left_out:
            if not entry.decided:
                reasons.setdefault(entry.local_date, entry.cause)
        condition, scheduled = Condition(f"{self.table}_set_aside"), context["dag_run"].run_type == "scheduled"
        if scheduled:  # all tasks before this one have succeeded
            failures(self.table).ended(f"{self.table}: the runs of the schedule succeed again")
        if not reasons:
            if scheduled and all(day in extracted.window for detail in condition.told() for day in _days(detail)):
                condition.ended(f"{self.table}: the days that people were told of are no longer set aside")
            self.log.info("%s: nothing of %s was left out", contract.dataset_id, extracted.window)
            return
        named = [f"{day} ({reasons[day]})" for day in sorted(reasons)]
        more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
        error = DaysSetAside(
            contract.dataset_id,
            f"{len(named)} of {extracted.window.days} days keep their older rows, or lack rows: "
            f"{'; '.join(named[:_NAMED])}{more}",
            f"see load {merged.load_id} in the table set_aside; report the values to ODRÉ, or add decisions to the "
            f"contract of {self.table} and run these days again",
        )
        condition.holds(f"{self.table}: {error}", detail=" ".join(map(str, sorted(reasons))))
        raise error


def _days(detail: str) -> list[date]:
    """The days in the detail of a message: ISO dates, separated by spaces."""
    return list(map(date.fromisoformat, detail.split()))
