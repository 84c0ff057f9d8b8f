"""The answers once more, with pandas and statsmodels instead of SQL, from the same daily values.

The warehouse works with sums per block; here every estimate is a least-squares fit with one dummy variable per group,
fitted again without each block in turn. Both follow docs/answers.md, and share nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats
from statsmodels.regression.linear_model import RegressionResultsWrapper

MINIMUM_BLOCKS, YEARS_ARE_BLOCKS_FROM = 6, 5


class Estimate(NamedTuple):
    """An estimate with its 95 % interval; all of it NaN when it cannot be told."""

    value: float
    lower: float
    upper: float
    days: int
    effective_n: float
    degrees: int


Fit = Callable[[pd.DataFrame], float]


def _design(frame: pd.DataFrame) -> pd.DataFrame:
    """One dummy variable per group, and the control where there is one that varies."""
    design = pd.get_dummies(frame["group"], dtype=float)
    return design.assign(z=frame["z"]) if _has_control(frame) else design


def _has_control(frame: pd.DataFrame) -> bool:
    return bool(frame["z"].notna().all() and frame["z"].nunique() > 1)


def _without_means(frame: pd.DataFrame, column: str) -> np.ndarray:
    codes, _ = pd.factorize(frame["group"])
    values = frame[column].to_numpy(float)
    return values - (np.bincount(codes, values) / np.bincount(codes))[codes]


def residuals(frame: pd.DataFrame, column: str) -> np.ndarray:
    """What groups and control leave of a column: the residuals of its regression on `_design`."""
    values = _without_means(frame, column)
    if not _has_control(frame):
        return values
    z = _without_means(frame, "z")
    return values - z * (z @ values) / (z @ z)


def slope(frame: pd.DataFrame) -> float:
    """Least-squares slope of y over x within groups, given z."""
    x, y = residuals(frame, "x"), residuals(frame, "y")
    return float((x @ y) / (x @ x))


def regression(frame: pd.DataFrame) -> RegressionResultsWrapper:
    """The same slope as the coefficient of x in the regression with all dummy variables."""
    return sm.OLS(frame["y"], _design(frame).assign(x=frame["x"])).fit()


def fisher(frame: pd.DataFrame) -> float:
    """Fisher's transform of the correlation of x and y within groups, given z."""
    x, y = residuals(frame, "x"), residuals(frame, "y")
    return float(np.arctanh((x @ y) / np.sqrt((x @ x) * (y @ y))))


def mean(frame: pd.DataFrame) -> float:
    return float(frame["y"].mean())


def explained(frame: pd.DataFrame) -> float:
    """Percentage of the variance of y that the means of the groups explain."""
    left = _without_means(frame, "y")
    return 100 * (1 - float(left @ left / ((frame["y"] - frame["y"].mean()) ** 2).sum()))


def jackknife(frame: pd.DataFrame, fit: Fit, blocks: pd.Series) -> tuple[float, float, int]:
    """Estimate, its standard error and the number of blocks with at least half the observations of the largest one.

    Each block is left out once; blocks of different size as in Busing, Meijer and van der Leeden (1999).
    """
    sizes = blocks.value_counts()
    h = np.array([len(frame) / sizes[name] for name in sizes.index])
    left_out = np.array([fit(frame[blocks != name]) for name in sizes.index])
    whole = fit(frame)
    pseudo = h * whole - (h - 1) * left_out
    centre = len(h) * whole - ((1 - 1 / h) * left_out).sum()
    variance = ((pseudo - centre) ** 2 / (h - 1)).mean()
    return whole, float(np.sqrt(variance)), int((2 * sizes >= sizes.max()).sum())


def independent_variance(frame: pd.DataFrame, fit: Fit) -> float:
    """Variance that the estimate would have if all observations were independent; NaN where it has no meaning."""
    if fit is mean:
        return float(frame["y"].var() / len(frame))
    if fit is slope:
        return float(regression(frame).cov_params().loc["x", "x"])
    return np.nan


def _is_constant(frame: pd.DataFrame) -> bool:
    """Whether x or y is constant within groups, up to rounding."""
    spread = frame[["x", "y"]] - frame.groupby("group")[["x", "y"]].transform("mean")
    return bool(((spread**2).sum() <= 1e-9 * (frame[["x", "y"]] ** 2).sum()).any())


def estimate(known: pd.DataFrame, fit: Fit, fine: str | None, minimum: int, least_years: int) -> Estimate | str:
    """The estimate of one series, or the reason why there is none.

    :param known: columns x, y, z (NaN without a control), group, year and the fine block; one row per observation, without
        those that have no x or y.
    :param fine: column of the blocks used while there are fewer than five years; None when only years will do.
    """
    if len(known) < minimum:
        return "too_few_days" if len(known) else "no_data"
    if fit in {slope, fisher} and _is_constant(known):
        return "constant"
    if fit is explained and _is_constant(known.assign(x=known["y"], group="all")):
        return "constant"
    days = known["year"].value_counts()
    by_year = fine is None or (2 * days >= days.max()).sum() >= YEARS_ARE_BLOCKS_FROM
    sizes = known["year" if by_year else fine].value_counts()
    if (2 * sizes >= sizes.max()).sum() < (least_years if by_year else MINIMUM_BLOCKS):
        return "too_few_years" if by_year else "too_few_days"
    return _bounded(known, fit, known["year" if by_year else fine])


def _bounded(known: pd.DataFrame, fit: Fit, blocks: pd.Series) -> Estimate:
    value, error, count = jackknife(known, fit, blocks)
    half = stats.t.ppf(0.975, tabulated(count - 1)) * error
    bounds = np.array([value, value - half, value + half])
    if fit is fisher:
        return Estimate(*np.tanh(bounds), len(known), min(len(known), 3 + 1 / error**2), count - 1)
    if fit is explained:
        return Estimate(*bounds.clip(0, 100), len(known), np.nan, count - 1)
    effective = min(len(known), len(known) * independent_variance(known, fit) / error**2)
    return Estimate(*bounds, len(known), effective, count - 1)


def tabulated(degrees: int) -> int:
    """Degrees of freedom as the warehouse's table of Student's t has them."""
    return degrees if degrees <= 30 else max(d for d in (30, 40, 60, 120) if d <= degrees)
