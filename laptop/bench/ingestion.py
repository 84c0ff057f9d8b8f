"""Measures the ingestion of three years of one dataset, from the API into the warehouse, against dlt."""

from __future__ import annotations

import http.server
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from laptop.bench.history import REAL_TIME_EXPORTS, TABLE, TODAY, History, fetch, first_day, run_script
from laptop.bench.table import Goal, Result, Say, interleaved
from laptop.environment import REPOSITORY
from laptop.loopback import served

GOAL = Goal(1 / 2, "≥ 2× faster")
YEARS = 3
# These are no dependencies of the project. The benchmark installs them into an environment of their own.
PACKAGES = ("dlt[duckdb,parquet]==1.31.0", "duckdb==1.5.5")
_ENVIRONMENT = REPOSITORY / ".venv-bench"


def measure(folder: Path, pairs: int, say: Say) -> Iterator[Result]:
    """One row of the table."""
    say(f"ingesting {YEARS} years of one dataset, against dlt")
    interpreter = _environment(say)
    rows: dict[str, int] = {}
    with History(folder, YEARS, say, real_time_start=first_day(YEARS)) as history, _served(history, folder) as url:

        def ours() -> float:
            done = run_script(history.environment, TABLE, first_day(YEARS), TODAY + timedelta(1), "--only", "ingest")
            rows["ours"] = done["rows"]
            return float(sum(done["seconds"].values()))

        def dlt() -> float:
            with tempfile.TemporaryDirectory(dir=folder) as work:
                command: list[str | Path] = [interpreter, Path(__file__).with_name("dlt_pipeline.py"), url, "mix.json"]
                command += ["perimetre,date,heure", work]
                quiet = os.environ | {"RUNTIME__DLTHUB_TELEMETRY": "false"}
                done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
            if done.returncode:
                raise RuntimeError(f"dlt ended with code {done.returncode}\n{done.stderr[-2000:]}")
            seconds, count = done.stdout.split()[-2:]
            rows["dlt"] = int(count)
            return float(seconds)

        figures = interleaved(ours, dlt, pairs, say)
    yield Result(
        f"API to warehouse, {YEARS} years of one dataset",
        "dlt",
        GOAL,
        *figures,
        note=f"{rows['ours']:,} rows against {rows['dlt']:,}. Ours asks the replica, checks the rows and merges them "
        "into the BigQuery emulator. dlt gets the same rows as JSON from a plain file server and merges them into "
        "DuckDB directly. Imports are not counted.",
    )


def _environment(say: Say) -> Path:
    """Interpreter of the environment that has dlt."""
    python = _ENVIRONMENT / "bin" / "python"
    stamp = _ENVIRONMENT / "packages"
    if not stamp.exists() or stamp.read_text() != "\n".join(PACKAGES):
        say(f"  installing {', '.join(PACKAGES)} into {_ENVIRONMENT.name}")
        shutil.rmtree(_ENVIRONMENT, ignore_errors=True)
        uv = str(Path(sys.executable).with_name("uv"))
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, _ENVIRONMENT], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", python, *PACKAGES], check=True)
        stamp.write_text("\n".join(PACKAGES))
    return python


@contextmanager
def _served(history: History, folder: Path) -> Iterator[str]:
    """The dataset as JSON from a file server, so that dlt does not wait for the replica; yields its base URL."""
    public = folder / "public"
    public.mkdir(exist_ok=True)
    (public / "mix.json").write_bytes(fetch(history.stack.endpoints.api, f"{REAL_TIME_EXPORTS}/json"))
    handler = partial(_Quiet, directory=str(public))
    with served(handler) as url:
        yield f"{url}/"


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass
