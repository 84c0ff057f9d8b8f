"""What became of the rows of a window."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass
class Outcome:
    """Counts of one canonical file; the writer fills them while it works.

    `received` = `written` + `repeated` + `superseded` + `set_aside`. `superseded` rows are of days that a more mature
    dataset of the API answers too; `set_aside` rows break the contract, or their day does. `first` and `last` are the
    extent of observed rows: instants (UTC) where the dataset has them, else days. `unusual` counts, by column, the
    values outside what its contract calls usual; they are possible, and loaded. `unknown_columns` are headers that the
    contract does not know, `absent_columns` columns of the contract that an export did not have.
    """

    received: int = 0
    written: int = 0
    repeated: int = 0
    superseded: int = 0
    observed: int = 0
    first: datetime | date | None = None
    last: datetime | date | None = None
    unknown_columns: list[str] = field(default_factory=list)
    absent_columns: list[str] = field(default_factory=list)
    unusual: dict[str, int] = field(default_factory=dict)

    @property
    def set_aside(self) -> int:
        return self.received - self.written - self.repeated - self.superseded
