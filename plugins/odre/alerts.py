"""How failure and lateness reach a person: Airflow's own notifiers, chosen by configuration, none by default.

`ECO2MIX_ALERT_EMAILS` (addresses, comma-separated) sends mail through the `smtp_default` connection;
`ECO2MIX_ALERT_WEBHOOK_CONN_ID` posts `{"text": …}`, which Slack, Mattermost and Google Chat take as it is, to
the HTTP connection of that name. `docs/runbook.md` says what each alert means and what to do.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import AsyncCallback, DeadlineAlert, DeadlineReference

from odre.settings import Settings

if TYPE_CHECKING:
    from airflow.sdk import BaseNotifier

log = logging.getLogger(__name__)

FAILED = (
    "{{ dag.dag_id }}: {{ ti.task_id }} of {{ run_id }} failed: {{ exception or 'see its log' }} ({{ ti.log_url }})"
)
ASKED = "{{ dag.dag_id }}: run {{ run_id }} waits for approval ({{ ti.log_url }})"


def notifiers(text: str, settings: Settings | None = None) -> list[BaseNotifier]:
    """The configured notifiers, each sending `text` (templated with the task's context)."""
    settings, chosen = settings or Settings(), []
    if settings.alert_emails:
        from airflow.providers.smtp.notifications.smtp import SmtpNotifier

        addresses = [address.strip() for address in settings.alert_emails.split(",")]
        chosen.append(SmtpNotifier(to=addresses, subject="Éco2mix pipeline", html_content=text))
    if settings.alert_webhook:
        from airflow.providers.http.notifications.http import HttpNotifier

        chosen.append(HttpNotifier(http_conn_id=settings.alert_webhook, json={"text": text}))
    return chosen


def deadline(settings: Settings) -> DeadlineAlert:
    """Every run should have ended so many minutes after it was queued; who is configured is told when it has not."""
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(minutes=settings.run_deadline_minutes),
        callback=AsyncCallback(deadline_missed),
        name="run deadline",
    )


async def deadline_missed(context: dict[str, Any]) -> None:
    """Tell that a run takes longer than it should. Runs in the triggerer.

    Runs of a backfill wait for each other and are all queued at once: their lateness says nothing.

    :param context: `dag_run` and `deadline`, as Airflow's scheduler knows them.
    """
    run = context["dag_run"]
    if run["run_type"] == "backfill":
        return
    due = context["deadline"]["deadline_time"]
    text = f"{run['dag_id']}: run {run['dag_run_id']} has not ended by its deadline, {due}"
    log.warning(text)
    for notifier in notifiers(text):
        await notifier.async_notify(context)
