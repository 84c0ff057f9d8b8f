"""What the sections glance, day, mix, forecasts and kinds of days say, without a browser: every sentence and number
equals what Python makes of the same days and steps."""

from __future__ import annotations

import json
import statistics
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from odre.dashboard.page import context as make_context
from odre.dashboard.vocabulary import energy_column, read_vocabulary

from tests.node import of
from tests.pages import VOCABULARY, rows_of, sample_days, three, without_values

PARIS = "Europe/Paris"
FIRST = date(2016, 1, 1)
ALL = sample_days(FIRST, (date(2022, 1, 1) - FIRST).days)
WINTER = [row for row in ALL if "2020-12-01" <= row["local_date"] <= "2021-02-28"]
BEFORE = [row for row in ALL if "2019-12-01" <= row["local_date"] <= "2020-02-29"]
NOTHING = without_values(WINTER)


def total(rows: list[dict], column: str) -> float:
    return sum(row[column] for row in rows if row[column] is not None)


class Pages:
    """The sections over days of the sample, in one language."""

    def __init__(self, js, language: str = "en") -> None:
        self.js, self.vocabulary = js, read_vocabulary(language)
        js("texts.js", "speak", language, self.vocabulary.texts)
        # Node keeps no Map from one request to the next, and JSON has none.
        self.context = json.loads(json.dumps(make_context(self.vocabulary), default=str))

    def call(self, section: str, name: str, rows: list[dict], **changes):
        period = [rows[0]["local_date"], rows[-1]["local_date"]] if rows else ["2021-01-01", "2021-12-31"]
        day = changes.pop("day", period[1])
        picked = {"period": period, "day": day, "versus": "none", "language": "en", "hidden": []}
        by_day = {"map": [[row["local_date"], row] for row in changes.pop("ever", ALL)]}
        context = self.context | {
            "all": rows_of(self.js, rows), "byDay": by_day, "period": period, "day": day, "picked": picked, "steps": [],
            "compared": None, "zone": PARIS, "gaps": [], "titles": {}, "embedded_days": 60,
        } | changes  # fmt: skip
        found = self.js(f"sections/{section}.js", name, rows_of(self.js, rows), context)
        return found.replace("\u00a0", " ") if isinstance(found, str) else found


@pytest.fixture
def pages(js):
    return Pages(js)


# ---------------------------------------------------------------- what is usual


@given(st.lists(st.integers(-100, 100), min_size=1, max_size=40), st.sampled_from([0.1, 0.5, 0.9]))
def test_a_quantile_is_between_neighbours(js, values, part):
    assert js("usual.js", "quantile", sorted(values), part) == pytest.approx(float(np.quantile(values, part)))


@pytest.mark.parametrize("iso", ["2021-12-15", "2021-01-05", "2020-02-29", "2021-07-01"])
def test_usual_is_the_middle_of_the_same_time_of_the_five_years_before(pages, iso):
    day = date.fromisoformat(iso)
    same = [date(day.year - i, 3, 1) if (day.month, day.day) == (2, 29) and (day.year - i) % 4 else
            day.replace(year=day.year - i) for i in range(1, 6)]  # fmt: skip
    wanted = {(each + timedelta(days=i)).isoformat() for each in same for i in range(-15, 16)}
    values = [row["mean_celsius"] for row in ALL if row["local_date"] in wanted]
    by_day = {"map": [[row["local_date"], row] for row in ALL]}
    found = pages.js("usual.js", "usual", by_day, iso, of("mean_celsius"))
    assert (found["low"], found["median"], found["high"]) == pytest.approx(tuple(np.quantile(values, [0.1, 0.5, 0.9])))
    assert found["days"] == len(values) and found["years"] == len({each for each in same if each >= FIRST})
    assert pages.js("usual.js", "usual", {"map": []}, iso, of("mean_celsius")) is None


def test_usual_needs_three_years(pages):
    """Two years of a month each are sixty days, which say nothing of what is usual."""
    for years, known in ((2, False), (3, True)):
        given = [row for row in ALL if row["local_date"] >= f"{2021 - years}"]
        by_day = {"map": [[row["local_date"], row] for row in given]}
        assert (pages.js("usual.js", "usual", by_day, "2021-12-15", of("mean_celsius")) is not None) == known
    few = [row for row in ALL if not row["local_date"].startswith("2018-12") or row["local_date"] > "2018-12-27"]
    by_day = {"map": [[row["local_date"], row] for row in few if row["local_date"] >= "2018"]}
    assert pages.js("usual.js", "usual", by_day, "2021-12-15", of("mean_celsius")) is None
    said = pages.call("glance", "finding", [ALL[-1]], ever=ALL[-800:])
    assert said == "Too few past years are known to say what is usual for the season: three are needed."


