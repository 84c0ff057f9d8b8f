"""The dashboard in a real browser, over days made from a formula: what it says is what the days hold."""

from __future__ import annotations

import csv
import math
import statistics
from datetime import date

import pytest
from odre.dashboard.charts import NEEDS, charts
from odre.dashboard.contents import WORDS, day_table, sections
from odre.dashboard.data import spans
from odre.dashboard.page import project_variables, render
from odre.dashboard.vocabulary import BORDERS, CATEGORIES, FORECASTS, SEASONS, SOURCES, border_column, column
from odre.measures import measures

from tests.browser import open_page
from tests.pages import mart_columns, one_day, sample_page

FIRST, DAYS = date(2019, 1, 1), 3 * 365 + 1
LATE = {"source_table": "stock_quotidien_stockages_gaz", "reason": "operators that are late"}
GAPS = [
    LATE | {"missing": "</script><b>Teréga</b>", "first": date(2019, 3, 1), "last": date(2019, 3, 4)},
    LATE | {"missing": "Saline", "first": date(2019, 3, 9), "last": date(2019, 3, 9)},
]


def test_the_page_calls_things_as_the_marts_do():
    assert {column(label): label for label in SOURCES} == {f"{m.name}h": m.label for m in measures(["source"])}
    exchanges = {m.label: m.name.removeprefix("exchange_") + "h" for m in measures(["border"])}
    assert list(BORDERS) == list(exchanges)
    for label, name in exchanges.items():
        assert [border_column(d, label) for d in ("export", "import")] == [f"export_{name}", f"import_{name}"]
    assert list(FORECASTS) == [m.label for m in measures(["forecast"])]
    shown = {name for needs in NEEDS.values() for together in needs for name in together} | set(FORECASTS.values())
    shown |= {c["column"] for c in day_table()} | set(WORDS) | set(one_day(FIRST, 0))
    assert shown <= set(mart_columns())


def test_every_chart_has_its_place():
    places = {name for section in sections(project_variables()) for name in section.charts}
    assert set(charts()) == places == set(NEEDS)


def linear(colour: str) -> list[float]:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]


# What is left of red, green and blue without red or green cones: Viénot, Brettel and Mollon (1999), linear RGB.
PROTANOPIA = (0.11238, 0.88762)
DEUTERANOPIA = (0.29275, 0.70725)


@pytest.mark.parametrize("cones", [PROTANOPIA, DEUTERANOPIA])
@pytest.mark.parametrize("palette", [SOURCES, BORDERS, SEASONS, CATEGORIES])
def test_the_colour_blind_tell_colours_apart(palette, cones):
    seen = {}
    for name, colour in palette.items():
        red, green, blue = linear(colour)
        seen[name] = [(part**0.45) for part in (cones[0] * red + cones[1] * green, blue)]
    names = list(palette)
    apart = {(one, other): math.dist(seen[one], seen[other]) for i, one in enumerate(names) for other in names[:i]}
    assert min(apart.values()) > 0.1, min(apart, key=apart.get)


def test_days_that_follow_each_other_are_one_gap():
    days = [date(2022, 1, 30), date(2022, 1, 31), date(2022, 2, 1), date(2022, 2, 3)]
    found = spans([LATE | {"missing": "Teréga", "local_date": day} for day in days])
    assert [(gap["first"], gap["last"]) for gap in found] == [(days[0], days[2]), (days[3], days[3])]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    file = tmp_path_factory.mktemp("page") / "index.html"
    file.write_text(render(sample_page(FIRST, DAYS, gaps=GAPS, synthetic=("eco2mix_national_tr",))))
    return file.as_uri()


@pytest.fixture(scope="module")
def browser(address):
    """One page for all tests, west of Greenwich; nothing it says to the console or asks of a network is lost."""
    said, asked = [], []
    with open_page(timezone_id="America/New_York", accept_downloads=True) as page:
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url.split("#")[0]))
        page.goto(address)
        page.wait_for_selector("body[data-shown]")
        yield page
    assert said == [] and {url for url in asked if not url.startswith("blob:")} == {address}


