"""Gives reads that run at the same time a result each.

bqemulator 1.4.0 has one DuckDB connection, and a connection has one result. Statements run one after the other in the
main thread, but calls such as `tabledata.list` run in threads beside it. Two of them could get each other's rows, which
is an error at best, and at worst a page with the figures of another table.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

from bqemulator.storage.engine import DuckDBEngine
from duckdb import DuckDBPyConnection

_READS = re.compile(r"\s*select\b", re.IGNORECASE)


def install() -> None:
    """Let reads outside the main thread use a connection of their own to the same database."""
    DuckDBEngine.execute = _with_own_result(DuckDBEngine.execute)


def _with_own_result(execute: Callable[..., DuckDBPyConnection]) -> Callable[..., DuckDBPyConnection]:
    def own(engine: DuckDBEngine, sql: str, parameters: list[Any] | None = None) -> DuckDBPyConnection:
        if threading.current_thread() is threading.main_thread() or not _READS.match(sql):
            return execute(engine, sql, parameters)
        connection: DuckDBPyConnection = engine.connection.cursor()
        connection.execute("set TimeZone = 'UTC'")
        if parameters is None:
            connection.execute(sql)
        else:
            connection.execute(sql, parameters)
        return connection

    return own
