"""The dashboard as a page and an entry in the navigation of the Airflow UI.

Every process of Airflow loads this file, each task included; only the API server ever serves the page. What
serves it is therefore imported when it is first needed: FastAPI and Airflow's API take half a second.
"""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin

PREFIX = "/eco2mix"


async def dashboard(scope: Any, receive: Any, send: Any) -> None:
    """`odre.dashboard.web.app`."""
    from odre.dashboard.web import app

    await app(scope, receive, send)


def dbt_docs_session(app: Any) -> Any:
    """`odre.dashboard.web.DbtDocsSession` around `app`."""
    from odre.dashboard.web import DbtDocsSession

    return DbtDocsSession(app)


class Eco2mixDashboardPlugin(AirflowPlugin):
    """Adds the page and its entries in the navigation.

    Airflow's frame allows neither downloads nor links that open a tab: the second entry, which has no route of
    the UI, opens the page by itself.
    """

    name = "eco2mix_dashboard"
    fastapi_apps = [{"name": "eco2mix", "app": dashboard, "url_prefix": PREFIX}]
    fastapi_root_middlewares = [{"name": "dbt docs session", "middleware": dbt_docs_session}]
    external_views = [
        {
            "name": "Éco2mix",
            "href": f"{PREFIX.removeprefix('/')}/dashboard",
            "destination": "nav",
            "category": "browse",
            "url_route": "eco2mix",
        },
        {
            "name": "Éco2mix, in a tab of its own",
            "href": f"{PREFIX.removeprefix('/')}/dashboard",
            "destination": "nav",
            "category": "browse",
        },
    ]
