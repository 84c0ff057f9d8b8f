"""Pieces that charts of several sections share, in Altair.

Every chart reads the named data set `days`, which the page fills with the days of the period, or a data set that the
script of a section makes. `days` has one row per day with the columns of the mart `dashboard_daily` (MWh, GWh, °C) and
those that `page/days.js` adds: `day_name`; `bucket`, `bucket_end` and `bucket_name`, the day itself or, over long
periods, its week or month. Buckets are milliseconds at midnight UTC, and their axes are in UTC, so that no time zone
shifts a day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import altair as alt

from odre.dashboard.vocabulary import FLOWS, Vocabulary

HEIGHT = 260  # pixels
# The data set of a stack's areas, one row per step and series; `page/charts.js` makes it from the rows of the chart.
SERIES = "series"
# Both colours can be seen on white and on black.
WARM, COOL, GREY = "#D55E00", "#2683C6", "#808080"
# Pixels right of the longest bar, for its label.
_LABEL_ROOM = 128
# Every label names its year, because a month without a year is ambiguous.
_TICK = "[utcFormat(datum.value, utcdate(datum.value) == 1 ? '%B' : '%-d %b'), utcFormat(datum.value, '%Y')]"


Drawing = alt.Chart | alt.LayerChart | alt.FacetChart


def days() -> alt.Chart:
    """A chart of the days of the period."""
    return alt.Chart(alt.NamedData("days"))


def bars(base: alt.Chart) -> alt.Chart:
    """Horizontal bars, outlined because pale colours are hard to see, and never too fat."""
    drawn: alt.Chart = base.mark_bar(height=alt.expr("min(26, bandwidth('y'))"), stroke=GREY, strokeWidth=0.5)
    return drawn


def when() -> alt.X:
    """The axis of time: days, or months over long periods."""
    axis = alt.Axis(labelExpr=_TICK, labelOverlap=True, tickCount=alt.expr("max(2, floor(width / 90))"))
    return alt.X("bucket:T", title=None, scale=alt.Scale(type="utc"), axis=axis)


def _shown(key: str) -> str:
    """A Vega expression that tells whether the reader shows a series. The chart must have the parameter `hidden`, which
    lists the keys of the series that the reader hides.

    :param key: Vega expression of the key of the series.
    """
    return f"indexof(hidden, {key}) < 0"


def key_of(column: str) -> str:
    """The key of a series, from its column in MW or MWh."""
    return re.sub(r"_mwh?$", "", column)


def keys_of(columns: Iterable[str]) -> dict[str, str]:
    """The keys of series by their columns, as `odre.dashboard.section.Chart.series` takes them."""
    return {column: key_of(column) for column in columns}


def legend(letters: int) -> alt.Legend:
    """A legend below the chart, in as many columns as fit beside each other for names of up to `letters` letters."""
    column = 30 + 7 * letters  # pixels: the symbol, and a letter of the labels' font
    # The width available is that of the chart's place less the axis: the width of the plot is known only after the
    # height of the legend. Naming `width` makes Vega compute the columns again when the window changes.
    columns = alt.expr(f"max(1, floor((containerSize()[0] - 60 + 0 * width) / {column}))")
    return alt.Legend(title=None, orient="bottom", columns=columns, labelLimit=200, symbolOpacity=1)


def color(field: str, colours: dict[str, str], *, shown: bool = True) -> alt.Color:
    """Colour by a field.

    :param colours: value of the field → colour, in the order of the legend.
    :param shown: whether there is a legend.
    """
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    return alt.Color(field, scale=scale, legend=legend(max(map(len, colours))) if shown else None)


def stacked(
    data: alt.Chart,
    x: alt.X,
    series: dict[str, tuple[str, str | None]],
    lines: dict[str, tuple[str, list[int], float]],
    first: alt.Tooltip,
) -> Drawing:
    """Areas in a stack, negative values below zero, and lines over them. The reader hides series with `hidden`, and
    points at a step to read all of its values. The chart must give the same columns in `Chart.series`, and the column
    of `x` in `Chart.along`.

    :param data: one row per step, values in MW, and a last row with `closing` at the end of the last step.
    :param series: column → displayed name, colour; in the order of the stack.
    :param lines: column → displayed name, dashes, width in pixels.
    :param first: first line of the tooltip, which says which step it is.
    """
    names = {column: name for column, (name, _) in series.items()}
    colours = {key_of(column): str(color) for column, (_, color) in series.items()}
    gw = alt.Y("gw:Q", title="GW", axis=alt.Axis(tickCount=7, minExtent=42))
    areas = (
        alt.Chart(alt.NamedData(SERIES))
        .transform_filter(_shown("datum.key"))
        .mark_area(interpolate="step-after", strokeWidth=0)
        .encode(x=x, y=gw, color=color("key:N", colours, shown=False), order=alt.Order("rank:Q"))
    )
    zero = data.transform_aggregate(n="count()").mark_rule(color=GREY).encode(y=alt.datum(0))
    drawn = [
        data.transform_filter(_shown(f"'{key_of(column)}'"))
        .transform_calculate(gw=f"isValid(datum.{column}) ? datum.{column} / 1000 : null")
        .mark_line(interpolate="step-after", strokeWidth=width, strokeDash=dash, stroke=alt.expr("ink"))
        .encode(x=x, y=gw)
        for column, (_, dash, width) in lines.items()
    ]
    told = {column: name for column, (name, *_) in lines.items()} | names
    values = [alt.Tooltip(f"{column}:Q", format=",.0f", title=f"{name}, MW") for column, name in told.items()]
    # The reader points at a rectangle as wide as the step, because finding the nearest of many thin marks is slower.
    pointed = alt.selection_point(name="pointed", on="pointerover", clear="pointerout", empty=False, encodings=["x"])
    hover = (
        data.transform_filter("!datum.closing")
        .mark_rect(fill=alt.expr("ink"))
        .encode(
            x=x,
            x2=f"{x.shorthand.split(':')[0]}_end:T",
            opacity=alt.condition(pointed, alt.value(0.2), alt.value(0)),
            tooltip=[first, *values],
        )
        .add_params(pointed)
    )
    layers: Drawing = alt.layer(areas, zero, *drawn, hover).add_params(
        alt.param(name="hidden", value=[]), alt.param(name="ink", value="#000")
    )
    return layers


def flows(vocabulary: Vocabulary) -> dict[str, tuple[str, str | None]]:
    """The series of a stack other than the sources: column of the page's rows → displayed name, colour."""
    return {key: (vocabulary.text(f"flows.{key}"), colour) for key, colour in FLOWS.items()}


