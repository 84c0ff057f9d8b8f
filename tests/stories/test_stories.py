"""Run it again means run it again: what an operator does in the UI, done by REST under Airflow's own scheduler, and what
is in the tables then. `dag.test` keeps no state between tries, so it can show none of these."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator

import pytest

from laptop.airflow import AirflowServer
from laptop.environment import POOL
from laptop.stack import Stack
from laptop.warehouse import Warehouse
from tests.listeners import webhook
from tests.scheduler import Run, eventually, finished
from tests.tables import MARTS

GAS = "stock_quotidien_stockages_gaz"
FIRST, LAST = "2023-11-10", "2023-11-14"


class World:
    """An Airflow, its warehouse and its source.

    :param told: what people have been told.
    """

    def __init__(self, server: AirflowServer, told: list[str]) -> None:
        self.server, self.told, self.warehouse = server, told, Warehouse(server.stack.environment)

    def spoil(self, fault: str | None) -> None:
        """What the source says from now on: the truth, or the truth with a fault of the replica."""
        self._ask("DELETE", "/_faults")
        if fault:
            self._ask("PUT", "/_faults", {"kind": fault})

    def writers(self, slots: int) -> None:
        """How many tasks may write to the warehouse at a time; with none, a run stops before its merge."""
        pool = {"pool": POOL, "slots": slots, "description": "writers of the warehouse", "include_deferred": False}
        self.server.call("PATCH", f"/pools/{POOL}", pool)

    def _ask(self, method: str, path: str, body: dict | None = None) -> None:
        url = self.server.stack.endpoints.api + path
        request = urllib.request.Request(
            url, json.dumps(body).encode() if body else None, {"Content-Type": "application/json"}, method=method
        )
        urllib.request.urlopen(request, timeout=10).close()

    def stocks(self) -> dict[str, tuple[int, float]]:
        """By day, number of observed sites and sum of their stocks in the landing table."""
        _, rows = self.warehouse.query(
            f"select string(date), count(stock_fin_de_journee), round(sum(stock_fin_de_journee), 6) "
            f"from de_project_staging.{GAS} where date between date '{FIRST}' and date '{LAST}' group by date"
        )
        return {day: (sites, total) for day, sites, total in rows}

    def batches(self) -> list[str]:
        listed = self.warehouse.client.list_tables(f"{self.warehouse.client.project}.de_project_staging")
        return [item.table_id for item in listed if "__batch_" in item.table_id]

    def loads(self) -> list[tuple[str, str]]:
        """Kind and run of every load in the ledger, in the order of their MERGEs."""
        statement = "select run_kind, run_id from de_project_staging.load_ledger order by merged_at"
        return self.warehouse.query(statement)[1]

    def run(self, name: str) -> Run:
        return Run.trigger(self.server, GAS, name, start_date=FIRST, end_date=LAST)


@pytest.fixture(scope="module")
def world(scratch) -> Iterator[World]:
    """Airflow on a stack whose replica serves the synthetic sample."""
    options = ("--start", "2023-11-01", "--real-time-start", "2023-11-01")
    with (
        webhook() as (connection, told),
        pytest.MonkeyPatch.context() as patch,
        Stack(state=scratch / "stories", usual_ports=False, replica_options=options) as stack,
    ):
        patch.setenv("AIRFLOW_CONN_ALERTS", connection)
        patch.setenv("ECO2MIX_ALERT_WEBHOOK_CONN_ID", "alerts")
        patch.setenv("AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE", "False")  # only what the stories ask for runs
        with AirflowServer(stack, port=0) as server:
            server.unpause()
            yield World(server, told)


@pytest.fixture(scope="module")
def first_run(world) -> Run:
    """A run whose answer holds one absurd value, in an Airflow without the pool of the warehouse's writers."""
    world.server.call("DELETE", f"/pools/{POOL}")
    world.spoil("absurd_value")
    run = world.run("first")
    assert run.ended() == "failed"
    return run


def test_one_bad_day_costs_that_day(world, first_run):
    """The other days are in the marts, and the run fails once, in its last task, naming the day."""
    states = {task: state for task, (_, state) in first_run.tries().items()}
    assert {task for task, state in states.items() if state == "failed"} == {"set_aside"}
    assert set(states.values()) == {"success", "failed"}
    days = world.stocks()
    assert len(days) == 4
    told = eventually(lambda: [text for text in world.told if text.startswith(f"{GAS}: ")])
    assert len(told) == 1 and "1 of 5 days keep what stood" in told[0] and "got -5.0" in told[0]
    [(missing,)] = world.warehouse.query(
        "select string(local_date) from de_project_staging.set_aside where scope = 'day' and value is not null"
    )[1]
    assert missing not in days and f"{missing} (" in told[0]
    _, rows = world.warehouse.query(
        f"select count(*) from {MARTS}.gas_storage_daily where gas_day between date '{FIRST}' and date '{LAST}'"
    )
    assert rows == [(4,)]


