"""Which dataset of the API answers for which days of a window.

RTE moves days from the real-time dataset to the consolidated one at irregular times, months apart, so
the boundary is asked of the API: the consolidated dataset, when the contract names one, answers for
every day up to the last it holds; the main dataset for the days after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from odre.contract import Contract
from odre.hooks.explore import ExploreClient
from odre.window import Window

_DAY = timedelta(1)


@dataclass(frozen=True)
class Segment:
    """Part of a window that one dataset answers for."""

    dataset_id: str
    window: Window


def segments(contract: Contract, window: Window, history: ExploreClient | None) -> list[Segment]:
    """The parts of `window`, in ascending order of days.

    :param history: client of the contract's history dataset; `None` when it has none.
    """
    main = Segment(contract.dataset_id, window)
    last = last_day_held(contract, window, history) if history else None
    if last is None or last < window.start:
        return [main]
    older = Segment(history.dataset_id, Window(window.start, min(last, window.end)))
    if last >= window.end:
        return [older]
    return [older, Segment(contract.dataset_id, Window(last + _DAY, window.end))]


def last_day_held(contract: Contract, window: Window, client: ExploreClient) -> date | None:
    """Last local day that the dataset holds whole, observed values of; `None` if it holds none since `window` began.

    Days after the window count: the boundary is the dataset's, the same for every window, so that a day whose
    evening has no values is asked of the same dataset whichever window it lies in.
    """
    first, _ = _bounds(contract, window)
    where = f"{contract.filter_column} >= {first} and {contract.observed_column} is not null"
    _, last = client.bounds(contract.filter_column, where)
    if last is None:
        return None
    if not contract.clock:
        return date.fromisoformat(last[:10])
    local = datetime.fromisoformat(last).astimezone(ZoneInfo(contract.timezone))
    # A day that ends before its last hour is still being moved: the main dataset answers for it.
    return local.date() if local.hour == 23 else local.date() - _DAY


def where_clause(contract: Contract, window: Window) -> str:
    """ODSQL condition that selects exactly the window's rows."""
    column, (first, last) = contract.filter_column, _bounds(contract, window)
    return f"{column} >= {first} and {column} {'<' if contract.clock else '<='} {last}"


def _bounds(contract: Contract, window: Window) -> tuple[str, str]:
    """ODSQL literals: first and last day, or for instants the half-open range of the window."""
    if not contract.clock:
        return f"date'{window.start}'", f"date'{window.end}'"
    start, end = window.instants(contract.timezone)
    return f"date'{start:%Y-%m-%dT%H:%M:%SZ}'", f"date'{end:%Y-%m-%dT%H:%M:%SZ}'"
