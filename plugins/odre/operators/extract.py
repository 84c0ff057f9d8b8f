"""The operator that puts one window of a dataset into the lake."""

from __future__ import annotations

import base64
import errno
import hashlib
import logging
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
import tenacity
from airflow.providers.google.cloud.hooks.gcs import GCSHook
from airflow.sdk import BaseOperator
from google.api_core.exceptions import GoogleAPIError, PreconditionFailed
from google.auth.exceptions import TransportError

from odre.contract import Contract, load_contract
from odre.errors import CountsDiffer, DatasetMissing, StorageUnavailable
from odre.extracted import Extracted
from odre.hooks.explore import ExploreHook, ExportFormat, RequestSettings
from odre.plan import RunPlan
from odre.segments import Segment, segments, where_clause
from odre.window import Window

if TYPE_CHECKING:
    from airflow.sdk import Context, XComArg
    from google.cloud.storage import Blob
    from pydantic import JsonValue

    from odre.exports.aside import Record
    from odre.exports.writing import CanonicalWriter

log = logging.getLogger(__name__)

PARQUET = "application/vnd.apache.parquet"
_COUNT_ATTEMPTS = 3
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class OdreToGCSOperator(BaseOperator):
    """Ask ODRÉ for one window of a dataset and store it as one canonical, immutable Parquet object.

    The number of rows received must be the number that the API counts in the window. Days and rows that break the
    contract are left out, and the offending rows are stored beside the object, in `…-set-aside.parquet`. No object is
    ever replaced: an upload creates a new object or fails. Returns (XCom) an `odre.extracted.Extracted`.

    :param table: landing table, which names the contract.
    :param plan: templated; the run's `odre.plan.RunPlan` as XCom keeps it.
    :param bucket_name: bucket of the lake.
    :param export_format: format that the API is asked for; both formats end as the same canonical Parquet.
    :param http_conn_id: connection of the API.
    :param gcp_conn_id: connection of the lake.
    :param request_settings: retries and timeouts within the task.
    :raises SourceUnavailable: the API gave no complete answer; the task is retried.
    :raises StorageUnavailable: the disk is full or the lake does not answer; the task is retried.
    :raises DataRejected: the answer as a whole breaks the contract; nothing is stored.
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
        source, asked_at = ExploreHook(self.http_conn_id, self.request_settings), datetime.now(timezone.utc)
        parts, partial = self._segments(contract, window, source)
        about, uri = source.metadata(contract.dataset_id), f"gs://{self.bucket_name}/{object_name}"
        synthetic = "synthetic" in (about.get("keyword") or [])
        metadata = {
            "dataset_id": contract.dataset_id,
            "title": about.get("title") or contract.dataset_id,
            "publisher": about.get("publisher") or contract.publisher,
            "license": about.get("license") or contract.license,
            "synthetic": str(synthetic).lower(),
            "window_start": str(window.start),
            "window_end": str(window.end),
            "asked_at": asked_at.isoformat(timespec="seconds"),
            "schema_hash": contract.schema_hash,
        }
        with self._storage(contract, window, uri), tempfile.TemporaryDirectory(prefix=f"{self.table}-") as folder:
            canonical = Path(folder) / "canonical.parquet"
            writer, urls, expected = tenacity.Retrying(
                stop=tenacity.stop_after_attempt(_COUNT_ATTEMPTS),
                retry=tenacity.retry_if_exception_type(CountsDiffer),
                before_sleep=tenacity.before_sleep_log(log, logging.WARNING),
                reraise=True,
            )(self._collect, source, contract, parts, window, canonical, metadata)
            outcome, left_out = writer.outcome, writer.aside.left_out
            metadata |= {"source_url": " ".join(urls), "rows": str(outcome.written)}
            blob = self._create(contract, object_name, canonical, metadata)
            extracted = Extracted(
                object_name=object_name,
                uri=uri,
                generation=blob.generation,
                md5=blob.md5_hash,
                window=window,
                asked_at=asked_at,
                rows=outcome.written,
                expected=expected,
                received=outcome.received,
                repeated=outcome.repeated,
                superseded=outcome.superseded,
                set_aside=outcome.set_aside,
                left_out=left_out,
                set_aside_uri=None,
                observed=outcome.observed,
                first=outcome.first,
                last=outcome.last,
                requests=source.requests_sent,
                segments=[str(part) for part in parts],
                partial=partial,
                schema_hash=contract.schema_hash,
                synthetic=synthetic,
                unknown_columns=outcome.unknown_columns,
                absent_columns=outcome.absent_columns,
                unusual=outcome.unusual,
            )
            if not left_out:
                return extracted
            beside = f"{object_name.removesuffix('.parquet')}-set-aside.parquet"
            file = self._write_records(extracted, writer.aside.records, Path(folder) / "aside.parquet")
            self._create(contract, beside, file, metadata)
        for entry in left_out:
            log.warning("%s: %s set aside: %s", contract.dataset_id, entry.local_date, entry.cause)
        return extracted.model_copy(update={"set_aside_uri": f"gs://{self.bucket_name}/{beside}"})

    def _segments(self, contract: Contract, window: Window, source: ExploreHook) -> tuple[list[Segment], bool]:
        """The parts of the window, and whether the answer is partial because the history dataset does not exist."""
        try:
            return segments(contract, window, source), False
        except DatasetMissing as error:
            if error.dataset != contract.history_dataset_id:
                raise
            log.warning("%s; the days that only it holds stay as they are", error)
            return [Segment(contract.dataset_id, window)], True

    def _create(self, contract: Contract, object_name: str, file: Path, metadata: Mapping[str, str]) -> Blob:
        """Create an object of the lake from a file.

        :raises StorageUnavailable: an object of that name exists, with other content.
        """
        bucket = GCSHook(gcp_conn_id=self.gcp_conn_id).get_conn().bucket(self.bucket_name)
        blob = bucket.blob(object_name)
        blob.metadata = dict(metadata)
        try:
            blob.upload_from_filename(str(file), content_type=PARQUET, if_generation_match=0)
        except PreconditionFailed:
            # When the response to an upload was lost, the client uploads again and finds the object that it created the
            # first time.
            blob.reload()
            with file.open("rb") as content:
                digest = hashlib.file_digest(content, "md5").digest()
            if blob.md5_hash != base64.b64encode(digest).decode():
                raise StorageUnavailable(
                    contract.dataset_id,
                    f"gs://{self.bucket_name}/{object_name} exists already, with other content",
                    "the next try creates another object",
                ) from None
        return blob

    def _write_records(self, extracted: Extracted, records: list[Record], file: Path) -> Path:
        """A Parquet file of the rows that break the contract, with the columns of the table `set_aside`."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        text = ("scope", "column_name", "reason", "value", "row_json")
        columns = {
            "load_id": pa.array([extracted.load_id] * len(records), pa.string()),
            "table_name": pa.array([self.table] * len(records), pa.string()),
            "local_date": pa.array([record["local_date"] for record in records], pa.date32()),
            **{name: pa.array([record.get(name) for record in records], pa.string()) for name in text},
            "asked_at": pa.array([extracted.asked_at] * len(records), pa.timestamp("us", "UTC")),
        }
        pq.write_table(pa.table(columns), file)
        return file

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
    ) -> tuple[CanonicalWriter, list[str], int]:
        """Export all parts into one canonical file.

        :returns: the writer, which accounts for all rows; the URLs that were asked; the number of rows that the API
            counts.
        :raises CountsDiffer: a part has more or fewer rows than the API counts in it.
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
                answered = frozenset(writer.days_received) if part.fills else frozenset()
                received = writer.add(export, answered)
                if received != count:
                    raise CountsDiffer(
                        part.dataset_id,
                        f"the API counts {count} rows in {part.window} and exports {received}",
                        "the dataset may be being republished; try again later",
                    )
                expected += count
        outcome = writer.outcome
        self.log.info(
            "%s: %s rows received, %s written, %s repeated, %s superseded, %s set aside, observed from %s to %s",
            contract.dataset_id,
            outcome.received,
            outcome.written,
            outcome.repeated,
            outcome.superseded,
            outcome.set_aside,
            outcome.first,
            outcome.last,
        )
        return writer, urls, expected
