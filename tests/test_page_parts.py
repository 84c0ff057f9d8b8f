"""The parts of the page: valid charts, colours that all readers can tell apart, gaps as spans, modules in one file."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, timezone
from threading import Barrier

import pytest
import vl_convert
from odre.dashboard.data import read_page, reads, spans
from odre.dashboard.modules import import_map
from odre.dashboard.sections import sections
from odre.dashboard.vocabulary import CATEGORIES, SEASONS

from laptop.environment import REPOSITORY
from laptop.manifest import PROJECT
from tests.pages import VOCABULARY

FOLDER = REPOSITORY / "plugins" / "odre" / "dashboard" / "page"


def linear(colour: str) -> list[float]:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]


# What is left of red, green and blue without red or green cones: Viénot, Brettel and Mollon (1999), linear RGB.
PROTANOPIA = (0.11238, 0.88762)
DEUTERANOPIA = (0.29275, 0.70725)


@pytest.mark.parametrize("cones", [PROTANOPIA, DEUTERANOPIA])
@pytest.mark.parametrize(
    "colours", [VOCABULARY.palette(VOCABULARY.sources), VOCABULARY.palette(VOCABULARY.borders), SEASONS, CATEGORIES]
)
def test_the_colour_blind_tell_colours_apart(colours, cones):
    seen = {}
    for name, colour in colours.items():
        red, green, blue = linear(colour)
        seen[name] = [(part**0.45) for part in (cones[0] * red + cones[1] * green, blue)]
    names = list(colours)
    apart = {(one, other): math.dist(seen[one], seen[other]) for i, one in enumerate(names) for other in names[:i]}
    assert min(apart.values()) > 0.1, min(apart, key=apart.get)


CHARTS = [chart for section in sections(VOCABULARY) for chart in section.charts]


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.id)
def test_every_chart_is_valid_vega_lite(chart):
    """The page does not validate: Altair raises here what is wrong."""
    validated = chart.drawing.properties(width="container").to_dict(validate=True)
    assert {name: validated[name] for name in chart.specification} == chart.specification


@pytest.mark.parametrize("years", [["records.last_year"], ["records.last_year", "records.year_before"]])
def test_the_legend_of_the_duration_curve_names_the_years_that_have_one(years):
    [chart] = [chart for chart in CHARTS if chart.id == "chart-duration"]
    rows = [{"year": VOCABULARY.text(year), "part": part, "gw": 50 - part} for year in years for part in (0, 1)]
    drawn = vl_convert.vegalite_to_svg(chart.drawing.to_dict() | {"datasets": {"duration": rows}})
    both = ("records.last_year", "records.year_before")
    assert [year for year in both if f">{VOCABULARY.text(year)}<" in drawn] == years


def test_the_import_map_names_every_module_and_only_modules_that_exist(tmp_path):
    imports = import_map(FOLDER)["imports"]
    assert {name.removeprefix("page/") for name in imports} == {
        p.relative_to(FOLDER).as_posix() for p in FOLDER.rglob("*.js")
    }
    (tmp_path / "a.js").write_text('import { b } from "./gone.js";\n')
    with pytest.raises(ValueError, match=r"page/a\.js imports \./gone\.js, which is no module of the page"):
        import_map(tmp_path)


def test_the_average_day_has_the_seasons_of_the_marts():
    """The page counts them by the month, so that its query reads one table less."""
    macro = re.findall(r"in \(([\d, ]+)\) then '(\w+)'", (PROJECT / "macros" / "categories.sql").read_text())
    months = {int(month): season for of_season, season in macro for month in of_season.split(",")}
    assert len(months) == 9
    assert [list(SEASONS)[month % 12 // 3] for month in range(1, 13)] == [
        months.get(month, "autumn") for month in range(1, 13)
    ]


def test_days_that_follow_each_other_are_one_gap():
    late = {"source_table": "stock_quotidien_stockages_gaz", "reason": "operators that are late"}
    days = [date(2022, 1, 30), date(2022, 1, 31), date(2022, 2, 1), date(2022, 2, 3)]
    found = spans([late | {"missing": "Teréga", "local_date": day} for day in days])
    assert [(gap["first"], gap["last"]) for gap in found] == [(days[0], days[2]), (days[3], days[3])]


class AllAsked(Exception):
    """Everything was asked for before anything was answered."""


class Silent:
    """Stands for BigQuery's client and answers nothing before everything has been asked for."""

    def __init__(self, questions: int) -> None:
        self._asked = Barrier(questions, timeout=60)

    def get_table(self, name: str) -> None:
        self._asked.wait()
        raise AllAsked(name)

    query_and_wait = get_table


def test_the_page_asks_for_everything_at_once():
    """One after the other, every table and query would add the time that BigQuery takes to answer it."""
    with pytest.raises(AllAsked):
        read_page(Silent(len(reads("p.d"))), "p.d", datetime(2022, 1, 1, tzinfo=timezone.utc), ())
