"""What stands where on the page: tiles, sections with their charts and tables, and the words for columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from odre.dashboard.vocabulary import FORECASTS, SOURCES, column

# Where a reader finds a dataset: `PORTAL/<dataset id>/`.
PORTAL = "https://odre.opendatasoft.com/explore/dataset"
TITLES = {
    "eco2mix_national_tr": "electricity mix",
    "stock_quotidien_stockages_gaz": "gas in storage",
    "temperature_quotidienne_regionale": "temperature",
}
# What a column is called in a sentence that says it is missing.
WORDS = {
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
} | {column: f"{name} forecast" for name, column in FORECASTS.items()}
TILES = (
    ("tile-days", "days with a mix, of the period"),
    ("tile-co2", "mean CO2, g/kWh"),
    ("tile-consumption", "consumption, TWh"),
    ("tile-production", "production, TWh"),
    ("tile-low-carbon", "low-carbon share"),
    ("tile-net-export", "net commercial export, TWh"),
    ("tile-temperature", "mean temperature, °C"),
)


@dataclass(frozen=True)
class Section:
    """A question, its answer in words (`finding`), charts and table: places by id, with what is said of them.

    :param charts: id → caption.
    :param table: id, caption, heads; `None` without a table.
    """

    title: str
    finding: str | None
    charts: dict[str, str]
    table: tuple[str, str, tuple[str, ...]] | None = None


def sections(variables: dict[str, Any]) -> tuple[Section, ...]:
    """The page's sections, with the dbt project's `variables` in what is said of them."""
    threshold, minimum_days = variables["heating_threshold_celsius"], variables["minimum_days"]
    cold, hot = variables["cold_up_to_celsius"], variables["hot_above_celsius"]
    rule = f"r: Pearson's correlation of daily values, over {minimum_days} days or more"
    return (
        Section(
            "The mix",
            "finding-mix",
            {
                "chart-shares": "Share of each source in the production, by day (over long periods by month)",
                "chart-totals": "Energy per source over the period",
            },
        ),
        Section(
            "Gas stock and temperature",
            "finding-gas-temperature",
            {
                "chart-gas-temperature": "Gas stock at the end of the day and mean temperature",
                "chart-withdrawal": "Daily withdrawal against temperature, with its least-squares line",
            },
            (
                "table-gas-temperature",
                f"Gas and temperature by season. {rule}.",
                ("season", "days", "r, stock", "days", "r, withdrawal", "GWh a day per °C of cold"),
            ),
        ),
        Section(
            "Sources and temperature",
            "finding-sources-temperature",
            {"chart-temperature-bands": "Mean power per source, by national mean temperature"},
            (
                "table-sources-temperature",
                (
                    f"Power and temperature. {rule}. MW per °C of cold: the least-squares line through the daily means "
                    f"of days below {threshold} °C, week-ends and holidays included."
                ),
                ("source", "days", "r", f"days below {threshold} °C", "r below", "MW per °C of cold"),
            ),
        ),
        Section(
            "Sources and gas stock",
            "finding-sources-gas",
            {
                "chart-fill-bands": "Mean power per source, by fill level of the gas storages (stock over the highest "
                "stock each site has had up to the day)"
            },
            (
                "table-sources-gas",
                f"Power and gas in storage. {rule}.",
                ("source", "days", "r, stock", "days", "r, withdrawal"),
            ),
        ),
        Section(
            "The mix by season",
            "finding-seasons",
            {"chart-seasons": "Share of each source in the production, by meteorological season"},
        ),
        Section(
            "Commercial exchanges and gas stock",
            "finding-exchanges",
            {
                "chart-exchanges": "Mean daily exports and imports per border, by fill level of the gas storages",
                "chart-destinations": "Commercial exports per border, imports not deducted",
            },
            (
                "table-exchanges",
                f"Commercial exchanges, TWh. {rule}.",
                ("border", "exports", "imports", "net exports", "days", "r, net exports and stock"),
            ),
        ),
        Section(
            "Peaks and forecasts",
            "finding-peaks",
            {
                "chart-peaks": "Consumption: highest step and mean of the day",
                "chart-forecasts": "How far the consumption forecasts were off, mean over the steps of the day",
            },
        ),
        Section(
            "Kinds of days",
            None,
            {
                "chart-categories": f"Days by temperature: cold up to {cold} °C, hot above {hot} °C",
                "chart-top-sources": "Days by the source that produced most",
            },
        ),
    )


def day_table() -> list[dict[str, Any]]:
    energies = [(column(name), name, 0) for name in SOURCES]
    return [
        {"column": name, "title": title} | ({} if digits is None else {"digits": digits})
        for name, title, digits in [
            ("local_date", "day", None),
            ("consumption_mwh", "consumption", 0),
            ("production_mwh", "production", 0),
            *energies,
            ("net_physical_import_mwh", "net physical import", 0),
            ("net_commercial_import_mwh", "net commercial import", 0),
            ("co2_g_per_kwh", "CO2, g/kWh", 1),
            ("top_source", "top source", None),
            ("top_foreign_buyer", "top buyer", None),
            ("mean_celsius", "°C", 1),
            ("temperature_category", "category", None),
            ("stock_gwh", "gas stock, GWh", 1),
            ("fill_level", "fill level", 3),
            ("is_mix_complete", "mix complete", None),
            ("maturity", "maturity", None),
        ]
    ]
