"""What the sections gas, exchanges, seasons and records say, without a browser: every sentence and number equals what Python
makes of the same days, in both languages."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest
from odre.dashboard.published import published
from odre.dashboard.vocabulary import export_column, import_column

from tests.page_marts import marts_of
from tests.page_sections import Pages, text
from tests.pages import VOCABULARY, mart_columns, sample_days, three

ALL = sample_days(date(2019, 10, 1), 823)
SECTIONS = ("answers", "gas", "exchanges", "seasons", "records")


@pytest.fixture(params=["en", "fr"])
def pages(js, request):
    return Pages(js, ALL, request.param)


@pytest.fixture
def english(js):
    return Pages(js, ALL)


def days(first: str, last: str) -> list[dict]:
    return [row for row in ALL if first <= row["local_date"] <= last]


WINTER, ONE = days("2020-12-01", "2021-02-28"), days("2021-01-01", "2021-01-01")


# ---------------------------------------------------------------- gas


def test_gas_says_stock_fill_flows_and_the_winter(english):
    last = WINTER[-1]
    flows = [row["net_withdrawal_gwh"] for row in WINTER]
    out, into = (sum(max(0, sign * gwh) for gwh in flows) / 1000 for sign in (1, -1))
    stock = {row["local_date"]: row["stock_gwh"] / 1000 for row in ALL}
    points = 100 * (last["fill_level"] - last["fill_previous_years_mean"])
    said = text(english.call("gas", "finding", WINTER))
    assert said.startswith(
        f"On 28 February 2021 there were {three(stock['2021-02-28'])} TWh of gas in storage, {100 * last['fill_level']:.0f} % "
        f"of the maximum of the five years up to then: {points:+.1f} points against the mean of the same day of the five years "
        f"before, which ranged from {100 * last['fill_previous_years_min']:.0f} % to {100 * last['fill_previous_years_max']:.0f} %. "
        f"Over 90 days {three(into)} TWh went in and {three(out)} TWh came out, net of each day."
    )
    drawn = english.call("gas", "datasets", WINTER)
    picked = [row for row in drawn["winters"] if row["is_picked"]]
    assert picked[0]["winter"] == "2020–21" and picked[0]["taken_twh"] == 0
    assert picked[-1]["taken_twh"] == pytest.approx(stock["2020-10-31"] - stock["2021-03-31"])
    assert {row["winter"] for row in drawn["winters"]} == {"2019–20", "2020–21", "2021–22"}
    assert len(drawn["fill"]) == 90


@pytest.mark.parametrize(
    ("first", "since"), [("2021-10-01", "2020-11-26"), ("2019-11-01", "2019-10-01"), ("2020-05-01", "2020-03-31")]
)
def test_sites_are_drawn_over_the_period_and_never_less_than_a_year(english, first, since):
    """At the day that they are of, and not on the first day of its month."""
    given = days(first, "2021-12-31")
    ends = {row["local_date"] for row in marts_rows("sites") if row["local_date"] >= since}
    drawn = english.call("gas", "datasets", given)["sites"]
    found = {str(date(1970, 1, 1) + timedelta(milliseconds=row["bucket"])) for row in drawn}
    assert found == ends and len(drawn) == 2 * len(ends)


def test_a_period_without_gas_says_so(pages):
    unknown = dict.fromkeys(("stock_gwh", "fill_level", "net_withdrawal_gwh", "fill_previous_years_mean"))
    said = pages.call("gas", "finding", [row | unknown for row in WINTER], ever=WINTER)
    assert said.startswith(pages.vocabulary.text("gas.none"))


KNOWN = "since March 2016, when the stocks known here begin."


@pytest.mark.parametrize(("first", "says"), [("2016-02-28", "of the five years up to then."), ("2016-03-01", KNOWN)])
def test_a_fill_level_says_of_how_many_years_it_is(english, first, says):
    alone = [row | {"fill_previous_years_mean": None} for row in ALL if row["local_date"] <= "2021-02-28"]
    said = text(english.call("gas", "finding", alone[-90:], ever=[alone[0] | {"local_date": first}, *alone]))
    assert f"{100 * alone[-1]['fill_level']:.0f} % of the maximum {says}" in said


# ---------------------------------------------------------------- exchanges


def test_exchanges_say_what_was_sold_and_bought_and_add_up(english):
    out = {b.label: sum(row[export_column(b)] for row in WINTER) / 1e6 for b in VOCABULARY.borders}
    into = {b.label: sum(row[import_column(b)] for row in WINTER) / 1e6 for b in VOCABULARY.borders}
    sold, bought, top = sum(out.values()), sum(into.values()), max(out, key=out.get)
    said = text(english.call("exchanges", "finding", WINTER))
    assert said.startswith(
        f"Over 90 days France sold {three(sold)} TWh of electricity and bought {three(bought)} TWh: "
        f"{three(abs(sold - bought) * (1000 if abs(sold - bought) < 0.1 else 1))} "
    )
    assert f"Most went to {top} ({three(out[top])} TWh, {100 * out[top] / sold:.1f} % of what was sold)." in said
    lines = {name: cells for name, *cells in english.call("exchanges", "table", WINTER)["lines"]}
    assert list(lines)[-1] == "all borders"
    for name, mwh in out.items():
        shown = [float(cell.replace("−", "-")) for cell in lines[name]]
        assert shown == pytest.approx([mwh, into[name], mwh - into[name]], abs=0.0051)
    drawn = english.call("exchanges", "datasets", WINTER)
    first = [row for row in drawn["borders"] if row["bucket"] == drawn["borders"][0]["bucket"]]
    assert max(row["high"] for row in first) == pytest.approx(
        sum(WINTER[0][export_column(b)] for b in VOCABULARY.borders) / 1000
    )
    assert min(row["high"] for row in first) == pytest.approx(
        -sum(WINTER[0][import_column(b)] for b in VOCABULARY.borders) / 1000
    )


def test_borders_of_which_a_month_is_known_are_drawn_by_day_in_a_period_of_years(english):
    known = days("2021-01-01", "2021-01-31")
    rest = {name: None for name in ALL[0] if name.startswith(("export_", "import_"))} | {
        "net_commercial_import_mwh": None
    }
    given = [row if row in known else row | rest for row in ALL]
    drawn = english.call("exchanges", "datasets", given, ever=given)["borders"]
    assert len({row["bucket"] for row in drawn}) == 31
    assert all(row["bucket_end"] - row["bucket"] == 86_400_000 for row in drawn)
    assert english.call("exchanges", "datasets", [row | rest for row in ALL])["borders"] == []


# ---------------------------------------------------------------- seasons, years and records


def test_the_last_whole_season_is_compared_with_the_one_a_year_before(english):
    ever = [row | ({"gas_mwh": 3 * row["gas_mwh"]} if row["local_date"] < "2020-06-01" else {}) for row in ALL[27:527]]
    share = {
        (row["season_year"], row["source"]): row["share"]
        for row in marts_rows("seasons", ever)
        if row["season"] == "winter"
    }
    change = {name: share[2021, name] - share[2020, name] for year, name in share if year == 2021}
    most = max(change, key=lambda name: abs(change[name]))
    said = text(english.call("seasons", "finding", WINTER, ever=ever))
    assert said.startswith(
        f"From winter 2019–20 to winter 2020–21 {most} went to {100 * share[2021, most]:.1f} % of the production "
        f"({100 * change[most]:+.1f} points)".replace("-", "−")
    )
    assert "No whole season" in english.call("seasons", "finding", WINTER[:30], ever=ever)


def marts_rows(name: str, ever: list[dict] = ALL) -> list[dict]:
    columns = marts_of(ever, VOCABULARY)[name]
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def test_the_annual_table_sets_rte_beside_the_sums_of_days(english):
    said = text(english.call("seasons", "content", WINTER))
    year = [row for row in ALL if row["local_date"] >= "2021"]
    [theirs] = [entry["twh"] for entry in published()["annual"] if entry["year"] == 2021]
    ours = sum(row["nuclear_mwh"] for row in year) / 1e6
    assert (
        f"{ours:.1f}  RTE {theirs['nuclear_mwh']:.1f} · {100 * (ours / theirs['nuclear_mwh'] - 1):+.1f} %".replace(
            "-", "−"
        )
        in said
    )
    assert "Bilan électrique 2021" in said and "Bilan électrique 2014" not in said


def test_a_figure_that_is_not_known_on_all_days_of_a_year_says_so_and_is_not_compared(english):
    ever = [row | ({"net_commercial_import_mwh": None} if row["local_date"] >= "2021-12-22" else {}) for row in ALL]
    said = text(english.call("seasons", "content", WINTER, ever=ever))
    sold = -sum(row["net_commercial_import_mwh"] or 0 for row in ever if row["local_date"] >= "2021") / 1e6
    [theirs] = [entry["twh"] for entry in published()["annual"] if entry["year"] == 2021]
    shown = f"{sold:.1f} 355 of 365 days RTE {-theirs['net_commercial_import_mwh']:.1f}".replace("-", "−")
    rest = " ".join(said.split()).split(shown)
    assert len(rest) == 2 and not rest[1].startswith(" ·")


def test_a_year_of_which_little_is_known_has_no_duration_curve_beside_the_last_one(english):
    for count, curves in ((730, 2), (365 + 329, 2), (365 + 328, 1), (400, 1), (20, 1)):
        drawn = english.call("records", "datasets", WINTER, ever=ALL[-count:])["duration"]
        assert len({point["year"] for point in drawn}) == curves


def test_records_are_ten_and_the_first_is_said(english):
    best = sorted(ALL, key=lambda row: (-row["peak_consumption_mw"], row["local_date"]))
    said = text(english.call("records", "finding", WINTER))
    assert said.startswith(f"Highest consumption: {three(best[0]['peak_consumption_mw'])} MW, on ")
    coldest = english.js("sections/records.js", "topDays", ALL, {"column": "mean_celsius", "sign": -1})
    assert [row["mean_celsius"] for row in coldest] == sorted(row["mean_celsius"] for row in ALL)[:10]
    bought = english.js("sections/records.js", "topDays", ALL[:3], {"column": "net_commercial_import_mwh", "sign": 1})
    assert all(row["net_commercial_import_mwh"] > 0 for row in bought)


def test_a_duration_curve_falls_and_ends_at_the_extremes(english):
    hours = marts_rows("hours")
    values = [value for row in hours for name, value in row.items() if name != "local_date"]
    curve = english.js("sections/records.js", "durationCurve", hours)
    gw = [point["gw"] for point in curve]
    assert gw == sorted(gw, reverse=True)
    assert (gw[0], gw[-1], curve[-1]["part"]) == (max(values) / 1000, min(values) / 1000, 1)
    assert english.js("sections/records.js", "durationCurve", []) == []


# ---------------------------------------------------------------- nothing


@pytest.mark.parametrize("section", SECTIONS)
def test_empty_marts_and_empty_days_are_said_in_words(pages, section):
    empty = dict.fromkeys(mart_columns()) | {"local_date": "2021-01-01", "season": "winter", "season_year": 2021}
    for given in ([empty], ALL[:1]):
        said = pages.call(section, "finding", given, [], ever=ALL[:1])
        assert said and not re.search(r"null|NaN|undefined", said), said
        drawn = pages.call(section, "datasets", given, [], ever=ALL[:1])
        assert "NaN" not in json.dumps(drawn)
