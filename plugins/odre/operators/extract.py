"""The operator that puts one window of a dataset into the lake."""

from __future__ import annotations

import errno
import logging
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
import tenacity
from airflow.providers.google.cloud.hooks.gcs import GCSHook
from airflow.sdk import BaseOperator
from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import TransportError

from odre.contract import Contract, load_contract
from odre.errors import CountsDiffer, StorageUnavailable
from odre.extracted import Extracted
from odre.hooks.explore import ExploreHook, ExportFormat, RequestSettings
from odre.plan import RunPlan
from odre.segments import Segment, segments, where_clause
from odre.window import Window

if TYPE_CHECKING:
    from airflow.sdk import Context, XComArg
    from pydantic import JsonValue

    from odre.exports.outcome import Outcome

PARQUET = "application/vnd.apache.parquet"
_COUNT_ATTEMPTS = 3
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class OdreToGCSOperator(BaseOperator):
    """Ask ODRÉ for one window of a dataset and store it as one canonical, immutable Parquet object.

    The number of rows received must be the number that the API counts in the window. Returns (XCom) an
    `odre.extracted.Extracted`.

    :param table: landing table, which names the contract.
    :param plan: templated; the run's `odre.plan.RunPlan` as XCom keeps it.
    :param bucket_name: bucket of the lake.
    :param export_format: format that the API is asked for; both end as the same canonical Parquet.
    :param http_conn_id: connection of the API.
    :param gcp_conn_id: connection of the lake.
    :param request_settings: retries and timeouts within the task.
    :raises SourceUnavailable: the API gave no whole answer; the task is tried again.
    :raises StorageUnavailable: the disk is full or the lake does not answer; the task is tried again.
    :raises DataRejected: the answer breaks the contract; nothing is stored.
    """

    template_fields: Sequence[str] = ("plan",)

    def __init__(
        self,
        *,
        table: str,
        plan: XComArg | dict[str, JsonValue],
        bucket_name: str,
        export_format: ExportFormat = "parquet",
        http_conn_id: str = "odre_api",
        gcp_conn_id: str = "google_cloud_default",
        request_settings: RequestSettings = RequestSettings(),  # noqa: B008 - it is immutable
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.table, self.plan, self.bucket_name = table, plan, bucket_name
        self.export_format = export_format
        self.http_conn_id, self.gcp_conn_id = http_conn_id, gcp_conn_id
        self.request_settings = request_settings

    def execute(self, context: Context) -> dict[str, JsonValue]:
        plan, contract = RunPlan.from_xcom(self.plan, self.table), load_contract(self.table)
        object_name = plan.object_name(context["ti"].try_number)
        return self._extract(contract, plan.window, object_name).to_xcom()

    def _extract(self, contract: Contract, window: Window, object_name: str) -> Extracted:
        source = ExploreHook(self.http_conn_id, self.request_settings)
        parts = segments(contract, window, source)
        about, uri = source.metadata(contract.dataset_id), f"gs://{self.bucket_name}/{object_name}"
        synthetic, retrieved_at = "synthetic" in (about.get("keyword") or []), datetime.now(timezone.utc)
        metadata = {
            "dataset_id": contract.dataset_id,
            "title": about.get("title") or contract.dataset_id,
            "publisher": about.get("publisher") or contract.publisher,
            "license": about.get("license") or contract.license,
            "synthetic": str(synthetic).lower(),
            "window_start": str(window.start),
            "window_end": str(window.end),
            "retrieved_at": retrieved_at.isoformat(timespec="seconds"),
            "schema_hash": contract.schema_hash,
        }
        with self._storage(contract, window, uri), tempfile.TemporaryDirectory(prefix=f"{self.table}-") as folder:
            canonical = Path(folder) / "canonical.parquet"
            outcome, urls, expected = tenacity.Retrying(
                stop=tenacity.stop_after_attempt(_COUNT_ATTEMPTS),
                retry=tenacity.retry_if_exception_type(CountsDiffer),
                before_sleep=tenacity.before_sleep_log(logging.getLogger(__name__), logging.WARNING),
                reraise=True,
            )(self._collect, source, contract, parts, window, canonical, metadata)
            metadata |= {"source_url": " ".join(urls), "rows": str(outcome.written)}
            GCSHook(gcp_conn_id=self.gcp_conn_id).upload(
                bucket_name=self.bucket_name,
                object_name=object_name,
                filename=str(canonical),
                mime_type=PARQUET,
                metadata=metadata,
                # The storage client tries again by itself; the hook's own loop would upload again after a success.
                num_max_attempts=1,
            )
        return Extracted(
            object_name=object_name,
            uri=uri,
            window=window,
            retrieved_at=retrieved_at,
            rows=outcome.written,
            expected=expected,
            received=outcome.received,
            repeated=outcome.repeated,
            observed=outcome.observed,
            first=outcome.first,
            last=outcome.last,
            requests=source.requests_sent,
            segments=[str(part) for part in parts],
            schema_hash=contract.schema_hash,
            synthetic=synthetic,
            unknown_columns=outcome.unknown_columns,
            absent_columns=outcome.absent_columns,
            unusual=outcome.unusual,
        )

    @contextmanager
    def _storage(self, contract: Contract, window: Window, uri: str) -> Iterator[None]:
        """Turn the errors of the disk and of the lake into `StorageUnavailable`."""
        try:
            yield
        except (GoogleAPIError, TransportError, requests.ConnectionError) as error:
            raise StorageUnavailable(
                contract.dataset_id,
                f"{uri} could not be stored ({' '.join(str(error).split())[:200]})",
                "check the bucket and google_cloud_default; the run can be tried again",
            ) from error
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            raise StorageUnavailable(
                contract.dataset_id,
                f"no room in {tempfile.gettempdir()} for {window} ({os.strerror(error.errno)})",
                "free space on the worker, or ask for a smaller window",
            ) from error

    def _collect(
        self,
        source: ExploreHook,
        contract: Contract,
        parts: list[Segment],
        window: Window,
        canonical: Path,
        metadata: dict[str, str],
    ) -> tuple[Outcome, list[str], int]:
        """Export every part into one canonical file; each must have as many rows as the API counts.

        :returns: what became of the rows, the URLs that were asked, and the number of rows that the API counts.
        """
        from odre.exports.writing import CanonicalWriter

        urls, expected = [], 0
        export = canonical.with_name("export")
        with CanonicalWriter(contract, window, canonical, metadata) as writer:
            for part in parts:
                where = where_clause(contract, part.window)
                count = source.count(part.dataset_id, where)
                self.log.info("%s: the API counts %s rows in %s", part.dataset_id, f"{count:,}", part.window)
                urls.append(source.export(part.dataset_id, where, contract.order_by, export, self.export_format))
                received = writer.add(export)
                if received != count:
                    raise CountsDiffer(
                        part.dataset_id,
                        f"the API counts {count} rows in {part.window} and exports {received}",
                        "the dataset may be being republished; try again later",
                    )
                expected += count
        outcome = writer.outcome
        self.log.info(
            "%s: %s rows received, %s written, %s repeated, observed from %s to %s",
            contract.dataset_id,
            outcome.received,
            outcome.written,
            outcome.repeated,
            outcome.first,
            outcome.last,
        )
        return outcome, urls, expected
