"""How people are told of failures and lateness: by Airflow's own notifiers, none of which is on by default.

`ECO2MIX_ALERT_EMAILS` (addresses, separated by commas) sends mail through the connection `smtp_default`.
`ECO2MIX_ALERT_WEBHOOK_CONN_ID` posts `{"text": …}` to the HTTP connection of that name; Slack, Mattermost and Google
Chat accept this as it is. `docs/runbook.md` says what each alert means and what to do.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from airflow.sdk import (  # type: ignore[attr-defined]  # the package has them, its stub does not
    AsyncCallback,
    BaseNotifier,
    DeadlineAlert,
    DeadlineReference,
)

from odre.settings import Settings

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)

FAILED = (
    "{{ dag.dag_id }}: {{ ti.task_id }} of {{ run_id }} failed: {{ exception or 'see its log' }} ({{ ti.log_url }})"
)
ASKED = "{{ dag.dag_id }}: run {{ run_id }} waits for approval ({{ ti.log_url }})"


def notifiers(text: str, settings: Settings | None = None) -> list[BaseNotifier]:
    """The notifiers that are configured.

    :param text: message of each of them, a template of the task's context.
    :param settings: this environment's settings; `None` reads them.
    """
    settings, chosen = settings or Settings.from_environment(), list[BaseNotifier]()
    if settings.alert_emails:
        from airflow.providers.smtp.notifications.smtp import SmtpNotifier

        addresses = [address.strip() for address in settings.alert_emails.split(",")]
        chosen.append(SmtpNotifier(to=addresses, subject="Éco2mix pipeline", html_content=text))
    if settings.alert_webhook:
        from airflow.providers.http.notifications.http import HttpNotifier

        chosen.append(HttpNotifier(http_conn_id=settings.alert_webhook, json={"text": text}))
    return chosen


def deadline(settings: Settings) -> DeadlineAlert:
    """The deadline of a run, counted from when it was queued; a run that misses it leads to `deadline_missed`."""
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(minutes=settings.run_deadline_minutes),
        callback=AsyncCallback(deadline_missed),
        name="run deadline",
    )


async def deadline_missed(context: dict[str, Any]) -> None:
    """Say that a run takes longer than it should. Airflow calls this in the triggerer.

    Runs of a backfill are all queued at once and wait for each other, so nothing is said of them.

    :param context: `dag_run` and `deadline`, as Airflow's scheduler gives them.
    """
    run = context["dag_run"]
    if run["run_type"] == "backfill":
        return
    due = context["deadline"]["deadline_time"]
    text = f"{run['dag_id']}: run {run['dag_run_id']} has not ended by its deadline, {due}"
    log.warning(text)
    for notifier in notifiers(text):
        # Not a task's context, which a deadline has none of; the text is not a template here.
        await notifier.async_notify(cast("Context", context))
