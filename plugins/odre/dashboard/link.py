"""The link from a task that publishes the dashboard to the dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseOperatorLink, conf

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey


class DashboardLink(BaseOperatorLink):
    """Leads to the page in the Airflow UI."""

    name = "Éco2mix"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Address of the page; the same for every run, because there is one page."""
        del operator, ti_key
        return f"{conf.get('api', 'base_url', fallback='').rstrip('/')}/plugin/eco2mix"
