"""The last task of every run, which makes the page again and puts it into the lake."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from airflow.providers.google.cloud.hooks.bigquery import BigQueryHook
from airflow.providers.google.cloud.hooks.gcs import GCSHook
from airflow.sdk import BaseOperator

from odre.contract import load_contract
from odre.dashboard import OBJECT
from odre.ledger import LEDGER, synthetic_tables
from odre.resources import labels
from odre.settings import Settings

if TYPE_CHECKING:
    from airflow.sdk import Context


class PublishDashboardOperator(BaseOperator):
    """Read the marts and write `gs://<lake>/dashboard/index.html`, replacing it as a whole.

    The page says which landing tables hold days of the synthetic sample, as the ledger of loads has it.

    :param table: landing table of this DAG.
    """

    def __init__(self, *, table: str, gcp_conn_id: str = "google_cloud_default", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.table, self.gcp_conn_id = table, gcp_conn_id

    def execute(self, context: Context) -> dict[str, Any]:
        from google.cloud.bigquery import QueryJobConfig

        from odre.dashboard.data import read_page
        from odre.dashboard.page import render

        settings, contract = Settings.from_environment(), load_contract(self.table)
        lake = GCSHook(gcp_conn_id=self.gcp_conn_id)
        warehouse = BigQueryHook(gcp_conn_id=self.gcp_conn_id, location=settings.location)
        client = warehouse.get_client(project_id=settings.project_id, location=settings.location)
        client.default_query_job_config = QueryJobConfig(
            maximum_bytes_billed=int(settings.maximum_bytes_billed), labels=labels(contract)
        )
        page = read_page(
            client,
            f"{settings.project_id}.{settings.marts_dataset}",
            datetime.now(ZoneInfo(contract.timezone)),
            synthetic_tables(
                client,
                f"{settings.project_id}.{settings.staging_dataset}.{LEDGER}",
                int(settings.maximum_bytes_billed),
            ),
        )
        html = render(page).encode()
        lake.upload(
            bucket_name=settings.lake_bucket,
            object_name=OBJECT,
            data=html,
            mime_type="text/html; charset=utf-8",
            cache_control="no-cache",
        )
        days = len(page.days["local_date"])
        self.log.info("gs://%s/%s: %s days, %s bytes", settings.lake_bucket, OBJECT, f"{days:,}", f"{len(html):,}")
        return {"uri": f"gs://{settings.lake_bucket}/{OBJECT}", "days": days}
