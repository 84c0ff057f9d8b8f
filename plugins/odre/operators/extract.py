"""The operator that puts one window of a dataset into the lake."""

from __future__ import annotations

import errno
import logging
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timezone
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import requests
import tenacity
from airflow.providers.google.cloud.transfers.http_to_gcs import HttpToGCSOperator
from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import TransportError

from odre.contract import Contract, load_contract
from odre.errors import CountsDiffer, StorageUnavailable
from odre.hooks.explore import ExploreClient, RetrySettings
from odre.segments import Segment, segments, where_clause
from odre.window import Window

if TYPE_CHECKING:
    from airflow.sdk import Context

    from odre.exports.canonical import Outcome

PARQUET = "application/vnd.apache.parquet"
_COUNT_ATTEMPTS = 3
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class OdreToGCSOperator(HttpToGCSOperator):
    """Ask ODRÉ for one window of a dataset and store it as one canonical, immutable Parquet object.

    The rows received, the rows written and the number of rows the API says the window holds must agree.
    Returns (XCom) what the following tasks need: `object_name`, `uri`, `rows`, the window, the requests
    made, and the figures of `odre.exports.canonical.Outcome`.

    :param table: landing table, which names the contract.
    :param window_start: first local day, ISO 8601 (templated).
    :param window_end: last local day, ISO 8601, included (templated).
    :param bucket_name: lake bucket.
    :param object_name: object to create (templated); it must not exist.
    :param export_format: what to ask the API for; both end as the same canonical Parquet.
    :param retries_in_task: requests and waits before the task itself fails.
    :raises SourceUnavailable: no whole answer; the task is retried.
    :raises StorageUnavailable: the disk is full or the lake does not answer; the task is retried.
    :raises DataRejected: the answer breaks the contract; nothing is stored.
    """

    template_fields: Sequence[str] = (*HttpToGCSOperator.template_fields, "window_start", "window_end")

    def __init__(
        self,
        *,
        table: str,
        window_start: str,
        window_end: str,
        export_format: Literal["parquet", "csv"] = "parquet",
        http_conn_id: str = "odre_api",
        retries_in_task: RetrySettings = RetrySettings(),  # noqa: B008 - immutable
        **kwargs: Any,
    ) -> None:
        super().__init__(http_conn_id=http_conn_id, method="GET", mime_type=PARQUET, **kwargs)
        self.table = table
        self.window_start = window_start
        self.window_end = window_end
        self.export_format = export_format
        self.retries_in_task = retries_in_task

    @cached_property
    def contract(self) -> Contract:
        return load_contract(self.table)

    def execute(self, context: Context) -> dict[str, Any]:
        from odre.exports.canonical import schema_hash

        contract = self.contract
        window = Window(date.fromisoformat(self.window_start), date.fromisoformat(self.window_end))
        clients: dict[str, ExploreClient] = {}

        def client(dataset_id: str) -> ExploreClient:
            return clients.setdefault(
                dataset_id, ExploreClient(self.http_hook, dataset_id, retries=self.retries_in_task)
            )

        history = client(contract.history_dataset_id) if contract.history_dataset_id else None
        parts = segments(contract, window, history)
        about = client(contract.dataset_id).metadata()
        metadata = {
            "dataset_id": contract.dataset_id,
            "title": about.get("title") or contract.dataset_id,
            "publisher": about.get("publisher") or contract.publisher,
            "license": about.get("license") or contract.license,
            "synthetic": str("synthetic" in (about.get("keyword") or [])).lower(),
            "window_start": str(window.start),
            "window_end": str(window.end),
            "retrieved_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "schema_hash": schema_hash(contract),
        }
        with self._storage(window), tempfile.TemporaryDirectory(prefix=f"{self.table}-") as folder:
            canonical = Path(folder) / "canonical.parquet"
            outcome, urls, expected = tenacity.Retrying(
                stop=tenacity.stop_after_attempt(_COUNT_ATTEMPTS),
                retry=tenacity.retry_if_exception_type(CountsDiffer),
                before_sleep=tenacity.before_sleep_log(self.log, logging.WARNING),
                reraise=True,
            )(self._collect, [(client(part.dataset_id), part) for part in parts], window, canonical, metadata)
            metadata |= {"source_url": " ".join(urls), "rows": str(outcome.written)}
            self.gcs_hook.upload(
                bucket_name=self.bucket_name,
                object_name=self.object_name,
                filename=str(canonical),
                mime_type=self.mime_type,
                metadata=metadata,
                # The hook's own loop uploads again after a success; the storage client tries again by itself.
                num_max_attempts=1,
            )
        return {
            "object_name": self.object_name,
            "uri": f"gs://{self.bucket_name}/{self.object_name}",
            "window_start": str(window.start),
            "window_end": str(window.end),
            "rows": outcome.written,
            "expected": expected,
            "requests": sum(c.attempts_made for c in clients.values()),
            "segments": [f"{part.dataset_id} {part.window}" for part in parts],
            "schema_hash": metadata["schema_hash"],
            "synthetic": metadata["synthetic"],
            **outcome.as_dict(),
        }

    @contextmanager
    def _storage(self, window: Window) -> Iterator[None]:
        """Say in one line that the disk or the lake did not take the data.

        :raises StorageUnavailable: so it was.
        """
        dataset, uri = self.contract.dataset_id, f"gs://{self.bucket_name}/{self.object_name}"
        try:
            yield
        except (GoogleAPIError, TransportError, requests.ConnectionError) as error:
            raise StorageUnavailable(
                dataset,
                f"{uri} could not be stored ({' '.join(str(error).split())[:200]})",
                "check the bucket and google_cloud_default; the run can be tried again",
            ) from error
        except OSError as error:
            if error.errno not in _FULL:
                raise
            raise StorageUnavailable(
                dataset,
                f"no room in {tempfile.gettempdir()} for {window} ({os.strerror(error.errno)})",
                "free space on the worker, or ask for a smaller window",
            ) from error

    def _collect(
        self, parts: list[tuple[ExploreClient, Segment]], window: Window, canonical: Path, metadata: dict[str, str]
    ) -> tuple[Outcome, list[str], int]:
        """Export every part into one canonical file; each must have as many rows as the API counts."""
        from odre.exports.canonical import CanonicalWriter

        urls, expected = [], 0
        export = canonical.with_name("export")
        with CanonicalWriter(self.contract, window, canonical, metadata) as writer:
            for client, part in parts:
                where = where_clause(self.contract, part.window)
                count = client.count(where)
                self.log.info("%s: asking for %s rows of %s", part.dataset_id, f"{count:,}", part.window)
                urls.append(client.export(where, self.contract.order_by, export, self.export_format))
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
            self.contract.dataset_id,
            outcome.received,
            outcome.written,
            outcome.repeated,
            outcome.first,
            outcome.last,
        )
        return outcome, urls, expected
