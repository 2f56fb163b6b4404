"""Chooses the images that show a finding: of each side those it is most and least true of.

Looks at scores only and opens no image.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.statistics.ordering import Floats, Ints, Mask
from engine.vocabulary import Evidence, EvidenceImage, ImageRef


def choose_evidence(
    scores: Floats, is_a: Mask, place: Ints, images: Sequence[ImageRef], *, k: int, yes_no: bool
) -> Evidence:
    """Up to k images for each of the four groups, each image in one group at most.

    scores: (n,) float64, NaN for images that are not to be shown. place: (n,) an order of the
    images drawn from their contents, by which equal scores are told apart. For a yes/no score
    the most true are those with yes and the least true those with no; for a number a side of
    fewer than 2 k images is halved between the two groups.
    """
    groups = []
    for side in (is_a, ~is_a):
        rows = np.flatnonzero(side & ~np.isnan(scores))
        if yes_no:
            yes = scores[rows] > 0
            most, least = rows[yes], rows[~yes]
            groups += [_first(most, -scores, place, k), _first(least, scores, place, k)]
        else:
            groups.append(_first(rows, -scores, place, min(k, (rows.size + 1) // 2)))
            groups.append(_first(rows, scores, place, min(k, rows.size // 2), groups[-1]))
    return Evidence(*(_shown(rows, scores, images) for rows in groups))


def _first(rows: Ints, keys: Floats, place: Ints, k: int, but: Ints | None = None) -> Ints:
    """The k rows with the smallest keys, ties by place, leaving out `but`."""
    if but is not None:
        free = np.ones(keys.size, dtype=np.bool_)
        free[but] = False
        rows = rows[free[rows]]
    if k == 0 or rows.size == 0:
        return rows[:0]
    if rows.size > k:
        own = keys[rows]
        rows = rows[own <= np.partition(own, k - 1)[k - 1]]
    return rows[np.lexsort((place[rows], keys[rows]))][:k]


def _shown(rows: Ints, scores: Floats, images: Sequence[ImageRef]) -> tuple[EvidenceImage, ...]:
    return tuple(
        EvidenceImage(images[i].content_id, images[i].name, float(scores[i])) for i in rows.tolist()
    )
