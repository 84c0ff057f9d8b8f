"""The charts, as Vega-Lite specifications made by Altair.

Every chart reads the named data set `days`, which the page fills with the days that are picked: one row
per day with the columns of the mart `dashboard_daily` (MWh, GWh, °C) and the derived columns that
`page.js` adds (`season_of_year`, `season_start`).
"""

from __future__ import annotations

from typing import Any

import altair as alt

# Okabe and Ito's colour-blind-safe palette; yellow goes to the sun, blue to water.
SOURCES = {
    "nuclear": "#CC79A7",
    "hydro": "#0072B2",
    "wind": "#56B4E9",
    "solar": "#F0E442",
    "bioenergy": "#009E73",
    "gas": "#E69F00",
    "fuel oil": "#D55E00",
    "coal": "#767676",
}
BORDERS = {
    "Great Britain": "#0072B2",
    "Spain": "#E69F00",
    "Italy": "#009E73",
    "Switzerland": "#D55E00",
    "Germany and Belgium": "#CC79A7",
}
SEASONS = {"winter": "#0072B2", "spring": "#009E73", "summer": "#E69F00", "autumn": "#D55E00"}
CATEGORIES = {"cold": "#56B4E9", "average": "#009E73", "hot": "#D55E00"}
_DAY = alt.X("local_date:T", title=None)


def column(name: str) -> str:
    """Column of a source's energy in `dashboard_daily`."""
    return f"{name.replace(' ', '_')}_mwh"


def border_column(direction: str, border: str) -> str:
    """Column of a border's export or import in `dashboard_daily`."""
    return f"{direction}_{border.lower().replace(' and ', '_').replace(' ', '_')}_mwh"


def charts() -> dict[str, dict[str, Any]]:
    """Specification of every chart, by the id of its place in the page."""
    made = {
        "chart-shares": _shares(),
        "chart-totals": _totals(),
        "chart-gas-temperature": _gas_and_temperature(),
        "chart-withdrawal": _withdrawal(),
        "chart-temperature-bands": _by_band("temperature_band", "mean_celsius", "National mean temperature"),
        "chart-fill-bands": _by_band("fill_band", "fill_level", "Fill level of the gas storages"),
        "chart-seasons": _seasons(),
        "chart-exchanges": _exchanges(),
        "chart-destinations": _destinations(),
        "chart-categories": _count("temperature_category", CATEGORIES),
        "chart-top-sources": _count("top_source", SOURCES),
    }
    return {name: _finished(chart) for name, chart in made.items()}


def _finished(chart: alt.Chart | alt.LayerChart) -> dict[str, Any]:
    spec = chart.properties(width="container", height=280).to_dict()
    spec.pop("$schema", None)
    spec.pop("config", None)
    return spec


def _days() -> alt.Chart:
    return alt.Chart(alt.NamedData("days"))


def _by_source() -> alt.Chart:
    """Rows of day and source, energy in MWh."""
    return (
        _days()
        .transform_fold([column(name) for name in SOURCES], as_=["key", "energy"])
        .transform_filter("isValid(datum.energy)")
        .transform_calculate(source="replace(replace(datum.key, '_mwh', ''), '_', ' ')")
        .transform_calculate(rank=f"indexof({list(SOURCES)}, datum.source)")
    )


def _color(field: str, palette: dict[str, str], legend: bool = True) -> alt.Color:
    scale = alt.Scale(domain=list(palette), range=list(palette.values()))
    return alt.Color(field, scale=scale, legend=alt.Legend(title=None, orient="bottom", columns=4) if legend else None)


def _by_position() -> alt.EncodingSortField:
    """Bands in the order of the values in them."""
    return alt.EncodingSortField("position", op="mean")


def _shares() -> alt.Chart:
    return (
        _by_source()
        .mark_bar(binSpacing=0)
        .encode(
            x=alt.X("yearmonthdate(local_date):T", title=None),
            y=alt.Y("sum(energy):Q", stack="normalize", title="Share of production", axis=alt.Axis(format="%")),
            color=_color("source:N", SOURCES),
            order=alt.Order("rank:Q"),
            tooltip=[alt.Tooltip("local_date:T"), "source:N", alt.Tooltip("energy:Q", format=",.0f", title="MWh")],
        )
    )


def _totals() -> alt.Chart:
    return (
        _by_source()
        .transform_aggregate(energy="sum(energy)", groupby=["source"])
        .transform_calculate(twh="datum.energy / 1e6")
        .mark_bar()
        .encode(
            x=alt.X("twh:Q", title="TWh"),
            y=alt.Y("source:N", sort="-x", title=None),
            color=_color("source:N", SOURCES, legend=False),
            tooltip=["source:N", alt.Tooltip("twh:Q", format=",.3f", title="TWh")],
        )
    )


