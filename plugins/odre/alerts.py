"""How people are told of failures and lateness: by Airflow's own notifiers, none of which is on by default.

`ECO2MIX_ALERT_EMAILS` (addresses, separated by commas) sends mail through the connection `smtp_default`.
`ECO2MIX_ALERT_WEBHOOK_CONN_ID` posts `{"text": …}` to the HTTP connection of that name; Slack, Mattermost and Google
Chat accept this as it is. `docs/runbook.md` says what each alert means and what to do.

People are told of a lasting state when it begins, then once a day, and once more when it has ended: see `Condition`.
Airflow's own `DeadlineAlert` is not used: while a run's deadline lies ahead, clearing the run answers HTTP 500
(apache/airflow #70368). docs/runbook.md says how to come back to it.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, cast

from airflow.sdk import BaseNotifier, Variable

from odre.errors import DaysSetAside, OdreError, RunIncomplete, SourceLate
from odre.settings import Settings

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)

FAILED = (
    "{{ dag.dag_id }}: {{ ti.task_id }} of {{ run_id }} failed: {{ exception or 'see its log' }} ({{ ti.log_url }})"
)
ASKED = "{{ dag.dag_id }}: run {{ run_id }} waits for approval ({{ ti.log_url }})"
REMIND_AFTER = timedelta(days=1)
# People know of these already. The tasks that raise the first two tell them when the state begins, once a day, and when
# it has ended. The third follows the failure of another task, which has told them, or a person who stopped the run.
_TOLD_ALREADY = (DaysSetAside, SourceLate, RunIncomplete)


def notifiers(text: str, settings: Settings | None = None) -> list[BaseNotifier]:
    """The notifiers that are configured.

    :param text: the message that each of them sends, a template of the task's context.
    :param settings: this environment's settings; `None` reads them from the environment.
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


class Condition:
    """A state that lasts for a while. People are told when it begins, then once a day, and when it has ended.

    The Airflow Variable `eco2mix_told_<name>` keeps what people were told, and exists while the condition holds. Where
    no notifier is configured, the Variable is neither read nor written.

    :param name: names the condition in this Airflow.
    """

    def __init__(self, name: str) -> None:
        self.variable = f"eco2mix_told_{name}"

    def holds(self, text: str, detail: str = "") -> None:
        """Note that the state holds now, and tell people unless they were told the same less than a day ago.

        :param detail: what distinguishes this state from an earlier one. When it differs, people are told at once, even
            within a day.
        """
        log.warning(text)
        chosen = notifiers(text)
        if not chosen:
            return
        told, now = self._told(), datetime.now(timezone.utc)
        if detail in told and now - told[detail] < REMIND_AFTER:
            return
        _send(chosen)
        told[detail] = now
        Variable.set(self.variable, json.dumps({key: moment.isoformat() for key, moment in told.items()}))

    def ended(self, text: str) -> None:
        """Note that the state has ended, and tell people if they had been told that it began."""
        chosen = notifiers(text)
        if chosen and self._told():
            _send(chosen)
            Variable.delete(self.variable)

    def told(self) -> set[str]:
        """The details that people were told of since it began; none where nobody is to be told."""
        return set(self._told()) if notifiers("") else set()

    def _told(self) -> dict[str, datetime]:
        """The moment at which people were last told of each detail."""
        kept = json.loads(Variable.get(self.variable, default="{}"))
        return {detail: datetime.fromisoformat(moment) for detail, moment in kept.items()}


def tell_failure(context: Context) -> None:
    """Tell that a task has failed. Airflow calls this when the task's retries are used up.

    While an outage lasts, one scheduled run after another fails. People are therefore told once a day that the same
    task of scheduled runs fails with the same kind of error.
    """
    exception = context.get("exception")
    if isinstance(exception, OdreError):
        log.error("%s", exception)  # below Airflow's traceback, so that the log ends with what to do
    if isinstance(exception, _TOLD_ALREADY):
        return
    chosen = notifiers(FAILED)
    if context["dag_run"].run_type != "scheduled":
        for notifier in chosen:
            notifier(context)
        return
    instance = context["ti"]
    text = f"{instance.dag_id}: {instance.task_id} of {instance.run_id} failed: {exception or 'see its log'}"
    link = getattr(instance, "log_url", None)
    failures(instance.dag_id).holds(
        f"{text} ({link})" if link else text, detail=f"{instance.task_id} {type(exception).__name__}"
    )


def failures(dag_id: str) -> Condition:
    """The condition that scheduled runs of a DAG fail."""
    return Condition(f"{dag_id}_failures")


def _send(chosen: list[BaseNotifier]) -> None:
    for notifier in chosen:
        # The text is no template here, so it is not rendered, and no context is needed.
        notifier.notify(cast("Context", {}))
