"""The images with their labels dealt out anew, again and again: what "no difference" looks like.

One set of relabelings serves every test of a comparison as a whole. Tests nothing itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.statistics.ordering import Floats, Ints, Mask

SAMPLE = 2_000  # images a side that are looked at; more changes neither answer nor certainty


@dataclass(frozen=True, slots=True)
class RelabelledSets:
    """rows: (n,) the images that are looked at. labels: (n, 1 + relabelings) of 1 for A and 0
    for B; column 0 holds the true labels, every other a random permutation of them.
    """

    rows: Ints
    labels: Floats

    @property
    def n_a(self) -> int:
        return int(np.count_nonzero(self.labels[:, 0]))

    @property
    def n_b(self) -> int:
        return len(self.labels) - self.n_a

    @property
    def relabelings(self) -> int:
        return int(self.labels.shape[1]) - 1


def relabelled_sets(is_a: Mask, place: Ints, relabelings: int, seed: int) -> RelabelledSets:
    """is_a: (n,) bool. place: (n,) an order of the images drawn from their contents.

    Of a side of more than SAMPLE images the first in that order are looked at.
    """
    sides = map(np.flatnonzero, (is_a, ~is_a))
    rows = np.concatenate([side[np.argsort(place[side])][:SAMPLE] for side in sides])
    rows = rows[np.argsort(place[rows])]
    rng = np.random.default_rng([seed, rows.size])
    labels = np.empty((rows.size, 1 + relabelings))
    labels[:, 0] = is_a[rows]
    for k in range(1, 1 + relabelings):
        labels[:, k] = rng.permutation(labels[:, 0])
    return RelabelledSets(rows, labels)
