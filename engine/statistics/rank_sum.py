"""Exact and permutation tests where a side has few images.

The statistic is the rank sum (Wilcoxon), with midranks for ties; its distribution is taken over
relabelings of the very images at hand: all of them where they are few, random ones otherwise.
Only the smaller side is drawn, so that 3 images against 100,000 cost no more than against 30.
"""

from __future__ import annotations

from itertools import chain, combinations
from math import comb

import numpy as np
from scipy import stats

from engine.statistics.ordering import Floats, Ints, Mask

ENUMERATE_UP_TO = 20_000  # relabelings that are all looked at
RANDOM_RELABELINGS = 19_999  # with the one observed, 20,000
_GATHER = 1 << 22  # ranks looked up at a time
_ROUNDING = 1e-9  # rank sums are multiples of a half


def smallest_p(n_a: Ints, n_b: Ints) -> Floats:
    """(m,) the p that a complete separation without ties would get from `relabelled_p`."""
    few, many = np.minimum(n_a, n_b), np.maximum(n_a, n_b)
    return np.array(
        [_smallest(int(k), int(n)) for k, n in zip(few, few + many, strict=True)], dtype=np.float64
    )


def _smallest(few: int, n: int) -> float:
    every = comb(n, few)
    # two relabelings are that extreme: the smaller side all lowest, and all highest
    return min(1.0, 2 / every) if every <= ENUMERATE_UP_TO else 1 / (1 + RANDOM_RELABELINGS)


def relabelled_p(scores: Floats, is_a: Mask, place: Ints, seed: int) -> tuple[Floats, Mask]:
    """Two-sided p of the rank sum. Returns (m,) p and (m,) whether it is exact.

    scores: (m, n) float64, finite or NaN. is_a: (n,) bool. place: (n,) an order of the images
    drawn from their contents, so that neither names nor the order of files matter. p is the
    share of relabelings whose rank sum lies at least as far from its mean; the observed one
    counts among random ones (Phipson & Smyth 2010). 1 where a side has no score.
    """
    p = np.ones(scores.shape[0])
    exact = np.zeros(scores.shape[0], dtype=np.bool_)
    by_place = np.argsort(place)
    scores, is_a = scores[:, by_place], is_a[by_place]
    known = ~np.isnan(scores)
    drawn: dict[tuple[int, int], Ints] = {}
    _, group = np.unique(np.packbits(known, axis=1), axis=0, return_inverse=True)
    group = group.reshape(-1)
    for which in range(int(group.max(initial=-1)) + 1):
        rows = np.flatnonzero(group == which)
        columns = np.flatnonzero(known[rows[0]])
        of_a = is_a[columns]
        few = np.flatnonzero(of_a if 2 * of_a.sum() <= of_a.size else ~of_a)
        if few.size == 0:
            continue
        key = (columns.size, few.size)
        if key not in drawn:
            drawn[key] = _relabelings(*key, seed)
        ranks = stats.rankdata(scores[np.ix_(rows, columns)], axis=1)
        beyond, total = _count_beyond(ranks, few, drawn[key])
        exact[rows] = total == comb(columns.size, few.size)
        p[rows] = np.where(exact[rows], beyond / total, (beyond + 1) / (total + 1))
    return p, exact


def _count_beyond(ranks: Floats, few: Ints, drawn: Ints) -> tuple[Ints, int]:
    """How many relabelings lie at least as far out as the observed one, and of how many."""
    mean = few.size * (ranks.shape[1] + 1) / 2
    observed = np.abs(ranks[:, few].sum(axis=1) - mean) - _ROUNDING
    beyond = np.zeros(ranks.shape[0], dtype=np.int64)
    at_once = max(1, _GATHER // drawn.size)
    for at in range(0, ranks.shape[0], at_once):
        some = slice(at, at + at_once)
        sums = ranks[some][:, drawn].sum(axis=2)
        beyond[some] = (np.abs(sums - mean) >= observed[some, None]).sum(axis=1)
    return beyond, drawn.shape[0]


def _relabelings(n: int, few: int, seed: int) -> Ints:
    """(relabelings, few) indices: all subsets of `few` of n, or random ones."""
    every = comb(n, few)
    if every <= ENUMERATE_UP_TO:
        flat = chain.from_iterable(combinations(range(n), few))
        return np.fromiter(flat, dtype=np.int64, count=every * few).reshape(every, few)
    return _random_subsets(n, few, RANDOM_RELABELINGS, np.random.default_rng([seed, n, few]))


def _random_subsets(n: int, few: int, count: int, rng: np.random.Generator) -> Ints:
    """(count, few) uniform subsets, by Floyd's algorithm for all of them at once.

    Bentley & Floyd (1987), Communications of the ACM 30, 754–757.
    """
    chosen = np.empty((count, few), dtype=np.int64)
    for k, top in enumerate(range(n - few, n)):
        pick = rng.integers(0, top + 1, size=count)
        taken = (chosen[:, :k] == pick[:, None]).any(axis=1)
        chosen[:, k] = np.where(taken, top, pick)
    return chosen
