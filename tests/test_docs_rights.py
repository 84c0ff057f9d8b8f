"""Cosmos's dbt docs ask for the same right as the dashboard."""

from __future__ import annotations

import secrets

import pytest
from airflow.api_fastapi.app import create_auth_manager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from fastapi.testclient import TestClient
from odre.dashboard.web import DbtDocsSession
from odre.dashboard.web import app as dashboard
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route


@pytest.fixture
def client(airflow_home, monkeypatch) -> TestClient:
    """A client of the dashboard's app, and of stand-ins for Cosmos's pages and the UI's own behind the middleware."""
    # The key that Airflow makes for itself is too short for the library that signs.
    monkeypatch.setenv("AIRFLOW__API_AUTH__JWT_SECRET", secrets.token_hex(32))
    page = PlainTextResponse("shown")
    routes = [Route("/cosmos/eco2mix/dbt_docs_index.html", page), Mount("/eco2mix", dashboard), Route("/dags", page)]
    return TestClient(DbtDocsSession(Starlette(routes=routes)))


def headers(role: str | None) -> dict[str, str]:
    token = create_auth_manager().generate_jwt(SimpleAuthManagerUser(username="guest", role=role))
    return {"Authorization": f"Bearer {token}"}


def test_a_session_without_the_right_sees_neither_docs_nor_dashboard(client):
    for address in ("/cosmos/eco2mix/dbt_docs_index.html", "/eco2mix/dashboard"):
        assert client.get(address).status_code in (401, 403)
        assert client.get(address, headers=headers(None)).status_code == 403, address
    assert client.get("/dags").text == "shown"


def test_who_may_see_plugins_sees_the_docs(client):
    answer = client.get("/cosmos/eco2mix/dbt_docs_index.html", headers=headers("VIEWER"))
    assert (answer.status_code, answer.text) == (200, "shown")
