"""Every row of `answers` against the same estimate made without the warehouse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from laptop.manifest import PROJECT
from tests.answers import observations
from tests.answers.independent import Estimate, estimate, explained, fisher, mean, regression, slope, tabulated

FITS = {"correlation": fisher, "slope": slope, "mean": mean, "explained": explained}
KEYS = ["question", "part", "method", "period"]
Series = dict[observations.Key, pd.DataFrame]


def declared_methods() -> dict[str, dict[str, Any]]:
    """What the macro `answer_methods` says of each method."""
    from dbt.cli.main import dbtRunner

    inline = "{{ tojson(answer_methods()) }}"
    where = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    result = dbtRunner().invoke(
        ["--quiet", "compile", "--no-introspect", "--no-populate-cache", "--inline", inline, *where]
    )
    methods: dict[str, dict[str, Any]] = json.loads(result.result.results[0].node.compiled_code)
    return methods


def series_of(frame: pd.DataFrame, steps: pd.DataFrame) -> Series:
    """Observations of every series, made without the warehouse."""
    found = {}
    for make in (observations.temperature, observations.gas, observations.seasons, observations.exchanges):
        found |= dict(make(frame))
    return found | dict(observations.thermosensitivity(frame, steps))


def _periods(known: pd.DataFrame, method: dict[str, Any]) -> Iterator[tuple[str, pd.DataFrame]]:
    """All observations; and single years where they have an estimate, or a row that says why they have none."""
    yield "all", known
    if method["years"] or (method["kind"] == "correlation" and not method["raw"]):
        for year, part in known.groupby("year"):
            yield str(year), part
        yield "trailing_year", known[known["date"] > known["date"].max() - pd.DateOffset(years=1)]


def compare(answers: pd.DataFrame, series: Series, methods: dict[str, dict[str, Any]]) -> tuple[int, int]:
    """Assert that estimate, interval, observations and effective number, or the reason why not, are those of statsmodels.

    :param answers: the mart, indexed by `KEYS`.
    :returns: how many estimates were compared, and how many reasons.
    """
    numbers = reasons = 0
    for key, observed in series.items():
        method = methods[key[2]]
        for period, part in _periods(observed.dropna(subset=["x", "y"]), method):
            expected = estimate(part, FITS[method["kind"]], method["fine"], method["minimum"], method["least_years"])
            if (*key, period) not in answers.index:
                assert part.empty, (key, period)
                continue
            found = answers.loc[(*key, period)]
            if isinstance(expected, str):
                reasons += 1
                told = (found["reason"], pd.isna(found["estimate"]))
                assert told == (reason_of(key, observed, expected), True), (key, period, expected, found["reason"])
                continue
            numbers += 1
            _compare_numbers(found, expected, part, method["kind"], (*key, period))
            _compare_joint(found, expected, method, (*key, period))
            if not method["years"]:
                lowest, highest = _range(part, method["kind"])
                assert float(found["lowest"]) == pytest.approx(lowest, abs=1e-6, rel=1e-6), (key, period)
                assert float(found["highest"]) == pytest.approx(highest, abs=1e-6, rel=1e-6), (key, period)
    return numbers, reasons


def reason_of(key: observations.Key, observed: pd.DataFrame, reason: str) -> str:
    """Why nothing is known where there are observations, but none of them is whole."""
    if reason != "no_data" or observed.empty:
        return reason
    if key[2].startswith("anomaly"):
        return "too_few_years"
    return {"annual_phase": "constant", "within_month_above_threshold": "no_threshold"}.get(key[2], reason)


def _compare_numbers(found: pd.Series, expected: Estimate, part: pd.DataFrame, kind: str, key: tuple[str, ...]) -> None:
    if kind == "slope":
        assert expected.value == pytest.approx(regression(part).params["x"], rel=1e-6), key
    values = Estimate(
        *(float(found[c]) for c in ("estimate", "lower", "upper", "days", "effective_n")), expected.degrees
    )
    bounds = np.array(expected[:3]).clip(0, 100) if key[2] == "season_share" else expected[:3]
    assert values[:3] == pytest.approx(tuple(bounds), abs=1e-6, rel=1e-6), key
    assert values.days == expected.days, key
    assert values.effective_n == pytest.approx(expected.effective_n, abs=0.06, nan_ok=True), key


def _compare_joint(found: pd.Series, expected: Estimate, method: dict[str, Any], key: tuple[str, ...]) -> None:
    """The interval of parts that are judged together is wider by as much as Bonferroni's quantile is."""
    if method["together"] == 1:
        assert pd.isna(found["joint_lower"]) and pd.isna(found["joint_verdict"]), key
        return
    degrees = tabulated(expected.degrees)
    wider = stats.t.ppf(1 - 0.025 / method["together"], degrees) / stats.t.ppf(0.975, degrees)
    there, back = (np.arctanh, np.tanh) if method["kind"] == "correlation" else (np.array, np.array)
    value, upper = there(expected.value), there(expected.upper)
    for name, sign in (("joint_lower", -1), ("joint_upper", 1)):
        bound = float(back(value + sign * wider * (upper - value)))
        assert float(found[name]) == pytest.approx(bound, abs=1e-6, rel=1e-6), (key, name)


def _range(part: pd.DataFrame, kind: str) -> tuple[float, float]:
    """Lowest and highest of the years of a mean, or of the estimates without one year each."""
    fit = FITS[kind]
    values = part["y"] if kind == "mean" else [fit(part[part["year"] != year]) for year in part["year"].unique()]
    bounds = np.array([min(values), max(values)])
    return tuple(np.tanh(bounds) if kind == "correlation" else bounds)