def test_the_glance_says_of_which_day_an_unusual_figure_is(pages):
    strange = {"stock_gwh": None, "mean_celsius": 40.0, "co2_g_per_kwh": 500, "net_commercial_import_mwh": 10**6}
    days = [*ALL[:-2], ALL[-2] | {"stock_gwh": 1.0}, ALL[-1] | strange]
    said = pages.call("glance", "finding", [days[-1]], ever=days, all=rows_of(pages.js, days))
    assert "gas in storage (30 December 2021) lower than usual" in said and "temperature higher than usual" in said
    assert "CO2 of production higher than usual" in said and "net sales abroad lower than usual" in said


def test_the_glance_names_what_is_unusual(pages):
    days = [*ALL[:-1], ALL[-1] | {"mean_celsius": -20.0, "gas_mwh": 10**6}]
    said = pages.call("glance", "finding", [days[-1]], ever=days)
    assert said.startswith("Unusual for the season: ") and "temperature lower than usual" in said
    assert "gas higher than usual" in said
    nothing = pages.call("glance", "finding", NOTHING, ever=NOTHING)
    assert nothing == "No electricity mix is known for Sunday, 28 February 2021."
    shown = json.dumps(pages.call("glance", "content", [ALL[-1]], day=ALL[-1]["local_date"]))
    share = ALL[-1]["nuclear_mwh"] / ALL[-1]["production_mwh"]
    assert f"Nuclear made {100 * share:.0f}" in shown and "NaN" not in shown and "undefined" not in shown


def test_the_glance_of_a_day_that_is_not_whole_is_of_its_latest_step_and_is_not_compared(pages):
    sources = pages.context["sources"]
    row = ALL[-1] | {
        "consumption_mwh": None,
        "production_mwh": None,
        "net_commercial_import_mwh": None,
        "co2_g_per_kwh": None,
    }
    step = {source["step"]: 1000 * (i + 1) for i, source in enumerate(sources)} | {
        "clock": "05:45", "to_come": False, "consumption_mw": 61_234, "imports": 0, "exports": -2_500, "co2_g_per_kwh": 41,
    }  # fmt: skip
    days = [*ALL[:-1], row]
    given = {"day": row["local_date"], "ever": days, "steps": [step]}
    shown = json.dumps(pages.call("glance", "content", [row], **given), ensure_ascii=False)
    assert "61.2" in shown and "Sold abroad, net" in shown and "2.5" in shown and "at 05:45" in shown
    assert "unknown" not in shown.replace("unknown_", "") and "against the season" not in shown
    assert "every figure" not in pages.call("glance", "finding", [row], **given).lower()


# ---------------------------------------------------------------- the period


def test_the_balance_adds_up(pages):
    found = pages.js("balance.js", "balanceOf", rows_of(pages.js, WINTER + NOTHING), pages.context["sources"])
    assert (found["days"], found["hours"]) == (90, 90 * 24)
    assert sum(found["sources"].values()) == pytest.approx(found["production"]) == total(WINTER, "production_mwh")
    supplied = found["production"] + sum(found["stored"].values()) + found["residual"]
    assert supplied == pytest.approx(found["consumption"]) == total(WINTER, "consumption_mwh")
    lines = pages.js("balance.js", "linesOf", found, pages.context["sources"])
    parts = [line["mwh"] for line in lines if not line.get("total")]
    assert sum(parts) == pytest.approx(lines[-1]["mwh"])


def test_the_comparison_is_of_mean_power(pages):
    compared = {"period": ["2019-12-01", "2020-02-29"], "rows": rows_of(pages.js, BEFORE)}
    drawn = pages.call("mix", "datasets", WINTER, compared=compared)["mix_differences"]
    gas = next(row for row in drawn if row["name"] == "gas")
    now, before = (total(rows, "gas_mwh") / len(rows) / 24_000 for rows in (WINTER, BEFORE))
    assert (gas["now"], gas["before"], gas["gw"]) == pytest.approx((now, before, now - before))
    table = pages.call("mix", "table", WINTER, compared=compared)
    assert "29 February 2020" in table["caption"] and "91 days" in table["caption"]
    assert pages.call("mix", "datasets", WINTER)["mix_differences"] == []
    assert pages.call("mix", "table", NOTHING) is None


@pytest.mark.parametrize(("known", "is_compared"), [(82, True), (81, False), (10, False)])
def test_a_period_of_which_little_is_known_is_not_compared(pages, known, is_compared):
    """Nine tenths of 91 days are 82, of 90 days 81; the mean of a few weeks is no mean of a winter."""
    few = {"period": ["2019-12-01", "2020-02-29"], "rows": rows_of(pages.js, BEFORE[:known])}
    drawn = pages.call("mix", "datasets", WINTER, compared=few)["mix_differences"]
    table = pages.call("mix", "table", WINTER, compared=few)
    assert (drawn != [], table["lines"][0][-1] != "–") == (is_compared, is_compared)
    assert f"{known} days" in table["caption"] and table["lines"][0][3] != "–"
    whole = {"period": ["2019-12-01", "2020-02-29"], "rows": rows_of(pages.js, BEFORE)}
    partly = WINTER[: known - 1] + NOTHING[known - 1 :]
    assert (pages.call("mix", "datasets", partly, compared=whole)["mix_differences"] != []) == is_compared


