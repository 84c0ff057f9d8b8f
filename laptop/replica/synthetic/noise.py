"""Reproducible noise: a hash of (seed, stream, index) instead of a generator with a state.

A value depends only on its own index, so a day is the same whichever range is generated. Only exact operations are
used (integer hashing, single float operations element by element), so every machine gets the same bytes.
"""

from __future__ import annotations

import zlib

import numpy as np

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


class Noise:
    """Named streams of noise of one seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def uniform(self, stream: str, index: np.ndarray) -> np.ndarray:
        """White noise in [0, 1), one value per integer index (splitmix64)."""
        start = np.uint64(zlib.crc32(f"{self._seed}/{stream}".encode()) * 0x1_0000_0001)
        with np.errstate(over="ignore"):
            x = np.asarray(index).astype(np.int64).astype(np.uint64) * _GOLDEN + start
            x = (x ^ (x >> np.uint64(30))) * _MIX_1
            x = (x ^ (x >> np.uint64(27))) * _MIX_2
            x = x ^ (x >> np.uint64(31))
        return (x >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def smooth(self, stream: str, index: np.ndarray, period: int) -> np.ndarray:
        """Smooth noise in [-1, 1]: one random knot every ``period`` indices, eased in between."""
        index = np.asarray(index)
        knot = index // period
        x = (index - knot * period) / period
        ease = x * x * (3.0 - 2.0 * x)
        first, last = self.knots(stream, knot), self.knots(stream, knot + 1)
        smooth: np.ndarray = first + (last - first) * ease
        return smooth

    def knots(self, stream: str, index: np.ndarray) -> np.ndarray:
        """White noise in [-1, 1)."""
        return 2.0 * self.uniform(stream, index) - 1.0
