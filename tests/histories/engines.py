"""The engines that load a batch and run the statement: the emulator, or DuckDB with the emulator's own translation of
the statement, which is about fifty times as fast."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, cast

import duckdb
from google.api_core.exceptions import GoogleAPIError
from google.cloud import bigquery
from odre.contract import Contract, load_contract
from odre.ledger import LEDGER, LEDGER_FIELDS, sweep_is_owed
from odre.sql.merge import Load, replace_window
from odre.window import Window

from laptop.environment import PROJECT_ID
from laptop.stack import EMULATORS
from laptop.warehouse import Warehouse

TYPES = {"STRING": "varchar", "DATE": "date", "TIMESTAMP": "timestamptz", "INT64": "bigint", "FLOAT64": "double"}
# Values that stand for those of a run in the translated statement. No statement contains them otherwise.
_BATCH = "batch_of_the_run"
_STANDING_FOR = Load(
    load_id="id of the load", run_kind="kind of the run", run_id="run", window=Window(dt.date(1001, 1, 1), dt.date(1001, 1, 2)),
    asked_at=dt.datetime(1001, 1, 3, 4, 5, 6, 7, dt.timezone.utc), uri="uri", generation=1, md5="md5", rows=987654321,
    is_synthetic=False,
    days_set_aside=(dt.date(1001, 1, 4),), days_undecided=(dt.date(1001, 1, 5),),
    days_lacking_rows=(dt.date(1001, 1, 6),),
)  # fmt: skip
_LEDGER_TYPES = {"STRING": "varchar", "DATE": "date", "TIMESTAMP": "timestamptz", "INTEGER": "bigint",
                 "BOOLEAN": "boolean"}  # fmt: skip


Answer = tuple[frozenset[dt.date], frozenset[dt.date]]


class Refused(Exception):
    """The statement ended with an error; its message is the statement's own."""


class Emulator:
    """The real load job and the real statement.

    :param contract: of the landing table.
    :param name: of the landing table; batches are named after it.
    """

    def __init__(self, warehouse: Warehouse, contract: Contract, name: str) -> None:
        self.warehouse, self.contract = warehouse, contract
        self.target, self.ledger = warehouse.create_landing(contract.table, name), warehouse.create_ledger()
        warehouse.query(f"delete from `{self.ledger}` where table_name = '{contract.table}'")

    def load(self, uri: str, file: Path, batch: str, lose: int) -> None:
        """Load an object into a batch table; `lose` rows do not arrive."""
        table = f"{self.target}_{batch}"
        columns = [bigquery.SchemaField.from_api_repr(field) for field in self.contract.bigquery_schema]
        self.warehouse.client.delete_table(table, not_found_ok=True)
        self.warehouse.client.create_table(bigquery.Table(table, columns))
        options = bigquery.LoadJobConfig(
            source_format="PARQUET", write_disposition="WRITE_TRUNCATE", create_disposition="CREATE_NEVER",
            schema=columns,
        )  # fmt: skip
        self.warehouse.client.load_table_from_uri(uri, table, job_config=options).result()
        if lose:
            key = ", ".join(self.contract.key)
            [row] = self.warehouse.query(f"select {key} from `{table}` order by {key} limit 1")[1]
            same = (f"{name} = {_literal(value)}" for name, value in zip(self.contract.key, row, strict=True))
            self.warehouse.query(f"delete from `{table}` where {' and '.join(same)}")

    def merge(self, batch: str, load: Load) -> Answer:
        statement = replace_window(self.contract, self.target, f"{self.target}_{batch}", self.ledger, load)
        try:
            _, [(kept, held_back)] = self.warehouse.query(statement)
        except GoogleAPIError as error:
            raise Refused(str(error)) from None
        return _answer(kept, held_back)

    def sweep_is_owed(self, tick: dt.datetime) -> bool:
        return sweep_is_owed(self.warehouse.client, self.contract, self.ledger, tick, 10**10, bool)

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
        self._create("landing", ", load_id varchar")
        self.connection.execute(f'create table "{PROJECT_ID}__landing"."{LEDGER}" ({LEDGER_COLUMNS})')

    def _create(self, name: str, more: str = "") -> None:
        columns = ", ".join(f"{c.name} {TYPES[c.data_type]}" for c in self.contract.columns)
        self.connection.execute(f'create or replace table "{PROJECT_ID}__landing"."{name}" ({columns}{more})')

    def load(self, uri: str, file: Path, batch: str, lose: int) -> None:
        self._create(batch)
        table, names = f'"{PROJECT_ID}__landing"."{batch}"', ", ".join(c.name for c in self.contract.columns)
        order = ", ".join(self.contract.key)
        self.connection.execute(
            f"insert into {table} select {names} from read_parquet('{file}') order by {order} offset {lose}"
        )

    def merge(self, batch: str, load: Load) -> Answer:
        stood, found = _STANDING_FOR, []
        values = (
            (str(stood.window), str(load.window)), (str(stood.window.start), str(load.window.start)), (str(stood.window.end), str(load.window.end)),
            (str(stood.rows), str(load.rows)), (_BATCH, batch), (stood.load_id, load.load_id),
            (stood.run_kind, load.run_kind),
            (stood.asked_at.isoformat(), load.asked_at.isoformat()),
            (stood.asked_at.isoformat(" "), load.asked_at.isoformat(" ")),
            ("FALSE AS is_partial", f"{load.is_partial} AS is_partial"),
            (_days(stood.days_set_aside), _days(load.days_set_aside)),
            (_days(stood.days_undecided), _days(load.days_undecided)),
            (_days(stood.days_lacking_rows), _days(load.days_lacking_rows)),
        )  # fmt: skip
        for template in self.statements:
            statement = template
            for placeholder, value in values:
                statement = statement.replace(placeholder, value)
            try:
                found = self.connection.execute(statement).fetchall()
            except duckdb.InvalidInputException as error:
                self.connection.rollback()  # which BigQuery does at the end of a script that fails
                raise Refused(str(error)) from None
        [(kept, held_back)] = found
        return _answer(kept, held_back)

    def sweep_is_owed(self, tick: dt.datetime) -> bool:
        # the name without quotes, as DuckDB needs it
        ledger = f"{PROJECT_ID}__landing`.`{LEDGER}"
        return sweep_is_owed(cast("bigquery.Client", self), self.contract, ledger, tick, 0, bool)

    def query_and_wait(self, statement: str, **_: Any) -> list[dict[str, Any]]:
        """What `sweep_is_owed` asks of a client of BigQuery; its statement is DuckDB's as it stands."""
        found: list[dict[str, Any]] = self.connection.sql(statement.replace("`", '"')).to_arrow_table().to_pylist()
        return found

    def rows(self) -> list[dict[str, Any]]:
        return self.connection.sql(f'select * from "{PROJECT_ID}__landing"."landing"').to_arrow_table().to_pylist()


