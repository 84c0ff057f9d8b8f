"""Which values of the national gas stock and the national temperature are trusted, on the real exports."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from statistics import correlation

import pytest

from tests.models import Models

GAS = "stock_quotidien_stockages_gaz"
TEMPERATURE = "temperature_quotidienne_regionale"
BUILT = ("stg_stock_quotidien_stockages_gaz", "stg_temperature_quotidienne_regionale", "int_gas_storage_daily",
         "int_temperature_daily", "gas_storage_daily")  # fmt: skip
# Levels that were published for these days, percent: above 99, above 77, almost 95.
PUBLISHED = {dt.date(2022, 10, 5): 99, dt.date(2022, 7, 26): 77, dt.date(2021, 10, 31): 95}


@pytest.fixture
def models(sql, real_exports) -> Models:
    models = Models(sql)
    stocks = real_exports / "stock-quotidien-stockages-gaz_asof-2022-12.csv"
    models.insert(GAS, f"select * from read_csv('{stocks}', delim=';')")
    models.insert(
        TEMPERATURE, f"select * from '{real_exports / 'temperature-quotidienne-regionale_asof-2025-11.parquet'}'"
    )
    models.build(*BUILT)
    return models


def complete_days(models: Models) -> dict[str, int]:
    [row] = models.rows(
        "select (select count_if(is_complete) from int_gas_storage_daily) as gas, "
        "(select count_if(is_complete) from int_temperature_daily) as temperature"
    )
    return row


def test_the_fill_level_is_within_two_and_a_half_points_of_the_published_ones(models):
    days = ", ".join(f"'{day}'" for day in PUBLISHED)
    levels = models.rows(f"select gas_day, 100 * fill_level as level from gas_storage_daily where gas_day in ({days})")
    assert {row["gas_day"]: row["level"] for row in levels} == pytest.approx(PUBLISHED, abs=2.5)
    assert {row["gas_day"]: round(row["level"], 1) for row in levels} == {
        dt.date(2022, 10, 5): 98.7, dt.date(2022, 7, 26): 77.0, dt.date(2021, 10, 31): 92.7,
    }  # fmt: skip


def test_a_fill_level_of_fewer_years_says_since_when(models):
    """Cut to two years, the level of 26 July 2022 is five points above the published one."""
    sql = "select fill_level, running_maximum_since as since from gas_storage_daily where gas_day = '2022-07-26'"
    assert models.rows(sql)[0]["since"] == dt.date(2022, 7, 26) - dt.timedelta(1826)
    models.change(GAS, "delete from landing where date < '2021-01-01'")
    models.build(*BUILT)
    [row] = models.rows(sql)
    assert (round(100 * row["fill_level"], 1), row["since"]) == (82.3, dt.date(2021, 1, 1))


def test_a_newcomer_that_nobody_has_declared_changes_no_day(models):
    before = complete_days(models), models.rows("select sum(stock_gwh) as s from int_gas_storage_daily")
    models.insert(
        GAS, "select date '2022-10-31' as date, 5000.0 as stock_fin_de_journee, 'New' as source, 'Izaute' as pits"
    )
    models.insert(
        TEMPERATURE, "select date '2025-10-30' as date, 1 as code_insee_region, 'Guadeloupe' as region, 30.0 as tmoy"
    )
    models.build(*BUILT)
    assert (complete_days(models), models.rows("select sum(stock_gwh) as s from int_gas_storage_daily")) == before
    assert before[0] == {"gas": 4383, "temperature": 3564}


def test_an_export_of_one_region_or_one_site_is_not_the_nation(models):
    models.change(GAS, "delete from landing where pits != 'Saline'")
    models.change(TEMPERATURE, "delete from landing where code_insee_region != 53")
    models.build(*BUILT)
    assert complete_days(models) == {"gas": 0, "temperature": 0}
    [row] = models.rows("select missing_sites from int_gas_storage_daily limit 1")
    assert row["missing_sites"] == "Centre, Sediane, Sediane B, Serene, Teréga"
    [row] = models.rows("select missing_regions from int_temperature_daily limit 1")
    assert (
        row["missing_regions"].startswith("Île-de-France, Centre-Val de Loire")
        and "Bretagne" not in row["missing_regions"]
    )


def test_the_fourteen_days_on_which_the_stock_cannot_have_moved_as_it_did(models):
    days = [row["gas_day"] for row in models.rows("select * from gas_storage_daily where not is_plausible order by 1")]
    assert len(days) == 14
    assert {dt.date(2022, 1, 31), dt.date(2020, 6, 1), dt.date(2020, 6, 2)} <= set(days)
    [row] = models.rows("select * from gas_storage_daily where gas_day = '2022-01-31'")
    assert (row["net_withdrawal_gwh"], row["is_complete"]) == (None, True)
    assert abs(row["stock_fall_gwh"]) == pytest.approx(3_172, abs=1)


def test_neither_stock_around_an_impossible_change_is_relied_on(models):
    """The days of the issue: a leap that stays (January 2022), one that comes back (June 2020), four in a row (2021)."""
    doubted = {row["gas_day"] for row in models.rows("select * from gas_storage_daily where not is_stock_plausible")}
    assert {day for day in doubted if day.year == 2022} == {dt.date(2022, 1, 30), dt.date(2022, 1, 31)}
    assert {day for day in doubted if (day.year, day.month) in {(2020, 5), (2020, 6)} and day < dt.date(2020, 6, 15)} == {
        dt.date(2020, 5, 31), dt.date(2020, 6, 1), dt.date(2020, 6, 2),
    }  # fmt: skip
    assert {day for day in doubted if day.year == 2021} == {dt.date(2021, 9, 29) + dt.timedelta(n) for n in range(5)}
    days = models.rows("select * from gas_storage_daily where is_complete")
    stocks = {row["gas_day"]: row["stock_gwh"] for row in days}
    leaps = [day for day in stocks if abs(stocks[day] - stocks.get(day - dt.timedelta(1), stocks[day])) > 2_300]
    assert doubted == {day - dt.timedelta(n) for day in leaps for n in (0, 1)}
    for row in days:
        assert row["is_stock_plausible"] == (row["gas_day"] not in doubted) == (row["implausible"] is None)
        assert row["is_stock_plausible"] or (row["fill_level"] is None and row["stock_gwh"] is not None)


def test_a_stock_that_leaps_up_and_comes_back_is_no_greatest_stock(models):
    before = models.rows("select gas_day, fill_level from gas_storage_daily where gas_day > '2019-06-03' order by 1")
    models.change(GAS, "update landing set stock_fin_de_journee = 200000 where date = '2019-06-01' and pits = 'Saline'")
    models.build(*BUILT)
    assert (
        models.rows("select gas_day, fill_level from gas_storage_daily where gas_day > '2019-06-03' order by 1")
        == before
    )


def test_an_impossible_day_is_in_no_correlation(models):
    """A winter's r of withdrawal and stock with temperature is that of its possible days alone."""
    models.change(GAS, "delete from landing where date < '2021-11-01' or date > '2022-03-31'")
    models.build(*BUILT, "gas_storage_vs_temperature")
    [row] = models.rows("select * from gas_storage_vs_temperature where season = 'all'")
    days = models.rows(
        "select * from gas_storage_daily where stock_gwh is not null and mean_celsius is not null order by 1"
    )
    moves = [(b["mean_celsius"], a["stock_gwh"] - b["stock_gwh"]) for a, b in pairwise(days)
             if b["gas_day"] - a["gas_day"] == dt.timedelta(1)]  # fmt: skip
    possible = [move for move in moves if abs(move[1]) <= 2_300]
    assert len(moves) - len(possible) == 1
    assert row["withdrawal_days"] == len(possible)
    assert row["correlation_withdrawal_temperature"] == pytest.approx(
        correlation(*zip(*possible, strict=True)), abs=1e-6
    )
    # The winter of the issue: with that day r would be −0.67.
    [winter] = models.rows("select * from gas_storage_vs_temperature where season = 'winter'")
    assert round(winter["correlation_withdrawal_temperature"], 2) == -0.76
    kept = [day for day in days if day["gas_day"] not in (dt.date(2022, 1, 30), dt.date(2022, 1, 31))]
    assert len(days) - len(kept) == 2 and row["days"] == len(kept)
