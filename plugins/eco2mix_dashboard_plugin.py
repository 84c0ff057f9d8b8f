"""The dashboard as a page and an entry in the navigation of the Airflow UI.

Every process of Airflow loads this file, each task included, but only the API server serves the page. The code that
serves it is therefore imported when it is first needed: importing FastAPI and Airflow's API takes half a second.
"""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin
from odre.dashboard.link import DashboardLink

PREFIX = "/eco2mix"


async def dashboard(scope: Any, receive: Any, send: Any) -> None:
    """Serve the page: `odre.dashboard.web.app`, imported at the first request."""
    from odre.dashboard.web import app

    await app(scope, receive, send)


def dbt_docs_session(app: Any) -> Any:
    """Wrap `app` in `odre.dashboard.web.DbtDocsSession`, imported when the API server starts."""
    from odre.dashboard.web import DbtDocsSession

    return DbtDocsSession(app)


class Eco2mixDashboardPlugin(AirflowPlugin):
    """Adds the page, an entry for it at the top level of the navigation, a tab on the page of every DAG, and a link on
    every task that publishes it.

    Airflow shows the page in a frame that allows neither downloads nor links that open a tab. In the frame, the page
    therefore shows its own address; opened at that address, it allows both.
    """

    name = "eco2mix_dashboard"
    fastapi_apps = [{"name": "eco2mix", "app": dashboard, "url_prefix": PREFIX}]
    fastapi_root_middlewares = [{"name": "dbt docs session", "middleware": dbt_docs_session}]
    external_views = [
        {
            "name": "Éco2mix",
            "href": f"{PREFIX.removeprefix('/')}/dashboard",
            "destination": "nav",
            "nav_top_level": True,
            "url_route": "eco2mix",
        },
        {
            "name": "Éco2mix",
            "href": f"{PREFIX.removeprefix('/')}/dashboard",
            "destination": "dag",
            "url_route": "eco2mix-of-dag",
        },
    ]
    operator_extra_links = [DashboardLink()]
