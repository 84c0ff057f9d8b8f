"""How high consumption was, and how well it was forecast."""

from __future__ import annotations

from itertools import cycle

from odre.dashboard.drawing import COOL, WARM, over_time
from odre.dashboard.section import Chart, Section
from odre.dashboard.vocabulary import Vocabulary, error_column

_COLOURS = (WARM, COOL, "#009E73", "#CC79A7")


def section(vocabulary: Vocabulary) -> Section:
    """Highest step and mean of the days, and the forecasts' errors."""
    return Section("peaks-and-forecasts", (_peaks(), _forecasts(vocabulary)))


def _peaks() -> Chart:
    columns = {
        "highest step": ("peak_consumption_mw", "max", WARM),
        "mean": ("mean_consumption_mw", "mean", COOL),
    }
    return Chart(
        "chart-peaks",
        "Consumption: highest step and mean of the day (over long periods of the month)",
        (("peak_consumption_mw",),),
        over_time(columns, 1e-3, "GW", "consumption"),
        least_days=2,
    )


def _forecasts(vocabulary: Vocabulary) -> Chart:
    columns = {
        vocabulary.label(forecast): (error_column(forecast), "mean", colour)
        for forecast, colour in zip(vocabulary.forecasts, cycle(_COLOURS), strict=False)
    }
    return Chart(
        "chart-forecasts",
        "How far the consumption forecasts were off, mean over the steps of the day (over long periods of the month)",
        tuple((error_column(forecast),) for forecast in vocabulary.forecasts),
        over_time(columns, 1, "Mean absolute error, MW", "forecast", from_zero=True),
        least_days=2,
    )
