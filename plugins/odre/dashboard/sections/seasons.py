"""How the mix changes with the seasons."""

from __future__ import annotations

import altair as alt

from odre.dashboard.drawing import HEIGHT, bars, by_source, color
from odre.dashboard.section import Chart, Section
from odre.dashboard.vocabulary import Vocabulary


def section(vocabulary: Vocabulary) -> Section:
    """Shares by season of the year, a bar each."""
    base = (
        by_source(vocabulary)
        .transform_aggregate(
            energy="sum(energy)", days="count()", groupby=["season_of_year", "season_start", "source", "rank"]
        )
        .transform_joinaggregate(whole="sum(energy)", groupby=["season_of_year"])
        .transform_calculate(share="datum.energy / datum.whole")
    )
    drawing = bars(base).encode(
        y=alt.Y("season_of_year:N", title=None, sort=alt.EncodingSortField("season_start", op="min")),
        x=alt.X("share:Q", title="Share of production", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
        color=color("source:N", vocabulary.palette(vocabulary.sources)),
        order=alt.Order("rank:Q"),
        tooltip=["season_of_year:N", "source:N", alt.Tooltip("share:Q", format=".1%"), "days:Q"],
    )
    caption = "Share of each source in the production, by meteorological season"
    chart = Chart(
        "chart-seasons",
        caption,
        (("production_mwh",),),
        drawing.properties(height=HEIGHT),
        least_days=2,
        row_field="season_of_year",
    )
    return Section("seasons", (chart,))
