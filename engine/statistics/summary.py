"""Everything that is said of a hypothesis in numbers, for many hypotheses at once.

Works through the score matrix in blocks, so that its own memory stays small whatever the
number of images, and asks between blocks whether to stop. Corrects for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from engine.job import JobControl
from engine.statistics.auroc import auroc_of, interval_of
from engine.statistics.moments import hedges_g, moments, welch
from engine.statistics.ordering import Floats, Ints, Mask, OrderCounts, order_counts
from engine.statistics.significance import significance, standardised_wins
from engine.statistics.yes_no import is_yes_no, yes_no_counts

_AT_ONCE = 1 << 18  # scores looked at together


@dataclass(frozen=True, slots=True)
class Summary:
    """Of m hypotheses. All (m,), but the last three (m, 2).

    AUROC, effect and means are those of A against B. Column 0 of the last three holds for a
    hypothesis that is more true of A, column 1 for one that is more true of B. NaN where a
    side has no score, and where the field says so.
    """

    n_a: Ints  # tested images with a score
    n_b: Ints
    auroc: Floats
    low: Floats  # 95 % interval
    high: Floats
    fit_auroc: Floats  # on the images the threshold was chosen on
    z: Floats  # standardised rank sum, A against B; 0 where a side has no score
    p: Floats  # 1 where a side has no score
    test: npt.NDArray[np.str_]
    smallest_p: Floats  # of a complete separation
    p_welch: Floats  # NaN where it is not defined
    hedges_g: Floats
    mean_a: Floats
    mean_b: Floats
    threshold: Floats
    rate_a: Floats
    rate_b: Floats


def summarise(
    scores: Floats,
    is_a: Mask,
    *,
    tested: Mask,
    fit: Mask,
    place: Ints,
    seed: int,
    job: JobControl,
) -> Summary:
    """scores: (m, n) float64, finite or NaN. is_a: (n,) bool.

    tested: (n,) bool, images everything but the threshold is computed on. fit: (n,) bool,
    images the threshold is chosen on; they may overlap. place: (n,) an order of the images drawn
    from their contents. Raises ValueError for an infinite score
    and Cancelled when the job is to stop.
    """
    m, n = scores.shape
    rows = max(1, _AT_ONCE // max(n, 1))
    blocks = []
    for at in range(0, max(m, 1), rows):
        job.progress("test", at, m)
        block = scores[at : at + rows]
        blocks.append(_block(block, is_a, tested, fit, place=place, seed=seed))
    if len(blocks) == 1:
        return blocks[0]
    return Summary(
        **{f.name: np.concatenate([getattr(b, f.name) for b in blocks]) for f in fields(Summary)}
    )


def _block(
    scores: Floats, is_a: Mask, tested: Mask, fit: Mask, *, place: Ints, seed: int
) -> Summary:
    all_tested = bool(tested.all())
    counts = _counts(
        scores,
        is_a,
        None if all_tested else tested,
        None if all_tested and fit.all() else fit,
    )
    on_tested = scores if all_tested else scores[:, tested]
    sides = is_a if all_tested else is_a[tested]
    low, high = interval_of(counts)
    found = moments(on_tested, sides)
    surprise = significance(on_tested, sides, counts, place[tested], seed)
    return Summary(
        n_a=counts.n_a,
        n_b=counts.n_b,
        auroc=auroc_of(counts),
        low=low,
        high=high,
        fit_auroc=counts.fit_auroc,
        z=standardised_wins(counts),
        p=surprise.p,
        test=surprise.test,
        smallest_p=surprise.smallest_p,
        p_welch=welch(found),
        hedges_g=hedges_g(found),
        mean_a=found.mean_a,
        mean_b=found.mean_b,
        threshold=counts.threshold,
        rate_a=counts.rate_a,
        rate_b=counts.rate_b,
    )


def _counts(scores: Floats, is_a: Mask, tested: Mask | None, fit: Mask | None) -> OrderCounts:
    """By counting where scores are yes or no, by sorting elsewhere."""
    yes_no = is_yes_no(scores)
    if yes_no.all():
        return yes_no_counts(scores, is_a, tested, fit)
    if not yes_no.any():
        return order_counts(scores, is_a, tested, fit)
    counted = yes_no_counts(scores[yes_no], is_a, tested, fit)
    ordered = order_counts(scores[~yes_no], is_a, tested, fit)
    joined = {}
    for f in fields(OrderCounts):
        few, many = getattr(counted, f.name), getattr(ordered, f.name)
        both = np.empty((scores.shape[0], *few.shape[1:]), dtype=few.dtype)
        both[yes_no], both[~yes_no] = few, many
        joined[f.name] = both
    return OrderCounts(**joined)
