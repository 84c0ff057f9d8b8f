"""Recognises requests to warehouse and lake: their kind, and the statement they carry."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal

Service = Literal["warehouse", "lake"]
Kind = Literal["query job", "load job", "other job", "insert", "get", "patch", "delete", "upload", "download"]
JOBS: tuple[Kind, ...] = ("query job", "load job", "other job")


@dataclass(frozen=True)
class Call:
    """One request and its outcome.

    :param path: path and query of the request.
    :param statement: SQL of a query job, else empty.
    :param configuration: what a job was asked to do, as BigQuery's API has it; empty for other calls.
    :param status: HTTP status of the answer; 0 when the connection was dropped.
    :param sent: bytes of the request's body.
    :param received: bytes of the answer's body.
    :param seconds: from request to answer, added delays included.
    """

    service: Service
    kind: Kind
    method: str
    path: str
    statement: str = ""
    configuration: dict[str, Any] = field(default_factory=dict)
    status: int = 0
    sent: int = 0
    received: int = 0
    seconds: float = 0.0


def describe(service: Service, method: str, path: str, body: bytes) -> Call:
    """The call that a request makes, before it is answered.

    :param path: path and query.
    """
    configuration: dict[str, Any] = {}
    if service == "lake":
        kind = _lake_kind(method, path)
    else:
        kind, configuration = _warehouse_kind(method, path, body)
    statement = str((configuration.get("query") or {}).get("query", ""))
    return Call(service, kind, method, path, statement, configuration, sent=len(body))


def _lake_kind(method: str, path: str) -> Kind:
    if path.startswith("/upload/") and method in ("POST", "PUT"):
        return "upload"
    if method == "GET" and ("alt=media" in path or path.startswith("/download/")):
        return "download"
    return _kind_of_method(method)


def _warehouse_kind(method: str, path: str, body: bytes) -> tuple[Kind, dict[str, Any]]:
    resource = path.partition("?")[0].rstrip("/").rpartition("/")[2]
    if method == "POST" and resource == "queries":
        return "query job", {"query": json.loads(body)}
    if method == "POST" and resource == "jobs":
        configuration = json.loads(body).get("configuration", {})
        for name, kind in (("query", "query job"), ("load", "load job")):
            if name in configuration:
                return kind, configuration  # type: ignore[return-value]
        return "other job", configuration
    return _kind_of_method(method), {}


def _kind_of_method(method: str) -> Kind:
    kinds: dict[str, Kind] = {"GET": "get", "HEAD": "get", "PATCH": "patch", "PUT": "patch", "DELETE": "delete"}
    return kinds.get(method, "insert")
