"""With whom electricity is traded, and whether that goes with the gas in storage."""

from __future__ import annotations

import altair as alt

from odre.dashboard.drawing import GREY, band, bars, by_border, color, days, labelled
from odre.dashboard.section import Chart, Section
from odre.dashboard.vocabulary import Vocabulary


def section(vocabulary: Vocabulary) -> Section:
    """Exports and imports by fill level, and exports by border."""
    charts = (_by_fill_level(vocabulary), _destinations(vocabulary))
    return Section("exchanges", charts)


def _by_fill_level(vocabulary: Vocabulary) -> Chart:
    base = (
        by_border(vocabulary, imports=True)
        .transform_filter("isValid(datum.fill_band)")
        .transform_aggregate(
            gwh="mean(gwh)", days="count()", position="mean(fill_level)", groupby=["fill_band", "border", "direction"]
        )
        .transform_calculate(drawn="datum.direction == 'export' ? datum.gwh : -datum.gwh")
    )
    drawn = bars(base).encode(
        y=band("fill_band:N", "Fill level"),
        x=alt.X("drawn:Q", title="GWh a day: imports < 0 < exports", axis=alt.Axis(tickCount=7)),
        color=color("border:N", vocabulary.palette(vocabulary.borders)),
        tooltip=["fill_band:N", "border:N", "direction:N", alt.Tooltip("gwh:Q", format=".1f", title="GWh"), "days:Q"],
    )
    zero = days().transform_aggregate(n="count()").mark_rule(color=GREY).encode(x=alt.datum(0))
    return Chart(
        "chart-exchanges",
        "Mean daily exports and imports per border, by fill level of the gas storages",
        (("net_commercial_import_mwh", "fill_band"),),
        alt.layer(drawn, zero).properties(height=220),
    )


def _destinations(vocabulary: Vocabulary) -> Chart:
    base = by_border(vocabulary, imports=False).transform_aggregate(gwh="sum(gwh)", groupby=["border"])
    text = "(datum.gwh < 100 ? format(datum.gwh, ',.1f') + ' GWh' : format(datum.gwh / 1000, ',.3f') + ' TWh')"
    return Chart(
        "chart-destinations",
        "Commercial exports per border, imports not deducted",
        (("net_commercial_import_mwh",),),
        labelled(base, "border", "gwh", vocabulary.palette(vocabulary.borders), text, height=200),
    )
