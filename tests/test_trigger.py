"""A trigger whose days cannot be loaded is refused by the API server, in the words of the task that would fail.

Airflow itself is asked in `test_airflow_ui.py`; here, a stand-in of its API takes its place.
"""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime, timezone

import pytest
from fastapi import FastAPI, HTTPException, Request
from fastapi.testclient import TestClient
from odre.contract import load_contract
from odre.errors import WindowRefused
from odre.loadable import for_the_form, loadable_in
from odre.plan import plan_run
from odre.trigger import TriggerCheck
from odre.window import Request as Wanted

OURS = "eco2mix_national_tr"
CONTRACT = load_contract(OURS)
NOW = datetime(2026, 11, 26, 23, 30, tzinfo=timezone.utc)  # in Paris it is the 27th
SESSION = {"Authorization": "Bearer of a reader"}
REVERSED = {"start_date": "2022-01-02", "end_date": "2022-01-01"}
LOADED = {"start_date": "2022-01-01", "end_date": "2022-01-02", "dry_run": True}
FORM = {"params": {"start_date": {"value": None, "schema": {"format": "date", **for_the_form(CONTRACT)}}}}


@pytest.mark.parametrize(
    ("conf", "says"),
    [
        (REVERSED, "the last day (end_date) 2022-01-01 is before the first day (start_date) 2022-01-02 → swap them"),
        ({"start_date": "2026-11-28"}, "the first day (start_date) 2026-11-28 is in the future"),
        ({"start_date": "2026-11-27", "end_date": "2026-11-28"}, "ask for days up to today, 2026-11-27"),
        ({"end_date": "2011-12-31"}, "ask for days from 2012-01-01 on"),
        ({"full_refresh": True, "start_date": "2022-01-01"}, "choose one"),
        (LOADED, None),
        ({"start_date": "2026-11-27"}, None),
        ({"start_date": None, "end_date": None, "full_refresh": True}, None),
        ({}, None),
        ({"start_date": 5}, None),  # Airflow's own check refuses it
    ],
)
def test_the_form_is_told_what_the_first_task_would_say(conf, says):
    refusal = loadable_in(FORM).refusal(conf, NOW)
    assert refusal is None if says is None else says in refusal
    days = {name: conf.get(name) for name in ("start_date", "end_date")}
    if all(isinstance(day, str | None) for day in days.values()):
        wanted = Wanted(NOW, NOW, **days, full_refresh=conf.get("full_refresh", False))
        with pytest.raises(WindowRefused) if refusal else nullcontext() as error:
            plan_run(CONTRACT, wanted, "a run", NOW)
        assert (refusal and str(error.value)) == refusal


@pytest.fixture
def api():
    """A stand-in of Airflow's API behind the check, and the parameters of the runs that it has made."""
    app, runs = FastAPI(), []

    @app.get("/api/v2/dags/{dag_id}/details")
    def details(dag_id: str, request: Request) -> dict:
        if request.headers.get("authorization") != SESSION["Authorization"]:
            raise HTTPException(401, "Not authenticated")
        return FORM if dag_id == OURS else {"params": {"start_date": {"value": "x", "schema": {}}}}

    @app.post("/api/v2/dags/{dag_id}/dagRuns")
    async def trigger(dag_id: str, request: Request) -> dict:
        runs.append((dag_id, await request.body()))
        return {"state": "queued"}

    app.add_middleware(TriggerCheck)
    return TestClient(app), runs


def test_a_range_that_is_reversed_makes_no_run(api):
    client, runs = api
    answer = client.post(f"/api/v2/dags/{OURS}/dagRuns", json={"conf": REVERSED}, headers=SESSION)
    assert (answer.status_code, runs) == (400, []) and answer.json()["detail"].endswith("→ swap them")


@pytest.mark.parametrize(
    ("table", "body", "session"),
    [
        (OURS, {"conf": LOADED}, SESSION),
        (OURS, {"conf": None, "logical_date": None}, SESSION),
        (OURS, ["conf"], SESSION),
        (OURS, {"conf": REVERSED}, {}),  # Airflow answers 401 to it
        ("somebody_elses", {"conf": REVERSED}, SESSION),
    ],
)
def test_everything_else_reaches_airflow_as_it_came(api, table, body, session):
    client, runs = api
    answer = client.post(f"/api/v2/dags/{table}/dagRuns", json=body, headers=session)
    assert answer.json() == {"state": "queued"} and runs == [(table, answer.request.content)]
