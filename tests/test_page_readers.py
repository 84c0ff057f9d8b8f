"""The page for its readers: axe-core finds no violation at three widths, in both languages and in dark colours; a chart
can be downloaded as a picture and as values; and a dataset without data leads to a sentence and not to a broken
chart."""

from __future__ import annotations

import csv
import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from odre.dashboard.page import render

from tests.browser import open_page
from tests.pages import sample_page

FIRST, DAYS = date(2020, 12, 1), 396
# Unfold everything, but only one of the tables of values, because they are all alike and long.
UNFOLD = """for (const each of document.querySelectorAll("details")) {
  each.open = !each.closest(".tools") || each.closest("#tools-chart-mix") !== null;
}"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory) -> Iterator[Any]:
    file = tmp_path_factory.mktemp("page") / "index.html"
    gap = {"source_table": "eco2mix_national_tr", "reason": "late", "missing": None}
    gaps = [gap | {"first": date(2021, 12, 20), "last": date(2021, 12, 20)}]
    file.write_text(render(sample_page(FIRST, DAYS, gaps=gaps, synthetic=("eco2mix_national_tr",))))
    with open_page() as page:
        page.goto(file.as_uri())
        page.wait_for_selector("body[data-drawn]")
        yield page


@pytest.fixture
def another(browser) -> Iterator[Any]:
    """The same page in a tab of its own, for tests that leave it in a state of their own."""
    page = browser.context.browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(120_000)
    page.goto(browser.url.split("#")[0])
    page.wait_for_selector("body[data-drawn]")
    yield page
    page.close()


def go(page, picked: str, language: str = "en") -> None:
    """Follow a permalink, also when it is the one that is there, and wait until all is drawn."""
    page.evaluate(
        f"document.body.removeAttribute('data-drawn'); history.replaceState(null, '', '#{picked}&language={language}');"
        "dispatchEvent(new Event('hashchange'))"
    )
    page.wait_for_selector(f"html[lang={language}] body[data-drawn]")


@pytest.mark.parametrize(("width", "language", "scheme"), [
    *((width, language, "light") for language in ("en", "fr") for width in (1440, 768, 390)),
    *((width, "fr", "dark") for width in (390, 768, 1440)),
])  # fmt: skip
def test_axe_finds_no_violation(browser, width, language, scheme):
    from axe_playwright_python.sync_playwright import Axe

    browser.set_viewport_size({"width": width, "height": 900})
    browser.emulate_media(color_scheme=scheme)
    # A comparison of its own, so that all fields of the bar are there.
    go(browser, "2021-12-28/2021-12-31&day=2021-12-30&versus=2021-01-01/2021-01-04", language)
    browser.evaluate(UNFOLD)
    found = Axe().run(browser, options={"resultTypes": ["violations"]}).response["violations"]
    assert [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found] == []
    browser.emulate_media(color_scheme="light")


MARKED = "all => all.map((chip) => chip.id)"


def test_the_keyboard_alone_picks_and_hides_and_keeps_its_place(another):
    go(another, "2021-12-01/2021-12-31&day=2021-12-30&versus=none")
    # December 2021 is both this month and this winter.
    assert another.eval_on_selector_all("#presets [aria-current]", MARKED) == ["preset-month"]
    for preset, chosen in (("winter", "winter"), ("days_7", "days_7"), ("month", "month")):
        another.focus(f"#preset-{preset}")
        another.keyboard.press("Enter")
        another.wait_for_selector(f"#preset-{chosen}[aria-current='true']:focus")
        assert another.eval_on_selector_all("#presets [aria-current]", MARKED) == [f"preset-{chosen}"]
    another.focus("#legend-mix-gas")
    for pressed in ("false", "true"):
        another.keyboard.press("Space")
        another.wait_for_selector(f"#legend-mix-gas[aria-pressed='{pressed}']:focus")


def test_a_year_that_is_still_being_typed_is_not_drawn(another):
    go(another, "2021-12-01/2021-12-31&day=2021-12-30&versus=none")
    for typed in ("0002-12-01", "0202-12-01", "9999-12-31"):
        another.fill("#from" if typed < "2" else "#to", typed)
        assert another.inner_text("#period-note") == "Pick both days."
        assert "#2021-12-01/2021-12-31&" in another.url
        go(another, "2021-12-01/2021-12-31&day=2021-12-30&versus=none")
    go(another, "0002-01-01/9999-12-31")
    assert another.inner_text("#period-note").startswith("The address was not understood")


# Charts of which something is outside of their picture, by more than a pixel's rounding.
CUT = """[...document.querySelectorAll(".chart:not([data-empty]) svg.marks")].filter((svg) => {
  const [drawn, all] = [svg.firstElementChild.getBoundingClientRect(), svg.getBoundingClientRect()];
  const place = svg.closest(".chart").getBoundingClientRect();
  return drawn.height > 0 && (drawn.bottom > all.bottom + 2 || drawn.right > place.right + 2 || drawn.left < place.left - 2);
}).map((svg) => svg.closest(".chart").id)"""


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("width", [1440, 768, 390])
def test_no_chart_is_cut(browser, width, language):
    browser.set_viewport_size({"width": width, "height": 900})
    go(browser, "2020-12-01/2021-12-31&day=2021-12-30&versus=none", language)
    assert browser.locator(".chart:not([data-empty]) svg.marks").count() > 10
    assert browser.evaluate(CUT) == []


# Pixels that are not of the background, in the strips above, over and below the chart of a PNG.
INK = """async ({ address, above, below }) => {
  const picture = await createImageBitmap(await (await fetch(address)).blob());
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const drawing = canvas.getContext("2d");
  drawing.drawImage(picture, 0, 0);
  const [ground] = new Uint32Array(drawing.getImageData(0, 0, 1, 1).data.buffer);
  const ink = (top, height) =>
    new Uint32Array(drawing.getImageData(0, top, picture.width, height).data.buffer).filter((pixel) => pixel !== ground).length;
  return { width: picture.width, height: picture.height, top: ink(0, above), bottom: ink(picture.height - below, below) };
}"""


@pytest.mark.parametrize("width", [1440, 390])
def test_a_chart_is_taken_away_as_picture_with_its_source_and_as_values(browser, width):
    browser.set_viewport_size({"width": width, "height": 900})
    go(browser, "2021-11-01/2021-11-30&day=2021-11-30&versus=none")
    with browser.expect_download() as download:
        browser.click("#tools-chart-mix .save-picture")
    picture = download.value.path().read_bytes()
    assert download.value.suggested_filename == "chart-mix.png" and picture[:8] == b"\x89PNG\r\n\x1a\n"
    blank = browser.context.browser.new_page()  # its policy lets it read a picture
    address = f"data:image/png;base64,{b64encode(picture).decode()}"
    ink = blank.evaluate(INK, {"address": address, "above": 40, "below": 60})
    blank.close()
    chart = browser.locator("#chart-mix svg.marks").bounding_box()
    assert ink["width"] == pytest.approx(2 * chart["width"] + 64, abs=2)
    assert ink["height"] > 2 * chart["height"] + 120 and ink["top"] > 500 and ink["bottom"] > 500
    with browser.expect_download() as download:
        browser.click("#tools-chart-mix .save-values")
    rows = list(csv.DictReader(download.value.path().read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 30 and float(rows[0]["nuclear, MW"]) > 0


def test_a_year_without_gas_says_so_and_shows_the_rest(browser, tmp_path):
    page = sample_page(FIRST, DAYS)
    gas = [name for name in page.days if re.search("stock|fill|withdrawal|operator|site", name)]
    page.days.update({name: [None] * DAYS for name in gas})
    page.marts["sites"] = {name: [] for name in page.marts["sites"]}
    file = tmp_path / "index.html"
    file.write_text(render(page))
    shown = browser.context.browser.new_page()
    shown.goto(f"{file.as_uri()}#2021-01-01/2021-12-31&language=en")
    shown.wait_for_selector("body[data-drawn]")
    said = shown.inner_text("main")
    assert "No national gas stock is known" in shown.inner_text("#gas")
    assert not re.search(r"\bnull\b|NaN|undefined|Infinity", said)
    for chart in shown.locator("#gas figure:not([hidden]) .chart").all():
        is_drawn = chart.locator(".marks").count() > 0
        empty = chart.get_attribute("data-empty") is not None
        assert is_drawn != empty
        assert not empty or shown.inner_text(f"#{chart.get_attribute('id')}-empty").endswith(".")
    assert shown.locator("#chart-mix .marks").count() == 1
    shown.close()
