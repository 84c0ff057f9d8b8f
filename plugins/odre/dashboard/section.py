"""The parts of a page: sections, and the charts in them.

A section is three files of the same name: a module of `odre.dashboard.sections` with a function `section(vocabulary)`,
a script in `page/sections/`, and the texts of both in `texts/`, where `title` is its title. The script exports

- `finding(rows, context)`: one or more sentences about the period; `null` hides the section;
- `table(rows, context)`, where it has a table: `{caption, heads, lines}`, or `null`;
- `datasets(rows, context)`, where its charts read more than the days: name of a data set → its rows;
- `signals(rows, context)`, where its charts have parameters: name of a parameter → its value;
- `content(rows, context)`, where it shows more: a list of nodes, each a text or `[tag, attributes, ...nodes]`.

`rows` are the days of the period, as `page/days.js` makes them. `context` has what `odre.dashboard.page.context` makes,
and what the reader has picked (`contextOf` in `page/page.js`): `all` days, the `period` as its first and last day, the
`day` with its `steps`, the `compared` period, and `marts`, the rows of each of the sections' `reads`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from odre.dashboard.drawing import Drawing
from odre.dashboard.listed import Listed


@dataclass(frozen=True)
class Chart:
    """A chart, which the page draws for the days of the period.

    :param id: id of its place in the page; unique on the page.
    :param caption: what it shows, with units where the axes do not say them.
    :param needs: sets of columns of its data set. The chart is drawn when some row has values in all columns of one of
        the sets; otherwise a sentence says what is missing (`columns` of the texts has the words).
    :param drawing: what to draw (see `odre.dashboard.drawing`). The fields of its first tooltip are what a table and a
        CSV of its values show.
    :param dataset: the named data set that it draws: `days`, or one that the section's script makes.
    :param least_days: the chart is drawn for periods of at least this many days.
    :param empty: the sentence that takes the place of a chart that cannot be drawn; `None` for a sentence that names
        the columns without values.
    :param series: columns of its data set, MW, in the order of the stack from the bottom up → key of the series. The
        page's script turns them into one row per step and series, because Vega takes twice as long for that.
    :param along: column of its data set along which the series are stacked.
    :param renderer: `svg`, which is sharp in print, or `canvas` for charts of thousands of marks.
    """

    id: str
    caption: str
    needs: tuple[tuple[str, ...], ...]
    drawing: Drawing
    dataset: str = "days"
    least_days: int = 1
    empty: str | None = None
    series: Mapping[str, str] = field(default_factory=dict)
    along: str = ""
    renderer: str = "svg"

    @cached_property
    def specification(self) -> dict[str, Any]:
        """Vega-Lite specification, as wide as its place; the page adds data and configuration."""
        # The tests validate what is made here; doing it again takes a second of every run.
        made: dict[str, Any] = self.drawing.properties(width="container").to_dict(validate=False)
        return {key: value for key, value in made.items() if key not in ("$schema", "config")}


@dataclass(frozen=True)
class Section:
    """A subject: its title, an answer in words, charts and a table.

    :param id: id of the section and of its link in the page; the property `name` names its files.
    :param reads: what it reads besides `dashboard_daily`: name, unique on the page → a small mart that is listed, or a
        SELECT on `` `{marts}.<mart>` ``. The page carries all of these rows, so they should be few.
    """

    id: str
    charts: tuple[Chart, ...]
    reads: Mapping[str, str | Listed] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name of the section's module, script and texts."""
        return self.id.replace("-", "_")
