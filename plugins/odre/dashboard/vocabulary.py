"""What the dashboard calls things, their colours, and the columns of the mart `dashboard_daily` they are in."""

from __future__ import annotations

# Okabe and Ito's colour-blind-safe palette; yellow goes to the sun, blue to water. What is coloured is
# named in words too: in a label, a legend in the order of the stack, or a tooltip.
SOURCES = {
    "nuclear": "#CC79A7",
    "hydro": "#0072B2",
    "wind": "#56B4E9",
    "solar": "#F0E442",
    "bioenergy": "#009E73",
    "gas": "#E69F00",
    "fuel oil": "#D55E00",
    "coal": "#5A5A5A",
}
BORDERS = {
    "Great Britain": "#0072B2",
    "Spain": "#E69F00",
    "Italy": "#009E73",
    "Switzerland": "#D55E00",
    "Germany and Belgium": "#CC79A7",
}
SEASONS = {"winter": "#2683C6", "spring": "#009E73", "summer": "#E69F00", "autumn": "#D55E00"}
FORECASTS = {"day ahead": "day_ahead_error_mw", "same day": "same_day_error_mw"}
CATEGORIES = {"cold": "#56B4E9", "average": "#009E73", "hot": "#D55E00"}


def column(name: str) -> str:
    """Column of a source's energy in `dashboard_daily`."""
    return f"{name.replace(' ', '_')}_mwh"


def border_column(direction: str, border: str) -> str:
    """Column of a border's export or import in `dashboard_daily`."""
    return f"{direction}_{border.lower().replace(' and ', '_').replace(' ', '_')}_mwh"
