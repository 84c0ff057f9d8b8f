"""What the plugin serves: the dashboard as a page of the Airflow UI.

Airflow does not protect what a plugin serves. Every address below therefore asks for a session of the UI, and a
middleware asks for one before Cosmos's dbt docs, which do not ask themselves. The page is read from the lake, because
Composer's web server has only `plugins/` of the project.
"""

from __future__ import annotations

from typing import Annotated

from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN
from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
from airflow.api_fastapi.core_api.security import requires_access_view, resolve_user_from_token
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint

# The sandbox keeps the session's cookie out of the page's reach; the policy in the page itself forbids the network.
_HEADERS = {
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "sandbox allow-scripts allow-downloads allow-modals allow-popups "
    "allow-popups-to-escape-sandbox; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
}

_may_see_plugins = requires_access_view(AccessView.PLUGINS)

app = FastAPI(title="Éco2mix dashboard", openapi_url=None, dependencies=[Depends(_may_see_plugins)])


def read_dashboard() -> bytes | None:
    """The page as the last run published it, or `None` before the first one."""
    from airflow.providers.google.cloud.hooks.gcs import GCSHook

    from odre.dashboard import OBJECT
    from odre.settings import Settings

    blob = (
        GCSHook("google_cloud_default")
        .get_conn()
        .bucket(Settings.from_environment().lake_bucket)
        .get_blob(OBJECT, timeout=10)
    )
    return blob.download_as_bytes(timeout=30) if blob else None


@app.get("/dashboard")
def dashboard(page: Annotated[bytes | None, Depends(read_dashboard)]) -> Response:
    """The dashboard, for users who are logged in and may see plugins."""
    if page is None:
        return PlainTextResponse(
            "There is no dashboard yet: the last task of every DAG publishes it. Trigger a DAG tagged `odre`.",
            status_code=404,
        )
    return HTMLResponse(page, headers=_HEADERS)


class DbtDocsSession(BaseHTTPMiddleware):
    """Asks for the dashboard's right before Cosmos's pages are shown: answers 401 to requests that carry neither a
    session of the UI nor a token of its API, and 403 to users who may not see plugins."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        if "/cosmos/" in request.url.path:
            scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
            token = bearer if scheme.lower() == "bearer" else request.cookies.get(COOKIE_NAME_JWT_TOKEN)
            try:
                _may_see_plugins(request, await resolve_user_from_token(token))
            except HTTPException as refusal:
                return JSONResponse({"detail": refusal.detail}, refusal.status_code)
        return await call_next(request)
