"""p-values and effect sizes against scipy and against counting by hand."""

from __future__ import annotations

import itertools
from math import comb

import numpy as np
import pytest
from scipy import stats

from engine.statistics.moments import EFFECT_LIMIT, hedges_g, moments, welch
from engine.statistics.ordering import order_counts
from engine.statistics.rank_sum import RANDOM_RELABELINGS, relabelled_p, smallest_p
from engine.statistics.significance import (
    fisher_p,
    mann_whitney_p,
    significance,
    standardised_wins,
)


def columns(m: int, n: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(m, n))
    scores[m // 2 :] = np.round(scores[m // 2 :] * 1.5)
    return scores


def test_mann_whitney_is_scipys() -> None:
    scores = columns(10, 90)
    is_a = np.arange(90) < 40
    scores[3, ::7] = np.nan
    found = mann_whitney_p(order_counts(scores, is_a))
    for row, p in zip(scores, found, strict=True):
        known = ~np.isnan(row)
        expected = stats.mannwhitneyu(
            row[is_a & known], row[~is_a & known], method="asymptotic", use_continuity=True
        ).pvalue
        assert p == pytest.approx(expected, rel=1e-9)


def test_scores_that_are_all_the_same_are_no_surprise() -> None:
    counts = order_counts(np.full((1, 50), 7.0), np.arange(50) < 25)
    assert mann_whitney_p(counts)[0] == 1
    assert standardised_wins(counts)[0] == 0
    found = significance(np.full((1, 50), 7.0), np.arange(50) < 25, counts, np.arange(50), 0)
    assert found.p[0] == 1


def test_welch_is_scipys() -> None:
    scores = columns(8, 60) * 1000 + 1e6
    is_a = np.arange(60) < 18
    scores[2, 5:20] = np.nan
    found = welch(moments(scores, is_a))
    for row, p in zip(scores, found, strict=True):
        known = ~np.isnan(row)
        expected = stats.ttest_ind(row[is_a & known], row[~is_a & known], equal_var=False).pvalue
        assert p == pytest.approx(expected, rel=1e-6)


def test_welch_is_left_open_where_nothing_varies_or_a_side_has_one_image() -> None:
    constant = np.array([[0.1] * 5 + [0.3] * 6])
    assert np.isnan(welch(moments(constant, np.arange(11) < 5))[0])
    assert np.isnan(welch(moments(np.arange(6.0)[None, :], np.arange(6) < 1))[0])


def test_hedges_g_is_the_corrected_standardised_difference() -> None:
    scores = columns(1, 40)
    is_a = np.arange(40) < 15
    scores[0, is_a] += 1
    a, b = scores[0, is_a], scores[0, ~is_a]
    pooled = np.sqrt((14 * a.var(ddof=1) + 24 * b.var(ddof=1)) / 38)
    expected = (a.mean() - b.mean()) / pooled * (1 - 3 / (4 * 38 - 1))
    assert hedges_g(moments(scores, is_a))[0] == pytest.approx(expected)


def test_hedges_g_stays_finite_without_any_spread() -> None:
    scores = np.array([[0.1] * 5 + [0.3] * 6, [0.3] * 5 + [0.1] * 6, [0.7] * 11])
    found = hedges_g(moments(scores, np.arange(11) < 5))
    assert found.tolist() == [-EFFECT_LIMIT, EFFECT_LIMIT, 0]


def test_fisher_is_scipys_for_every_small_table() -> None:
    tables = [
        (a, n_a, b, n_b)
        for n_a, n_b in [(1, 1), (2, 5), (6, 6), (4, 11), (12, 3)]
        for a in range(n_a + 1)
        for b in range(n_b + 1)
    ]
    found = fisher_p(*np.array(tables, dtype=np.int64).T)
    for (a, n_a, b, n_b), p in zip(tables, found, strict=True):
        expected = stats.fisher_exact([[a, n_a - a], [b, n_b - b]]).pvalue
        assert p == pytest.approx(expected, abs=1e-9), (a, n_a, b, n_b)


def test_fisher_is_scipys_for_large_sets() -> None:
    tables = [(9, 20_000, 1, 30_000), (3, 3, 4_000, 100_000), (0, 500, 6, 500), (40, 50, 7, 900)]
    found = fisher_p(*np.array(tables, dtype=np.int64).T)
    for (a, n_a, b, n_b), p in zip(tables, found, strict=True):
        expected = stats.fisher_exact([[a, n_a - a], [b, n_b - b]]).pvalue
        assert p == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("n_a", "n_b"), [(1, 9), (4, 4), (3, 8), (6, 6)])
