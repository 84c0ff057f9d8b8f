"""Compares the rows of the source with those in the warehouse."""

from __future__ import annotations

import datetime as dt

from odre.contract import load_contract

from laptop.environment import PROJECT_ID
from laptop.replica import synthetic
from laptop.stack import Stack
from laptop.warehouse import Warehouse

GAS, MIX = "stock_quotidien_stockages_gaz", "eco2mix_national_tr"
FIRST, LAST = "2023-11-10", "2023-11-30"
SAMPLE = {"start": "2023-11-01", "real_time_start": "2023-11-15"}


def source_rows(boundary: str) -> dict[str, set]:
    """The window's rows by table, read without any code of the pipeline: text or number for every column.

    :param boundary: first day of the real-time dataset.
    """
    given = SAMPLE | {"real_time_start": boundary}
    tables = synthetic.sample(**{name: dt.date.fromisoformat(value) for name, value in given.items()})
    rows = {
        GAS: tables["stock-quotidien-stockages-gaz"].to_pylist(),
        MIX: [row for row in tables["eco2mix-national-cons-def"].to_pylist() if row["date"] < boundary]
        + [row for row in tables["eco2mix-national-tr"].to_pylist() if row["date"] >= boundary],
    }
    return {
        table: {_row(row, table) for row in rows[table] if FIRST <= str(row["date"]) <= LAST} for table in (GAS, MIX)
    }


def _row(row: dict, table: str) -> tuple:
    def value(column):
        given = row.get(column.name)
        if given in (None, "ND", "-"):
            return None
        if column.data_type in ("FLOAT64", "INT64"):
            return float(given)
        return given.timestamp() if column.data_type == "TIMESTAMP" else str(given)

    return tuple(value(column) for column in load_contract(table).columns)


class Landed:
    """The rows that are in the warehouse."""

    def __init__(self, stack: Stack) -> None:
        self.client = Warehouse(stack.environment)

    def rows(self, table: str) -> set[tuple]:
        names, rows = self.client.query(
            f"select * from de_project_staging.{table} where date between date '{FIRST}' and date '{LAST}'"
        )
        assert len(rows) == len(set(rows))
        return {_row(dict(zip(names, row, strict=True)), table) for row in rows}

    def batches(self) -> list[str]:
        listed = self.client.client.list_tables(f"{PROJECT_ID}.de_project_staging")
        return [item.table_id for item in listed if "__batch_" in item.table_id]

    def spoil(self, table: str) -> None:
        """Make the window differ from the source: every third day gone, a value wrong."""
        measure = load_contract(table).observed_column
        window = f"date between date '{FIRST}' and date '{LAST}'"
        self.client.query(
            f"delete from de_project_staging.{table} where {window} and mod(extract(day from date), 3) = 0"
        )
        self.client.query(
            f"update de_project_staging.{table} set {measure} = 1 where {window} and mod(extract(day from date), 3) = 1"
        )
