"""A plausible French power system, quarter-hour by quarter-hour, in whole MW.

Consumption follows the calendar and the temperature; wind, sun, rivers and reactors follow the
season and noise; gas, reservoirs and pumping follow the load; the physical exchange closes the
balance exactly.
"""

from __future__ import annotations

import datetime as dt

import numpy as np

from laptop.replica.synthetic import calendar
from laptop.replica.synthetic.calendar import QUARTERS
from laptop.replica.synthetic.noise import Noise
from laptop.replica.synthetic.temperature import national_temperature

#: Generation sources whose sum, with pumping and the physical exchange, is consumption.
SOURCES = ("fioul", "charbon", "gaz", "nucleaire", "eolien", "solaire", "hydraulique", "bioenergies")

_HOURLY_SHAPE = (
    0.96,
    0.92,
    0.9,
    0.87,
    0.85,
    0.87,
    0.93,
    1.0,
    1.05,
    1.07,
    1.07,
    1.07,
    1.09,
    1.07,
    1.03,
    1.0,
    0.99,
    1.03,
    1.07,
    1.08,
    1.04,
    0.99,
    0.98,
    0.99,
)
_HOURS = np.arange(QUARTERS) / 4
_SHAPE = np.round(np.interp(_HOURS, np.arange(25), (*_HOURLY_SHAPE, _HOURLY_SHAPE[0])), 6)
_DIURNAL = calendar.wave(QUARTERS, 60, QUARTERS)
_WINTER = calendar.wave(365.25, 20, 366)
_SPRING = calendar.wave(365.25, 120, 366)
_SOLAR_HOUR = calendar.wave(QUARTERS, 47, QUARTERS)
_HOLIDAYS = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}

#: g CO2 per kWh generated, RTE's factors, in kg/MWh.
_EMISSIONS = {"charbon": 986, "fioul": 777, "gaz": 429, "bioenergies": 494}
#: Border -> (share of the net exchange, usual exchange in MW; import > 0).
_BORDERS = {
    "angleterre": (0.18, -300.0),
    "espagne": (0.20, 500.0),
    "italie": (0.14, -1700.0),
    "suisse": (0.14, -1500.0),
    "allemagne_belgique": (0.34, 2500.0),
}


