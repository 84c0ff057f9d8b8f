"""The steps of days: the steps of a day in local time, the files of older days that a run writes, and who may read
these."""

from __future__ import annotations

import gzip
import json
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from odre.dashboard.steps import by_day, last_day, latest_days, months_to_write, object_name, packed, query

PARIS = "Europe/Paris"
PAGE = b"""<meta http-equiv="Content-Security-Policy" content="default-src 'none'; connect-src 'none'">
<meta name="steps" content="">"""


@pytest.mark.parametrize("iso", ["2016-03-27", "2016-10-30", "2021-12-15", "2022-03-27", "2022-10-30"])
def test_a_day_is_as_long_as_its_clocks_say(js, iso):
    paris = ZoneInfo(PARIS)
    day = date.fromisoformat(iso)
    begin, end = (
        datetime.combine(each, datetime.min.time(), paris).timestamp() / 60 for each in (day, day + timedelta(days=1))
    )
    assert (js("zone.js", "beginning", iso, PARIS), js("zone.js", "clock", begin + 14 * 60, PARIS)) == (
        begin, f"{datetime.fromtimestamp((begin + 14 * 60) * 60, paris):%H:%M}"
    )  # fmt: skip
    half_hours = [int(begin) + 30 * i for i in range(int(end - begin) // 30)]
    encoded = {"started_at": half_hours, "consumption_mw": list(range(len(half_hours)))}
    options = {"zone": PARIS, "names": ["consumption_mw", "gas_mw"], "until": 10**9}
    steps = js("steps.js", "stepsOf", encoded, iso, options)
    assert len(steps) == 2 * round((end - begin) / 60)
    assert [step["clock"] for step in steps] == [f"{datetime.fromtimestamp(m * 60, paris):%H:%M}" for m in half_hours]
    assert [step["consumption_mw"] for step in steps] == encoded["consumption_mw"]
    assert {step["gas_mw"] for step in steps} == {None}
    jump = js("steps.js", "jumpOf", iso, PARIS)
    hours = round((end - begin) / 60)
    assert jump["by"] == (24 - hours) * 3_600_000
    if hours != 24:
        # 02:00 on the axis is when clocks are put forward, 03:00 when they are put back
        assert (jump["at"] - steps[0]["position"]) / 3_600_000 == (2 if hours == 23 else 3)


def test_steps_that_are_left_out_are_there_and_later_ones_are_to_come(js):
    begin = js("zone.js", "beginning", "2021-12-15", PARIS)
    encoded = {
        "started_at": [begin, begin + 30, begin + 45],
        "consumption_mw": [5, 7, None],
        "physical_exchange_mw": [-2, 3, None],
        "pumping_mw": [-1, 0, None],
    }
    options = {"zone": PARIS, "names": ["consumption_mw"], "until": begin + 30}
    half = js("steps.js", "stepsOf", encoded, "2021-12-15", options)
    assert len(half) == 48 and [step["consumption_mw"] for step in half[:3]] == [5, 7, None]
    assert [(step["imports"], step["exports"], step["pumping"]) for step in half[:2]] == [(0, -2, -1), (3, 0, 0)]
    assert [step["to_come"] for step in half[:3]] == [False, False, True]
    # A quarter of an hour with more than forecasts makes the day quarter-hourly.
    encoded["consumption_mw"][2] = 6
    quarter = js("steps.js", "stepsOf", encoded, "2021-12-15", options)
    assert [step["consumption_mw"] for step in quarter[:4]] == [5, None, 7, 6] and len(quarter) == 96


def test_the_page_holds_the_latest_days_and_leaves_out_what_no_step_knows():
    columns = {
        "local_date": [date(2021, 12, 15), date(2021, 12, 16)], "started_at": ["[10,25]", "[1450]"],
        "gas_mw": ["[1,null]", "[null]"], "battery_charging_mw": ["[null,null]", "[0]"],
    }  # fmt: skip
    assert by_day(columns) == {
        "2021-12-15": {"started_at": [10, 25], "gas_mw": [1, None]},
        "2021-12-16": {"started_at": [1450], "battery_charging_mw": [0]},
    }
    days = [f"2021-{month:02}-01" for month in range(1, 13)]
    assert latest_days(days, [96] * 11 + [None]) == (date(2021, 1, 1), date(2021, 11, 3))
    assert latest_days(days, [None] * 12) is None
    assert "between date '2021-01-01' and date '2021-01-02'" in query("p.d", date(2021, 1, 1), date(2021, 1, 2))
    assert packed({"a": 1}) == packed({"a": 1})


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
