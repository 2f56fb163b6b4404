"""Means, spreads and what follows from them: effect size and Welch's t-test.

Everything that depends on the values of scores rather than on their order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from engine.statistics.ordering import Floats, Ints, Mask

#: largest effect size that is reported: without any spread within the sides it has no finite value
EFFECT_LIMIT = 99.0


@dataclass(frozen=True, slots=True)
class Moments:
    """Of m hypotheses, each (m,). Means are NaN without, variances with fewer than two scores."""

    n_a: Ints
    n_b: Ints
    mean_a: Floats
    mean_b: Floats
    variance_a: Floats  # unbiased
    variance_b: Floats


def moments(scores: Floats, is_a: Mask) -> Moments:
    """scores: (m, n) float64, finite or NaN. is_a: (n,) bool."""
    sides = np.stack([is_a, ~is_a]).astype(np.float64)
    missing = np.isnan(scores)
    any_missing = bool(missing.any())
    if any_missing:
        counts = (1.0 - missing) @ sides.T
        values = np.where(missing, 0.0, scores)
    else:
        n_a = np.count_nonzero(is_a)
        counts = np.broadcast_to([float(n_a), float(is_a.size - n_a)], (scores.shape[0], 2))
        values = scores
    with np.errstate(invalid="ignore", divide="ignore"):
        means = (values @ sides.T) / counts
        centred = values - np.nan_to_num(means) @ sides
        if any_missing:
            centred[missing] = 0.0
        # the second step takes out what rounding left in the first
        means = means + (centred @ sides.T) / counts
        centred *= centred
        variances = (centred @ sides.T) / (counts - 1)
    variances[counts < 2] = np.nan
    # sums of equal numbers differ from n times the number by rounding alone
    variances[variances <= np.square(means * 1e-14)] = 0.0
    n = counts.astype(np.int64)
    return Moments(n[:, 0], n[:, 1], means[:, 0], means[:, 1], variances[:, 0], variances[:, 1])


def welch(found: Moments) -> Floats:
    """(m,) two-sided p of Welch's t-test; NaN where no spread or too few scores leave it open."""
    p = np.full(found.mean_a.shape, np.nan)
    fine = (found.n_a > 1) & (found.n_b > 1)
    fine &= np.nan_to_num(found.variance_a) + np.nan_to_num(found.variance_b) > 0
    if fine.any():
        p[fine] = stats.ttest_ind_from_stats(
            found.mean_a[fine],
            np.sqrt(found.variance_a[fine]),
            found.n_a[fine],
            found.mean_b[fine],
            np.sqrt(found.variance_b[fine]),
            found.n_b[fine],
            equal_var=False,
        ).pvalue
    return p


def hedges_g(found: Moments) -> Floats:
    """(m,) difference of means, A minus B, in pooled standard deviations, corrected for few images.

    Hedges (1981), Journal of Educational Statistics 6, 107–128, with the approximate correction
    1 − 3 / (4 (n_a + n_b) − 9). Between ±EFFECT_LIMIT; 0 where the means are equal or a side
    has no score.
    """
    n_a, n_b = found.n_a, found.n_b
    freedom = n_a + n_b - 2
    with np.errstate(invalid="ignore", divide="ignore"):
        squares = np.nan_to_num(found.variance_a) * np.maximum(n_a - 1, 0)
        squares = squares + np.nan_to_num(found.variance_b) * np.maximum(n_b - 1, 0)
        pooled = np.sqrt(squares / freedom)
        small_sample = np.where(freedom > 1, 1 - 3 / (4 * freedom - 1), 1.0)
        g = (found.mean_a - found.mean_b) / pooled * small_sample
    g = np.nan_to_num(g, nan=0.0, posinf=EFFECT_LIMIT, neginf=-EFFECT_LIMIT)
    return np.clip(g, -EFFECT_LIMIT, EFFECT_LIMIT)
