"""What France's electricity is made of."""

from __future__ import annotations

import altair as alt

from odre.dashboard.drawing import HEIGHT, by_source, color, labelled, when
from odre.dashboard.section import Chart, Section
from odre.dashboard.vocabulary import Vocabulary


def section(vocabulary: Vocabulary) -> Section:
    """The mix over time and its totals."""
    return Section("mix", (_shares(vocabulary), _totals(vocabulary)))


def _shares(vocabulary: Vocabulary) -> Chart:
    text = vocabulary.text
    share = alt.Y("low:Q", title=text("mix.share_axis"), axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1]))
    drawing = (
        by_source(vocabulary)
        .transform_aggregate(energy="sum(energy)", groupby=["bucket", "bucket_end", "bucket_name", "source", "rank"])
        .transform_stack(
            stack="energy", as_=["low", "high"], groupby=["bucket"], sort=[alt.SortField("rank")], offset="normalize"
        )
        .transform_calculate(share="datum.high - datum.low")
        .mark_rect()
        .encode(
            x=when(),
            x2="bucket_end:T",
            y=share,
            y2="high:Q",
            color=color("source:N", vocabulary.palette(vocabulary.sources)),
            tooltip=[
                alt.Tooltip("bucket_name:N", title=text("charts.when")),
                alt.Tooltip("source:N", title=text("charts.source")),
                alt.Tooltip("share:Q", format=".1%", title=text("charts.share")),
                alt.Tooltip("energy:Q", format=",.0f", title="MWh"),
            ],
        )
        .properties(height=HEIGHT)
    )
    return Chart("chart-shares", vocabulary.text("mix.shares_caption"), (("production_mwh",),), drawing, least_days=2)


def _totals(vocabulary: Vocabulary) -> Chart:
    base = (
        by_source(vocabulary)
        .transform_aggregate(energy="sum(energy)", groupby=["source"])
        .transform_calculate(gwh="datum.energy / 1000")
    )
    text = "(datum.gwh < 100 ? format(datum.gwh, ',.1f') + ' GWh' : format(datum.gwh / 1000, ',.3f') + ' TWh')"
    drawing = labelled(base, "source", "gwh", vocabulary.palette(vocabulary.sources), text, height=220)
    return Chart("chart-totals", vocabulary.text("mix.totals_caption"), (("production_mwh",),), drawing)
