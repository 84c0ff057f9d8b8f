"""Fills landing tables with frames of any length and runs the models of the answers on them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from google.cloud import bigquery
from odre.contract import load_contract
from odre.resources import LOAD_ID

from laptop.stack import Stack
from laptop.warehouse import Warehouse
from tests.project import dbt
from tests.tables import MARTS

_TYPES = {"STRING": pa.string(), "DATE": pa.date32(), "TIMESTAMP": pa.timestamp("us", "UTC"), "INT64": pa.int64(),
          "FLOAT64": pa.float64()}  # fmt: skip


def fill(stack: Stack, warehouse: Warehouse, table: str, frame: pd.DataFrame) -> None:
    """Make the landing table of a contract hold exactly `frame`; columns that it lacks are null."""
    contract = load_contract(table)
    columns = [(column.name, _TYPES[column.data_type]) for column in contract.columns]
    schema = pa.schema([*columns, (LOAD_ID, pa.string())])
    reference = warehouse.create_landing(table)
    if frame.empty:
        return
    file = stack.lake_folder / "answers" / f"{table}.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pandas(frame.reindex(columns=schema.names), schema, preserve_index=False), file)
    options = bigquery.LoadJobConfig(
        source_format="PARQUET", write_disposition="WRITE_APPEND", create_disposition="CREATE_NEVER"
    )
    warehouse.client.load_table_from_uri(f"gs://answers/{table}.parquet", reference, job_config=options).result()


def build(select: Sequence[str] = ("+answers",), command: str = "run", *options: str) -> None:
    """Load the seeds and build models with dbt, without tests."""
    for arguments in (["seed"], [command, "--full-refresh", "--select", *select, *options]):
        result = dbt(*arguments)
        assert result.success, result.exception or [r.message for r in result.result if r.status == "error"]


def table(warehouse: Warehouse, name: str) -> pd.DataFrame:
    """A mart as a frame; dates are timestamps, numbers floats."""
    columns, rows = warehouse.query(f"select * from {MARTS}.{name}")
    return pd.DataFrame(rows, columns=columns)
