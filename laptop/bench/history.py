"""Years of data as the API would send them, and stacks whose warehouses hold them.

All data are synthetic: first consolidated half-hours, then ten months of real-time quarter-hours, 96 rows a day.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from laptop.bench.table import Say
from laptop.environment import REPOSITORY
from laptop.replica.schemas import ECO2MIX_CONS_DEF, ECO2MIX_TR
from laptop.replica.synthetic.moment import PINNED
from laptop.stack import Stack

TABLE = "eco2mix_national_tr"
TODAY = PINNED.date()
REAL_TIME_START = date(2023, 3, 1)
_API = "api/explore/v2.1/catalog/datasets"
REAL_TIME_EXPORTS = f"{_API}/{ECO2MIX_TR.id}/exports"


def first_day(years: int) -> date:
    """First day of the period of `years` whole years before the year in which the sample ends."""
    return date(TODAY.year - years, 1, 1)


def hourly_window() -> tuple[date, date]:
    """First and last day of a scheduled run: the contract's look-back, and today."""
    from odre.contract import load_contract

    return TODAY - timedelta(load_contract(TABLE).lookback_days), TODAY


@dataclass(frozen=True)
class Exports:
    """Files as the API sends them, oldest days first.

    :param parquet: files in the form that the pipeline asks for.
    :param csv: the same rows in the form that the original project asks for, with labels as headers.
    """

    parquet: list[Path]
    csv: list[Path]


class History:
    """A replica of the API with years of data, and a warehouse beside it.

    :param folder: where everything is kept.
    :param years: whole years before the current one.
    """

    def __init__(self, folder: Path, years: int, say: Say, real_time_start: date = REAL_TIME_START) -> None:
        self.folder, self.years, self.say = folder, years, say
        starts = ("--start", str(first_day(years)), "--real-time-start", str(real_time_start))
        options = (*starts, "--as-of", PINNED.isoformat())
        self.stack = Stack(folder / f"stack-{years}-{real_time_start}", usual_ports=False, replica_options=options)

    def __enter__(self) -> History:
        self.say(f"  starting a stack with {self.years} years of synthetic data")
        self.stack.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.reset()

    @property
    def environment(self) -> dict[str, str]:
        return self.stack.environment

    def exports(self) -> Exports:
        """All éCO2mix rows the API holds, in both forms."""
        asked = {
            "parquet": {"order_by": "date_heure,heure", "timezone": "UTC", "parquet_compression": "zstd"},
            "csv": {"use_labels": "true", "delimiter": ";"},
        }
        return Exports(**{form: self._download(form, options) for form, options in asked.items()})

    def _download(self, form: str, options: dict[str, str]) -> list[Path]:
        paths = []
        for dataset in (ECO2MIX_CONS_DEF.id, ECO2MIX_TR.id):
            path = self.folder / f"{dataset}-{self.years}.{form}"
            path.write_bytes(fetch(self.stack.endpoints.api, f"{_API}/{dataset}/exports/{form}", options))
            paths.append(path)
        return paths

    def load(self, environment: dict[str, str] | None = None, start: date | None = None) -> None:
        """Fill a warehouse with all datasets, models included.

        :param environment: environment of the warehouse's stack; by default that of this stack.
        :param start: first day to load; all the API holds by default.
        """
        from odre.contract import load_contract, tables

        start = start or first_day(self.years)
        self.say(f"  loading {start} … {TODAY}")
        for table in tables():
            first = max(start, load_contract(table).start_date)
            run_script(environment or self.environment, table, first, TODAY, "--only", "ingest")
        build_all(environment or self.environment, start)


@contextmanager
def month(history: History) -> Iterator[Stack]:
    """A warehouse that holds the last month of what `history` serves; yields its stack."""
    stack = Stack(history.folder / "stack-month", usual_ports=False, api=history.stack.endpoints.api)
    try:
        history.load(stack.up(), date(TODAY.year - 1, 12, 1))
        yield stack
    finally:
        stack.reset()


def fetch(host: str, path: str, options: dict[str, str] | None = None) -> bytes:
    """The body of an answer."""
    query = f"?{urllib.parse.urlencode(options)}" if options else ""
    with urllib.request.urlopen(f"{host}/{path}{query}", timeout=600) as answer:
        return bytes(answer.read())


def python(environment: dict[str, str], *arguments: str) -> str:
    """Run this interpreter in a process of its own.

    :returns: the last line it printed.
    :raises RuntimeError: it failed; the message ends with the last lines that it printed.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    done = subprocess.run(
        [sys.executable, *arguments],
        env=inherited | environment,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise RuntimeError(f"{' '.join(arguments[:4])} ended with code {done.returncode}\n{tail}")
    return (done.stdout.strip().splitlines() or [""])[-1]


def run_script(environment: dict[str, str], table: str, start: date, end: date, *options: str) -> dict[str, Any]:
    """Run `laptop.bench.script` and return its report."""
    answer = python(environment, "-m", "laptop.bench.script", table, str(start), str(end), *options)
    return dict(json.loads(answer))


def build_all(environment: dict[str, str], start: date) -> None:
    """Build the seeds and models of the whole project from scratch."""
    from odre.plan import WINDOW_VARIABLES

    window = dict(zip(WINDOW_VARIABLES, (str(start), str(TODAY)), strict=True))
    what = ("--resource-type", "seed", "--resource-type", "model")
    python(environment | window, "-m", "dbt.cli.main", "--quiet", "build", *what, "--full-refresh")
