"""AUROC and its 95 % interval: how well a score tells A from B, and how surely.

AUROC is the share of pairs of one image of A and one of B in which A's image scores higher,
ties counted half. Knows no hypothesis and tests nothing.

The interval is DeLong's (DeLong, DeLong & Clarke-Pearson 1988, Biometrics 44, 837–845) with
its variance taken on the logit scale, where it stays inside [0, 1] and keeps its coverage near
0 and 1 (Pepe 2003, "The Statistical Evaluation of Medical Tests", section 5.2). DeLong's
variance is 0 where the sides are told apart completely or all scores are the same, and is not
defined for a single image; there the interval is method 5 of Newcombe (2006, Statistics in
Medicine 25, 559–573), which inverts the variance of Hanley and McNeil. A score with two values
is a difference of shares, whose interval is method 10 of Newcombe (1998, Statistics in Medicine
17, 873–890), as AUROC = (1 + difference) / 2.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit, ndtri

from engine.statistics.ordering import Floats, Ints, Mask, OrderCounts, win_counts
from engine.statistics.yes_no import is_yes_no, yes_no_counts

Z = float(ndtri(0.975))  # two-sided 95 %
_HALVINGS = 60  # of [0, 1]: beyond the precision of float64


def auroc(scores: Floats, is_a: Mask) -> Floats:
    """(m,) AUROC of each row; NaN where a side has no score.

    scores: (m, n) float64, finite or NaN where an image has no score. is_a: (n,) bool.
    """
    yes_no = is_yes_no(scores)
    found = np.empty(scores.shape[0])
    numbers = scores
    if yes_no.any():
        found[yes_no] = auroc_of(yes_no_counts(scores[yes_no], is_a))
        numbers = scores[~yes_no]
    missing = np.isnan(numbers)
    n_a, n_b = np.count_nonzero(is_a), np.count_nonzero(~is_a)
    unknown_a = unknown_b = np.zeros(len(numbers), dtype=np.int64)
    if missing.any():
        unknown_a = np.count_nonzero(missing & is_a, axis=1)
        unknown_b = np.count_nonzero(missing & ~is_a, axis=1)
    with np.errstate(invalid="ignore"):
        found[~yes_no] = win_counts(numbers, is_a) / ((n_a - unknown_a) * (n_b - unknown_b))
    return found


def auroc_of(counts: OrderCounts) -> Floats:
    """(m,) AUROC; NaN where a side has no score."""
    with np.errstate(invalid="ignore"):
        return counts.wins / (counts.n_a * counts.n_b)


def interval_of(counts: OrderCounts) -> tuple[Floats, Floats]:
    """(m,) lower and (m,) upper end of the 95 % interval of AUROC.

    Contains the estimate and lies inside [0, 1]; NaN where a side has no score.
    """
    n_a, n_b = counts.n_a, counts.n_b
    estimate = auroc_of(counts)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = counts.spread_a / ((n_a - 1) * n_a) + counts.spread_b / ((n_b - 1) * n_b)
        step = Z * np.sqrt(variance) / (estimate * (1 - estimate))
        middle = logit(estimate)
        low, high = expit(middle - step), expit(middle + step)
    two = counts.distinct == 2
    # rounding leaves a variance of about 1e-32 where the true one is 0
    flat = ~two & ~((variance > 1e-20) & (n_a > 1) & (n_b > 1)) & ~np.isnan(estimate)
    if two.any():
        low[two], high[two] = _two_valued(
            counts.high_a[two], n_a[two], counts.high_b[two], n_b[two]
        )
    if flat.any():
        low[flat], high[flat] = _hanley_mcneil(estimate[flat], n_a[flat], n_b[flat])
    return np.minimum(low, estimate), np.maximum(high, estimate)


def _wilson(hits: Ints, n: Ints) -> tuple[Floats, Floats]:
    """Wilson's 95 % score interval of a share."""
    share = hits / n
    middle = (hits + Z * Z / 2) / (n + Z * Z)
    half = Z / (n + Z * Z) * np.sqrt(n * share * (1 - share) + Z * Z / 4)
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def _two_valued(high_a: Ints, n_a: Ints, high_b: Ints, n_b: Ints) -> tuple[Floats, Floats]:
    """Newcombe's hybrid score interval of a difference of shares, as an AUROC."""
    with np.errstate(invalid="ignore", divide="ignore"):
        a, b = high_a / n_a, high_b / n_b
        a_low, a_high = _wilson(high_a, n_a)
        b_low, b_high = _wilson(high_b, n_b)
        low = a - b - np.hypot(a - a_low, b_high - b)
        high = a - b + np.hypot(a_high - a, b - b_low)
    return np.clip((1 + low) / 2, 0, 1), np.clip((1 + high) / 2, 0, 1)


def _hanley_mcneil(estimate: Floats, n_a: Ints, n_b: Ints) -> tuple[Floats, Floats]:
    """Newcombe's method 5: the AUROCs from which the estimate lies 1.96 standard errors away."""
    low = _solve(estimate, n_a, n_b)
    high = 1 - _solve(1 - estimate, n_a, n_b)
    return low, high


def _solve(estimate: Floats, n_a: Ints, n_b: Ints) -> Floats:
    """(m,) the AUROC below the estimate that is still compatible with it, by bisection."""
    pairs = (n_a * n_b).astype(np.float64)
    extra = (n_a + n_b) / 2 - 1
    below, above = np.zeros_like(estimate), estimate.copy()
    for _ in range(_HALVINGS):
        t = (below + above) / 2
        variance = t * (1 - t) / pairs * (1 + extra * ((1 - t) / (2 - t) + t / (1 + t)))
        too_low = t + Z * np.sqrt(variance) < estimate
        below, above = np.where(too_low, t, below), np.where(too_low, above, t)
    return below
