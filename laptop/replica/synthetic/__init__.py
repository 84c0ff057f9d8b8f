"""The synthetic sample: made, not stored; the same for the same arguments on every machine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pyarrow as pa
from odre.contract import Contract

from laptop.replica.schemas import ECO2MIX_CONS_DEF, ECO2MIX_TR, GAS_STORAGE, TEMPERATURE
from laptop.replica.synthetic import calendar, described, electricity, gas, temperature
from laptop.replica.synthetic.noise import Noise

SEED = 2021
#: What the API knows by default: the whole of December 2023, and a morning with forecasts ahead.
AS_OF = dt.datetime(2024, 1, 2, 9, 30)
START = dt.date(2021, 12, 1)
#: Days before the real-time dataset begins that the consolidated one holds.
HISTORY_DAYS = 183


def sample(
    start: dt.date = START,
    as_of: dt.datetime = AS_OF,
    real_time_start: dt.date | None = None,
    seed: int = SEED,
    contracts: Iterable[Contract] = (),
) -> dict[str, pa.Table]:
    """All datasets as the API knows them at `as_of` (local clock time).

    :param start: first day of gas and temperatures, and of the real-time mix unless told otherwise.
    :param real_time_start: first day of the real-time mix; older days are in the consolidated dataset.
    :param contracts: further datasets, whose rows are made from nothing but their contracts.
    """
    noise = Noise(seed)
    first = calendar.day_number(start)
    boundary = calendar.day_number(real_time_start) if real_time_start else first
    oldest = min(first, boundary - HISTORY_DAYS)
    return {
        ECO2MIX_TR.id: electricity.real_time(noise, boundary, as_of),
        ECO2MIX_CONS_DEF.id: electricity.consolidated(noise, oldest, boundary, as_of),
        GAS_STORAGE.id: gas.table(noise, first, as_of),
        TEMPERATURE.id: temperature.table(noise, first, as_of),
        **{contract.dataset_id: described.table(noise, contract, first, as_of) for contract in contracts},
    }
