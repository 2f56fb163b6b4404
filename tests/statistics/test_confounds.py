"""Findings looked at again among images alike in a technical measurement."""

from __future__ import annotations

import numpy as np
import pytest

from engine.statistics.auroc import auroc
from engine.statistics.confounds import (
    adjust_for_category,
    adjust_for_number,
    stratified_auroc,
)

N = 600
IS_A = np.arange(N) < N // 2
RNG = np.random.default_rng(0)
HEIGHT = (RNG.normal(size=N) + 1.2 * IS_A).astype(np.float32)


def test_a_score_that_only_follows_the_height_is_explained_by_it() -> None:
    follows = HEIGHT + RNG.normal(size=N) * 0.5
    of_its_own = RNG.normal(size=N) + 1.2 * IS_A
    scores = np.stack([follows, of_its_own]).astype(np.float64)
    plain = auroc(scores, IS_A)
    found = adjust_for_number(HEIGHT, scores, IS_A)
    assert found is not None
    assert found.auroc == pytest.approx(auroc(HEIGHT[None, :].astype(float), IS_A)[0])
    assert found.explains.tolist() == [True, False]
    assert plain[0] > 0.7
    assert found.adjusted[0] < 0.6
    assert found.adjusted[1] == pytest.approx(plain[1], abs=0.05)


def test_a_measurement_alike_on_both_sides_explains_nothing() -> None:
    scores = RNG.normal(size=(1, N)) + IS_A
    assert adjust_for_number(RNG.normal(size=N).astype(np.float32), scores, IS_A) is None
    weak = (RNG.normal(size=N) + 0.2 * IS_A).astype(np.float32)
    assert adjust_for_number(weak, scores, IS_A) is None
    one_side_only = np.where(IS_A, HEIGHT, np.float32("nan"))
    assert adjust_for_number(one_side_only, scores, IS_A) is None


def test_a_measurement_that_parts_the_sides_completely_leaves_nothing_to_compare() -> None:
    scores = RNG.normal(size=(1, N)) + IS_A
    codes = np.where(IS_A, 0, 1).astype(np.int32)
    found = adjust_for_category(codes, scores, IS_A)
    assert found is not None
    assert found.adjusted[0] == 0.5
    assert found.explains[0]
    assert found.auroc == 1


def test_a_format_explains_what_follows_from_it() -> None:
    png = RNG.random(N) < np.where(IS_A, 0.8, 0.2)
    scores = (png + RNG.normal(size=N) * 0.3)[None, :]
    found = adjust_for_category(png.astype(np.int32), scores, IS_A)
    assert found is not None
    assert found.auroc == pytest.approx(0.8, abs=0.05)
    assert found.adjusted[0] == pytest.approx(0.5, abs=0.08)
    assert found.explains[0]


def test_many_rare_values_do_not_look_telling_by_chance() -> None:
    scores = RNG.normal(size=(1, N)) + IS_A
    for seed in range(20):
        codes = np.random.default_rng(seed).integers(-1, 90, size=N).astype(np.int32)
        assert adjust_for_category(codes, scores, IS_A) is None


def test_pairs_are_compared_within_a_stratum_only() -> None:
    strata = np.array([0, 0, 0, 0, 1, 1, 1, 1, 2])
    is_a = np.array([1, 1, 0, 0, 1, 0, 0, 0, 1], dtype=bool)
    scores = np.array([[1.0, 5, 2, 3, 9, 8, 9, 10, 0], [1, 5, np.nan, 3, np.nan, 8, 9, 10, 0]])
    # first row: 2 of 4 pairs in stratum 0, 1.5 of 3 in stratum 1; second: 1 of 2, none
    assert stratified_auroc(scores, is_a, strata) == pytest.approx([3.5 / 7, 0.5])
