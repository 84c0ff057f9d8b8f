"""Measures in a real browser how long a reader waits for the page: from opening it to the first view, and from picking
another period until everything visible shows that period.

A measurement ends with the frame that shows the result: the page sets `data-shown` when everything visible is there,
and the measurement then waits for the next frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from laptop.bench.table import Goal, Result, Say
from laptop.browser import opened

if TYPE_CHECKING:
    from playwright.sync_api import Page

FIRST_VIEW = Goal(1.0, "≤ 1 s")
CHANGE = Goal(100, "≤ 100 ms")
_SIZE = {"width": 1440, "height": 900}  # pixels of the window
_PRESETS = ("days_30", "year", "everything")
# Places on the page where the reader is when picking a period: its head, and the chart of the period.
_PLACES = {"at the head of the page": "glance", "at the chart of the period": "mix"}

# A promise of the milliseconds from `began` to the frame after the page has set `data-shown`.
_SHOWN = """new Promise((resolve) => {
  const end = () => requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
  const watch = new MutationObserver(() => { watch.disconnect(); end(); });
  watch.observe(document.body, { attributeFilter: ["data-shown"] });
"""
_OPENING = f"""document.addEventListener("readystatechange", () => {{
  if (document.readyState === "interactive") {{ const began = 0; window.firstView = {_SHOWN} }}); }}
}});"""
_PICKING = f"""(preset) => {{
  document.body.removeAttribute("data-drawn");
  const began = performance.now();
  return {_SHOWN} document.getElementById(preset).click(); }});
}}"""


def first_view(page: Page, file: Path) -> float:
    """Seconds from opening the file to its first view."""
    page.goto("about:blank")
    page.goto(file.as_uri())
    seconds = float(page.evaluate("window.firstView")) / 1000
    page.wait_for_selector("body[data-drawn]")
    return seconds


def change(page: Page, preset: str) -> float:
    """Milliseconds from picking a preset until everything visible shows it."""
    milliseconds = float(page.evaluate(_PICKING, f"preset-{preset}"))
    page.wait_for_selector("body[data-drawn]")
    return milliseconds


def measure(file: Path, pairs: int, say: Say) -> Iterator[Result]:
    """Three rows of the table.

    :param file: a page of many years.
    """
    say("dashboard: opening the page and picking periods")
    with opened(viewport=_SIZE) as page:
        page.add_init_script(_OPENING)
        first_view(page, file)  # not counted, because it includes the browser's own start
        views = [first_view(page, file) for _ in range(pairs)]
        say(f"  first view: {max(views):.2f} s at most")
        yield Result("its first view, 1440 × 900", "–", FIRST_VIEW, views)
        for words, section in _PLACES.items():
            page.evaluate("id => document.getElementById(id).scrollIntoView()", section)
            for preset in _PRESETS:
                change(page, preset)  # not counted, because it draws charts for the first time
            # The longest of the presets counts.
            changes = [max(change(page, preset) for preset in _PRESETS) for _ in range(pairs)]
            say(f"  changing the period {words}: {max(changes):.0f} ms at most")
            yield Result(f"changing the period {words}", "–", CHANGE, changes, unit="ms")
