"""The page's JavaScript without a browser: every sentence and number equals what Python makes of the same days."""

from __future__ import annotations

import itertools
import statistics
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from odre.dashboard.sections import sections

from laptop.environment import REPOSITORY
from tests.node import node
from tests.pages import VOCABULARY, rows_of, sample_days, without_values

FOLDER = REPOSITORY / "plugins" / "odre" / "dashboard" / "page"
NUMBERS = st.one_of(st.none(), st.integers(-1000, 1000))


@pytest.fixture(scope="module")
def js():
    with node() as call:
        call("texts.js", "speak", "en", VOCABULARY.texts)
        yield call


ALL = sample_days(date(2019, 1, 1), 3 * 365 + 1)


def days(first: date, last: date) -> list[dict]:
    return [row for row in ALL if first.isoformat() <= row["local_date"] <= last.isoformat()]


WINTER = days(date(2020, 12, 1), date(2021, 2, 28))
ONE = days(date(2021, 12, 15), date(2021, 12, 15))
NOTHING = without_values(WINTER)


# ---------------------------------------------------------------- statistics


@given(st.lists(st.tuples(NUMBERS, st.one_of(st.none(), st.integers(1, 9)))))
def test_sums_and_means_leave_out_what_is_unknown(js, pairs):
    rows = [{"x": x, "w": w} for x, w in pairs]
    known = [x for x, _ in pairs if x is not None]
    both = [(x, w) for x, w in pairs if x is not None and w is not None]
    assert js("statistics.js", "sum", rows, "x") == (sum(known) if known else None)
    mean = js("statistics.js", "mean", rows, "x")
    assert mean == (pytest.approx(statistics.fmean(known)) if known else None)
    weighted = js("statistics.js", "weightedMean", rows, "x", "w")
    assert weighted == (pytest.approx(np.average([x for x, _ in both], weights=[w for _, w in both])) if both else None)
    assert js("statistics.js", "totals", rows, ["x"], "w")["x"] == {
        "sum": sum(known) if known else None,
        "weight": sum(w for _, w in both) if both else None,
    }
    assert js("statistics.js", "highest", rows, "x") == next((r for r in rows if r["x"] == max(known, default=0)), None)


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("name", "given", "text"),
    [
        ("number", [1234.56], "1,235"),
        ("number", [-0.004, 2], "0.00"),
        ("number", [-1.5, 1], "−1.5"),
        ("number", [None], "unknown"),
        ("cell", [None], "–"),
        ("percent", [0.1234], "12.3 %"),
        ("signed", [1.25, 1], "+1.3"),
        ("signed", [-1.25, 1], "−1.3"),
        ("signed", [0.001, 1], "0.0"),
        ("energy", [99_949], "99.9 GWh"),
        ("energy", [-1_234_567], "−1.23 TWh"),
        ("energy", [474_575_123.25], "475 TWh"),
        ("rounded", [82_503], "82,500"),
        ("rounded", [0], "0"),
        ("rounded", [None], "unknown"),
        ("energy", [None], "unknown TWh"),
        ("counted", [1, "day"], "1 day"),
        ("counted", [1000, "day"], "1,000 days"),
        ("day", ["2021-12-01"], "1 December 2021"),
        ("month", ["2021-12-01"], "December 2021"),
        ("span", ["2021-12-01", "2021-12-01"], "1 December 2021"),
        ("span", ["2021-12-01", "2022-01-02"], "1 December 2021 to 2 January 2022"),
        ("listed", [["a"]], "a"),
        ("listed", [["a", "b", "c"]], "a, b and c"),
    ],
)
def test_numbers_dates_and_lists_in_words(js, name, given, text):
    assert js("format.js", name, *given).replace("\u00a0", " ") == text


# ---------------------------------------------------------------- days and periods


def test_days_and_winters_get_their_names(js):
    assert [row["day_name"] for row in rows_of(js, WINTER[:2])] == ["1 December 2020", "2 December 2020"]
    assert [js("days.js", "winterYears", year) for year in (2021, 2000)] == ["2020–21", "1999–00"]


@pytest.mark.parametrize(
    ("days", "first", "last", "name"),
    [
        (1, date(2021, 12, 15), date(2021, 12, 16), "15 December 2021"),
        (500, date(2021, 12, 13), date(2021, 12, 20), "week of 13 December 2021"),
        (1600, date(2021, 12, 1), date(2022, 1, 1), "December 2021"),
    ],
)
def test_a_step_holds_its_days_and_no_time_zone_shifts_one(js, days, first, last, name):
    instants = [1000 * (day - date(1970, 1, 1)).total_seconds() for day in (first, last)]
    [row, *_] = js("days.js", "bucketed", [{"local_date": "2021-12-15"}] * days)
    assert row == {"local_date": "2021-12-15", "bucket": instants[0], "bucket_end": instants[1], "bucket_name": name}


def test_long_periods_have_longer_steps(js):
    assert [js("days.js", "stepOf", days) for days in (1, 366, 1461, 4400)] == ["day", "day", "week", "month"]


