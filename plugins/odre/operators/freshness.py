"""The operator that checks whether the source still publishes, by dbt's source freshness."""

from __future__ import annotations

from datetime import MINYEAR, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowSkipException
from cosmos.operators.local import DbtSourceLocalOperator

from odre.alerts import Condition
from odre.alone import MERGE, refuse_stopped, states
from odre.contract import SOURCE_NAME, load_contract
from odre.errors import SourceLate
from odre.plan import RunPlan
from odre.settings import Settings
from odre.transform import dbt_target_flags, dbt_task

if TYPE_CHECKING:
    from airflow.sdk import Context
    from dbt.cli.main import dbtRunnerResult


class SourceFreshnessOperator(DbtSourceLocalOperator):
    """Compare the newest observed row of the landing table with the contract's `freshness`.

    When that row is older than `warn_after`, the task ends as skipped, which shows in the grid and fails nothing. When
    it is older than `error_after`, the task fails, and the notifiers send a message at once, then once a day, and when
    the source is on time again. Only scheduled runs are checked, because a range that somebody asked for says nothing
    about lateness.

    The task also fails a run that was stopped before its MERGE, because no other task of such a run can do so: see
    `odre.alone`.

    :param table: landing table of this DAG.
    :raises SourceLate: the newest row is older than `error_after`.
    :raises RunIncomplete: the run was stopped.
    """

    def __init__(self, *, table: str, settings: Settings, **kwargs: Any) -> None:
        super().__init__(
            select=f"source:{SOURCE_NAME}.{table}",
            dbt_cmd_flags=dbt_target_flags(table),
            **dbt_task(settings),
            **kwargs,
        )
        self.table = table

    def execute(self, context: Context, **kwargs: Any) -> None:
        refuse_stopped(context, load_contract(self.table).dataset_id)
        if (merged := states(context).get(MERGE)) != "success":
            raise AirflowSkipException(f"{MERGE} is {merged}, so freshness is not checked")
        if context["dag_run"].run_type != "scheduled":
            self.log.info("this is not a scheduled run, so freshness is not checked")
            return
        # Not a template, because the task also runs when `window` has left no plan.
        self.env = RunPlan.from_xcom(context["ti"].xcom_pull(task_ids="window"), self.table).dbt_environment
        super().execute(context, **kwargs)
        self._condition.ended(f"{self.table}: the source publishes again")

    @property
    def _condition(self) -> Condition:
        return Condition(f"{self.table}_source_late")

    def handle_exception_dbt_runner(self, result: dbtRunnerResult) -> None:
        for found in getattr(result.result, "results", ()):
            if found.status not in ("warn", "error"):
                continue
            # dbt reports the year 1 when there is no row at all, or none that passes the filter of `freshness`
            nothing = found.max_loaded_at.year == MINYEAR
            late = SourceLate(
                load_contract(self.table).dataset_id,
                "there is no recent observed row"
                if nothing
                else f"the newest observed row is of {found.max_loaded_at:%Y-%m-%d %H:%M} UTC, "
                f"{timedelta(seconds=round(found.age))} old",
                "see whether ODRÉ publishes, and read the notes on the dataset's page there; loads go on meanwhile",
            )
            if found.status == "error":
                self._condition.holds(f"{self.table}: {late}")
                raise late
            raise AirflowSkipException(str(late))
        super().handle_exception_dbt_runner(result)
