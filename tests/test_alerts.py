"""People are told of failures and lateness where this is configured."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from airflow.sdk import Variable
from airflow.sdk.exceptions import AirflowSkipException
from odre.alerts import FAILED, Condition, failures, notifiers, tell_failure
from odre.alone import LOAD, MERGE
from odre.errors import DaysSetAside, RequestRefused, RunIncomplete, SourceLate, SourceUnavailable
from odre.extracted import LeftOut
from odre.operators.freshness import SourceFreshnessOperator
from odre.operators.merge import Merged
from odre.operators.set_aside import SetAsideOperator
from odre.operators.window import WindowOperator
from odre.settings import Settings

from tests.listeners import mail_server, webhook
from tests.plans import extracted, plan

TABLE = "stock_quotidien_stockages_gaz"


def test_nobody_is_told_unless_configured():
    assert notifiers(FAILED) == []


def test_a_failed_task_tells_by_webhook_and_by_mail(run_dag, airflow_home, monkeypatch):
    with webhook() as (address, texts), mail_server() as (mailbox, received):
        monkeypatch.setenv("AIRFLOW_CONN_ALERTS", address)
        monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", mailbox)
        monkeypatch.setenv("ECO2MIX_ALERT_WEBHOOK_CONN_ID", "alerts")
        monkeypatch.setenv("ECO2MIX_ALERT_EMAILS", "a@example.org, b@example.org")
        assert run_dag(TABLE, start_date="2023-12-02", end_date="2023-12-01")[0] == "failed"
    [text], [(recipients, mail)] = texts, received
    assert text.startswith(f"{TABLE}: window of ") and "last day (end_date) 2023-12-01 is before the first day" in text
    assert recipients == ["a@example.org", "b@example.org"] and "is before the first day" in mail


@pytest.fixture
def in_a_task(run_dag, airflow_home, monkeypatch):
    """Run a function within a task of Airflow's, where Variables can be read and written: the first of a DAG, which then
    skips the others. Answers how the task ended."""

    def run(function) -> str:
        def execute(operator, context) -> None:
            function()
            raise AirflowSkipException("the function has done what it should")

        with monkeypatch.context() as patch:
            patch.setattr(WindowOperator, "execute", execute)
            return run_dag(TABLE)[1]["window"]

    return run


@pytest.fixture
def told(monkeypatch):
    """The messages that people receive by webhook."""
    with webhook() as (address, texts):
        monkeypatch.setenv("AIRFLOW_CONN_ALERTS", address)
        monkeypatch.setenv("ECO2MIX_ALERT_WEBHOOK_CONN_ID", "alerts")
        yield texts


def test_what_goes_on_is_told_once_then_daily_and_when_it_has_ended(in_a_task, told):
    def go_on() -> None:
        condition = Condition("a_test")
        condition.ended("it has not begun")
        condition.holds("it holds: {{ not a template }}", "one")
        condition.holds("it holds still", "one")
        condition.holds("it holds otherwise", "two")
        condition.holds("it holds again", "one")
        kept = json.loads(Variable.get(condition.variable))
        a_day_ago = (datetime.now(timezone.utc) - timedelta(hours=24)).isoformat()
        Variable.set(condition.variable, json.dumps(kept | {"one": a_day_ago}))
        condition.holds("it holds a day later", "one")
        condition.holds("it holds a day and a bit later", "one")
        condition.ended("it has ended")
        condition.ended("it ended long ago")

    assert in_a_task(go_on) == "skipped"
    assert told == [
        "it holds: {{ not a template }}",
        "it holds otherwise",
        "it holds a day later",
        "it has ended",
    ]


def failure(task: str, exception: Exception) -> dict:
    """The context in which Airflow tells of a task that has failed in a run of the schedule."""
    instance = SimpleNamespace(dag_id=TABLE, task_id=task, run_id="a run", log_url="http://log")
    return {"dag_run": SimpleNamespace(run_type="scheduled"), "ti": instance, "exception": exception}


def test_an_outage_of_many_runs_is_told_once_a_day_and_when_it_is_over(in_a_task, told):
    outage, other = SourceUnavailable("d", "HTTP 503", "try again later"), RequestRefused("d", "HTTP 400", "look")

    def go_on() -> None:
        for _ in range(84):
            tell_failure(failure("ingest.extract", outage))
        tell_failure(failure("ingest.extract", other))
        tell_failure(failure("ingest.load", outage))
        tell_failure(failure("set_aside", DaysSetAside("d", "1 day", "look")))
        tell_failure(failure("set_aside", RunIncomplete("d", "ingest.load has failed", "see its log")))
        failures(TABLE).ended("the runs succeed again")
        tell_failure(failure("ingest.extract", outage))

    assert in_a_task(go_on) == "skipped"
    started = [text.partition(" failed: ")[0] for text in told]
    assert started == [
        *[f"{TABLE}: {task} of a run" for task in ("ingest.extract", "ingest.extract", "ingest.load")],
        "the runs succeed again",
        f"{TABLE}: ingest.extract of a run",
    ]
    assert "HTTP 503 → try again later (http://log)" in told[0]


def test_days_that_are_set_aside_are_told_until_a_run_that_asks_for_them_finds_none(in_a_task, told):
    """A sweep finds a bad day two years ago; the runs after it do not ask for that day."""
    bad = LeftOut(local_date=date(2022, 1, 1), scope="day", column=None, cause="expected a", rows=1, decided=False)
    sweep, whole = ("2021-06-01", "2024-01-09"), ("2024-01-01", "2024-01-09")

    def ends(window: tuple[str, str], *left_out: LeftOut) -> None:
        found = extracted(*window, left_out=list(left_out))
        merged = Merged(load_id=found.load_id, job_id="job", days_kept=[], held_back=[])
        task = SetAsideOperator(task_id="s", table=TABLE, extracted=found.to_xcom(), merged=merged.to_xcom())
        instance = SimpleNamespace(dag_id=TABLE, get_task_states=lambda *_, **__: {"r": {LOAD: "success"}})
        task.execute({"dag_run": SimpleNamespace(run_type="scheduled", run_id="r"), "ti": instance})

    def go_on() -> None:
        failures(TABLE).ended("those of another test")
        told.clear()
        for _ in range(2):
            with pytest.raises(DaysSetAside):
                ends(sweep, bad)
        ends(whole)
        assert len(told) == 1
        ends(sweep)

    assert in_a_task(go_on) == "skipped"
    assert "1 of 953 days keep their older rows, or lack rows: 2022-01-01 (expected a)" in told[0]
    assert told[1:] == [f"{TABLE}: the days that people were told of are no longer set aside"]


@pytest.mark.parametrize(("minutes", "kinds"), [(30, []), (90, ["started 1:30:00 after it was due"])])
def test_a_run_that_starts_late_is_told(in_a_task, told, monkeypatch, minutes, kinds):
    monkeypatch.setattr("odre.operators.window.sweep_is_owed", lambda *_: False)
    execute = WindowOperator.execute

    def go_on() -> None:
        due = datetime.now(timezone.utc) - timedelta(minutes=minutes)
        run = SimpleNamespace(
            data_interval_start=due - timedelta(days=1), data_interval_end=due, run_after=due, run_id="a run",
            run_type="scheduled", clear_number=1,
        )  # fmt: skip
        operator = WindowOperator(task_id="window", table=TABLE, settings=Settings.from_environment())
        instance = SimpleNamespace(dag_id=TABLE, get_task_states=lambda *_, **__: {})
        context = {"dag_run": run, "params": {}, "ti": instance}
        execute(operator, context)  # somebody has cleared it: it had started in time, or people have been told
        assert not told
        run.clear_number = 0
        for _ in range(2):
            execute(operator, context)
        run.run_after = datetime.now(timezone.utc)
        execute(operator, context)

    assert in_a_task(go_on) == "skipped"
    assert len(told) == 2 * len(kinds)
    if kinds:
        assert kinds[0] in told[0] and "start in time again" in told[1]


def check_freshness(warehouse, age: timedelta, kind: str = "scheduled") -> None:
    """Run the task on a landing table whose newest observed row is `age` old."""
    warehouse.create_landing(TABLE)
    day = (datetime.now(timezone.utc) - age).date()
    warehouse.query(
        f"insert into de_project_staging.{TABLE} (date, pits, stock_fin_de_journee) values (date '{day}', 'Saline', 7)"
    )
    task = SourceFreshnessOperator(task_id="source_freshness", table=TABLE, settings=Settings.from_environment())
    instance = SimpleNamespace(dag_id=TABLE, get_task_states=lambda *_, **__: {"r": {MERGE: "success"}},
                               xcom_pull=lambda task_ids: {"window": plan(day, day, "r")}[task_ids])  # fmt: skip
    run = SimpleNamespace(run_type=kind, run_id="r")
    task.execute({"dag_run": run, "run_id": "r", "ti": instance, "task_instance": instance, "params": {}})


def test_a_late_source_is_seen_and_a_very_late_one_fails(warehouse):
    check_freshness(warehouse, timedelta(days=1))
    with pytest.raises(AirflowSkipException, match="stock-quotidien-stockages-gaz: the newest observed row is of "):
        check_freshness(warehouse, timedelta(days=10))
    with pytest.raises(SourceLate, match=r"100 days, .* old → see whether ODRÉ publishes"):
        check_freshness(warehouse, timedelta(days=100))
    check_freshness(warehouse, timedelta(days=100), kind="manual")
