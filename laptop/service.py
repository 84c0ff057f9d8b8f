"""A background process: started in its own process group, checked until it is healthy, stopped with its descendants."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from laptop.processes import descendants, end


class StackError(RuntimeError):
    """The stack cannot do what was asked; the message says why and what to do."""


def free_port(preferred: int = 0) -> int:
    """`preferred` when nothing listens there, otherwise a free port that the system chooses."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise StackError("no free port on 127.0.0.1")


@dataclass
class Service:
    """One process of the stack.

    :param name: names the log and state files.
    :param command: argument list; it must listen on 127.0.0.1.
    :param port: port of the health check.
    :param health: path that answers below 500 once the service is ready.
    :param state: folder of log and state files.
    :param environment: variables added to this process's environment only.
    :param patience: seconds until a start is given up.
    """

    name: str
    command: Sequence[str]
    port: int
    health: str
    state: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    patience: float = 60.0
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.state / f"{self.name}.log"

    @property
    def _record(self) -> Path:
        return self.state / f"{self.name}.json"

    def recorded(self) -> dict[str, Any] | None:
        """The recorded state of the running process; `None` when it does not run."""
        try:
            record = json.loads(self._record.read_text())
        except (OSError, ValueError):
            return None
        return record if _started_at(record["pid"]) == record["started_at"] else None

    def fingerprint(self) -> str:
        """A hash of the environment variables, which reveals none of them. `PATH` is left out, because it differs
        between terminals."""
        told = sorted((name, value) for name, value in self.environment.items() if name != "PATH")
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    def running(self) -> bool:
        return self.recorded() is not None

    def start(self) -> None:
        """Start the process and wait until it answers.

        :raises StackError: it ended or did not answer in time; the message ends with its last log lines.
        """
        self.launch()
        self.wait()

    def launch(self) -> None:
        """Start the process without waiting for it; `wait` returns when it answers."""
        self.state.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:  # the log of an earlier start would mislead the reader of this one
            process = self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ | dict(self.environment),
                start_new_session=True,
            )
        record = {
            "pid": process.pid,
            "started_at": _started_at(process.pid),
            "port": self.port,
            "command": list(self.command),
            "environment": self.fingerprint(),
        }
        self._record.write_text(json.dumps(record))

    def wait(self) -> None:
        """Wait until the process that `launch` started answers.

        :raises StackError: it ended or did not answer in time. The message is the error that it printed last, or else
            ends with its last log lines.
        """
        deadline = time.monotonic() + self.patience
        while not (self.healthy() and self._listens()):
            if self._process and (code := self._process.poll()) is not None:
                self._record.unlink(missing_ok=True)
                if error := self._own_error():
                    raise StackError(error)
                raise StackError(f"{self.name} ended with code {code} while starting\n{self.log_tail()}")
            if time.monotonic() > deadline:
                self.stop()
                raise StackError(
                    f"{self.name} did not answer on port {self.port} within {self.patience:.0f} s\n{self.log_tail()}"
                )
            time.sleep(0.05)

    def _listens(self) -> bool:
        """Whether this process is the one that listens. Another clone of the repository that starts at the same moment
        may have taken the port."""
        if self._process is None:
            return True
        with contextlib.suppress(psutil.Error):
            family = [psutil.Process(self._process.pid), *descendants(self._process.pid)]
            return any(
                connection.status == psutil.CONN_LISTEN and connection.laddr.port == self.port
                for process in family
                for connection in process.net_connections("tcp")
            )
        return False

    def healthy(self) -> bool:
        """Whether the service answers now."""
        try:
            with urllib.request.urlopen(self.url + self.health, timeout=2) as answer:
                return bool(answer.status < 500)
        except urllib.error.HTTPError as error:
            return error.code < 500
        except (OSError, ValueError):
            return False

    def stop(self, hard: bool = False, patience: float = 10.0) -> bool:
        """End the process group and all descendants.

        :param hard: kill them at once; otherwise they get SIGTERM first.
        :param patience: seconds between SIGTERM and SIGKILL.
        :returns: whether there was something to stop.
        """
        record = self.recorded()
        self._record.unlink(missing_ok=True)
        if record is None:
            return False
        group = record["pid"]
        of_their_own = descendants(group)  # Airflow's tasks have process groups of their own
        for sent in (signal.SIGKILL,) if hard else (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(group, sent)
            except ProcessLookupError:
                break
            deadline = time.monotonic() + patience
            while _group_alive(group) and time.monotonic() < deadline:
                time.sleep(0.05)
                _reap(group)
        end(of_their_own)
        return True

    def _own_error(self) -> str | None:
        """The error in the last line of the log; `None` when that line is none. Our own programs end with such a line,
        which tells all that a reader needs."""
        last = self.log.read_text(errors="replace").splitlines()[-1:]
        return last[0].removeprefix("error: ") if last and last[0].startswith("error: ") else None

    def log_tail(self, lines: int = 15) -> str:
        try:
            tail = self.log.read_text(errors="replace").splitlines()[-lines:]
        except OSError:
            tail = []
        return "\n".join([f"  last lines of {self.log}:", *(f"  | {line}" for line in tail)])


def _started_at(pid: int) -> str | None:
    """Start time of a process, which distinguishes it from a later process with the same id; `None` if it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        answer = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return answer.stdout.strip() or None
    return None if fields[0] == "Z" else fields[19]


def _group_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _reap(pid: int) -> None:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
