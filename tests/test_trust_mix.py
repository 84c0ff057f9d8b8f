"""Which values of a day of the mix are trusted: every measure is judged by its own steps."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odre.contract import load_contract
from odre.measures import measures

from tests.examples import examples
from tests.models import Models

MIX = "eco2mix_national_tr"
BUILT = ("stg_eco2mix_national_tr", "int_mix_steps", "int_mix_daily_observed", "int_mix_daily")
OTHERS = ("stg_stock_quotidien_stockages_gaz", "stg_temperature_quotidienne_regionale", "int_gas_storage_daily",
          "int_temperature_daily", "gas_storage_daily", "completeness_daily")  # fmt: skip
SOURCES = ("fioul", "charbon", "gaz", "nucleaire", "eolien", "solaire", "hydraulique", "bioenergies")
NAMES = {measure.column: measure.name for measure in measures()}
DAY = dt.date(2022, 5, 1)


def day_of(models: Models, day: str) -> dict:
    models.build(*BUILT)
    [row] = models.rows(f"select * from int_mix_daily where local_date = '{day}'")
    return row


def test_december_2021_is_whole(december):
    december.build(*BUILT, *OTHERS)
    [found] = december.rows("select count(*) as days, count_if(is_complete) as complete from int_mix_daily")
    assert found == {"days": 31, "complete": 31}
    assert december.rows("select * from completeness_daily where missing is not null or implausible is not null") == []
    assert december.rows("select * from int_mix_daily where not is_plausible") == []
    assert day_of(december, "2021-12-15")["solar_mwh"] == pytest.approx(19_072.75)
    assert day_of(december, "2021-12-14")["nuclear_mw"] == pytest.approx(43_063.97, abs=0.01)


@pytest.mark.parametrize(
    ("column", "day", "hours", "name", "missing"),
    [
        ("solaire", "2021-12-15", ("09:00", "16:45"), "solar_mw", "solar: 09:00–16:59 (32 steps)"),
        ("nucleaire", "2021-12-14", ("06:00", "21:45"), "nuclear_mw", "nuclear: 06:00–21:59 (64 steps)"),
        # Nine tenths of the steps are there, and a third of the day's energy is not.
        ("solaire", "2021-12-15", ("12:00", "13:45"), "solar_mw", "solar: 12:00–13:59 (8 steps)"),
        ("hydraulique", "2021-12-15", ("00:00", "23:45"), "hydro_mw", "hydro: 00:00–23:59 (96 steps)"),
    ],
)
def test_a_source_that_lacks_hours_is_unknown_and_so_is_every_sum_of_it(december, column, day, hours, name, missing):
    whole = day_of(december, day)
    december.change(
        MIX, f"update landing set {column} = null where date = '{day}' and heure between '{hours[0]}' and '{hours[1]}'"
    )
    row = day_of(december, day)
    unknown = {name, f"{name}h", f"peak_{name}", "production_mw", "production_mwh", "low_carbon_share", "top_source"}
    assert {key: row[key] for key in unknown} == dict.fromkeys(unknown)
    assert not row["is_complete"] and not row["is_usable"]
    same = ("consumption_mwh", "coal_mwh", "commercial_exchange_mwh", "co2_g_per_kwh")
    assert {key: row[key] for key in same} == {key: whole[key] for key in same}
    december.build(*OTHERS)
    [gap] = december.rows(f"select * from completeness_daily where local_date = '{day}'")
    assert (gap["missing"], gap["is_complete"]) == (missing, False)


def test_one_step_of_a_week_of_all_fuels_makes_no_mean(december):
    values = ", ".join(f"{name} = null" for name in SOURCES)
    december.change(
        MIX, f"update landing set {values} where date between '2021-12-20' and '2021-12-26' and heure != '12:00'"
    )
    december.build(*BUILT)
    rows = december.rows("select * from int_mix_daily where local_date between '2021-12-20' and '2021-12-26'")
    assert len(rows) == 7
    for row in rows:
        assert (row["solar_mw"], row["top_source"], row["is_complete"]) == (None, None, False)


def test_what_no_sum_needs_is_unknown_and_named_without_making_the_day_incomplete(december):
    december.change(MIX, "update landing set taux_co2 = null where date = '2021-12-15' and heure < '02:00'")
    december.change(
        MIX, "update landing set ech_comm_suisse = null where date = '2021-12-15' and heure between '05:00' and '05:59'"
    )
    row = day_of(december, "2021-12-15")
    assert row["is_complete"] and row["production_mwh"] > 0
    unknown = (
        "co2_g_per_kwh",
        "exchange_switzerland_mw",
        "export_switzerland_mwh",
        "commercial_exchange_mwh",
        "top_foreign_buyer",
    )
    assert {key: row[key] for key in unknown} == dict.fromkeys(unknown)
    december.build(*OTHERS)
    [gap] = december.rows("select * from completeness_daily where local_date = '2021-12-15'")
    assert gap["missing"] == "co2: 00:00–01:59 (8 steps); Switzerland: 05:00–05:59 (2 steps)"


STEPS = [f"{hour:02d}:{minute}" for hour in range(24) for minute in ("00", "15", "30", "45")]


@settings(max_examples=examples(40), suppress_health_check=list(HealthCheck))
@given(
    # Within what no measure calls a spike; CO2 has the narrowest bounds.
    shape=st.lists(st.integers(0, 99), min_size=96, max_size=96),
    hours=st.sets(st.integers(0, 23), max_size=6),
    steps=st.sets(st.integers(0, 95), max_size=14),
    column=st.sampled_from([measure.column for measure in measures() if measure.kind != "forecast"]),
)
def test_a_trusted_value_is_within_what_the_rule_allows(sql, shape, hours, steps, column):
    """Whatever is blanked, a mean that is not null has a value in every hour and nine tenths of its steps, and is off by
    no more than the steps that are missing can vary within their hour."""
    models = Models(sql)
    names = [c.name for c in load_contract(MIX).columns if c.unit]
    values = ", ".join(
        f"{value}.0 as {name}" for name, value in zip(names, range(100, 900), strict=False) if name != column
    )
    blank = {n for n in range(96) if n in steps or n // 4 in hours}
    rows = ", ".join(f"('{at}', {'null' if n in blank else shape[n]}::double)" for n, at in enumerate(STEPS))
    models.insert(
        MIX,
        f"select 'France' as perimetre, 'Données temps réel' as nature, date '{DAY}' as date, heure, {values}, value as {column}, "
        f"('{DAY} ' || heure)::timestamp as date_heure from (values {rows}) as t(heure, value)",
    )
    models.build(*BUILT)
    found = models.rows("select * from int_mix_daily")
    value = found[0][NAMES[column]] if found else None
    by_hour = [
        (shape[4 * h : 4 * h + 4], [shape[n] for n in range(4 * h, 4 * h + 4) if n not in blank]) for h in range(24)
    ]
    if value is None:
        assert len(blank) > 9 or any(not known for _, known in by_hour)
        return
    assert all(known for _, known in by_hour) and len(blank) <= 9
    allowed = sum((4 - len(known)) / 4 * (max(all_) - min(all_)) for all_, known in by_hour) / 24
    assert abs(value - sum(shape) / 96) <= allowed + 1e-6
    assert (found[0]["is_complete"] is True) == (not blank or column not in load_contract(MIX).required)
