"""Whatever order windows are loaded in, every model ends as a build from scratch makes it.

In December a gas site is silent, one region reports from December on only, and the mix turns from half-hours to
quarter-hours; so no day is complete in all datasets, and each month's rows differ in kind from the other's.
"""

from __future__ import annotations

import pytest
from odre.contract import load_contract, tables
from odre.measures import measures

from tests.project import NONE, dbt
from tests.tables import MARTS, checksums

MIX, GAS, TEMPERATURE = "eco2mix_national_tr", "stock_quotidien_stockages_gaz", "temperature_quotidienne_regionale"
NOVEMBER, DECEMBER = ("2021-11-01", "2021-11-30"), ("2021-12-01", "2021-12-31")
STAGING = "de_project_staging"


def mix(first: str, last: str) -> str:
    """Statement that lands the mix: half-hours in November, quarter-hours in December, forecasts only on the last day."""
    minutes = 30 if first == NOVEMBER[0] else 15
    names = ", ".join(measure.column for measure in measures())
    values = ", ".join(
        f"if(day = date '{last}', null, cast(mod(step * {number + 3} + extract(day from day), 97) - {number} as float64))"
        for number in range(len(measures()))
    )
    return f"""
        insert into {STAGING}.{MIX} (perimetre, nature, date, heure, date_heure, {names})
        select 'France', 'Données temps réel', day,
            format('%02d:%02d', div(step * {minutes}, 60), mod(step * {minutes}, 60)),
            timestamp_add(timestamp(day, 'Europe/Paris'), interval step * {minutes} minute), {values}
        from unnest(generate_date_array(date '{first}', date '{last}')) as day
        cross join unnest(generate_array(0, {24 * 60 // minutes - 1})) as step"""


def entities(table: str, silent: str | None) -> str:
    """The declared entities of a dataset as a GoogleSQL array of strings, without the one that is silent."""
    declared = load_contract(table).entities
    assert declared
    return str([str(member.name) for member in declared.members if str(member.name) != silent])


def gas(first: str, last: str) -> str:
    """Statement that lands the stocks of all sites; Saline reports in November only."""
    sites = entities(GAS, None if first == NOVEMBER[0] else "Saline")
    return f"""
        insert into {STAGING}.{GAS} (date, stock_fin_de_journee, source, pits)
        select day, 1000.0 + 7 * extract(day from day), 'Storengy', site
        from unnest(generate_date_array(date '{first}', date '{last}')) as day cross join unnest({sites}) as site"""


def temperature(first: str, last: str) -> str:
    """Statement that lands the temperatures of all regions; Corsica (94) reports from December on."""
    codes = entities(TEMPERATURE, "94" if first == NOVEMBER[0] else None)
    return f"""
        insert into {STAGING}.{TEMPERATURE} (id, date, code_insee_region, region, tmin, tmax, tmoy)
        select concat(cast(day as string), '-', code), day, cast(code as int64), code, 1, 9, mod(extract(day from day) * cast(code as int64), 11)
        from unnest(generate_date_array(date '{first}', date '{last}')) as day cross join unnest({codes}) as code"""


LOADS = {MIX: mix, GAS: gas, TEMPERATURE: temperature}
ORDERS = {
    "months backwards": [(table, month) for month in (DECEMBER, NOVEMBER) for table in LOADS],
    "datasets one after the other": [
        (table, month) for table in (GAS, MIX, TEMPERATURE) for month in (DECEMBER, NOVEMBER)
    ],
}


@pytest.fixture
def run(warehouse):
    """Run the models of the project, on landing tables that are empty at first."""

    def run(*options: str, window: tuple[str, str] = NONE) -> None:
        done = dbt("run", *options, window=window)
        assert done.success, done.exception

    for table in tables():
        warehouse.create_landing(table)
    assert dbt("seed").success
    run("--full-refresh")
    return run


@pytest.mark.parametrize("order", ORDERS)
def test_every_model_is_what_a_build_from_scratch_makes_it(run, warehouse, order):
    for table, month in ORDERS[order]:
        warehouse.query(LOADS[table](*month))
        run("--select", f"source:odre.{table}+", window=month)
    loaded = checksums(warehouse)
    assert loaded[f"{MARTS}.daily_merged"][0] == 59, "two months, of each of which the last day holds forecasts only"
    silent = f"select count(*) from {MARTS}.daily_merged where missing_gas_sites = 'Saline' and stock_gaz is null"
    assert warehouse.query(silent)[1] == [(30,)]
    run("--full-refresh")
    assert checksums(warehouse) == loaded
