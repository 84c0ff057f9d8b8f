"""Small tables as the page reads them: listed, which is no query and therefore free, and decoded column by column."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from google.cloud.bigquery import Client

Columns = dict[str, list[Any]]
Row = dict[str, Any]


@dataclass(frozen=True)
class Listed:
    """A table of which all rows are listed (BigQuery's `tabledata.list`), so that no job is sent and nothing is billed;
    a query would be billed ten megabytes at least. The table has to be small, and cannot be a view.

    :param table: a table of the dataset of the marts.
    :param columns: those that are wanted; all by default.
    :param order: columns by which the rows are sorted.
    :param choose: gives the rows that are wanted of all rows in order, which have the columns of `columns` and `order`.
    :param decimals: to which all numbers are rounded, halves away from zero; `None`: as the page does.
    """

    table: str
    columns: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    choose: Callable[[list[Row]], list[Row]] | None = None
    decimals: int | None = None

    def read(self, client: Client, dataset: str) -> Columns:
        """The wanted columns, by name.

        The client would decode every value by itself, which takes most of the time of reading thousands of days.

        :param dataset: `project.dataset` of the marts.
        :raises google.api_core.exceptions.NotFound: there is no such table.
        """
        table = client.get_table(f"{dataset}.{self.table}")
        wanted = self.columns or tuple(field.name for field in table.schema)
        fields = [field for field in table.schema if field.name in {*wanted, *self.order}]
        cells: list[list[Any]] = []
        for page in client.list_rows(table, selected_fields=fields).pages:
            cells += [[cell["v"] for cell in row["f"]] for row in page.raw_page.get("rows", ())]
        values = zip(*cells, strict=True) if cells else ([] for _ in fields)
        columns = {
            field.name: _decoded(field.field_type, of_field) for field, of_field in zip(fields, values, strict=True)
        }
        places = sorted(
            range(len(cells)), key=lambda place: [_nulls_first(columns[name][place]) for name in self.order]
        )
        found: Columns = {name: [columns[name][place] for place in places] for name in columns}
        if self.choose:
            chosen = self.choose([dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)])
            found = {name: [row[name] for row in chosen] for name in found}
        return {name: self._rounded(found[name]) for name in wanted}

    def _rounded(self, values: list[Any]) -> list[Any]:
        if self.decimals is None:
            return values
        scale = 10**self.decimals
        return [
            math.copysign(math.floor(abs(value) * scale + 0.5) / scale, value) if isinstance(value, float) else value
            for value in values
        ]


def _nulls_first(value: Any) -> tuple[bool, Any]:
    """Sorts a null before all values, as BigQuery does."""
    return (value is not None, value)


def _timestamp(text: str) -> datetime:
    return datetime.fromtimestamp(int(text) / 1e6, UTC)


# By type: what makes a value of the text that BigQuery's API gives (https://cloud.google.com/bigquery/docs/reference/rest).
_DECODE: dict[str, Callable[[str], Any]] = {
    "STRING": str,
    "DATE": date.fromisoformat,
    "INTEGER": int,
    "INT64": int,
    "FLOAT": float,
    "FLOAT64": float,
    "NUMERIC": lambda text: float(text) if "." in text else int(text),
    "BOOLEAN": lambda text: text == "true",
    "BOOL": lambda text: text == "true",
    "TIMESTAMP": _timestamp,
}


def _decoded(kind: str, values: Any) -> list[Any]:
    decode = _DECODE[kind]
    return [None if value is None else decode(value) for value in values]
