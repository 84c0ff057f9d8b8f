"""Sends requests to a running Airflow, and waits for their results."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from laptop.airflow import AirflowServer
from laptop.processes import belonging_to

ENDED = ("success", "failed")


def only_what_is_asked_for(patch: pytest.MonkeyPatch) -> None:
    """Make Airflow run only what tests trigger, although the DAGs are unpaused, and read the DAG files only once,
    because reading them every half minute takes a third of a core."""
    patch.setenv("AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE", "False")
    patch.setenv("AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL", "86400")


def eventually(holds: Callable[[], Any], patience: float = 120) -> Any:
    """Wait until `holds()` is true, and return what it says."""
    deadline = time.monotonic() + patience
    while not (found := holds()):
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.3)
    return found


def finished(server: AirflowServer, table: str, kind: str, patience: float = 1500) -> list[dict]:
    """Wait until every run of a DAG that was started as `kind` has ended."""
    deadline = time.monotonic() + patience
    while True:
        runs = [r for r in server.call("GET", f"/dags/{table}/dagRuns")["dag_runs"] if r["run_type"] == kind]
        if runs and all(run["state"] in ENDED for run in runs):
            return runs
        assert time.monotonic() < deadline, [(run["dag_id"], run["state"]) for run in runs]
        time.sleep(1)


def scheduler_goes_round(server: AirflowServer) -> None:
    """Wait for two heartbeats. Airflow 3.3 fails a task that is answered before the scheduler has heard of the end of
    the process that asked, a second later: no person is that quick."""

    def last() -> str:
        return server.call("GET", "/monitor/health")["scheduler"]["latest_scheduler_heartbeat"]

    for _ in range(2):
        before = last()
        eventually(lambda before=before: last() > before)


def processes_of(folder: Path) -> list[str]:
    """Command lines of processes that were started for `folder` and still run."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environment = (entry / "environ").read_bytes()
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if f"AIRFLOW_HOME={folder}".encode() in environment or (str(folder) in command and "postgres" in command):
            found.append(command)
    return found


def listening(folder: Path) -> set[str]:
    """Addresses on which processes that belong to `folder` listen."""
    found = set()
    for process in belonging_to(folder):
        with contextlib.suppress(psutil.Error):
            sockets = process.net_connections("tcp")
            found |= {socket.laddr.ip for socket in sockets if socket.status == psutil.CONN_LISTEN}
    return found


class Run:
    """A run of a DAG, by REST.

    :param path: below `/api/v2`.
    """

    def __init__(self, server: AirflowServer, table: str, run_id: str) -> None:
        self.server, self.table, self.run_id = server, table, run_id
        self.path = f"/dags/{table}/dagRuns/{run_id}"

    @classmethod
    def trigger(cls, server: AirflowServer, table: str, run_id: str, **more: Any) -> Run:
        """Trigger a DAG; `more` of what the API takes, `conf` for one."""
        body = {"dag_run_id": run_id, "logical_date": None} | more
        return cls(server, table, server.call("POST", f"/dags/{table}/dagRuns", body)["dag_run_id"])

    def tries(self) -> dict[str, tuple[int, str]]:
        """By task, the number of its try and its state."""
        found = self.server.call("GET", f"{self.path}/taskInstances?limit=100")["task_instances"]
        return {task["task_id"]: (task["try_number"], str(task["state"])) for task in found}

    def state(self, task: str) -> str:
        return self.tries()[task][1]

    def ended(self, patience: float = 900) -> str:
        """Wait for the run's end, and return its state."""

        def state() -> str | None:
            found = self.server.call("GET", self.path)["state"]
            return found if found in ENDED else None

        return eventually(state, patience)

    def cleared(self, *tasks: str, downstream: bool = False) -> set[str]:
        """Clear these tasks, or the whole run; the tasks that Airflow has cleared."""
        body: dict[str, Any] = {"dry_run": False, "dag_run_id": self.run_id, "only_failed": False}
        body |= {"include_downstream": downstream, "reset_dag_runs": True}
        body |= {"task_ids": list(tasks)} if tasks else {}
        answer = self.server.call("POST", f"/dags/{self.table}/clearTaskInstances", body)
        return {task["task_id"] for task in answer["task_instances"]}

    def log(self, task: str) -> str:
        """The log of a task's last try."""
        path = f"{self.path}/taskInstances/{task}/logs/{self.tries()[task][0]}?full_content=true"
        return json.dumps(self.server.call("GET", path)["content"], ensure_ascii=False)

    def failures(self) -> dict[str, str]:
        """By task that failed, the end of its log."""
        return {task: self.log(task)[-3000:] for task, (_, state) in self.tries().items() if state == "failed"}

    def stop(self) -> None:
        """Do what *Mark as failed* does in the UI."""
        self.server.call("PATCH", self.path, {"state": "failed"})

    def result(self, task: str) -> Any:
        """The value that a task has left in XCom."""
        return self.server.call("GET", f"{self.path}/taskInstances/{task}/xcomEntries/return_value")["value"]
