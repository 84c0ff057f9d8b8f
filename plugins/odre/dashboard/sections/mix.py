"""What France's electricity is made of."""

from __future__ import annotations

import altair as alt

from odre.dashboard.drawing import HEIGHT, by_source, color, labelled, when
from odre.dashboard.section import Chart, Section
from odre.dashboard.vocabulary import Vocabulary, palette


def section(vocabulary: Vocabulary) -> Section:
    """The mix over time and its totals."""
    return Section("mix", "The mix", (_shares(vocabulary), _totals(vocabulary)))


def _shares(vocabulary: Vocabulary) -> Chart:
    drawing = (
        by_source(vocabulary.sources)
        .transform_aggregate(energy="sum(energy)", groupby=["bucket", "bucket_end", "bucket_name", "source", "rank"])
        .transform_stack(
            stack="energy", as_=["low", "high"], groupby=["bucket"], sort=[alt.SortField("rank")], offset="normalize"
        )
        .transform_calculate(share="datum.high - datum.low")
        .mark_rect()
        .encode(
            x=when(),
            x2="bucket_end:T",
            y=alt.Y("low:Q", title="Share of production", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
            y2="high:Q",
            color=color("source:N", palette(vocabulary.sources)),
            tooltip=[
                alt.Tooltip("bucket_name:N", title="when"),
                "source:N",
                alt.Tooltip("share:Q", format=".1%"),
                alt.Tooltip("energy:Q", format=",.0f", title="MWh"),
            ],
        )
        .properties(height=HEIGHT)
    )
    caption = "Share of each source in the production, by day (over long periods by month)"
    return Chart("chart-shares", caption, (("production_mwh",),), drawing, least_days=2)


def _totals(vocabulary: Vocabulary) -> Chart:
    base = (
        by_source(vocabulary.sources)
        .transform_aggregate(energy="sum(energy)", groupby=["source"])
        .transform_calculate(gwh="datum.energy / 1000")
    )
    text = "(datum.gwh < 100 ? format(datum.gwh, ',.1f') + ' GWh' : format(datum.gwh / 1000, ',.3f') + ' TWh')"
    drawing = labelled(base, "source", "gwh", palette(vocabulary.sources), text, height=220)
    return Chart("chart-totals", "Energy per source over the period", (("production_mwh",),), drawing)
