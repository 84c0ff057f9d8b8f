"""The moment up to which the sample has data: now, or the moment that `ODRE_SAMPLE_NOW` names."""

from __future__ import annotations

import datetime as dt
import os

from laptop.replica.synthetic.calendar import PARIS

#: Local clock time as ISO 8601, such as 2024-01-02T09:30. Tests set it, so that nothing depends on when they run.
SETTING = "ODRE_SAMPLE_NOW"
#: Value that the tests and benchmarks set: December 2023 is complete, and the rest of the day has forecasts only.
PINNED = dt.datetime(2024, 1, 2, 9, 30)
_MONTHS = 25


def moment() -> dt.datetime:
    """The moment at which the sample's data end: local clock time, to the quarter-hour.

    :raises ValueError: `ODRE_SAMPLE_NOW` is no local time.
    """
    pinned = os.environ.get(SETTING)
    if not pinned:
        now = dt.datetime.now(PARIS).replace(tzinfo=None)
        return now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    try:
        given = dt.datetime.fromisoformat(pinned)
    except ValueError:
        given = None
    if given is None or given.tzinfo:
        raise ValueError(
            f"{SETTING} is {pinned!r}, which is no local time → write it as {PINNED:%Y-%m-%dT%H:%M}, or leave it out"
        )
    return given


def first_day(as_of: dt.datetime) -> dt.date:
    """First day of the sample, early enough for two whole winters, two springs and two autumns before `as_of`."""
    month = as_of.year * 12 + as_of.month - 1 - _MONTHS
    return dt.date(month // 12, month % 12 + 1, 1)
