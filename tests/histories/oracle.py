"""What a landing table must hold, said without SQL: for every group of rows that a source answers for as a whole
(a day; in gas, an operator's day), the rows of the last accepted run that found the group, each group written once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from odre.contract import Contract, load_contract

from tests.histories.publisher import CONS, DEF, TR, Publisher, Row

Key = tuple
MATURITY = {TR: 0, CONS: 1, DEF: 2}


@dataclass
class Capture:
    """What the source said of a window at one moment."""

    first: dt.date
    last: dt.date
    rows: list[Row]

    @classmethod
    def of(cls, publisher: Publisher, first: dt.date, last: dt.date) -> Capture:
        days = [first + dt.timedelta(n) for n in range((last - first).days + 1)]
        return cls(first, last, [dict(row) for day in days for row in publisher.rows(day)])


@dataclass
class Oracle:
    """The table that one dataset's accepted captures make.

    `held`: the rows of the table by key.
    """

    table: str
    held: dict[Key, Row] = field(default_factory=dict)

    @property
    def contract(self) -> Contract:
        return load_contract(self.table)

    def key(self, row: Row) -> Key:
        return tuple(str(row[name]) for name in self.contract.key)

    def group(self, row: Row) -> tuple:
        return tuple(str(row[name]) for name in self.contract.coverage)

    def observed(self, rows: list[Row]) -> set[str]:
        """Days with values."""
        return {str(row["date"]) for row in rows if row[self.contract.observed_column] is not None}

    def maturity(self, rows: list[Row], day: str) -> int:
        return max((MATURITY[row["nature"]] for row in rows if str(row["date"]) == day and "nature" in row), default=0)

    def standing(self, capture: Capture) -> list[Row]:
        return [row for row in self.held.values() if str(capture.first) <= str(row["date"]) <= str(capture.last)]

    def admitted(self, capture: Capture) -> list[Row]:
        """The rows of days that the table does not hold in a more mature state."""
        standing = self.standing(capture)
        return [
            row
            for row in capture.rows
            if self.maturity(capture.rows, str(row["date"])) >= self.maturity(standing, str(row["date"]))
        ]

    def refusal(self, capture: Capture, loaded: int) -> str | None:
        """Why a capture may not change the table; `None` when it may."""
        standing, admitted = self.standing(capture), self.admitted(capture)
        if loaded != len(capture.rows):
            return "rows were loaded of"
        if standing and not capture.rows:
            return "the source has no row for"
        days = {str(row["date"]) for row in admitted}
        if (days - self.observed(admitted)) & self.observed(standing):
            return "would lose all of them"
        covered = [row for row in standing if self.group(row) in {self.group(row) for row in admitted}]
        gone = {self.key(row) for row in covered} - {self.key(row) for row in admitted}
        return "would be deleted" if len(gone) * 2 > len(covered) else None

    def accept(self, capture: Capture) -> None:
        """Every group the capture has is what the capture says it is."""
        admitted = self.admitted(capture)
        found = {self.group(row) for row in admitted}
        keys = {self.key(row) for row in admitted}
        first, last = str(capture.first), str(capture.last)
        self.held = {
            key: row
            for key, row in self.held.items()
            if key not in keys and not (self.group(row) in found and first <= str(row["date"]) <= last)
        } | {self.key(row): row for row in admitted}
