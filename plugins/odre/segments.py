"""Which dataset of the API answers for which days of a window.

RTE moves days from the real-time dataset to the consolidated one at irregular times, months apart, so the API is asked
where the boundary lies. The history dataset, when the contract names one, answers for the days that it holds, up to the
last one that it holds whole; the main dataset answers for all others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from odre.contract import Contract
from odre.window import Window

_DAY = timedelta(1)


class Source(Protocol):
    """What the segments need to know of a dataset; `odre.hooks.explore.ExploreHook` answers it."""

    def count(self, dataset_id: str, where: str) -> int:
        """Number of rows that `where` selects."""

    def bounds(self, dataset_id: str, field: str, where: str) -> tuple[str | None, str | None]:
        """Least and greatest value among the rows that `where` selects; `(None, None)` when it selects none."""


@dataclass(frozen=True)
class Segment:
    """Part of a window, and the dataset that answers for it.

    :param fills: whether it only fills gaps, which means that it answers for those days of its window on which the
        earlier parts have no row.
    """

    dataset_id: str
    window: Window
    fills: bool = False

    def __str__(self) -> str:
        return f"{self.dataset_id} {self.window}"


def segments(contract: Contract, window: Window, source: Source) -> list[Segment]:
    """The parts of `window`, in ascending order of days.

    Where the main dataset holds days that the history dataset should answer for, the main dataset is asked for them
    too, and fills the days that the history dataset lacks.

    :raises DatasetMissing: the API has no such history dataset, or no such dataset.
    """
    history = contract.history_dataset_id
    last = last_day_held(contract, history, window, source) if history else None
    if history is None or last is None or last < window.start:
        return [Segment(contract.dataset_id, window)]
    older = Segment(history, Window(window.start, min(last, window.end)))
    if source.count(contract.dataset_id, where_clause(contract, older.window)):
        return [older, Segment(contract.dataset_id, window, fills=True)]
    if last >= window.end:
        return [older]
    return [older, Segment(contract.dataset_id, Window(last + _DAY, window.end))]


def last_day_held(contract: Contract, dataset_id: str, window: Window, source: Source) -> date | None:
    """Last local day of which `dataset_id` holds all observed values; `None` if it holds none since `window` began.

    Days after the window count too, because the boundary belongs to the dataset and not to the window: a day whose
    evening has no values yet is asked of the same dataset, whichever window it lies in.
    """
    first, _ = _bounds(contract, window)
    where = f"{contract.filter_column} >= {first} and {contract.observed_column} is not null"
    _, last = source.bounds(dataset_id, contract.filter_column, where)
    if last is None:
        return None
    if not contract.clock:
        return date.fromisoformat(last[:10])
    local = datetime.fromisoformat(last).astimezone(ZoneInfo(contract.timezone))
    # A day that ends before its last hour is still being moved, so the main dataset answers for it.
    return local.date() if local.hour == 23 else local.date() - _DAY


def where_clause(contract: Contract, window: Window) -> str:
    """The ODSQL condition that selects exactly the window's rows."""
    column, (first, last) = contract.filter_column, _bounds(contract, window)
    return f"{column} >= {first} and {column} {'<' if contract.clock else '<='} {last}"


def _bounds(contract: Contract, window: Window) -> tuple[str, str]:
    """ODSQL literals: the first and the last day, or, for instants, the half-open range of the window in UTC."""
    if not contract.clock:
        return f"date'{window.start}'", f"date'{window.end}'"
    start, end = window.instants(contract.timezone)
    return f"date'{start:%Y-%m-%dT%H:%M:%SZ}'", f"date'{end:%Y-%m-%dT%H:%M:%SZ}'"
