"""The dashboard's page from real exports, without a service: the models run in DuckDB, and the page reads them there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
from odre.contract import load_contract
from odre.dashboard.data import Page, read_page

from laptop.environment import PROJECT_ID
from laptop.manifest import PROJECT
from tests.models import Models, by_label, compiled, translated
from tests.tables import MARTS

NOW = datetime(2022, 1, 1, 6, tzinfo=ZoneInfo("Europe/Paris"))
_SCHEMA = f'"{PROJECT_ID}__{MARTS}"'


def real_models(exports: Path, folder: Path) -> Models:
    """All models over the real exports: the mix of 2016 to 2019 and of December 2021, gas and temperatures.

    :param exports: the folder `odre` of the exports; `history` lies beside it.
    :param folder: an empty one, for dbt's own files.
    """
    models = Models(translated(compiled(folder)))
    history = exports.parent / "history" / "eco2mix-national-cons-def_2016-2019.parquet"
    known = {column.name for column in load_contract("eco2mix_national_tr").columns}
    held = [row[0] for row in models.connection.sql(f"describe select * from '{history}'").fetchall()]
    models.insert("eco2mix_national_tr", f"select {', '.join(c for c in held if c in known)} from '{history}'")
    december = exports / "eco2mix-national-tr_2021-12_labels.csv"
    models.insert("eco2mix_national_tr", by_label(load_contract("eco2mix_national_tr"), december))
    gas = exports / "stock-quotidien-stockages-gaz_asof-2022-12.csv"
    models.insert("stock_quotidien_stockages_gaz", f"select * from read_csv('{gas}', delim=';')")
    regions = exports / "temperature-quotidienne-regionale_asof-2025-11.parquet"
    models.insert("temperature_quotidienne_regionale", f"select * from '{regions}'")
    for seed in (PROJECT / "seeds").glob("*.csv"):
        models.connection.execute(f"create table {_SCHEMA}.{seed.stem} as select * from read_csv('{seed}')")
    models.build(*models.sql)
    return models


class _Answer:
    """What a job of the client returns, as `read_page` uses it."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def result(self) -> _Answer:
        return self

    def to_arrow(self, **_: Any) -> pa.Table:
        return self.table

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.table.to_pylist())


class Warehouse:
    """The part of BigQuery's client that the page uses, over models in DuckDB."""

    def __init__(self, models: Models) -> None:
        self.models = models

    def query(self, sql: str) -> _Answer:
        [translation] = translated({"query": sql}).values()
        here = re.sub(rf'"?{PROJECT_ID}__{MARTS}"?\.', f"{_SCHEMA}.", translation)
        table = self.models.connection.sql(here).to_arrow_table()
        for i, field in enumerate(table.schema):
            if pa.types.is_decimal(field.type):  # DuckDB's sum of integers, an INT64 in BigQuery
                table = table.set_column(i, field.name, table.column(i).cast(pa.float64()).cast(pa.int64()))
        return _Answer(table)


def real_page(models: Models) -> Page:
    """What the page shows of the models."""
    return read_page(Warehouse(models), f"{PROJECT_ID}.{MARTS}", NOW, ())  # type: ignore[arg-type]
