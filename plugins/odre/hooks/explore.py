"""Client of the Explore API v2.1 that ODRÉ (Opendatasoft) serves, on Airflow's HTTP hook.

Errors and limits as seen: 400 `{"message", "error_code"}`; 429 with `Retry-After` or
`{"errorcode", "reset_time", "error"}`; an export that breaks in mid-stream ends, with status 200, in
the text `Streaming interrupted due to the following error: …`.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
import tenacity

from odre.errors import QuotaExhausted, RequestRefused, SourceUnavailable

if TYPE_CHECKING:
    from airflow.providers.http.hooks.http import HttpHook

log = logging.getLogger(__name__)

ROOT = "api/explore/v2.1/catalog/datasets"
INTERRUPTED = b"Streaming interrupted due to the following error"
_CHUNK = 1 << 20
_FORMAT_OPTIONS = {"parquet": {"parquet_compression": "zstd"}, "csv": {"delimiter": ";", "with_bom": "false"}}
_TRANSPORT_ERRORS = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)


@dataclass(frozen=True)
class RetrySettings:
    """How long one task keeps asking before it leaves the rest to Airflow's own retries.

    :param attempts: requests sent for one answer, the first included.
    :param longest_wait: seconds; a server that asks for a longer pause ends the task's own retries.
    :param first_wait: seconds before the second request, doubled each time.
    """

    attempts: int = 4
    longest_wait: float = 120.0
    first_wait: float = 1.0


class ExploreClient:
    """Asks one dataset of the API; every answer is whole and well-formed, or an error.

    :param hook: HTTP hook of the `odre_api` connection (method GET).
    :param dataset_id: ODRÉ dataset id.
    :param timeout: seconds to connect, and to wait for the next bytes.
    """

    def __init__(
        self,
        hook: HttpHook,
        dataset_id: str,
        timeout: tuple[float, float] = (10.0, 120.0),
        retries: RetrySettings = RetrySettings(),
    ) -> None:
        self.hook, self.dataset_id, self.timeout, self.retries = hook, dataset_id, timeout, retries
        self.attempts_made = 0

    def metadata(self) -> dict[str, Any]:
        """The `metas.default` block of the dataset: title, publisher, license, keyword, …"""
        body = self._json("")
        return (body.get("metas") or {}).get("default") or {}

    def count(self, where: str) -> int:
        """Number of rows the API says `where` selects."""
        body = self._json("/records", {"where": where, "limit": 1})
        if not isinstance(body.get("total_count"), int):
            raise SourceUnavailable(
                self.dataset_id, f"no total_count in the answer ({_excerpt(json.dumps(body))})", "try again later"
            )
        return body["total_count"]

    def bounds(self, field: str, where: str | None = None) -> tuple[str | None, str | None]:
        """Least and greatest value of `field`; `(None, None)` for an empty dataset."""
        params = {"select": f"min({field}) as first, max({field}) as last", "limit": 1}
        results = self._json("/records", params | ({"where": where} if where else {})).get("results") or [{}]
        return results[0].get("first"), results[0].get("last")

    def export(self, where: str, order_by: list[str], destination: Path, file_format: str = "parquet") -> str:
        """Stream the rows that `where` selects to the file `destination`.

        :param file_format: `parquet` or `csv`.
        :returns: the URL that was asked.
        """
        params = {"where": where, "order_by": ",".join(order_by), "timezone": "UTC"} | _FORMAT_OPTIONS[file_format]
        return self._retrying(lambda: self._download(f"/exports/{file_format}", params, destination))

    def _json(self, path: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        def ask() -> dict[str, Any]:
            with self._get(path, params) as response:
                try:
                    body = response.json()
                except (requests.JSONDecodeError, UnicodeDecodeError):
                    raise SourceUnavailable(
                        self.dataset_id,
                        f"status 200 but no JSON ({_excerpt(response.text)})",
                        "the API may be under maintenance; try again later",
                    ) from None
            if not isinstance(body, dict) or "error_code" in body or "error" in body:
                raise SourceUnavailable(
                    self.dataset_id, f"status 200 but an error ({_excerpt(json.dumps(body))})", "try again later"
                )
            return body

        return self._retrying(ask)

    def _download(self, path: str, params: dict[str, Any], destination: Path) -> str:
        received, tail = 0, b""
        with self._get(path, params, stream=True) as response, destination.open("wb") as file:
            for chunk in response.iter_content(_CHUNK):
                file.write(chunk)
                received += len(chunk)
                tail = (tail + chunk)[-2048:]
        if INTERRUPTED in tail:
            reason = tail[tail.index(INTERRUPTED) + len(INTERRUPTED) :].decode(errors="replace")
            raise SourceUnavailable(self.dataset_id, f"the export broke off{reason[:200]}", "try again later")
        log.info("%s: received %s bytes", self.dataset_id, f"{received:,}")
        return response.url

    def _get(self, path: str, params: dict[str, Any] | None, stream: bool = False) -> requests.Response:
        self.attempts_made += 1
        options = {"stream": stream, "timeout": self.timeout, "check_response": False}
        response = self.hook.run(f"{ROOT}/{self.dataset_id}{path}", data=params, extra_options=options)
        if response.ok:
            return response
        raise self._refusal(response)

    def _refusal(self, response: requests.Response) -> Exception:
        status, body = response.status_code, response.text
        if status == 429:
            reset_at = _reset_at(response)
            return QuotaExhausted(
                self.dataset_id,
                f"HTTP 429, too many requests ({_excerpt(body)})",
                f"the task is tried again after {reset_at:%Y-%m-%d %H:%M:%S} UTC",
                reset_at,
            )
        if status >= 500 or status == 408:
            return SourceUnavailable(self.dataset_id, f"HTTP {status} ({_excerpt(body)})", "try again later")
        return RequestRefused(
            self.dataset_id,
            f"HTTP {status} ({_excerpt(body)})",
            "check the dataset id and the fields of the contract against the API",
        )

    def _retrying(self, ask):
        settings = self.retries
        backoff = tenacity.wait_exponential_jitter(initial=settings.first_wait, max=settings.longest_wait, jitter=0.5)

        def wait(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception()
            return error.delay.total_seconds() if isinstance(error, QuotaExhausted) else backoff(state)

        def worth_waiting(error: BaseException) -> bool:
            if isinstance(error, QuotaExhausted):
                return error.delay.total_seconds() <= settings.longest_wait
            return isinstance(error, (SourceUnavailable, *_TRANSPORT_ERRORS))

        try:
            return tenacity.Retrying(
                stop=tenacity.stop_after_attempt(settings.attempts),
                wait=wait,
                retry=tenacity.retry_if_exception(worth_waiting),
                before_sleep=tenacity.before_sleep_log(log, logging.WARNING),
                reraise=True,
            )(ask)
        except _TRANSPORT_ERRORS as error:
            raise SourceUnavailable(
                self.dataset_id,
                f"no whole answer in {settings.attempts} requests ({_excerpt(str(error))})",
                "check the odre_api connection and the network, then try again",
            ) from error


def _reset_at(response: requests.Response) -> datetime:
    """When calls are accepted again: `Retry-After`, else the body's `reset_time`, else in a minute."""
    now = datetime.now(timezone.utc)
    if header := response.headers.get("Retry-After"):
        if header.isdigit():
            return now + timedelta(seconds=int(header))
        try:
            return _utc(parsedate_to_datetime(header))
        except ValueError:
            log.warning("unreadable Retry-After header: %s", header)
    try:
        return _utc(datetime.fromisoformat(response.json()["reset_time"]))
    except (ValueError, KeyError, TypeError):
        return now + timedelta(minutes=1)


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=moment.tzinfo or timezone.utc).astimezone(timezone.utc)


def _excerpt(text: str) -> str:
    return " ".join(text.split())[:200]
