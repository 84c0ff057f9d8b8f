"""The operator that writes dbt's documentation to the lake, from which the Airflow UI shows it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from airflow.providers.google.cloud.hooks.gcs import GCSHook
from cosmos.operators import DbtDocsGCSOperator

from odre.settings import Settings
from odre.transform import dbt_task

if TYPE_CHECKING:
    from airflow.sdk import Context

FOLDER = "dbt_docs"
_KEPT_FOR = timedelta(days=1)


class PublishDbtDocsOperator(DbtDocsGCSOperator):
    """Write `gs://<lake>/dbt_docs/`, at most once a day, because models change with a deployment and not with a run."""

    def __init__(self, *, settings: Settings, **kwargs: Any) -> None:
        super().__init__(
            connection_id="google_cloud_default",
            bucket_name=settings.lake_bucket,
            folder_dir=FOLDER,
            # Columns and their descriptions come from the project, so no table is read for them. `target` is the folder
            # from which the operator uploads.
            dbt_cmd_flags=["--empty-catalog", "--target-path", "target"],
            **dbt_task(settings),
            **kwargs,
        )

    def execute(self, context: Context, **kwargs: Any) -> Any:
        # catalog.json is the last of the files that are uploaded
        blob = GCSHook(self.connection_id).get_conn().bucket(self.bucket_name).get_blob(f"{FOLDER}/catalog.json")
        if blob and blob.updated and datetime.now(timezone.utc) - blob.updated < _KEPT_FOR:
            self.log.info("the documentation in the lake is less than a day old (%s) and is kept", blob.updated)
            return None
        return super().execute(context, **kwargs)
