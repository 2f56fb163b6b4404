"""Which scores say nearly the same of the images. Looks at no label."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

from engine.statistics.ordering import Floats, Ints

ALIKE = 0.95  # rank correlation, of either sign, from which two scores say the same
SAMPLE = 4_000  # images that are looked at; the correlation is then sure to a thousandth


def alike(scores: Floats, place: Ints) -> npt.NDArray[np.int8]:
    """(m, m) 1 or -1 where two rows have a rank correlation (Spearman) of at least ±ALIKE, else 0.

    scores: (m, n) float64, NaN where unknown. place: (n,) an order of the images drawn from
    their contents; the first SAMPLE of them are looked at. Scores known for different images
    are not alike.
    """
    some = scores[:, np.argsort(place)[:SAMPLE]]
    known = ~np.isnan(some)
    ranks = stats.rankdata(np.where(known, some, np.inf), axis=1)
    ranks[~known] = 0.0
    counts = known.sum(axis=1)
    ranks -= (ranks.sum(axis=1) / np.maximum(counts, 1))[:, None]
    ranks[~known] = 0.0
    length = np.sqrt((ranks**2).sum(axis=1))
    unit = ranks / np.maximum(length, 1e-12)[:, None]
    shared = known.astype(np.float64) @ known.T.astype(np.float64)
    mostly_shared = shared >= ALIKE * np.maximum.outer(counts, counts)
    correlation = unit @ unit.T
    same = (np.abs(correlation) >= ALIKE) & mostly_shared
    return np.where(same, np.sign(correlation), 0).astype(np.int8)
