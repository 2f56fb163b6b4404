"""Does the list of findings stand as a whole?

Benjamini–Hochberg at 0.05 lets one comparison in twenty of sets that do not differ at all show a
finding; how many exactly depends on how the measurements hang together. Here what the true
labels give is compared with what the very same images give when their labels are dealt out at
random (the idea of Westfall and Young 1993, "Resampling-Based Multiple Testing"). Corrects no
single hypothesis.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from engine.statistics.multiplicity import smallest_q
from engine.statistics.ordering import Floats, Ints, Mask
from engine.statistics.relabelled_sets import RelabelledSets

_DECIMALS = 9  # beyond which equal evidence may differ by rounding


def smallest_qs(
    lists: Sequence[tuple[Floats, Mask]],
    z: Floats,
    family: Ints,
    extra_tests: Sequence[int],
    sets: RelabelledSets,
) -> Floats:
    """(1 + relabelings,) smallest q of the list of hypotheses, for the true labels and all others.

    lists: of each family the scores, (m, n) float64, and the images tested, (n,) bool. z: (all m,)
    standardised rank sums of all tested images; family and extra_tests as in `adjusted`. All 1
    where nothing was tested.
    """
    if z.size == 0:
        return np.ones(1 + sets.relabelings)
    ranks = np.concatenate([_standardised(scores, tested, sets) for scores, tested in lists])
    every = ranks @ sets.labels
    every[:, 0] = z  # of all images, where `sets` holds a sample
    return smallest_q(2 * stats.norm.sf(np.abs(every)), family, extra_tests)


def by_chance(*evidence: Floats) -> float:
    """How often relabelled sets give evidence at least as strong as the true labels do.

    evidence: one or several kinds of it, each (1 + relabelings,), the true labels first, larger
    meaning stronger. Each kind is turned into its share of relabelings that are as strong, and
    the smallest share of the true labels is compared with that of every relabelling: a second
    kind of evidence may help without counting twice. The true labels count as one relabelling.
    """
    shares = [
        stats.rankdata(-np.round(kind, _DECIMALS), method="max") / kind.size for kind in evidence
    ]
    strongest = np.min(shares, axis=0)
    return float(np.mean(strongest <= strongest[0]))


def _standardised(scores: Floats, tested: Mask, sets: RelabelledSets) -> Floats:
    """(m, rows) midranks whose sum over a random side has mean 0 and variance 1."""
    some = scores[:, sets.rows]
    known = ~np.isnan(some) & tested[sets.rows]
    ranks = stats.rankdata(np.where(known, some, np.inf), axis=1)
    ranks[~known] = 0.0
    ranks -= (ranks.sum(axis=1) / np.maximum(known.sum(axis=1), 1))[:, None]
    ranks[~known] = 0.0
    n = sets.rows.size
    variance = (ranks**2).sum(axis=1) * sets.n_a * sets.n_b / (n * max(n - 1, 1))
    # constant scores have only zeros to divide
    standardised: Floats = ranks / np.sqrt(np.where(variance > 0, variance, 1.0))[:, None]
    return standardised
