"""Measures the DAG under a real scheduler, against the same work without Airflow.

One run of the DAG gives both figures: the time of the whole run, and the time of its dbt part, from the moment at which
the first task of the part could start to the end of the last one.
"""

from __future__ import annotations

import statistics
import time
import urllib.error
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from laptop.airflow import AirflowServer
from laptop.bench.history import TABLE, hourly_window, run_script
from laptop.bench.table import Goal, Result, Say
from laptop.stack import Stack

DBT = Goal(3.0, "≤ 3×")
WHOLE = Goal(1.5, "≤ 1.5×")
_ENDED = ("success", "failed")


def measure(stack: Stack, pairs: int, say: Say) -> Iterator[Result]:
    """Two rows of the table.

    :param stack: a stack that is up, with a month in its warehouse.
    """
    say("one hourly DAG run under a real scheduler, against a plain dbt build and a plain script")
    days = dict(zip(("start_date", "end_date"), map(str, hourly_window()), strict=True))
    runs, builds, scripts = [], [], []
    with AirflowServer(stack, port=0) as server:
        start(server, TABLE)
        for number in range(pairs):
            runs.append(trigger(server, TABLE, days))
            builds.append(timed(stack, "--only", "dbt"))
            scripts.append(timed(stack))
            say(
                f"  pair {number + 1} of {pairs}: DAG {runs[-1].seconds:.0f} s, its dbt part "
                f"{runs[-1].part('dbt.'):.0f} s; dbt build {builds[-1]:.0f} s, script {scripts[-1]:.0f} s"
            )
    tasks = runs[-1].tasks
    longest = max(tasks, key=lambda task: task["duration"])
    yield Result(
        "dbt part of a run, as Airflow tasks",
        "one plain `dbt build`",
        DBT,
        [run.part("dbt.") for run in runs],
        builds,
        note=f"{sum(task['task_id'].startswith('dbt.') for task in tasks)} tasks.",
    )
    yield Result(
        "one whole hourly DAG run",
        "plain Python script",
        WHOLE,
        [run.seconds for run in runs],
        scripts,
        note=f"{len(tasks)} tasks, {statistics.median(run.task_seconds for run in runs):.0f} task seconds in all; the "
        f"longest, `{longest['task_id']}`, {longest['duration']:.0f} s.",
    )


class DagRun:
    """A run that has succeeded.

    :param run: the run as Airflow's REST API returns it.
    :param tasks: its task instances.
    """

    def __init__(self, run: dict[str, Any], tasks: list[dict[str, Any]]) -> None:
        self.tasks = [task for task in tasks if task["duration"] is not None]
        self.seconds = _instant(run["end_date"]) - _instant(run["start_date"])

    @property
    def task_seconds(self) -> float:
        """Sum of the seconds for which its tasks held a slot of a worker."""
        return float(sum(task["duration"] for task in self.tasks))

    def part(self, prefix: str) -> float:
        """Seconds from the scheduling of the first task of a part to the end of its last task.

        :param prefix: beginning of the ids of the part's tasks.
        """
        part = [task for task in self.tasks if task["task_id"].startswith(prefix)]
        began = min(_instant(task["scheduled_when"]) for task in part)
        return max(_instant(task["end_date"]) for task in part) - began


def _instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def start(server: AirflowServer, dag_id: str, patience: float = 120) -> None:
    """Unpause a DAG, and end the scheduled run that this may start."""
    deadline = time.monotonic() + patience
    while True:
        try:
            server.call("PATCH", f"/dags/{dag_id}", {"is_paused": False})
            break
        except urllib.error.HTTPError as error:
            if error.code != 404 or time.monotonic() > deadline:
                raise
            time.sleep(1)
    periodic = server.call("GET", f"/dags/{dag_id}")["timetable_summary"]
    while periodic and not _end_scheduled(server, dag_id) and time.monotonic() < deadline:
        time.sleep(1)


def _end_scheduled(server: AirflowServer, dag_id: str) -> bool:
    """End the scheduled runs, which would ask for days that the sample does not have.

    :returns: whether there were any.
    """
    runs = [r for r in server.call("GET", f"/dags/{dag_id}/dagRuns")["dag_runs"] if r["run_type"] == "scheduled"]
    for run in runs:
        if run["state"] not in _ENDED:
            server.call("PATCH", f"/dags/{dag_id}/dagRuns/{run['dag_run_id']}", {"state": "failed"})
    return bool(runs)


def trigger(server: AirflowServer, dag_id: str, conf: dict[str, str], patience: float = 1200) -> DagRun:
    """Trigger a DAG and wait for its end.

    :raises RuntimeError: it failed, or did not end in time.
    """
    _end_scheduled(server, dag_id)
    run = server.call("POST", f"/dags/{dag_id}/dagRuns", {"conf": conf, "logical_date": None})
    path, deadline = f"/dags/{dag_id}/dagRuns/{run['dag_run_id']}", time.monotonic() + patience
    while run["state"] not in _ENDED:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{dag_id} did not end within {patience:.0f} s")
        time.sleep(1)
        run = server.call("GET", path)
    tasks = server.call("GET", f"{path}/taskInstances?limit=100")["task_instances"]
    if run["state"] != "success":
        failed = [task["task_id"] for task in tasks if task["state"] == "failed"]
        raise RuntimeError(f"{dag_id} failed at {', '.join(failed)}; logs are in {server.home / 'logs'}")
    return DagRun(run, tasks)


def timed(stack: Stack, *options: str) -> float:
    """Seconds of the plain script, process start and imports included."""
    began = time.perf_counter()
    run_script(stack.environment, TABLE, *hourly_window(), *options)
    return time.perf_counter() - began
