"""An Airflow, its warehouse and its source, and what can happen to them in a story."""

from __future__ import annotations

import json
import urllib.request
from datetime import datetime, timedelta

from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from sqlalchemy import create_engine, text

from laptop.airflow import AirflowServer
from laptop.environment import LAKE_BUCKET, POOL, PROJECT_ID
from laptop.warehouse import Warehouse
from tests.scheduler import Run
from tests.tables import MARTS

GAS = "stock_quotidien_stockages_gaz"
FIRST, LAST = "2023-11-10", "2023-11-14"


class World:
    """An Airflow, its warehouse and its source.

    :param told: the messages that people have received.
    """

    def __init__(self, server: AirflowServer, told: list[str]) -> None:
        self.server, self.told, self.warehouse = server, told, Warehouse(server.stack.environment)

    def spoil(self, fault: str | None) -> None:
        """Set the source's answers from now on: the truth, or the truth with a fault of the replica."""
        self._ask("DELETE", "/_faults")
        if fault:
            self._ask("PUT", "/_faults", {"kind": fault})

    def writers(self, slots: int) -> None:
        """How many tasks may write to a table of the warehouse at a time; with none, a run stops before its merge."""
        for pool in self.pools():
            change = {"pool": pool["name"], "slots": slots, "description": "", "include_deferred": False}
            self.server.call("PATCH", f"/pools/{pool['name']}", change)

    def pools(self) -> list[dict]:
        """The pools of the warehouse's writers, as Airflow's REST API tells them."""
        found = self.server.call("GET", "/pools?limit=100")["pools"]
        return [pool for pool in found if pool["name"].startswith(POOL)]

    def _ask(self, method: str, path: str, body: dict | None = None) -> None:
        url = self.server.stack.endpoints.api + path
        request = urllib.request.Request(
            url, json.dumps(body).encode() if body else None, {"Content-Type": "application/json"}, method=method
        )
        urllib.request.urlopen(request, timeout=10).close()

    def put_object(self, name: str, content: bytes | None) -> None:
        """Put other content in the place of an object of the lake, or delete it."""
        options = {"api_endpoint": self.server.stack.endpoints.lake}
        lake = storage.Client(PROJECT_ID, AnonymousCredentials(), client_options=options)
        blob = lake.bucket(LAKE_BUCKET).blob(name)
        if content is None:
            blob.delete()
        else:
            blob.upload_from_string(content)

    def stocks(self) -> dict[str, tuple[int, float]]:
        """By day, number of observed sites and sum of their stocks in the landing table."""
        _, rows = self.warehouse.query(
            f"select string(date), count(stock_fin_de_journee), round(sum(stock_fin_de_journee), 6) "
            f"from de_project_staging.{GAS} where date between date '{FIRST}' and date '{LAST}' group by date"
        )
        return {day: (sites, total) for day, sites, total in rows}

    def set_aside(self) -> set[str]:
        """Days whose newest answer was left out, as the marts say it."""
        statement = f"select string(local_date) from {MARTS}.completeness_daily where is_set_aside"
        return {day for (day,) in self.warehouse.query(statement)[1]}

    def batches(self) -> list[str]:
        listed = self.warehouse.client.list_tables(f"{self.warehouse.client.project}.de_project_staging")
        return [item.table_id for item in listed if "__batch_" in item.table_id]

    def loads(self) -> list[tuple[str, str]]:
        """Kind and run of every load in the ledger, in the order of their MERGEs."""
        statement = "select run_kind, run_id from de_project_staging.load_ledger order by merged_at"
        return self.warehouse.query(statement)[1]

    def run(self, name: str) -> Run:
        """Somebody asks for the five days."""
        return Run.trigger(self.server, GAS, name, conf={"start_date": FIRST, "end_date": LAST})

    def scheduled(self, name: str, end: datetime, due: datetime) -> Run:
        """A run of the schedule for the interval of a day, which would have been created at `due`. Airflow's API makes
        manual runs only, so it is triggered as one while the DAG is paused and becomes one of the schedule before it
        begins."""
        self.pause(True)
        day = {"data_interval_start": (end - timedelta(1)).isoformat(), "data_interval_end": end.isoformat()}
        run = Run.trigger(
            self.server, GAS, name, logical_date=day["data_interval_start"], run_after=due.isoformat(), **day
        )
        self._airflow_says(f"update dag_run set run_type = 'scheduled' where run_id = '{name}'")
        self.pause(False)
        return run

    def runs(self, kind: str) -> list[Run]:
        """All runs of a kind."""
        found = self.server.call("GET", f"/dags/{GAS}/dagRuns")["dag_runs"]
        return [Run(self.server, GAS, run["dag_run_id"]) for run in found if run["run_type"] == kind]

    def backfills(self) -> list[dict]:
        return self.server.call("GET", f"/backfills?dag_id={GAS}")["backfills"]

    def pause(self, paused: bool) -> None:
        self.server.call("PATCH", f"/dags/{GAS}", {"is_paused": paused})

    def age(self, run: Run, days: int) -> None:
        """Make a run so many days older."""
        ago = f"- interval '{days} days'"
        self._airflow_says(
            f"update dag_run set run_after = run_after {ago}, queued_at = queued_at {ago}, "
            f"start_date = start_date {ago}, end_date = end_date {ago} where run_id = '{run.run_id}'"
        )
        self._airflow_says(
            f"update task_instance set start_date = start_date {ago}, end_date = end_date {ago} "
            f"where run_id = '{run.run_id}'"
        )

    def _airflow_says(self, statement: str) -> None:
        engine = create_engine(self.server.environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
        with engine.begin() as connection:
            assert connection.execute(text(statement)).rowcount > 0
        engine.dispose()
