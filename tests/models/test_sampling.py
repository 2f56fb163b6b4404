"""Which images the models are shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.sampling import sample_rounds
from tests.fakes.image_tables import image_table


def test_draws_each_side_from_the_discover_half_without_repeats() -> None:
    table = image_table(60, 50)
    discover = np.arange(110) % 2 == 0
    table = replace(table, discover=discover, split=True)
    for shown in sample_rounds(table, 4, 20, 0):
        assert len(set(shown.a)) == len(set(shown.b)) == 20
        assert all(table.is_a[row] and discover[row] for row in shown.a)
        assert all(not table.is_a[row] and discover[row] for row in shown.b)


def test_rounds_differ_and_the_seed_decides() -> None:
    table = image_table(60, 60)
    first, second = sample_rounds(table, 2, 20, 0)
    assert set(first.a) != set(second.a)
    assert sample_rounds(table, 2, 20, 0) == (first, second)
    assert sample_rounds(table, 1, 20, 1)[0] != first
    assert sample_rounds(table, 5, 20, 0)[:2] == (first, second), "more rounds keep the first"


def test_a_side_smaller_than_the_sample_shows_all_it_has() -> None:
    (shown,) = sample_rounds(image_table(7, 60), 1, 20, 0)
    assert sorted(shown.a) == list(range(7))
    assert len(shown.b) == 20
