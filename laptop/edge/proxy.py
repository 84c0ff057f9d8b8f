"""A proxy in front of warehouse and lake, which records every request and can break or delay chosen requests."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Literal

import aiohttp
from aiohttp import web
from yarl import URL

from laptop.edge.calls import Call, Kind, Service, describe
from laptop.environment import Endpoints

How = Literal["dropped", "503", "429", "403 rateLimitExceeded", "403 quotaExceeded", "lost"]
HOWS: tuple[How, ...] = ("dropped", "503", "429", "403 rateLimitExceeded", "403 quotaExceeded", "lost")

# https://cloud.google.com/bigquery/docs/error-messages and https://cloud.google.com/storage/docs/json_api/v1/status-codes
_REFUSALS: dict[How, tuple[int, str, str, str]] = {
    "503": (503, "backendError", "UNAVAILABLE", "The service is currently unavailable."),
    "429": (429, "rateLimitExceeded", "RESOURCE_EXHAUSTED", "Too many requests."),
    "403 rateLimitExceeded": (403, "rateLimitExceeded", "PERMISSION_DENIED", "Exceeded rate limits."),
    "403 quotaExceeded": (403, "quotaExceeded", "PERMISSION_DENIED", "Quota exceeded: your project exceeded quota."),
}
_HOP_BY_HOP = {"connection", "content-length", "host", "keep-alive", "transfer-encoding", "accept-encoding"}


@dataclass(frozen=True)
class Fault:
    """A fault of one kind of call.

    :param how: `dropped`: the connection breaks before the service has seen the request; `lost`: it breaks after the
        service has done what was asked; any other value: the error with which the proxy answers instead of the service.
    :param nth: which call of this kind, from 1, counted from the moment the fault is set.
    :param times: how many calls in a row it happens to.
    :param match: only calls whose path or statement contains this count.
    """

    service: Service
    kind: Kind
    how: How
    nth: int = 1
    times: int = 1
    match: str = ""


class Proxy:
    """Stands in front of both services on ports of its own, in a thread; use it as a context manager.

    :param services: endpoints of the services themselves.
    :param delays: seconds added before a call of a kind is answered.
    """

    def __init__(self, services: Endpoints, delays: Mapping[Kind, float] | None = None) -> None:
        self.services, self.delays = services, dict(delays or {})
        self.calls: list[Call] = []
        #: Beginning and end of each delay, in seconds of the process's own clock.
        self.waits: list[tuple[float, float]] = []
        self.broken: list[Call] = []
        self._fault: Fault | None = None
        self._seen = 0
        self._urls: dict[Service, str] = {}
        self._ready, self._loop = threading.Event(), asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),), daemon=True)

    def __enter__(self) -> Proxy:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()

    @property
    def endpoints(self) -> Endpoints:
        """The services' endpoints, through this proxy."""
        return Endpoints(self.services.api, self._urls["lake"], self._urls["warehouse"])

    def set_fault(self, fault: Fault | None) -> None:
        """Break calls from now on; `None` ends that. The calls that were broken are in `broken`."""
        self._fault, self._seen, self.broken = fault, 0, []

    async def _serve(self) -> None:
        upstream: dict[Service, str] = {"warehouse": self.services.warehouse, "lake": self.services.lake}
        runners: list[web.ServerRunner] = []
        unlimited = aiohttp.ClientTimeout(None)
        async with aiohttp.ClientSession(
            auto_decompress=False, timeout=unlimited, skip_auto_headers=("Accept-Encoding",)
        ) as session:
            for name, url in upstream.items():
                runner = web.ServerRunner(web.Server(_Handler(self, session, name, url)))
                runners.append(runner)
                await runner.setup()
                await web.TCPSite(runner, "127.0.0.1", 0).start()
                self._urls[name] = f"http://127.0.0.1:{runner.addresses[0][1]}"
            self._ready.set()
            await self._stop.wait()
            for runner in runners:
                await runner.cleanup()

    def due(self, call: Call) -> How | None:
        """The fault that `call` gets; `None` when it gets none."""
        fault = self._fault
        if fault is None or (fault.service, fault.kind) != (call.service, call.kind):
            return None
        if fault.match and fault.match not in call.path + call.statement:
            return None
        self._seen += 1
        return fault.how if fault.nth <= self._seen < fault.nth + fault.times else None


@dataclass
class _Handler:
    """Answers the requests to one service."""

    proxy: Proxy
    session: aiohttp.ClientSession
    service: Service
    upstream: str

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        body, began = await request.content.read(), time.perf_counter()  # `request.read` has a limit
        call = describe(self.service, request.method, request.raw_path, body)
        how = self.proxy.due(call)
        if delay := self.proxy.delays.get(call.kind, 0):
            asleep = time.perf_counter()
            await asyncio.sleep(delay)
            self.proxy.waits.append((asleep, time.perf_counter()))
        if how in _REFUSALS:
            answer = _refusal(how)
        elif how == "dropped":
            answer = _drop(request)
        else:
            answer = await self._forward(request, body)
            if how == "lost":
                answer = _drop(request)
        lost = how in ("dropped", "lost")
        received = len(answer.body) if isinstance(answer.body, bytes) and not lost else 0
        seconds = time.perf_counter() - began
        call = dataclasses.replace(call, status=0 if lost else answer.status, received=received, seconds=seconds)
        self.proxy.calls.append(call)
        if how:
            self.proxy.broken.append(call)
        return answer

    async def _forward(self, request: web.BaseRequest, body: bytes) -> web.Response:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP_BY_HOP}
        url = URL(self.upstream + request.raw_path, encoded=True)
        async with self.session.request(
            request.method, url, data=body, headers=headers, allow_redirects=False
        ) as answer:
            content = await answer.read()
            # Links to the service itself in its answers (resumable uploads, downloads) must lead through the proxy too.
            mine = f"http://{request.host}"
            if "json" in answer.content_type:
                content = content.replace(self.upstream.encode(), mine.encode())
            kept = [
                (name, value.replace(self.upstream, mine))
                for name, value in answer.headers.items()
                if name.lower() not in _HOP_BY_HOP
            ]
            return web.Response(status=answer.status, body=content, headers=kept)


def _drop(request: web.BaseRequest) -> web.Response:
    """Break the connection; the returned answer is never sent."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _refusal(how: How) -> web.Response:
    code, reason, status, message = _REFUSALS[how]
    error = {"domain": "global", "reason": reason, "message": message}
    return web.json_response(
        {"error": {"code": code, "message": message, "errors": [error], "status": status}}, status=code
    )
