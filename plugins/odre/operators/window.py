"""The operator that begins every run: it decides which days the run covers."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow.providers.google.cloud.hooks.bigquery import BigQueryHook
from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from odre.alerts import Condition
from odre.alone import refuse_to_begin
from odre.contract import Contract, load_contract
from odre.ledger import LEDGER, sweep_is_owed
from odre.plan import RunPlan, plan_run
from odre.segments import where_clause
from odre.settings import Settings
from odre.sql.merge import Load, replace_window
from odre.window import Request, last_sweep

if TYPE_CHECKING:
    from airflow.sdk import Context
    from airflow.sdk.types import RuntimeTaskInstanceProtocol
    from pydantic import JsonValue


class WindowOperator(BaseOperator):
    """Decide the local days that the run covers, and refuse days that cannot be loaded before anything else runs.

    A scheduled run asks the ledger whether a sweep is owed, because the run that should have done it failed; if so,
    this run does the sweep. When scheduled runs start late, the notifiers send a message at once and then once a day.

    Returns (XCom) the run's `odre.plan.RunPlan`. A dry run logs the plan and ends as skipped, and so do all tasks
    after it.

    :param table: landing table of this DAG.
    :raises WindowRefused: the run was asked for days that it cannot load.
    :raises ClearedAlone: the run has merged its answer, and its MERGE was not cleared with this task.
    """

    def __init__(self, *, table: str, settings: Settings, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.table, self.settings = table, settings

    def execute(self, context: Context) -> dict[str, JsonValue]:
        run, params, contract = context["dag_run"], context["params"], load_contract(self.table)
        if not params.get("dry_run"):
            refuse_to_begin(context, contract.dataset_id)
        request = Request(
            interval_start=run.data_interval_start,
            interval_end=run.data_interval_end or run.run_after,
            start_date=params.get("start_date"),
            end_date=params.get("end_date"),
            full_refresh=bool(params.get("full_refresh")),
            look_back=run.run_type != "backfill",
        )
        now = datetime.now(timezone.utc)
        if run.run_type == "scheduled":
            owed = self._sweep_is_owed(contract, request, context["ti"])
            request = dataclasses.replace(request, sweep_owed=owed)
            if not run.clear_number:  # a cleared run starts whenever a person clears it, so it is never late
                self._tell_lateness(run.run_id, now - (run.run_after or now))
        plan = plan_run(contract, request, run.run_id, now)
        if request.sweep_owed:
            self.log.info("%s: the last sweep has not been done, so this run does it", contract.dataset_id)
        self.log.info("%s: %s, %s (%s days)", contract.dataset_id, plan.kind, plan.window, plan.window.days)
        if params.get("dry_run"):
            self.log.info("what this run would do:")
            for line in describe(plan, self.table, self.settings).splitlines():
                self.log.info(line)
            raise AirflowSkipException("this is a dry run: nothing was read or written")
        return plan.to_xcom()

    def _sweep_is_owed(self, contract: Contract, request: Request, instance: RuntimeTaskInstanceProtocol) -> bool:
        tick = last_sweep(contract, request.interval_end)
        if tick is None:
            return False
        settings = self.settings
        hook = BigQueryHook(location=settings.location)
        client = hook.get_client(project_id=settings.project_id, location=settings.location)
        ledger = f"{settings.project_id}.{settings.staging_dataset}.{LEDGER}"
        return sweep_is_owed(
            client, contract, ledger, tick, settings.maximum_bytes_billed, partial(_has_published, instance)
        )

    def _tell_lateness(self, run_id: str, delay: timedelta) -> None:
        condition, allowed = Condition(f"{self.table}_run_late"), timedelta(minutes=self.settings.run_deadline_minutes)
        if delay <= allowed:
            condition.ended(f"{self.table}: the runs of the schedule start in time again")
            return
        condition.holds(
            f"{self.table}: run {run_id} started {timedelta(seconds=round(delay.total_seconds()))} after it was due; "
            "an earlier run, another DAG that holds the pool, or a scheduler that was down has held it up"
        )


def _has_published(instance: RuntimeTaskInstanceProtocol, run_id: str) -> bool:
    """Whether a run of the DAG has built all its models and written the page; false when Airflow has forgotten the run.

    :param instance: a task of the DAG.
    """
    states = instance.get_task_states(instance.dag_id, run_ids=[run_id]).get(run_id, {})
    publishing = [state for task, state in states.items() if task.startswith("dbt.") or task == "publish_dashboard"]
    return bool(publishing) and all(state == "success" for state in publishing)


def describe(plan: RunPlan, table: str, settings: Settings) -> str:
    """What a run with this plan does: its window, request, object, partitions and statement, one per line."""
    contract, window = load_contract(table), plan.window
    dataset = f"{settings.project_id}.{settings.staging_dataset}"
    statement = replace_window(
        contract,
        target=f"{dataset}.{table}",
        batch=f"{dataset}.{plan.batch_table}",
        ledger=f"{dataset}.{LEDGER}",
        # values that only the extraction can know are shown as their names
        load=Load(
            load_id="<load id>",
            run_kind=plan.kind,
            run_id="<run id>",
            window=window,
            asked_at=datetime.now(timezone.utc),
            uri=f"gs://{settings.lake_bucket}/{plan.object_name('<try>')}",
            generation=0,
            md5="<md5>",
            rows=0,
            is_synthetic=False,
        ),
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
