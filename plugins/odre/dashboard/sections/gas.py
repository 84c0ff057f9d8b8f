"""Gas in storage: how full, what goes in and out, at which sites, and this winter among others."""

from __future__ import annotations

import altair as alt

from odre.dashboard.drawing import COOL, GREY, HEIGHT, WARM, color, days, legend, when
from odre.dashboard.section import Chart, Section
from odre.dashboard.vocabulary import Vocabulary

# The last day of every month on which a site has reported.
_SITES = (
    "select gas_day as local_date, site, stock_gwh from `{marts}.stg_stock_quotidien_stockages_gaz` "
    "where stock_gwh is not null qualify row_number() over "
    "(partition by site, date_trunc(gas_day, month) order by gas_day desc) = 1 order by gas_day, site"
)
# Letters of the longest name of a site.
_SITE_LETTERS = 10
# The contract's sites in colours that the colour-blind can tell apart.
_SITES_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#5A5A5A")
_PANEL = 150  # pixels of a panel under another one


def section(vocabulary: Vocabulary) -> Section:
    """Fill level in its range, winters, flows, temperature, sites."""
    charts = (_fill(vocabulary), _winters(vocabulary), _flows(vocabulary), _temperature(vocabulary), _sites(vocabulary))
    return Section("gas", charts, reads={"sites": _SITES})


def _fill(vocabulary: Vocabulary) -> Chart:
    def percent(field: str, key: str) -> alt.Tooltip:
        return alt.Tooltip(f"{field}:Q", format=".1%", title=vocabulary.text(key))

    tooltip = [
        alt.Tooltip("day_name:N", title=vocabulary.text("charts.when")),
        percent("fill_level", "gas.fill"),
        percent("fill_previous_years_mean", "gas.mean"),
        percent("fill_previous_years_min", "gas.lowest"),
        percent("fill_previous_years_max", "gas.highest"),
    ]
    scale = alt.Scale(domain=[0, 1])
    axis = alt.Axis(format=".0%", tickCount=5)
    names = {
        "this": vocabulary.text("gas.fill"),
        "mean": vocabulary.text("gas.mean"),
        "range": vocabulary.text("gas.range"),
    }
    base = alt.Chart(alt.NamedData("fill")).encode(x=when(), tooltip=tooltip)

    def series(key: str, field: str, chart: alt.Chart) -> alt.Chart:
        made: alt.Chart = chart.transform_calculate(series=f"'{names[key]}'").encode(
            y=alt.Y(f"{field}:Q", title=vocabulary.text("gas.fill_axis"), scale=scale, axis=axis)
        )
        return made

    colours = {names["this"]: WARM, names["mean"]: GREY, names["range"]: "#9CB4CC"}
    band = series("range", "fill_previous_years_min", base.mark_area(opacity=0.45)).encode(
        y2="fill_previous_years_max:Q", color=color("series:N", colours)
    )
    mean = series("mean", "fill_previous_years_mean", base.mark_line(strokeDash=[5, 3], strokeWidth=1.5)).encode(
        color=color("series:N", colours)
    )
    this = series("this", "fill_level", base.mark_line(strokeWidth=2.5)).encode(color=color("series:N", colours))
    return Chart(
        "chart-fill",
        vocabulary.text("gas.fill_caption"),
        (("fill_level",),),
        alt.layer(band, mean, this).properties(height=HEIGHT),
        dataset="fill",
        least_days=2,
        empty=vocabulary.text("gas.unfilled"),
    )


