"""How small a difference a comparison could have seen, and how many images a test needs.

Makes "no difference found" a result: it says what would have been found. Looks at counts
only, never at scores.
"""

from __future__ import annotations

import math
from statistics import NormalDist

POWER = 0.8  # "most likely" in the sentences: four times in five
LONE_SHARE = 0.2  # of alpha, to which a difference is held when it is the only one

_NORMAL = NormalDist()


def smallest_auroc(n_a: int, n_b: int, tested: int, alpha: float) -> float | None:
    """The AUROC that a two-sided rank test would find significant with probability POWER.

    Noether (1987), "Sample size determination for some common nonparametric tests", equation
    for the Wilcoxon–Mann–Whitney test, solved for the effect, with its variance
    (n_a + n_b + 1) / (12 n_a n_b) under the null. The level is that of a single difference
    among `tested`: the smallest that Benjamini–Hochberg asks for, alpha / tested, times
    LONE_SHARE. None where even complete separation (AUROC 1) is not enough.
    """
    if min(n_a, n_b) < 1:
        return None
    level = LONE_SHARE * alpha / max(tested, 1)
    needed = _NORMAL.inv_cdf(1 - level / 2) + _NORMAL.inv_cdf(POWER)
    smallest = 0.5 + needed * null_spread(n_a, n_b)
    return smallest if smallest < 1 else None


def null_spread(n_a: int, n_b: int, share_true: float | None = None) -> float:
    """Standard deviation of the AUROC of n_a against n_b images when nothing differs.

    Of the rank sum, without ties; or with the ties of a yes/no score that is true of
    `share_true` of all images (Lehmann 1975, "Nonparametrics", section 1.4). 0.5 where a side
    is empty.
    """
    if min(n_a, n_b) < 1:
        return 0.5
    n = n_a + n_b
    variance = (n + 1) / (12 * n_a * n_b)
    if share_true is not None:
        ties = sum(t**3 - t for t in (share_true * n, (1 - share_true) * n))
        variance *= max(0.0, 1 - ties / (n**3 - n))
    return math.sqrt(variance)


def images_needed(tested: int, alpha: float) -> int:
    """Images a side from which a complete separation can reach q < alpha at all.

    The smallest two-sided p of an exact rank test of n against n is 2 / C(2n, n).
    """
    level = alpha / max(tested, 1)
    n = 1
    while 2 / math.comb(2 * n, n) >= level:
        n += 1
    return n
