"""The dashboard in a real browser, over days made from a formula. tests/test_page_modules.py checks each sentence."""

from __future__ import annotations

import csv
import statistics
from datetime import date

import pytest
from odre.contract import load_contract, tables
from odre.dashboard.data import source_entry
from odre.dashboard.page import render
from odre.dashboard.vocabulary import energy_column

from tests.browser import open_page
from tests.pages import VOCABULARY, mart_columns, one_day, sample_page, three

FIRST, DAYS = date(2019, 1, 1), 3 * 365 + 1
LATE = {"source_table": "stock_quotidien_stockages_gaz", "reason": "operators that are late"}
GAPS = [
    LATE | {"missing": "</script><b>Teréga</b>", "first": date(2019, 3, 1), "last": date(2019, 3, 4)},
    LATE | {"missing": "Saline", "first": date(2019, 3, 9), "last": date(2019, 3, 9)},
]


def test_a_new_source_and_a_new_dataset_appear_without_a_change_of_the_page(open_browser, tmp_path):
    """One entry in the list of measures and one contract are enough."""
    named = {"column": "maree", "name": "tide_mw", "label": "tide", "label_fr": "marée", "color": "#000080"}
    tide = VOCABULARY.sources[0].model_copy(update=named)
    vocabulary = VOCABULARY.model_copy(update={"sources": (*VOCABULARY.sources, tide)})
    page = sample_page(FIRST, 40)
    page.days[energy_column(tide)] = [10**6] * 40
    added = source_entry("eco2mix_national_tr", date(2019, 1, 30)) | {
        "table": "waves", "title": "waves of the sea", "dataset_id": "waves-daily", "publisher": "SHOM"
    }  # fmt: skip
    page.sources.append(added)
    page.gaps.append(
        {
            "source_table": "waves",
            "reason": "late",
            "missing": None,
            "first": date(2019, 2, 1),
            "last": date(2019, 2, 1),
        }
    )
    file = tmp_path / "index.html"
    file.write_text(render(page, vocabulary))
    shown = open_browser(file)
    assert "waves of the sea 30 January 2019" in shown.inner_text("header")
    assert "SHOM / ODRÉ, waves-daily" in shown.inner_text("footer")
    assert shown.inner_text("#gaps li") == "Waves of the sea, 1 February 2019: something (late)"
    assert "tide" in shown.inner_text("#finding-mix") and "tide" in shown.inner_text("#table-days thead")
    assert "tide" in shown.inner_text("#content-mix .legend") and "tide" in cells(shown, "table-mix")
    assert "tide" in cells(shown, "glance-sources") and "tide" in shown.inner_text("#content-seasons thead")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    file = tmp_path_factory.mktemp("page") / "index.html"
    file.write_text(render(sample_page(FIRST, DAYS, gaps=GAPS, synthetic=("eco2mix_national_tr",))))
    return file.as_uri()


@pytest.fixture(scope="module")
def browser(address):
    """One page for all tests, in a time zone west of Greenwich. Its console messages and network requests are
    recorded."""
    said, asked = [], []
    with open_page(timezone_id="America/New_York", accept_downloads=True) as page:
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url.split("#")[0]))
        page.goto(address)
        page.wait_for_selector("body[data-drawn]")
        yield page
    assert said == [] and {url for url in asked if not url.startswith("blob:")} == {address}


@pytest.fixture
def open_browser(browser):
    """Open a file in a page of its own, and wait until it is shown."""
    opened = []

    def open_file(file):
        page = browser.context.browser.new_page()
        page.set_default_timeout(120_000)
        opened.append(page)
        page.goto(file.as_uri())
        page.wait_for_selector("body[data-drawn]")
        return page

    yield open_file
    for page in opened:
        page.close()


def picked(page, attribute: str = "data-drawn") -> str:
    """The period whose charts are drawn."""
    return (page.get_attribute("body", attribute) or "").split("|")[0]


def pick(page, first: str, last: str) -> list[dict]:
    """Pick a period, and wait until its charts are drawn; the days in it."""
    page.fill("#from", first)
    page.fill("#to", last)
    page.wait_for_selector(f"body[data-drawn^='{first}/{last}|']")
    start, end = ((date.fromisoformat(day) - FIRST).days for day in (first, last))
    return [one_day(date.fromordinal(FIRST.toordinal() + i), i) for i in range(start, end + 1)]


def go(page, address: str) -> None:
    """Follow a permalink, and wait until its charts are drawn."""
    page.evaluate(f"document.body.removeAttribute('data-drawn'); location.hash = '#{address}'")
    page.wait_for_selector("body[data-drawn]")


