"""The page from models in DuckDB (tests/models.py): its queries, translated by the emulator's own translator."""

from __future__ import annotations

from datetime import date, datetime
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
from google.cloud.bigquery import SchemaField, Table
from odre.dashboard.data import Page, read_page, read_steps, reads

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


def _kind(duckdb_type: Any) -> str:
    """The type as BigQuery's API names it."""
    names = {"VARCHAR": "STRING", "DOUBLE": "FLOAT", "TIMESTAMP WITH TIME ZONE": "TIMESTAMP", "DATE": "DATE",
             "BOOLEAN": "BOOLEAN"}  # fmt: skip
    return names.get(str(duckdb_type), "INTEGER")


class _Client:
    def __init__(self, models: Models) -> None:
        self._models, self._lock = models, Lock()  # the page reads in several threads
        known = {name: what for name, what in reads(_DATASET).items() if isinstance(what, str)}
        self._sql = {known[name]: sql for name, sql in translated(known).items()}

    def query_and_wait(self, sql: str) -> _Result:
        with self._lock:
            if sql not in self._sql:
                self._sql |= translated({sql: sql})
            return _Result(self._models.connection.sql(self._sql[sql]).to_arrow_table())

    def get_table(self, name: str) -> Table:
        project, dataset, table = name.split(".")
        with self._lock:
            found = self._models.connection.sql(f'from "{project}__{dataset}".{table}')
            columns = list(zip(found.columns, map(_kind, found.types), strict=True))
        return Table(name, [SchemaField(*column) for column in columns])

    def list_rows(self, table: Table, selected_fields: list[SchemaField]) -> _Result:
        source = f'"{table.project}__{table.dataset_id}".{table.table_id}'
        names = ", ".join(field.name for field in selected_fields)
        with self._lock:
            return _Result(self._models.connection.sql(f"select {names} from {source}").to_arrow_table())


def page_of(models: Models, steps_of: str | None = None) -> Page:
    """What the page shows of models that are all built.

    :param steps_of: ISO date of a day whose steps are in the page too.
    """
    client = _Client(models)
    page = read_page(client, _DATASET, datetime(2022, 1, 2, 1, tzinfo=ZoneInfo("Europe/Paris")), ())
    if steps_of:
        day = date.fromisoformat(steps_of)
        page.steps.update(read_steps(client, _DATASET, day, day))
    return page
