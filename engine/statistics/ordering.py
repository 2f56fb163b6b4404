"""One sort for everything that depends on the order of scores.

Sorts each hypothesis's scores once and reads all rank statistics off the runs of tied scores:
the Mann–Whitney count, its ties, the spreads that DeLong's interval needs, and the threshold
that separates the sides best. Draws no conclusion from them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

#: scores sorted together: the working arrays of a block then stay in a core's cache
BLOCK = 1 << 16

_FLAG_BITS = 4
_TESTED_A, _TESTED_B, _FIT_A, _FIT_B = 1, 2, 4, 8
_SIGN = np.int32(-(2**31))


@dataclass(frozen=True, slots=True)
class OrderCounts:
    """What the order of scores says of m hypotheses. "Placement": share of the other side.

    All arrays are (m,) but the last three, (m, 2), whose column 0 holds for a hypothesis that is
    more true of A and column 1 for one that is more true of B.
    """

    n_a: Ints  # images of A with a score, among the tested
    n_b: Ints
    wins: Floats  # pairs in which A's image scores higher, ties counted half (Mann–Whitney's U)
    spread_a: Floats  # sum of squared deviations of A's placements (share of B below)
    spread_b: Floats  # of B's placements (share of A above)
    ties: Floats  # sum of t³ − t over runs of t tied scores
    distinct: Ints  # different scores
    high_a: Ints  # of A's images, those with the highest score
    high_b: Ints
    fit_auroc: Floats  # AUROC on the images the threshold is chosen on; NaN if a side has none
    threshold: Floats  # score from which a hypothesis counts as true, by Youden's J
    rate_a: Floats  # share of A's tested images that reach it
    rate_b: Floats


def order_counts(
    scores: Floats, is_a: Mask, tested: Mask | None = None, fit: Mask | None = None
) -> OrderCounts:
    """Sorts each row once and counts.

    scores: (m, n) float64, finite or NaN. is_a: (n,) bool. tested: (n,) bool, images that count;
    None: all. fit: (n,) bool, images the threshold is chosen on; None: the tested ones.
    Where `fit` leaves a side without a score, the threshold is chosen on the tested images.
    Raises ValueError for an infinite score.
    """
    _keep_pages()
    flags = _flags(is_a, tested, fit)
    m, n = scores.shape
    rows = max(1, BLOCK // max(n, 1))
    blocks = [_block(scores[at : at + rows], flags, fit is None) for at in range(0, m, rows)]
    if not blocks:
        blocks = [_block(np.empty((0, n)), flags, fit is None)]
    if len(blocks) == 1:
        return blocks[0]
    return OrderCounts(
        **{
            f.name: np.concatenate([getattr(block, f.name) for block in blocks])
            for f in fields(OrderCounts)
        }
    )


def win_counts(scores: Floats, is_a: Mask) -> Floats:
    """(m,) pairs in which an image of A scores higher than one of B, ties counted half.

    The short way where nothing but AUROC is wanted. scores: (m, n) float64, finite or NaN.
    is_a: (n,) bool, or (m, n) with labels of their own for each row.
    """
    _keep_pages()
    m, n = scores.shape
    if n == 0:
        return np.zeros(m)
    flags = _flags(is_a, None, None)
    wins = np.empty(m)
    rows = max(1, BLOCK // n)
    for at in range(0, m, rows):
        block = scores[at : at + rows]
        words, ordered = _sorted(block, flags if is_a.ndim == 1 else flags[at : at + rows])
        runs = _Runs(_run_starts(words, ordered), *block.shape)
        _, _, a_in = runs.before(words, _TESTED_A)
        _, b_below, b_in = runs.before(words, _TESTED_B)
        b_in *= 0.5
        b_below += b_in
        wins[at : at + rows] = runs.sums(a_in * b_below)
    return wins


def _keep_pages() -> None:
    """Halves the time of what follows where memory comes from glibc.

    Its allocator hands arrays of more than 128 KiB back to the system after each step, to be
    zeroed and mapped again in the next one, until it has once seen a larger block freed.
    """
    np.empty(1 << 21)


def _flags(is_a: Mask, tested: Mask | None, fit: Mask | None) -> npt.NDArray[np.uint64]:
    """uint64 of the shape of is_a: which of the four populations each image belongs to."""
    side = np.uint64(_TESTED_B) - is_a.astype(np.uint64)  # _TESTED_A or _TESTED_B
    flags = side if tested is None else side * tested
    if fit is not None:
        flags = flags | (side << np.uint64(2)) * fit
    return flags


def _sorted(
    scores: Floats, flags: npt.NDArray[np.uint64]
) -> tuple[npt.NDArray[np.int64], Floats | None]:
    """Sorts each row. Returns (c, n) int64 words, flags in the low bits, and the sorted scores.

    Scores that are exactly a float32 (as every stored number is) travel with their flags in one
    64-bit word, which sorts several times faster than an argsort and a gather. The order-
    preserving map of IEEE floats to unsigned integers is the usual one: flip the sign bit of
    positive numbers, all bits of negative ones. The second value is None in that case: the
    scores can be read back from the words. NaN sorts last and carries no flag.
    """
    missing = np.isnan(scores)
    any_missing = bool(missing.any())
    with np.errstate(over="ignore"):  # what is too large for a float32 does not compare equal
        single = scores.astype(np.float32)
    same = single == scores
    if any_missing:
        same |= missing
    if same.all():
        single += np.float32(0.0)  # -0.0 and 0.0 are the same score
        bits = single.view(np.int32)
        keys = (bits ^ ((bits >> 31) | _SIGN)).view(np.uint32)
        if any_missing:
            keys[missing] = np.iinfo(np.uint32).max
        words = keys.astype(np.uint64)
        words <<= np.uint64(_FLAG_BITS)
        words |= np.where(missing, np.uint64(0), flags) if any_missing else flags
        words.sort(axis=1)
        return words.view(np.int64), None
    order = np.argsort(scores, axis=1)
    by_row = np.where(missing, np.uint64(0), flags)
    words = np.take_along_axis(by_row, order, axis=1)
    return words.view(np.int64), np.take_along_axis(scores, order, axis=1)


def _read_back(words: npt.NDArray[np.int64]) -> Floats:
    """The scores that `_sorted` packed into words."""
    keys = (words >> _FLAG_BITS).astype(np.uint32).view(np.int32)
    bits = keys ^ (~(keys >> 31) | _SIGN)
    return bits.view(np.float32).astype(np.float64)


def _run_starts(words: npt.NDArray[np.int64], ordered: Floats | None) -> Ints:
    """Flat positions at which a run of tied scores begins; each row begins one."""
    c, n = words.shape
    new = np.empty((c, n), dtype=np.bool_)
    if ordered is None:
        # words differ beyond their flags
        np.greater(words[:, 1:] ^ words[:, :-1], (1 << _FLAG_BITS) - 1, out=new[:, 1:])
    else:
        np.not_equal(ordered[:, 1:], ordered[:, :-1], out=new[:, 1:])
        # NaN differs from itself; one run of them is enough
        new[:, 1:] &= ~np.isnan(ordered[:, :-1])
    new[:, 0] = True
    return np.flatnonzero(new)


class _Runs:
    """Runs of tied scores of a block, flat, with the counts of one population up to each."""

    def __init__(self, starts: Ints, c: int, n: int) -> None:
        self.starts = starts
        self.first = np.searchsorted(starts, np.arange(c, dtype=np.int64) * n)
        self.per_row = np.diff(np.append(self.first, starts.size))
        self._bounds = np.append(starts, c * n)
        self._total = np.zeros(c * n + 1, dtype=np.int64)

    def before(self, words: npt.NDArray[np.int64], flag: int) -> tuple[Ints, Floats, Floats]:
        """Images that carry `flag`: in each row (c,), before each run and within each run."""
        hits = words.ravel() & flag
        hits >>= flag.bit_length() - 1
        np.cumsum(hits, out=self._total[1:])
        bounds = self._total[self._bounds]
        inside = np.diff(bounds)
        in_row = np.diff(np.append(bounds[self.first], bounds[-1]))
        below = bounds[:-1]
        if self.per_row.size > 1:
            below = below - np.repeat(below[self.first], self.per_row)
        return in_row, below.astype(np.float64), inside.astype(np.float64)

    def sums(self, values: Floats) -> Floats:
        """(c,) sums over the runs of each row."""
        return np.add.reduceat(values, self.first)

    def spread(self, values: Floats) -> Floats:
        """(runs,) a row's value for each of its runs."""
        return np.repeat(values, self.per_row) if self.per_row.size > 1 else values

    def first_largest(self, values: Floats) -> Ints:
        """(c,) index of the run with the largest value in each row, the lowest score first."""
        if self.per_row.size == 1:
            return np.array([values.argmax()])
        largest = np.maximum.reduceat(values, self.first)
        hits = np.flatnonzero(values == self.spread(largest))
        rows = np.searchsorted(self.first, hits, side="right") - 1
        return hits[np.flatnonzero(np.diff(rows, prepend=-1))]


