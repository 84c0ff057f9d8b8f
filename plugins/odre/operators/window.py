"""The first task of every run."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from odre.contract import load_contract
from odre.plan import RunPlan, plan_run
from odre.segments import where_clause
from odre.settings import Settings
from odre.sql.merge import replace_window
from odre.window import Request

if TYPE_CHECKING:
    from airflow.sdk import Context
    from pydantic import JsonValue


class WindowOperator(BaseOperator):
    """Decide the local days that the run covers, and refuse days that cannot be loaded before anything else runs.

    Returns (XCom) the run's `odre.plan.RunPlan`. A dry run logs the plan and ends as skipped, and so do all tasks
    after it.

    :param table: landing table of this DAG.
    :raises WindowRefused: the run was asked for days that it cannot load.
    """

    def __init__(self, *, table: str, settings: Settings, **kwargs: Any) -> None:
        super().__init__(doc_md="Decides the local days of this run and refuses days that cannot be loaded.", **kwargs)
        self.table, self.settings = table, settings

    def execute(self, context: Context) -> dict[str, JsonValue]:
        run, params, contract = context["dag_run"], context["params"], load_contract(self.table)
        request = Request(
            interval_start=run.data_interval_start,
            interval_end=run.data_interval_end or run.run_after,
            start_date=params.get("start_date"),
            end_date=params.get("end_date"),
            full_refresh=bool(params.get("full_refresh")),
            look_back=run.run_type != "backfill",
        )
        plan = plan_run(contract, request, run.run_id, datetime.now(timezone.utc))
        self.log.info("%s: %s, %s (%s days)", contract.dataset_id, plan.kind, plan.window, plan.window.days)
        if params.get("dry_run"):
            self.log.info("what this run would do:\n%s", describe(plan, self.table, self.settings))
            raise AirflowSkipException("this is a dry run: nothing was read or written")
        return plan.to_xcom()


def describe(plan: RunPlan, table: str, settings: Settings) -> str:
    """What a run with this plan does: its window, request, object, partitions and statement, one to a line."""
    contract, window = load_contract(table), plan.window
    dataset = f"{settings.project_id}.{settings.staging_dataset}"
    statement = replace_window(
        contract,
        target=f"{dataset}.{table}",
        batch=f"{dataset}.{plan.batch_table}",
        window_start=str(window.start),
        window_end=str(window.end),
        rows="<rows>",
    )
    older = f", older days from {contract.history_dataset_id}" if contract.history_dataset_id else ""
    return "\n".join(
        [
            f"window      {window} ({window.days} days, {contract.timezone})",
            f"request     {contract.dataset_id} where {where_clause(contract, window)}{older}",
            f"object      gs://{settings.lake_bucket}/{plan.object_name('<try>')}",
            f"partitions  {', '.join(f'{month:%Y%m}' for month in window.months())}",
            f"statement\n{statement}",
        ]
    )
