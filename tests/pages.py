"""Contents of a dashboard made from a formula: as many days as wanted, without warehouse or files."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta, timezone
from functools import cache
from zoneinfo import ZoneInfo

import yaml
from odre.contract import tables
from odre.dashboard.data import Page, source_entry
from odre.dashboard.vocabulary import (
    SEASONS,
    energy_column,
    error_column,
    export_column,
    import_column,
    read_vocabulary,
)

from laptop.environment import REPOSITORY
from tests.node import Node
from tests.page_marts import marts_of

VOCABULARY = read_vocabulary()
# MW; a source that is not named here has 500
LEVELS = {"nuclear": 42_000, "hydro": 7_000, "wind": 6_000, "solar": 2_000, "bioenergy": 1_000, "gas": 5_000,
          "fuel oil": 100, "coal": 50}  # fmt: skip


@cache
def mart_columns() -> tuple[str, ...]:
    """Columns of the mart `dashboard_daily`, without the one the page does not show by day."""
    [mart] = (REPOSITORY / "include" / "dbt" / "models" / "marts").rglob("_dashboard_daily.yml")
    columns = yaml.safe_load(mart.read_text())["models"][0]["columns"]
    return tuple(column["name"] for column in columns if column["name"] != "last_observed_at")


def one_day(day: date, index: int) -> dict:
    """A day of the year's usual weather: power follows cold, the gas stock follows both. MWh, GWh, °C."""
    cold = math.cos(2 * math.pi * (day.timetuple().tm_yday - 15) / 365.25)
    wave = math.sin(index * 1.7)
    celsius = round(12.5 - 8 * cold + 2 * wave, 2)
    factor = {
        "solar": 1 - 0.7 * cold,
        "gas": 1 + 0.6 * cold - 0.2 * wave,
        "wind": 1 + 0.3 * wave,
        "nuclear": 1 + 0.1 * cold,
    }
    row: dict = {
        energy_column(source): round(24 * LEVELS.get(source.label, 500) * factor.get(source.label, 1))
        for source in VOCABULARY.sources
    }
    production = sum(row.values())
    net = 0
    for i, border in enumerate(VOCABULARY.borders):
        row[export_column(border)] = 1000 * (i + 1)
        row[import_column(border)] = 500 * (5 - i)
        net += row[import_column(border)] - row[export_column(border)]
    for i, forecast in enumerate(VOCABULARY.forecasts):
        row[error_column(forecast)] = 900 - 500 * i
    stock = 75_000 - 40_000 * math.sin(2 * math.pi * (day.timetuple().tm_yday - 15) / 365.25)
    fill = round(stock / 130_000, 5)
    return row | {
        "local_date": day.isoformat(),
        "season": list(SEASONS)[day.month % 12 // 3],
        "season_year": day.year + (day.month == 12),
        "hours_in_day": 24,
        "observed_steps": 96,
        "expected_steps": 96,
        "is_mix_complete": True,
        "maturity": "real_time",
        "consumption_mwh": round(production * 0.96 - 24_000 * wave),
        "production_mwh": production,
        "pumping_mwh": -24_000,
        "net_physical_import_mwh": -round(production * 0.04),
        "net_commercial_import_mwh": net,
        "low_carbon_share": 1 - (row["gas_mwh"] + row["coal_mwh"] + row["fuel_oil_mwh"]) / production,
        "peak_consumption_mw": round(production / 24 * 1.15),
        "co2_g_per_kwh": round(50 + 15 * cold, 1),
        "top_source": "nuclear",
        "top_foreign_buyer": VOCABULARY.borders[index % len(VOCABULARY.borders)].label,
        "mean_celsius": celsius,
        "temperature_category": "cold" if celsius <= 10 else "average",
        "stock_gwh": round(stock, 1),
        "fill_level": fill,
        "fill_previous_years_mean": round(fill - 0.05, 5),
        "fill_previous_years_min": round(fill - 0.1, 5),
        "fill_previous_years_max": round(fill + 0.02, 5),
        "net_withdrawal_gwh": round(
            700 * math.cos(2 * math.pi * (day.timetuple().tm_yday - 15) / 365.25) - 20 * wave, 1
        ),
    }


def sample_days(first: date, count: int) -> list[dict]:
    """`count` days from `first`, as the mart has them."""
    empty = dict.fromkeys(mart_columns())
    return [empty | one_day(first + timedelta(days=i), i) for i in range(count)]


def without_values(rows: list[dict]) -> list[dict]:
    """The same days without any values."""
    kept = ("local_date", "season", "season_year")
    return [dict.fromkeys(mart_columns()) | {name: row[name] for name in kept} for row in rows]


def rows_of(js: Node, given: list[dict]) -> list[dict]:
    """Days of the mart as the page's modules get them."""
    columns = {name: [row[name] for row in given] for name in mart_columns()}
    return js("days.js", "rowsOf", columns)


def steps_of(row: dict) -> dict[str, list]:
    """Steps of a day with equal values, so that their means are the day's."""
    begin = int(datetime.fromisoformat(row["local_date"]).replace(tzinfo=ZoneInfo("Europe/Paris")).timestamp()) // 60
    values = {source.name: row[energy_column(source)] / 24 for source in VOCABULARY.sources}
    values |= {
        "consumption_mw": row["consumption_mwh"] / 24,
        "physical_exchange_mw": row["net_physical_import_mwh"] / 24,
        "pumping_mw": row["pumping_mwh"] / 24,
        "co2_g_per_kwh": row["co2_g_per_kwh"],
    } | {forecast.name: row["consumption_mwh"] / 24 + 100 for forecast in VOCABULARY.forecasts}
    return {"started_at": [begin + 15 * i for i in range(96)]} | {n: [round(v)] * 96 for n, v in values.items()}


def sample_page(first: date, days: int, **changes) -> Page:
    """A page of `days` days from `first`; `changes` replace fields of `Page`."""
    rows = [one_day(first + timedelta(days=i), i) for i in range(days)]
    fields = {
        "days": {name: [row.get(name) for row in rows] for name in mart_columns()},
        "gaps": [],
        "steps": {row["local_date"]: steps_of(row) for row in rows[-3:]},
        "marts": marts_of(rows, VOCABULARY),
        "sources": [source_entry(table, first + timedelta(days=days - 1)) for table in tables()],
        "last_observed_at": datetime(2022, 1, 1, tzinfo=timezone.utc),
        "published_at": datetime(2022, 1, 2, 1, tzinfo=ZoneInfo("Europe/Paris")),
        "synthetic": (),
    }
    return Page(**(fields | changes))


def three(value: float) -> str:
    """A number as sentences and tiles write it: three significant digits, because the source revises the fourth."""
    if value == 0:
        return "0"
    digits = 2 - math.floor(math.log10(abs(value)))
    return f"{round(value, digits):,.{max(digits, 0)}f}"
