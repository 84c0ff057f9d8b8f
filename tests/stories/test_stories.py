"""The actions of an operator in the UI, such as clearing and backfills, done by REST under Airflow's own scheduler, and
the tables afterwards. `dag.test` keeps no state between tries, so it cannot show any of this."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest

from laptop.airflow import AirflowServer
from laptop.environment import POOL
from laptop.replica.faults import ABSURD
from laptop.stack import Stack
from tests.listeners import webhook
from tests.scheduler import Run, eventually, listening, only_what_is_asked_for
from tests.stories.world import FIRST, GAS, LAST, World
from tests.tables import MARTS


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
        only_what_is_asked_for(patch)
        with AirflowServer(stack, port=0) as server:
            server.unpause()
            yield World(server, told)


@pytest.fixture(scope="module")
def first_run(world) -> Run:
    """A run whose answer holds one absurd value, in an Airflow without the pools of the warehouse's writers."""
    for pool in world.pools():
        world.server.call("DELETE", f"/pools/{pool['name']}")
    world.spoil("absurd_value")
    run = world.run("first")
    assert run.ended() == "failed"
    assert run.failures().keys() == {"set_aside"}, run.failures()
    return run


def test_nothing_is_open_to_others(world):
    """On a laptop with several users: no port, no password and no key."""
    stack = world.server.stack
    assert listening(stack.state) in ({"127.0.0.1"}, {"127.0.0.1", "::ffff:127.0.0.1"})
    secrets = [world.server.home / name for name in ("secret", "airflow.cfg", "simple_auth_manager_passwords.json")]
    secrets += [stack.state / "env", *(stack.state / "postgres").glob(".s.PGSQL.*"), world.server.home]
    assert [path for path in secrets if path.stat().st_mode & 0o077] == []
    assert stack.state.stat().st_mode & 0o066 == 0


def test_one_bad_day_costs_that_day(world, first_run):
    """The other days are in the marts, and the run fails once, in its last task, naming the day."""
    assert {state for task, (_, state) in first_run.tries().items() if task != "set_aside"} == {"success"}
    days = world.stocks()
    assert len(days) == 4
    told = eventually(lambda: [text for text in world.told if text.startswith(f"{GAS}: ")])
    assert len(told) == 1 and "1 of 5 days keep their older rows" in told[0] and f"got {ABSURD}" in told[0]
    [(missing,)] = world.warehouse.query(
        "select string(local_date) from de_project_staging.set_aside where scope = 'day' and value is not null"
    )[1]
    assert missing not in days and f"{missing} (" in told[0]
    _, rows = world.warehouse.query(
        f"select count(*) from {MARTS}.gas_storage_daily where gas_day between date '{FIRST}' and date '{LAST}'"
    )
    assert rows == [(4,)]
    assert world.set_aside() == {missing}


def test_missing_pools_are_made_and_no_run_waits_for_ever(world, first_run):
    """One for what comes before the marts, and one for each subject of the marts."""
    made = {pool["name"]: (pool["slots"], pool["description"]) for pool in world.pools()}
    assert {POOL, f"{POOL}_gas", f"{POOL}_answers"} <= made.keys()
    assert set(made.values()) == {(1, "writers of the warehouse")}
    assert first_run.state("ingest.merge") == "success"


@pytest.fixture(scope="module")
def stopped_run(world, first_run) -> Run:
    """A run that has asked the source while values were missing, and that stopped before its merge. Later the source
    has these values."""
    world.spoil("nd")
    world.writers(0)
    run = world.run("stopped")
    eventually(lambda: run.tries().get("ingest.extract", (0, ""))[1] == "success")
    run.stop()
    # Airflow lets the teardown of a stopped run go on, and judges the run by it.
    assert run.ended() == "failed"
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
    assert world.set_aside() == set()


def test_an_answer_asked_earlier_never_replaces_one_asked_later(world, whole, stopped_run):
    """The run that stopped is continued where it stopped, ten days later: its merge, which needs its batch loaded. The
    stack refuses tables that would expire in the past, as BigQuery does."""
    world.age(stopped_run, days=10)
    world.writers(0)
    again = stopped_run.cleared("ingest.merge")
    assert again == {"set_aside"} | {f"ingest.{task}" for task in ("landing_tables", "load", "merge", "drop_batch")}
    eventually(lambda: stopped_run.state("ingest.load") == "success")
    [batch] = world.batches()
    lives = world.warehouse.client.get_table(f"de_project_staging.{batch}").expires - datetime.now(timezone.utc)
    assert lives > timedelta(6), "an approval of a day and a wait for the quota of a month's rest"
    world.writers(1)
    # its models are skipped still, so that the run is not green
    assert stopped_run.ended() == "failed"
    assert "tables and pages are not all made: dbt.answers (skipped), " in stopped_run.failures()["set_aside"]
    assert stopped_run.state("ingest.merge") == "success"
    assert world.stocks() == whole and world.batches() == []
    assert stopped_run.result("ingest.merge")["days_kept"] == sorted(whole)


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


def test_an_object_that_is_not_what_was_extracted_is_not_loaded_and_the_run_fails(world, whole, first_run):
    """Somebody replaces the run's object in the lake, then deletes it."""
    before, name = world.loads(), first_run.result("ingest.extract")["object_name"]
    for content, says in ((b"other data", "is not the object that this run has extracted"), (None, "is gone")):
        world.put_object(name, content)
        first_run.cleared("ingest.merge")
        assert first_run.ended() == "failed"
        assert says in first_run.failures()["ingest.load"]
        assert "not all made: ingest.load (failed) → see the log of ingest.load" in first_run.failures()["set_aside"]
        assert world.stocks() == whole and world.loads() == before and world.batches() == []
    first_run.cleared("ingest.extract", downstream=True)
    assert first_run.ended() == "success"
    assert world.stocks() == whole and len(world.loads()) == len(before) + 1


