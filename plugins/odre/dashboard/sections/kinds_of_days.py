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
    colours = vocabulary.named(CATEGORIES)
    names = dict(zip(CATEGORIES, colours, strict=True))
    base = base.transform_calculate(category=f"{names}[datum.temperature_category]")
    drawing = labelled(base, "category", "days", colours, "format(datum.days, ',')", height=120)
    chart = Chart(
        "chart-categories",
        vocabulary.text("kinds_of_days.caption", cold=vocabulary.cold_up_to_celsius, hot=vocabulary.hot_above_celsius),
        (("temperature_category",),),
        drawing,
        least_days=2,
    )
    return Section("kinds-of-days", (chart,))
