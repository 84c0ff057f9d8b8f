"""Synthetic daily temperatures of the 13 regions, °C."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa

from laptop.replica.schemas import TEMPERATURE
from laptop.replica.synthetic import calendar, episodes
from laptop.replica.synthetic.noise import Noise

FIRST_DAY = calendar.day_number(dt.date(2016, 1, 1))
#: From this day on the label is spelt with its accent.
RELABELLED_FROM = calendar.day_number(dt.date(2022, 6, 1))

#: code -> (label, yearly mean, half the yearly swing, share of the population)
REGIONS = {
    11: ("Île-de-France", 12.4, 8.2, 0.188),
    24: ("Centre-Val de Loire", 12.2, 8.0, 0.039),
    27: ("Bourgogne-Franche-Comté", 11.8, 8.8, 0.043),
    28: ("Normandie", 11.5, 6.6, 0.051),
    32: ("Hauts-de-France", 11.4, 7.3, 0.092),
    44: ("Grand Est", 11.2, 8.9, 0.085),
    52: ("Pays de la Loire", 12.9, 7.2, 0.059),
    53: ("Bretagne", 12.1, 5.7, 0.052),
    75: ("Nouvelle-Aquitaine", 13.7, 7.4, 0.092),
    76: ("Occitanie", 14.3, 7.9, 0.092),
    84: ("Auvergne-Rhône-Alpes", 12.2, 8.8, 0.124),
    93: ("Provence-Alpes-Côte d'Azur", 15.0, 7.9, 0.078),
    94: ("Corse", 16.4, 6.8, 0.005),
}
_SUMMER = calendar.wave(365.25, 203, 366)


def mean_temperatures(noise: Noise, days: np.ndarray) -> dict[int, np.ndarray]:
    """Daily mean per region code, unrounded."""
    country = (
        4.2 * noise.smooth("temperature/weeks", days, 11)
        + 2.4 * noise.smooth("temperature/days", days, 4)
        + 1.2 * noise.smooth("temperature/season", days, 60)
    )
    country = country - 7.0 * episodes.cold_spell(days)
    summer = _SUMMER[calendar.days_of_year(days)]
    means = {}
    for code, (_, mean, swing, _) in REGIONS.items():
        local = 1.6 * noise.smooth(f"temperature/{code}", days, 3)
        means[code] = mean + swing * summer + country + local
    return means


def national_temperature(noise: Noise, days: np.ndarray) -> np.ndarray:
    """Daily mean of the country, weighted by population, on which heating depends."""
    total = np.zeros(len(days))
    for code, mean in mean_temperatures(noise, days).items():
        total = total + mean * REGIONS[code][3]
    return total


def _month_end(day: int) -> bool:
    return calendar.date_of(day + 1).day == 1


def published(noise: Noise, first: int, as_of: dt.datetime) -> np.ndarray:
    """Days the source holds at ``as_of`` (local clock time).

    A month is published on the first day of the next month. About a fifth of the last days of months are left out at
    first and filled in between two months and three years later.
    """
    end = calendar.day_number(as_of.date().replace(day=1))
    days = np.arange(max(first, FIRST_DAY), max(end, first, FIRST_DAY))
    late = noise.uniform("temperature/late", days)
    delay = 60 + (noise.uniform("temperature/delay", days) * 1000).astype(int)
    today = calendar.day_number(as_of.date())
    missing = [
        _month_end(int(d)) and u < 0.22 and d + wait > today for d, u, wait in zip(days, late, delay, strict=False)
    ]
    held: np.ndarray = days[~np.array(missing, dtype=bool)]
    return held


def table(noise: Noise, first: int, as_of: dt.datetime) -> pa.Table:
    """The dataset as the API knows it at ``as_of``. A few values are revised after four months."""
    days = published(noise, first, as_of)
    age = calendar.day_number(as_of.date()) - days
    dates = days.astype("datetime64[D]")
    stamps = np.datetime_as_string(dates)
    summer = _SUMMER[calendar.days_of_year(days)]
    columns: dict[str, list[np.ndarray]] = {field.name: [] for field in TEMPERATURE.fields}
    for code, first_mean in mean_temperatures(noise, days).items():
        revised = (noise.uniform(f"temperature/revised/{code}", days) < 0.0015) & (age > 120)
        mean = np.round(first_mean + np.where(revised, 0.4, 0.0), 2)
        spread = 4.7 + 1.2 * summer + 1.5 * noise.knots(f"temperature/spread/{code}", days)
        label = np.full(len(days), REGIONS[code][0], dtype=object)
        if code == 11:
            label[days < RELABELLED_FROM] = "Ile-de-France"
        columns["id"].append(np.array([f"{stamp}T00:00:00-{code}" for stamp in stamps], dtype=object))
        columns["date"].append(dates)
        columns["code_insee_region"].append(np.full(len(days), code))
        columns["region"].append(label)
        columns["tmin"].append(np.round(mean - spread, 2))
        columns["tmax"].append(np.round(mean + spread, 2))
        columns["tmoy"].append(mean)
    return pa.table({f.name: pa.array(np.concatenate(columns[f.name]), type=f.arrow_type) for f in TEMPERATURE.fields})
