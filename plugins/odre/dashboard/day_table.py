"""The columns of the table of single days."""

from __future__ import annotations

from typing import Any

from odre.dashboard.vocabulary import Vocabulary, energy_column, label


def day_table(vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """What the table shows, in order: `column` of `dashboard_daily`, `title`, and `digits` where it is a number."""
    energies = [(energy_column(source), label(source), 0) for source in vocabulary.sources]
    shown: list[tuple[str, str, int | None]] = [
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
    return [
        {"column": column, "title": title} | ({} if digits is None else {"digits": digits})
        for column, title, digits in shown
    ]
