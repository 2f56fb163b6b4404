"""Order statistics of scores that are only 0 and 1, by counting instead of sorting."""

from __future__ import annotations

import numpy as np

from engine.statistics.ordering import Floats, Mask, OrderCounts

THRESHOLD = 0.5  # between no and yes


def is_yes_no(scores: Floats) -> Mask:
    """(m,) whether all known scores of a row are 0 or 1. scores: (m, n) float64."""
    # most rows of numbers are told by a few of their scores
    few = scores[:, :: max(1, scores.shape[1] // 32)]
    maybe: Mask = ((few == 0) | (few == 1) | np.isnan(few)).all(axis=1)
    rows = np.flatnonzero(maybe)
    some = scores[rows]
    maybe[rows] = ((some == 0) | (some == 1) | np.isnan(some)).all(axis=1)
    return maybe


def yes_no_counts(
    scores: Floats, is_a: Mask, tested: Mask | None = None, fit: Mask | None = None
) -> OrderCounts:
    """The same as `ordering.order_counts` for rows of 0, 1 and NaN, with the threshold between."""
    everything = np.ones_like(is_a)
    tested = everything if tested is None else tested
    fit = tested if fit is None else fit
    population = np.stack([is_a & tested, ~is_a & tested, is_a & fit, ~is_a & fit])
    weights = population.T.astype(np.float64)
    missing = np.isnan(scores)
    if missing.any():
        ones = np.where(missing, 0.0, scores) @ weights
        known = (1.0 - missing) @ weights
    else:
        ones = scores @ weights
        sizes = np.count_nonzero(population, axis=1).astype(np.float64)
        known = np.broadcast_to(sizes, ones.shape)
    a1, b1, fit_a1, fit_b1 = ones.T
    n_a, n_b, fit_a, fit_b = known.T
    a0, b0 = n_a - a1, n_b - b1
    high, low = a1 + b1, a0 + b0
    with np.errstate(invalid="ignore", divide="ignore"):
        rate_a, rate_b = a1 / n_a, b1 / n_b
        # a placement changes by one half between no and yes, whatever the other side
        spread_a = np.where(n_b > 0, a1 * a0 / n_a / 4, np.nan)
        spread_b = np.where(n_a > 0, b1 * b0 / n_b / 4, np.nan)
        fit_auroc = 0.5 + (fit_a1 / fit_a - fit_b1 / fit_b) / 2
    top = high > 0  # else the highest score is "no"
    return OrderCounts(
        n_a=n_a.astype(np.int64),
        n_b=n_b.astype(np.int64),
        wins=a1 * b0 + (a1 * b1 + a0 * b0) / 2,
        spread_a=spread_a,
        spread_b=spread_b,
        ties=high**3 - high + low**3 - low,
        distinct=(high > 0).astype(np.int64) + (low > 0),
        high_a=np.where(top, a1, a0).astype(np.int64),
        high_b=np.where(top, b1, b0).astype(np.int64),
        fit_auroc=fit_auroc,
        threshold=np.full((scores.shape[0], 2), THRESHOLD),
        rate_a=np.stack([rate_a, rate_a], axis=1),
        rate_b=np.stack([rate_b, rate_b], axis=1),
    )