def pick(page, first: str, last: str) -> list[dict]:
    """Pick a period; the days in it."""
    page.fill("#from", first)
    page.fill("#to", last)
    page.wait_for_selector(f"body[data-shown='{first}/{last}']")
    start, end = ((date.fromisoformat(day) - FIRST).days for day in (first, last))
    return [one_day(date.fromordinal(FIRST.toordinal() + i), i) for i in range(start, end + 1)]


def marks(page, chart: str) -> list[str]:
    return page.eval_on_selector_all(f"#{chart} path[aria-label]", "all => all.map(e => e.getAttribute('aria-label'))")


def cells(page, table: str) -> dict[str, list[str]]:
    rows = page.eval_on_selector_all(f"#{table} tr", "all => all.map(r => [...r.cells].map(c => c.textContent))")
    return {name: values for name, *values in rows}


def test_it_opens_on_the_last_year_and_says_what_it_is(browser):
    assert browser.get_attribute("body", "data-shown") == "2021-01-01/2021-12-31"
    assert "eco2mix-national-tr is generated, not measured" in browser.inner_text(".synthetic")
    header = browser.inner_text("header")
    assert "Last updated 2 January 2022, 01:00 (Paris time)" in header and "31 December 2021" in header
    # a year before the period is asked for comparison
    assert "From autumn 2020 to autumn 2021 (91 days)" in browser.inner_text("#finding-seasons")
    assert browser.inner_text("footer").count("Licence Ouverte v2.0 (Etalab)") == 3


def test_the_period_changes_numbers_words_and_charts(browser):
    days = pick(browser, "2021-02-01", "2021-03-31")
    assert browser.inner_text("#tile-days") == "59 of 59"
    assert browser.inner_text("#tile-consumption") == f"{sum(d['consumption_mwh'] for d in days) / 1e6:.3f}"
    assert browser.inner_text("#tile-co2") == f"{statistics.mean(d['co2_g_per_kwh'] for d in days):.1f}"
    share = sum(d["nuclear_mwh"] for d in days) / sum(d["production_mwh"] for d in days)
    assert f"nuclear {100 * share:.1f} %" in browser.inner_text("#finding-mix")
    peak = max(days, key=lambda d: d["peak_consumption_mw"])
    assert f"peaked at {peak['peak_consumption_mw']:,} MW on {date.fromisoformat(peak['local_date']):%-d %B %Y}." in (
        browser.inner_text("#finding-peaks")
    )
    load = statistics.mean(d["consumption_mwh"] / 24 for d in days)
    assert f"was off by 900 MW ({90_000 / load:.1f} %, 59 days)" in browser.inner_text("#finding-peaks")
    drawn = marks(browser, "chart-shares")
    assert len(drawn) == 59 * len(SOURCES)
    # no time zone shifts a day
    assert drawn[0].startswith("bucket: Feb 01, 2021") and "when: 1 February 2021" in drawn[0]
    assert len(cells(browser, "table-body")) == 59


def test_long_periods_are_drawn_by_month(browser):
    browser.click("#everything")
    browser.wait_for_selector("body[data-shown='2019-01-01/2021-12-31']")
    assert len(marks(browser, "chart-shares")) == 36 * len(SOURCES)
    assert "2 seasons of the period are not whole" in browser.inner_text("#finding-seasons")


def test_coefficients_are_those_of_the_days(browser):
    days = pick(browser, "2020-10-01", "2021-06-30")
    cold = [d for d in days if d["mean_celsius"] < 15]
    for name, label in {"consumption_mwh": "consumption", column("gas"): "gas"}.items():
        always = statistics.correlation([d["mean_celsius"] for d in days], [d[name] / 24 for d in days])
        slope, _ = statistics.linear_regression([d["mean_celsius"] for d in cold], [d[name] / 24 for d in cold])
        shown = cells(browser, "table-sources-temperature")[label]
        assert (shown[0], shown[2]) == (str(len(days)), str(len(cold)))
        assert float(shown[1]) == pytest.approx(always, abs=0.006)
        assert float(shown[4].replace(",", "")) == pytest.approx(-slope, abs=0.6)
    spring = [d for d in days if d["season"] == "spring"]
    shown = cells(browser, "table-gas-temperature")
    expected = statistics.correlation([d["mean_celsius"] for d in spring], [d["net_withdrawal_gwh"] for d in spring])
    assert (shown["spring"][2], float(shown["spring"][3])) == (str(len(spring)), pytest.approx(expected, abs=0.006))
    # coal never changes: no coefficient
    assert cells(browser, "table-sources-gas")["coal"][1] == "–"


