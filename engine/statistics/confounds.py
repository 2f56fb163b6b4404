"""Whether a plain technical measurement already explains a finding.

A finding is looked at again among images that are alike in the measurement: pairs of one image
of A and one of B are compared only within a stratum (a fifth of the images by the measurement's
value, or one of its values), and the AUROC is taken over those pairs. Weighting each stratum's
AUROC by its number of pairs makes this the stratified Mann–Whitney statistic (van Elteren
1960). Strata are wide, so some influence of the measurement may be left within them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.statistics.auroc import auroc, auroc_of, interval_of
from engine.statistics.ordering import Floats, Mask, order_counts, win_counts

STRATA = 5  # fifths remove about nine tenths of a difference in means (Cochran 1968)
MIN_AUROC = 0.6  # from which a measurement tells the sides apart well enough to explain anything
KEPT_SHARE = 0.5  # of its distance from 0.5 that an unexplained finding keeps among alike images
MIN_VALUE = 5  # images with a category's value, below which it joins the other rare ones

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One measurement against m hypotheses."""

    auroc: float  # how well the measurement alone tells the sides apart, 0.5 … 1
    adjusted: Floats  # (m,) AUROC of A against B among alike images; 0.5 if no two are alike
    explains: Mask  # (m,) whether little of the hypothesis's difference is left


def adjust_for_number(
    values: npt.NDArray[np.float32], scores: Floats, is_a: Mask
) -> Adjustment | None:
    """None unless the measurement itself tells the sides apart, to AUROC MIN_AUROC, surely.

    values: (n,), NaN where unknown. scores: (m, n) float64. is_a: (n,) bool. Images with an
    unknown value are compared with one another.
    """
    column = np.where(np.isfinite(values), values, np.nan).astype(np.float64)[None, :]
    counts = order_counts(column, is_a)
    low, high = interval_of(counts)
    own = float(np.abs(auroc_of(counts)[0] - 0.5) + 0.5)
    # NaN compares false: a measurement known on one side only explains nothing
    if not own >= MIN_AUROC or low[0] <= 0.5 <= high[0]:
        return None
    return _adjustment(own, _fifths(column[0]), scores, is_a)


def adjust_for_category(
    codes: npt.NDArray[np.int32], scores: Floats, is_a: Mask
) -> Adjustment | None:
    """As `adjust_for_number`; codes: (n,) index of the value, -1 where unknown."""
    counts = np.bincount(codes + 1)
    strata = np.where(counts[codes + 1] >= MIN_VALUE, codes + 1, counts.size).astype(np.int64)
    share = _foreseen_share(strata, is_a)[None, :]
    counts_of_share = order_counts(share, is_a)
    own = float(auroc_of(counts_of_share)[0])
    if not own >= MIN_AUROC or interval_of(counts_of_share)[0][0] <= 0.5:
        return None
    return _adjustment(own, strata, scores, is_a)


def _adjustment(own: float, strata: Codes, scores: Floats, is_a: Mask) -> Adjustment:
    adjusted = stratified_auroc(scores, is_a, strata)
    excess = auroc(scores, is_a) - 0.5
    left = (adjusted - 0.5) * np.sign(excess)
    return Adjustment(own, adjusted, left < KEPT_SHARE * np.abs(excess))


def stratified_auroc(scores: Floats, is_a: Mask, strata: Codes) -> Floats:
    """(m,) AUROC over the pairs whose images share a stratum; 0.5 where there is no such pair."""
    wins = np.zeros(scores.shape[0])
    pairs = np.zeros(scores.shape[0])
    for stratum in np.unique(strata):
        inside = strata == stratum
        of_a = is_a[inside]
        if of_a.all() or not of_a.any():
            continue
        own = scores[:, inside]
        known = ~np.isnan(own)
        wins += win_counts(own, of_a)
        pairs += (known & of_a).sum(axis=1) * (known & ~of_a).sum(axis=1)
    return np.where(pairs > 0, wins / np.maximum(pairs, 1), 0.5)


def _fifths(values: Floats) -> Codes:
    """(n,) stratum of each value: equal values together, unknown ones in a stratum of their own."""
    known = values[~np.isnan(values)]
    distinct, index = np.unique(values, return_inverse=True)
    if distinct.size <= STRATA:
        return index.reshape(-1).astype(np.int64)
    edges = np.quantile(known, np.arange(1, STRATA) / STRATA, method="lower")
    # NaN sorts behind every edge; it gets a number of its own
    strata = np.searchsorted(np.unique(edges), values, side="left")
    return np.where(np.isnan(values), STRATA, strata).astype(np.int64)


def _foreseen_share(strata: Codes, is_a: Mask) -> Floats:
    """(n,) share of A among the images of the same value, foreseen from the other half of images.

    Counting an image itself would make a category of many rare values look telling.
    """
    half = np.empty(is_a.size, dtype=np.int64)
    for side in (is_a, ~is_a):
        half[side] = np.arange(np.count_nonzero(side)) % 2
    share = np.empty(is_a.size)
    for this in (0, 1):
        other = half != this
        of_a = np.bincount(strata[other], weights=is_a[other], minlength=strata.max() + 1)
        every = np.bincount(strata[other], minlength=strata.max() + 1)
        overall = is_a[other].mean()
        # one image's worth of the overall share keeps rare values from extremes
        share[half == this] = ((of_a + overall) / (every + 1))[strata[half == this]]
    return share
