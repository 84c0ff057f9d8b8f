"""Local days and clock time in France, as arrays.

A day is an integer: days since 1970-01-01 of the local calendar. RTE writes 96 quarter-hours of
clock time on every day of the year, the two DST days included.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
from zoneinfo import ZoneInfo

import numpy as np

PARIS = ZoneInfo("Europe/Paris")
QUARTERS = 96
_EPOCH = dt.date(1970, 1, 1)


def day_number(day: dt.date) -> int:
    return (day - _EPOCH).days


def date_of(day: int) -> dt.date:
    return _EPOCH + dt.timedelta(days=int(day))


def days_of_year(days: np.ndarray) -> np.ndarray:
    """0 to 365."""
    dates = days.astype("datetime64[D]")
    since_new_year: np.ndarray = (dates - dates.astype("datetime64[Y]")).astype(int)
    return since_new_year


def weekdays(days: np.ndarray) -> np.ndarray:
    """Monday 0 to Sunday 6."""
    return (days + 3) % 7


def wave(period: float, peak: float, size: int) -> np.ndarray:
    """A cosine with its peak at index ``peak``, rounded so that it is the same on every machine."""
    return np.array([round(math.cos(2 * math.pi * (i - peak) / period), 6) for i in range(size)])


@functools.lru_cache(maxsize=20_000)
def _noon_offset(day: int) -> int:
    noon = dt.datetime.combine(date_of(day), dt.time(12), tzinfo=PARIS)
    return int(noon.strftime("%z")[:3])


def utc_offsets(days: np.ndarray) -> np.ndarray:
    """Hours from UTC to the clock, shape (days, 96).

    On the day when summer time begins, 02:xx does not exist. It is taken as winter time, and so has the same instants
    as 03:xx. On the day when summer time ends, 02:xx is taken as winter time, so 00:00Z-00:45Z never occur.
    """
    after = np.array([_noon_offset(int(day)) for day in days])
    before = np.array([_noon_offset(int(day) - 1) for day in days])
    switch = np.where(after > before, 12, 8)[:, None]
    early = np.arange(QUARTERS)[None, :] < switch
    return np.where(early, before[:, None], after[:, None])
