"""Measure one long backfill: a single triggered range on a stack of its own, under a real scheduler.

    python -m laptop.backfill [--table …] [--first 2012-01-01] [--last 2023-12-31]

The replica serves a synthetic history: éCO2mix consolidated (values every half-hour) up to half a year before
the last day, real time (every quarter-hour) after it. Prints rows, wall time, and for every task its duration
and the peak memory of its process, as JSON.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from laptop.airflow import AirflowServer
from laptop.stack import Stack

_REAL_TIME_DAYS = 184
_MEGABYTE = 1024
# Beginning of the title that Airflow gives to the process of a task.
_TASK_PROCESS = "airflow worker -- "


def measure(table: str, first: dt.date, last: dt.date) -> dict[str, Any]:
    """Load `first` … `last` of a dataset through one triggered run; returns the rows, the times and the memory it took.

    :raises RuntimeError: the run failed.
    """
    options = ["--start", str(first), "--real-time-start", str(last - dt.timedelta(_REAL_TIME_DAYS - 1))]
    options += ["--as-of", f"{last + dt.timedelta(2)}T09:30"]
    with (
        tempfile.TemporaryDirectory(prefix="eco2mix-backfill-") as state,
        Stack(state=Path(state), usual_ports=False, replica_options=tuple(options)) as stack,
        AirflowServer(stack, port=0) as airflow,
    ):
        airflow.call("PATCH", f"/dags/{table}", {"is_paused": False})
        conf = {"start_date": str(first), "end_date": str(last)}
        run = airflow.call("POST", f"/dags/{table}/dagRuns", {"conf": conf, "logical_date": None})
        path = f"/dags/{table}/dagRuns/{run['dag_run_id']}"
        peaks: dict[str, int] = {}
        while (state_now := airflow.call("GET", path)["state"]) not in ("success", "failed"):
            for _ in range(10):
                for task, kilobytes in _task_processes():
                    peaks[task] = max(kilobytes, peaks.get(task, 0))
                time.sleep(0.1)
        tasks = airflow.call("GET", f"{path}/taskInstances?limit=200")["task_instances"]
        if state_now == "failed":
            raise RuntimeError(f"the run failed: {[t['task_id'] for t in tasks if t['state'] == 'failed']}")
        extracted = airflow.call("GET", f"{path}/taskInstances/ingest.extract/xcomEntries/return_value")["value"]
        ran = airflow.call("GET", path)
        return {
            "table": table,
            "days": (last - first).days + 1,
            "rows": extracted["rows"],
            "segments": extracted["segments"],
            "requests": extracted["requests"],
            "seconds": round(_seconds(ran["start_date"], ran["end_date"]), 1),
            "emulator_peak_mb": _peak(warehouse["pid"]) // _MEGABYTE
            if (warehouse := stack.services["warehouse"].recorded())
            else 0,
            "tasks": {
                task["task_id"]: {
                    "seconds": round(task["duration"], 1),
                    "peak_mb": peaks.get(task["id"], 0) // _MEGABYTE,
                }
                for task in sorted(tasks, key=lambda task: task["start_date"] or "")
                if task["duration"]
            },
        }


def _task_processes() -> Iterator[tuple[str, int]]:
    """Task instance id and peak memory (kB) of every task process that runs now."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            title = (entry / "cmdline").read_bytes().decode(errors="replace").strip("\0 ")
        except OSError:
            continue
        if title.startswith(_TASK_PROCESS) and (peak := _peak(int(entry.name))):
            yield title.removeprefix(_TASK_PROCESS), peak


def _peak(pid: int) -> int:
    """Greatest resident size a process has had so far, in kB; 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def _seconds(start: str, end: str) -> float:
    return (dt.datetime.fromisoformat(end) - dt.datetime.fromisoformat(start)).total_seconds()


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m laptop.backfill", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--table", default="eco2mix_national_tr", help="landing table (default: %(default)s)")
    for name, default in (("first", "2012-01-01"), ("last", "2023-12-31")):
        parser.add_argument(f"--{name}", type=dt.date.fromisoformat, default=default, help=f"{name} day ({default})")
    given = parser.parse_args()
    print(json.dumps(measure(given.table, given.first, given.last), indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
