"""How surprising a separation would be if the two sides were alike: one p a hypothesis.

Chooses the test by what the scores allow and says which it was. Corrects for nothing.

- "fisher": Fisher's exact test, for scores with two values where counts are small;
- "exact", "permutation": the rank sum over all or random relabelings, where a side is small;
- "mann-whitney": the rank sum's normal approximation with ties and continuity, everywhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from engine.statistics.ordering import Floats, Ints, Mask, OrderCounts
from engine.statistics.rank_sum import relabelled_p, smallest_p

FEW_IMAGES = 20  # scored images on the smaller side, below which no approximation is used
FEW_EXPECTED = 5.0  # expected count below which a two-valued score is tested exactly (Cochran)
_CELLS = 1 << 20  # probabilities of tables computed at a time
_TIED = 1 + 1e-7  # probabilities this close are the same table's mirror image


@dataclass(frozen=True, slots=True)
class Significance:
    """Of m hypotheses, each (m,)."""

    p: Floats  # two-sided
    test: npt.NDArray[np.str_]  # "mann-whitney", "exact", "permutation" or "fisher"
    smallest_p: Floats  # what the same test would say of a complete separation


def significance(
    scores: Floats, is_a: Mask, counts: OrderCounts, place: Ints, seed: int
) -> Significance:
    """scores: (m, n) float64, finite or NaN. is_a: (n,) bool. counts: `order_counts` of them.

    place: (n,) an order of the images drawn from their contents. Hypotheses without a score on
    both sides get p = 1.
    """
    n_a, n_b = counts.n_a, counts.n_b
    few = np.minimum(n_a, n_b) < FEW_IMAGES
    by_table = (counts.distinct == 2) & (few | (_smallest_expected(counts) < FEW_EXPECTED))
    by_relabelling = few & ~by_table & (n_a > 0) & (n_b > 0)
    p = mann_whitney_p(counts)
    test = np.full(p.shape, "mann-whitney", dtype="<U12")
    least = _separated_p(n_a, n_b)
    if by_table.any():
        pick = np.flatnonzero(by_table)
        p[pick] = fisher_p(counts.high_a[pick], n_a[pick], counts.high_b[pick], n_b[pick])
        least[pick] = fisher_p(n_a[pick], n_a[pick], np.zeros_like(n_b[pick]), n_b[pick])
        test[pick] = "fisher"
    if by_relabelling.any():
        pick = np.flatnonzero(by_relabelling)
        p[pick], exact = relabelled_p(scores[pick], is_a, place, seed)
        least[pick] = smallest_p(n_a[pick], n_b[pick])
        test[pick] = np.where(exact, "exact", "permutation")
    return Significance(p, test, least)


def mann_whitney_p(counts: OrderCounts) -> Floats:
    """(m,) two-sided p by the normal approximation, with ties and continuity corrected for.

    The same number as scipy.stats.mannwhitneyu(method="asymptotic"), which would sort again.
    1 where all scores are the same or a side has none.
    """
    variance = _null_variance(counts)
    distance = np.abs(counts.wins - counts.n_a.astype(np.float64) * counts.n_b / 2) - 0.5
    with np.errstate(invalid="ignore", divide="ignore"):
        p = 2 * stats.norm.sf(np.maximum(distance, 0.0) / np.sqrt(variance))
    return np.where(variance > 0, np.minimum(p, 1.0), 1.0)


def standardised_wins(counts: OrderCounts) -> Floats:
    """(m,) Mann–Whitney's U in standard deviations from what alike sides give; 0 without spread."""
    n_a, n_b = counts.n_a.astype(np.float64), counts.n_b.astype(np.float64)
    variance = _null_variance(counts)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(variance > 0, (counts.wins - n_a * n_b / 2) / np.sqrt(variance), 0.0)


def _null_variance(counts: OrderCounts) -> Floats:
    """(m,) variance of U among alike sides, with ties; not above 0 where there is no spread."""
    n_a, n_b = counts.n_a.astype(np.float64), counts.n_b.astype(np.float64)
    n = n_a + n_b
    # n (n - 1) is 0 for a single image, whose n_a n_b is 0 too
    ties = counts.ties / np.maximum(n * (n - 1), 1)
    variance: Floats = n_a * n_b / 12 * (n + 1 - ties)
    return variance


def _separated_p(n_a: Ints, n_b: Ints) -> Floats:
    """(m,) `mann_whitney_p` of a complete separation without ties; 1 where a side has no score."""
    pairs, n = (n_a * n_b).astype(np.float64), n_a + n_b
    with np.errstate(invalid="ignore", divide="ignore"):
        p = 2 * stats.norm.sf((pairs / 2 - 0.5) / np.sqrt(pairs / 12 * (n + 1)))
    return np.where(pairs > 0, np.minimum(p, 1.0), 1.0)


def _smallest_expected(counts: OrderCounts) -> Floats:
    """(m,) smallest expected count of the two-by-two table of side and high score."""
    high = counts.high_a + counts.high_b
    n = counts.n_a + counts.n_b
    smaller = np.minimum(counts.n_a, counts.n_b).astype(np.float64)
    expected: Floats = smaller * np.minimum(high, n - high) / np.maximum(n, 1)
    return expected


def fisher_p(high_a: Ints, n_a: Ints, high_b: Ints, n_b: Ints) -> Floats:
    """(m,) two-sided p of Fisher's exact test: all tables no more likely than the observed one.

    high_a of n_a images of A and high_b of n_b of B have the higher score. Agrees with
    scipy.stats.fisher_exact; equal tables are computed once.
    """
    tables = np.stack([high_a, n_a, high_b, n_b], axis=1)
    unique, back = np.unique(tables, axis=0, return_inverse=True)
    a, of_a, b, of_b = unique.T
    high = a + b
    first = np.maximum(0, high - of_b)  # smallest and largest count that A could have
    last = np.minimum(high, of_a)
    p = np.empty(a.shape)
    width = last - first + 1
    widest_first = np.argsort(-width, kind="stable")
    at = 0
    while at < widest_first.size:
        widest = int(width[widest_first[at]])
        some = widest_first[at : at + max(1, _CELLS // widest)]
        at += some.size
        # beyond a table's last count the probability is 0
        chance = stats.hypergeom.pmf(
            first[some, None] + np.arange(widest),
            (of_a + of_b)[some, None],
            high[some, None],
            of_a[some, None],
        )
        observed = chance[np.arange(some.size), a[some] - first[some]]
        p[some] = np.where(chance <= observed[:, None] * _TIED, chance, 0.0).sum(axis=1)
    return np.minimum(p, 1.0)[back.reshape(-1)]