def test_few_images_are_tested_by_every_relabelling(n_a: int, n_b: int) -> None:
    scores = columns(6, n_a + n_b)
    is_a = np.arange(n_a + n_b) < n_a
    found, exact = relabelled_p(scores, is_a, np.arange(n_a + n_b), seed=0)
    assert exact.all()
    for row, p in zip(scores, found, strict=True):
        ranks = stats.rankdata(row)
        centre = n_a * (len(row) + 1) / 2
        sums = [ranks[list(pick)].sum() for pick in itertools.combinations(range(len(row)), n_a)]
        far = abs(ranks[is_a].sum() - centre)
        expected = np.mean([abs(s - centre) >= far - 1e-9 for s in sums])
        assert p == pytest.approx(expected)


def test_random_relabelings_come_near_the_exact_answer() -> None:
    scores = columns(4, 31)
    is_a = np.arange(31) < 15
    scores[:, is_a] += 0.5
    found, exact = relabelled_p(scores, is_a, np.arange(31), seed=3)
    assert not exact.any()
    for row, p in zip(scores[:2], found, strict=False):  # without ties scipy is exact
        expected = stats.mannwhitneyu(row[is_a], row[~is_a], method="exact").pvalue
        error = np.sqrt(expected * (1 - expected) / RANDOM_RELABELINGS)
        assert abs(p - expected) < 5 * error + 1e-4


def test_three_images_against_very_many() -> None:
    n = 50_000
    scores = np.random.default_rng(0).normal(size=(2, n))
    is_a = np.zeros(n, dtype=bool)
    is_a[[10, 2_000, 40_000]] = True
    scores[0, is_a] = [9, 10, 11]
    found, exact = relabelled_p(scores, is_a, np.arange(n), seed=0)
    assert not exact.any()
    assert found[0] == pytest.approx(1 / (1 + RANDOM_RELABELINGS))
    assert found[1] > 1e-3


def test_p_does_not_depend_on_the_order_of_images_nor_on_which_side_is_a() -> None:
    scores = columns(5, 36)
    is_a = np.arange(36) < 16
    place = np.random.default_rng(5).permutation(36)
    found, _ = relabelled_p(scores, is_a, place, seed=1)
    shuffled = np.random.default_rng(6).permutation(36)
    again, _ = relabelled_p(scores[:, shuffled], is_a[shuffled], place[shuffled], seed=1)
    swapped, _ = relabelled_p(scores, ~is_a, place, seed=1)
    assert again.tolist() == found.tolist()
    assert swapped.tolist() == found.tolist()


def test_images_without_a_score_are_not_relabelled() -> None:
    scores = columns(3, 30)
    is_a = np.arange(30) < 9
    scores[0, 20:] = np.nan
    scores[1, is_a] = np.nan
    found, exact = relabelled_p(scores, is_a, np.arange(30), seed=0)
    alone, _ = relabelled_p(scores[:1, :20], is_a[:20], np.arange(20), seed=0)
    assert found[0] == alone[0]
    assert found[1] == 1
    assert not exact[1]


def test_smallest_p_is_what_a_complete_separation_gets() -> None:
    for n_a, n_b in [(1, 3), (3, 3), (5, 5), (4, 30), (12, 15)]:
        scores = np.arange(float(n_a + n_b))[None, :]
        is_a = np.arange(n_a + n_b) < n_a
        found, _ = relabelled_p(scores, is_a, np.arange(n_a + n_b), seed=0)
        least = smallest_p(np.array([n_a]), np.array([n_b]))[0]
        assert found[0] == pytest.approx(least)
    assert smallest_p(np.array([3]), np.array([3]))[0] == pytest.approx(2 / comb(6, 3))


def test_the_test_is_chosen_by_what_the_scores_allow() -> None:
    n = 100
    scores = np.stack(
        [
            np.random.default_rng(0).normal(size=n),
            (np.arange(n) % 3 == 0).astype(float),
            (np.arange(n) % 25 == 0).astype(float),
        ]
    )
    large = np.arange(n) % 2 == 0
    few, fewer = np.arange(n) < 12, np.arange(n) < 2
    for is_a, expected in [
        (large, ["mann-whitney", "mann-whitney", "fisher"]),
        (few, ["permutation", "fisher", "fisher"]),
        (fewer, ["exact", "fisher", "fisher"]),
    ]:
        counts = order_counts(scores, is_a)
        found = significance(scores, is_a, counts, np.arange(n), 0)
        assert found.test.tolist() == expected
        assert ((found.p > 0) & (found.p <= 1)).all()
        assert (found.smallest_p <= found.p + 1e-12).all()
