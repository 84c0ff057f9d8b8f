"""The columns of the table of single days."""

from __future__ import annotations

from typing import Any

from odre.dashboard.vocabulary import Vocabulary, energy_column

# Number of digits after the point, by column of `dashboard_daily`; `None` for columns of text. The texts
# `days.<column>` are the titles.
_BEFORE_SOURCES: dict[str, int | None] = {"local_date": None, "consumption_mwh": 0, "production_mwh": 0}
_AFTER_SOURCES: dict[str, int | None] = {
    "net_physical_import_mwh": 0,
    "net_commercial_import_mwh": 0,
    "co2_g_per_kwh": 1,
    "top_source": None,
    "top_foreign_buyer": None,
    "mean_celsius": 1,
    "temperature_category": None,
    "stock_gwh": 1,
    "fill_level": 3,
    "is_mix_complete": None,
    "maturity": None,
}


def day_table(vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """What the table shows, in order: `column` of `dashboard_daily`, `title`, and `digits` where it is a number."""

    def described(column: str, digits: int | None) -> dict[str, Any]:
        number = {} if digits is None else {"digits": digits}
        return {"column": column, "title": vocabulary.text(f"days.{column}"), **number}

    sources = [
        {"column": energy_column(source), "title": vocabulary.label(source), "digits": 0}
        for source in vocabulary.sources
    ]
    before, after = ([described(*item) for item in part.items()] for part in (_BEFORE_SOURCES, _AFTER_SOURCES))
    return [*before, *sources, *after]
