"""The MERGE keeps values and rows that an answer would take away although the source may still have them."""

from __future__ import annotations

from datetime import date

import pytest

from tests.test_merge import CONS, GAS, MIX, TR, Landing, gas, step


@pytest.fixture
def mix(warehouse):
    return Landing(warehouse, MIX, "losses_of_the_mix")


@pytest.fixture
def landing(warehouse):
    return Landing(warehouse, GAS, "losses_of_gas")


def test_a_day_that_would_lose_most_values_of_a_measure_is_held_back(mix):
    """Fuels null on all but one step, as ODRÉ has published them: what stands is kept, day by day."""
    clocks = ("00:00", "00:15", "00:30", "00:45")

    def day(number: int, lacking: tuple[str, ...] = (), nature: str = TR, **values) -> list[dict]:
        return [
            step(number, clock, 1000, nature) | {"nucleaire": None if clock in lacking else 600, "gaz": 40} | values
            for clock in clocks
        ]

    def nuclear() -> dict[int, list[float | None]]:
        sql = f"select extract(day from date), array_agg(ifnull(nucleaire, 0) order by heure) from `{mix.target}` group by 1"
        return {number: list(values) for number, values in mix.warehouse.query(sql)[1]}

    mix.load([*day(1), *day(2), *day(3)])
    mix.load([*day(1, clocks[1:], gaz=None), *day(2, clocks[2:]), *day(3, nucleaire=700)])
    assert nuclear() == {1: [600] * 4, 2: [600, 600, 0, 0], 3: [700] * 4}
    assert mix.held_back == [{"local_date": date(2022, 1, 1), "reason": "would lose most values of gaz, nucleaire"}]
    assert mix.undecided() == [date(2022, 1, 1)]
    # The same of consumption itself; a consolidated day has values at every second step only.
    blank = [row | {"consommation": None, "nucleaire": None} for row in day(1)]
    mix.load([*day(1)[:1], *blank[1:]])
    assert mix.held_back == [{"local_date": date(2022, 1, 1), "reason": "would lose most values of consommation"}]
    consolidated = day(1, nature=CONS)
    mix.load([*consolidated[:1], *(row | {"nature": CONS} for row in blank[1:])])
    assert mix.held_back == [] and nuclear()[1] == [600, 0, 0, 0]


def test_nothing_is_withdrawn_from_a_day_of_which_rows_were_left_out(landing):
    """Saline has come under a name that nobody has declared, and was left out: what stood of it stays."""
    landing.load([gas(day, pits, 5) for day in (1, 2) for pits in ("Saline", "Centre", "Serene")])
    answer = [gas(day, pits, 6) for day in (1, 2) for pits in ("Centre", "Serene")]
    after = landing.load(answer, days_lacking_rows=(date(2022, 1, 1),), days_undecided=(date(2022, 1, 1),))
    assert {(day.day, pits, stock) for day, pits, stock in after} == {
        (1, "Saline", 5.0), (1, "Centre", 6.0), (1, "Serene", 6.0), (2, "Centre", 6.0), (2, "Serene", 6.0)}  # fmt: skip
    assert landing.held_back == [] and landing.undecided() == [date(2022, 1, 1)]
