"""The hook of the Explore API v2.1, which ODRÉ (Opendatasoft) serves."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import requests
import tenacity
from airflow.providers.http.hooks.http import HttpHook
from pydantic import JsonValue

from odre.errors import QuotaExhausted, SourceUnavailable
from odre.hooks.answers import excerpt, interruption, json_object, refusal, without_credentials

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")
ExportFormat = Literal["parquet", "csv"]

ROOT = "api/explore/v2.1/catalog/datasets"
_CHUNK = 1 << 20
_FORMAT_OPTIONS: dict[ExportFormat, dict[str, str]] = {
    "parquet": {"parquet_compression": "zstd"},
    "csv": {"delimiter": ";", "with_bom": "false"},
}
_TRANSPORT_ERRORS = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
    requests.TooManyRedirects,
)


@dataclass(frozen=True)
class RequestSettings:
    """How often and how long a task asks the API before it fails. Airflow's own retries come after that.

    All times are in seconds.

    :param attempts: requests sent for one answer, the first included.
    :param longest_wait: longest pause between two requests. When the API asks for a longer one, the task fails.
    :param first_wait: pause before the second request; it doubles with every further request.
    :param connect_timeout: time to connect.
    :param read_timeout: time to wait for the next bytes of an answer.
    """

    attempts: int = 4
    longest_wait: float = 120.0
    first_wait: float = 1.0
    connect_timeout: float = 10.0
    read_timeout: float = 120.0


class ExploreHook(HttpHook):
    """Asks datasets of the API. Every method returns a complete and well-formed answer, or raises an error.

    A request that failed for a passing reason is sent again, as often as `settings` allow. Then, and at once for other
    reasons, all methods raise:

    - `SourceUnavailable`: there was no complete and well-formed answer;
    - `QuotaExhausted`: the API accepts no calls for longer than `settings.longest_wait`;
    - `RequestRefused`: the API refuses the request itself.

    :param http_conn_id: HTTP connection whose host is the base URL of the API.
    :param settings: retries and timeouts.
    """

    def __init__(self, http_conn_id: str = "odre_api", settings: RequestSettings = RequestSettings()) -> None:
        super().__init__(method="GET", http_conn_id=http_conn_id)
        self.settings = settings
        #: requests sent so far, repeated ones included
        self.requests_sent = 0

    def metadata(self, dataset_id: str) -> dict[str, Any]:
        """The `metas.default` block of a dataset: title, publisher, license, keyword, …"""
        metas = self._json(dataset_id, "").get("metas")
        default = metas.get("default") if isinstance(metas, dict) else None
        return default if isinstance(default, dict) else {}

    def count(self, dataset_id: str, where: str) -> int:
        """Number of rows that the API says `where` selects."""
        body = self._json(dataset_id, "/records", {"where": where, "limit": 1})
        total = body.get("total_count")
        if not isinstance(total, int):
            raise SourceUnavailable(
                dataset_id, f"no total_count in the answer ({excerpt(json.dumps(body))})", "try again later"
            )
        return total

    def bounds(self, dataset_id: str, field: str, where: str) -> tuple[str | None, str | None]:
        """Least and greatest value of `field` among the rows that `where` selects, as the API writes them.

        :returns: `(None, None)` when it selects no row.
        """
        select = f"min({field}) as first, max({field}) as last"
        results = self._json(dataset_id, "/records", {"select": select, "where": where, "limit": 1}).get("results")
        row = results[0] if isinstance(results, list) and results else {}
        first, last = (row.get(name) for name in ("first", "last")) if isinstance(row, dict) else (None, None)
        return (str(first) if first is not None else None, str(last) if last is not None else None)

    def export(
        self, dataset_id: str, where: str, order_by: list[str], destination: Path, file_format: ExportFormat = "parquet"
    ) -> str:
        """Stream the rows that `where` selects to the file `destination`.

        :returns: the URL that was asked.
        """
        params = {"where": where, "order_by": ",".join(order_by), "timezone": "UTC"} | _FORMAT_OPTIONS[file_format]
        return self._retrying(
            dataset_id, lambda: self._download(dataset_id, f"/exports/{file_format}", params, destination)
        )

    def _json(self, dataset_id: str, path: str, params: Mapping[str, str | int] | None = None) -> dict[str, JsonValue]:
        def ask() -> dict[str, JsonValue]:
            with self._get(dataset_id, path, params) as response:
                return json_object(dataset_id, response)

        return self._retrying(dataset_id, ask)

    def _download(self, dataset_id: str, path: str, params: Mapping[str, str], destination: Path) -> str:
        received, tail = 0, b""
        with self._get(dataset_id, path, params, stream=True) as response, destination.open("wb") as file:
            for chunk in response.iter_content(_CHUNK):
                file.write(chunk)
                received += len(chunk)
                tail = (tail + chunk)[-2048:]
        if (reason := interruption(tail)) is not None:
            raise SourceUnavailable(dataset_id, f"the export broke off{reason}", "try again later")
        log.info("%s: received %s bytes", dataset_id, f"{received:,}")
        return without_credentials(response.url)

    def _get(
        self, dataset_id: str, path: str, params: Mapping[str, str | int] | None, stream: bool = False
    ) -> requests.Response:
        self.requests_sent += 1
        timeout = self.settings.connect_timeout, self.settings.read_timeout
        response: requests.Response = self.run(
            f"{ROOT}/{dataset_id}{path}",
            data=dict(params) if params else None,
            extra_options={"stream": stream, "timeout": timeout, "check_response": False},
        )
        if response.ok:
            return response
        raise refusal(dataset_id, response)

    def _retrying(self, dataset_id: str, ask: Callable[[], Answer]) -> Answer:
        settings = self.settings
        backoff = tenacity.wait_exponential_jitter(initial=settings.first_wait, max=settings.longest_wait, jitter=0.5)

        def wait(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            return error.delay.total_seconds() if isinstance(error, QuotaExhausted) else backoff(state)

        def may_pass(error: BaseException) -> bool:
            if isinstance(error, QuotaExhausted):
                return error.delay.total_seconds() <= settings.longest_wait
            return isinstance(error, (SourceUnavailable, *_TRANSPORT_ERRORS))

        try:
            return tenacity.Retrying(
                stop=tenacity.stop_after_attempt(settings.attempts),
                wait=wait,
                retry=tenacity.retry_if_exception(may_pass),
                before_sleep=tenacity.before_sleep_log(log, logging.WARNING),
                reraise=True,
            )(ask)
        except _TRANSPORT_ERRORS as error:
            raise SourceUnavailable(
                dataset_id,
                f"no whole answer in {settings.attempts} requests ({excerpt(str(error))})",
                "check the odre_api connection and the network, then try again",
            ) from error
