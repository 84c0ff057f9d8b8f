"""The charts, as Vega-Lite specifications made by Altair.

Every chart reads the named data set `days`, which the page fills with the days that are picked: one row
per day with the columns of the mart `dashboard_daily` (MWh, GWh, °C) and those that the page's script adds:
`day_name`; `mean_consumption_mw`; `season_of_year` and its order `season_start`; `bucket`, `bucket_end` and
`bucket_name`, the day itself or, over long periods, its month (milliseconds at local midnight, so that no time
zone shifts a day).
"""

from __future__ import annotations

from typing import Any

import altair as alt

from odre.dashboard.vocabulary import BORDERS, CATEGORIES, FORECASTS, SEASONS, SOURCES, border_column, column

_HEIGHT = 260  # pixels
_BAR = {"height": alt.expr("min(26, bandwidth('y'))"), "stroke": "#808080", "strokeWidth": 0.5}
# Where a line has a single day to join, the dot shows it.
_DOT = {"size": 10}
# Both are seen on white and on black.
_WARM, _COOL = "#D55E00", "#2683C6"

# What a chart shows nothing without: columns a day must have together, or those of another entry.
NEEDS: dict[str, list[list[str]]] = {
    "chart-shares": [["production_mwh"]],
    "chart-totals": [["production_mwh"]],
    "chart-gas-temperature": [["stock_gwh"], ["mean_celsius"]],
    "chart-withdrawal": [["net_withdrawal_gwh", "mean_celsius"]],
    "chart-temperature-bands": [["production_mwh", "temperature_band"]],
    "chart-fill-bands": [["production_mwh", "fill_band"]],
    "chart-seasons": [["production_mwh"]],
    "chart-exchanges": [["net_commercial_import_mwh", "fill_band"]],
    "chart-destinations": [["net_commercial_import_mwh"]],
    "chart-peaks": [["peak_consumption_mw"]],
    "chart-forecasts": [[name] for name in FORECASTS.values()],
    "chart-categories": [["temperature_category"]],
    "chart-top-sources": [["top_source"]],
}


def charts() -> dict[str, dict[str, Any]]:
    """Specification of every chart, by the id of its place in the page."""
    made = {
        "chart-shares": _shares(),
        "chart-totals": _totals(),
        "chart-gas-temperature": _gas_and_temperature(),
        "chart-withdrawal": _withdrawal(),
        "chart-temperature-bands": _by_band("temperature_band", "mean_celsius", "National mean temperature"),
        "chart-fill-bands": _by_band("fill_band", "fill_level", "Fill level"),
        "chart-seasons": _seasons(),
        "chart-exchanges": _exchanges(),
        "chart-destinations": _destinations(),
        "chart-peaks": _peaks(),
        "chart-forecasts": _forecasts(),
        "chart-categories": _count("temperature_category", CATEGORIES),
        "chart-top-sources": _count("top_source", SOURCES),
    }
    return {name: _finished(chart) for name, chart in made.items()}


def _finished(chart: alt.Chart | alt.LayerChart) -> dict[str, Any]:
    spec = chart.properties(width="container").to_dict()
    spec.pop("$schema", None)
    spec.pop("config", None)
    return spec


def _days() -> alt.Chart:
    return alt.Chart(alt.NamedData("days"))


def _by_source() -> alt.Chart:
    """Rows of day and source, energy in MWh, of the days whose production is known."""
    return (
        _days()
        .transform_filter("isValid(datum.production_mwh)")
        .transform_fold([column(name) for name in SOURCES], as_=["key", "energy"])
        .transform_calculate(source="replace(replace(datum.key, '_mwh', ''), '_', ' ')")
        .transform_calculate(rank=f"indexof({list(SOURCES)}, datum.source)")
    )


def _legend() -> alt.Legend:
    """Narrow enough for a phone."""
    return alt.Legend(title=None, orient="bottom", columns=3, labelLimit=200)


def _color(field: str, palette: dict[str, str], legend: bool = True) -> alt.Color:
    scale = alt.Scale(domain=list(palette), range=list(palette.values()))
    return alt.Color(field, scale=scale, legend=_legend() if legend else None)


def _band(field: str, title: str) -> alt.Y:
    """Bands, one under the other, in the order of the values in them."""
    return alt.Y(field, sort=alt.EncodingSortField("position", op="mean"), title=title)