def cells(page, table: str) -> dict[str, list[str]]:
    rows = page.eval_on_selector_all(
        f"#{table} tbody tr, tbody#{table} tr", "all => all.map(r => [...r.cells].map(c => c.textContent))"
    )
    return {name: values for name, *values in rows}


def test_it_opens_on_the_last_year_and_says_what_it_is(browser):
    assert picked(browser) == "2021-01-01/2021-12-31"
    assert "eco2mix-national-tr" in browser.inner_text(".synthetic") and "not measured" in browser.inner_text(
        ".synthetic"
    )
    header = browser.inner_text("header")
    assert "Last updated 2 January 2022, 01:00 (Europe/Paris)" in header and "31 December 2021" in header
    licences, footer = [load_contract(table).license for table in tables()], browser.inner_text("footer")
    assert all(footer.count(licence) >= licences.count(licence) for licence in licences)
    assert "From autumn 2020 to autumn 2021" in browser.inner_text("#finding-seasons")
    box = browser.locator("#glance-sources").bounding_box()
    assert box["y"] + box["height"] < 900
    assert "Nuclear made" in browser.inner_text("#glance-lead")


def test_the_period_changes_numbers_words_and_charts(browser):
    days = pick(browser, "2021-02-01", "2021-03-31")
    assert browser.inner_text("#tile-days") == "59 of 59"
    assert browser.inner_text("#tile-consumption") == three(sum(d["consumption_mwh"] for d in days) / 1e6)
    assert browser.inner_text("#tile-co2") == three(statistics.mean(d["co2_g_per_kwh"] for d in days))
    share = sum(d["nuclear_mwh"] for d in days) / sum(d["production_mwh"] for d in days)
    assert f"nuclear {100 * share:.1f}\u00a0%" in browser.inner_text("#finding-mix")
    peak = max(days, key=lambda d: d["peak_consumption_mw"])
    assert f"{three(peak['peak_consumption_mw'])}\u00a0MW on {date.fromisoformat(peak['local_date']):%-d %B %Y}." in (
        browser.inner_text("#finding-mix")
    )
    balance = cells(browser, "table-mix")
    assert float(balance["consumption"][0]) == pytest.approx(sum(d["consumption_mwh"] for d in days) / 1e6, abs=6e-4)
    # The table of the chart's values is what the chart draws, a row for every day; no time zone shifts one.
    values = values_of(browser, "chart-mix")
    assert (len(values), values[0][0], values[-1][0]) == (59, "1 February 2021", "31 March 2021")
    assert len(cells(browser, "table-days")) == 59


def values_of(page, chart: str) -> list[list[str]]:
    """The table of a chart's values."""
    table = f"#tools-{chart} details"
    page.evaluate(f"document.querySelector('{table}').open = true")
    page.wait_for_selector(f"{table} tbody tr", state="attached")
    return page.eval_on_selector_all(f"{table} tbody tr", "all => all.map(r => [...r.cells].map(c => c.textContent))")


def test_long_periods_are_drawn_by_week_and_compare_with_any_other(browser):
    browser.click("#preset-everything")
    browser.wait_for_selector("body[data-drawn^='2019-01-01/2021-12-31|']")
    assert len(values_of(browser, "chart-mix")) == 157
    go(browser, "2021-01-01/2021-12-31&versus=2019-01-01/2019-12-31")
    assert "1 January 2019 to 31 December 2019" in browser.inner_text("#caption-mix")
    assert browser.input_value("#versus") == "own" and browser.input_value("#versus-from") == "2019-01-01"
    browser.fill("#versus-from", "2020-03-01")
    browser.fill("#versus-to", "2020-12-31")
    browser.wait_for_selector("body[data-drawn*='|2020-03-01/2020-12-31|']")
    assert "1 March 2020 to 31 December 2020" in browser.inner_text("#caption-mix")
    browser.select_option("#versus", "none")
    browser.wait_for_selector("body[data-drawn*='|none|']")
    assert browser.inner_text("#chart-differences-empty").startswith("Nothing is compared")


def test_a_permalink_brings_back_what_was_picked_and_says_when_it_does_not_understand(browser):
    go(browser, "2021-02-01/2021-02-28&day=2021-02-03&versus=previous&language=fr&hidden=gas")
    assert browser.get_attribute("html", "lang") == "fr" and "mercredi 3 février 2021" in browser.inner_text(
        "#glance-lead"
    )
    assert browser.get_attribute("#legend-mix-gas", "aria-pressed") == "false"
    assert "31 janvier 2021" in browser.inner_text("#caption-mix")
    areas = browser.locator("#chart-mix svg .mark-area path")
    without_gas = areas.count()
    browser.click("#legend-mix-gas")
    browser.wait_for_selector("#legend-mix-gas[aria-pressed='true']")
    areas.nth(without_gas).wait_for(state="attached")
    assert areas.count() == without_gas + 1 > len(VOCABULARY.sources)
    assert browser.evaluate("document.activeElement.id") == "legend-mix-gas"
    browser.click("#speak-en")
    browser.wait_for_selector("html[lang='en'] body[data-drawn$='|en']")
    assert "Wednesday, 3 February 2021" in browser.inner_text("#glance-lead")
    go(browser, "2021-02-30/2021-02-31&colour=red")
    assert browser.inner_text("#period-note").startswith("The address was not understood")


