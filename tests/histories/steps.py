"""The steps of which histories are made: changes at the source, and runs."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass

from hypothesis import Phase
from hypothesis import strategies as st

from tests.histories.publisher import DAYS, PUBLISHERS

HISTORIES = int(os.environ.get("HISTORIES", "0"))
# Days around which calendars are difficult: the end of a year, and both changes of the clock.
BASES = [dt.date(2022, 12, 29), dt.date(2022, 3, 25), dt.date(2022, 10, 28)]
TODAY = dt.date(2023, 6, 1)
FAILING = ["http_500", "http_400", "html_page", "error_object", "cut_off_body", "interrupted_stream", "garbage",
           "missing_key", "missing_measure", "renamed_column"]  # fmt: skip
FAILING_ON_ROWS = ["fewer_rows", "outside_window", "day_first_dates"]
# Some days of the answer break the contract; when all do, the answer is refused.
BAD_DAYS = ["text_in_number", "absurd_value", "duplicates_conflicting"]
HARMLESS = ["unsorted", "number_as_text", "new_column", "duplicates_equal"]

day = st.integers(0, DAYS - 1)
windows = st.sampled_from([(first, last) for first in range(DAYS) for last in range(first, DAYS)])


def phases() -> tuple[Phase, ...]:
    """A history that fails is made shorter where histories are looked for; it takes minutes."""
    return (Phase.generate, Phase.shrink) if HISTORIES else (Phase.generate,)


@dataclass(frozen=True)
class Change:
    """A change at the source."""

    kind: str
    day: int
    part: int


@dataclass(frozen=True)
class Tick:
    """A sweep is due from now on."""


@dataclass(frozen=True)
class Run:
    """A run of the pipeline.

    :param window: first and last day number of its interval, or of its range.
    :param kind: how it was started.
    :param fault: of the API.
    :param lose: rows that the load loses.
    :param killed: after which task the run dies for good.
    :param twice: the statement runs once more, as when a task is retried whose job had succeeded.
    :param late: how many of the following runs merge before this one does.
    :param cleared: afterwards, the MERGE of so many runs ago is cleared; 0 for none.
    :param gone: the API answers 404 for the consolidated dataset, where there is one.
    """

    window: tuple[int, int]
    kind: str = "asked"
    fault: str | None = None
    lose: int = 0
    killed: str | None = None
    twice: bool = False
    late: int = 0
    cleared: int = 0
    gone: bool = False


def histories(table: str) -> st.SearchStrategy:
    change = st.builds(Change, st.sampled_from(PUBLISHERS[table].changes), day, st.integers(0, 3))
    kinds = st.sampled_from(["asked", "backfill", "scheduled", "full"])
    plain = st.builds(
        Run, windows, kinds, late=st.sampled_from([0, 0, 0, 1]), cleared=st.sampled_from([0, 0, 0, 1, 2, 3]),
        gone=st.sampled_from([False, False, False, True]),
    )  # fmt: skip
    troubles = [*[None] * 12, *FAILING, *FAILING_ON_ROWS, *HARMLESS, *BAD_DAYS * 2]
    odd = st.builds(
        Run, windows, kinds, fault=st.sampled_from(troubles), lose=st.sampled_from([0, 0, 0, 1]),
        killed=st.sampled_from([None, None, None, "extract", "load"]), twice=st.booleans(), late=st.integers(0, 2),
    )  # fmt: skip
    published = st.lists(st.builds(Change, st.just("publish"), day, st.just(3)), min_size=3, max_size=DAYS)
    due = st.lists(st.just(Tick()), max_size=1)
    episode = st.tuples(st.lists(change, min_size=1, max_size=3), due, st.lists(plain | odd, min_size=1, max_size=2))
    return st.tuples(published, st.lists(plain, max_size=1), st.lists(episode, min_size=3, max_size=5)).map(
        lambda parts: [*parts[0], *parts[1], *(step for episode in parts[2] for steps in episode for step in steps)]
    )