class PowerSystem:
    """The quarter-hours of whole days.

    ``days`` are local day numbers. Every public method returns arrays of ``len(days) * 96`` values.
    """

    def __init__(self, noise: Noise, days: np.ndarray) -> None:
        self._noise = noise
        self._days = days
        self._t = (days[:, None] * QUARTERS + np.arange(QUARTERS)[None, :]).ravel()
        self._day_of_year = np.repeat(calendar.days_of_year(days), QUARTERS)
        self._winter = _WINTER[self._day_of_year]
        self._years_since_2012 = np.repeat(calendar.years(days) - 2012, QUARTERS)

    def _smooth(self, stream: str, quarters: int) -> np.ndarray:
        return self._noise.smooth(f"power/{stream}", self._t, quarters)

    def _tile(self, profile: np.ndarray) -> np.ndarray:
        return np.tile(profile, len(self._days))

    def _by_day(self, values: np.ndarray) -> np.ndarray:
        return np.repeat(values, QUARTERS)

    def _mean_of_day(self, values: np.ndarray) -> np.ndarray:
        """Values are whole numbers, so that the sum is exact in any order."""
        return self._by_day(values.reshape(-1, QUARTERS).sum(axis=1) / QUARTERS)

    def _temperature(self) -> np.ndarray:
        first, last = self._days[0] - 1, self._days[-1] + 1
        around = np.arange(first, last + 1)
        daily = national_temperature(self._noise, around)[:, None]
        at = self._days - first
        x = ((np.arange(QUARTERS) - 48) / QUARTERS)[None, :]
        morning = daily[at] + (daily[at] - daily[at - 1]) * x
        evening = daily[at] + (daily[at + 1] - daily[at]) * x
        return np.where(x < 0, morning, evening).ravel() + 3.0 * self._tile(_DIURNAL)

    def _calendar_factor(self) -> np.ndarray:
        dates = [calendar.date_of(day) for day in self._days]
        holiday = np.array([(date.month, date.day) in _HOLIDAYS for date in dates])
        weekday = calendar.weekdays(self._days)
        factor = np.where((weekday == 6) | holiday, 0.86, np.where(weekday == 5, 0.91, 1.0))
        return self._by_day(factor * np.where(calendar.months(self._days) == 8, 0.93, 1.0))

    def consumption(self) -> np.ndarray:
        temperature = self._temperature()
        base = 44_500.0 * self._tile(_SHAPE) * self._calendar_factor()
        heating = 2_250.0 * np.maximum(0.0, 15.0 - temperature)
        cooling = 450.0 * np.maximum(0.0, temperature - 24.0)
        wander = 700.0 * self._smooth("consumption/days", 250) + 350.0 * self._smooth("consumption/hours", 6)
        return np.rint(base + heating + cooling + wander)

    def forecast(self, horizon: str, error: float) -> np.ndarray:
        """Consumption forecast, rounded to 50 MW as RTE does."""
        miss = error * (self._smooth(f"{horizon}/slow", 130) + 0.5 * self._smooth(f"{horizon}/fast", 11))
        return np.rint((self.consumption() + miss) / 50.0) * 50.0

    def _nuclear(self) -> np.ndarray:
        availability = (
            0.65
            + 0.10 * self._winter
            + 0.05 * self._smooth("nuclear/year", 400 * QUARTERS)
            + 0.02 * self._smooth("nuclear/weeks", 20 * QUARTERS)
        )
        return 61_400.0 * availability + 150.0 * self._smooth("nuclear/hours", 20)

    def _wind(self) -> tuple[np.ndarray, np.ndarray]:
        """All wind, and its offshore part (since June 2022)."""
        capacity = 7_500.0 + 1_250.0 * self._years_since_2012
        weather = (
            0.60 * self._smooth("wind/weeks", 430)
            + 0.35 * self._smooth("wind/days", 130)
            + 0.08 * self._smooth("wind/hours", 20)
        )
        x = np.clip(0.5 + 0.5 * weather, 0.0, 1.0)
        total = np.rint(capacity * (0.03 + x * x * (0.72 + 0.22 * self._winter)))
        opened = self._by_day(self._days >= calendar.day_number(dt.date(2022, 6, 1)))
        offshore = np.rint(np.where(opened, np.minimum(480.0 * np.minimum(1.0, 1.6 * x), 0.3 * total), 0.0))
        return total, offshore

    def _sun(self) -> np.ndarray:
        declination = np.round(-0.4093 * _WINTER, 6)  # peaks a month late: thermal season is close enough
        sine = np.round(declination - declination**3 / 6, 6)[self._day_of_year]
        cosine = np.round(1 - declination**2 / 2, 6)[self._day_of_year]
        quarter = (np.arange(QUARTERS)[None, :] - 4 * calendar.utc_offsets(self._days)) % QUARTERS
        height = 0.722 * sine + 0.692 * cosine * _SOLAR_HOUR[quarter.ravel()]
        sky = 0.68 + 0.22 * self._smooth("sun/days", 150) + 0.08 * self._smooth("sun/hours", 9)
        capacity = 3_500.0 + 1_200.0 * self._years_since_2012
        return np.rint(0.95 * capacity * np.maximum(0.0, height - 0.02) * sky)

    def generation(self) -> dict[str, np.ndarray]:
        """Consumption, every source and sub-source, pumping, exchanges; MW, exchanges import > 0."""
        out: dict[str, np.ndarray] = {}
        load = out["consommation"] = self.consumption()
        swing = load - self._mean_of_day(load)
        out["eolien"], out["eolien_offshore"] = self._wind()
        out["eolien_terrestre"] = out["eolien"] - out["eolien_offshore"]
        out["solaire"] = self._sun()
        self._add_small_sources(out, load)
        self._add_hydro(out, swing)
        fixed = out["eolien"] + out["solaire"] + out["hydraulique"] + out["pompage"] + out["bioenergies"]
        self._add_gas(out, load - fixed - out["fioul"] - out["charbon"] - self._nuclear())
        surplus = fixed + out["fioul"] + out["charbon"] + out["gaz"] + self._nuclear() - load
        out["nucleaire"] = np.rint(self._nuclear() - np.clip(surplus - 13_500.0, 0.0, 9_000.0))
        out["stockage_batterie"] = -np.rint(np.clip(-swing / 120.0 - 5.0, 0.0, 180.0))
        out["destockage_batterie"] = np.rint(np.clip(swing / 120.0 - 5.0, 0.0, 180.0))
        close_balance(out, self._batteries_count())
        return out

    def _batteries_count(self) -> np.ndarray:
        return self._years_since_2012 >= 2025 - 2012

    def _add_small_sources(self, out: dict[str, np.ndarray], load: np.ndarray) -> None:
        out["bioenergies_dechets"] = np.rint(215.0 + 35.0 * self._smooth("bio/waste", 90))
        out["bioenergies_biomasse"] = np.rint(360.0 + 30.0 * self._smooth("bio/mass", 300))
        out["bioenergies_biogaz"] = np.rint(283.0 + 5.0 * self._smooth("bio/gas", 500))
        out["bioenergies"] = sum(out[f"bioenergies_{part}"] for part in ("dechets", "biomasse", "biogaz"))
        out["charbon"] = np.rint(12.0 + np.clip(0.09 * (load - 58_000.0), 0.0, 1_850.0))
        jitter = np.rint(3.0 * self._noise.knots("power/oil", self._t))  # metering of plants at rest
        out["fioul_tac"] = np.rint(np.clip(0.12 * (load - 78_000.0), 0.0, 1_200.0)) + jitter
        out["fioul_cogen"] = np.rint(29.0 + 4.0 * self._smooth("oil/cogen", 400))
        out["fioul_autres"] = np.rint(152.0 + 3.0 * self._smooth("oil/other", 400))
        out["fioul"] = out["fioul_tac"] + out["fioul_cogen"] + out["fioul_autres"]

    def _add_hydro(self, out: dict[str, np.ndarray], swing: np.ndarray) -> None:
        river = (
            4_100.0
            + 1_300.0 * _SPRING[self._day_of_year]
            + 0.05 * swing
            + 600.0 * self._smooth("hydro/river", 25 * QUARTERS)
        )
        out["hydraulique_fil_eau_eclusee"] = np.rint(river)
        lakes = 1_100.0 + 0.16 * swing + 350.0 * self._smooth("hydro/lakes", 40)
        out["hydraulique_lacs"] = np.rint(np.clip(lakes, 0.0, 5_500.0))
        out["hydraulique_step_turbinage"] = np.rint(np.clip(0.24 * swing - 350.0, 0.0, 4_200.0))
        parts = ("fil_eau_eclusee", "lacs", "step_turbinage")
        out["hydraulique"] = sum(out[f"hydraulique_{part}"] for part in parts)
        out["pompage"] = -np.rint(np.clip(-0.34 * swing - 250.0, 0.0, 4_100.0))

    def _add_gas(self, out: dict[str, np.ndarray], need: np.ndarray) -> None:
        out["gaz_cogen"] = np.rint(1_450.0 + 1_100.0 * self._winter + 60.0 * self._smooth("gas/cogen", 90))
        out["gaz_ccg"] = np.rint(np.clip(0.5 * (need + 3_500.0), 80.0, 6_300.0))
        out["gaz_tac"] = np.rint(np.clip(0.1 * (need - 9_000.0), 0.0, 560.0))
        out["gaz_autres"] = np.rint(self._noise.uniform("power/gas/other", self._t))
        parts = sum(out[f"gaz_{part}"] for part in ("tac", "cogen", "ccg", "autres"))
        unexplained = np.rint(220.0 * self._smooth("gas/unexplained", 60))  # parts need not add up
        out["gaz"] = np.maximum(parts + unexplained, 0.0)

    def exchanges(self, physical: np.ndarray) -> dict[str, np.ndarray]:
        """Commercial exchange per border, constant over each hour; not the physical exchange."""
        net = np.repeat(physical[::4], 4)
        hours = self._t // 4
        return {
            f"ech_comm_{border}": np.rint(
                share * net + usual + 450.0 * self._noise.smooth(f"power/border/{border}", hours, 9)
            )
            for border, (share, usual) in _BORDERS.items()
        }

    def consolidate(self, out: dict[str, np.ndarray], definitive: bool) -> None:
        """Revise real-time values as metering does months later (in place)."""

        def scale(name: str, factor: float) -> None:
            wobble = 1.0 + 0.004 * self._smooth(f"consolidated/{name}", 200)
            out[name] = np.rint(out[name] * factor * wobble)

        for name in [name for name in out if name.split("_")[0] == "gaz"]:
            scale(name, 1.03)
        for name in [name for name in out if name.split("_")[0] == "fioul"]:
            scale(name, 0.61)
        for name in [name for name in out if name.split("_")[0] == "bioenergies"]:
            scale(name, 1.49)
        scale("consommation", 1.009)
        if definitive:
            scale("eolien", 1.025)
        close_balance(out, self._batteries_count())
        out["ech_physiques"] = out["ech_physiques"] + np.rint(250.0 * self._smooth("consolidated/loss", 7))

    def refresh(self, out: dict[str, np.ndarray], slot: int, amount: np.ndarray) -> None:
        """Shift values that are still settling (in place): another shift for every ``slot``.

        ``amount`` is 0 for a settled quarter-hour, 1 for one just published.
        """
        for name, share in (("consommation", 0.006), ("nucleaire", 0.004), ("hydraulique", 0.02), ("gaz", 0.02)):
            knot = self._noise.knots(f"power/refresh/{name}/{slot}", self._t)
            out[name] = np.rint(out[name] * (1.0 + share * amount * knot))
        close_balance(out, self._batteries_count())


def close_balance(out: dict[str, np.ndarray], batteries_count: np.ndarray) -> None:
    """Set ``ech_physiques`` so that consumption is the sum of all the rest, and the CO2 rate."""
    generated = sum(out[name] for name in SOURCES)
    batteries = np.where(batteries_count, out["stockage_batterie"] + out["destockage_batterie"], 0.0)
    out["ech_physiques"] = out["consommation"] - generated - out["pompage"] - batteries
    emitted = sum(out[name] * factor for name, factor in _EMISSIONS.items())
    out["taux_co2"] = np.rint(emitted / generated)