def _shares() -> alt.Chart:
    return (
        _by_source()
        .transform_aggregate(energy="sum(energy)", groupby=["bucket", "bucket_end", "bucket_name", "source", "rank"])
        .transform_stack(
            stack="energy", as_=["low", "high"], groupby=["bucket"], sort=[alt.SortField("rank")], offset="normalize"
        )
        .transform_calculate(share="datum.high - datum.low")
        .mark_rect()
        .encode(
            x=alt.X("bucket:T", title=None),
            x2="bucket_end:T",
            y=alt.Y("low:Q", title="Share of production", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
            y2="high:Q",
            color=_color("source:N", SOURCES),
            tooltip=[
                alt.Tooltip("bucket_name:N", title="when"),
                "source:N",
                alt.Tooltip("share:Q", format=".1%"),
                alt.Tooltip("energy:Q", format=",.0f", title="MWh"),
            ],
        )
        .properties(height=_HEIGHT)
    )


def _labelled(
    base: alt.Chart, field: str, value: str, title: str, palette: dict[str, str], label: str, height: int = 220
) -> alt.LayerChart:
    """Bars, the longest first, each with its value and its part of the whole in words."""
    base = (
        base.transform_joinaggregate(whole=f"sum({value})", longest=f"max({value})")
        .transform_calculate(label=f"{label} + ' · ' + format(datum.whole ? datum.{value} / datum.whole : 0, '.1%')")
        .transform_calculate(is_long=f"datum.{value} > 0.5 * datum.longest")
        .encode(
            y=alt.Y(f"{field}:N", sort=alt.EncodingSortField(value, op="max", order="descending"), title=None),
            x=alt.X(f"{value}:Q", axis=None),
            tooltip=[f"{field}:N", alt.Tooltip("label:N", title=title)],
        )
    )
    bars = base.mark_bar(**_BAR).encode(color=_color(f"{field}:N", palette, legend=False))
    # Behind a long bar there is no room: its label stands within it.
    text = base.mark_text(
        align=alt.expr("datum.is_long ? 'right' : 'left'"), dx=alt.expr("datum.is_long ? -6 : 5")
    ).encode(text="label:N")
    within = text.encode(color=alt.condition("datum.is_long", alt.value("black"), alt.value("currentColor")))
    return alt.layer(bars, within).properties(height=height)


def _totals() -> alt.LayerChart:
    base = (
        _by_source()
        .transform_aggregate(energy="sum(energy)", groupby=["source"])
        .transform_calculate(twh="datum.energy / 1e6")
    )
    return _labelled(base, "source", "twh", "TWh", SOURCES, "format(datum.twh, ',.3f') + ' TWh'")


def _gas_and_temperature() -> alt.LayerChart:
    base = (
        _days()
        .transform_aggregate(
            stock_gwh="mean(stock_gwh)", celsius="mean(mean_celsius)", groupby=["bucket", "bucket_name"]
        )
        .transform_calculate(stock_twh="isValid(datum.stock_gwh) ? datum.stock_gwh / 1000 : null")
        .encode(
            x=alt.X("bucket:T", title=None),
            tooltip=[
                alt.Tooltip("bucket_name:N", title="when"),
                alt.Tooltip("stock_twh:Q", format=",.1f", title="stock, TWh"),
                alt.Tooltip("celsius:Q", format=".1f", title="°C"),
            ],
        )
    )
    stock = base.mark_line(color=_WARM, strokeWidth=2.5, point=_DOT | {"color": _WARM}).encode(
        y=alt.Y("stock_twh:Q", title="Gas stock, TWh (solid)")
    )
    dashed = {"strokeWidth": 1.5, "strokeDash": [5, 2], "point": _DOT | {"color": _COOL}}
    temperature = base.mark_line(color=_COOL, **dashed).encode(
        y=alt.Y("celsius:Q", title="Temperature, °C (dashed)", axis=alt.Axis(grid=False))
    )
    return alt.layer(stock, temperature).resolve_scale(y="independent").properties(height=_HEIGHT)


def _withdrawal() -> alt.LayerChart:
    base = _days().transform_filter("isValid(datum.net_withdrawal_gwh) && isValid(datum.mean_celsius)")
    x = alt.X("mean_celsius:Q", title="Temperature, °C", scale=alt.Scale(zero=False))
    y = alt.Y("net_withdrawal_gwh:Q", title="GWh a day: withdrawn > 0, injected < 0")
    points = base.mark_point(filled=True, opacity=0.75, size=24).encode(
        x=x,
        y=y,
        color=_color("season:N", SEASONS),
        shape=alt.Shape("season:N", scale=alt.Scale(domain=list(SEASONS)), legend=_legend()),
        tooltip=[
            alt.Tooltip("day_name:N", title="day"),
            alt.Tooltip("mean_celsius:Q", format=".1f", title="°C"),
            alt.Tooltip("net_withdrawal_gwh:Q", format=",.0f", title="GWh"),
        ],
    )
    line = base.transform_regression("mean_celsius", "net_withdrawal_gwh").mark_line(color="#808080").encode(x=x, y=y)
    return alt.layer(points, line).properties(height=_HEIGHT)


def _by_band(field: str, value: str, title: str) -> alt.Chart:
    return (
        _by_source()
        .transform_filter(f"isValid(datum.{field})")
        .transform_calculate(gw="datum.energy / datum.hours_in_day / 1000")
        .transform_aggregate(
            gw="mean(gw)", days="count()", position=f"mean({value})", groupby=[field, "source", "rank"]
        )
        .mark_bar(**_BAR)
        .encode(
            y=_band(f"{field}:N", title),
            x=alt.X("gw:Q", title="Mean power, GW", axis=alt.Axis(tickCount=7)),
            color=_color("source:N", SOURCES),
            order=alt.Order("rank:Q"),
            tooltip=[f"{field}:N", "source:N", alt.Tooltip("gw:Q", format=".2f", title="GW"), "days:Q"],
        )
        .properties(height=220)
    )


def _seasons() -> alt.Chart:
    return (
        _by_source()
        .transform_aggregate(
            energy="sum(energy)", days="count()", groupby=["season_of_year", "season_start", "source", "rank"]
        )
        .transform_joinaggregate(whole="sum(energy)", groupby=["season_of_year"])
        .transform_calculate(share="datum.energy / datum.whole")
        .mark_bar(stroke="#808080", strokeWidth=0.5)
        .encode(
            x=alt.X(
                "season_of_year:N",
                title=None,
                sort=alt.EncodingSortField("season_start", op="min"),
                axis=alt.Axis(labelAngle=-45, labelOverlap=True),
            ),
            y=alt.Y("share:Q", title="Share of production", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
            color=_color("source:N", SOURCES),
            order=alt.Order("rank:Q"),
            tooltip=["season_of_year:N", "source:N", alt.Tooltip("share:Q", format=".1%"), "days:Q"],
        )
        .properties(height=_HEIGHT)
    )


def _by_border(directions: tuple[str, ...]) -> alt.Chart:
    """Rows of day, border and direction, of the days on which every border is known."""
    names = {border_column(d, b): b for d in directions for b in BORDERS}
    return (
        _days()
        .transform_filter("isValid(datum.net_commercial_import_mwh)")
        .transform_fold(list(names), as_=["key", "energy"])
        .transform_calculate(
            border=f"{names}[datum.key]", direction="substring(datum.key, 0, 6)", gwh="datum.energy / 1000"
        )
    )


def _exchanges() -> alt.LayerChart:
    bars = (
        _by_border(("export", "import"))
        .transform_filter("isValid(datum.fill_band)")
        .transform_aggregate(
            gwh="mean(gwh)", days="count()", position="mean(fill_level)", groupby=["fill_band", "border", "direction"]
        )
        .transform_calculate(drawn="datum.direction == 'export' ? datum.gwh : -datum.gwh")
        .mark_bar(**_BAR)
        .encode(
            y=_band("fill_band:N", "Fill level"),
            x=alt.X("drawn:Q", title="GWh a day: imports < 0 < exports", axis=alt.Axis(tickCount=7)),
            color=_color("border:N", BORDERS),
            tooltip=[
                "fill_band:N",
                "border:N",
                "direction:N",
                alt.Tooltip("gwh:Q", format=".1f", title="GWh"),
                "days:Q",
            ],
        )
    )
    zero = _days().transform_aggregate(n="count()").mark_rule(color="#808080").encode(x=alt.datum(0))
    return alt.layer(bars, zero).properties(height=220)


def _destinations() -> alt.LayerChart:
    base = (
        _by_border(("export",))
        .transform_aggregate(energy="sum(energy)", groupby=["border"])
        .transform_calculate(twh="datum.energy / 1e6")
    )
    return _labelled(base, "border", "twh", "TWh", BORDERS, "format(datum.twh, ',.3f') + ' TWh'")


def _over_time(columns: dict[str, str], scale: float, title: str, what: str) -> alt.Chart:
    """A line for each of the columns, told apart by colour and dash."""
    names = {column: name for name, column in columns.items()}
    return (
        _days()
        .transform_fold(list(names), as_=["key", "value"])
        .transform_calculate(kind=f"{names}[datum.key]", value=f"isValid(datum.value) ? datum.value * {scale} : null")
        .transform_aggregate(value="mean(value)", groupby=["bucket", "bucket_name", "kind"])
        .mark_line(point=_DOT)
        .encode(
            x=alt.X("bucket:T", title=None),
            y=alt.Y("value:Q", title=title, scale=alt.Scale(zero=False)),
            color=_color("kind:N", dict(zip(columns, (_WARM, _COOL), strict=True))),
            strokeDash=alt.StrokeDash(
                "kind:N", scale=alt.Scale(domain=list(columns), range=[[1, 0], [5, 2]]), legend=_legend()
            ),
            tooltip=[
                alt.Tooltip("bucket_name:N", title="when"),
                alt.Tooltip("kind:N", title=what),
                alt.Tooltip("value:Q", format=",.1f", title=title),
            ],
        )
        .properties(height=_HEIGHT)
    )


def _peaks() -> alt.Chart:
    return _over_time({"highest step": "peak_consumption_mw", "mean": "mean_consumption_mw"}, 1e-3, "GW", "consumption")


def _forecasts() -> alt.Chart:
    return _over_time(FORECASTS, 1, "Mean absolute error, MW", "forecast")


def _count(field: str, palette: dict[str, str]) -> alt.LayerChart:
    base = _days().transform_filter(f"isValid(datum.{field})").transform_aggregate(days="count()", groupby=[field])
    label = "format(datum.days, ',') + (datum.days == 1 ? ' day' : ' days')"
    return _labelled(base, field, "days", "days", palette, label, height=120)
