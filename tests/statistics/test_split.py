"""The half that is looked at and the half that is held out."""

from __future__ import annotations

import numpy as np
import pytest

from engine.statistics.split import content_order, split


def ids(side: str, n: int) -> list[str]:
    return [f"{side}{k:031x}" for k in range(n)]


def test_both_sides_are_halved() -> None:
    is_a = np.arange(101 + 50) < 101
    discover, was_split = split(ids("a", 101) + ids("b", 50), is_a, seed=0, min_split=40)
    assert was_split
    assert discover[is_a].sum() == 51
    assert discover[~is_a].sum() == 25


@pytest.mark.parametrize(("n_a", "n_b"), [(39, 200), (200, 39), (1, 1), (0, 50)])
def test_a_small_side_is_not_split(n_a: int, n_b: int) -> None:
    is_a = np.arange(n_a + n_b) < n_a
    discover, was_split = split(ids("a", n_a) + ids("b", n_b), is_a, seed=0, min_split=40)
    assert not was_split
    assert discover.all()


def test_neither_order_nor_naming_of_the_sides_matters_but_the_seed_does() -> None:
    names = ids("a", 60) + ids("b", 70)
    is_a = np.arange(130) < 60
    discover, _ = split(names, is_a, seed=4, min_split=40)
    by_name = dict(zip(names, discover, strict=True))
    order = np.random.default_rng(0).permutation(130)
    shuffled, _ = split([names[k] for k in order], ~is_a[order], seed=4, min_split=40)
    assert {names[k]: half for k, half in zip(order, shuffled, strict=True)} == by_name
    other_seed, _ = split(names, is_a, seed=5, min_split=40)
    assert (other_seed != discover).any()


def test_an_image_on_both_sides_falls_into_the_same_half() -> None:
    shared = ids("c", 31)
    names = shared + ids("a", 30) + shared + ids("b", 45)
    is_a = np.arange(len(names)) < 61
    discover, was_split = split(names, is_a, seed=1, min_split=40)
    assert was_split
    assert (discover[:31] == discover[61:92]).all()
    assert discover[is_a].sum() == 31
    assert discover[~is_a].sum() == 38


def test_the_same_images_on_both_sides_can_still_be_split() -> None:
    names = ids("a", 50) * 2
    is_a = np.arange(100) < 50
    discover, was_split = split(names, is_a, seed=0, min_split=40)
    assert was_split
    assert discover.sum() == 50


def test_seeds_of_any_size_are_fine() -> None:
    for seed in (0, -1, 2**62, 2**100):
        assert sorted(content_order(ids("a", 9), seed)) == list(range(9))
