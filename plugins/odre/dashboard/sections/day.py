"""The day that is picked, step by step."""

from __future__ import annotations

from itertools import cycle

import altair as alt

from odre.dashboard.drawing import COOL, GREY, flows, keys_of, stacked
from odre.dashboard.section import Chart, Section
from odre.dashboard.vocabulary import Vocabulary

# The axis goes from midnight to midnight: 23, 24 or 25 hours. `jump_at` and `jump_by` come from `page/steps.js`.
_CLOCK = "utcFormat(time(datum.value) + (time(datum.value) >= jump_at ? jump_by : 0), '%H:%M')"
_STEPS = alt.Chart(alt.NamedData("steps"))


def section(vocabulary: Vocabulary) -> Section:
    """Power and exchanges of every step, and the CO2 intensity under them."""
    return Section("day", (_power(vocabulary), _co2(vocabulary)))


def _when() -> alt.X:
    axis = alt.Axis(labelExpr=_CLOCK, tickCount=alt.expr("width < 400 ? 4 : 8"), title=None)
    return alt.X("position:T", axis=axis, scale=alt.Scale(type="utc", nice=False))


def _power(vocabulary: Vocabulary) -> Chart:
    text = vocabulary.text
    sources = {source.name: (vocabulary.label(source), source.color) for source in vocabulary.sources}
    forecasts = {
        forecast.name: (text("columns.forecast", name=vocabulary.label(forecast)), dash, 1.4)
        for forecast, dash in zip(vocabulary.forecasts, cycle(([6, 3], [2, 2])), strict=False)
    }
    # Every step has its rectangle, because Vega warns of a layer without any.
    to_come = _STEPS.mark_rect(fill=GREY).encode(
        x=_when(),
        x2="position_end:T",
        opacity=alt.condition("datum.to_come && !datum.closing", alt.value(0.14), alt.value(0)),
    )
    series = sources | flows(vocabulary)
    drawing = stacked(
        _STEPS,
        _when(),
        series,
        {"consumption_mw": (text("day.consumption"), [1, 0], 2.2)} | forecasts,
        alt.Tooltip("clock:N", title=text("day.clock")),
    )
    return Chart(
        "chart-day",
        text("day.power_caption"),
        (("consumption_mw",), *((forecast.name,) for forecast in vocabulary.forecasts)),
        alt.layer(to_come, drawing).add_params(*_jump()).properties(height=380),
        dataset="steps",
        series=keys_of(series),
        along="position",
    )


def _co2(vocabulary: Vocabulary) -> Chart:
    title = vocabulary.text("day.co2_axis")
    drawing = (
        _STEPS.mark_line(interpolate="step-after", color=COOL, strokeWidth=2)
        .encode(
            x=_when(),
            y=alt.Y("co2_g_per_kwh:Q", title="g/kWh", axis=alt.Axis(tickCount=3, minExtent=42)),
            tooltip=[
                alt.Tooltip("clock:N", title=vocabulary.text("day.clock")),
                alt.Tooltip("co2_g_per_kwh:Q", format=".0f", title=title),
            ],
        )
        .add_params(*_jump())
        .properties(height=90)
    )
    return Chart("chart-day-co2", title, (("co2_g_per_kwh",),), drawing, dataset="steps")


def _jump() -> tuple[alt.Parameter, ...]:
    """The place on the axis at which clocks are put forward or back, and by how much; the script sets both."""
    return alt.param(name="jump_at", value=1e15), alt.param(name="jump_by", value=0)
