"""The DAG that keeps one dataset up to date. Its file in `dags/` only names the dataset.

window → extract → load → merge → dbt (Cosmos) → dashboard and dbt docs → set_aside, which fails when days were left
out or a task has failed. Beside it, the landing table is kept to the contract. Each run loads into a batch table of its
own, which is dropped at the end whatever happens.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, BaseOperator, CronDataIntervalTimetable, Param, TaskGroup
from airflow.timetables.interval import CronDataIntervalTimetable as CronTimetable

from odre.alerts import tell_failure
from odre.assets import landing_asset
from odre.contract import Contract, load_contract
from odre.loadable import for_the_form
from odre.operators.approval import WindowApprovalOperator
from odre.operators.drop_batch import DropBatchOperator
from odre.operators.extract import OdreToGCSOperator
from odre.operators.freshness import SourceFreshnessOperator
from odre.operators.landing_tables import LandingTablesOperator
from odre.operators.load import LoadBatchOperator
from odre.operators.merge import MergeWindowOperator
from odre.operators.publish_dashboard import PublishDashboardOperator
from odre.operators.publish_docs import PublishDbtDocsOperator
from odre.operators.set_aside import SetAsideOperator
from odre.operators.window import WindowOperator
from odre.plan import WINDOW_VARIABLES, RunPlan
from odre.retrying import OdreRetryPolicy
from odre.settings import Settings
from odre.task_docs import document
from odre.transform import NeighbourModelsOperator, dbt_models

OWNER = "energy-data"


def _planned(*path: str) -> str:
    return RunPlan.template("window", *path)


def build_dag(table: str) -> DAG:
    """The DAG of the dataset whose landing table is `table`.

    :raises odre.errors.ContractError: its contract is missing or not valid.
    :raises RuntimeError: a setting is missing or not valid.
    """
    contract, settings = load_contract(table), Settings.from_environment()
    dag = DAG(
        dag_id=table,
        schedule=CronDataIntervalTimetable(contract.schedule, timezone=contract.timezone),
        start_date=datetime.combine(contract.start_date, datetime.min.time()),
        catchup=False,
        max_active_runs=1,
        description=f"{contract.dataset_id}: ODRÉ → GCS → BigQuery → dbt → dashboard. {schedule_in_words(contract)}.",
        doc_md=_documentation(contract),
        tags=["odre", contract.dataset_id],
        params=_params(contract),
        default_args={
            "owner": OWNER,
            "retries": 3,
            "retry_delay": timedelta(minutes=1),
            "retry_exponential_backoff": True,
            "max_retry_delay": timedelta(hours=1),
            "retry_policy": OdreRetryPolicy(),
            "execution_timeout": timedelta(hours=1),
            "on_failure_callback": tell_failure,
        },
    )
    with dag:
        window = WindowOperator(task_id="window", table=table, settings=settings)
        gate: BaseOperator = window
        if settings.approval_above_days is not None:
            gate = WindowApprovalOperator(
                task_id="approve", table=table, plan=window.output, above_days=settings.approval_above_days
            )
        ingest, landing_tables, extract, merge = _ingest(contract, settings, window, gate)
        # Clearing `extract` alone clears `window` too, which is its setup, and this task, with which the run fails when
        # `window` refuses that: see `odre.alone`. It does nothing else; the scheduler marks it by itself.
        answered = EmptyOperator(task_id="answered").as_teardown(setups=window, on_failure_fail_dagrun=True)
        extract >> answered
        environment = {name: _planned("dbt_environment", name) for name in WINDOW_VARIABLES}
        neighbours = NeighbourModelsOperator(
            task_id="neighbour_models", table=table, settings=settings, env=environment, pool=settings.warehouse_pool
        )
        models = dbt_models(table, settings, environment, full_refresh=_planned("full_refresh"))
        dashboard = PublishDashboardOperator(
            task_id="publish_dashboard",
            table=table,
            first=_planned("window", "start"),
            last=_planned("window", "end"),
        )
        # A teardown without setups ends every run, also one that was stopped before it began.
        freshness = SourceFreshnessOperator(task_id="source_freshness", table=table, settings=settings)
        freshness.as_teardown(on_failure_fail_dagrun=True)
        documentation = PublishDbtDocsOperator(task_id="publish_dbt_docs", settings=settings, env=environment)
        set_aside = SetAsideOperator(task_id="set_aside", table=table, extracted=extract.output, merged=merge.output)
        landing_tables >> neighbours
        ingest >> freshness
        [ingest, neighbours] >> models >> [dashboard, documentation] >> set_aside
        # Clearing one of these tasks alone clears `landing_tables`, a setup, and `set_aside`, its teardown, as well.
        # `set_aside` waits for the task and fails when that has failed, and so does the run.
        # It waits for `load` by way of `drop_batch`: as a setup right before it, `load` would be cleared each time too.
        loading = [task for task in ingest.iter_tasks() if not task.is_setup]
        [*loading, neighbours, *models.iter_tasks()] >> set_aside
        set_aside.as_teardown(setups=landing_tables, on_failure_fail_dagrun=True)
    document(dag)
    return dag


def schedule_in_words(contract: Contract) -> str:
    """When the DAG runs, with the time zone, which the cron expression in the UI leaves out."""
    return _in_words(contract.schedule, contract.timezone)


def _in_words(cron: str, zone: str) -> str:
    return f"{CronTimetable(cron, timezone=zone).description}, {zone} time"


def _params(contract: Contract) -> dict[str, Param]:
    date_or_nothing: dict[str, Any] = {"type": ["null", "string"], "format": "date"}
    return {
        "start_date": Param(
            None,
            title="First day",
            description=f"First local day ({contract.timezone}) to load again, not before {contract.start_date}. "
            "When both days are empty, the run loads its data interval and the look-back before it; when only the "
            "last day is given, that day.",
            **date_or_nothing,
            **for_the_form(contract),
        ),
        "end_date": Param(
            None,
            title="Last day",
            description="Last local day to load again, included, not in the future. When it is empty and a first day "
            "is given, it is today.",
            **date_or_nothing,
        ),
        "full_refresh": Param(
            False,
            type="boolean",
            title="Full refresh",
            description=f"Load everything from {contract.start_date} to today as one window, and rebuild the models "
            "from scratch. Leave both days empty.",
        ),
        "dry_run": Param(
            False,
            type="boolean",
            title="Dry run",
            description="Only log the window, the request, the partitions and the statement, in the task `window`. "
            "Nothing is read or written: the tasks are skipped.",
        ),
    }


def _documentation(contract: Contract) -> str:
    again = f"Each of its runs asks again for the {contract.lookback_days} days before its interval."
    if sweep := contract.sweep:
        again += f" Some ask for {sweep.lookback_days:,} days: {_in_words(sweep.schedule, contract.timezone)}."
    return f"""\
{contract.documentation}

