"""Implausible values in a day of the mix count as missing and are named: spikes, impossible levels, straight
forecasts."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odre.measures import measures

from tests.examples import examples
from tests.models import Models, published_december

MIX = "eco2mix_national_tr"
BUILT = ("stg_eco2mix_national_tr", "int_mix_steps", "int_mix_daily_observed", "int_mix_daily")
MARTS = ("stg_stock_quotidien_stockages_gaz", "stg_temperature_quotidienne_regionale", "int_gas_storage_daily",
         "int_temperature_daily", "gas_storage_daily", "completeness_daily", "records", "forecast_error_daily",
         "mix_daily", "mix_daily_by_source", "mix_quarter_hourly", "mix_hourly")  # fmt: skip
HISTORY = "eco2mix-national-cons-def_2016-2019.parquet"
STEPS = [f"{hour:02d}:{minute}" for hour in range(24) for minute in ("00", "15", "30", "45")]
DAY = "2021-12-15"


@pytest.fixture(scope="module")
def truth(sql, real_exports) -> dict:
    """The day as RTE published it."""
    return built(published_december(sql, real_exports))


def built(models: Models) -> dict:
    models.build(*BUILT)
    [row] = models.rows(f"select * from int_mix_daily where local_date = '{DAY}'")
    return row


@pytest.mark.parametrize("steps", [1, 4, 8], ids="{} steps".format)
@pytest.mark.parametrize("first", [0, 50, 88])
def test_bioenergy_of_3_211_mw_on_a_day_of_some_730(december, truth, first, steps):
    """As on 22 June 2022, at the beginning, in the middle and at the end of the day."""
    at = "', '".join(STEPS[first : first + steps])
    december.change(MIX, f"update landing set bioenergies = 3211 where date = '{DAY}' and heure in ('{at}')")
    day = built(december)
    december.build(*MARTS)
    assert (day["is_plausible"], day["is_complete"]) == (False, False)
    # When two whole hours are missing, nothing takes their place; when less is missing, the other steps of the hour do.
    assert (day["bioenergy_mw"] is None) == (steps == 8 or (first % 4 == 0 and steps == 4))
    if day["bioenergy_mw"] is not None:
        assert day["bioenergy_mw"] == pytest.approx(truth["bioenergy_mw"], rel=0.01)
    assert day["nuclear_mw"] == truth["nuclear_mw"]
    [gap] = december.rows(f"select * from completeness_daily where local_date = '{DAY}'")
    word = "step" if steps == 1 else "steps"
    assert (gap["implausible"], gap["missing"]) == (f"bioenergy ({steps} {word})", None)
    assert (gap["is_complete"], gap["reason"]) == (False, "implausible at the source")
    records = december.rows("select * from records where measure = 'bioenergy'")
    assert {(r["record"], r["place"]) for r in records} >= {("highest step", 1), ("highest daily mean", 1)}
    assert all(r["value_mw"] < 1000 for r in records)
    flags = "select is_plausible, count(*) as n from {} where local_date = '{}' group by 1 order by 1"
    assert december.rows(flags.format("mix_quarter_hourly", DAY)) == [
        {"is_plausible": False, "n": steps}, {"is_plausible": True, "n": 96 - steps}
    ]  # fmt: skip
    assert december.rows(flags.format("mix_daily_by_source", DAY))[0] == {"is_plausible": False, "n": 1}
    [hourly] = december.rows(f"select max(bioenergy_mw) as m from mix_hourly where local_date = '{DAY}'")
    assert hourly["m"] < 1000
    # Staging has it as it came.
    [kept] = december.rows(f"select max(bioenergy_mw) as m from stg_eco2mix_national_tr where local_date = '{DAY}'")
    assert kept["m"] == 3211


def test_forecasts_that_are_straight_lines_are_no_errors(december, truth):
    """As on 3 June 2022, when both forecasts were straight lines and would count as an error of 4,392 MW."""
    assert truth["is_plausible_forecast_day_ahead_mw"] and truth["mean_absolute_error_forecast_day_ahead_mw"] < 1500
    minutes = "(60 * heure[1:2]::int + heure[4:5]::int)"
    december.change(
        MIX,
        f"update landing set prevision_j1 = round((70000 - 10 * {minutes}) / 50) * 50, prevision_j = 60000 where date = '{DAY}'",
    )
    day = built(december)
    december.build(*MARTS)
    errors = [name for name in day if "_error_forecast" in name]
    assert len(errors) == 8 and {day[name] for name in errors} == {None}
    assert day["is_complete"] and day["is_plausible"]
    found = december.rows("select * from forecast_error_daily where not is_plausible")
    assert [(row["local_date"], row["forecast"], row["steps"]) for row in found] == [
        (dt.date.fromisoformat(DAY), "day ahead", 96),
        (dt.date.fromisoformat(DAY), "same day", 96),
    ]
    [gap] = december.rows("select * from completeness_daily where implausible is not null")
    assert gap["implausible"] == "day ahead forecast (a straight line), same day forecast (a straight line)"
    assert gap["is_complete"]


def test_four_years_of_half_hours_have_nothing_implausible(sql, real_exports):
    file = real_exports.parent / "history" / HISTORY
    if not file.is_file():
        pytest.skip(f"no real history at {file}")
    models = Models(sql)
    models.insert(MIX, f"select * from read_parquet('{file}')")
    models.build(*BUILT)
    assert models.rows("select local_date from int_mix_daily where not is_plausible") == []


SPIKING = [measure for measure in measures(["source"]) if measure.spike]


@settings(max_examples=examples(30), suppress_health_check=list(HealthCheck))
@given(
    measure=st.sampled_from(SPIKING),
    ramp=st.integers(-5, 5),
    noise=st.lists(st.integers(-20, 20), min_size=96, max_size=96),
    first=st.integers(0, 95),
    steps=st.integers(1, 8),
    height=st.sampled_from([-1.3, 1.3, 2.0]),
)
def test_a_spike_is_found_wherever_it_is_and_only_it(sql, measure, ramp, noise, first, steps, height):
    """A day that rises or falls, with noise, in which some steps stand apart by more than a spike."""
    models = Models(sql)
    base = [1500 + ramp * n + noise[n] for n in range(96)]
    spiky = set(range(first, min(first + steps, 96)))
    values = [base[n] + (height * measure.spike if n in spiky else 0) for n in range(96)]
    rows = ", ".join(f"('{at}', {value}::double)" for at, value in zip(STEPS, values, strict=True))
    models.insert(
        MIX,
        "select 'France' as perimetre, 'Données temps réel' as nature, "
        f"date '{DAY}' as date, heure, 50000 as consommation, value as {measure.column}, "
        f"('{DAY} ' || heure)::timestamp as date_heure from (values {rows}) as t(heure, value)",
    )
    models.build(*BUILT)
    [row] = models.rows("select * from int_mix_daily_observed")
    low, high = measure.usual
    assert row[f"implausible_{measure.name}"] == len(spiky | {n for n in range(96) if not low <= values[n] <= high})
    assert row[f"peak_{measure.name}"] == max(base[n] for n in range(96) if n not in spiky)