def test_a_missing_pool_is_made_and_no_run_waits_for_ever(world, first_run):
    made = world.server.call("GET", f"/pools/{POOL}")
    assert (made["slots"], made["description"]) == (1, "writers of the warehouse")
    assert first_run.state("ingest.merge") == "success"


@pytest.fixture(scope="module")
def stopped_run(world, first_run) -> Run:
    """A run that has asked the source and got values that are missing later no more; it stopped before its merge."""
    world.spoil("nd")
    world.writers(0)
    run = world.run("stopped")
    eventually(lambda: run.tries().get("ingest.extract", (0, ""))[1] == "success")
    world.server.call("PATCH", run.path, {"state": "failed"})
    # Airflow lets the teardown of a stopped run go on, and then calls a run success whose other tasks are skipped.
    run.ended()
    assert run.state("ingest.extract") == "success" and run.state("ingest.merge") != "success"
    world.writers(1)
    return run


@pytest.fixture(scope="module")
def whole(world, first_run, stopped_run) -> dict[str, tuple[int, float]]:
    """The days as the source has them, once the failed run has been cleared as a whole."""
    world.spoil(None)
    assert "ingest.merge" in first_run.cleared()
    assert first_run.ended() == "success"
    return world.stocks()


def test_a_failed_run_cleared_as_a_whole_loads_what_the_source_says_now(world, whole, first_run):
    assert len(whole) == 5 and len({sites for sites, _ in whole.values()}) == 1
    assert all(tries >= 2 for task, (tries, _) in first_run.tries().items() if task.startswith("ingest."))
    assert world.batches() == []


def test_an_answer_asked_earlier_never_replaces_one_asked_later(world, whole, stopped_run):
    """The run that stopped is continued where it stopped: its merge, which needs its batch loaded."""
    assert stopped_run.cleared("ingest.merge") == {"ingest.load", "ingest.merge", "ingest.drop_batch"}
    eventually(lambda: stopped_run.state("ingest.drop_batch") == "success", 180)
    assert stopped_run.state("ingest.merge") == "success"
    assert world.stocks() == whole and world.batches() == []
    assert stopped_run.result("ingest.merge")["days_kept"] == sorted(whole)
    stopped_run.ended()


@pytest.mark.parametrize("mark", [None, "failed"])
def test_merge_alone_cleared_merges_what_its_run_has_extracted(world, whole, first_run, mark):
    """Of a run that succeeded, and of one that failed there, long after its batch table was dropped."""
    if mark:
        path = f"{first_run.path}/taskInstances/ingest.merge"
        world.server.call("PATCH", path, {"new_state": mark})
    world.warehouse.query(f"delete from de_project_staging.{GAS} where date > date '{FIRST}'")
    tries = first_run.tries()["ingest.merge"][0]
    first_run.cleared("ingest.merge")
    eventually(
        lambda: (
            first_run.tries()["ingest.merge"] == (tries + 1, "success")
            and first_run.state("ingest.drop_batch") == "success"
        ),
        180,
    )
    assert world.stocks() == whole and world.batches() == []
    first_run.ended()


def test_load_alone_cleared_loads_and_drops_its_batch(world, whole, first_run):
    first_run.cleared("ingest.load")
    tries = eventually(lambda: first_run.tries()["ingest.load"])
    eventually(
        lambda: first_run.state("ingest.load") == "success" and first_run.state("ingest.drop_batch") == "success"
    )
    assert first_run.ended() == "success" and tries and world.stocks() == whole


def test_a_backfill_that_reprocesses_successful_runs_merges_the_new_data(world, whole):
    body = {"dag_id": GAS, "from_date": "2023-11-12T00:00:00Z", "to_date": "2023-11-12T23:00:00Z",
            "reprocess_behavior": "completed", "max_active_runs": 1, "dag_run_conf": {}, "run_backwards": False}  # fmt: skip
    world.spoil("nd")
    world.server.call("POST", "/backfills", body)
    [run] = finished(world.server, GAS, "backfill")
    assert run["state"] == "success"
    spoilt = world.stocks()
    assert spoilt != whole
    world.spoil(None)
    backfill = eventually(
        lambda: [b for b in world.server.call("GET", f"/backfills?dag_id={GAS}")["backfills"] if b["completed_at"]]
    )
    assert backfill
    world.server.call("POST", "/backfills", body)
    before = len(world.loads())
    eventually(lambda: len(world.loads()) > before, 180)
    finished(world.server, GAS, "backfill")
    assert world.stocks() == whole
    assert world.loads()[-1] == ("backfill", run["dag_run_id"])
