"""Failure and lateness reach a person, by configuration."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowSkipException
from odre.alerts import FAILED, deadline_missed, notifiers
from odre.errors import SourceLate
from odre.operators.freshness import SourceFreshnessOperator
from odre.settings import Settings

from tests.listeners import mail_server, webhook

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
    assert text.startswith(f"{TABLE}: window of ") and "end_date 2023-12-01 is before start_date" in text
    assert recipients == ["a@example.org", "b@example.org"] and "is before start_date" in mail


@pytest.mark.parametrize(("kind", "told"), [("scheduled", 1), ("manual", 1), ("backfill", 0)])
def test_a_missed_deadline_is_told_unless_the_run_only_waited_its_turn(kind, told, monkeypatch):
    late = {"dag_id": TABLE, "dag_run_id": "run 1", "run_type": kind}
    with webhook() as (address, texts):
        monkeypatch.setenv("AIRFLOW_CONN_ALERTS", address)
        monkeypatch.setenv("ECO2MIX_ALERT_WEBHOOK_CONN_ID", "alerts")
        asyncio.run(deadline_missed({"dag_run": late, "deadline": {"deadline_time": "2024-01-01T12:00:00Z"}}))
    assert len(texts) == told and all("run 1 has not ended by its deadline, 2024-01-01" in text for text in texts)


def check_freshness(warehouse, age: timedelta, kind: str = "scheduled") -> None:
    """Run the task on a landing table whose newest observed row is `age` old."""
    warehouse.create_landing(TABLE)
    day = (datetime.now(timezone.utc) - age).date()
    warehouse.query(
        f"insert into de_project_staging.{TABLE} (date, pits, stock_fin_de_journee) values (date '{day}', 'Saline', 7)"
    )
    task = SourceFreshnessOperator(task_id="source_freshness", table=TABLE, settings=Settings.from_environment())
    task.execute({"dag_run": SimpleNamespace(run_type=kind), "run_id": "r", "ti": None, "task_instance": None})


def test_a_late_source_is_seen_and_a_very_late_one_fails(warehouse, monkeypatch):
    for name, value in warehouse.environment.items():
        monkeypatch.setenv(name, value)
    check_freshness(warehouse, timedelta(days=1))
    with pytest.raises(AirflowSkipException, match="stock-quotidien-stockages-gaz: the newest observed row is of "):
        check_freshness(warehouse, timedelta(days=10))
    with pytest.raises(SourceLate, match=r"100 days, .* old → see whether ODRÉ publishes"):
        check_freshness(warehouse, timedelta(days=100))
    check_freshness(warehouse, timedelta(days=100), kind="manual")