def _gas_and_temperature() -> alt.LayerChart:
    stock = (
        _days()
        .transform_calculate(stock_twh="isValid(datum.stock_gwh) ? datum.stock_gwh / 1000 : null")
        .mark_line(color="#E69F00", interpolate="monotone")
        .encode(
            x=_DAY,
            y=alt.Y("stock_twh:Q", title="Gas stock, TWh", axis=alt.Axis(titleColor="#E69F00")),
            tooltip=[alt.Tooltip("local_date:T"), alt.Tooltip("stock_gwh:Q", format=",.1f", title="Stock, GWh")],
        )
    )
    temperature = (
        _days()
        .mark_line(color="#56B4E9", strokeDash=[4, 2])
        .encode(
            x=_DAY,
            y=alt.Y("mean_celsius:Q", title="Temperature, °C", axis=alt.Axis(titleColor="#56B4E9")),
            tooltip=[alt.Tooltip("local_date:T"), alt.Tooltip("mean_celsius:Q", format=".1f", title="°C")],
        )
    )
    return alt.layer(stock, temperature).resolve_scale(y="independent")


def _withdrawal() -> alt.Chart:
    return (
        _days()
        .transform_filter("isValid(datum.net_withdrawal_gwh) && isValid(datum.mean_celsius)")
        .mark_point(filled=True, opacity=0.6, size=20)
        .encode(
            x=alt.X("mean_celsius:Q", title="Temperature, °C", scale=alt.Scale(zero=False)),
            y=alt.Y("net_withdrawal_gwh:Q", title="Withdrawn (+) or injected (−), GWh per day"),
            color=_color("season:N", SEASONS),
            shape=alt.Shape("season:N", scale=alt.Scale(domain=list(SEASONS)), legend=alt.Legend(title=None)),
            tooltip=[alt.Tooltip("local_date:T"), "mean_celsius:Q", "net_withdrawal_gwh:Q"],
        )
    )


def _by_band(field: str, value: str, title: str) -> alt.Chart:
    return (
        _by_source()
        .transform_filter(f"isValid(datum.{field})")
        .transform_calculate(gw="datum.energy / datum.hours_in_day / 1000")
        .transform_aggregate(
            gw="mean(gw)", days="count()", position=f"mean({value})", groupby=[field, "source", "rank"]
        )
        .mark_bar()
        .encode(
            x=alt.X(f"{field}:N", sort=_by_position(), title=title, axis=alt.Axis(labelAngle=-30)),
            y=alt.Y("gw:Q", title="Mean power, GW"),
            color=_color("source:N", SOURCES),
            order=alt.Order("rank:Q"),
            tooltip=[f"{field}:N", "source:N", alt.Tooltip("gw:Q", format=".2f", title="GW"), "days:Q"],
        )
    )


def _seasons() -> alt.Chart:
    return (
        _by_source()
        .mark_bar()
        .encode(
            x=alt.X(
                "season_of_year:N",
                title=None,
                sort=alt.EncodingSortField("season_start", op="min"),
                axis=alt.Axis(labelAngle=-45),
            ),
            y=alt.Y("sum(energy):Q", stack="normalize", title="Share of production", axis=alt.Axis(format="%")),
            color=_color("source:N", SOURCES),
            order=alt.Order("rank:Q"),
            tooltip=["season_of_year:N", "source:N", alt.Tooltip("sum(energy):Q", format=",.0f", title="MWh")],
        )
    )


def _by_border(directions: tuple[str, ...]) -> alt.Chart:
    names = {border_column(d, b): b for d in directions for b in BORDERS}
    return (
        _days()
        .transform_fold(list(names), as_=["key", "energy"])
        .transform_filter("isValid(datum.energy)")
        .transform_calculate(
            border=f"{names}[datum.key]", direction="substring(datum.key, 0, 6)", gwh="datum.energy / 1000"
        )
    )


def _exchanges() -> alt.Chart:
    return (
        _by_border(("export", "import"))
        .transform_filter("isValid(datum.fill_band)")
        .transform_aggregate(
            gwh="mean(gwh)", days="count()", position="mean(fill_level)", groupby=["fill_band", "border", "direction"]
        )
        .transform_calculate(drawn="datum.direction == 'export' ? datum.gwh : -datum.gwh")
        .mark_bar()
        .encode(
            x=alt.X(
                "fill_band:N",
                sort=_by_position(),
                title="Fill level of the gas storages",
                axis=alt.Axis(labelAngle=-30),
            ),
            y=alt.Y("drawn:Q", title="GWh per day: exports up, imports down"),
            color=_color("border:N", BORDERS),
            tooltip=["fill_band:N", "border:N", "direction:N", alt.Tooltip("gwh:Q", format=".1f"), "days:Q"],
        )
    )


def _destinations() -> alt.Chart:
    return (
        _by_border(("export",))
        .transform_aggregate(gwh="sum(gwh)", groupby=["border"])
        .mark_arc(innerRadius=60)
        .encode(
            theta=alt.Theta("gwh:Q", stack=True),
            color=_color("border:N", BORDERS),
            tooltip=["border:N", alt.Tooltip("gwh:Q", format=",.0f", title="GWh")],
        )
    )


def _count(field: str, palette: dict[str, str]) -> alt.Chart:
    return (
        _days()
        .transform_filter(f"isValid(datum.{field})")
        .transform_aggregate(days="count()", groupby=[field])
        .mark_arc(innerRadius=60)
        .encode(
            theta=alt.Theta("days:Q", stack=True), color=_color(f"{field}:N", palette), tooltip=[f"{field}:N", "days:Q"]
        )
    )
