"""A real export without forecasts, CO2, borders and details is read, and its years add up."""

from __future__ import annotations

import datetime as dt

import duckdb
import pytest
from odre.contract import load_contract
from odre.exports.writing import CanonicalWriter
from odre.window import Window

from tests.models import Models

MIX = "eco2mix_national_tr"
FILE = "eco2mix-national-cons-def_2016-2019.parquet"
MEASURES = {
    "consommation": "consumption_mwh",
    "nucleaire": "nuclear_mwh",
    "solaire": "solar_mwh",
    "pompage": "pumping_mwh",
}


def test_the_years_2016_to_2019_add_up_and_what_is_absent_is_null(sql, real_exports, tmp_path):
    export = real_exports.parent / "history" / FILE
    if not export.is_file():
        pytest.skip(f"no real history at {export}")
    with CanonicalWriter(
        load_contract(MIX), Window(dt.date(2016, 1, 1), dt.date(2019, 12, 31)), tmp_path / "c"
    ) as writer:
        assert writer.add(export) == 70_128
    assert writer.aside.left_out == []
    models = Models(sql)
    models.insert(MIX, f"select * from read_parquet('{tmp_path / 'c'}')")
    models.build("stg_eco2mix_national_tr", "int_mix_steps", "int_mix_daily_observed", "int_mix_daily")
    totals = ", ".join(f"sum({name}) as {name}" for name in MEASURES.values())
    found = models.rows(
        f"select year(local_date) as year, {totals}, sum(production_mwh) as production, count(*) as days, "
        "count_if(is_complete) as complete, count(co2_g_per_kwh) as co2, count(commercial_exchange_mwh) as exchanges, "
        "count(steps_forecast_same_day_mw) as forecasts, count(balance_error_mw) as balances "
        "from int_mix_daily group by 1 order by 1"
    )
    # Energy is mean power times the hours of the day: 23 or 25 when clocks change.
    hours = (
        "case when day(date) > 24 and dayofweek(date) = 0 and month(date) = 3 then 23 "
        "when day(date) > 24 and dayofweek(date) = 0 and month(date) = 10 then 25 else 24 end"
    )
    means = ", ".join(f"avg({column}) as {name}" for column, name in MEASURES.items())
    expected = duckdb.sql(
        f"with steps as (select *, date::date as day from read_parquet('{export}')), "
        f"days as (select day as date, {means} from steps where not (heure[1:2] = '02' and month(day) = 3 and "
        "dayofweek(day) = 0 and day(day) > 24) group by 1), "
        f"counted as (select *, {hours} as hours from days) "
        f"select year(date), {', '.join(f'sum({name} * hours)' for name in MEASURES.values())} from counted group by 1 order by 1"
    ).fetchall()
    assert [row["year"] for row in found] == [2016, 2017, 2018, 2019]
    for row, (_, *values) in zip(found, expected, strict=True):
        assert [row[name] for name in MEASURES.values()] == pytest.approx(values, rel=1e-9)
        assert row["complete"] == row["days"] == row["balances"] and row["production"] > 5e8
        assert (row["co2"], row["exchanges"]) == (0, 0)