@pytest.mark.parametrize("length", [90, 500, 1600])
def test_the_chart_of_a_period_has_a_step_for_days_that_are_not_there(js, length):
    first = date(2012, 2, 28)
    last = first + timedelta(days=length - 1)
    rows = [row for row in rows_of(js, sample_days(first, length)) if "2012-03" not in row["local_date"]]
    context = {"sources": [{"column": "gas_mwh"}], "period": [first.isoformat(), last.isoformat()]}
    steps = js("sections/mix.js", "datasets", rows, context)["mix_steps"]
    assert all(one["bucket_end"] == other["bucket"] for one, other in itertools.pairwise(steps))
    march = date(2012, 3, 15) - date(1970, 1, 1)
    [gap] = [s for s in steps[:-1] if s["bucket"] <= 1000 * march.total_seconds() < s["bucket_end"]]
    assert gap["gas_mwh"] is None and steps[-1]["closing"] and steps[0]["gas_mwh"] > 0


LANGUAGES = ["en", "fr"]


@pytest.mark.parametrize(
    ("address", "picked", "wrong"),
    [
        ("#2021-12-01/2021-12-31", {"period": ["2021-12-01", "2021-12-31"]}, False),
        ("#2021-12-31/2021-12-01", {}, True),
        ("#2021-02-29/2021-03-01", {}, True),
        ("#2021-99-01/2021-99-02", {}, True),
        ("#mix", {}, True),
        ("#%E0%A4%A", {}, True),
        ("#2021-12-01/2021-12-31&language=de", {"period": ["2021-12-01", "2021-12-31"]}, True),
        ("#2021-12-01/2021-12-31&day=x&colour=red", {"period": ["2021-12-01", "2021-12-31"]}, True),
        ("", {}, False),
    ],
)
def test_what_an_address_picks(js, address, picked, wrong):
    assert js("period.js", "pickedIn", address, LANGUAGES) == {"picked": picked, "wrong": wrong}


@pytest.mark.parametrize("versus", ["none", "previous", "year", "2019-12-01/2019-12-31"])
@pytest.mark.parametrize("hidden", [[], ["gas", "fuel_oil"]])
def test_an_address_reads_back_what_it_was_made_of(js, versus, hidden):
    picked = {"period": ["2021-12-01", "2021-12-31"], "day": "2021-12-15", "versus": versus, "language": "fr"}
    address = js("period.js", "addressOf", picked | {"hidden": hidden})
    assert js("period.js", "pickedIn", address, LANGUAGES) == {
        "picked": picked | ({"hidden": hidden} if hidden else {}), "wrong": False
    }  # fmt: skip


@pytest.mark.parametrize(
    ("versus", "compared"),
    [
        ("none", None),
        ("previous", ["2021-10-31", "2021-11-30"]),
        ("year", ["2020-12-01", "2020-12-31"]),
        ("2019-12-01/2019-12-31", ["2019-12-01", "2019-12-31"]),
    ],
)
def test_the_period_that_is_compared(js, versus, compared):
    assert js("period.js", "comparedWith", versus, ["2021-12-01", "2021-12-31"]) == compared


def test_presets_end_on_the_last_day_with_a_mix(js):
    given = rows_of(js, ALL) + rows_of(js, [NOTHING[0] | {"local_date": "2022-01-01"}])
    assert js("period.js", "presets", given) == {
        "today": ["2021-12-31", "2021-12-31"],
        "yesterday": ["2021-12-30", "2021-12-30"],
        "days_7": ["2021-12-25", "2021-12-31"],
        "days_30": ["2021-12-02", "2021-12-31"],
        "month": ["2021-12-01", "2021-12-31"],
        "year": ["2021-01-01", "2021-12-31"],
        "winter": ["2021-12-01", "2021-12-31"],
        "everything": ["2019-01-01", "2022-01-01"],
    }
    summer = js("period.js", "presets", rows_of(js, days(date(2020, 1, 1), date(2021, 7, 1))))
    assert summer["winter"] == ["2020-12-01", "2021-02-28"]
    short = js("period.js", "presets", rows_of(js, ONE))
    assert set(map(tuple, short.values())) == {("2021-12-15", "2021-12-15")}
    opened = js("period.js", "opening", given, "fr")
    assert (opened["period"], opened["day"], opened["language"]) == (["2021-01-01", "2021-12-31"], "2021-12-31", "fr")


# ---------------------------------------------------------------- findings and tables


def test_every_section_of_the_page_has_its_script():
    names = {section.name for section in sections(VOCABULARY)}
    modules = {path.stem for path in (FOLDER.parent / "sections").glob("*.py")} - {"__init__"}
    scripts = {path.stem for path in (FOLDER / "sections").glob("*.js")}
    assert modules == names, "name these modules in plugins/odre/dashboard/sections/__init__.py"
    assert scripts == names, "write page/sections/<name>.js for these sections, or delete the script without a section"


# ---------------------------------------------------------------- the rest of the page


