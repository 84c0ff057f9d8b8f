"""The operator that loads the run's object into a table of the run's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from itertools import count
from typing import TYPE_CHECKING, Any, cast

from airflow.providers.google.cloud.hooks.bigquery import BigQueryHook
from airflow.providers.google.cloud.hooks.gcs import GCSHook
from airflow.providers.google.cloud.transfers.gcs_to_bigquery import GCSToBigQueryOperator
from google.api_core.exceptions import Conflict

from odre.contract import Contract
from odre.errors import ObjectChanged
from odre.extracted import Extracted
from odre.ledger import SET_ASIDE
from odre.resources import labels

if TYPE_CHECKING:
    from airflow.sdk import Context, XComArg
    from google.cloud.bigquery import Client
    from pydantic import JsonValue

    from odre.settings import Settings

# The batch table lives long enough for a day's wait for approval and for the quota; the run drops it when it ends.
BATCH_LIFETIME = timedelta(days=7)


class LoadBatchOperator(GCSToBigQueryOperator):
    """Create the run's batch table, and load into it exactly the object that the run has extracted.

    One task creates the table, sets its expiry and fills it, so that clearing this task at any time gives the MERGE all
    that it needs. The rows that the extraction has set aside are appended to the table `set_aside`, once per load.

    :param contract: of the landing table.
    :param extracted: templated; the run's `odre.extracted.Extracted` as XCom keeps it.
    :param batch_table: templated; name of the batch table in the staging dataset.
    :raises ObjectChanged: the object is gone, or is not the one that the run has extracted.
    """

    template_fields: Sequence[str] = (*GCSToBigQueryOperator.template_fields, "extracted", "batch_table")

    def __init__(
        self,
        *,
        contract: Contract,
        settings: Settings,
        extracted: XComArg | dict[str, JsonValue],
        batch_table: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            bucket=settings.lake_bucket,
            source_objects=[Extracted.template("ingest.extract", "object_name")],
            destination_project_dataset_table=f"{settings.project_id}.{settings.staging_dataset}.{batch_table}",
            schema_fields=contract.bigquery_schema,
            autodetect=False,
            source_format="PARQUET",
            create_disposition="CREATE_NEVER",
            write_disposition="WRITE_TRUNCATE",
            labels=labels(contract),
            project_id=settings.project_id,
            location=settings.location,
            deferrable=False,
            **kwargs,
        )
        self.contract, self.settings = contract, settings
        self.extracted, self.batch_table = extracted, batch_table

    def execute(self, context: Context) -> None:
        extracted = Extracted.from_xcom(self.extracted, self.contract.table)
        self._same_object(extracted)
        hook = BigQueryHook(gcp_conn_id=self.gcp_conn_id, location=self.location)
        expires = datetime.now(timezone.utc) + BATCH_LIFETIME
        table = {
            "schema": {"fields": self.contract.bigquery_schema},
            "expirationTime": str(int(expires.timestamp() * 1000)),
            "labels": labels(self.contract),
        }
        self._create(hook, table)
        super().execute(context)
        self._same_object(extracted)  # again, because the object may have been replaced during the load
        if uri := extracted.set_aside_uri:
            client = hook.get_client(project_id=self.settings.project_id, location=self.settings.location)
            self._record(client, uri, extracted.load_id)

    def _create(self, hook: BigQueryHook, table: dict[str, Any]) -> None:
        """Create the batch table. A table that an earlier try has left is deleted first, because it would keep its old
        expiry."""
        dataset = {"project_id": self.settings.project_id, "dataset_id": self.settings.staging_dataset}

        def create(*, exists_ok: bool) -> None:
            hook.create_table(
                table_id=self.batch_table,
                table_resource=table,
                location=self.location,
                exists_ok=exists_ok,
                **dataset,
            )

        try:
            create(exists_ok=False)
        except Conflict:
            hook.delete_table(table_id=f"{'.'.join(dataset.values())}.{self.batch_table}", not_found_ok=True)
            create(exists_ok=True)

    def _same_object(self, extracted: Extracted) -> None:
        bucket = GCSHook(gcp_conn_id=self.gcp_conn_id).get_conn().bucket(self.settings.lake_bucket)
        blob = bucket.get_blob(extracted.object_name)
        if blob is None or (blob.generation, blob.md5_hash) != (extracted.generation, extracted.md5):
            raise ObjectChanged(
                self.contract.dataset_id,
                f"{extracted.uri} is {'gone' if blob is None else 'not the object that this run has extracted'}",
                "clear the extract task and what follows it",
            )

    def _record(self, client: Client, uri: str, load_id: str) -> None:
        from google.cloud.bigquery import LoadJob, LoadJobConfig

        table = f"{self.settings.project_id}.{self.settings.staging_dataset}.{SET_ASIDE}"
        options = LoadJobConfig(
            source_format="PARQUET",
            write_disposition="WRITE_APPEND",
            create_disposition="CREATE_NEVER",
            labels=labels(self.contract),
        )
        # BigQuery refuses a second job with the same id, so the rows are appended once, however often this runs. A
        # failed job has appended nothing but keeps its id, so the next attempt uses another one.
        for attempt in count():
            name = f"set_aside_{load_id}_{attempt}"
            try:
                job = client.load_table_from_uri(uri, table, job_id=name, job_config=options)
            except Conflict:
                job = cast(LoadJob, client.get_job(name))
                if job.state == "DONE" and job.error_result:
                    continue
            job.result()
            return
