"""Small tables, of which the page lists the rows instead of querying them, because listing is free."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from google.cloud.bigquery import Client

Columns = dict[str, list[Any]]


@dataclass(frozen=True)
class Listed:
    """A table whose rows are all listed (BigQuery's `tabledata.list`). Listing sends no job and is not billed, while a
    query is billed for at least ten megabytes. The table must be small, and cannot be a view.

    :param table: a table of the dataset of the marts.
    :param columns: the columns that the page needs; all by default.
    :param order: columns by which the rows are sorted, ascending and nulls first, as BigQuery sorts.
    :param choose: picks the rows that the page needs from the sorted table, which has `columns` and `order`.
    :param decimals: number of decimals to which floats are rounded, halves away from zero as in SQL; by default none
        are rounded.
    """

    table: str
    columns: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    choose: Callable[[pa.Table], pa.Table] | None = None
    decimals: int | None = None

    def read(self, client: Client, dataset: str) -> Columns:
        """The columns, by name.

        :param dataset: `project.dataset` of the marts.
        :raises google.api_core.exceptions.NotFound: there is no such table.
        """
        table = client.get_table(f"{dataset}.{self.table}")
        wanted = self.columns or tuple(field.name for field in table.schema)
        fields = [field for field in table.schema if field.name in {*wanted, *self.order}]
        rows = client.list_rows(table, selected_fields=fields).to_arrow(create_bqstorage_client=False)
        rows = rows.sort_by([(name, "ascending") for name in self.order], null_placement="at_start")
        if self.choose:
            rows = self.choose(rows)
        columns: Columns = {name: self._rounded(rows[name]).to_pylist() for name in wanted}
        return columns

    def _rounded(self, values: pa.ChunkedArray) -> pa.ChunkedArray:
        if self.decimals is None or not pa.types.is_floating(values.type):
            return values
        return pc.round(values, ndigits=self.decimals, round_mode="half_towards_infinity")
