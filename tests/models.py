"""The dbt models without a service: compiled by dbt against a warehouse that is empty, translated by the emulator's own
translator, and run in DuckDB. Seconds instead of minutes, so that a property can be tried on hundreds of days."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import duckdb
import pytest
from odre.contract import Contract, fold, load_contract, tables
from odre.ledger import LEDGER
from odre.window import Window

from laptop.environment import PROJECT_ID, Endpoints, pipeline_environment
from laptop.loopback import served
from laptop.manifest import PROJECT
from laptop.stack import EMULATORS
from tests.histories.engines import LEDGER_COLUMNS, TYPES
from tests.once import once
from tests.project import NONE, dbt, read
from tests.tables import MARTS

LANDING = f'"{PROJECT_ID}__de_project_staging"'
_MARTS = f'"{PROJECT_ID}__{MARTS}"'
# dbt compiles the tests of a model with it, unless it is told not to
ONLY_MODELS = ("--exclude", "resource_type:test", "resource_type:unit_test")
_TRANSLATE = Path(__file__).with_name("histories") / "translate.py"


class _Empty(BaseHTTPRequestHandler):
    """A BigQuery that holds nothing; with `built`, one that answers for every table that it has it."""

    built = False

    def do_GET(self) -> None:
        found = re.search(r"/projects/([^/]+)/datasets/([^/]+)/tables/([^/?]+)", self.path) if self.built else None
        answer: dict[str, Any] = {"error": {"code": 404, "message": "Not found", "errors": [{"reason": "notFound"}]}}
        if found:
            reference = dict(zip(("projectId", "datasetId", "tableId"), found.groups(), strict=True))
            answer = {"tableReference": reference, "type": "TABLE"}
        body = json.dumps(answer).encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - the name that http.server calls

    def log_message(self, *_: Any) -> None:
        """Say nothing of requests."""


@contextmanager
def without_warehouse(folder: Path, built: bool) -> Iterator[None]:
    """Have dbt meet a warehouse that is empty or, with `built`, one that has every table; its files go to a folder."""
    with served(type("Handler", (_Empty,), {"built": built})) as url, pytest.MonkeyPatch.context() as patch:
        for name, value in pipeline_environment(folder, Endpoints(url, url, url)).items():
            patch.setenv(name, value)
        yield


def compiled(again: Window | None = None) -> dict[str, str]:
    """GoogleSQL of every model that is a relation, in the order in which they can be built.

    :param again: the window of a run that finds all models built; `None` for a build from scratch.
    """
    folder = once(f"compiled {again}" if again else "compiled", partial(_compile, again))
    ordered: dict[str, str] = json.loads((folder / "ordered.json").read_text(encoding="utf-8"))
    return ordered


def _compile(again: Window | None, folder: Path) -> None:
    window = (str(again.start), str(again.end)) if again else NONE
    options = [] if again else ["--full-refresh"]
    with without_warehouse(folder, built=again is not None):
        done = dbt(
            "compile", "--no-populate-cache", "--select", "resource_type:model", *ONLY_MODELS, *options, window=window
        )
        assert done.success, done.exception
    nodes = read()["nodes"]
    code = {r.node.unique_id: r.node.compiled_code for r in done.result.results}
    found: dict[str, str] = {}

    def add(unique_id: str) -> None:
        for parent in nodes[unique_id]["depends_on"]["nodes"]:
            if parent in code:
                add(parent)
        if nodes[unique_id]["config"]["materialized"] != "ephemeral":
            found[nodes[unique_id]["name"]] = code[unique_id]

    for unique_id in code:
        add(unique_id)
    (folder / "ordered.json").write_text(json.dumps(found), encoding="utf-8")


def translated(sql: dict[str, str]) -> dict[str, str]:
    """The same in DuckDB's SQL, by the emulator's translator in one process."""
    script = ";\n".join(sql.values())
    name = f"translated {hashlib.sha256(script.encode()).hexdigest()}"
    statements = json.loads((once(name, partial(_translate, script)) / "statements.json").read_text(encoding="utf-8"))
    return dict(zip(sql, statements, strict=True))


def _translate(script: str, folder: Path) -> None:
    command = [str(EMULATORS / "bin" / "python"), str(_TRANSLATE), PROJECT_ID]
    done = subprocess.run(command, input=script, capture_output=True, text=True, check=True, timeout=120)
    (folder / "statements.json").write_text(done.stdout, encoding="utf-8")


def by_label(contract: Contract, file: Path) -> str:
    """A query for a CSV export with labels, that gives its columns the contract's names; all of it is text."""
    source = f"read_csv('{file}', delim=';', header=true, all_varchar=true)"
    headers = [column[0] for column in duckdb.sql(f"select * from {source} limit 0").description]
    names = {contract.by_header[fold(header)]: header for header in headers if fold(header) in contract.by_header}
    return "select " + ", ".join(f'"{header}" as {name}' for name, header in names.items()) + f" from {source}"


class Models:
    """Landing tables, empty at first, the seeds, and models over them.

    :param sql: DuckDB's SQL by model, as `translated` gives it.
    :param connection: a database of one's own; `None` for a new one.
    """

    def __init__(self, sql: dict[str, str], connection: duckdb.DuckDBPyConnection | None = None) -> None:
        self.sql = sql
        self.connection = connection or duckdb.connect(config={"threads": 1})
        self.connection.execute(f"set TimeZone = 'UTC'; create schema {LANDING}; create schema {_MARTS}")
        for table in tables():
            columns = ", ".join(f"{c.name} {TYPES[c.data_type]}" for c in load_contract(table).columns)
            self.connection.execute(f"create table {LANDING}.{table} ({columns})")
        self.connection.execute(f"create table {LANDING}.{LEDGER} ({LEDGER_COLUMNS})")
        for seed in (PROJECT / "seeds").glob("*.csv"):
            self.connection.execute(f"create table {_MARTS}.{seed.stem} as select * from read_csv('{seed}')")

    def insert(self, table: str, select: str) -> None:
        """Fill a landing table with what a query of DuckDB's SQL returns, column by name."""
        self.connection.execute(f"insert into {LANDING}.{table} by name {select}")

    def change(self, table: str, statement: str) -> None:
        """Run `update … set …` or `delete from …` on a landing table, which the statement calls `landing`."""
        self.connection.execute(statement.replace("landing", f"{LANDING}.{table}"))

    def build(self, *names: str) -> None:
        """Build these models; what they read has to be there."""
        for name in names:
            self.connection.execute(f"create or replace table {_MARTS}.{name} as {self.sql[name]}")

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Rows of a query in DuckDB's SQL, in which models stand by name."""
        self.connection.execute(f"set search_path = '{_MARTS[1:-1]}'")
        rows = self.connection.sql(sql).to_arrow_table().to_pylist()
        self.connection.execute("set search_path = 'main'")
        return rows


def published_december(sql: dict[str, str], exports: Path) -> Models:
    """December 2021 of the mix as RTE published it, in the landing table."""
    mix, models = "eco2mix_national_tr", Models(sql)
    models.insert(mix, by_label(load_contract(mix), exports / "eco2mix-national-tr_2021-12_labels.csv"))
    return models
