"""Which local days a run covers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from croniter import croniter

from odre.contract import Contract
from odre.contract_fields import Sweep
from odre.errors import WindowRefused

RunKind = Literal["interval", "sweep", "backfill", "range", "full_refresh"]
_INSTANT = timedelta(microseconds=1)
# The two days of a range as the form calls them, and as REST and the command line do.
FIRST_DAY, LAST_DAY = "first day (start_date)", "last day (end_date)"


@dataclass(frozen=True)
class Window:
    """Whole local days, both ends included.

    :raises ValueError: `end` is before `start`.
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a window cannot end {self.end} before it starts {self.start}")

    def __str__(self) -> str:
        return f"{self.start} … {self.end}" if self.start != self.end else str(self.start)

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.end - self.start).days + 1

    def months(self) -> list[date]:
        """First day of every month the window touches, ascending: the partitions it writes."""
        first, last = self.start.year * 12 + self.start.month - 1, self.end.year * 12 + self.end.month - 1
        return [date(month // 12, month % 12 + 1, 1) for month in range(first, last + 1)]

    def instants(self, zone: str) -> tuple[datetime, datetime]:
        """The half-open range, in UTC, from local midnight of the first day to local midnight after the last.

        :param zone: IANA name of the local time zone.
        """
        local = ZoneInfo(zone)
        start, end = (datetime.combine(day, time(), local) for day in (self.start, self.end + timedelta(1)))
        return start.astimezone(timezone.utc), end.astimezone(timezone.utc)


@dataclass(frozen=True)
class Request:
    """What the schedule, or a person, asks of a run.

    :param interval_start: start of the data interval; `None` when the run has none.
    :param interval_end: end of the data interval, exclusive; for a run without interval, the moment at which it
        was triggered.
    :param start_date: first day asked for in the trigger form, ISO 8601; `None` when the field was left empty.
    :param end_date: last day asked for in the trigger form, ISO 8601; `None` when the field was left empty.
    :param full_refresh: whether everything is asked for that the dataset can hold.
    :param sweep_owed: whether the latest sweep that was due has not been done yet.
    :param look_back: whether the days before the interval are asked for again. Backfills do not look back: their
        range says exactly which days are wanted.
    """

    interval_start: datetime | None
    interval_end: datetime
    start_date: str | None = None
    end_date: str | None = None
    full_refresh: bool = False
    look_back: bool = True
    sweep_owed: bool = False


class Held(Protocol):
    """What has to be known of a dataset to tell whether days of it can be loaded; a `Contract` has it."""

    @property
    def dataset_id(self) -> str:
        """The dataset's id on ODRÉ."""

    @property
    def start_date(self) -> date:
        """First local day that the dataset can hold."""


def run_kind(contract: Contract, request: Request) -> RunKind:
    """Why a run covers the days it covers.

    - `full_refresh`: a person asked for the whole history;
    - `range`: a person asked for days by name;
    - `backfill`: the run belongs to a backfill, which covers its data interval and no more;
    - `sweep`: the contract's sweep is due in the data interval, or the last one that was due has not been done, so the
      run looks back further than usual;
    - `interval`: the data interval and the usual look-back.
    """
    if request.full_refresh:
        return "full_refresh"
    if request.start_date or request.end_date:
        return "range"
    if not request.look_back:
        return "backfill"
    sweep, start, end = contract.sweep, request.interval_start, request.interval_end
    if sweep and (request.sweep_owed or (start and start < end and _ticks(sweep, contract.timezone, start, end))):
        return "sweep"
    return "interval"


def resolve_window(contract: Contract, request: Request, today: date) -> Window:
    """The days a run covers: those that a person asks for, else the local days that the data interval touches and the
    look-back before them.

    :param today: the current local day; later days cannot be asked for.
    :raises WindowRefused: the days asked for are malformed, reversed, in the future, or before the dataset begins.
    """
    asked = asked_window(contract, request, today)
    return asked if asked is not None else _from_interval(contract, request, today)


def asked_window(dataset: Held, request: Request, today: date) -> Window | None:
    """The days that a person asks for, which take the place of the data interval; `None` when nobody asks for days.

    When only the first is given, the last is `today`; when only the last is given, it is the first too.

    :param today: the current local day; later days cannot be asked for.
    :raises WindowRefused: the days asked for are malformed, reversed, in the future, or before the dataset begins.
    """
    if request.full_refresh:
        if request.start_date or request.end_date:
            raise WindowRefused(
                dataset.dataset_id,
                "a full refresh (full_refresh) is asked for together with a first or last day (start_date, end_date)",
                "choose one: the whole history, or a range",
            )
        return Window(dataset.start_date, today)
    if not request.start_date and not request.end_date:
        return None
    start = _parse(dataset, FIRST_DAY, request.start_date) if request.start_date else None
    end = _parse(dataset, LAST_DAY, request.end_date) if request.end_date else today
    start = start or end
    for name, day in ((FIRST_DAY, start), (LAST_DAY, end)):
        if day > today:
            raise WindowRefused(
                dataset.dataset_id, f"the {name} {day} is in the future", f"ask for days up to today, {today}"
            )
    if end < start:
        raise WindowRefused(dataset.dataset_id, f"the {LAST_DAY} {end} is before the {FIRST_DAY} {start}", "swap them")
    if start < dataset.start_date:
        raise WindowRefused(
            dataset.dataset_id,
            f"the {FIRST_DAY} {start} is before the dataset begins",
            f"ask for days from {dataset.start_date} on",
        )
    return Window(start, end)


def _from_interval(contract: Contract, request: Request, today: date) -> Window:
    zone = ZoneInfo(contract.timezone)
    moment = request.interval_end
    begin = request.interval_start or moment
    last = max(moment - _INSTANT, begin).astimezone(zone).date()
    first = begin.astimezone(zone).date()
    first -= timedelta(_lookback_days(contract, run_kind(contract, request)))
    last = min(last, today)
    if last < contract.start_date:
        raise WindowRefused(
            contract.dataset_id,
            f"the data interval ends {last}, before the dataset begins",
            f"backfill from {contract.start_date} on",
        )
    return Window(min(max(first, contract.start_date), last), last)


def _lookback_days(contract: Contract, kind: RunKind) -> int:
    if kind == "backfill":
        return 0
    return contract.sweep.lookback_days if kind == "sweep" and contract.sweep else contract.lookback_days


def last_sweep(contract: Contract, moment: datetime) -> datetime | None:
    """The last moment, up to `moment`, at which the contract's sweep was due; `None` when the contract has no sweep."""
    if contract.sweep is None:
        return None
    local = moment.astimezone(ZoneInfo(contract.timezone))
    tick: datetime = croniter(contract.sweep.schedule, local + _INSTANT).get_prev(datetime)
    return tick.astimezone(timezone.utc)


def _ticks(sweep: Sweep, zone: str, start: datetime, end: datetime) -> bool:
    """Whether the sweep's schedule has a moment in (start, end]."""
    local = ZoneInfo(zone)
    tick: datetime = croniter(sweep.schedule, start.astimezone(local)).get_next(datetime)
    return tick <= end.astimezone(local)


def _parse(dataset: Held, name: str, value: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise WindowRefused(dataset.dataset_id, f"the {name} is {value!r}, not a date", "write it as YYYY-MM-DD")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise WindowRefused(
            dataset.dataset_id, f"the {name} {value} does not exist ({error})", "correct the date"
        ) from None
