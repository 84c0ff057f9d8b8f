"""How well consumption was forecast."""

from __future__ import annotations

from itertools import cycle

from odre.dashboard.drawing import COOL, WARM, over_time
from odre.dashboard.section import Chart, Section
from odre.dashboard.vocabulary import Vocabulary, error_column

_COLOURS = (WARM, COOL, "#009E73", "#CC79A7")


def section(vocabulary: Vocabulary) -> Section:
    """The forecasts' errors over time."""
    columns = {
        vocabulary.label(forecast): (error_column(forecast), colour)
        for forecast, colour in zip(vocabulary.forecasts, cycle(_COLOURS), strict=False)
    }
    text = vocabulary.text
    told = (text("charts.when"), text("peaks_and_forecasts.forecast"))
    chart = Chart(
        "chart-forecasts",
        text("peaks_and_forecasts.caption"),
        tuple((error_column(forecast),) for forecast in vocabulary.forecasts),
        over_time(columns, text("peaks_and_forecasts.axis"), told),
        least_days=2,
    )
    return Section("peaks-and-forecasts", (chart,))
