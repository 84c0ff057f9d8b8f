"""Compares an hourly run on a warehouse with years of data with one on a warehouse with a month of data, and the data
that it moves with those of the original.

The run is `laptop.bench.script`, which does everything that the DAG does, but without Airflow. Airflow's constant share
of the time would make the ratio look better than it is.
"""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timezone

from laptop.bench.history import REAL_TIME_EXPORTS, TABLE, TODAY, History, fetch, hourly_window, run_script
from laptop.bench.table import Goal, Result, Run, Say, interleaved
from laptop.warehouse import Warehouse

FLAT = Goal(1.2, "≤ 1.2× time; same rows, same partitions")
LITTLE = Goal(1 / 20, "≤ 1/20")
# Matches the partitions that an `insert_overwrite` names.
_MONTHS = re.compile(r"\bin \(\s*((?:date '\d{4}-\d{2}-01'[,\s]*)+)\)", re.IGNORECASE)
_MONTH = re.compile(r"\d{4}-\d{2}")


def measure(history: History, month: dict[str, str], pairs: int, say: Say) -> Iterator[Result]:
    """Three rows of the table.

    :param history: a loaded history.
    :param month: environment of a warehouse that holds a month of it.
    """
    say(f"one hourly run with {history.years} years in the warehouse, against one month")
    environments = (history.environment, month)
    rows, written = zip(*(_written(environment) for environment in environments), strict=True)
    same = rows[0] == rows[1] and written[0] == written[1]
    many, few = (_run(environment) for environment in environments)
    yield Result(
        f"one hourly run, {history.years} years in the warehouse",
        "one month in it",
        FLAT if same else Goal(0, FLAT.text),
        *interleaved(many, few, pairs, say),
        note=f"Both move {rows[0]:,} rows"
        + (f" and write the partitions {', '.join(written[0])} of the incremental models." if same else
           f" against {rows[1]:,}, partitions {written[0]} against {written[1]}: NOT the same."),
    )  # fmt: skip
    yield from _moved(history, say)


def _run(environment: dict[str, str]) -> Run:
    def run() -> float:
        began = time.perf_counter()
        run_script(environment, TABLE, *hourly_window())
        return time.perf_counter() - began

    return run


def _written(environment: dict[str, str]) -> tuple[int, list[str]]:
    """Rows moved by a run, and the month partitions its statements name, read from the warehouse's own job list."""
    warehouse = Warehouse(environment)
    began = datetime.now(timezone.utc)
    rows = run_script(environment, TABLE, *hourly_window())["rows"]
    queries = (getattr(job, "query", None) or "" for job in warehouse.client.list_jobs(min_creation_time=began))
    months = {month for query in queries for found in _MONTHS.findall(query) for month in _MONTH.findall(found)}
    return rows, sorted(months)


def _moved(history: History, say: Say) -> Iterator[Result]:
    say("bytes fetched and rows written, against the original's full download")
    api = history.stack.endpoints.api
    _forget(api)
    rows = run_script(history.environment, TABLE, *hourly_window(), "--only", "ingest")["rows"]
    requests = [r for r in json.loads(fetch(api, "_requests")) if r["status"] == 200]
    # The same requests are sent again, to count the bytes of their answers.
    ours = sum(len(fetch(api, r["path"].lstrip("/") + (f"?{r['query']}" if r["query"] else ""))) for r in requests)
    whole = fetch(api, f"{REAL_TIME_EXPORTS}/csv", {"use_labels": "true", "delimiter": ";"})
    appended = whole.count(b"\n") - 1
    note = f"{len(requests)} requests for {hourly_window()[0]} … {TODAY}; the original downloads all {appended:,} rows "
    note += "of the real-time dataset and appends them."
    yield Result("bytes fetched per hourly run", "original", LITTLE, [ours / 1e3], [len(whole) / 1e3], "kB", note)
    yield Result("rows written per hourly run", "original", LITTLE, [float(rows)], [float(appended)], "rows")


def _forget(api: str) -> None:
    urllib.request.urlopen(urllib.request.Request(f"{api}/_requests", method="DELETE"), timeout=10).close()
