"""Whether the sets differ as wholes, and whether a list of findings stands."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import Cancelled
from engine.image_table import CategoryColumn
from engine.job import JobControl
from engine.statistics.gate import by_chance, smallest_qs
from engine.statistics.multiplicity import adjusted
from engine.statistics.ordering import order_counts
from engine.statistics.relabelled_sets import SAMPLE, relabelled_sets
from engine.statistics.significance import mann_whitney_p, standardised_wins
from engine.statistics.verdict import Apartness, told_apart


def images(n: int, columns: int, seed: int = 0) -> tuple[list[np.ndarray], np.ndarray]:
    """Columns that hang together as measurements do, and sides of equal size dealt out blindly."""
    rng = np.random.default_rng([seed, 1])
    common = rng.normal(size=(n, 4))
    mixed = common @ rng.normal(size=(4, columns)) + rng.normal(size=(n, columns))
    is_a = rng.permutation(n) < n // 2
    return list(mixed.T.astype(np.float32)), is_a


def tell(
    numbers: list[np.ndarray],
    is_a: np.ndarray,
    categories: tuple[CategoryColumn, ...] = (),
    relabelings: int = 199,
) -> Apartness | None:
    sets = relabelled_sets(is_a, np.arange(is_a.size), relabelings, seed=0)
    return told_apart(numbers, categories, sets, 0, JobControl())


def test_a_difference_that_no_single_column_shows_is_found() -> None:
    numbers, is_a = images(240, 12)
    # two columns that only together tell the sides apart
    base = np.random.default_rng(9).normal(size=240)
    numbers[0] = (base + 0.15 * is_a).astype(np.float32)
    numbers[1] = (base - 0.15 * is_a).astype(np.float32)
    found = tell(numbers, is_a)
    assert found is not None
    assert found.auroc > 0.8
    assert found.p == pytest.approx(1 / 200)
    assert (found.images_a, found.images_b, found.permutations) == (120, 120, 199)


def test_alike_sets_give_every_p_equally_often() -> None:
    p = []
    for seed in range(120):
        numbers, is_a = images(50, 10, seed)
        found = tell(numbers, is_a, relabelings=39)
        assert found is not None
        p.append(found.p)
    # 0.05 ± 3 standard errors, and the middle where it belongs
    assert np.mean(np.array(p) <= 0.05) < 0.11
    assert 0.42 < np.mean(p) < 0.6


def test_a_category_and_a_pattern_of_missing_values_tell_sides_apart_too() -> None:
    numbers, is_a = images(120, 5)
    codes = np.where(is_a, 0, np.arange(120) % 2).astype(np.int32)
    by_category = tell(numbers, is_a, (CategoryColumn(("JPEG", "PNG"), codes),))
    assert by_category is not None
    assert by_category.p < 0.02
    numbers[3][is_a & (np.arange(120) % 2 == 0)] = np.nan
    by_missing = tell(numbers, is_a)
    assert by_missing is not None
    assert by_missing.p < 0.02


def test_few_images_and_constant_measurements_are_not_judged() -> None:
    numbers, _ = images(30, 5)
    assert tell(numbers, np.arange(30) < 4) is None
    assert tell([np.ones(30, dtype=np.float32)], np.arange(30) < 15) is None
    assert tell([], np.arange(30) < 15) is None


def test_of_large_sets_a_sample_by_content_is_looked_at() -> None:
    n = 2 * SAMPLE + 800
    is_a = np.arange(n) < SAMPLE + 500
    place = np.random.default_rng(0).permutation(n)
    sets = relabelled_sets(is_a, place, relabelings=9, seed=0)
    assert (sets.n_a, sets.n_b) == (SAMPLE, SAMPLE)
    assert (sets.labels.sum(axis=0) == sets.n_a).all()
    left_out = place[is_a & ~np.isin(np.arange(n), sets.rows)]
    taken = place[sets.rows][is_a[sets.rows]]
    assert taken.max() < left_out.min()


def test_which_side_is_called_a_makes_no_difference() -> None:
    numbers, is_a = images(80, 8)
    numbers[2][is_a] += 0.8
    found, mirrored = tell(numbers, is_a), tell(numbers, ~is_a)
    assert found is not None
    assert mirrored is not None
    assert mirrored.p == found.p
    assert mirrored.auroc == pytest.approx(found.auroc, abs=1e-9)


def test_it_can_be_cancelled() -> None:
    numbers, is_a = images(60, 5)
    job = JobControl()
    job.cancel()
    sets = relabelled_sets(is_a, np.arange(60), 99, seed=0)
    with pytest.raises(Cancelled):
        told_apart(numbers, (), sets, 0, job)


def list_of(scores: np.ndarray, is_a: np.ndarray, relabelings: int = 99) -> np.ndarray:
    sets = relabelled_sets(is_a, np.arange(is_a.size), relabelings, seed=0)
    z = standardised_wins(order_counts(scores, is_a))
    family = np.zeros(len(scores), dtype=np.int64)
    return smallest_qs([(scores, np.ones_like(is_a))], z, family, [0], sets)


def test_a_list_of_chance_findings_seldom_stands() -> None:
    p = []
    for seed in range(150):
        numbers, is_a = images(60, 25, seed)
        scores = np.array(numbers, dtype=np.float64)
        scores[::5] = scores[::5] > 0.5
        scores[1::5, :20] = np.nan
        p.append(by_chance(-list_of(scores, is_a, 39)))
    assert np.mean(np.array(p) <= 0.05) < 0.11
    assert 0.4 < np.mean(p) < 0.62


def test_a_list_with_a_true_finding_stands() -> None:
    numbers, is_a = images(60, 25)
    scores = np.array(numbers, dtype=np.float64)
    scores[7, is_a] += 4 * scores[7].std()
    assert by_chance(-np.log(list_of(scores, is_a))) == pytest.approx(1 / 100)


def test_the_true_labels_come_first_and_give_the_q_of_the_list() -> None:
    numbers, is_a = images(80, 12)
    scores = np.array(numbers, dtype=np.float64)
    found = list_of(scores, is_a, 9)
    assert found.shape == (10,)
    p = mann_whitney_p(order_counts(scores, is_a))  # with continuity, hence a little larger
    smallest = adjusted(p, np.zeros(12, dtype=np.int64)).min()
    assert found[0] == pytest.approx(smallest, rel=0.1)


def test_an_empty_list_does_not_stand() -> None:
    assert by_chance(-list_of(np.empty((0, 20)), np.arange(20) < 10)) == 1


def test_a_second_kind_of_evidence_helps_without_counting_twice() -> None:
    rng = np.random.default_rng(0)
    strong, weak = rng.normal(size=200), rng.normal(size=200)
    strong[0], weak[0] = 9.0, 0.0
    assert by_chance(strong) == pytest.approx(1 / 200)
    assert by_chance(weak) > 0.2
    assert by_chance(strong, weak) == pytest.approx(2 / 200)
    assert by_chance(strong, strong) == by_chance(strong)
    alike = [by_chance(*rng.normal(size=(2, 40))) for _ in range(400)]
    assert np.mean(np.array(alike) <= 0.05) < 0.085