def test_what_is_unknown_on_some_days_of_a_period_is_said_and_does_not_lower_a_mean(pages):
    """Each measure is trusted by itself: a day can have a production and no exchange."""
    unknown = {"net_physical_import_mwh": None, "consumption_mwh": None}
    rows = [row | (unknown if i < 20 else {}) for i, row in enumerate(ALL[-500:])]
    said = pages.call("mix", "finding", rows)
    assert said.endswith("20 days of the period have no consumption. 20 days of the period have no physical exchange.")
    assert "commercial exchange" not in said and "electricity mix" not in said
    first = next(step for step in pages.call("mix", "datasets", rows)["mix_steps"] if step["consumption_mw"])
    start = datetime.fromtimestamp(first["bucket"] / 1000, ZoneInfo("UTC")).date()
    week = [row for row in rows if start.isoformat() <= row["local_date"] < (start + timedelta(days=7)).isoformat()]
    load = [row["consumption_mwh"] / 24 for row in week if row["consumption_mwh"] is not None]
    assert 0 < len(load) < len(week) and first["consumption_mw"] == pytest.approx(statistics.fmean(load))


def test_the_chart_of_a_period_keeps_extremes_and_shows_gaps(pages):
    long = ALL[:500]
    missing = [row if i != 40 else NOTHING[0] | {"local_date": row["local_date"]} for i, row in enumerate(WINTER)]
    weeks = pages.call("mix", "datasets", long)["mix_steps"]
    assert len(weeks) < 80 and max(step["peak_consumption_mw"] for step in weeks) == max(
        row["peak_consumption_mw"] for row in long
    )
    days = pages.call("mix", "datasets", missing)["mix_steps"]
    assert len(days) == 91 and days[-1]["closing"] and days[40]["consumption_mw"] is None


def test_finding_of_the_mix(pages):
    production = total(WINTER, "production_mwh")
    shares = {s.label: total(WINTER, energy_column(s)) / production for s in VOCABULARY.sources}
    a, b, c, d = (f"{name} {100 * shares[name]:.1f} %" for name in sorted(shares, key=shares.get, reverse=True)[:4])
    peak = max(WINTER, key=lambda row: row["peak_consumption_mw"])
    assert pages.call("mix", "finding", WINTER) == (
        "Over 90 days (1 December 2020 to 28 February 2021) "
        f"France consumed {three(total(WINTER, 'consumption_mwh') / 1e6)} TWh and produced {three(production / 1e6)} TWh: "
        f"{a}, {b}, {c} and {d}. "
        f"It exported {three(-total(WINTER, 'net_physical_import_mwh') / 1e6)} TWh net (physical exchanges). "
        f"The highest step of consumption was {three(peak['peak_consumption_mw'])} MW on "
        f"{date.fromisoformat(peak['local_date']):%-d %B %Y}."
    )
    gaps = [WINTER[0] | {"is_mix_complete": False, "net_physical_import_mwh": 10**8}, *WINTER[1:60], *NOTHING[60:]]
    said = pages.call("mix", "finding", gaps)
    assert "Over 60 days" in said and "It imported " in said
    assert said.endswith(" 1 of these days is incomplete. 30 days of the period have no electricity mix.")


def test_finding_of_forecasts(pages):
    load = statistics.fmean(row["consumption_mwh"] / row["hours_in_day"] for row in WINTER)
    assert pages.call("peaks_and_forecasts", "finding", WINTER) == (
        f"On average the day ahead forecast was off by 900 MW ({90_000 / load:.1f} %, 90 days) "
        f"and the same day forecast was off by 400 MW ({40_000 / load:.1f} %, 90 days)."
    )


def test_finding_of_kinds_of_days(pages):
    rows = [row | {"top_source": "hydro"} for row in WINTER[:1]] + WINTER[1:]
    said = pages.call("kinds_of_days", "finding", rows)
    assert said == "The source that produced most was nuclear on 89 days and hydro on 1 day."
    assert pages.call("kinds_of_days", "finding", WINTER[:1]) is None


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("section", ["glance", "day", "mix", "peaks_and_forecasts", "kinds_of_days"])
def test_days_without_any_value_are_said_in_words(js, section, language):
    said = Pages(js, language).call(section, "finding", NOTHING, ever=NOTHING)
    assert said[-1] == "." and not any(word in said for word in ("NaN", "undefined", "null"))
