"""Synthetic gas stocks per storage site, GWh at the end of each day."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa

from laptop.replica.schemas import GAS_STORAGE
from laptop.replica.synthetic import calendar
from laptop.replica.synthetic.noise import Noise

FIRST_DAY = calendar.day_number(dt.date(2010, 11, 1))

#: pits -> (operator, working capacity in GWh)
SITES = {
    "Centre": ("Storengy", 47_000.0),
    "Saline": ("Storengy", 12_100.0),
    "Sediane": ("Storengy", 13_200.0),
    "Sediane B": ("Storengy", 13_000.0),
    "Serene": ("Storengy", 17_500.0),
    "Teréga": ("Teréga", 34_000.0),
}
#: Filling at the middle of each month: withdrawal from November, injection from April.
_FILLING = (0.53, 0.33, 0.21, 0.24, 0.37, 0.50, 0.64, 0.78, 0.88, 0.92, 0.87, 0.73)
#: The day of the following month on which Teréga publishes a whole month.
_LATE_OPERATOR_DAY = 10
_DAILY_PUBLICATION = dt.time(9, 0)


def _filling_by_day_of_year() -> np.ndarray:
    middles = np.array([-15, *(15 + 30.44 * month for month in range(12)), 381])
    values = np.array([_FILLING[-1], *_FILLING, _FILLING[0]])
    filling: np.ndarray = np.round(np.interp(np.arange(366), middles, values), 6)
    return filling


def published_until(operator: str, as_of: dt.datetime) -> int:
    """The first day that ``operator`` has not published yet at ``as_of`` (local clock time).

    Storengy publishes a day on the next morning. Teréga publishes whole months, ten days late.
    """
    if operator == "Storengy":
        today = calendar.day_number(as_of.date())
        return today if as_of.time() >= _DAILY_PUBLICATION else today - 1
    month = as_of.date().replace(day=1)
    if as_of.day < _LATE_OPERATOR_DAY:
        month = (month - dt.timedelta(days=1)).replace(day=1)
    return calendar.day_number(month)


def table(noise: Noise, first: int, as_of: dt.datetime) -> pa.Table:
    """The dataset as the API knows it at ``as_of``."""
    filling = _filling_by_day_of_year()
    first = max(first, FIRST_DAY)
    parts = []
    for site, (operator, capacity) in SITES.items():
        days = np.arange(first, max(first, published_until(operator, as_of)))
        share = (
            filling[calendar.days_of_year(days)]
            + 0.05 * noise.smooth(f"gas/year/{site}", days, 300)
            + 0.015 * noise.smooth("gas/weather", days, 17)
        )
        stock = np.round(capacity * np.clip(share, 0.01, 1.0), 6)
        parts.append(
            pa.table(
                {
                    "date": pa.array(days.astype("datetime64[D]"), pa.date32()),
                    "stock_fin_de_journee": pa.array(stock),
                    "source": pa.array([operator] * len(days), pa.string()),
                    "pits": pa.array([site] * len(days), pa.string()),
                }
            )
        )
    return pa.concat_tables(parts).select([field.name for field in GAS_STORAGE.fields])
