"""The faster engine followed by the dbt models: after each merge the incremental models are built as a run of the DAG
builds them, for its window only. At the end of a history all models are what a build from scratch makes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from odre.contract import load_contract
from odre.ledger import LEDGER
from odre.sql.merge import Load
from odre.window import Window

from laptop.environment import PROJECT_ID
from tests.histories.engines import Answer, Translated
from tests.histories.publisher import DAYS, PUBLISHERS
from tests.models import LANDING, Models, compiled, translated
from tests.tables import MARTS

_MARTS = f'"{PROJECT_ID}__{MARTS}"'
# Its months stand for those of a run. No model contains them otherwise.
_WINDOW = Window(date(1001, 1, 1), date(1001, 1, 2))
_FIRST, _NEXT = "1001-01-01", "1001-02-01"


@dataclass(frozen=True)
class Project:
    """The dbt project in DuckDB's SQL.

    :param scratch: every model, built from scratch, in an order in which they can be built.
    :param again: those that a later run builds otherwise: the incremental ones.
    """

    scratch: dict[str, str]
    again: dict[str, str]

    @classmethod
    def compiled(cls) -> Project:
        scratch, again = compiled(), compiled(_WINDOW)
        changed = {name: sql for name, sql in again.items() if sql != scratch[name]}
        assert changed, "no model is incremental"
        return cls(translated(scratch), translated(changed))

    def needed(self, *names: str) -> list[str]:
        """What models read, directly or not, and these themselves; without names, the incremental ones."""
        found: set[str] = set()
        waiting = list(names or self.again)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += [other for other in self.scratch if re.search(rf"\b{other}\b", self.scratch[name])]
        return [name for name in self.scratch if name in found]


class Served(Translated):
    """A landing table and all models over it. The other landing tables hold the first days of their publishers.

    :param table: landing table that the history is of.
    """

    def __init__(self, table: str, project: Project, base: date) -> None:
        super().__init__(load_contract(table))
        self.project, self.models = project, Models(project.scratch, self.connection)
        for other in set(PUBLISHERS) - {table}:
            self._fill(other, base)
        columns = ", ".join(column.name for column in self.contract.columns)
        self.connection.execute(
            f"drop table {LANDING}.{table}; "
            f'create view {LANDING}.{table} as select {columns} from "{PROJECT_ID}__landing"."landing"; '
            f"drop table {LANDING}.{LEDGER}; "
            f'create view {LANDING}.{LEDGER} as select * from "{PROJECT_ID}__landing"."{LEDGER}"'
        )

    def _fill(self, table: str, base: date) -> None:
        publisher, contract = PUBLISHERS[table](base), load_contract(table)
        for day in range(DAYS):
            publisher.change("publish", day, 3)
        rows = [row for day in range(DAYS) for row in publisher.rows(publisher.day(day))]
        values = [tuple(row.get(column.name) for column in contract.columns) for row in rows]
        places = ", ".join("?" for _ in contract.columns)
        self.connection.executemany(f"insert into {LANDING}.{table} values ({places})", values)

    def merge(self, batch: str, load: Load) -> Answer:
        answer = super().merge(batch, load)
        first, last = load.window.months()[0], load.window.months()[-1]
        months = {_FIRST: str(first), _NEXT: str(date(last.year + last.month // 12, last.month % 12 + 1, 1))}
        built = {name for (name,) in self.connection.sql("select table_name from duckdb_tables()").fetchall()}
        for name in self.project.needed():
            again = self.project.again.get(name)
            if again is None or name not in built:
                self.models.build(name)
                continue
            for placeholder, value in months.items():
                again = again.replace(placeholder, value)
            covered = f"local_date >= date '{months[_FIRST]}' and local_date < date '{months[_NEXT]}'"
            self.connection.execute(f"delete from {_MARTS}.{name} where {covered}")
            self.connection.execute(f"insert into {_MARTS}.{name} by name {again}")
        return answer

    def served(self) -> dict[str, list[str]]:
        """The rows of every model, on the incremental ones as they stand."""
        self.models.build(*(name for name in self.project.scratch if name not in self.project.again))
        return self._rows()

    def from_scratch(self) -> dict[str, list[str]]:
        """The rows of every model, all built from the landing tables."""
        self.models.build(*self.project.scratch)
        return self._rows()

    def set_aside(self) -> set[date]:
        """Days that `completeness_daily` says were set aside; no other dataset has any."""
        built = self.project.needed("completeness_daily")
        self.models.build(*(name for name in built if name not in self.project.again))
        rows = self.models.rows("select source_table, local_date from completeness_daily where is_set_aside")
        assert {row["source_table"] for row in rows} <= {self.contract.table}
        return {row["local_date"] for row in rows}

    def _rows(self) -> dict[str, list[str]]:
        return {
            name: sorted(map(repr, self.connection.sql(f"select * from {_MARTS}.{name}").fetchall()))
            for name in self.project.scratch
        }
