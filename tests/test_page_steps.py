"""The steps of older days: which files a run writes, and who may read them."""

from __future__ import annotations

import gzip
import json
from datetime import date

import pytest
from odre.dashboard.steps import last_day, months_to_write, object_name, packed

PAGE = b"""<meta http-equiv="Content-Security-Policy" content="default-src 'none'; connect-src 'none'">
<meta name="steps" content="">"""


def test_a_run_writes_the_months_of_its_window_and_those_that_are_not_there():
    observed = [date(2021, month, day) for month in (1, 2, 3, 5) for day in (1, 28)]
    there = [object_name(date(2021, month, 1)) for month in (1, 2, 3)]
    written = months_to_write(observed, date(2021, 2, 27), date(2021, 3, 1), there)
    assert [month.month for month in written] == [2, 3, 5]
    assert months_to_write(observed, date(2022, 1, 1), date(2022, 1, 2), [*there, object_name(date(2021, 5, 1))]) == []
    assert [last_day(date(2020, month, 1)).day for month in (2, 4, 12)] == [29, 30, 31]


@pytest.fixture
def served(airflow_home, monkeypatch):
    """The plugin's app over a lake that holds one month."""
    from fastapi.testclient import TestClient
    from odre.dashboard import web

    lake = {object_name(date(2021, 12, 1)): packed({"2021-12-15": {"started_at": [1]}})}
    monkeypatch.setattr(web, "_read", lake.get)
    return TestClient(web.app)


def test_steps_are_for_who_was_given_the_page(served):
    from odre.dashboard.web import with_steps

    page = with_steps(PAGE).decode()
    assert "connect-src 'none'" not in page
    address = page.split('content="')[-1].split('"')[0]
    key = address.split("key=")[1]
    answer = served.get("/" + address.replace("MONTH", "2021-12"))
    assert json.loads(gzip.decompress(answer.content)) == {"2021-12-15": {"started_at": [1]}}
    assert answer.headers["Access-Control-Allow-Origin"] == "*" and "set-cookie" not in answer.headers
    assert served.get(f"/dashboard/steps/2021-11?key={key}").status_code == 404
    assert served.get(f"/dashboard/steps/..%2Findex?key={key}").status_code in (404, 422)
    for wrong in ("", "x", key[:-1], key + "x"):
        assert served.get(f"/dashboard/steps/2021-12?key={wrong}").status_code == 403


def test_a_key_ends(served, monkeypatch):
    from odre.dashboard import web

    key = web._keys().dumps("steps")
    monkeypatch.setattr(web, "_KEY_HOURS", -1)
    assert served.get(f"/dashboard/steps/2021-12?key={key}").status_code == 403


def test_the_page_still_asks_for_a_session(served):
    assert served.get("/dashboard").status_code in (401, 403)