def test_a_model_cleared_alone_that_fails_fails_its_run(world, whole, first_run):
    """All tasks after it have succeeded before, and are not cleared with it."""
    assert first_run.ended() == "success"
    world.writers(0)
    judged = {"ingest.landing_tables", "ingest.drop_batch", "set_aside"}
    assert first_run.cleared("dbt.gas") == {"dbt.gas", *judged}
    eventually(lambda: first_run.state("ingest.drop_batch") == "success")
    world.server.call("PATCH", f"{first_run.path}/taskInstances/dbt.gas", {"new_state": "failed"})
    world.writers(1)
    assert first_run.ended() == "failed"
    assert "not all made: dbt.gas (failed) → see the log of dbt.gas" in first_run.failures()["set_aside"]
    assert first_run.state("publish_dashboard") == "success"
    first_run.cleared("dbt.gas")
    assert first_run.ended() == "success" and world.stocks() == whole


def test_extract_alone_cleared_fails_and_so_does_its_run(world, whole, first_run):
    """The source has another answer, which no task would merge."""
    world.spoil("nd")
    world.told.clear()
    before, asked = world.loads(), first_run.tries()["ingest.extract"][0]
    assert first_run.cleared("ingest.extract") == {"window", "ingest.extract", "answered"}
    assert first_run.ended() == "failed"
    assert "was cleared without it" in first_run.failures()["window"]
    assert first_run.tries()["ingest.extract"] == (asked, "upstream_failed")
    assert world.stocks() == whole and world.loads() == before
    [told] = eventually(lambda: world.told)
    assert "window of first failed" in told and "clear window and all that follows it" in told
    world.spoil(None)


def test_a_run_that_is_stopped_before_it_begins_fails(world, whole):
    world.pause(True)
    run = world.run("never-begun")
    run.stop()
    world.pause(False)
    assert run.ended() == "failed" and set(run.failures()) == {"source_freshness"}
    assert "the run was stopped before ingest.merge" in run.failures()["source_freshness"]
    assert run.state("window") == "skipped" and world.stocks() == whole


def test_a_backfill_that_reprocesses_what_has_run_merges_the_new_data(world, whole):
    """Of a run that ended as failed, which its first backfill does not keep from having a second."""
    body = {"dag_id": GAS, "from_date": "2023-11-12T00:00:00Z", "to_date": "2023-11-12T23:00:00Z",
            "reprocess_behavior": "completed", "max_active_runs": 1, "dag_run_conf": {}, "run_backwards": False}  # fmt: skip
    found = []
    for fault in ("nd", None):
        world.spoil(fault)
        before = len(world.loads())
        world.server.call("POST", "/backfills", body)
        eventually(lambda before=before: len(world.loads()) > before, 180)
        [run] = world.runs("backfill")
        assert world.loads()[-1] == ("backfill", run.run_id)
        eventually(lambda run=run: run.state("ingest.drop_batch") == "success")
        run.stop()  # this story is not about the models
        found.append(world.stocks())
        eventually(lambda: all(b["completed_at"] for b in world.backfills()))
    assert found[0] != whole and found[1] == whole


def test_a_sweep_that_failed_is_owed_and_the_next_run_does_it_and_says_so(world, whole):
    """Three runs of the schedule, of three days after the sweep of 3 November; before it, the table had been loaded."""
    world.warehouse.query(
        "update de_project_staging.load_ledger set asked_at = timestamp_sub(asked_at, interval 2000 day) "
        f"where table_name = '{GAS}' and asked_at is not null"
    )
    second = datetime(2023, 11, 4, 8, 40, tzinfo=timezone.utc)  # 09:40 in Paris
    now, day = datetime.now(timezone.utc), timedelta(1)
    world.told.clear()

    world.spoil("http_400")
    sweep = world.scheduled("sweep", second - day, due=now - timedelta(hours=2))
    assert sweep.ended() == "failed" and sweep.result("window")["kind"] == "sweep"
    eventually(lambda: len(world.told) == 2)
    late, failed = sorted(world.told, key=lambda text: "failed" in text)
    assert late.startswith(f"{GAS}: run sweep started 2:0") and "after it was due" in late
    assert failed.startswith(f"{GAS}: ingest.extract of sweep failed: ") and "HTTP 400" in failed

    world.spoil(None)
    owing = world.scheduled("owing", second + 10 * day, due=now)
    owing.ended()
    # the days of the sample are long past, and the source says nothing of today
    assert [task for task, (_, state) in owing.tries().items() if state == "failed"] == ["source_freshness"]
    assert "the last sweep has not been done, so this run does it" in owing.log("window")
    plan = owing.result("window")
    assert plan["kind"] == "sweep" and plan["window"]["start"] < "2022-01-01"
    assert world.loads()[-1] == ("sweep", "owing")
    assert world.stocks() == whole
    then = [text for text in world.told if text not in (late, failed)]
    assert any("start in time again" in text for text in then)
    assert any("the runs of the schedule succeed again" in text for text in then)

    # while its page is not written, the sweep is not done
    world.writers(0)
    for number, (state, kind) in enumerate([("failed", "sweep"), ("success", "interval")]):
        world.server.call("PATCH", f"{owing.path}/taskInstances/publish_dashboard", {"new_state": state})
        after = world.scheduled(f"after-{state}", second + (11 + number) * day, due=now)
        eventually(lambda after=after: after.tries().get("window", (0, ""))[1] == "success")
        after.stop()
        assert after.result("window")["kind"] == kind
        after.ended()
    world.writers(1)
