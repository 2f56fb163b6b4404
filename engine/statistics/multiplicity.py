"""Correction for testing many hypotheses at once. Knows p-values only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from engine.statistics.ordering import Floats, Ints


def adjusted(p: Floats, family: Ints, extra_tests: Sequence[int] = (0,)) -> Floats:
    """(m,) q: p after Benjamini and Hochberg (1995), every family given an equal share.

    p: (m,) float64 in [0, 1]. family: (m,) index of the list of hypotheses that each belongs to.
    extra_tests: for each family, further tests that were or could have been made without being
    listed; they count with p = 1. A hypothesis read off the images it is tested on was chosen
    among all that could have been read off them: those count here.

    All hypotheses are corrected together. So that a long list does not drown a short one, p is
    weighted as by Genovese, Roeder and Wasserman (2006, Biometrika 93, 509–524), by the inverse
    of its family's number of tests; weights average 1 over all tests, which keeps the rate of
    false discoveries where it is. With a single family this is the plain procedure.
    """
    if p.size == 0:
        return p.astype(np.float64)
    weight, total = _weights(family, extra_tests)
    everything = np.ones(total)
    everything[: p.size] = np.minimum(p / weight, 1.0)
    return np.asarray(stats.false_discovery_control(everything)[: p.size], dtype=np.float64)


def smallest_q(p: Floats, family: Ints, extra_tests: Sequence[int] = (0,)) -> Floats:
    """(k,) the smallest q of each of k lists of tests. p: (m, k) float64; see `adjusted`."""
    weight, total = _weights(family, extra_tests)
    ordered = np.sort(p / weight[:, None], axis=0)
    steps = total / np.arange(1, p.shape[0] + 1)
    least: Floats = (ordered * steps[:, None]).min(axis=0)
    return np.minimum(least, 1.0)


def lone_q(p: Floats, family: Ints, extra_tests: Sequence[int] = (0,)) -> Floats:
    """(m,) the q each p would get if all other tests came out at 1."""
    if p.size == 0:
        return p.astype(np.float64)
    weight, total = _weights(family, extra_tests)
    return np.minimum(p / weight * total, 1.0)


def _weights(family: Ints, extra_tests: Sequence[int]) -> tuple[Floats, int]:
    """(m,) weight of each test, and the number of all tests."""
    tests = np.bincount(family, minlength=len(extra_tests)) + np.asarray(extra_tests)
    listed = np.unique(family)
    total = int(tests[listed].sum())
    return total / (listed.size * tests[family]), total
