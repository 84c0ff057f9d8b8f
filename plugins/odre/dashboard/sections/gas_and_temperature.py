"""How gas in storage goes with temperature."""

from __future__ import annotations

import altair as alt

from odre.dashboard.drawing import COOL, GREY, HEIGHT, WARM, color, days, legend, over_time
from odre.dashboard.section import Chart, Section
from odre.dashboard.vocabulary import SEASONS, Vocabulary


def section(vocabulary: Vocabulary) -> Section:
    """Stock and temperature, one under the other, and withdrawal against temperature."""
    del vocabulary  # nothing here has a measure of the mix
    return Section("gas-and-temperature", (_stock(), _temperature(), _withdrawal()))


def _stock() -> Chart:
    drawing = over_time({"stock": ("stock_gwh", "mean", WARM)}, 1e-3, "Gas stock, TWh", "gas", from_zero=True)
    caption = "Gas in storage at the end of the day (over long periods the month's mean)"
    return Chart("chart-gas-stock", caption, (("stock_gwh",),), drawing, least_days=2)


def _temperature() -> Chart:
    drawing = over_time({"mean": ("mean_celsius", "mean", COOL)}, 1, "Temperature, °C", "temperature")
    caption = "Mean temperature of the day (over long periods of the month)"
    return Chart("chart-temperature", caption, (("mean_celsius",),), drawing, least_days=2)


def _withdrawal() -> Chart:
    base = days().transform_filter("isValid(datum.net_withdrawal_gwh) && isValid(datum.mean_celsius)")
    x = alt.X("mean_celsius:Q", title="Temperature, °C", scale=alt.Scale(zero=False))
    y = alt.Y("net_withdrawal_gwh:Q", title="GWh a day: withdrawn > 0, injected < 0")
    points = base.mark_point(filled=True, opacity=0.75, size=24).encode(
        x=x,
        y=y,
        color=color("season:N", SEASONS),
        shape=alt.Shape("season:N", scale=alt.Scale(domain=list(SEASONS)), legend=legend()),
        tooltip=[
            alt.Tooltip("day_name:N", title="day"),
            alt.Tooltip("mean_celsius:Q", format=".1f", title="°C"),
            alt.Tooltip("net_withdrawal_gwh:Q", format=",.0f", title="GWh"),
        ],
    )
    line = base.transform_regression("mean_celsius", "net_withdrawal_gwh").mark_line(color=GREY).encode(x=x, y=y)
    return Chart(
        "chart-withdrawal",
        "Daily withdrawal against temperature, with its least-squares line",
        (("net_withdrawal_gwh", "mean_celsius"),),
        alt.layer(points, line).properties(height=HEIGHT),
        least_days=3,
    )
