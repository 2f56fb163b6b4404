"""The split of each side into a half to look at and a half to test on, by seed and content.

Depends on the images' contents and the seed alone: not on names, nor on the order of files, nor
on which side is called A. Looks at no score.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from engine.statistics.ordering import Ints, Mask


def content_order(content_ids: Sequence[str], seed: int) -> Ints:
    """(n,) int64: each image's place in an order drawn by seed from the contents.

    Equal contents share neighbouring places.
    """
    key = seed.to_bytes(16, "little", signed=True)
    digests = [blake2b(i.encode(), digest_size=16, key=key).digest() for i in content_ids]
    order = sorted(range(len(digests)), key=digests.__getitem__)
    place = np.empty(len(digests), dtype=np.int64)
    place[order] = np.arange(len(digests))
    return place


def split(content_ids: Sequence[str], is_a: Mask, seed: int, min_split: int) -> tuple[Mask, bool]:
    """Which images hypotheses may be read from, and whether any are held out.

    content_ids: n content ids in any order, each at most once a side. is_a: (n,) bool. Sides are
    halved if both have at least `min_split` images, an odd image going to the half looked at;
    otherwise the mask is all True. An image that stands on both sides falls into the same half
    on both.
    """
    n_a = int(is_a.sum())
    if min(n_a, is_a.size - n_a) < max(min_split, 2):
        return np.ones(is_a.size, dtype=np.bool_), False
    place = content_order(content_ids, seed)
    ids = np.array(content_ids)
    in_both = np.isin(ids, np.intersect1d(ids[is_a], ids[~is_a]))
    shared = list(dict.fromkeys(ids[k] for k in np.argsort(place) if in_both[k]))
    discover = np.isin(ids, shared[::2]) if shared else np.zeros(is_a.size, dtype=np.bool_)
    for side in (is_a, ~is_a):
        own = np.flatnonzero(side & ~in_both)
        wanted = (int(side.sum()) + 1) // 2 - int(discover[side].sum())
        discover[own[np.argsort(place[own])][: max(wanted, 0)]] = True
    return discover, True
