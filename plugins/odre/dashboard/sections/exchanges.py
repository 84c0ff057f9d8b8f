"""Trade of electricity with the neighbours: imports and exports of every border over time, and of all together."""

from __future__ import annotations

import altair as alt

from odre.dashboard.drawing import COOL, GREY, HEIGHT, WARM, color, labelled, legend, when
from odre.dashboard.section import Chart, Section
from odre.dashboard.vocabulary import Vocabulary
from odre.measures import Measure

_BORDER_HEIGHT = 90  # pixels; one border under another


def section(vocabulary: Vocabulary) -> Section:
    """All borders together, commercial and physical net exports, destinations, and every border."""
    borders = tuple(_border(vocabulary, border) for border in vocabulary.borders)
    return Section("exchanges", (_all(vocabulary), _net(vocabulary), *borders, _destinations(vocabulary)))


def _when(vocabulary: Vocabulary) -> alt.Tooltip:
    return alt.Tooltip("bucket_name:N", title=vocabulary.text("charts.when"))


def _gwh(vocabulary: Vocabulary, field: str, key: str) -> alt.Tooltip:
    return alt.Tooltip(f"{field}:Q", format=",.1f", title=vocabulary.text(key))


def _all(vocabulary: Vocabulary) -> Chart:
    title = vocabulary.text("exchanges.axis")
    base = alt.Chart(alt.NamedData("borders")).encode(x=when())
    stack = base.mark_rect().encode(
        x2="bucket_end:T",
        y=alt.Y("low:Q", title=title, axis=alt.Axis(tickCount=6, format=",.0f")),
        y2="high:Q",
        color=color("border:N", vocabulary.palette(vocabulary.borders)),
        tooltip=[
            _when(vocabulary),
            alt.Tooltip("border:N", title=vocabulary.text("exchanges.head_border")),
            alt.Tooltip("direction:N", title=vocabulary.text("exchanges.direction")),
            _gwh(vocabulary, "gwh", "exchanges.gwh_a_day"),
        ],
    )
    zero = base.mark_rule(color=GREY).encode(x=alt.value(0), x2=alt.value("width"), y=alt.datum(0))
    return Chart(
        "chart-exchanges",
        vocabulary.text("exchanges.all_caption"),
        (("gwh",),),
        alt.layer(stack, zero).properties(height=HEIGHT),
        dataset="borders",
        least_days=2,
        empty=vocabulary.text("exchanges.none"),
    )


def _net(vocabulary: Vocabulary) -> Chart:
    colours = {
        vocabulary.text("exchanges.commercial"): WARM,
        vocabulary.text("exchanges.physical"): COOL,
    }
    base = alt.Chart(alt.NamedData("net_exports")).encode(x=when())
    line = base.mark_line(strokeWidth=1.8).encode(
        y=alt.Y("gwh:Q", title=vocabulary.text("exchanges.net_axis"), axis=alt.Axis(tickCount=6, format=",.0f")),
        color=color("kind:N", colours),
        strokeDash=alt.StrokeDash(
            "kind:N",
            scale=alt.Scale(domain=list(colours), range=[[1, 0], [5, 2]]),
            legend=legend(max(map(len, colours))),
        ),
        tooltip=[
            _when(vocabulary),
            alt.Tooltip("kind:N", title=vocabulary.text("exchanges.kind")),
            _gwh(vocabulary, "gwh", "exchanges.net_axis"),
        ],
    )
    zero = base.mark_rule(color=GREY).encode(x=alt.value(0), x2=alt.value("width"), y=alt.datum(0))
    return Chart(
        "chart-net-exports",
        vocabulary.text("exchanges.net_caption"),
        (("gwh",),),
        alt.layer(zero, line).properties(height=HEIGHT),
        dataset="net_exports",
        least_days=2,
        empty=vocabulary.text("exchanges.none"),
    )


def _border(vocabulary: Vocabulary, border: Measure) -> Chart:
    name = vocabulary.label(border)
    base = alt.Chart(alt.NamedData("borders")).transform_filter(f"datum.border == '{name}'").encode(x=when())
    # An invisible point at the greatest flow of any border gives all borders the same scale.
    scale = base.mark_point(opacity=0).encode(y="most:Q")
    bars = base.mark_rect().encode(
        x2="bucket_end:T",
        y=alt.Y("zero:Q", title=None, axis=alt.Axis(tickCount=3, format=",.0f")),
        y2="drawn:Q",
        color=alt.condition("datum.drawn < 0", alt.value(COOL), alt.value(WARM)),
        tooltip=[
            _when(vocabulary),
            alt.Tooltip("direction:N", title=vocabulary.text("exchanges.direction")),
            _gwh(vocabulary, "gwh", "exchanges.gwh_a_day"),
        ],
    )
    return Chart(
        f"chart-{border.name.replace('_', '-').removesuffix('-mw')}",
        vocabulary.text("exchanges.border_caption", border=name),
        (("gwh",),),
        alt.layer(bars, scale).properties(height=_BORDER_HEIGHT),
        dataset="borders",
        least_days=2,
        empty=vocabulary.text("exchanges.none"),
    )


def _destinations(vocabulary: Vocabulary) -> Chart:
    text = "(datum.gwh < 100 ? format(datum.gwh, ',.1f') + ' GWh' : format(datum.gwh / 1000, ',.2f') + ' TWh')"
    return Chart(
        "chart-destinations",
        vocabulary.text("exchanges.destinations_caption"),
        (("gwh",),),
        labelled(
            alt.Chart(alt.NamedData("destinations")),
            "border",
            "gwh",
            vocabulary.palette(vocabulary.borders),
            text,
            height=200,
        ),
        dataset="destinations",
        empty=vocabulary.text("exchanges.none"),
    )