def _winters(vocabulary: Vocabulary) -> Chart:
    this, others = vocabulary.text("gas.this_winter"), vocabulary.text("gas.other_winters")
    base = alt.Chart(alt.NamedData("winters")).encode(
        x=alt.X(
            "day_of_winter:T",
            title=None,
            scale=alt.Scale(type="utc"),
            axis=alt.Axis(format="%b", tickCount="month", grid=False),
        ),
        y=alt.Y("taken_twh:Q", title=vocabulary.text("gas.winters_axis"), axis=alt.Axis(tickCount=6)),
        detail="winter:N",
        tooltip=[
            alt.Tooltip("winter:N", title=vocabulary.text("gas.winter")),
            alt.Tooltip("day_name:N", title=vocabulary.text("charts.when")),
            alt.Tooltip("taken_twh:Q", format=",.1f", title=vocabulary.text("gas.winters_axis")),
        ],
    )
    colours = {this: WARM, others: GREY}
    lines = base.transform_calculate(series=f"datum.is_picked ? '{this}' : '{others}'")
    other = lines.transform_filter("!datum.is_picked").mark_line(opacity=0.45, strokeWidth=1.2)
    picked = lines.transform_filter("datum.is_picked").mark_line(strokeWidth=2.8)
    ends = (
        lines.transform_filter("datum.is_last")
        .mark_text(align="left", dx=3, fontSize=10)
        .encode(text="winter:N", color=color("series:N", colours))
    )
    return Chart(
        "chart-winters",
        vocabulary.text("gas.winters_caption"),
        (("taken_twh",),),
        alt.layer(
            other.encode(color=color("series:N", colours)), picked.encode(color=color("series:N", colours)), ends
        ).properties(height=HEIGHT),
        dataset="winters",
        empty=vocabulary.text("gas.winters_empty"),
    )


def _flows(vocabulary: Vocabulary) -> Chart:
    out, into = vocabulary.text("gas.withdrawn"), vocabulary.text("gas.injected")
    drawing = (
        days()
        .transform_filter("isValid(datum.net_withdrawal_gwh)")
        .transform_aggregate(
            gwh="mean(net_withdrawal_gwh)", known="count()", groupby=["bucket", "bucket_end", "bucket_name"]
        )
        .transform_calculate(kind=f"datum.gwh < 0 ? '{into}' : '{out}'", zero="0")
        .mark_rect()
        .encode(
            x=when(),
            x2="bucket_end:T",
            y=alt.Y("zero:Q", title=vocabulary.text("gas.flows_axis"), axis=alt.Axis(tickCount=5, format=",.0f")),
            y2="gwh:Q",
            color=color("kind:N", {out: WARM, into: COOL}),
            tooltip=[
                alt.Tooltip("bucket_name:N", title=vocabulary.text("charts.when")),
                alt.Tooltip("gwh:Q", format=",.0f", title=vocabulary.text("gas.flows_axis")),
                alt.Tooltip("known:Q", title=vocabulary.text("gas.days")),
            ],
        )
        .properties(height=_PANEL)
    )
    return Chart("chart-flows", vocabulary.text("gas.flows_caption"), (("net_withdrawal_gwh",),), drawing, least_days=2)


def _temperature(vocabulary: Vocabulary) -> Chart:
    title = vocabulary.text("gas.temperature_axis")
    drawing = (
        days()
        .transform_filter("isValid(datum.mean_celsius)")
        .transform_aggregate(celsius="mean(mean_celsius)", groupby=["bucket", "bucket_name"])
        .mark_line(color=COOL, strokeWidth=1.8)
        .encode(
            x=when(),
            y=alt.Y("celsius:Q", title=title, axis=alt.Axis(tickCount=5)),
            tooltip=[
                alt.Tooltip("bucket_name:N", title=vocabulary.text("charts.when")),
                alt.Tooltip("celsius:Q", format=",.1f", title=title),
            ],
        )
        .properties(height=_PANEL)
    )
    return Chart(
        "chart-temperature", vocabulary.text("gas.temperature_caption"), (("mean_celsius",),), drawing, least_days=2
    )


def _sites(vocabulary: Vocabulary) -> Chart:
    drawing = (
        alt.Chart(alt.NamedData("sites"))
        .mark_area(interpolate="linear", stroke=GREY, strokeWidth=0.4)
        .encode(
            x=when(),
            y=alt.Y("stock_twh:Q", title=vocabulary.text("gas.sites_axis"), stack="zero", axis=alt.Axis(tickCount=5)),
            color=alt.Color("site:N", scale=alt.Scale(range=list(_SITES_COLOURS)), legend=legend(_SITE_LETTERS)),
            tooltip=[
                alt.Tooltip("bucket_name:N", title=vocabulary.text("charts.when")),
                alt.Tooltip("site:N", title=vocabulary.text("gas.site")),
                alt.Tooltip("stock_twh:Q", format=",.1f", title=vocabulary.text("gas.sites_axis")),
            ],
        )
        .properties(height=HEIGHT)
    )
    return Chart(
        "chart-sites",
        vocabulary.text("gas.sites_caption"),
        (("stock_twh",),),
        drawing,
        dataset="sites",
        empty=vocabulary.text("gas.sites_empty"),
    )
