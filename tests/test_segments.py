"""The datasets of the API that answer for the days of a window."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from odre.contract import load_contract
from odre.errors import DatasetMissing
from odre.segments import Segment, segments
from odre.window import Window

MIX, GAS = load_contract("eco2mix_national_tr"), load_contract("stock_quotidien_stockages_gaz")
TR, CONS = MIX.dataset_id, MIX.history_dataset_id
PARIS = ZoneInfo("Europe/Paris")
WINDOW = Window(date(2026, 1, 1), date(2026, 1, 10))


def day(number: int) -> date:
    return date(2026, 1, number)


@dataclass
class Source:
    """Datasets that hold whole days, and one that may end within a day.

    :param held: by dataset, its days; a dataset that is not there does not exist.
    :param until: hour at which the last day of the consolidated dataset ends.
    """

    held: dict[str, list[int]]
    until: int = 23
    asked: list[str] = field(default_factory=list)

    def _rows(self, dataset_id: str, where: str) -> list[datetime]:
        self.asked.append(dataset_id)
        if dataset_id not in self.held:
            raise DatasetMissing(dataset_id, "HTTP 404", "look")
        moments = [
            datetime(2026, 1, number, hour, tzinfo=PARIS)
            for number in self.held[dataset_id]
            for hour in (0, self.until if dataset_id == CONS and number == max(self.held[CONS]) else 23)
        ]
        limits = [datetime.fromisoformat(text) for text in re.findall(r"date'([^']+)'", where)]
        upper = limits[1] if len(limits) > 1 else moments[-1] + timedelta(days=999) if moments else limits[0]
        return [moment for moment in moments if limits[0] <= moment < upper]

    def bounds(self, dataset_id: str, field: str, where: str) -> tuple[str | None, str | None]:
        found = self._rows(dataset_id, where)
        return (min(found).isoformat(), max(found).isoformat()) if found else (None, None)

    def count(self, dataset_id: str, where: str) -> int:
        return len(self._rows(dataset_id, where))


@pytest.mark.parametrize(
    ("consolidated", "real_time", "until", "expected"),
    [
        # the datasets meet within the window
        ([1, 2, 3, 4], [5, 6, 7, 8, 9, 10], 23, [(CONS, 1, 4, False), (TR, 5, 10, False)]),
        # the consolidated dataset's last day is still being moved
        ([1, 2, 3, 4, 5], [5, 6, 7, 8, 9, 10], 12, [(CONS, 1, 4, False), (TR, 5, 10, False)]),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], [12], 23, [(CONS, 1, 10, False)]),
        ([], [1, 2, 3], 23, [(TR, 1, 10, False)]),
        # real time holds days that the consolidated dataset lacks, or holds too: it is asked for all, and fills
        ([3, 4], [1, 2, 3, 5, 6], 23, [(CONS, 1, 4, False), (TR, 1, 10, True)]),
        ([1, 2, 4, 11], [3], 23, [(CONS, 1, 10, False), (TR, 1, 10, True)]),
    ],
)
def test_each_day_is_asked_of_whichever_dataset_holds_it(consolidated, real_time, until, expected):
    found = segments(MIX, WINDOW, Source({CONS: consolidated, TR: real_time}, until))
    assert found == [Segment(name, Window(day(first), day(last)), fills) for name, first, last, fills in expected]


def test_a_dataset_without_a_history_is_asked_for_everything():
    source = Source({})
    assert segments(GAS, WINDOW, source) == [Segment(GAS.dataset_id, WINDOW)] and source.asked == []


def test_a_history_that_is_gone_is_named():
    with pytest.raises(DatasetMissing) as error:
        segments(MIX, WINDOW, Source({TR: [1]}))
    assert error.value.dataset == CONS