def test_another_day_is_a_link_away(browser):
    go(browser, "2021-02-01/2021-02-28&day=2021-02-03&language=en")
    for link, day in (
        ("previous", "2021-02-02"),
        ("next", "2021-02-03"),
        ("week", "2021-01-27"),
        ("year", "2020-01-29"),
    ):
        browser.click(f"#day-{link}")
        browser.wait_for_selector(f"body[data-drawn*='|{day}|']")
    assert picked(browser) == "2021-02-01/2021-02-28"
    # The page holds no steps of that day, and says so.
    assert "not in this file" in browser.inner_text("#finding-day")


def test_what_is_missing_is_listed_latest_first_and_only_for_the_period(browser):
    pick(browser, "2019-03-04", "2019-03-31")
    gaps = browser.eval_on_selector_all("#gaps li", "all => all.map(e => e.textContent)")
    assert gaps == [
        "Gas in storage, 9 March 2019: Saline (operators that are late)",
        "Gas in storage, 1 March 2019 to 4 March 2019: </script><b>Teréga</b> (operators that are late)",
    ]
    pick(browser, "2019-03-20", "2019-03-31")
    assert browser.inner_text("#gaps-summary") == "Nothing is missing or implausible in this period."


def test_a_wrong_period_says_so_and_changes_nothing(browser):
    pick(browser, "2021-02-01", "2021-02-28")
    before = browser.inner_text("main")
    browser.fill("#to", "2021-01-01")
    assert browser.inner_text("#period-note") == "The first day is after the last day."
    assert browser.inner_text("main") == before


def test_a_period_without_data_is_said_in_words(browser):
    go(browser, "2030-01-01/2030-01-31")
    assert browser.inner_text("#chart-mix-empty") == "No day of this period has a known electricity mix."
    assert browser.inner_text("#finding-day") == "There is no electricity mix for Thursday, 31 January 2030."
    assert browser.inner_text("#tile-co2") == browser.inner_text("#tile-net-exchange") == "unknown"
    assert "NaN" not in browser.inner_text("body") and "undefined" not in browser.inner_text("body")
    pick(browser, "2021-02-01", "2021-02-28")
    assert browser.inner_text("#chart-mix-empty") == ""


def test_the_download_has_every_column_of_the_picked_days(browser):
    pick(browser, "2021-02-01", "2021-02-28")
    with browser.expect_download() as download:
        browser.click("#download")
    rows = list(csv.DictReader(download.value.path().read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 28 and tuple(rows[0]) == mart_columns()
    assert rows[0]["local_date"] == "2021-02-01" and rows[0]["missing_gas_sites"] == ""


def test_phone_dark_and_paper(browser):
    pick(browser, "2021-02-01", "2021-02-28")
    label = "#chart-mix .role-axis-label text"
    ink = "e => getComputedStyle(e).fill"
    light = browser.eval_on_selector(label, ink)
    browser.emulate_media(color_scheme="dark")
    browser.wait_for_function(f"was => getComputedStyle(document.querySelector('{label}')).fill != was", arg=light)
    browser.emulate_media(color_scheme="dark", media="print")
    assert browser.eval_on_selector(label, ink) == "rgb(0, 0, 0)"
    assert not browser.is_visible("#from") and not browser.is_visible("#download")
    browser.emulate_media(color_scheme="light", media="screen")
    browser.set_viewport_size({"width": 390, "height": 800})
    values_of(browser, "chart-mix")
    assert browser.evaluate("document.documentElement.scrollWidth") == 390
    browser.set_viewport_size({"width": 1280, "height": 900})


def test_ten_years_fit_and_no_day_at_all_is_said(open_browser, tmp_path):
    assert len(render(sample_page(date(2012, 1, 1), 3653)).encode()) < 3_000_000
    empty = tmp_path / "empty.html"
    empty.write_text(render(sample_page(FIRST, 0, last_observed_at=None)))
    page = open_browser(empty)
    assert page.inner_text("#period-note") == "There is no data yet: the marts are empty." and not page.is_visible(
        "main"
    )
