"""Pairs of rendered sets: one true difference, nothing else, and impurity that is exact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from engine.bench.rendered.pairs import IMAGES, STYLE_IMAGES, Level, Pair, pairs, training_rng
from engine.bench.rendered.scene import PICTURE_SEEDS, Scene, agrees, random_scene, visible
from engine.bench.rendered.world import Dimension

SEED = 3


def _by_sort() -> list[Pair]:
    """One pair of each sort, all of one size."""
    first = {pair.sort: replace(pair, images=120) for pair in reversed(pairs(SEED))}
    return list(first.values())


def _p_value(a: Sequence[Scene], b: Sequence[Scene], dimension: Dimension) -> float:
    """That both sides have the same distribution of a dimension; rare values are put together."""
    sides = [Counter(str(scene.value(dimension)) for scene in scenes) for scenes in (a, b)]
    total = sides[0] + sides[1]
    often = [value for value, count in total.items() if count >= 10]
    table = [[side[value] for value in often] for side in sides]
    rest = [sum(side.values()) - sum(row) for side, row in zip(sides, table, strict=True)]
    if sum(rest) > 0:
        table = [[*row, left] for row, left in zip(table, rest, strict=True)]
    if len(table[0]) < 2:
        return 1.0
    return float(chi2_contingency(np.array(table)).pvalue)


def test_sixty_pairs_twenty_a_level() -> None:
    bench = pairs(SEED)
    assert Counter(pair.level for pair in bench) == dict.fromkeys(Level, 20)
    assert len({pair.name for pair in bench}) == 60
    for pair in bench:
        style = pair.dimension is Dimension.STYLE
        assert pair.images == (STYLE_IMAGES if style else IMAGES)
        assert not set(pair.a.values) & set(pair.b.values)
        assert pair.a.words != pair.b.words
        assert (pair.a.against, pair.b.against) == (pair.b.values, pair.a.values)
    assert len({frozenset((pair.a.words, pair.b.words)) for pair in bench}) == 60


def test_a_seed_fixes_pairs_and_scenes() -> None:
    assert pairs(SEED) == pairs(SEED)
    one, two = pairs(SEED)[30], pairs(SEED + 1)[30]
    assert one.scenes() == one.scenes()
    assert (one.a, one.b) != (two.a, two.b) or one.scenes() != two.scenes()
    assert one.scenes() != replace(one, seed=99).scenes()


@pytest.mark.parametrize("pair", _by_sort(), ids=lambda pair: pair.sort)
def test_the_truth_differs_and_nothing_else(pair: Pair) -> None:
    a, b = pair.scenes()
    assert len(a) == len(b) == pair.images
    assert len({scene.seed for scene in a + b}) == 2 * pair.images
    for side, other, scenes in ((pair.a, pair.b, a), (pair.b, pair.a, b)):
        for scene in scenes:
            assert agrees(scene)
            assert visible(scene, pair.dimension)
            assert side.follows(scene)
            assert not other.follows(scene)
            assert all(scene.value(d) in values for d, values in side.common)
    assert _p_value(a, b, pair.dimension) < 1e-9
    for dimension in Dimension:
        # who is not alive does nothing, so an activity can come with a kind
        if dimension is pair.dimension or (
            pair.dimension is Dimension.KIND and dimension is Dimension.ACTIVITY
        ):
            continue
        assert _p_value(a, b, dimension) > 1e-4, dimension


@pytest.mark.parametrize(
    ("purity", "own"), [(1.0, 100), (0.8, 90), (0.5, 75), (0.21, 60), (0.0, 50)]
)
def test_purity_counts_are_exact_on_both_sides(purity: float, own: int) -> None:
    for pair in (pairs(SEED)[0], pairs(SEED)[45]):
        a, b = replace(pair, purity=purity).scenes()
        assert sum(pair.a.follows(scene) for scene in a) == own
        assert sum(pair.b.follows(scene) for scene in b) == own
        assert sum(pair.b.follows(scene) for scene in a) == pair.images - own


def test_impurity_exchanges_scenes_and_makes_none() -> None:
    pair = pairs(SEED)[50]
    pure_a, pure_b = pair.scenes()
    a, b = replace(pair, purity=0.4).scenes()
    assert Counter(a + b) == Counter(pure_a + pure_b)
    assert len(set(a) - set(pure_a)) == len(set(b) - set(pure_b)) == 30


def test_nothing_differs_at_purity_zero() -> None:
    for pair in _by_sort():
        a, b = replace(pair, purity=0.0).scenes()
        assert _p_value(a, b, pair.dimension) > 1e-4, pair.name


def test_a_purity_that_is_no_share_is_refused() -> None:
    with pytest.raises(ValueError, match="share"):
        replace(pairs(SEED)[0], purity=1.5).scenes()


def test_no_picture_of_a_bench_is_a_training_picture() -> None:
    rng = training_rng(SEED)
    training = {random_scene(rng).seed for _ in range(200)}
    bench = {scene.seed for pair in _by_sort() for side in pair.scenes() for scene in side}
    assert max(training) < PICTURE_SEEDS <= min(bench)
    assert random_scene(training_rng(1)) == random_scene(training_rng(1))
    assert random_scene(training_rng(1)) != random_scene(training_rng(2))
