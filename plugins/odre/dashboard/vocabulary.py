"""What the dashboard calls things, their colours, and the columns of the mart `dashboard_daily` they are in.

Sources, borders and forecasts come from the contract of the mix; thresholds from the dbt project's variables.
"""

from __future__ import annotations

from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from odre.measures import Measure, measures
from odre.settings import dbt_project_dir

# Colours that the colour-blind tell apart (Okabe and Ito) and that are seen on white and on black.
SEASONS = {"winter": "#2683C6", "spring": "#009E73", "summer": "#E69F00", "autumn": "#D55E00"}
CATEGORIES = {"cold": "#56B4E9", "average": "#009E73", "hot": "#D55E00"}


class Vocabulary(BaseModel):
    """What the page is made from besides the days.

    :param sources: sources of electricity in the order of their stack, low-carbon ones first.
    :param borders: neighbours with which electricity is traded.
    :param forecasts: forecasts of consumption.
    :param minimum_days: a coefficient over fewer days than this is unknown.
    :param heating_threshold_celsius: below this national mean temperature days count as heating days.
    :param cold_up_to_celsius: a day is cold up to this mean temperature, …
    :param hot_above_celsius: … and hot above this one.
    """

    model_config = ConfigDict(frozen=True)

    sources: tuple[Measure, ...]
    borders: tuple[Measure, ...]
    forecasts: tuple[Measure, ...]
    minimum_days: int
    heating_threshold_celsius: float
    cold_up_to_celsius: float
    hot_above_celsius: float

    @property
    def words(self) -> dict[str, str]:
        """Column → what a sentence calls it that says it is missing."""
        return {
            "production_mwh": "electricity mix",
            "net_commercial_import_mwh": "commercial exchange",
            "stock_gwh": "national gas stock",
            "net_withdrawal_gwh": "gas withdrawal",
            "fill_band": "fill level",
            "mean_celsius": "temperature",
            "temperature_band": "temperature",
            "temperature_category": "temperature",
            "peak_consumption_mw": "electricity mix",
            "top_source": "electricity mix",
        } | {error_column(forecast): f"{label(forecast)} forecast" for forecast in self.forecasts}


def read_vocabulary() -> Vocabulary:
    """The vocabulary of this environment's dbt project.

    :raises odre.errors.ContractError: the contract of the mix is wrong.
    """
    variables: dict[str, Any] = yaml.safe_load((dbt_project_dir() / "dbt_project.yml").read_text(encoding="utf-8"))[
        "vars"
    ]
    sources = sorted(measures(["source"]), key=lambda source: not source.low_carbon)
    named = {"sources": sources, "borders": measures(["border"]), "forecasts": measures(["forecast"])}
    return Vocabulary.model_validate(variables | named)


def label(measure: Measure) -> str:
    """What people read for a source, border or forecast."""
    return measure.label or measure.name


def palette(series: tuple[Measure, ...]) -> dict[str, str]:
    """Label → colour, in the order of the series; only measures that have a colour."""
    return {label(measure): measure.color for measure in series if measure.color}


def energy_column(source: Measure) -> str:
    """Column of a source's energy of the day, MWh."""
    return f"{source.name}h"


def export_column(border: Measure) -> str:
    """Column of the energy sold across a border on the day, MWh ≥ 0."""
    return f"export_{border.name.removeprefix('exchange_')}h"


def import_column(border: Measure) -> str:
    """Column of the energy bought across a border on the day, MWh ≥ 0."""
    return f"import_{border.name.removeprefix('exchange_')}h"


def error_column(forecast: Measure) -> str:
    """Column of a forecast's mean absolute error over the steps of the day, MW."""
    return f"{label(forecast).replace(' ', '_')}_error_mw"
