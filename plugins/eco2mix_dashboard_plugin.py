"""The dashboard as a page of the Airflow UI.

Airflow does not protect what a plugin serves: every address below asks for the UI's own session itself.
The page is read from the lake, because Composer's web server has nothing of the project but `plugins/`.
Nothing heavy is imported before the page is asked for: every start of the API server loads this file.
"""

from __future__ import annotations

import logging
from typing import Annotated

from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
from airflow.api_fastapi.core_api.security import requires_access_view
from airflow.plugins_manager import AirflowPlugin
from fastapi import Depends, FastAPI
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

log = logging.getLogger(__name__)
PREFIX = "/eco2mix"
# The page's own policy forbids the network; the session's cookie is out of its reach all the same.
_HEADERS = {
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "sandbox allow-scripts allow-downloads allow-modals; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
}

app = FastAPI(
    title="Éco2mix dashboard",
    openapi_url=None,
    dependencies=[Depends(requires_access_view(AccessView.PLUGINS))],
)


def read_dashboard() -> bytes | None:
    """The page as the last run published it; `None` when there is none yet."""
    from airflow.providers.google.cloud.hooks.gcs import GCSHook
    from odre.dashboard import OBJECT
    from odre.settings import Settings

    blob = GCSHook("google_cloud_default").get_conn().bucket(Settings().lake_bucket).get_blob(OBJECT, timeout=10)
    return blob.download_as_bytes(timeout=30) if blob else None


@app.get("/dashboard")
def dashboard(page: Annotated[bytes | None, Depends(read_dashboard)]) -> Response:
    """The dashboard, to somebody who is logged in and may see plugins."""
    if page is None:
        return PlainTextResponse(
            "There is no dashboard yet: the last task of every DAG publishes it. Trigger one of the DAGs tagged `odre`.",
            status_code=404,
        )
    return HTMLResponse(page, headers=_HEADERS)


class Eco2mixDashboardPlugin(AirflowPlugin):
    """Adds the page and the entry in the navigation."""

    name = "eco2mix_dashboard"
    fastapi_apps = [{"name": "eco2mix", "app": app, "url_prefix": PREFIX}]
    external_views = [
        {
            "name": "Éco2mix",
            "href": f"{PREFIX.removeprefix('/')}/dashboard",
            "destination": "nav",
            "category": "browse",
            "url_route": "eco2mix",
        }
    ]
