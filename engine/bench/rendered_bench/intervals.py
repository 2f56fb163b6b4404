"""Means with 95 % intervals, by drawing pairs anew: pairs are what the bench is a sample of.

The percentile bootstrap. Where all pairs have the same mark it has no width: read it together
with the number of pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Mean", "mean_of"]

_DRAWS = 10_000
_SEED = 95


@dataclass(frozen=True, slots=True)
class Mean:
    """NaN throughout where there is nothing to take the mean of."""

    value: float
    low: float
    high: float
    n: int


def mean_of(values: Sequence[float]) -> Mean:
    """values: one a pair. The same values give the same interval."""
    if not values:
        return Mean(float("nan"), float("nan"), float("nan"), 0)
    marks = np.asarray(values, np.float64)
    n = len(marks)
    # drawing pairs is drawing their marks, of which there are few different ones
    different, often = np.unique(marks, return_counts=True)
    rng = np.random.default_rng([_SEED, n])
    drawn = rng.multinomial(n, often / n, size=_DRAWS) @ different / n
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Mean(float(marks.mean()), float(low), float(high), n)
