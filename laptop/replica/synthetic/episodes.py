"""Unusual days, which occur in the sample once a year.

Each function of days returns a strength from 0 to 1 per day. Episodes begin in February 2024, after the moment to which
the tests pin the sample (`moment.PINNED`); a test of the episodes themselves asks for later days.
"""

from __future__ import annotations

import datetime as dt

import numpy as np

from laptop.replica.synthetic import calendar

_SINCE = calendar.day_number(dt.date(2024, 2, 1))


def cold_spell(days: np.ndarray) -> np.ndarray:
    """A week of hard frost in the middle of January, and a shorter one at the end of November."""
    return _any(days, (12, 9), (325, 6))


def storm(days: np.ndarray) -> np.ndarray:
    """Days of strong wind, in February, April, August and November."""
    return _any(days, (45, 5), (108, 5), (228, 5), (315, 5))


def outage(days: np.ndarray) -> np.ndarray:
    """Half of the nuclear fleet stands still during the storms of April and November, so that wind is the largest
    source."""
    return _any(days, (106, 8), (313, 7))


def held_twice(boundary: int) -> int:
    """Number of days that both éCO2mix datasets hold: 0 before the episodes begin, then 1, the last day before
    `boundary`. The real-time dataset has this day as first published, the consolidated one as revised.

    :param boundary: first day that only the real-time dataset holds.
    """
    return int(boundary > _SINCE)


def _any(days: np.ndarray, *episodes: tuple[int, int]) -> np.ndarray:
    """Strength of the strongest of these episodes: first day of the year, counted from 0, and number of days."""
    strength: np.ndarray = np.max([_episode(days, first, length) for first, length in episodes], axis=0)
    return strength


def _episode(days: np.ndarray, first: int, length: int) -> np.ndarray:
    """Strength of an episode that begins on a day of every year, counted from 0; its first and last day are weaker."""
    into = calendar.days_of_year(days) - first
    inside = (into >= 0) & (into < length) & (days >= _SINCE)
    edge = (into == 0) | (into == length - 1)
    strength: np.ndarray = np.where(inside, np.where(edge, 0.5, 1.0), 0.0)
    return strength
