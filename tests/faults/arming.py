"""Ways to make a task's process die, give up soon or report that it waits, and to stop a service. The functions here
return functions, which are called in the process of the task before the task begins."""

from __future__ import annotations

import os
import pkgutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock


def kill_at(target: str, when: str = "after", count: int = 1) -> Callable[[], None]:
    """Have this process killed before or after the `count`-th call of a function, given by its dotted name."""

    def arm() -> None:
        original = pkgutil.resolve_name(target)
        calls = []

        def dying(*args, **kwargs):
            calls.append(1)
            if when == "before" and len(calls) == count:
                os.kill(os.getpid(), signal.SIGKILL)
            result = original(*args, **kwargs)
            if when == "after" and len(calls) == count:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        mock.patch(target, dying).start()

    return arm


def impatient(seconds: float = 0.5) -> Callable[[], None]:
    """Let Google's clients give up after so long, instead of ten minutes and two."""

    def arm() -> None:
        from google.cloud.bigquery import retry as warehouse
        from google.cloud.storage import retry as lake

        for default in (warehouse.DEFAULT_RETRY, lake.DEFAULT_RETRY):
            default._timeout = default._deadline = seconds

    return arm


def marking(path: Path) -> Callable[[], None]:
    """Create `path` when a Google client is about to try again."""

    def arm() -> None:
        from google.api_core.retry import retry_unary

        helper = retry_unary._retry_error_helper

        def marked(*args, **kwargs):
            path.touch()
            return helper(*args, **kwargs)

        mock.patch.object(retry_unary, "_retry_error_helper", marked).start()

    return arm


def marking_when_asked(mark: Path) -> Callable[[], None]:
    """Create `mark` when a job has been sent to the warehouse and the answer is waited for."""

    def arm() -> None:
        from http.client import HTTPConnection

        send, getresponse = HTTPConnection.putrequest, HTTPConnection.getresponse

        def sent(self, method, url, *args, **kwargs):
            self.is_job = method == "POST" and url.partition("?")[0].endswith("/jobs")
            return send(self, method, url, *args, **kwargs)

        def waited(self, *args, **kwargs):
            if getattr(self, "is_job", False):
                mark.touch()
            return getresponse(self, *args, **kwargs)

        mock.patch.object(HTTPConnection, "putrequest", sent).start()
        mock.patch.object(HTTPConnection, "getresponse", waited).start()

    return arm


@contextmanager
def down(service) -> Iterator[None]:
    """A service of the stack is killed, and starts again at the end."""
    service.stop(hard=True)
    try:
        yield
    finally:
        if not service.running():
            service.start()


def wait_until(condition: Callable[[], bool], patience: float = 60) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)
