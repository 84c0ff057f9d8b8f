"""Invented exports, as long, short, incomplete or revised as a test needs them.

They are made from a formula with a seed, so the repository need not hold them: weather that resembles the day before, a
stock with a season, consumption that follows cold, plants that follow consumption, trade across every border.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from tests.answers.observations import BORDERS

REGIONS = [11, 24, 27, 28, 32, 44, 52, 53, 75, 76, 84, 93, 94]
SITES = ["Centre", "Saline", "Sediane", "Sediane B", "Serene", "Teréga"]
DEFINITIVE, REAL_TIME = "Données définitives", "Données temps réel"
_COLUMNS = ["date", "heure", "date_heure", "nature", "perimetre"]


@dataclass(frozen=True)
class Other:
    """What a set of exports covers.

    :param mix: first and last day of the mix; gas and temperatures the same.
    :param without: spans of days that the mix lacks.
    :param real_time: first day of the mix that is not definitive yet.
    :param stock_moves: the gas in storage is not the same every day.
    :param seed: of everything that chance decides.
    """

    mix: tuple[str, str]
    gas: tuple[str, str]
    temperatures: tuple[str, str]
    without: tuple[tuple[str, str], ...] = field(default=())
    real_time: str = "2100-01-01"
    stock_moves: bool = True
    seed: int = 1


def _noise(rng: np.random.Generator, size: int, memory: float) -> np.ndarray:
    noise = rng.standard_normal(size)
    for i in range(1, size):
        noise[i] = memory * noise[i - 1] + np.sqrt(1 - memory**2) * noise[i]
    return noise


def landing(other: Other) -> dict[str, pd.DataFrame]:
    """The landing tables, by name."""
    ends = [pd.Timestamp(day) for span in (other.mix, other.gas, other.temperatures) for day in span]
    days = pd.date_range(min(ends), max(ends))
    rng = np.random.default_rng(other.seed)
    turn = 2 * np.pi * days.dayofyear.to_numpy() / 365.25
    celsius = 12.5 - 8.5 * np.cos(turn - 0.4) + 3.2 * _noise(rng, len(days), 0.8)
    stock = 75_000 - 42_000 * np.sin(turn - 0.2) + 4_000 * _noise(rng, len(days), 0.99)
    if not other.stock_moves:
        stock = np.full(len(days), 60_000.0)
    tables = {
        "stock_quotidien_stockages_gaz": pd.DataFrame(
            {"date": np.repeat(days, len(SITES)), "source": "Storengy", "pits": SITES * len(days),
             "stock_fin_de_journee": np.repeat(stock / len(SITES), len(SITES)).round(2)}
        ),
        "temperature_quotidienne_regionale": pd.DataFrame(
            {"date": np.repeat(days, len(REGIONS)), "code_insee_region": REGIONS * len(days),
             "region": [str(code) for code in REGIONS] * len(days),
             "tmoy": (np.repeat(celsius, len(REGIONS)) + rng.normal(0, 1.5, len(REGIONS) * len(days))).round(2)}
        ),
        "eco2mix_national_tr": _steps(other, days, turn, celsius, rng),
    }  # fmt: skip
    spans = dict(zip(tables, (other.gas, other.temperatures, other.mix), strict=True))
    for name, (first, last) in spans.items():
        kept = tables[name][tables[name]["date"].between(first, last)]
        for start, end in other.without if name == "eco2mix_national_tr" else ():
            kept = kept[~kept["date"].between(start, end)]
        tables[name] = kept.assign(date=kept["date"].dt.date)
    return tables


def _steps(
    other: Other, days: pd.DatetimeIndex, turn: np.ndarray, celsius: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    size = len(days)
    cold, warm = np.maximum(15 - celsius, 0), np.maximum(celsius - 20, 0)
    weekend = np.where(days.dayofweek >= 5, -5_000, 0)
    frame = pd.DataFrame(index=days)
    frame["eolien"] = 3_500 - 120 * cold + 900 * np.abs(_noise(rng, size, 0.6))
    frame["solaire"] = 1_000 + 700 * np.sin(turn - 1.4) + 60 * _noise(rng, size, 0.3)
    frame["hydraulique"] = 7_000 + 1_500 * np.sin(turn) + 90 * cold + 500 * _noise(rng, size, 0.95)
    frame["nucleaire"] = 42_000 + 5_000 * np.cos(turn) + 400 * cold + 1_000 * _noise(rng, size, 0.98)
    frame["gaz"] = 2_500 + 300 * cold + 100 * warm + 300 * np.abs(_noise(rng, size, 0.8))
    frame["charbon"], frame["fioul"] = 200 + 60 * np.abs(_noise(rng, size, 0.9)), 120 + 20 * rng.random(size)
    frame["bioenergies"] = 1_000 + 30 * _noise(rng, size, 0.9)
    frame["pompage"] = -700 + 20 * cold + 60 * _noise(rng, size, 0.5)
    consumption = 46_000 + 1_700 * cold + 500 * warm + weekend + 700 * _noise(rng, size, 0.6)
    frame["consommation"] = consumption
    frame["ech_physiques"] = consumption - frame.drop(columns="consommation").sum(axis=1) + rng.normal(0, 50, size)
    for share, column in zip((0.2, 0.1, 0.35, 0.2, 0.15), BORDERS, strict=True):
        frame[column] = share * frame["ech_physiques"] + 250 * _noise(rng, size, 0.7)
    clock = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(0, 1440, 30)]
    swing = np.tile(2_500 * np.sin(2 * np.pi * (np.arange(48) - 14) / 48), size)
    steps = frame.loc[days.repeat(48)]
    for column in ("consommation", "ech_physiques"):
        steps[column] += swing
    steps = steps.round().astype("int64").assign(heure=clock * size, perimetre="France")
    steps["date"] = steps.index
    steps["nature"] = np.where(steps["date"] >= other.real_time, REAL_TIME, DEFINITIVE)
    steps["date_heure"] = (steps["date"] + pd.to_timedelta(steps["heure"] + ":00")).dt.tz_localize("UTC")
    return steps.reset_index(drop=True)[[*_COLUMNS, *frame.columns]]
