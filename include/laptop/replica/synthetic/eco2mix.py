"""The two national éCO2mix datasets, with the traps that the real ones carry."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.compute

from laptop.replica.schemas import DRIFTED_TO_TEXT, ECO2MIX_CONS_DEF, ECO2MIX_TR
from laptop.replica.synthetic import calendar
from laptop.replica.synthetic.calendar import QUARTERS
from laptop.replica.synthetic.noise import Noise
from laptop.replica.synthetic.power import PowerSystem

FIRST_DAY = calendar.day_number(dt.date(2012, 1, 1))
REAL_TIME, CONSOLIDATED, DEFINITIVE = "Données temps réel", "Données consolidées", "Données définitives"

_PUBLISHED_SINCE_2023 = ("stockage_batterie", "destockage_batterie", "eolien_terrestre", "eolien_offshore")
_DETAILED_FROM = calendar.day_number(dt.date(2023, 4, 1))
_EXCHANGES_EVERY_QUARTER_FROM = calendar.day_number(dt.date(2025, 1, 1))
_FORECASTS = ("prevision_j1", "prevision_j")
#: Quarter-hours that do not exist on the spring day (02:00-02:45), and those they share instants with.
_SKIPPED, _TWINS = slice(8, 12), slice(12, 16)
#: Minutes after its beginning at which a quarter-hour is published, and hours for which it settles.
_PUBLICATION_DELAY = 15
_SETTLING_HOURS = 6

_CLOCK = np.array([f"{q // 4:02d}:{q % 4 * 15:02d}" for q in range(QUARTERS)])


def real_time(noise: Noise, days: np.ndarray, as_of: dt.datetime | None = None) -> pa.Table:
    """Real-time rows of whole days; with ``as_of``, as the API knew them at that clock time.

    Then quarter-hours not yet published hold forecasts only (none of the same day for tomorrow,
    exchanges already filled until the end of today), and the last hours are still settling.
    """
    system = PowerSystem(noise, days)
    values = system.generation()
    exchanges = system.exchanges(values["ech_physiques"])
    if as_of is not None:
        age = _hours_since(days, as_of)
        amount = np.clip(1.0 - age / _SETTLING_HOURS, 0.0, 1.0)
        system.refresh(values, int(as_of.timestamp()) // 900, amount)
    forecasts = {"prevision_j1": system.forecast("d-1", 900.0), "prevision_j": system.forecast("d", 450.0)}
    values = {**values, **exchanges, **forecasts}
    _spring_day(days, values)
    _null_exchanges_between_half_hours(days, values)
    _null_before(days, values)
    if as_of is not None:
        _hide_future(days, values, as_of, list(exchanges))
    table = _table(days, values, REAL_TIME, ECO2MIX_TR.fields, noise)
    return table.filter(pa.array(~_missing_quarters(noise, days)))


def consolidated(noise: Noise, days: np.ndarray, definitive: bool) -> pa.Table:
    """Consolidated or definitive rows: half-hourly values, forecasts only at :15 and :45."""
    system = PowerSystem(noise, days)
    values = system.generation()
    exchanges = system.exchanges(values["ech_physiques"])
    system.consolidate(values, definitive)
    forecasts = {"prevision_j1": system.forecast("d-1", 900.0), "prevision_j": system.forecast("d", 450.0)}
    values = {**values, **exchanges, **forecasts}
    _spring_day(days, values)
    odd = np.tile(np.arange(QUARTERS) % 2 == 1, len(days))
    for name in values.keys() - set(_FORECASTS):
        values[name] = np.where(odd, np.nan, values[name])
    nature = DEFINITIVE if definitive else CONSOLIDATED
    return _table(days, values, nature, ECO2MIX_CONS_DEF.fields, noise)


def _hours_since(days: np.ndarray, as_of: dt.datetime) -> np.ndarray:
    """Clock hours between the publication of each quarter-hour and ``as_of``; negative: not published."""
    minutes = (days[:, None] * 1440 + np.arange(QUARTERS)[None, :] * 15).ravel() + _PUBLICATION_DELAY
    now = calendar.day_number(as_of.date()) * 1440 + as_of.hour * 60 + as_of.minute
    return (now - minutes) / 60.0


def _hide_future(days: np.ndarray, values: dict, as_of: dt.datetime, exchanges: list[str]) -> None:
    future = _hours_since(days, as_of) < 0
    tomorrow = np.repeat(days > calendar.day_number(as_of.date()), QUARTERS)
    for name in values.keys() - {"prevision_j1"}:
        known_ahead = name in exchanges or name == "prevision_j"
        values[name] = np.where(tomorrow if known_ahead else future, np.nan, values[name])


def _spring_day(days: np.ndarray, values: dict) -> None:
    """02:xx repeats the measures of 03:xx; in odd years two of its rows contradict them."""
    for row in np.flatnonzero(calendar.is_spring_day(days)):
        odd_year = calendar.date_of(days[row]).year % 2 == 1
        for name, array in values.items():
            if name in _FORECASTS or name.startswith("ech_comm_"):
                continue
            grid = array.reshape(-1, QUARTERS)
            grid[row, _SKIPPED] = grid[row, _TWINS]
            if odd_year and name in ("consommation", "nucleaire"):
                grid[row, 8:10] += 60.0


def _null_exchanges_between_half_hours(days: np.ndarray, values: dict) -> None:
    odd = np.tile(np.arange(QUARTERS) % 2 == 1, len(days))
    sparse = odd & np.repeat(days < _EXCHANGES_EVERY_QUARTER_FROM, QUARTERS)
    for name in [name for name in values if name.startswith("ech_comm_")]:
        values[name] = np.where(sparse, np.nan, values[name])


def _null_before(days: np.ndarray, values: dict) -> None:
    before = np.repeat(days < _DETAILED_FROM, QUARTERS)
    for name in _PUBLISHED_SINCE_2023:
        values[name] = np.where(before, np.nan, values[name])


def _missing_quarters(noise: Noise, days: np.ndarray) -> np.ndarray:
    """One quarter-hour is missing on about one day in forty."""
    hit = noise.uniform("eco2mix/gap", days) < 1 / 40
    quarter = (noise.uniform("eco2mix/gap/at", days) * QUARTERS).astype(int)
    return (hit[:, None] & (np.arange(QUARTERS)[None, :] == quarter[:, None])).ravel()


def _table(days: np.ndarray, values: dict, nature: str, fields, noise: Noise) -> pa.Table:
    count = len(days) * QUARTERS
    index = (days[:, None] * QUARTERS + np.arange(QUARTERS)[None, :]).ravel()
    instants = (index.reshape(-1, QUARTERS) * 15 - calendar.utc_offsets(days) * 60).ravel() * 60_000
    fixed = {
        "perimetre": pa.repeat("France", count),
        "nature": pa.repeat(nature, count),
        "date": _repeat_strings(np.datetime_as_string(days.astype("datetime64[D]")), QUARTERS),
        "heure": _tile_strings(_CLOCK, len(days)),
        "date_heure": pa.array(instants, pa.timestamp("ms", tz="UTC")),
    }
    columns = {}
    for field in fields:
        if field.name in fixed:
            columns[field.name] = fixed[field.name]
        elif field.name.startswith("column_"):
            columns[field.name] = pa.nulls(count, field.arrow_type)
        else:
            numbers = _whole_numbers(values[field.name])
            if field.name in DRIFTED_TO_TEXT and field.type == "text":
                numbers = _as_text(numbers, field.name, index, noise)
            columns[field.name] = numbers
    return pa.table(columns)


def _whole_numbers(values: np.ndarray) -> pa.Array:
    missing = np.isnan(values)
    return pa.array(np.where(missing, 0.0, values).astype(np.int64), mask=missing)


def _as_text(numbers: pa.Array, name: str, index: np.ndarray, noise: Noise) -> pa.Array:
    """Numbers as text, a few of them ``ND`` or ``-``."""
    present = numbers.is_valid().to_numpy(zero_copy_only=False)
    u = np.where(present, noise.uniform(f"eco2mix/text/{name}", index), 1.0)
    text = numbers.cast(pa.string())
    text = pa.compute.if_else(pa.array(u < 0.0004), "ND", text)
    return pa.compute.if_else(pa.array((u >= 0.0004) & (u < 0.0008)), "-", text)


def _repeat_strings(values: np.ndarray, times: int) -> pa.Array:
    codes = np.repeat(np.arange(len(values), dtype=np.int32), times)
    return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(values.tolist(), pa.string())).dictionary_decode()


def _tile_strings(values: np.ndarray, times: int) -> pa.Array:
    codes = np.tile(np.arange(len(values), dtype=np.int32), times)
    return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(values.tolist(), pa.string())).dictionary_decode()