def _block(scores: Floats, flags: npt.NDArray[np.uint64], fit_is_tested: bool) -> OrderCounts:
    if np.isinf(scores).any():
        raise ValueError("a score must be finite, or NaN where it is unknown")
    c, n = scores.shape
    if c == 0 or n == 0:
        return _empty(c)
    words, ordered = _sorted(scores, flags)
    runs = _Runs(_run_starts(words, ordered), c, n)
    n_a, a_below, a_in = runs.before(words, _TESTED_A)
    n_b, b_below, b_in = runs.before(words, _TESTED_B)
    a_mid, b_mid = a_below + a_in / 2, b_below + b_in / 2
    wins, spread_a = _moments(runs, a_in, b_mid, n_a, n_b)
    _, spread_b = _moments(runs, b_in, a_mid, n_b, n_a)
    together = a_in + b_in
    thresholds = np.empty((c, 2))
    rates = np.empty((2, c, 2))
    if fit_is_tested:
        fit_wins, fit_a, fit_b = wins, n_a, n_b
        excess = _excess(runs, a_below, n_a, b_below, n_b)
    else:
        fit_a, fit_a_below, fit_a_in = runs.before(words, _FIT_A)
        fit_b, fit_b_below, fit_b_in = runs.before(words, _FIT_B)
        fit_wins = runs.sums(fit_a_in * (fit_b_below + fit_b_in / 2))
        excess = _excess(runs, fit_a_below, fit_a, fit_b_below, fit_b)
        unfit = (fit_a == 0) | (fit_b == 0)
        if unfit.any():
            on_tested = _excess(runs, a_below, n_a, b_below, n_b)
            excess = np.where(np.repeat(unfit, runs.per_row), on_tested, excess)
    for k, toward in enumerate((excess, -excess)):
        chosen = runs.first_largest(toward)
        at = runs.starts[chosen]
        thresholds[:, k] = _read_back(words.ravel()[at]) if ordered is None else ordered.ravel()[at]
        with np.errstate(invalid="ignore", divide="ignore"):
            rates[0, :, k] = 1 - a_below[chosen] / n_a
            rates[1, :, k] = 1 - b_below[chosen] / n_b
    counted = together > 0
    last = _last_counted(runs, counted)
    with np.errstate(invalid="ignore", divide="ignore"):
        fit_auroc = fit_wins / (fit_a * fit_b)
    return OrderCounts(
        n_a=n_a,
        n_b=n_b,
        wins=wins,
        spread_a=spread_a,
        spread_b=spread_b,
        ties=runs.sums(together * together * together - together),
        distinct=runs.sums(counted.astype(np.float64)).astype(np.int64),
        high_a=np.where(n_a + n_b > 0, a_in[last], 0).astype(np.int64),
        high_b=np.where(n_a + n_b > 0, b_in[last], 0).astype(np.int64),
        fit_auroc=fit_auroc,
        threshold=thresholds,
        rate_a=rates[0],
        rate_b=rates[1],
    )


