"""The answers from the real exports: the warehouse and pandas with statsmodels get the same results."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from laptop.manifest import PROJECT
from laptop.warehouse import Warehouse
from tests.answers import observations
from tests.answers.comparing import compare, declared_methods, series_of
from tests.answers.independent import regression, slope
from tests.answers.landing import build, fill, table
from tests.stacks import emptied


@pytest.fixture(scope="module")
def exports(real_exports):
    """History of the mix, gas and temperatures, as published."""
    history = real_exports.parent / "history" / "eco2mix-national-cons-def_2016-2019.parquet"
    if not history.exists():
        pytest.skip(f"no history of the mix at {history}")
    gas = real_exports / "stock-quotidien-stockages-gaz_asof-2022-12.csv"
    temperatures = real_exports / "temperature-quotidienne-regionale_asof-2025-11.parquet"
    return pd.read_parquet(history), pd.read_csv(gas, sep=";"), pd.read_parquet(temperatures)


@pytest.fixture(scope="module")
def built(exports, shared_stack):
    """The marts `answers` and `anomalies_daily` of the real exports, and `answers` once more after the rows of every
    landing table have been loaded in another order."""
    history, gas, temperatures = exports
    mix = history.assign(
        date=pd.to_datetime(history["date"]).dt.date, date_heure=pd.to_datetime(history["date_heure"], utc=True)
    )
    tables = {
        "eco2mix_national_tr": mix,
        "stock_quotidien_stockages_gaz": gas.assign(date=pd.to_datetime(gas["date"]).dt.date),
        "temperature_quotidienne_regionale": temperatures,
    }
    with emptied(shared_stack) as stack:
        warehouse = Warehouse(stack.environment)
        for name, frame in tables.items():
            fill(stack, warehouse, name, frame)
        build()
        found = table(warehouse, "answers"), table(warehouse, "anomalies_daily")
        for name, frame in tables.items():
            fill(stack, warehouse, name, frame.sample(frac=1, random_state=14))
        build()
        yield *found, table(warehouse, "answers")


@pytest.fixture(scope="module")
def answers(built):
    return built[0].set_index(["question", "part", "method", "period"]).sort_index()


@pytest.fixture(scope="module")
def steps(exports):
    return observations.steps(exports[0])


@pytest.fixture(scope="module")
def frame(exports, steps):
    return observations.days(steps, exports[1], exports[2], PROJECT / "seeds" / "region_population.csv")


@pytest.fixture(scope="module")
def series(frame, steps):
    return series_of(frame, steps)


def test_every_estimate_is_that_of_statsmodels(answers, series):
    numbers, _ = compare(answers, series, declared_methods())
    assert numbers > 500


@pytest.mark.parametrize("method", ["within_month", "within_month_effective", "within_month_above_threshold"])
def test_what_covers_a_degree_adds_up_to_what_consumption_asks_for(answers, method):
    rows = answers.loc["sources_vs_temperature"].xs(method, level="method")["estimate"].astype(float)
    for period in rows.index.unique("period"):
        terms = rows.xs(period, level="period")
        if pd.notna(terms["consumption"]):
            assert terms.drop("consumption").sum() == pytest.approx(terms["consumption"], abs=1e-4), period


def test_the_order_in_which_rows_were_loaded_does_not_show_in_a_single_digit(built):
    first, _, second = built
    keys = ["question", "part", "method", "period"]
    pd.testing.assert_frame_equal(
        *(f.sort_values(keys).reset_index(drop=True) for f in (first, second)), check_exact=True
    )


def test_intervals_agree_with_newey_and_west(series, answers):
    """Half the width against that of least squares with a covariance that allows for twenty days of correlation."""
    ratios = {}
    for hour in ("hour_04", "hour_13", "hour_19", "day"):
        key = ("sources_vs_temperature", f"thermosensitivity/{hour}", "within_winter")
        known = series[key].dropna(subset=["x", "y"])
        fit = regression(known).get_robustcov_results("HAC", maxlags=20, use_t=False)
        found = answers.loc[(*key, "all")]
        ratios[hour] = float(found["upper"] - found["lower"]) / (2 * 1.96 * np.sqrt(np.diag(fit.cov_params())[-1]))
    assert all(0.7 < ratio < 1.5 for ratio in ratios.values()), ratios


def test_intervals_agree_with_the_block_bootstrap(series, answers):
    """Half the width against the spread of estimates from half-months drawn with replacement."""
    key = ("sources_vs_temperature", "thermosensitivity/day", "within_winter")
    known = series[key].dropna(subset=["x", "y"])
    draw = np.random.default_rng(14)
    blocks = [part for _, part in known.groupby("half_month")]
    drawn = [slope(pd.concat([blocks[i] for i in draw.integers(len(blocks), size=len(blocks))])) for _ in range(300)]
    lower, upper = np.quantile(drawn, [0.025, 0.975])
    found = answers.loc[(*key, "all")]
    assert 0.7 < float(found["upper"] - found["lower"]) / (upper - lower) < 1.5


def test_normals_and_anomalies_are_those_of_pandas(built, frame):
    daily = built[1].assign(local_date=lambda f: pd.to_datetime(f["local_date"])).set_index("local_date")
    for column, name in {"weighted_celsius": "weighted", "stock_gwh": "stock", "net_withdrawal_gwh": "withdrawal",
                         "gas_mw": "gas", "net_imports_mw": "net_imports"}.items():  # fmt: skip
        found = daily[f"{column}_anomaly"].astype(float).reindex(frame.index)
        pd.testing.assert_series_equal(
            found, frame[f"{name}_anomaly"], check_names=False, check_freq=False, atol=2e-6, rtol=0
        )


def test_consumption_is_corrected_with_the_published_sensitivity(built, answers):
    daily = built[1]
    [used] = daily["heating_mw_per_celsius"].dropna().unique()
    row = answers.loc[("sources_vs_temperature", "thermosensitivity/day", "within_winter", "all")]
    assert float(used) == pytest.approx(float(row["estimate"]), abs=1e-6)
    known = daily.dropna(subset=["consumption_corrected_mw"]).astype(
        {"consumption_mw": float, "heating_degrees_anomaly": float}
    )
    taken_off = known["consumption_mw"] - known["consumption_corrected_mw"].astype(float)
    assert np.allclose(taken_off, float(used) * known["heating_degrees_anomaly"], atol=0.01)
    # corrected consumption no longer follows cold
    cold = known[known["heating_degrees"].astype(float) > 0]
    assert abs(np.corrcoef(cold["heating_degrees_anomaly"], cold["consumption_corrected_mw"].astype(float))[0, 1]) < 0.3


def test_the_cooling_threshold_is_found(answers, frame):
    row = answers.loc[("sources_vs_temperature", "consumption", "cooling_threshold", "all")]
    assert float(row["estimate"]) == observations.cooling_threshold(frame)


def test_fill_is_compared_with_the_five_years_before(answers, frame):
    fill_level = 100 * frame["fill"].dropna()
    last = fill_level.index[-1]
    past = fill_level.reindex([last - pd.DateOffset(years=back) for back in range(1, 6)])
    row = answers.loc[("gas_storage_vs_temperature", "fill", "previous_years", "latest_day")]
    assert float(row["estimate"]) == pytest.approx(fill_level[last] - past.mean(), abs=1e-6)
    half = 2.7764451052 * past.std() * np.sqrt(6 / 5)
    assert float(row["upper"] - row["estimate"]) == pytest.approx(half, abs=2e-6)
    assert (float(row["lowest"]), float(row["highest"])) == pytest.approx((past.min(), past.max()), abs=1e-6)


def test_the_real_exports_say_what_is_known_of_them(answers):
    """Sizes and signs that others have published or found: RTE's 2,400 MW per °C, imports before nuclear, wind that falls."""
    thermal = answers.loc["sources_vs_temperature"]["estimate"].astype(float)
    assert 2_000 < thermal["thermosensitivity/hour_19", "within_winter", "all"] < 2_700
    by_term = thermal.xs("within_month", level="method").xs("all", level="period")
    assert by_term["net_imports"] > by_term["nuclear"] > by_term["gas"] > by_term["hydro"] > 0 > by_term["wind"]
    verdicts = answers["verdict"]
    stock = ("sources_vs_gas_storage", "hydro")
    assert float(answers["estimate"][(*stock, "raw_correlation", "all")]) < -0.5
    assert (
        verdicts[(*stock, "raw_correlation", "all")]
        == verdicts[(*stock, "anomaly_correlation", "all")]
        == "not_detectable"
    )
    assert verdicts[("sources_vs_gas_storage", "gas/withdrawal", "anomaly_correlation", "all")] == "yes"
