"""A person's word before a costly run, where that is switched on (`ECO2MIX_APPROVAL_ABOVE_DAYS`)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import ApprovalOperator

from odre.alerts import ASKED, notifiers

if TYPE_CHECKING:
    from airflow.sdk import Context

_PATIENCE = timedelta(days=1)


class WindowApprovalOperator(ApprovalOperator):
    """Ask for approval of a range longer than `above_days` days that somebody asked for, and of every full refresh.

    What the schedule decides passes, however long its look-back is.

    Rejected, the rest of the run is skipped. Not answered within a day, the task fails.

    :param plan: templated; what `odre.plan.plan_run` returned.
    :param above_days: longest window, in days, that needs no approval.
    """

    template_fields = (*ApprovalOperator.template_fields, "plan")

    def __init__(self, *, plan: Any, above_days: int, **kwargs: Any) -> None:
        super().__init__(
            subject="Load this window?",
            notifiers=notifiers(ASKED),
            response_timeout=_PATIENCE,
            execution_timeout=None,
            retries=0,
            **kwargs,
        )
        self.plan, self.above_days = plan, above_days

    def execute(self, context: Context) -> Any:
        plan = self.plan
        days = (date.fromisoformat(plan["end"]) - date.fromisoformat(plan["start"])).days + 1
        params = context["params"]
        if not (params.get("start_date") or params.get("end_date") or plan["full_refresh"]):
            self.log.info("the window of the schedule, %s days with its look-back: no approval needed", days)
            return None
        if days <= self.above_days and not plan["full_refresh"]:
            self.log.info("%s days: no approval needed", days)
            return None
        if plan["full_refresh"]:
            self.subject = "Load the whole history?"
        self.body = (
            f"**{plan['start']} … {plan['end']}** ({days:,} days; up to {self.above_days:,} need no approval). "
            "The window is asked of the API in one request, replaced in the landing table in one merge, and its "
            "months rebuilt by dbt. A dry run of the DAG shows the request and the statement."
        )
        return super().execute(context)
