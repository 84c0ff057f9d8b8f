"""What France's electricity is made of over a period, and what has changed since another one."""

from __future__ import annotations

import altair as alt

from odre.dashboard.drawing import GREY, bars, flows, keys_of, stacked, when
from odre.dashboard.section import Chart, Section
from odre.dashboard.vocabulary import Vocabulary, energy_column

_NEEDS = (("production_mwh",),)


def section(vocabulary: Vocabulary) -> Section:
    """The mix over time, and its differences from the period that it is compared with."""
    return Section("mix", (_stack(vocabulary), _differences(vocabulary)))


def _stack(vocabulary: Vocabulary) -> Chart:
    text = vocabulary.text
    sources = {energy_column(s): (vocabulary.label(s), s.color) for s in vocabulary.sources}
    lines: dict[str, tuple[str, list[int], float]] = {
        "consumption_mw": (text("mix.consumption"), [1, 0], 1.8),
        "peak_consumption_mw": (text("mix.peak"), [2, 2], 1.2),
    }
    steps = alt.Chart(alt.NamedData("mix_steps"))
    first = alt.Tooltip("bucket_name:N", title=text("charts.when"))
    series = sources | flows(vocabulary)
    return Chart(
        "chart-mix",
        text("mix.stack_caption"),
        _NEEDS,
        stacked(steps, when(), series, lines, first).properties(height=320),
        dataset="mix_steps",
        least_days=2,
        series=keys_of(series),
        along="bucket",
    )


def _differences(vocabulary: Vocabulary) -> Chart:
    text = vocabulary.text
    base = alt.Chart(alt.NamedData("mix_differences")).encode(
        y=alt.Y("name:N", sort=alt.EncodingSortField("rank", op="min"), title=None),
        x=alt.X("gw:Q", title=text("mix.difference_axis"), axis=alt.Axis(tickCount=6)),
        tooltip=[
            alt.Tooltip("name:N", title=text("charts.source")),
            alt.Tooltip("before:Q", format=",.2f", title=text("mix.before_tooltip")),
            alt.Tooltip("now:Q", format=",.2f", title=text("mix.now_tooltip")),
            alt.Tooltip("gw:Q", format="+,.2f", title=text("mix.difference_axis")),
        ],
    )
    drawn = bars(base).encode(color=alt.Color("color:N", scale=None))
    zero = alt.Chart(alt.NamedData("mix_differences")).transform_aggregate(n="count()").mark_rule(color=GREY)
    drawing = alt.layer(drawn, zero.encode(x=alt.datum(0))).properties(height=320)
    return Chart(
        "chart-differences",
        text("mix.differences_caption"),
        (("gw",),),
        drawing,
        dataset="mix_differences",
        empty=text("mix.not_comparable"),
    )
