"""The answers once more, with pandas and statsmodels instead of SQL, from the same daily values.

The warehouse works with sums per block; here every estimate is a least-squares fit with one dummy variable per group,
fitted again without each block in turn. What both share is docs/answers.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

MINIMUM_DAYS, MINIMUM_YEARS, MINIMUM_BLOCKS, YEARS_ARE_BLOCKS_FROM = 30, 4, 6, 5
SMALLEST = {"correlation": 0.3, "mw_per_celsius": 50.0, "gwh_per_celsius": 10.0, "percentage_points": 1.0,
            "percentage_points_per_year": 0.1, "percent": 1.0, "gwh_per_winter_celsius": 500.0, "days": 7.0}  # fmt: skip


class Estimate(NamedTuple):
    """An estimate with its 95 % interval; all of it NaN when it cannot be told."""

    value: float
    lower: float
    upper: float
    days: int
    effective_n: float


Fit = Callable[[pd.DataFrame], float]


def _within(frame: pd.DataFrame, column: str) -> np.ndarray:
    """Residuals of a column after one dummy variable per group, and after the control `z` where it varies."""
    dummies = pd.get_dummies(frame["group"]).to_numpy(float)
    design = dummies
    if frame["z"].notna().all() and column != "z":
        z = _residuals(dummies, frame["z"].to_numpy(float))
        if (z**2).sum() > 1e-9 * (frame["z"] ** 2).sum():
            design = np.column_stack([dummies, frame["z"]])
    return _residuals(design, frame[column].to_numpy(float))


def _residuals(design: np.ndarray, values: np.ndarray) -> np.ndarray:
    return values - design @ np.linalg.lstsq(design, values, rcond=None)[0]


def slope(frame: pd.DataFrame) -> float:
    """Least-squares slope of y over x within groups, given z."""
    x, y = _within(frame, "x"), _within(frame, "y")
    return float(x @ y / (x @ x)) if x @ x > 0 else np.nan


def fisher(frame: pd.DataFrame) -> float:
    """Fisher's transform of the correlation of x and y within groups, given z."""
    x, y = _within(frame, "x"), _within(frame, "y")
    return float(np.arctanh(x @ y / np.sqrt((x @ x) * (y @ y))))


def mean(frame: pd.DataFrame) -> float:
    return float(frame["y"].mean())


def explained(frame: pd.DataFrame) -> float:
    """Percentage of the variance of y that the means of the groups explain."""
    between = frame["y"] - frame["y"].mean()
    return 100 * (1 - float((_within(frame, "y") ** 2).sum() / (between**2).sum()))


def jackknife(frame: pd.DataFrame, fit: Fit, blocks: pd.Series) -> tuple[float, float, int]:
    """Estimate, its standard error and the number of blocks: each block left out once (Künsch 1989, eq. 2.3)."""
    names = sorted(blocks.unique())
    left_out = np.array([fit(frame[blocks != name]) for name in names])
    count = len(names)
    return fit(frame), float(np.sqrt((count - 1) / count * ((left_out - left_out.mean()) ** 2).sum())), count


def naive_variance(frame: pd.DataFrame, fit: Fit) -> float:
    """Variance that the estimate would have if all observations were independent."""
    count, groups = len(frame), frame["group"].nunique()
    if fit is mean:
        return float(frame["y"].var() / count)
    if fit is fisher:
        return np.nan
    x, y = _within(frame, "x"), _within(frame, "y")
    residual = y - slope(frame) * x
    return float(residual @ residual / (count - groups - 1) / (x @ x))


def estimate(frame: pd.DataFrame, fit: Fit, fine: str | None, minimum: int = MINIMUM_DAYS) -> Estimate | str:
    """Estimate of one series, or why it cannot be told.

    :param frame: columns x, y, z (NaN without a control), group, year and the fine block; one row per observation.
    :param fine: column of the blocks used while there are fewer than five years; None when only years will do.
    """
    known = frame.dropna(subset=["x", "y"])
    if known.empty:
        return "too_few_years" if len(frame) else "no_data"
    if len(known) < minimum:
        return "too_few_days"
    constant = any((_within(known, c) ** 2).sum() <= 1e-9 * (known[c] ** 2).sum() for c in ("x", "y"))
    if fit in {slope, fisher} and constant:
        return "constant"
    years = known["year"].nunique()
    if fine is None or years >= YEARS_ARE_BLOCKS_FROM:
        if years < MINIMUM_YEARS:
            return "too_few_years"
        blocks = known["year"]
    else:
        blocks = known[fine]
        if blocks.nunique() < MINIMUM_BLOCKS:
            return "too_few_days"
    value, error, count = jackknife(known, fit, blocks)
    half = stats.t.ppf(0.975, count - 1) * error
    lower, upper = value - half, value + half
    if fit is fisher:
        effective = min(len(known), 3 + 1 / error**2)
        return Estimate(np.tanh(value), np.tanh(lower), np.tanh(upper), len(known), effective)
    effective = np.nan if fit is explained else min(len(known), len(known) * naive_variance(known, fit) / error**2)
    return Estimate(value, lower, upper, len(known), effective)


def verdict(found: Estimate | str, smallest: float) -> str:
    """The rule of docs/answers.md."""
    if isinstance(found, str):
        return "not_detectable"
    if (found.lower > 0 or found.upper < 0) and abs(found.value) >= smallest:
        return "yes"
    return "no" if -smallest < found.lower and found.upper < smallest else "not_detectable"


def effective_temperature(weighted: pd.Series) -> pd.Series:
    """Half of today's temperature, a quarter of yesterday's, and so on for eight days; known ones share the weights."""
    weights = [0.5 ** (lag + 1) for lag in range(8)]
    lagged = [weighted.shift(lag) for lag in range(8)]
    total = sum(weight * values.fillna(0) for weight, values in zip(weights, lagged, strict=True))
    known = sum(weight * values.notna() for weight, values in zip(weights, lagged, strict=True))
    return (total / known).where(weighted.notna() & (known >= 0.7))


def normals(values: pd.Series) -> pd.Series:
    """Mean of the values of all years within fifteen days of the day of the year, over three years or more."""
    day = pd.to_datetime("2020-" + values.index.strftime("%m-%d")).dayofyear
    table = values.groupby([day, values.index.year]).mean().unstack()
    found = {}
    for centre in range(1, 367):
        near = [(centre + offset - 1) % 366 + 1 for offset in range(-15, 16)]
        window = table.reindex(near)
        years = (window.notna().sum() >= 16).sum()
        found[centre] = float(np.nanmean(window.to_numpy())) if years >= 3 else np.nan
    return pd.Series([found[d] for d in day], index=values.index)


def periods(frame: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """All years, each year (or winter), and the trailing year, of observations with a column `date`."""
    yield "all", frame
    for year, part in frame.groupby("year"):
        yield str(year), part
    last = frame["date"].max()
    yield "trailing_year", frame[frame["date"] > last - pd.DateOffset(years=1)]
