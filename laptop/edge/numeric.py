"""Gives NUMERIC the digits that it has in BigQuery: 29 before the point and nine after it.

bqemulator 1.4.0 leaves a cast to NUMERIC to sqlglot, which writes DuckDB's DECIMAL without digits. DuckDB reads that as
DECIMAL(18, 3), which has three digits after the point
(https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types#decimal_types,
https://duckdb.org/docs/stable/sql/data_types/numeric#fixed-point-decimals).
"""

from __future__ import annotations

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB

_NUMERIC = "DECIMAL(38, 9)"


def install() -> None:
    """Have sqlglot write NUMERIC for DuckDB with its digits; once per process, before anything is translated."""
    transforms = DuckDB.Generator.TRANSFORMS
    written = transforms[exp.DataType]

    def with_digits(generator: DuckDB.Generator, expression: exp.DataType) -> str:
        if expression.this is exp.DataType.Type.DECIMAL and not expression.expressions:
            return _NUMERIC
        return str(written(generator, expression))

    transforms[exp.DataType] = with_digits