### Running it
{schedule_in_words(contract)}: that is the schedule, once the DAG is unpaused. {again}

Trigger it with nothing set to load the last interval again. Set **First day** and **Last day** to load a range in one
request and one merge, or **Full refresh** to load the whole history. Backfills load exactly the days of their
intervals. Anything can be run again, in any order: the tables end the same.

A run that refuses its data leaves the tables as they were. Days that break the contract keep their older rows, all
others are loaded, and the run fails in `set_aside`, its last task, which names them. The last line of a failed task's
log names the dataset, the cause and the next step.
"""


def _ingest(
    contract: Contract, settings: Settings, window: WindowOperator, gate: BaseOperator
) -> tuple[TaskGroup, LandingTablesOperator, OdreToGCSOperator, MergeWindowOperator]:
    """The tasks from the API to the landing table, as a group.

    :param gate: last task before anything is read or written.
    :returns: the group; `landing_tables`, for which the models wait too; and `extract` and `merge`, whose results the
        last task reads.
    """
    table, project_id, location = contract.table, settings.project_id, settings.location
    with TaskGroup("ingest") as ingest:
        extract = OdreToGCSOperator(
            task_id="extract", table=table, plan=window.output, bucket_name=settings.lake_bucket
        )
        landing_tables = LandingTablesOperator(
            task_id="landing_tables",
            table=table,
            dataset_id=settings.staging_dataset,
            project_id=project_id,
            location=location,
        )
        load = LoadBatchOperator(
            task_id="load",
            contract=contract,
            settings=settings,
            extracted=extract.output,
            batch_table=_planned("batch_table"),
        )
        merge = MergeWindowOperator(
            task_id="merge",
            contract=contract,
            settings=settings,
            plan=window.output,
            extracted=extract.output,
            pool=settings.warehouse_pool,
            outlets=[landing_asset(table, settings)],
        )
        # Both are setups, so clearing `merge` alone brings the table to the contract and loads the batch again.
        drop_batch = DropBatchOperator(
            task_id="drop_batch", contract=contract, settings=settings, batch_table=_planned("batch_table")
        ).as_teardown(setups=[landing_tables, load], on_failure_fail_dagrun=True)
        gate >> [extract, landing_tables]
        extract >> load >> merge >> drop_batch
        landing_tables >> [load, merge]
    return ingest, landing_tables, extract, merge
