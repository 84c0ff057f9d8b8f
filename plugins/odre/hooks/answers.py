"""Reads responses of the Explore API: its error bodies, its limits, and exports that break off.

The API has been seen to send status 400 with `{"message", "error_code"}`, and 429 with a `Retry-After` header or with
`{"errorcode", "reset_time", "error"}`. An export that breaks off has status 200 and ends in the text `Streaming
interrupted due to the following error: …`.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit, urlunsplit

import requests
from pydantic import JsonValue

from odre.errors import DatasetMissing, OdreError, QuotaExhausted, RequestRefused, SourceUnavailable

log = logging.getLogger(__name__)

_INTERRUPTED = b"Streaming interrupted due to the following error"


def refusal(dataset_id: str, response: requests.Response) -> OdreError:
    """The error for a response with a status of 400 or more."""
    status, body = response.status_code, response.text
    if status == 429:
        reset_at = _reset_at(response)
        return QuotaExhausted(
            dataset_id,
            f"HTTP 429, too many requests ({excerpt(body)})",
            f"the task is tried again after {reset_at:%Y-%m-%d %H:%M:%S} UTC",
            reset_at,
        )
    if status >= 500 or status == 408:
        return SourceUnavailable(dataset_id, f"HTTP {status} ({excerpt(body)})", "try again later")
    kind = DatasetMissing if status == 404 else RequestRefused
    return kind(
        dataset_id,
        f"HTTP {status} ({excerpt(body)})",
        "check the dataset id and the fields of the contract against the API",
    )


def json_object(dataset_id: str, response: requests.Response) -> dict[str, JsonValue]:
    """The JSON object of an answer with status 200.

    :raises SourceUnavailable: the body is no JSON object, or one that reports an error.
    """
    try:
        body = response.json()
    except (requests.JSONDecodeError, UnicodeDecodeError):
        raise SourceUnavailable(
            dataset_id,
            f"status 200 but no JSON ({excerpt(response.text)})",
            "the API may be under maintenance; try again later",
        ) from None
    if not isinstance(body, dict) or "error_code" in body or "error" in body:
        raise SourceUnavailable(dataset_id, f"status 200 but an error ({excerpt(json.dumps(body))})", "try again later")
    return body


def interruption(tail: bytes) -> str | None:
    """The reason that the end of an export gives for breaking off; `None` when it did not break off."""
    _, found, reason = tail.partition(_INTERRUPTED)
    return reason.decode(errors="replace")[:200] if found else None


def excerpt(text: str) -> str:
    """The beginning of `text` in one line, for messages."""
    return " ".join(text.split())[:200]


def _reset_at(response: requests.Response) -> datetime:
    """When calls are accepted again: by `Retry-After`, else by `reset_time` of the body, else in a minute."""
    now = datetime.now(timezone.utc)
    if header := response.headers.get("Retry-After"):
        if header.isdigit():
            return now + timedelta(seconds=int(header))
        try:
            return _utc(parsedate_to_datetime(header))
        except ValueError:
            log.warning("the Retry-After header cannot be read: %s", header)
    try:
        return _utc(datetime.fromisoformat(response.json()["reset_time"]))
    except (ValueError, KeyError, TypeError):
        return now + timedelta(minutes=1)


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=moment.tzinfo or timezone.utc).astimezone(timezone.utc)


def without_credentials(url: str) -> str:
    """A URL without the user and password, which the host of the connection may contain.

    >>> without_credentials("https://user:secret@example.org:8443/api?limit=1")
    'https://example.org:8443/api?limit=1'
    """
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
