"""What is left out of a canonical file because it breaks the contract, and why."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from typing import TypedDict

import pyarrow as pa
import pyarrow.compute as pc

from odre.contract import Contract
from odre.errors import DataRejected
from odre.exports.casting import readable
from odre.exports.checks import Finding
from odre.extracted import LeftOut
from odre.scope import Scope

# Number of offending rows that are kept as they came; further ones are only counted.
MOST_RECORDS = 1000


class Record(TypedDict):
    """A row that breaks the contract, as `odre.ledger.SET_ASIDE_FIELDS` has it."""

    local_date: date
    scope: Scope
    column_name: str | None
    reason: str
    value: str | None
    row_json: str


@dataclass
class Aside:
    """The days and rows that are left out.

    :param days: days that are left out as a whole.
    :param records: rows that break the contract, as they came; the first `MOST_RECORDS`.
    :param first: the error that is raised when no row is left. It is about the first finding that leaves out a whole
        day, or, when there is none, about the first finding.
    """

    contract: Contract
    days: set[date] = field(default_factory=set)
    records: list[Record] = field(default_factory=list)
    first: DataRejected | None = None
    _first_scope: str = "row"
    _counts: dict[tuple[date, Scope, str | None], LeftOut] = field(default_factory=dict)

    @property
    def left_out(self) -> list[LeftOut]:
        """Why rows were left out: one entry by day, scope and column, ascending by day."""
        return sorted(self._counts.values(), key=lambda entry: entry.local_date)

    def apply(self, table: pa.Table, findings: list[Finding], numbers: pa.Array | None) -> pa.Array | None:
        """Note the findings in `table`, and return which of its rows stay.

        :param table: the rows, raw or cast, with the contract's column names.
        :param findings: what the checks found in rows of `table`.
        :param numbers: number of every row in the response, from 1; `None` when `table` has been sorted.
        :returns: whether each row stays; `None` when all do.
        :raises DataRejected: a finding concerns the whole answer.
        """
        rows, days = set[int](), set[date]()
        for finding in findings:
            row = {name: readable(table[name][finding.row]) for name in table.column_names}
            day = _day(row.get(self.contract.date_column))
            error = self._error(finding, row, numbers[finding.row].as_py() if numbers is not None else None)
            if finding.scope == "answer" or day is None:
                raise error
            verdict = self.contract.verdict(day, finding.column)
            if verdict == "accept" and finding.may_be_accepted:
                continue
            if self.first is None or (self._first_scope, finding.scope) == ("row", "day"):
                self.first, self._first_scope = error, finding.scope
            self._note(finding, finding.scope, day, row, verdict == "leave out")
            if finding.scope == "day":
                days.add(day)
            else:
                rows.add(finding.row)
        if not rows and not days:
            return None
        self.days |= days
        kept = [n not in rows for n in range(table.num_rows)]
        for n, value in enumerate(map(readable, table[self.contract.date_column])):
            kept[n] = kept[n] and _day(value) not in days
        return pa.array(kept)

    def without_days(self, table: pa.Table) -> pa.Table:
        """The rows of a cast table whose days are not left out."""
        if not self.days:
            return table
        left_out = pc.is_in(table[self.contract.date_column], pa.array(sorted(self.days), pa.date32()))
        return table.filter(pc.invert(left_out))

    def _note(self, finding: Finding, scope: Scope, day: date, row: dict[str, object], decided: bool) -> None:
        key = (day, scope, finding.column)
        known = self._counts.get(key)
        self._counts[key] = (
            known.model_copy(update={"rows": known.rows + 1})
            if known
            else LeftOut(
                local_date=day, scope=scope, column=finding.column, cause=finding.cause, rows=1, decided=decided
            )
        )
        if len(self.records) < MOST_RECORDS:
            value = row.get(finding.column) if finding.column else None
            self.records.append(
                Record(
                    local_date=day,
                    scope=scope,
                    column_name=finding.column,
                    reason=finding.cause,
                    value=None if value is None else str(value),
                    row_json=json.dumps(row, default=str, ensure_ascii=False),
                )
            )

    def _error(self, finding: Finding, row: dict[str, object], number: int | None) -> DataRejected:
        """The error that names the row by its key, and by its number in the response where that is known."""
        key = ", ".join(f"{name}={row[name]}" for name in self.contract.key if name in row)
        where = f"row with {key}" if number is None else f"row {number} ({key})"
        return DataRejected(self.contract.dataset_id, f"{where}: {finding.cause}", finding.fix)


def _day(value: object) -> date | None:
    """The day in a raw or cast value of the date column; `None` when the value is not a day."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
