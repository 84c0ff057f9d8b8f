"""How many days were cold or hot, and which source led."""

from __future__ import annotations

from odre.dashboard.drawing import days, labelled
from odre.dashboard.section import Chart, Section
from odre.dashboard.vocabulary import CATEGORIES, Vocabulary


def section(vocabulary: Vocabulary) -> Section:
    """Days by temperature."""
    base = (
        days()
        .transform_filter("isValid(datum.temperature_category)")
        .transform_aggregate(days="count()", groupby=["temperature_category"])
    )
    text = "format(datum.days, ',') + (datum.days == 1 ? ' day' : ' days')"
    chart = Chart(
        "chart-categories",
        f"Days by temperature: cold up to {vocabulary.cold_up_to_celsius:g} °C, "
        f"hot above {vocabulary.hot_above_celsius:g} °C",
        (("temperature_category",),),
        labelled(base, "temperature_category", "days", CATEGORIES, text, height=120),
        least_days=2,
    )
    return Section("kinds-of-days", (chart,))
