"""The synthetic sample: made, not stored; the same for the same arguments on every machine.

It ends where the real data would: yesterday is whole, and today has come as far as the clock (`moment`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pyarrow as pa
from odre.contract import Contract

from laptop.replica.schemas import ECO2MIX_CONS_DEF, ECO2MIX_TR, GAS_STORAGE, TEMPERATURE
from laptop.replica.synthetic import calendar, described, electricity, episodes, gas, temperature
from laptop.replica.synthetic.moment import first_day, moment
from laptop.replica.synthetic.noise import Noise

SEED = 2021
#: Days before the real-time dataset begins that the consolidated one holds.
HISTORY_DAYS = 183


def sample(
    start: dt.date | None = None,
    as_of: dt.datetime | None = None,
    real_time_start: dt.date | None = None,
    seed: int = SEED,
    contracts: Iterable[Contract] = (),
) -> dict[str, pa.Table]:
    """All datasets as the API knows them at `as_of` (local clock time).

    :param start: first day of gas and temperatures, and of the real-time mix unless told otherwise; by default the
        first of the month two years and a month back.
    :param as_of: `moment.moment` by default.
    :param real_time_start: first day of which there are real-time values only; older days are in the consolidated
        dataset, and the last of them is in both (`episodes.held_twice`).
    :param contracts: further datasets, whose rows are made from nothing but their contracts.
    """
    as_of = as_of or moment()
    start = start or first_day(as_of)
    noise = Noise(seed)
    first = calendar.day_number(start)
    boundary = calendar.day_number(real_time_start) if real_time_start else first
    oldest = min(first, boundary - HISTORY_DAYS)
    return {
        ECO2MIX_TR.id: electricity.real_time(noise, boundary - episodes.held_twice(boundary), as_of),
        ECO2MIX_CONS_DEF.id: electricity.consolidated(noise, oldest, boundary, as_of),
        GAS_STORAGE.id: gas.table(noise, first, as_of),
        TEMPERATURE.id: temperature.table(noise, first, as_of),
        **{contract.dataset_id: described.table(noise, contract, first, as_of) for contract in contracts},
    }
