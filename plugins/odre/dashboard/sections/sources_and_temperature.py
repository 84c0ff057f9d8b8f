"""Which sources produce more when it is cold."""

from __future__ import annotations

from odre.dashboard.drawing import power_by_band
from odre.dashboard.section import Chart, Section
from odre.dashboard.vocabulary import Vocabulary


def section(vocabulary: Vocabulary) -> Section:
    """Mean power of every source by temperature."""
    chart = Chart(
        "chart-temperature-bands",
        "Mean power per source, by national mean temperature",
        (("production_mwh", "temperature_band"),),
        power_by_band(vocabulary, "temperature_band", "mean_celsius", "National mean temperature"),
        least_days=2,
    )
    return Section("sources-and-temperature", (chart,))
