"""The rows that a landing table must hold, computed without SQL. For every group of rows that a source answers as a
whole (a day; in gas, an operator's day), these are the rows of the most mature answer, and of equally mature ones the
answer that was asked last."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from odre.contract import Contract, load_contract

from tests.histories.publisher import CONS, DEF, TR, Publisher, Row

Key = tuple
MATURITY = {TR: 0, CONS: 1, DEF: 2}


@dataclass
class Capture:
    """The answer of the source about a window at one moment.

    :param asked: the moment; a later one is greater.
    """

    first: dt.date
    last: dt.date
    rows: list[Row]
    asked: int

    @classmethod
    def of(cls, publisher: Publisher, first: dt.date, last: dt.date, asked: int) -> Capture:
        days = [first + dt.timedelta(n) for n in range((last - first).days + 1)]
        return cls(first, last, [dict(row) for day in days for row in publisher.rows(day)], asked)


@dataclass
class Answered:
    """The groups that one accepted capture has answered, with the maturity of their days."""

    asked: int
    groups: dict[tuple, int]


@dataclass
class Verdict:
    """The effect of a capture on the table.

    :param admitted: rows that replace standing rows.
    :param kept: days of rows that do not, because the standing rows are newer or more mature.
    :param held_back: days that would lose data.
    """

    admitted: list[Row]
    kept: set[str]
    held_back: set[str]


@dataclass
class Oracle:
    """The table that one dataset's accepted captures make.

    `held`: the rows of the table by key. `ledger`: what the captures have answered.
    """

    table: str
    held: dict[Key, Row] = field(default_factory=dict)
    ledger: list[Answered] = field(default_factory=list)

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

    def refusal(self, capture: Capture, loaded: int) -> str | None:
        """Why a capture as a whole may not change the table; `None` when it may."""
        if loaded != len(capture.rows):
            return "rows were loaded of"
        if self.standing(capture) and not capture.rows:
            return "the source has no row for"
        return None

    def _outdated(self, group: tuple, asked: int, maturity: int) -> bool:
        """Whether a capture asked later has answered a group, as mature or more."""
        return any(a.asked > asked and a.groups.get(group, -1) >= maturity for a in self.ledger)

    def _takes_most(self, capture: Capture, rows: list[Row]) -> bool:
        """Whether the rows of a day take away most values of a measure that the table has at the same keys."""
        observed = self.contract.observed_column
        pairs = [(self.held[self.key(row)], row) for row in rows if self.key(row) in self.held]
        for column in self.contract.columns:
            if column.name != observed and not (column.required and column.unit):
                continue
            new = []
            for stands, row in pairs:
                day = str(row["date"])
                if column.name == observed:
                    comparable = self.maturity(self.standing(capture), day) == self.maturity(capture.rows, day)
                else:
                    comparable = row[observed] is not None
                if comparable and stands.get(column.name) is not None:
                    new.append(row.get(column.name))
            if 2 * new.count(None) > len(new):
                return True
        return False

    def verdict(self, capture: Capture) -> Verdict:
        """Decides about the rows of a capture, group by group and day by day."""
        standing = self.standing(capture)
        current, kept = list[Row](), set[str]()
        for row in capture.rows:
            day = str(row["date"])
            maturity = self.maturity(capture.rows, day)
            stands = self.held.get(self.key(row))
            outdated = self._outdated(self.group(row), capture.asked, maturity)
            # the table may hold the same key for another operator
            outdated |= stands is not None and self._outdated(self.group(stands), capture.asked, maturity)
            if outdated or maturity < self.maturity(standing, day):
                kept.add(day)
            else:
                current.append(row)
        groups, keys = {self.group(row) for row in current}, {self.key(row) for row in current}
        held_back = ({str(row["date"]) for row in current} - self.observed(current)) & self.observed(standing)
        for day in {str(row["date"]) for row in current}:
            covered = [row for row in standing if str(row["date"]) == day and self.group(row) in groups]
            if 2 * sum(self.key(row) not in keys for row in covered) > len(covered):
                held_back.add(day)
            if self._takes_most(capture, [row for row in current if str(row["date"]) == day]):
                held_back.add(day)
        return Verdict([row for row in current if str(row["date"]) not in held_back], kept, held_back)

    def accept(self, capture: Capture) -> Verdict:
        """Replace every admitted group by that of the capture."""
        verdict = self.verdict(capture)
        found = {self.group(row) for row in verdict.admitted}
        keys = {self.key(row) for row in verdict.admitted}
        self.held = {key: row for key, row in self.held.items() if key not in keys and self.group(row) not in found} | {
            self.key(row): row for row in verdict.admitted
        }
        days = {str(row["date"]): self.maturity(capture.rows, str(row["date"])) for row in verdict.admitted}
        self.ledger.append(Answered(capture.asked, {group: days[group[0]] for group in found}))
        return verdict
