"""Refuses a trigger whose days cannot be loaded, before Airflow makes a run of it.

Airflow checks every field of the form by itself (JSON schema), so it can compare neither the two days with each other
nor a day with today. Without this, a run with such days waits for the run before it and then fails in its first task.
The API server answers instead, with the sentence with which the task would fail. Airflow's command line does not ask
the API server: there it is still the first task that refuses.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from typing import Any

import httpx
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from odre.loadable import Loadable, loadable_in

_TRIGGER = re.compile(r"/api/v2/dags/[^/]+/dagRuns$")
_SESSION = ("authorization", "cookie")


class TriggerCheck(BaseHTTPMiddleware):
    """Answers 400 to a request of the form, or of REST, for a run that would be refused. All other requests, and those
    of people who may not see the DAG, reach Airflow as they came."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        if request.method == "POST" and _TRIGGER.search(request.url.path):
            conf = _conf(await request.body())
            loadable = await _loadable(request) if conf else None
            refusal = loadable.refusal(conf, datetime.now(timezone.utc)) if loadable else None
            if refusal:
                return JSONResponse({"detail": refusal}, 400)
        return await call_next(request)


def _conf(body: bytes) -> dict[str, Any]:
    """The parameters in the body of a request; empty when it has none."""
    try:
        conf = json.loads(body)["conf"]
    except (ValueError, KeyError, TypeError):
        return {}
    return conf if isinstance(conf, dict) else {}


async def _loadable(request: Request) -> Loadable | None:
    """What Airflow's own API tells this session of the DAG that is to be triggered."""
    address = request.url.replace(path=f"{request.url.path.removesuffix('/dagRuns')}/details", query="")
    headers = {name: request.headers[name] for name in _SESSION if name in request.headers}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(request.app, raise_app_exceptions=False)) as client:
        answer = await client.get(str(address), headers=headers)
    return loadable_in(answer.json()) if answer.status_code == 200 else None
