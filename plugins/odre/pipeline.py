"""The DAG that keeps one dataset up to date; its file in `dags/` only names the dataset.

window → extract → load → merge → dbt (Cosmos) → dashboard and dbt docs, with the landing table kept to the contract
and a batch table of the run's own beside it, dropped at the end whatever happens.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.google.cloud.operators.bigquery import (
    BigQueryCreateTableOperator,
    BigQueryDeleteTableOperator,
    BigQueryInsertJobOperator,
)
from airflow.providers.google.cloud.transfers.gcs_to_bigquery import GCSToBigQueryOperator
from airflow.sdk import DAG, Asset, CronDataIntervalTimetable, Param, TaskGroup, task

from odre.alerts import FAILED, deadline, notifiers
from odre.contract import Contract, load_contract
from odre.operators.approval import WindowApprovalOperator
from odre.operators.extract import OdreToGCSOperator
from odre.operators.freshness import SourceFreshnessOperator
from odre.operators.landing_tables import LandingTablesOperator
from odre.operators.publish_dashboard import PublishDashboardOperator
from odre.operators.publish_docs import PublishDbtDocsOperator
from odre.plan import describe_plan, plan_run
from odre.resources import labels
from odre.retrying import OdreRetryPolicy
from odre.settings import Settings
from odre.sql.merge import replace_window
from odre.transform import NeighbourModelsOperator, dbt_models

if TYPE_CHECKING:
    from airflow.sdk import Context

OWNER = "energy-data"
_PLAN = "ti.xcom_pull(task_ids='window')"
_EXTRACT = "ti.xcom_pull(task_ids='ingest.extract')"


def _planned(key: str) -> str:
    return f"{{{{ {_PLAN}['{key}'] }}}}"


def landing_asset(table: str, settings: Settings) -> Asset:
    """The landing table as an Airflow asset; its events tell the story of every load."""
    return Asset(name=table, uri=f"bigquery://{settings.project_id}/{settings.staging_dataset}/{table}", group="odre")


def build_dag(table: str) -> DAG:
    """The DAG of the dataset whose landing table is `table`.

    :raises odre.errors.ContractError: its contract is missing or wrong.
    """
    contract, settings = load_contract(table), Settings()
    dag = DAG(
        dag_id=table,
        schedule=CronDataIntervalTimetable(contract.schedule, timezone=contract.timezone),
        start_date=datetime.combine(contract.start_date, datetime.min.time()),
        catchup=False,
        max_active_runs=1,
        description=f"{contract.dataset_id}: ODRÉ → GCS → BigQuery → dbt → dashboard",
        doc_md=_documentation(contract),
        tags=["odre", contract.dataset_id],
        params=_params(contract),
        deadline=deadline(settings),
        default_args={
            "owner": OWNER,
            "retries": 3,
            "retry_delay": timedelta(minutes=1),
            "retry_exponential_backoff": True,
            "max_retry_delay": timedelta(hours=1),
            "retry_policy": OdreRetryPolicy(),
            "execution_timeout": timedelta(hours=1),
            "on_failure_callback": notifiers(FAILED, settings),
        },
    )
    with dag:
        window = _window_task(table, settings)
        gate = window
        if settings.approval_above_days is not None:
            gate = WindowApprovalOperator(task_id="approve", plan=window, above_days=int(settings.approval_above_days))
        ingest, landing_tables = _ingest(contract, settings, gate)
        variables = {"window_start": _planned("start"), "window_end": _planned("end")}
        neighbours = NeighbourModelsOperator(
            task_id="neighbour_models", table=table, settings=settings, vars=variables, pool=settings.warehouse_pool
        )
        models = dbt_models(table, settings, variables, full_refresh=_planned("full_refresh"))
        dashboard = PublishDashboardOperator(
            task_id="publish_dashboard", table=table, synthetic=f"{{{{ {_EXTRACT}['synthetic'] }}}}"
        )
        freshness = SourceFreshnessOperator(task_id="source_freshness", table=table, settings=settings)
        documentation = PublishDbtDocsOperator(task_id="publish_dbt_docs", settings=settings)
        landing_tables >> neighbours
        ingest >> freshness
        [ingest, neighbours] >> models >> [dashboard, documentation]
    return dag


def _params(contract: Contract) -> dict[str, Param]:
    date_or_nothing: dict[str, Any] = {"type": ["null", "string"], "format": "date"}
    return {
        "start_date": Param(
            None,
            title="First day",
            description=f"First local day ({contract.timezone}) to load again, not before {contract.start_date}. "
            "Empty: the days of the data interval and the look-back before them.",
            **date_or_nothing,
        ),
        "end_date": Param(
            None,
            title="Last day",
            description="Last local day to load again, included, not in the future. Empty with a first day: today.",
            **date_or_nothing,
        ),
        "full_refresh": Param(
            False,
            type="boolean",
            title="Full refresh",
            description=f"Load everything from {contract.start_date} to today in one window and rebuild the models. "
            "Leave the dates empty.",
        ),
        "dry_run": Param(
            False,
            type="boolean",
            title="Dry run",
            description="Only log the window, the request, the partitions and the statement; touch nothing.",
        ),
    }


def _documentation(contract: Contract) -> str:
    return f"""\
{contract.documentation}

