"""Where a batch is loaded and the statement runs: the emulator, or the emulator's own translation of the statement
in DuckDB, about fifty times as fast."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from google.api_core.exceptions import GoogleAPIError
from google.cloud import bigquery
from odre.contract import Contract, load_contract
from odre.sql.merge import replace_window

from laptop.environment import PROJECT_ID
from laptop.stack import EMULATORS
from laptop.warehouse import Warehouse

_TYPES = {"STRING": "varchar", "DATE": "date", "TIMESTAMP": "timestamptz", "INT64": "bigint", "FLOAT64": "double"}
# Values that stand for those of a run in the translated statement: no statement has them of its own.
_FIRST, _LAST, _ROWS, _BATCH = "1001-01-01", "1001-01-02", "987654321", "batch_of_the_run"


class Refused(Exception):
    """The statement ended with an error; its message is the statement's own."""


class Emulator:
    """The real load job and the real statement.

    :param contract: of the landing table.
    :param name: of the landing table; batches are named after it.
    """

    def __init__(self, warehouse: Warehouse, contract: Contract, name: str) -> None:
        self.warehouse, self.contract = warehouse, contract
        self.target = warehouse.create_landing(contract.table, name)

    def load(self, uri: str, file: Path, batch: str, lose: int) -> None:
        """Load an object into a batch table; `lose` rows do not arrive."""
        table = self.warehouse.create_landing(self.contract.table, f"{self.target.split('.')[-1]}_{batch}", batch=True)
        options = bigquery.LoadJobConfig(
            source_format="PARQUET", write_disposition="WRITE_TRUNCATE", create_disposition="CREATE_NEVER",
            schema=[bigquery.SchemaField.from_api_repr(field) for field in self.contract.bigquery_schema],
        )  # fmt: skip
        self.warehouse.client.load_table_from_uri(uri, table, job_config=options).result()
        if lose:
            key = ", ".join(self.contract.key)
            [row] = self.warehouse.query(f"select {key} from `{table}` order by {key} limit 1")[1]
            same = (f"{name} = {_literal(value)}" for name, value in zip(self.contract.key, row, strict=True))
            self.warehouse.query(f"delete from `{table}` where {' and '.join(same)}")

    def merge(self, batch: str, first: str, last: str, rows: int) -> None:
        statement = replace_window(self.contract, self.target, f"{self.target}_{batch}", first, last, str(rows))
        try:
            self.warehouse.query(statement)
        except GoogleAPIError as error:
            raise Refused(str(error)) from None

    def rows(self) -> list[dict[str, Any]]:
        names, rows = self.warehouse.query(f"select * from {self.warehouse.whole(self.target)}")
        return [dict(zip(names, row, strict=True)) for row in rows]


class Translated:
    """The same statement, translated once by the emulator's translator, in DuckDB. Same methods as `Emulator`."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.statements = translation(contract.table)
        self.connection = duckdb.connect(config={"threads": 1})
        self.connection.execute(f"set TimeZone = 'UTC'; create schema \"{PROJECT_ID}__landing\"")
        self._create("landing")

    def _create(self, name: str) -> None:
        columns = ", ".join(f"{c.name} {_TYPES[c.data_type]}" for c in self.contract.columns)
        self.connection.execute(f'create or replace table "{PROJECT_ID}__landing"."{name}" ({columns})')

    def load(self, uri: str, file: Path, batch: str, lose: int) -> None:
        self._create(batch)
        table, names = f'"{PROJECT_ID}__landing"."{batch}"', ", ".join(c.name for c in self.contract.columns)
        order = ", ".join(self.contract.key)
        self.connection.execute(
            f"insert into {table} select {names} from read_parquet('{file}') order by {order} offset {lose}"
        )

    def merge(self, batch: str, first: str, last: str, rows: int) -> None:
        for template in self.statements:
            statement = template
            for placeholder, value in ((_FIRST, first), (_LAST, last), (_ROWS, str(rows)), (_BATCH, batch)):
                statement = statement.replace(placeholder, value)
            try:
                self.connection.execute(statement).fetchall()
            except duckdb.InvalidInputException as error:
                raise Refused(str(error)) from None

    def rows(self) -> list[dict[str, Any]]:
        return self.connection.sql(f'select * from "{PROJECT_ID}__landing"."landing"').to_arrow_table().to_pylist()


class Both:
    """Both at once: every verdict and every table must be the same."""

    def __init__(self, *engines: Emulator | Translated) -> None:
        self.engines = engines

    def load(self, *arguments: Any) -> None:
        for engine in self.engines:
            engine.load(*arguments)

    def merge(self, *arguments: Any) -> None:
        verdicts = []
        for engine in self.engines:
            try:
                engine.merge(*arguments)
                verdicts.append("")
            except Refused as refusal:
                message = str(refusal)
                verdicts.append(message[message.index(engine.contract.dataset_id) :].splitlines()[0].rstrip("'\". "))
        shortest = min(map(len, verdicts))
        assert len({verdict[:shortest] for verdict in verdicts}) == 1 and (shortest or not any(verdicts)), verdicts
        if verdicts[0]:
            raise Refused(verdicts[0])

    def rows(self) -> list[dict[str, Any]]:
        first, second = (engine.rows() for engine in self.engines)
        assert sorted(map(str, _plain(first))) == sorted(map(str, _plain(second)))
        return first


def _plain(rows: list[dict[str, Any]]) -> list[tuple]:
    return [
        tuple(row[name].timestamp() if hasattr(row[name], "timestamp") else row[name] for name in sorted(row))
        for row in rows
    ]


def _literal(value: Any) -> str:
    return f"'{value}'" if not isinstance(value, int) else str(value)


@cache
def translation(table: str) -> tuple[str, ...]:
    """The statements that the emulator makes of `replace_window`, with placeholders for the values of a run."""
    names = (f"{PROJECT_ID}.landing.{name}" for name in ("landing", _BATCH))
    script = replace_window(load_contract(table), *names, _FIRST, _LAST, _ROWS)
    command = [str(EMULATORS / "bin" / "python"), str(Path(__file__).with_name("translate.py")), PROJECT_ID]
    done = subprocess.run(command, input=script, capture_output=True, text=True, check=True, timeout=120)
    return tuple(json.loads(done.stdout))
