"""The distributions of a score over both sides, on common bins. Draws nothing."""

from __future__ import annotations

import numpy as np

from engine.statistics.ordering import Floats, Mask
from engine.vocabulary import Histogram

FEWEST_BINS, MOST_BINS = 24, 40
TAIL = 0.005  # share at either end that goes into the outer bins
_HALVES_ARE_EXACT = 2.0**50  # below which a number and a half is a float64 of its own
_YES_NO_EDGES = np.array([-0.5, 0.5, 1.5])


def histogram(scores: Floats, is_a: Mask, yes_no: bool, unit: str) -> Histogram:
    """scores: (n,) float64, NaN for images that do not count; some on either side known.

    Yes/no scores have two bins, "no" and "yes"; whole numbers one bin a value where they span
    no more than MOST_BINS; other numbers FEWEST_BINS to MOST_BINS bins, by the rule of Freedman
    and Diaconis (1981), between the 0.5th and the 99.5th percentile of both sides together.
    """
    known = ~np.isnan(scores)
    values, of_a = scores[known], is_a[known]
    edges = _YES_NO_EDGES if yes_no else _edges(values)
    bins = edges.size - 1
    # all bins are of one width
    along = (np.clip(values, edges[0], edges[-1]) - edges[0]) / (edges[-1] - edges[0])
    at = np.minimum((along * bins).astype(np.int64), bins - 1)
    shares = []
    for side in (of_a, ~of_a):
        counts = np.bincount(at[side], minlength=bins)
        shares.append(tuple((counts / max(1, counts.sum())).tolist()))
    return Histogram(tuple(edges.tolist()), shares[0], shares[1], unit)


def _edges(values: Floats) -> Floats:
    lowest, highest = float(values.min()), float(values.max())
    whole = bool((values == np.rint(values)).all())
    if whole and highest - lowest < MOST_BINS and abs(lowest) < _HALVES_ARE_EXACT:
        return np.arange(lowest, highest + 2) - 0.5
    low, q1, q3, high = np.quantile(values, [TAIL, 0.25, 0.75, 1 - TAIL])
    if low >= high:  # nearly all images share one value
        low, high = lowest, highest
    width = 2 * (q3 - q1) / np.cbrt(values.size)
    if width * MOST_BINS <= high - low:
        bins = MOST_BINS
    else:
        bins = max(FEWEST_BINS, int(np.ceil((high - low) / width)))
    edges = np.linspace(low, high, bins + 1)
    if (np.diff(edges) > 0).all():
        return edges
    # too narrow for its magnitude to be divided
    return np.array([np.nextafter(lowest, -np.inf), np.nextafter(highest, np.inf)])