def _moments(
    runs: _Runs, own: Floats, other_mid: Floats, n_own: Ints, n_other: Ints
) -> tuple[Floats, Floats]:
    """(c,) sum of `other_mid` over own images, and squared deviations as shares of the other."""
    weighted = own * other_mid
    total = runs.sums(weighted)
    weighted *= other_mid
    squares = runs.sums(weighted)
    with np.errstate(invalid="ignore", divide="ignore"):
        deviations = (squares - total * total / n_own) / np.square(n_other.astype(np.float64))
    return total, np.maximum(deviations, 0.0)


def _excess(runs: _Runs, a_below: Floats, n_a: Ints, b_below: Floats, n_b: Ints) -> Floats:
    """(runs,) Youden's J toward A, times n_a n_b, were the threshold this run's score.

    Whole numbers, so that equal values of J are equal here too.
    """
    return b_below * runs.spread(n_a.astype(np.float64)) - a_below * runs.spread(
        n_b.astype(np.float64)
    )


def _last_counted(runs: _Runs, counted: Mask) -> Ints:
    """(c,) index of the highest run of each row that holds a tested image; any if there is none."""
    index = np.flatnonzero(counted)
    if index.size == 0:
        return runs.first
    last = np.searchsorted(index, runs.first + runs.per_row) - 1
    return index[np.maximum(last, 0)]


def _empty(c: int) -> OrderCounts:
    zero, none = np.zeros(c, dtype=np.int64), np.full(c, np.nan)
    pair = np.full((c, 2), np.nan)
    return OrderCounts(
        zero, zero, np.zeros(c), none, none, np.zeros(c), zero, zero, zero, none, pair, pair, pair
    )
