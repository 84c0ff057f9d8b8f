"""The names and colours that the dashboard gives to things, and the columns of the mart `dashboard_daily` that hold
them.

Sources, borders and forecasts come from the contract of the mix; thresholds from the dbt project's variables.
"""

from __future__ import annotations

import re
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from odre.contract import load_contract
from odre.contract_measures import MIX
from odre.dashboard.texts import decimal, text, texts_in
from odre.measures import Measure, measures
from odre.settings import dbt_project_dir

# Colours that the colour-blind can tell apart (Okabe and Ito) and that can be seen on white and on black. The keys are
# the values of the marts; `Vocabulary.named` replaces them by displayed names.
SEASONS = {"winter": "#2683C6", "spring": "#009E73", "summer": "#E69F00", "autumn": "#D55E00"}
# The flows beside production in a balance, by their name in the page's script. Their colours are quiet, because they
# are not sources.
FLOWS = {
    "imports": "#8A94A0",
    "battery_discharging": "#B7BFC8",
    "exports": "#A7AFB8",
    "pumping": "#4F7F9F",
    "battery_charging": "#6D7782",
}
CATEGORIES = {"cold": "#56B4E9", "average": "#009E73", "hot": "#D55E00"}

# Columns that a sentence can name as missing; those of forecasts come from the list of measures.
_NAMED_COLUMNS = (
    "production_mwh",
    "consumption_mwh",
    "net_physical_import_mwh",
    "net_commercial_import_mwh",
    "stock_gwh",
    "net_withdrawal_gwh",
    "mean_celsius",
    "temperature_category",
    "peak_consumption_mw",
    "top_source",
    "consumption_mw",
    "co2_g_per_kwh",
)


class Vocabulary(BaseModel):
    """Everything in one language that the page needs in addition to the days.

    :param language: `en` or `fr`; see `odre.dashboard.texts`.
    :param sources: sources of electricity in the order of their stack, low-carbon ones first.
    :param borders: neighbours with which electricity is traded.
    :param forecasts: forecasts of consumption.
    :param cold_up_to_celsius: a day is cold up to this mean temperature, °C.
    :param hot_above_celsius: a day is hot above this mean temperature, °C.
    """

    model_config = ConfigDict(frozen=True)

    language: str = "en"
    sources: tuple[Measure, ...]
    borders: tuple[Measure, ...]
    forecasts: tuple[Measure, ...]
    cold_up_to_celsius: float
    hot_above_celsius: float

    def text(self, key: str, **values: str | float) -> str:
        """A text of the page's catalogue, filled in; numbers are written as the language writes them.

        :raises KeyError: there is no such text, or a value that it names is not given.
        """
        written = {k: v if isinstance(v, str) else decimal(self.language, v) for k, v in values.items()}
        return text(self.language, key, **written)

    def label(self, measure: Measure) -> str:
        """The displayed name of a source, border or forecast."""
        return (measure.label_fr if self.language == "fr" else measure.label) or measure.name

    def palette(self, series: tuple[Measure, ...]) -> dict[str, str]:
        """Displayed name → colour, in the order of the series; measures without a colour are left out."""
        return {self.label(measure): measure.color for measure in series if measure.color}

    def named(self, colours: dict[str, str]) -> dict[str, str]:
        """Displayed name → colour, for values of a mart such as the keys of `SEASONS`."""
        return {self.text(f"values.{value}"): colour for value, colour in colours.items()}

    @property
    def words(self) -> dict[str, str]:
        """Column → its name in sentences about missing values."""
        forecasts = {
            error_column(forecast): self.text("columns.forecast", name=self.label(forecast))
            for forecast in self.forecasts
        }
        steps = {forecast.name: forecasts[error_column(forecast)] for forecast in self.forecasts}
        return {column: self.text(f"columns.{column}") for column in _NAMED_COLUMNS} | forecasts | steps

    @property
    def texts(self) -> dict[str, Any]:
        """Every text of the language, for the page's script. The names of measures are among them, as `values.<label>`
        and as `values.<name in completeness_daily>`."""
        shown = (*self.sources, *self.borders, *self.forecasts)
        names = {measure.label: self.label(measure) for measure in shown}
        return texts_in(self.language) | {
            f"values.{name}": spoken for name, spoken in (self._gap_words | names).items()
        }

    @property
    def _gap_words(self) -> dict[str, str]:
        """Name of a measure in `completeness_daily` (dbt's macro `_measure_in_words`) → displayed name. In French, a
        measure without a label is called by the source's own header."""
        words = {}
        for column in load_contract(MIX).columns:
            if not (measure := column.measure):
                continue
            name = measure.label or re.sub("_(mw|g_per_kwh)$", "", measure.name).replace("_", " ")
            header = re.sub(r" *\(.*\)$", "", column.label)
            spoken = (measure.label_fr or header) if self.language == "fr" else name
            if measure.kind == "forecast":
                name, spoken = f"{name} forecast", self.text("columns.forecast", name=spoken)
            words[name] = spoken
        return words


def read_vocabulary(language: str = "en") -> Vocabulary:
    """The vocabulary of this environment's dbt project, in one language.

    :raises odre.errors.ContractError: the contract of the mix is wrong.
    """
    variables: dict[str, Any] = yaml.safe_load((dbt_project_dir() / "dbt_project.yml").read_text(encoding="utf-8"))[
        "vars"
    ]
    sources = sorted(measures(["source"]), key=lambda source: not source.low_carbon)
    named = {
        "language": language,
        "sources": sources,
        "borders": measures(["border"]),
        "forecasts": measures(["forecast"]),
    }
    return Vocabulary.model_validate(variables | named)


def energy_column(source: Measure) -> str:
    """The column with the energy of a source on the day, MWh."""
    return f"{source.name}h"


def export_column(border: Measure) -> str:
    """Column of the energy sold across a border on the day, MWh ≥ 0."""
    return f"export_{border.name.removeprefix('exchange_')}h"


def import_column(border: Measure) -> str:
    """Column of the energy bought across a border on the day, MWh ≥ 0."""
    return f"import_{border.name.removeprefix('exchange_')}h"


def error_column(forecast: Measure) -> str:
    """Column of a forecast's mean absolute error over the steps of the day, MW."""
    return f"{str(forecast.label).replace(' ', '_')}_error_mw"
