"""What the plugin serves: the dashboard as a page of the Airflow UI, and the steps of older days beside it.

Airflow does not protect what a plugin serves. The page therefore requires a session of the UI. A middleware requires
one for Cosmos's dbt docs, which Cosmos does not protect either. The steps of older days require a key instead, because
the page is sandboxed and has no session: the page gets the key when it is served, and the key expires after some hours.
Page and steps are read from the lake, because Composer's web server has only the folder `plugins/` of the project.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN
from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
from airflow.api_fastapi.core_api.security import requires_access_view, resolve_user_from_token
from airflow.configuration import conf
from fastapi import Depends, FastAPI, HTTPException, Path, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint

# The sandbox keeps the session's cookie out of the page's reach. The policy in the page itself forbids all network
# access; where the page is served, the policy below allows this server and nothing else.
_HEADERS = {
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "sandbox allow-scripts allow-downloads allow-modals allow-popups "
    "allow-popups-to-escape-sandbox; frame-ancestors 'self'; connect-src 'self'",
    "X-Content-Type-Options": "nosniff",
}

_may_see_plugins = requires_access_view(AccessView.PLUGINS)

# The text in a page that stands alone, and the text that replaces it when the page is served; the key replaces `KEY`.
_ALONE = (b"connect-src 'none'", b'<meta name="steps" content="">')
_SERVED = (b"connect-src *", b'<meta name="steps" content="dashboard/steps/MONTH?key=KEY">')
_KEY_HOURS = 12

app = FastAPI(title="Éco2mix dashboard", openapi_url=None)


def _keys() -> URLSafeTimedSerializer:
    """Makes and reads the keys to the steps, with the secret that all API servers share."""
    return URLSafeTimedSerializer(conf.get_mandatory_value("api", "secret_key"), salt="eco2mix steps")


def _read(name: str) -> bytes | None:
    """An object of the lake, or `None` when it does not exist."""
    from airflow.providers.google.cloud.hooks.gcs import GCSHook

    from odre.settings import Settings

    blob = (
        GCSHook("google_cloud_default")
        .get_conn()
        .bucket(Settings.from_environment().lake_bucket)
        .get_blob(name, timeout=10)
    )
    return blob.download_as_bytes(timeout=30) if blob else None


def read_dashboard() -> bytes | None:
    """The page as the last run published it, or `None` before the first one."""
    from odre.dashboard import OBJECT

    return _read(OBJECT)


def with_steps(page: bytes) -> bytes:
    """The page with the address of the steps of older days, and a key to them."""
    key = _keys().dumps("steps")
    assert isinstance(key, str)
    for alone, served in zip(_ALONE, _SERVED, strict=True):
        page = page.replace(alone, served.replace(b"KEY", key.encode()), 1)
    return page


@app.get("/dashboard", dependencies=[Depends(_may_see_plugins)])
def dashboard(page: Annotated[bytes | None, Depends(read_dashboard)]) -> Response:
    """The dashboard, for users who are logged in and may see plugins."""
    if page is None:
        return PlainTextResponse(
            "There is no dashboard yet: the last task of every DAG publishes it. Trigger a DAG tagged `odre`.",
            status_code=404,
        )
    return HTMLResponse(with_steps(page), headers=_HEADERS)


@app.get("/dashboard/steps/{month}")
def steps(month: Annotated[str, Path(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")], key: str = "") -> Response:
    """The steps of a month as `odre.dashboard.steps.packed` makes them, for requests with the key of a served page."""
    from odre.dashboard.steps import object_name

    try:
        _keys().loads(key, max_age=_KEY_HOURS * 3600)
    except BadData:
        return PlainTextResponse("The key has expired: open the dashboard again.", status_code=403)
    found = _read(object_name(date.fromisoformat(f"{month}-01")))
    if found is None:
        return PlainTextResponse("There are no steps of this month.", status_code=404)
    # The sandboxed page has an opaque origin and sends no cookie: the key alone shows that the request is allowed.
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(found, media_type="application/octet-stream", headers=headers)


class DbtDocsSession(BaseHTTPMiddleware):
    """Requires for Cosmos's pages the same right as for the dashboard: answers 401 to requests without a session of the
    UI or a token of its API, and 403 to users who may not see plugins."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        if "/cosmos/" in request.url.path:
            scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
            token = bearer if scheme.lower() == "bearer" else request.cookies.get(COOKIE_NAME_JWT_TOKEN)
            try:
                _may_see_plugins(request, await resolve_user_from_token(token))
            except HTTPException as refusal:
                return JSONResponse({"detail": refusal.detail}, refusal.status_code)
        return await call_next(request)
