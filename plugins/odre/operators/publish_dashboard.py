"""The last task of every run: make the page again and put it into the lake."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from airflow.providers.google.cloud.hooks.bigquery import BigQueryHook
from airflow.providers.google.cloud.hooks.gcs import GCSHook
from airflow.sdk import BaseOperator

from odre.contract import load_contract
from odre.dashboard import OBJECT
from odre.resources import labels
from odre.settings import Settings

if TYPE_CHECKING:
    from airflow.sdk import Context

_SYNTHETIC = "synthetic"


class PublishDashboardOperator(BaseOperator):
    """Read the marts and write `gs://<lake>/dashboard/index.html`, replacing it as a whole.

    The object's metadata says which landing tables hold the synthetic sample (`synthetic`): this run
    answers for its own table, for the others what was known stays.

    :param table: landing table of this DAG.
    :param synthetic: templated; whether the API said that what this run loaded is synthetic (`true`, `false`).
    """

    template_fields = ("synthetic",)

    def __init__(self, *, table: str, synthetic: str, gcp_conn_id: str = "google_cloud_default", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.table, self.synthetic, self.gcp_conn_id = table, synthetic, gcp_conn_id

    def execute(self, context: Context) -> dict[str, Any]:
        from google.cloud.bigquery import QueryJobConfig

        from odre.dashboard.data import read_page
        from odre.dashboard.page import render

        settings = Settings.from_environment()
        lake = GCSHook(gcp_conn_id=self.gcp_conn_id)
        warehouse = BigQueryHook(gcp_conn_id=self.gcp_conn_id, location=settings.location)
        client = warehouse.get_client(project_id=settings.project_id, location=settings.location)
        client.default_query_job_config = QueryJobConfig(
            maximum_bytes_billed=int(settings.maximum_bytes_billed), labels=labels(load_contract(self.table))
        )
        page = read_page(
            client,
            f"{settings.project_id}.{settings.marts_dataset}",
            datetime.now(timezone.utc),
            self._synthetic_tables(lake, settings.lake_bucket),
        )
        html = render(page).encode()
        lake.upload(
            bucket_name=settings.lake_bucket,
            object_name=OBJECT,
            data=html,
            mime_type="text/html; charset=utf-8",
            cache_control="no-cache",
            metadata={_SYNTHETIC: " ".join(page.synthetic)},
        )
        days = len(page.days["local_date"])
        self.log.info("gs://%s/%s: %s days, %s bytes", settings.lake_bucket, OBJECT, f"{days:,}", f"{len(html):,}")
        return {"uri": f"gs://{settings.lake_bucket}/{OBJECT}", "days": days}

    def _synthetic_tables(self, lake: GCSHook, bucket: str) -> tuple[str, ...]:
        blob = lake.get_conn().bucket(bucket).get_blob(OBJECT)
        known = set(((blob.metadata or {}).get(_SYNTHETIC) or "").split()) if blob else set()
        known.discard(self.table)
        return tuple(sorted(known | ({self.table} if self.synthetic == "true" else set())))