def test_what_is_missing_is_listed_latest_first_and_only_for_the_period(browser):
    pick(browser, "2019-03-04", "2019-03-31")
    gaps = browser.eval_on_selector_all("#gaps li", "all => all.map(e => e.textContent)")
    assert gaps == [
        "Gas in storage, 9 March 2019: Saline (operators that are late)",
        "Gas in storage, 1 March 2019 to 4 March 2019: </script><b>Teréga</b> (operators that are late)",
    ]
    pick(browser, "2019-03-20", "2019-03-31")
    assert browser.inner_text("#gaps-summary") == "Nothing is missing in this period."


def test_a_wrong_period_says_so_and_changes_nothing(browser):
    pick(browser, "2021-02-01", "2021-02-28")
    before = browser.inner_text("main")
    browser.fill("#to", "2021-01-01")
    assert browser.inner_text("#period-note") == "The first day is after the last day."
    assert browser.inner_text("main") == before


def test_a_period_without_data_is_said_in_words(browser):
    browser.evaluate("location.hash = '#2030-01-01/2030-01-31'")
    browser.wait_for_selector("body[data-shown='2030-01-01/2030-01-31']")
    assert browser.locator(".chart[data-empty]").count() == len(charts())
    assert browser.inner_text("#chart-shares-empty") == "No day of this period has a known electricity mix."
    assert browser.inner_text("#tile-co2") == browser.inner_text("#tile-net-export") == "unknown"
    assert "NaN" not in browser.inner_text("body") and "undefined" not in browser.inner_text("body")
    pick(browser, "2021-02-01", "2021-02-28")
    assert browser.locator(".chart[data-empty]").count() == 0


def test_the_download_has_every_column_of_the_picked_days(browser):
    pick(browser, "2021-02-01", "2021-02-28")
    with browser.expect_download() as download:
        browser.click("#download")
    rows = list(csv.DictReader(download.value.path().read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 28 and list(rows[0]) == mart_columns()
    assert rows[0]["local_date"] == "2021-02-01" and rows[0]["missing_gas_sites"] == ""


def test_phone_dark_and_paper(browser):
    pick(browser, "2021-02-01", "2021-02-28")
    label = "#chart-totals .role-axis-label text"
    ink = "e => getComputedStyle(e).fill"
    light = browser.eval_on_selector(label, ink)
    browser.emulate_media(color_scheme="dark")
    browser.wait_for_function(f"was => getComputedStyle(document.querySelector('{label}')).fill != was", arg=light)
    browser.emulate_media(color_scheme="dark", media="print")
    assert browser.eval_on_selector(label, ink) == "rgb(0, 0, 0)"
    assert not browser.is_visible("#from") and not browser.is_visible("#download")
    browser.emulate_media(color_scheme="light", media="screen")
    browser.set_viewport_size({"width": 390, "height": 800})
    assert browser.evaluate("document.documentElement.scrollWidth") == 390
    browser.set_viewport_size({"width": 1280, "height": 900})


def test_ten_years_fit_and_no_day_at_all_is_said(browser, tmp_path):
    assert len(render(sample_page(date(2012, 1, 1), 3653)).encode()) < 3_000_000
    empty = tmp_path / "empty.html"
    empty.write_text(render(sample_page(FIRST, 0, last_observed_at=None)))
    page = browser.context.browser.new_page()
    page.goto(empty.as_uri())
    page.wait_for_selector("body[data-shown]")
    assert page.inner_text("#period-note") == "There is no data yet: the marts are empty." and not page.is_visible(
        "main"
    )
    page.close()
