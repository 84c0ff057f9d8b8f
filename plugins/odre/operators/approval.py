"""The operator that asks a person to approve a costly run, where `ECO2MIX_APPROVAL_ABOVE_DAYS` switches that on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import ApprovalOperator

from odre.alerts import ASKED, notifiers
from odre.plan import RunPlan

if TYPE_CHECKING:
    from airflow.sdk import Context, XComArg
    from pydantic import JsonValue

_PATIENCE = timedelta(days=1)


class WindowApprovalOperator(ApprovalOperator):
    """Ask for approval of every full refresh, and of a range longer than `above_days` days that somebody asked for.

    Runs of the schedule and of backfills need no approval, however many days they cover.

    When the window is rejected, the rest of the run is skipped. When nobody answers within a day, the task fails.

    :param table: landing table of this DAG.
    :param plan: templated; the run's `odre.plan.RunPlan` as XCom keeps it.
    :param above_days: longest range, in days, that needs no approval.
    """

    template_fields = (*ApprovalOperator.template_fields, "plan")

    def __init__(self, *, table: str, plan: XComArg | dict[str, JsonValue], above_days: float, **kwargs: Any) -> None:
        super().__init__(
            subject="Load this window?",
            notifiers=notifiers(ASKED),
            response_timeout=_PATIENCE,
            execution_timeout=None,
            retries=0,
            **kwargs,
        )
        self.table, self.plan, self.above_days = table, plan, above_days

    def execute(self, context: Context) -> Any:
        plan = RunPlan.from_xcom(self.plan, self.table)
        days = plan.window.days
        if plan.kind not in ("range", "full_refresh"):
            self.log.info("the schedule or a backfill decided these %s days: no approval is needed", days)
            return None
        if days <= self.above_days and not plan.full_refresh:
            self.log.info("%s days are not more than %g: no approval is needed", days, self.above_days)
            return None
        if plan.full_refresh:
            self.subject = "Load the whole history?"
        self.body = (
            f"**{plan.window}** is {days:,} days; up to {self.above_days:,g} need no approval. "
            "The API is asked for all of them in one request, one MERGE replaces them in the landing table, and dbt "
            "rebuilds their months. A dry run of this DAG shows the request and the statement."
        )
        return super().execute(context)
