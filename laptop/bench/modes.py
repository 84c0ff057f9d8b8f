"""Measures every way of running the dbt part of a run that was considered, under a real scheduler, against `dbt build`.

It is not part of the table: `python -m laptop.bench --only modes`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from odre.plan import WINDOW_VARIABLES

from laptop.airflow import AirflowServer
from laptop.bench import orchestration
from laptop.bench.history import hourly_window
from laptop.bench.table import Result, Say
from laptop.stack import Stack

NAMES = {
    "chosen": "as the DAGs do it",
    "grouped": "a task for every model before the marts, one for all marts",
    "local": "Cosmos LOCAL, a task for every model",
    "watcher": "Cosmos WATCHER, sensors of a model and of its tests",
    "one_task": "one task",
}


class _Server(AirflowServer):
    """Airflow with the DAGs of `mode_dags`. It has a database of its own, because pgserver starts the same database
    only once per process.

    :param shared: whether tasks are forked from a scheduler that has imported what they need. Otherwise every task
        imports everything itself, as it does on a worker that is not a fork of the scheduler (Celery's, on Composer).
    """

    def __init__(self, stack: Stack, shared: bool) -> None:
        super().__init__(stack, port=0)
        self.shared = shared
        self.database.postgres = stack.state / f"postgres-modes-{'shared' if shared else 'alone'}"

    @property
    def environment(self) -> dict[str, str]:
        found = super().environment | {"AIRFLOW__CORE__DAGS_FOLDER": str(Path(__file__).with_name("mode_dags.py"))}
        return found if self.shared else found | {"PYTHONPATH": self.stack.environment["PYTHONPATH"]}


def measure(stack: Stack, pairs: int, say: Say) -> Iterator[Result]:
    """One row for every way with imports that all tasks share, and one row, from a single pair, for every way with
    imports in each task."""
    conf = dict(zip(WINDOW_VARIABLES, map(str, hourly_window()), strict=True))
    for shared in (True, False):
        say(f"ways to run the dbt part, under a real scheduler, imports {'shared' if shared else 'by every task'}")
        runs, builds = _runs(stack, shared, pairs if shared else 1, conf, say)
        for name, found in runs.items():
            yield Result(
                f"dbt part: {NAMES[name]}" + ("" if shared else "; every task imports"),
                "plain `dbt build`",
                orchestration.DBT,
                [run.seconds for run in found],
                builds,
                note=f"{len(found[-1].tasks)} tasks, {found[-1].task_seconds:.0f} task seconds.",
            )


def _runs(
    stack: Stack, shared: bool, pairs: int, conf: dict[str, str], say: Say
) -> tuple[dict[str, list[orchestration.DagRun]], list[float]]:
    """Runs of every way, and the seconds of a plain `dbt build` beside each."""
    runs: dict[str, list[orchestration.DagRun]] = {name: [] for name in NAMES}
    builds = []
    with _Server(stack, shared) as server:
        for name in NAMES:
            orchestration.start(server, f"bench_{name}")
        for number in range(pairs):
            for name, found in runs.items():
                found.append(orchestration.trigger(server, f"bench_{name}", conf))
                say(f"  pair {number + 1} of {pairs}: {NAMES[name]} {found[-1].seconds:.0f} s")
            builds.append(orchestration.timed(stack, "--only", "dbt"))
            say(f"  pair {number + 1} of {pairs}: plain dbt build {builds[-1]:.0f} s")
    return runs, builds
