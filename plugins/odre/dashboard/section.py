"""What a page is built of: sections, and the charts in them.

A module of `odre.dashboard.sections` makes one section. What the section says in words, and its table, are made by the
script of the same name in `page/sections/`, because they follow the period that is picked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from odre.dashboard.drawing import Drawing


@dataclass(frozen=True)
class Chart:
    """A chart, which the page draws for the days that are picked.

    :param id: names its place in the page; unique on the page.
    :param caption: what it shows, with units where the axes do not say them.
    :param needs: sets of columns of `dashboard_daily`. The chart is drawn if on some day all columns of one of the sets
        are known; otherwise the page says in a sentence what is missing.
    :param drawing: what to draw, from the named data set `days` (see `odre.dashboard.drawing`).
    :param least_days: the chart is drawn for periods of so many days or more.
    :param row_field: the chart is a row high for each value of this field; `None` when its height is fixed.
    """

    id: str
    caption: str
    needs: tuple[tuple[str, ...], ...]
    drawing: Drawing
    least_days: int = 1
    row_field: str | None = None

    @property
    def specification(self) -> dict[str, Any]:
        """Vega-Lite specification, as wide as its place; the page adds data and configuration."""
        made: dict[str, Any] = self.drawing.properties(width="container").to_dict()
        return {key: value for key, value in made.items() if key not in ("$schema", "config")}


@dataclass(frozen=True)
class Section:
    """A subject: its title, an answer in words, charts and a table.

    :param id: names the section's places in the page, its link, and its entry in `page/sections.js`.
    """

    id: str
    title: str
    charts: tuple[Chart, ...]
