"""The steps of single days, in the form that the page reads.

A day is `{column: [values in the order of time]}`, with `started_at` as whole minutes since 1970 in UTC and the columns
of the mart `dashboard_steps` in whole MW and g/kWh; a column without a known value on the day is left out. The page
holds the steps of the latest days itself. The steps of older days lie beside it in the lake, in one file per month.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from odre.contract_measures import Kind
from odre.measures import measures

# Where the files of older days are in the lake.
PREFIX = "dashboard/steps/"
# Number of days whose steps the page itself holds: the latest ones that have any.
EMBEDDED_DAYS = 60
# Python's default of 9 takes twice the time and saves a hundredth.
_COMPRESSION = 6
# The kinds of measures that the mart `dashboard_steps` has.
_SHOWN: tuple[Kind, ...] = ("consumption", "source", "storage", "exchange", "border", "forecast", "intensity")
# Forecasts reach this far beyond the last observed day.
_FORECAST_DAYS = 2

Day = dict[str, list[Any]]


def query(dataset: str, first: date, last: date) -> str:
    """The statement that reads the steps of the days from `first` to `last`: one row per day, in which every column is
    a JSON array of whole numbers. One row per step would be a hundred times as many rows, and reading them would take
    most of the time.

    :param dataset: `project.dataset` of the marts.
    """
    columns = {"started_at": "div(unix_seconds(started_at), 60)"} | {
        measure.name: f"cast(round({measure.name}) as int64)" for measure in measures(_SHOWN)
    }
    arrays = [f"to_json_string(array_agg({sql} order by started_at)) as {name}" for name, sql in columns.items()]
    return (
        f"select local_date, {', '.join(arrays)} from `{dataset}.dashboard_steps` "
        f"where local_date between date '{first}' and date '{last}' group by local_date order by local_date"
    )


def latest_days(days: Sequence[str], observed_steps: Sequence[int | None]) -> tuple[date, date] | None:
    """First and last day of which the page itself holds the steps, including days with forecasts only; `None` without a
    mix.

    :param days: ISO dates, in order.
    :param observed_steps: how many steps of each day are observed.
    """
    observed = [day for day, steps in zip(days, observed_steps, strict=True) if steps][-EMBEDDED_DAYS:]
    if not observed:
        return None
    return date.fromisoformat(observed[0]), date.fromisoformat(observed[-1]) + timedelta(days=_FORECAST_DAYS)


def by_day(columns: dict[str, list[Any]]) -> dict[str, Day]:
    """The result of `query` as days, by ISO date.

    :param columns: the columns of the result, name → one value per day.
    """
    days = [day.isoformat() for day in columns["local_date"]]
    found: dict[str, Day] = {day: {} for day in days}
    for name in (name for name in columns if name != "local_date"):
        for day, values in zip(days, map(json.loads, columns[name]), strict=True):
            if any(value is not None for value in values):
                found[day][name] = values
    return found


def packed(value: Any) -> bytes:
    """The value as compressed JSON; the same value always gives the same bytes."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return gzip.compress(text.encode(), _COMPRESSION, mtime=0)


def object_name(month: date) -> str:
    """Name of the object in the lake that holds the steps of a month, `packed`."""
    return f"{PREFIX}{month:%Y-%m}.json.gz"


def months_to_write(observed: Iterable[date], first: date, last: date, present: Iterable[str]) -> list[date]:
    """The first days of the months whose files a run writes: the months of its window, and those that have no file yet.

    :param observed: days with observed steps; a month without any has no file.
    :param first: first day of the run's window, and `last` its last one.
    :param present: names of the objects that the lake has.
    """
    there = set(present)
    found = sorted({day.replace(day=1) for day in observed})
    return [month for month in found if first.replace(day=1) <= month <= last or object_name(month) not in there]


def last_day(day: date) -> date:
    """The last day of the month in which a day lies."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
