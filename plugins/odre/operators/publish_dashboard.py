"""The operator that renders the page and writes it to the lake, at the end of every run."""

from __future__ import annotations

from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from airflow.providers.google.cloud.hooks.bigquery import BigQueryHook
from airflow.providers.google.cloud.hooks.gcs import GCSHook
from airflow.sdk import BaseOperator

from odre.contract import load_contract
from odre.contract_measures import MIX
from odre.dashboard import OBJECT
from odre.dashboard.link import DashboardLink
from odre.dashboard.steps import PREFIX, Day, last_day, months_to_write, object_name, packed
from odre.ledger import LEDGER, synthetic_tables
from odre.resources import labels
from odre.settings import Settings

if TYPE_CHECKING:
    from airflow.sdk import Context
    from google.cloud.bigquery import Client


class PublishDashboardOperator(BaseOperator):
    """Read the marts and write `gs://<lake>/dashboard/index.html`, which replaces the whole page.

    The page says which landing tables hold the synthetic sample; it reads that from the ledger of loads.

    Beside the page it writes files with the steps of single months (`odre.dashboard.steps`): of every month that has no
    file yet and, in the DAG of the mix, of the months of the run's window. This takes one listing of the lake and one
    upload per month. The steps of the latest months have been read for the page; older ones take one query per year.

    :param table: landing table of this DAG.
    :param first: templated; first day of the run's window, as an ISO date.
    :param last: templated; last day of the run's window, as an ISO date.
    """

    template_fields = ("first", "last")
    operator_extra_links = (DashboardLink(),)

    def __init__(
        self,
        *,
        table: str,
        first: str,
        last: str,
        gcp_conn_id: str = "google_cloud_default",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.table, self.gcp_conn_id = table, gcp_conn_id
        self.first, self.last = first, last

    def execute(self, context: Context) -> dict[str, Any]:
        from google.cloud.bigquery import QueryJobConfig

        from odre.dashboard import bundle

        bundle.begin()  # runs beside the import of Altair and the reading of the tables, which take time
        from odre.dashboard.data import read_page
        from odre.dashboard.page import render

        settings, contract = Settings.from_environment(), load_contract(self.table)
        lake = GCSHook(gcp_conn_id=self.gcp_conn_id)
        warehouse = BigQueryHook(gcp_conn_id=self.gcp_conn_id, location=settings.location)
        client = warehouse.get_client(project_id=settings.project_id, location=settings.location)
        client.default_query_job_config = QueryJobConfig(
            maximum_bytes_billed=int(settings.maximum_bytes_billed), labels=labels(contract)
        )
        dataset = f"{settings.project_id}.{settings.marts_dataset}"
        page = read_page(
            client,
            dataset,
            datetime.now(ZoneInfo(contract.timezone)),
            synthetic_tables(client, f"{settings.project_id}.{settings.staging_dataset}.{LEDGER}"),
        )
        html = render(page).encode()
        lake.upload(
            bucket_name=settings.lake_bucket,
            object_name=OBJECT,
            data=html,
            mime_type="text/html; charset=utf-8",
            cache_control="no-cache",
        )
        observed = zip(page.days["local_date"], page.days["observed_steps"], strict=True)
        with_steps = [date.fromisoformat(day) for day, steps in observed if steps]
        self._publish_steps(lake, settings.lake_bucket, client, dataset, with_steps, page.month_steps)
        days = len(page.days["local_date"])
        self.log.info("gs://%s/%s: %s days, %s bytes", settings.lake_bucket, OBJECT, f"{days:,}", f"{len(html):,}")
        return {"uri": f"gs://{settings.lake_bucket}/{OBJECT}", "days": days}

    def _publish_steps(
        self,
        lake: GCSHook,
        bucket: str,
        client: Client,
        dataset: str,
        observed: list[date],
        read: dict[str, Day],
    ) -> None:
        """Write the files of steps that do not exist yet and, in the DAG of the mix, those of the run's window.

        :param observed: days with observed steps.
        :param read: steps by ISO date, of all days of the latest months, as they were read for the page.
        """
        from odre.dashboard.data import read_steps

        first, last = date.max, date.min
        if self.table == MIX:
            first, last = date.fromisoformat(self.first), date.fromisoformat(self.last)
        owed = months_to_write(observed, first, last, lake.list(bucket, prefix=PREFIX))
        since = min(read, default=str(date.max))[:7]
        older = [month for month in owed if f"{month:%Y-%m}" < since]
        _write_steps(lake, bucket, owed[len(older) :], read)
        for _, of_year in groupby(older, key=lambda month: month.year):
            months = list(of_year)
            _write_steps(lake, bucket, months, read_steps(client, dataset, months[0], last_day(months[-1])))
        self.log.info("steps of %s months written to gs://%s/%s", len(owed), bucket, PREFIX)


def _write_steps(lake: GCSHook, bucket: str, months: list[date], steps: dict[str, Day]) -> None:
    """Write the files of these months.

    :param steps: steps by ISO date, of all days of these months and possibly of others.
    """
    for month in months:
        lake.upload(
            bucket_name=bucket,
            object_name=object_name(month),
            data=packed({day: values for day, values in steps.items() if day.startswith(f"{month:%Y-%m}")}),
            mime_type="application/gzip",
            cache_control="no-cache",
        )
