"""Exports of other years, with gaps, different ends, two maturities, or one winter only: the warehouse computes what
pandas and statsmodels compute, and gives a reason for every answer that cannot be determined."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
import pytest

from laptop.manifest import PROJECT
from laptop.warehouse import Warehouse
from tests.answers import observations
from tests.answers.comparing import KEYS, Series, compare, declared_methods, series_of
from tests.answers.landing import build, fill, table
from tests.answers.other_exports import Other, landing
from tests.stacks import emptied

# Six years that begin and end anywhere, of which a spring and half a winter are lost; the gas ends fifteen months earlier.
LONG = Other(
    mix=("2016-03-01", "2021-11-20"), gas=("2013-06-01", "2020-08-15"), temperatures=("2016-01-01", "2022-11-30"),
    without=(("2018-04-01", "2018-06-30"), ("2021-01-10", "2021-03-05")), real_time="2021-05-10",
)  # fmt: skip
# December to February of five years, the last of which ends on a 29 February.
WINTERS = Other(
    mix=("2019-12-01", "2024-02-29"), gas=("2017-11-01", "2024-02-29"), temperatures=("2019-12-01", "2024-02-29"),
    without=tuple((f"{year}-03-01", f"{year}-11-30") for year in range(2020, 2024)), seed=2,
)  # fmt: skip
# One winter of the mix beside seven years of temperature and of a stock that never moves.
ONE_WINTER = Other(
    mix=("2021-11-01", "2022-03-31"), gas=("2015-01-01", "2022-03-31"), temperatures=("2015-01-01", "2022-03-31"),
    stock_moves=False, seed=3,
)  # fmt: skip


class Built(NamedTuple):
    """The mart, the sums it is made of, and the observations of every series made by pandas."""

    answers: pd.DataFrame
    sums: pd.DataFrame
    series: Series


@pytest.fixture(scope="module")
def built(shared_stack):
    """Makes the marts of a set of exports; `seed` says in which order its rows are loaded."""
    with emptied(shared_stack) as stack:
        warehouse = Warehouse(stack.environment)

        def make(other: Other, seed: int | None = None) -> Built:
            tables = landing(other)
            for name, frame in tables.items():
                fill(stack, warehouse, name, frame if seed is None else frame.sample(frac=1, random_state=seed))
            build()
            mix, gas, temperatures = (tables[name] for name in sorted(tables))
            steps = observations.steps(mix)
            days = observations.days(steps, gas, temperatures, PROJECT / "seeds" / "region_population.csv")
            sums = table(warehouse, "int_answers_sums").sort_values(["series", "block_year", "fine_block", "group_key"])
            answers = table(warehouse, "answers").set_index(KEYS).sort_index()
            return Built(answers, sums.reset_index(drop=True), series_of(days, steps))

        yield make


def test_six_years_with_gaps(built):
    answers, _, series = built(LONG)
    numbers, reasons = compare(answers, series, declared_methods())
    assert numbers > 700 and reasons > 20
    of_consumption = answers.loc[("sources_vs_temperature", "consumption", "within_month")]
    assert of_consumption.loc["all", "maturity"] == "mixed"
    assert of_consumption.loc[["2019", "2022"], "maturity"].tolist() == ["definitive", "real_time"]
    # every period's terms add up
    rows = answers.loc["sources_vs_temperature"].xs("within_month", level="method")["estimate"].astype(float).unstack()
    told = rows.loc[:, rows.loc["consumption"].notna()]
    assert {"2017", "2020", "all"} <= set(told.columns)
    pd.testing.assert_series_equal(
        told.drop("consumption").sum(), told.loc["consumption"], check_names=False, atol=1e-4
    )
    # the gas has ended, and its last day is what the fill is of
    fill_row = answers.loc[("gas_storage_vs_temperature", "fill", "previous_years", "latest_day")]
    assert str(fill_row["last_day"])[:10] == "2020-08-15"


def test_winters_without_summers(built):
    answers, first_sums, series = built(WINTERS)
    numbers, _ = compare(answers, series, declared_methods())
    assert numbers > 300
    thermal = answers.loc[("sources_vs_temperature", "thermosensitivity/day", "within_winter")]
    assert thermal.loc["all", "verdict"] == "yes" and {"2020", "2024"} <= set(thermal.index)
    # no season but winter, no warm day, no year of four seasons
    assert answers.loc[("mix_by_season", "hydro/summer", "season_share", "all"), "reason"] == "no_data"
    assert answers.loc[("mix_by_season", "hydro/winter", "season_difference", "all"), "reason"] == "no_data"
    assert answers.loc[("sources_vs_temperature", "consumption", "cooling_threshold", "all"), "reason"] == "no_data"
    # whatever the order in which rows were loaded, every digit is the same, of what is not rounded too
    again, sums, _ = built(WINTERS, seed=4)
    pd.testing.assert_frame_equal(first_sums, sums, check_exact=True)
    pd.testing.assert_frame_equal(answers, again, check_exact=True)


def test_one_winter(built):
    answers, _, series = built(ONE_WINTER)
    compare(answers, series, declared_methods())
    told = answers[answers["verdict"] != "not_detectable"].reset_index()
    # one winter tells of that winter, and nothing that takes years
    assert set(told["method"]) <= {"measured_share", "within_winter", "within_winter_given_daylight", "within_month"}
    share = answers.loc[("mix", "nuclear", "measured_share")]
    assert share.loc["all", "verdict"] == "yes"
    assert share.loc[["2022", "trailing_year"], "reason"].tolist() == ["too_few_days"] * 2
    assert share.loc[["2022", "trailing_year"], "estimate"].isna().all()
    # a stock that never moves has no relation, no lag, no drawdown and no level to compare
    gas = answers.loc["gas_storage_vs_temperature"]
    assert set(gas.loc[gas["reason"] != "too_few_days", "reason"]) == {"constant"} and gas["estimate"].isna().all()
    assert {"annual_phase", "previous_years", "per_winter"} <= set(gas.index.get_level_values("method"))
