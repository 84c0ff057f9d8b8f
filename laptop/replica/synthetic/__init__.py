"""The synthetic sample. It is computed, not stored, and is the same for the same arguments on every machine.

It ends where real data would: yesterday is complete, and today ends at the present time (`moment`)."""

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
#: Number of days before the first real-time day that the consolidated dataset holds.
HISTORY_DAYS = 183


def sample(
    start: dt.date | None = None,
    as_of: dt.datetime | None = None,
    real_time_start: dt.date | None = None,
    seed: int = SEED,
    contracts: Iterable[Contract] = (),
) -> dict[str, pa.Table]:
    """All datasets as the API knows them at `as_of` (local clock time).

    :param start: first day of gas and temperatures, and of the real-time mix unless `real_time_start` is given; by
        default the first day of the month two years and one month ago.
    :param as_of: `moment.moment` by default.
    :param real_time_start: first day that only the real-time dataset holds; older days are in the consolidated dataset,
        and the last of these is in both (`episodes.held_twice`).
    :param contracts: contracts of further datasets, from which alone their rows are made.
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