### Running it
Trigger it with nothing set to load the last interval again; with **First day** and **Last day** to load any
range in one request and one merge; with **Full refresh** for the whole history. Backfills load exactly the
days of their intervals. Anything can be run again, in any order: the tables end the same.

A run that refuses its data leaves the tables as they were; the error names dataset, cause and next step.
"""


def _window_task(table: str, settings: Settings):
    @task(task_id="window", retries=0, doc_md="Decides the local days this run covers; refuses ranges that cannot be.")
    def window(**context: Any) -> dict[str, Any]:
        from airflow.sdk.exceptions import AirflowSkipException

        plan = plan_run(table, context)
        if context["params"].get("dry_run"):
            print(describe_plan(table, plan, settings))
            raise AirflowSkipException("dry run: nothing was touched")
        return plan

    return window()


def _ingest(contract: Contract, settings: Settings, gate: Any) -> tuple[TaskGroup, Any]:
    table = contract.table
    project = {"project_id": settings.project_id, "location": settings.location}
    dataset = f"{settings.project_id}.{settings.staging_dataset}"
    with TaskGroup("ingest") as ingest:
        extract = OdreToGCSOperator(
            task_id="extract",
            table=table,
            window_start=_planned("start"),
            window_end=_planned("end"),
            bucket_name=settings.lake_bucket,
            object_name=_planned("object_prefix") + "-{{ ti.try_number }}.parquet",
        )
        landing_tables = LandingTablesOperator(
            task_id="landing_tables", table=table, dataset_id=settings.staging_dataset, **project
        )
        create_batch = BigQueryCreateTableOperator(
            task_id="create_batch",
            dataset_id=settings.staging_dataset,
            table_id=_planned("batch_table"),
            table_resource={
                "schema": {"fields": contract.bigquery_schema},
                "expirationTime": _planned("batch_expires_ms"),
                "labels": labels(contract),
            },
            if_exists="log",
            **project,
        )
        load = GCSToBigQueryOperator(
            task_id="load",
            bucket=settings.lake_bucket,
            source_objects=[f"{{{{ {_EXTRACT}['object_name'] }}}}"],
            destination_project_dataset_table=f"{dataset}.{_planned('batch_table')}",
            schema_fields=contract.bigquery_schema,
            autodetect=False,
            source_format="PARQUET",
            create_disposition="CREATE_NEVER",
            write_disposition="WRITE_TRUNCATE",
            labels=labels(contract),
            **project,
        )
        merge = BigQueryInsertJobOperator(
            task_id="merge",
            configuration={
                "query": {
                    "query": replace_window(
                        contract,
                        target=f"{dataset}.{table}",
                        batch=f"{dataset}.{_planned('batch_table')}",
                        window_start=_planned("start"),
                        window_end=_planned("end"),
                        rows=f"{{{{ {_EXTRACT}['rows'] }}}}",
                    ),
                    "useLegacySql": False,
                    "maximumBytesBilled": settings.maximum_bytes_billed,
                },
                "labels": labels(contract),
            },
            pool=settings.warehouse_pool,
            outlets=[landing_asset(table, settings)],
            post_execute=describe_load,
            **project,
        )
        drop_batch = BigQueryDeleteTableOperator(
            task_id="drop_batch",
            deletion_dataset_table=f"{dataset}.{_planned('batch_table')}",
            ignore_if_missing=True,
            location=settings.location,
        ).as_teardown(setups=create_batch)
        gate >> [extract, landing_tables, create_batch]
        [extract, create_batch] >> load >> merge >> drop_batch
        landing_tables >> merge
    return ingest, landing_tables


def describe_load(context: Context, result: Any) -> None:
    """Attach what was extracted and loaded to the asset event of the landing table."""
    extracted = context["ti"].xcom_pull(task_ids="ingest.extract")
    for asset in context["task"].outlets:
        context["outlet_events"][asset].extra = {
            **extracted,
            "retries": context["ti"].try_number - 1,
            "merge_job": result,
        }
