"""Synthetic electricity mix: consumption follows temperature, hour and weekday, and the balance is exact."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa

from laptop.replica.schemas import DRIFTED_TO_TEXT, ECO2MIX_CONS_DEF, ECO2MIX_TR, Dataset
from laptop.replica.synthetic import calendar, episodes
from laptop.replica.synthetic.noise import Noise
from laptop.replica.synthetic.temperature import national_temperature

#: Real-time values appear about an hour late.
_PUBLICATION_DELAY = dt.timedelta(hours=1)
#: Consolidated rows older than this are definitive.
_DEFINITIVE_AFTER_DAYS = 900
_HOURS = np.arange(calendar.QUARTERS) / 4
_DAILY_SHAPE = np.interp(
    _HOURS, [0, 3, 5, 8, 10, 13, 16, 19, 21, 24], [0.95, 0.88, 0.88, 1.04, 1.05, 1.06, 0.99, 1.1, 1.02, 0.95]
)
_WEEKDAY = np.array([1.0, 1.02, 1.02, 1.02, 1.0, 0.92, 0.88])
_WINTER = calendar.wave(365.25, 15, 366)
_FORECASTS = ("prevision_j1", "prevision_j")
_DETAILS = {
    "fioul_tac": ("fioul", 0.02), "fioul_cogen": ("fioul", 0.4), "fioul_autres": ("fioul", 0.58),
    "gaz_tac": ("gaz", 0.01), "gaz_cogen": ("gaz", 0.35), "gaz_ccg": ("gaz", 0.6), "gaz_autres": ("gaz", 0.0),
    "hydraulique_fil_eau_eclusee": ("hydraulique", 0.6), "hydraulique_lacs": ("hydraulique", 0.27),
    "hydraulique_step_turbinage": ("hydraulique", 0.13), "bioenergies_dechets": ("bioenergies", 0.27),
    "bioenergies_biomasse": ("bioenergies", 0.42), "bioenergies_biogaz": ("bioenergies", 0.31),
    "eolien_terrestre": ("eolien", 0.95), "eolien_offshore": ("eolien", 0.05),
}  # fmt: skip
_BORDERS = {
    "ech_comm_angleterre": -0.22, "ech_comm_espagne": -0.12, "ech_comm_italie": -0.24, "ech_comm_suisse": -0.18,
    "ech_comm_allemagne_belgique": 0.35,
}  # fmt: skip


def _measures(noise: Noise, days: np.ndarray) -> dict[str, np.ndarray]:
    """Whole MW per (day, clock step), shape (days, 96)."""
    index = days[:, None] * calendar.QUARTERS + np.arange(calendar.QUARTERS)[None, :]
    temperature = national_temperature(noise, days)[:, None]
    winter = np.asarray(_WINTER)[calendar.days_of_year(days)][:, None]

    def wobble(stream: str, period: int) -> np.ndarray:
        return noise.smooth(f"mix/{stream}", index, period)

    consumption = 46_500 * _DAILY_SHAPE[None, :] * _WEEKDAY[calendar.weekdays(days)][:, None]
    consumption = consumption + 2_200 * np.clip(15 - temperature, 0, None) + 450 * np.clip(temperature - 23, 0, None)
    consumption = consumption + 700 * wobble("consumption", 9)
    elevation = np.clip(np.round(np.sin(np.pi * np.clip((_HOURS - 6) / 14, 0, 1)), 6)[None, :] - 0.1 * winter, 0, None)
    storm, outage = episodes.storm(days)[:, None], episodes.outage(days)[:, None]
    m = {
        "nucleaire": (40_000 + 7_000 * winter + 2_500 * wobble("nuclear", 2_000)) * (1 - 0.5 * outage),
        "eolien": 500 + 6_500 * (1 + wobble("wind", 180)) ** 1 * (1 + 0.25 * winter) + 17_000 * storm,
        "solaire": elevation * (6_500 - 3_200 * winter) * (1 + 0.4 * wobble("cloud", 70)),
        "hydraulique": 6_000 + 1_200 * winter + 1_800 * wobble("hydro", 40),
        "pompage": -np.clip(1_500 * wobble("pumping", 30) + 900 * (_HOURS < 6), 0, 3_500),
        "bioenergies": 1_000 + 80 * wobble("bioenergy", 300),
        "charbon": np.clip(500 * winter + 400 * wobble("coal", 900), 4, None),
        "fioul": 150 + 60 * wobble("oil", 400),
    }
    m = {name: np.rint(values).astype(np.int64) for name, values in m.items()}
    m["consommation"] = np.rint(consumption).astype(np.int64)
    rest = m["consommation"] - sum(values for name, values in m.items() if name != "consommation")
    m["gaz"] = np.rint(np.clip(1_200 + 0.45 * rest, 350, 9_500)).astype(np.int64)
    m["ech_physiques"] = rest - m["gaz"]
    carbon = 0.42 * m["gaz"] + 0.99 * m["charbon"] + 0.78 * m["fioul"] + 0.49 * m["bioenergies"]
    production = sum(m[name] for name in ("nucleaire", "eolien", "solaire", "hydraulique", "bioenergies", "gaz"))
    m["taux_co2"] = np.rint(1_000 * carbon / production).astype(np.int64)
    for name, (parent, share) in _DETAILS.items():
        m[name] = np.rint(share * m[parent]).astype(np.int64)
    m["fioul_tac"] = m["fioul_tac"] - 4
    for name, share in _BORDERS.items():
        m[name] = np.rint(5_000 * share + 0.3 * m["ech_physiques"] + 900 * wobble(name, 60)).astype(np.int64)
    battery = np.rint(60 * wobble("battery", 12)).astype(np.int64)
    m["stockage_batterie"], m["destockage_batterie"] = np.minimum(battery, 0), np.maximum(battery, 0)
    m["prevision_j1"] = np.rint(m["consommation"] + 900 * wobble("forecast/1", 14)).astype(np.int64)
    m["prevision_j"] = np.rint(m["consommation"] + 500 * wobble("forecast/0", 10)).astype(np.int64)
    return m


def _table(
    dataset: Dataset,
    days: np.ndarray,
    nature: np.ndarray,
    measures: dict[str, np.ndarray],
    null: dict[str, np.ndarray],
    kept: np.ndarray,
    noise: Noise,
) -> pa.Table:
    offsets = calendar.utc_offsets(days)
    minutes = np.arange(calendar.QUARTERS)[None, :] * 15
    instants = days[:, None] * 1_440 + minutes - offsets * 60
    clock = np.array([f"{m // 60:02d}:{m % 60:02d}" for m in range(0, 1_440, 15)], dtype=object)
    dates = np.array([str(calendar.date_of(d)) for d in days], dtype=object)
    shape, chosen = kept.shape, kept.ravel()
    index = (days[:, None] * calendar.QUARTERS + np.arange(calendar.QUARTERS)[None, :]).ravel()[chosen]
    columns = {}
    for field in dataset.fields:
        name = field.name
        if name == "perimetre":
            columns[name] = pa.array(np.full(int(chosen.sum()), "France", dtype=object), pa.string())
        elif name == "nature":
            columns[name] = pa.array(np.broadcast_to(nature[:, None], shape).ravel()[chosen], pa.string())
        elif name == "date":
            columns[name] = pa.array(np.broadcast_to(dates[:, None], shape).ravel()[chosen], pa.string())
        elif name == "heure":
            columns[name] = pa.array(np.broadcast_to(clock[None, :], shape).ravel()[chosen], pa.string())
        elif name == "date_heure":
            columns[name] = pa.array(instants.ravel()[chosen].astype("datetime64[m]").astype("datetime64[ms]"))
            columns[name] = columns[name].cast(field.arrow_type)
        elif name in measures:
            values = pa.array(measures[name].ravel()[chosen], mask=null[name].ravel()[chosen])
            if field.type == "text":
                values = _with_placeholders(values.cast(pa.string()), noise.uniform(f"mix/text/{name}", index))
            columns[name] = values
        else:
            columns[name] = pa.nulls(int(chosen.sum()), field.arrow_type)
    return pa.table(columns)


def _with_placeholders(values: pa.Array, chance: np.ndarray) -> pa.Array:
    """The values of a text column, a few of them replaced by `ND` or `-`."""
    text = np.array(values.to_pylist(), dtype=object)
    text[chance < 0.002] = "ND"
    text[chance < 0.001] = "-"
    return pa.array(text, pa.string())


def real_time(noise: Noise, first: int, as_of: dt.datetime) -> pa.Table:
    """`eco2mix-national-tr` from day `first` to the day after `as_of` (local clock time). Rows in the future hold
    forecasts only."""
    today = calendar.day_number(as_of.date())
    days = np.arange(first, today + 2)
    measures = _measures(noise, days)
    step = days[:, None] * 1_440 + np.arange(calendar.QUARTERS)[None, :] * 15
    known_until = as_of - _PUBLICATION_DELAY
    now = calendar.day_number(known_until.date()) * 1_440 + known_until.hour * 60 + known_until.minute
    future, tomorrow = step > now, np.broadcast_to((days > today)[:, None], step.shape)
    odd = np.broadcast_to((np.arange(calendar.QUARTERS) % 2 == 1)[None, :], step.shape)
    null = dict.fromkeys(measures, future)
    null |= dict.fromkeys(_BORDERS, odd | tomorrow)
    null |= {"prevision_j1": np.zeros_like(future), "prevision_j": tomorrow}
    before_2023 = np.broadcast_to((days < calendar.day_number(dt.date(2023, 1, 1)))[:, None], step.shape)
    for name in set(DRIFTED_TO_TEXT) - set(_BORDERS):
        null[name] = null[name] | before_2023
    kept = noise.uniform("mix/missing", step) >= 0.0003
    nature = np.full(len(days), "Données temps réel", dtype=object)
    return _table(ECO2MIX_TR, days, nature, measures, null, kept | future, noise)


def consolidated(noise: Noise, first: int, end: int, as_of: dt.datetime) -> pa.Table:
    """`eco2mix-national-cons-def` from day `first` up to, not including, `end`: half-hourly values, revised
    against real time; steps at :15 and :45 hold forecasts only."""
    days = np.arange(first, max(first, end))
    measures = _measures(noise, days)
    more = np.rint(0.009 * measures["consommation"]).astype(np.int64)
    measures["consommation"], measures["gaz"] = measures["consommation"] + more, measures["gaz"] + more
    measures["fioul"] = np.rint(0.61 * measures["fioul"]).astype(np.int64)
    odd = np.broadcast_to((np.arange(calendar.QUARTERS) % 2 == 1)[None, :], (len(days), calendar.QUARTERS))
    null = {name: odd if name not in _FORECASTS else np.zeros_like(odd) for name in measures}
    age = calendar.day_number(as_of.date()) - days
    nature = np.where(age > _DEFINITIVE_AFTER_DAYS, "Données définitives", "Données consolidées").astype(object)
    return _table(ECO2MIX_CONS_DEF, days, nature, measures, null, np.ones_like(odd), noise)
