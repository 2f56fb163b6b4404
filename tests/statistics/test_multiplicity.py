"""The correction for many tests."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from engine.statistics.multiplicity import adjusted, lone_q, smallest_q


def one_family(p: np.ndarray) -> np.ndarray:
    return np.zeros(p.size, dtype=np.int64)


def test_a_single_family_gets_the_plain_correction() -> None:
    p = np.random.default_rng(0).random(40) ** 3
    assert adjusted(p, one_family(p)) == pytest.approx(stats.false_discovery_control(p))


def test_tests_that_could_have_been_made_count_as_made() -> None:
    p = np.array([0.001, 0.02, 0.04])
    padded = stats.false_discovery_control(np.concatenate([p, np.ones(97)]))[:3]
    assert adjusted(p, one_family(p), [97]) == pytest.approx(padded)


def test_a_long_list_does_not_drown_a_short_one() -> None:
    long_list, short_list = np.linspace(0.1, 1, 200), np.array([0.002, 0.6])
    p = np.concatenate([long_list, short_list])
    family = np.repeat([0, 1], [200, 2])
    joint = adjusted(p, family)
    assert joint[200] < 0.05 < stats.false_discovery_control(p)[200]
    # each family answers for half of the errors: twice the p it would need alone
    assert joint[200] == pytest.approx(2 * adjusted(short_list, one_family(short_list))[0])


def test_a_family_without_tests_takes_no_share() -> None:
    p = np.array([0.001, 0.3])
    assert adjusted(p, one_family(p), [0, 50]) == pytest.approx(stats.false_discovery_control(p))


def test_nothing_tested_gives_nothing() -> None:
    nothing = np.empty(0)
    assert adjusted(nothing, one_family(nothing)).size == 0
    assert lone_q(nothing, one_family(nothing)).size == 0


def test_smallest_q_is_the_smallest_of_the_list() -> None:
    rng = np.random.default_rng(3)
    p = rng.random((30, 6)) ** 2
    family = np.repeat([0, 1], [22, 8])
    expected = [adjusted(column, family, [0, 40]).min() for column in p.T]
    assert smallest_q(p, family, [0, 40]) == pytest.approx(expected)


def test_lone_q_is_that_of_the_only_small_p() -> None:
    p = np.ones(12)
    p[4] = 0.001
    family = np.repeat([0, 1], [9, 3])
    assert lone_q(p, family)[4] == pytest.approx(adjusted(p, family)[4])


def test_false_discoveries_stay_below_the_level_with_families_of_unequal_length() -> None:
    rng = np.random.default_rng(1)
    family = np.repeat([0, 1], [90, 10])
    true = np.zeros(100, dtype=bool)
    true[[0, 1, 2, 95]] = True
    shares = []
    for _ in range(600):
        z = rng.normal(size=100) + 4 * true
        found = adjusted(2 * stats.norm.sf(np.abs(z)), family) < 0.1
        shares.append((found & ~true).sum() / max(1, found.sum()))
    assert np.mean(shares) < 0.12
