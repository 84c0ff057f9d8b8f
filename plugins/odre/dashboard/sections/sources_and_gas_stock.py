"""Which sources go with the gas in storage."""

from __future__ import annotations

from odre.dashboard.drawing import power_by_band
from odre.dashboard.section import Chart, Section
from odre.dashboard.vocabulary import Vocabulary


def section(vocabulary: Vocabulary) -> Section:
    """Mean power of every source by fill level."""
    chart = Chart(
        "chart-fill-bands",
        "Mean power per source, by fill level of the gas storages (stock over the highest stock each site has had up "
        "to the day)",
        (("production_mwh", "fill_band"),),
        power_by_band(vocabulary, "fill_band", "fill_level", "Fill level"),
        least_days=2,
    )
    return Section("sources-and-gas-stock", (chart,))