def labelled(base: alt.Chart, field: str, value: str, colours: dict[str, str], text: str, height: int) -> Drawing:
    """Bars, the longest first, each labelled with its value and its part of the whole.

    :param base: one row per bar.
    :param field: field with the displayed name of the bar.
    :param value: field with the length of the bar.
    :param colours: displayed name → colour.
    :param text: Vega expression of the value as displayed text.
    :param height: pixels.
    """
    share = f"format(datum.whole ? datum.{value} / datum.whole : 0, '.1%')"
    base = (
        base.transform_joinaggregate(whole=f"sum({value})")
        .transform_calculate(label=f"{text} + ' · ' + {share}")
        .encode(
            y=alt.Y(f"{field}:N", sort=alt.EncodingSortField(value, op="max", order="descending"), title=None),
            x=alt.X(
                f"{value}:Q",
                axis=None,
                scale=alt.Scale(range=[0, alt.expr(f"max(20, width - {_LABEL_ROOM})")]),
            ),
            tooltip=[f"{field}:N", "label:N"],
        )
    )
    drawn = bars(base).encode(color=color(f"{field}:N", colours, shown=False))
    return alt.layer(drawn, base.mark_text(align="left", dx=5).encode(text="label:N")).properties(height=height)


def over_time(columns: dict[str, tuple[str, str]], axis: str, told: tuple[str, str]) -> alt.Chart:
    """A line of means for each of the columns, told apart by colour and dash.

    :param columns: name → column of a day, colour.
    :param axis: title of the values, with their unit.
    :param told: titles of the tooltip for the time and for the names.
    """
    names = {column: name for name, (column, _) in columns.items()}
    colours = {name: colour for name, (_, colour) in columns.items()}
    dashes = alt.Scale(domain=list(columns), range=[[1, 0], [5, 2], [2, 2], [8, 2, 2, 2]][: len(columns)])
    chart: alt.Chart = (
        days()
        .transform_fold(list(names), as_=["key", "value"])
        .transform_calculate(kind=f"{names}[datum.key]")
        .transform_aggregate(value="mean(value)", groupby=["bucket", "bucket_name", "kind"])
        .mark_line(point={"size": 10})  # the dot shows a day without neighbours, which a line cannot show
        .encode(
            x=when(),
            y=alt.Y("value:Q", title=axis),
            color=color("kind:N", colours),
            strokeDash=alt.StrokeDash("kind:N", scale=dashes, legend=legend(max(map(len, columns)))),
            tooltip=[
                alt.Tooltip("bucket_name:N", title=told[0]),
                alt.Tooltip("kind:N", title=told[1]),
                alt.Tooltip("value:Q", format=",.1f", title=axis),
            ],
        )
        .properties(height=HEIGHT)
    )
    return chart