def test_gaps_of_a_period_latest_first(js):
    gaps = [
        {"source_table": "a", "first": "2021-01-01", "last": "2021-01-03", "reason": "late", "missing": "x"},
        {"source_table": "b", "first": "2021-01-05", "last": "2021-01-05", "reason": "late", "missing": None},
        {"source_table": "b", "first": "2021-02-01", "last": "2021-02-01", "reason": "late", "missing": None},
    ]
    titles = {"a": "gas", "b": "wind"}
    found = js("gaps.js", "gapsIn", gaps, titles, ["2021-01-03", "2021-01-31"], 5)
    assert found == {
        "summary": "Missing or implausible in this period: 2 gaps.",
        "lines": ["Wind, 5 January 2021: something (late)", "Gas, 1 January 2021 to 3 January 2021: x (late)"],
    }
    one = js("gaps.js", "gapsIn", gaps, titles, ["2021-01-01", "2021-12-31"], 1)
    assert (
        one["summary"] == "Missing or implausible in this period: 3 gaps, the latest 1 of them listed."
        and len(one["lines"]) == 1
    )
    assert js("gaps.js", "gapsIn", gaps, titles, ["2021-03-01", "2021-03-31"], 5)["lines"] == []


def test_the_table_of_days_and_its_csv(js):
    rows = [{"day": "a", "n": 1234.5, "ok": True, "x": None}, {"day": 'b"c', "n": 1, "ok": False, "x": "y"}]
    columns = [{"column": "day"}, {"column": "n", "digits": 1}, {"column": "ok"}, {"column": "x"}]
    found = js("days_table.js", "daysTable", rows, columns, 2)
    assert found == {"lines": [['b"c', "1.0", "no", "y"], ["a", "1,234.5", "yes", ""]], "note": ""}
    assert js("days_table.js", "daysTable", rows, columns, 1)["note"] == "The last 1 of 2 days; the download has all."
    assert js("days_table.js", "csv", rows, ["day", "n", "x"]) == 'day,n,x\na,1234.5,\n"b""c",1,y\n'


def test_a_chart_without_days_says_what_is_missing(js):
    words, rows = VOCABULARY.words, rows_of(js, WINTER)
    chart = {"needs": [["stock_gwh", "mean_celsius"]], "least_days": 2, "empty": None}
    assert js("charts.js", "obstacle", chart, rows, words) == ""
    assert js("charts.js", "fits", chart, rows[:2]) and not js("charts.js", "fits", chart, rows[:1])
    missing = "No day of this period has a known national gas stock and a known temperature."
    assert js("charts.js", "obstacle", chart, rows_of(js, NOTHING), words) == missing
    of_a_day = {"needs": [["mean_celsius"]], "empty": None, "dataset": "steps"}
    assert js("charts.js", "obstacle", of_a_day, [], words) == "No step of this day has a known temperature."
    given = js("charts.js", "rowsFor", {"field": "stock_gwh"}, rows[:1])
    assert given == [{"stock_gwh": rows[0]["stock_gwh"]}]


def test_the_areas_of_a_stack_have_a_row_for_each_step_and_known_series(js):
    keys = {"nuclear_mwh": "nuclear", "battery_charging": "battery_charging", "pumping": "pumping"}
    chart = {"series": keys, "along": "bucket"}
    steps = [
        {"bucket": 1, "nuclear_mwh": 40_000, "battery_charging": None, "pumping": -500},
        {"bucket": 2, "nuclear_mwh": 41_000, "battery_charging": None, "pumping": None},
    ]
    assert js("charts.js", "seriesRows", chart, steps) == [
        {"bucket": 1, "key": "nuclear", "rank": 0, "gw": 40},
        {"bucket": 2, "key": "nuclear", "rank": 0, "gw": 41},
        {"bucket": 1, "key": "pumping", "rank": 2, "gw": -0.5},
        {"bucket": 2, "key": "pumping", "rank": 2, "gw": 0},
    ]


def test_the_legend_of_a_period_names_the_series_of_which_something_is_known(js):
    sources = [
        {"key": "gas", "name": "gas", "column": "gas_mwh", "color": "red"},
        {"key": "tide", "name": "tide", "column": "tide_mwh", "color": "blue"},
    ]
    flows = [
        {"key": key, "name": key, "color": "grey"} for key in ("imports", "exports", "pumping", "battery_charging")
    ]
    rows = [row | {"tide_mwh": None, "battery_charging_mwh": None} for row in rows_of(js, WINTER)]
    picked = {
        "period": ["2020-12-01", "2021-02-28"],
        "day": "2021-02-28",
        "versus": "none",
        "language": "en",
        "hidden": [],
    }
    context = {"sources": sources, "flows": flows, "picked": picked, "period": picked["period"]}
    _, legend = js("sections/mix.js", "content", rows, context)
    assert [item[2][2] for item in legend[2:]][:-2] == ["gas", "imports", "exports", "pumping"]
    unknown = [row | {"tide_mwh": None, "battery_charging_mwh": None} for row in rows_of(js, NOTHING)]
    assert len(js("sections/mix.js", "content", unknown, context)) == 1
