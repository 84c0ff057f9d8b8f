"""One run of one dataset as a plain Python script. It does the same requests, checks, merge, dbt build and page as the
DAG, one after the other in one process, without Airflow.

    python -m laptop.bench.script <table> <first day> <last day> [--only ingest|dbt] [--full-refresh]

Endpoints come from the environment, as in the pipeline. Prints a report of what was done as one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import requests
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery, storage
from odre.contract import Contract, load_contract, tables
from odre.exports.writing import CanonicalWriter
from odre.ledger import LEDGER, ledger_resource
from odre.plan import WINDOW_VARIABLES
from odre.resources import table_resource
from odre.segments import segments, where_clause
from odre.settings import Settings
from odre.sql.merge import Load, replace_window
from odre.window import Window


class Api:
    """The requests of `odre.hooks.explore.ExploreHook`, without Airflow, because its import would be measured too."""

    def __init__(self, host: str) -> None:
        self.root, self.session = f"{host}/api/explore/v2.1/catalog/datasets", requests.Session()

    def count(self, dataset_id: str, where: str) -> int:
        return int(self._get(f"{dataset_id}/records", where=where, limit="1").json()["total_count"])

    def bounds(self, dataset_id: str, field: str, where: str) -> tuple[str | None, str | None]:
        select = f"min({field}) as first, max({field}) as last"
        row = self._get(f"{dataset_id}/records", select=select, where=where, limit="1").json()["results"][0]
        return row["first"], row["last"]

    def is_synthetic(self, dataset_id: str) -> bool:
        return "synthetic" in self._get(dataset_id).json()["metas"]["default"].get("keyword", ())

    def export(self, dataset_id: str, where: str, order_by: list[str], destination: Path) -> None:
        options = {"order_by": ",".join(order_by), "timezone": "UTC", "parquet_compression": "zstd"}
        response = self._get(f"{dataset_id}/exports/parquet", stream=True, where=where, **options)
        with destination.open("wb") as file:
            for chunk in response.iter_content(1 << 20):
                file.write(chunk)

    def _get(self, path: str, stream: bool = False, **params: str) -> requests.Response:
        response = self.session.get(f"{self.root}/{path}", params=params, stream=stream, timeout=120)
        response.raise_for_status()
        return response


class Script:
    """The run; every step adds its seconds to `seconds`."""

    def __init__(self, table: str, window: Window, full_refresh: bool = False) -> None:
        self.contract, self.window, self.full_refresh = load_contract(table), window, full_refresh
        self.settings = Settings.from_environment()
        self.seconds: dict[str, float] = {}
        project = self.settings.project_id
        self.warehouse = bigquery.Client(
            project, AnonymousCredentials(), client_options={"api_endpoint": os.environ["BIGQUERY_EMULATOR_HOST"]}
        )
        self.lake = storage.Client(project, AnonymousCredentials()).bucket(self.settings.lake_bucket)
        self.landing = f"{project}.{self.settings.staging_dataset}"
        self.ledger, self.asked_at = f"{self.landing}.{LEDGER}", datetime.now(timezone.utc)
        self.batch = f"{self.landing}.{table}__batch_script"
        self.api = Api(json.loads(os.environ["AIRFLOW_CONN_ODRE_API"])["host"])

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - began, 3)

    def extract(self, folder: Path) -> tuple[int, str]:
        """Write the rows of the window into the lake.

        :returns: number of rows, and URI of the file.
        """
        self.asked_at = datetime.now(timezone.utc)
        contract, path, export = self.contract, folder / "canonical.parquet", folder / "export"
        with CanonicalWriter(contract, self.window, path, {}) as writer:
            for part in segments(contract, self.window, self.api):
                where = where_clause(contract, part.window)
                count = self.api.count(part.dataset_id, where)
                self.api.export(part.dataset_id, where, contract.order_by, export)
                answered = frozenset(writer.days_received) if part.fills else frozenset()
                if writer.add(export, answered) != count:
                    raise SystemExit(
                        f"error: {part.dataset_id}: the API counts {count} rows and exports another number"
                    )
        blob = self.lake.blob(f"raw/{contract.table}/script-{time.time_ns()}.parquet")
        blob.upload_from_filename(str(path))
        return writer.outcome.written, f"gs://{self.lake.name}/{blob.name}"

    def create_tables(self) -> None:
        for table in tables():
            reference = bigquery.TableReference.from_string(f"{self.landing}.{table}").to_api_repr()
            resource = table_resource(load_contract(table)) | {"tableReference": reference}
            self.warehouse.create_table(bigquery.Table.from_api_repr(resource), exists_ok=True)
        reference = bigquery.TableReference.from_string(self.ledger).to_api_repr()
        self.warehouse.create_table(
            bigquery.Table.from_api_repr(ledger_resource() | {"tableReference": reference}), exists_ok=True
        )
        self.warehouse.create_table(bigquery.Table(self.batch, _schema(self.contract)), exists_ok=True)

    def load(self, uri: str) -> None:
        config = bigquery.LoadJobConfig(
            source_format="PARQUET", schema=_schema(self.contract), write_disposition="WRITE_TRUNCATE"
        )
        self.warehouse.load_table_from_uri(uri, self.batch, job_config=config).result()

    def merge(self, rows: int) -> None:
        target = f"{self.landing}.{self.contract.table}"
        load = Load(
            load_id=f"script-{time.time_ns()}",
            run_kind="range",
            run_id="script",
            window=self.window,
            asked_at=self.asked_at,
            uri="",
            generation=0,
            md5="",
            rows=rows,
            is_synthetic=self.api.is_synthetic(self.contract.dataset_id),
        )
        self.warehouse.query_and_wait(replace_window(self.contract, target, self.batch, self.ledger, load))
        self.warehouse.delete_table(self.batch)

    def ingest(self) -> int:
        """Load the window from the API into the landing table.

        :returns: number of rows.
        """
        with tempfile.TemporaryDirectory() as folder, self.step("extract"):
            rows, uri = self.extract(Path(folder))
        with self.step("tables"):
            self.create_tables()
        with self.step("load"):
            self.load(uri)
        with self.step("merge"):
            self.merge(rows)
        return rows

    def transform(self) -> None:
        """Build all models downstream with one dbt command."""
        with self.step("dbt"):
            build(self.contract.table, str(self.window.start), str(self.window.end), self.full_refresh)

    def publish(self) -> int:
        """Write the page.

        :returns: its size in bytes.
        """
        from odre.dashboard import OBJECT
        from odre.dashboard.data import read_page
        from odre.dashboard.page import render

        with self.step("dashboard"):
            marts = f"{self.settings.project_id}.{self.settings.marts_dataset}"
            html = render(read_page(self.warehouse, marts, datetime.now(timezone.utc), ()))
            self.lake.blob(OBJECT).upload_from_string(html, content_type="text/html; charset=utf-8")
        return len(html.encode())


def build(table: str, start: str, end: str, full_refresh: bool = False) -> None:
    """One `dbt build` of the models downstream of a landing table and of what they read.

    :raises SystemExit: a model or a data test failed.
    """
    from dbt.cli.main import dbtRunner

    arguments = [
        "--quiet",
        "build",
        "--select",
        f"source:odre.{table}+",
        "--exclude",
        "resource_type:unit_test source:*",
    ]
    os.environ.update(zip(WINDOW_VARIABLES, (start, end), strict=True))
    result = dbtRunner().invoke([*arguments, *(["--full-refresh"] if full_refresh else [])])
    if not result.success:
        raise SystemExit(f"error: dbt build failed: {result.exception or 'see its output above'}")


def _schema(contract: Contract) -> list[bigquery.SchemaField]:
    return [bigquery.SchemaField.from_api_repr(field) for field in contract.bigquery_schema]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m laptop.bench.script", description=__doc__)
    parser.add_argument("table")
    parser.add_argument("start", type=date.fromisoformat)
    parser.add_argument("end", type=date.fromisoformat)
    parser.add_argument("--only", choices=["ingest", "dbt"])
    parser.add_argument("--full-refresh", action="store_true")
    options = parser.parse_args()
    script = Script(options.table, Window(options.start, options.end), options.full_refresh)
    done: dict[str, Any] = {"seconds": script.seconds}
    if options.only != "dbt":
        done["rows"] = script.ingest()
    if options.only != "ingest":
        script.transform()
    if not options.only:
        done["page_bytes"] = script.publish()
    print(json.dumps(done))
    return 0


if __name__ == "__main__":
    sys.exit(main())
