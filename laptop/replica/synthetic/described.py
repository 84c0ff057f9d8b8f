"""Synthetic rows of a dataset, made from its contract alone, so that its DAG can run on the sample."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
from odre.contract import Contract
from odre.contract_columns import Column

from laptop.replica.schemas import ARROW_TYPES
from laptop.replica.synthetic import calendar
from laptop.replica.synthetic.noise import Noise

#: Number of different values of a key column other than the day and the clock time.
_ENTITIES = 3
_USUAL = (0.0, 100.0)
_ARROW = {"STRING": "text", "DATE": "date", "TIMESTAMP": "datetime", "INT64": "int", "FLOAT64": "double"}


def table(noise: Noise, contract: Contract, first: int, as_of: dt.datetime) -> pa.Table:
    """Rows of every day from `first` until yesterday, as the API knows them at `as_of` (local clock time).

    A day has one step, or 96 quarter-hours where the contract has a clock. Each step has one row for every combination
    of three values per other key column. Measures vary smoothly within the contract's `usual`, or else its `range`.
    """
    first = max(first, calendar.day_number(contract.start_date))
    days = np.arange(first, max(first, calendar.day_number(as_of.date())))
    clock = contract.clock
    quarters = np.arange(calendar.QUARTERS) if clock else np.zeros(1, dtype=np.int64)
    given = {contract.date_column, *((clock.timestamp, clock.time) if clock else ())}
    entities = [name for name in contract.key if name not in given]
    shape = (len(days), len(quarters), *[_ENTITIES] * len(entities))
    places = dict(zip(("day", "quarter", *entities), np.indices(shape).reshape(len(shape), -1), strict=True))
    entity = sum((places[name] * _ENTITIES**n for n, name in enumerate(entities)), start=np.zeros(1, dtype=np.int64))
    day, minute = days[places["day"]], quarters[places["quarter"]] * 15
    columns = {}
    for column in contract.columns:
        kind = ARROW_TYPES[_ARROW[column.data_type]]
        if column.name == contract.date_column:
            columns[column.name] = pa.array(day.astype("datetime64[D]")).cast(kind)
        elif clock and column.name == clock.time:
            columns[column.name] = pa.array([f"{m // 60:02d}:{m % 60:02d}" for m in minute])
        elif clock and column.name == clock.timestamp:
            offsets = calendar.utc_offsets(days)[places["day"], places["quarter"]]
            instants = (day * 1_440 + minute - offsets * 60).astype("datetime64[m]").astype("datetime64[ms]")
            columns[column.name] = pa.array(instants).cast(kind)
        elif contract.maturity and column.name == contract.maturity.column:
            columns[column.name] = pa.array([contract.maturity.order[0]] * len(day))
        elif column.name in entities and column.data_type == "STRING":
            columns[column.name] = pa.array([f"{column.name} {n + 1}" for n in places[column.name]])
        elif column.name in entities:
            columns[column.name] = pa.array(places[column.name] + 1).cast(kind)
        else:
            columns[column.name] = _values(noise, column, day, entity).cast(kind)
    return pa.table(columns)


def _values(noise: Noise, column: Column, day: np.ndarray, entity: np.ndarray) -> pa.Array:
    """Values of a column outside the key; null for text and for further dates."""
    if column.data_type not in ("INT64", "FLOAT64"):
        return pa.nulls(len(day))
    low, high = column.usual or column.range or _USUAL
    wave = noise.smooth(f"described/{column.name}", day * 97 + entity * 31, 97 * 14)
    values = (low + high) / 2 + (high - low) / 4 * wave
    return pa.array(np.rint(values) if column.data_type == "INT64" else np.round(values, 2))
