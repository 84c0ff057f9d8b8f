"""The page from models in DuckDB (tests/models.py): its queries, translated by the emulator's own translator."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
from odre.dashboard.data import Page, queries, read_page

from laptop.environment import PROJECT_ID
from tests.models import Models, translated
from tests.tables import MARTS

_DATASET = f"{PROJECT_ID}.{MARTS}"


class _Result:
    """Rows of a query, as BigQuery's client gives them."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def result(self) -> _Result:
        return self

    def to_arrow(self, **_: Any) -> pa.Table:
        # DuckDB counts in numbers of 128 bits, for which Arrow has decimals only.
        counts = [field.name for field in self._table.schema if pa.types.is_decimal(field.type)]
        table = self._table
        for name in counts:
            column = table.column(name).cast(pa.float64()).cast(pa.int64())
            table = table.set_column(table.schema.get_field_index(name), name, column)
        return table

    def __iter__(self) -> Any:
        return iter(self.to_arrow().to_pylist())


class _Client:
    def __init__(self, models: Models) -> None:
        self._models = models
        known = queries(_DATASET)
        self._sql = {known[name]: sql for name, sql in translated(known).items()}

    def query(self, sql: str) -> _Result:
        if sql not in self._sql:
            self._sql |= translated({sql: sql})
        return _Result(self._models.connection.sql(self._sql[sql]).to_arrow_table())


def page_of(models: Models) -> Page:
    """What the page shows of models that are all built."""
    return read_page(_Client(models), _DATASET, datetime(2022, 1, 2, 1, tzinfo=ZoneInfo("Europe/Paris")), ())
