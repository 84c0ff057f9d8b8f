"""The steps of single days, in the form that the page reads.

A day is `{column: [values in the order of time]}`, with `started_at` as whole minutes since 1970 in UTC and the columns
of the mart `dashboard_steps` in MW and g/kWh; a column that is not known at any step of the day is left out. The page
holds the latest days itself; those of older days lie beside it in the lake, a file for each month.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

# Where the files of older days are in the lake.
PREFIX = "dashboard/steps/"
# The page itself holds the steps of so many days, the latest ones that have any.
EMBEDDED_DAYS = 60
# Forecasts reach this far beyond the last observed day.
_FORECAST_DAYS = 2

Day = dict[str, list[Any]]


def query(dataset: str, first: date, last: date) -> str:
    """The statement that reads the steps of the days from `first` to `last`.

    :param dataset: `project.dataset` of the marts.
    """
    return (
        f"select * from `{dataset}.dashboard_steps` "
        f"where local_date between date '{first}' and date '{last}' order by started_at"
    )


def latest_days(days: Sequence[str], observed_steps: Sequence[int | None]) -> tuple[date, date] | None:
    """First and last day whose steps the page itself holds, days with forecasts only included; `None` without a mix.

    :param days: ISO dates, in order.
    :param observed_steps: how many steps of each day are observed.
    """
    observed = [day for day, steps in zip(days, observed_steps, strict=True) if steps][-EMBEDDED_DAYS:]
    if not observed:
        return None
    return date.fromisoformat(observed[0]), date.fromisoformat(observed[-1]) + timedelta(days=_FORECAST_DAYS)


def by_day(columns: dict[str, list[Any]]) -> dict[str, Day]:
    """The days of what `query` answers, by ISO date.

    :param columns: name → values of the mart's columns.
    """
    found: dict[str, Day] = {}
    names = [name for name in columns if name not in ("local_date", "maturity")]
    for i, day in enumerate(columns["local_date"]):
        steps = found.setdefault(day.isoformat(), {name: [] for name in names})
        for name in names:
            steps[name].append(_plain(columns[name][i]))
    return {
        day: {name: values for name, values in steps.items() if any(v is not None for v in values)}
        for day, steps in found.items()
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return int(value.timestamp()) // 60
    return None if value is None else round(value)


def packed(value: Any) -> bytes:
    """JSON that is compressed; the same bytes for the same value."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return gzip.compress(text.encode(), mtime=0)


def object_name(month: date) -> str:
    """Name of the object in the lake that holds the steps of a month, `packed`."""
    return f"{PREFIX}{month:%Y-%m}.json.gz"


def months_to_write(observed: Iterable[date], first: date, last: date, present: Iterable[str]) -> list[date]:
    """The first days of the months whose files a run writes: those of its window, and those that are not there yet.

    :param observed: days with observed steps; a month without any has no file.
    :param first: first day of the run's window, and `last` its last one.
    :param present: names of the objects that are there.
    """
    there = set(present)
    found = sorted({day.replace(day=1) for day in observed})
    return [month for month in found if first.replace(day=1) <= month <= last or object_name(month) not in there]


def last_day(month: date) -> date:
    """The last day of the month that begins on a day."""
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
