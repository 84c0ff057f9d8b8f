"""Everything that the page names exists: columns of its mart, ids and words of its charts."""

from __future__ import annotations

from datetime import date

from odre.dashboard.day_table import day_table
from odre.dashboard.page import context
from odre.dashboard.sections import sections
from odre.dashboard.vocabulary import Vocabulary

from tests.pages import VOCABULARY, mart_columns, one_day

CHARTS = [chart for section in sections(VOCABULARY) for chart in section.charts]


def columns_of(vocabulary: Vocabulary) -> set[str]:
    """Every column of `dashboard_daily` that the page names."""
    told = context(vocabulary)
    named = {name for chart in CHARTS if chart.dataset == "days" for together in chart.needs for name in together}
    named |= {series["column"] for kind in ("sources", "forecasts") for series in told[kind]}
    named |= {border[key] for border in told["borders"] for key in ("export", "import")}
    return named | {shown["column"] for shown in day_table(vocabulary)}


def test_every_column_the_page_names_is_one_of_the_mart():
    unknown = (columns_of(VOCABULARY) | set(one_day(date(2019, 1, 1), 0))) - set(mart_columns())
    assert unknown == set(), "add these columns to include/dbt/models/marts/dashboard/dashboard_daily.sql and its YAML"


def test_every_chart_has_an_id_of_its_own_and_words_for_what_it_needs():
    assert len({chart.id for chart in CHARTS}) == len(CHARTS)
    needed = {name for chart in CHARTS if not chart.empty for together in chart.needs for name in together}
    without = needed - set(VOCABULARY.words)
    assert without == set(), "give these columns words in plugins/odre/dashboard/texts/columns.json"