class Both:
    """Both at once: every verdict and every table must be the same."""

    def __init__(self, *engines: Emulator | Translated) -> None:
        self.engines = engines

    def load(self, *arguments: Any) -> None:
        for engine in self.engines:
            engine.load(*arguments)

    def merge(self, *arguments: Any) -> Answer:
        verdicts, answers = [], []
        for engine in self.engines:
            try:
                answers.append(engine.merge(*arguments))
                verdicts.append("")
            except Refused as refusal:
                message = str(refusal)
                verdicts.append(message[message.index(engine.contract.dataset_id) :].splitlines()[0].rstrip("'\". "))
        shortest = min(map(len, verdicts))
        assert len({verdict[:shortest] for verdict in verdicts}) == 1 and (shortest or not any(verdicts)), verdicts
        if verdicts[0]:
            raise Refused(verdicts[0])
        assert answers[0] == answers[1]
        return answers[0]

    def sweep_is_owed(self, tick: dt.datetime) -> bool:
        first, second = (engine.sweep_is_owed(tick) for engine in self.engines)
        assert first == second
        return first

    def rows(self) -> list[dict[str, Any]]:
        first, second = (engine.rows() for engine in self.engines)
        assert sorted(map(str, _plain(first))) == sorted(map(str, _plain(second)))
        return first


def _plain(rows: list[dict[str, Any]]) -> list[tuple]:
    return [
        tuple(row[name].timestamp() if hasattr(row[name], "timestamp") else row[name] for name in sorted(row))
        for row in rows
    ]


def _answer(kept: list[dt.date], held_back: list[dict[str, Any]]) -> Answer:
    """The days that the statement says it kept, and those that it held back."""
    return frozenset(kept), frozenset(day["local_date"] for day in held_back)


def _days(days: tuple[dt.date, ...]) -> str:
    """Days as the emulator writes a list of them in DuckDB's SQL."""
    return "[" + ", ".join(f"CAST('{day}' AS DATE)" for day in days) + "]"


def _ledger_type(field: dict[str, Any]) -> str:
    inner = ", ".join(f"{part['name']} {_ledger_type(part)}" for part in field.get("fields", ()))
    kind = f"struct({inner})" if inner else _LEDGER_TYPES[field["type"]]
    return f"{kind}[]" if field["mode"] == "REPEATED" else kind


LEDGER_COLUMNS = ", ".join(f"{field['name']} {_ledger_type(field)}" for field in LEDGER_FIELDS)


def _literal(value: Any) -> str:
    return f"'{value}'" if not isinstance(value, int) else str(value)


@cache
def translation(table: str) -> tuple[str, ...]:
    """The statements that the emulator makes of `replace_window`, with placeholders for the values of a run."""
    names = (f"{PROJECT_ID}.landing.{name}" for name in ("landing", _BATCH, LEDGER))
    script = replace_window(load_contract(table), *names, _STANDING_FOR)
    command = [str(EMULATORS / "bin" / "python"), str(Path(__file__).with_name("translate.py")), PROJECT_ID]
    done = subprocess.run(command, input=script, capture_output=True, text=True, check=True, timeout=120)
    return tuple(json.loads(done.stdout))
