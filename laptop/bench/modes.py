"""How the dbt part of a run was chosen: every way that was weighed, under a real scheduler, against `dbt build`.

Not part of the table; `python -m laptop.bench --only modes`.
"""

from __future__ import annotations

from pathlib import Path

from laptop.airflow import AirflowServer
from laptop.bench import orchestration
from laptop.bench.history import hourly_window
from laptop.bench.table import Result, Say
from laptop.stack import Stack

NAMES = {
    "chosen": "as the DAGs do it",
    "grouped": "a task for every model before the marts, one for all marts",
    "local": "Cosmos LOCAL, a task for every model",
    "watcher": "Cosmos WATCHER, a model and its tests apart",
    "watcher_untested": "Cosmos WATCHER, without data tests",
    "one_task": "one task",
}


class _Server(AirflowServer):
    """Airflow with those DAGs, on a database of its own: pgserver starts one only once per process."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(stack, port=0)
        self.postgres = stack.state / "postgres-modes"

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"AIRFLOW__CORE__DAGS_FOLDER": str(Path(__file__).with_name("mode_dags.py"))}


def measure(stack: Stack, pairs: int, say: Say):
    """A row for every way."""
    say("ways to run the dbt part, under a real scheduler")
    conf = dict(zip(("window_start", "window_end"), map(str, hourly_window()), strict=True))
    runs: dict[str, list[orchestration.DagRun]] = {name: [] for name in NAMES}
    builds = []
    with _Server(stack) as server:
        for name in NAMES:
            orchestration.start(server, f"bench_{name}")
        for number in range(pairs):
            for name, found in runs.items():
                found.append(orchestration.trigger(server, f"bench_{name}", conf))
                say(f"  pair {number + 1} of {pairs}: {NAMES[name]} {found[-1].seconds:.0f} s")
            builds.append(orchestration.timed(stack, "--only", "dbt"))
            say(f"  pair {number + 1} of {pairs}: plain dbt build {builds[-1]:.0f} s")
    for name, found in runs.items():
        yield Result(
            f"dbt part: {NAMES[name]}",
            "plain `dbt build`",
            orchestration.DBT,
            [run.seconds for run in found],
            builds,
            note=f"{len(found[-1].tasks)} tasks, {found[-1].task_seconds:.0f} task seconds.",
        )
