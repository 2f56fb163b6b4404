"""Histograms of scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from engine.statistics.distribution import FEWEST_BINS, MOST_BINS, histogram


def test_yes_no_scores_have_a_bin_for_no_and_one_for_yes() -> None:
    scores = np.array([0.0, 0, 0, 1, 1, 1, 1, 0])
    found = histogram(scores, np.arange(8) < 4, yes_no=True, unit="share of images")
    assert found.a == (0.75, 0.25)
    assert found.b == (0.25, 0.75)
    assert found.edges == (-0.5, 0.5, 1.5)
    assert found.unit == "share of images"


def test_whole_numbers_have_a_bin_each() -> None:
    scores = np.array([2.0, 3, 3, 5, 2, 2, 5, 5])
    found = histogram(scores, np.arange(8) < 4, yes_no=False, unit="words")
    assert found.edges == (1.5, 2.5, 3.5, 4.5, 5.5)
    assert found.a == (0.25, 0.5, 0, 0.25)
    assert found.b == (0.5, 0, 0, 0.5)


def test_the_outer_bins_take_the_tails() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=3_000)
    scores[0], scores[-1] = 1e9, -1e9
    found = histogram(scores, np.arange(3_000) < 1_000, yes_no=False, unit="")
    assert found.edges[0] > -4
    assert found.edges[-1] < 4
    assert FEWEST_BINS <= len(found.a) <= MOST_BINS
    assert sum(found.a) == pytest.approx(1)
    assert sum(found.b) == pytest.approx(1)
    counts, _ = np.histogram(scores[1:1_000], bins=np.array(found.edges))
    assert np.array(found.a[1:-1]) == pytest.approx(counts[1:-1] / 1_000, abs=2e-3)


@settings(max_examples=80, deadline=None)
@given(
    hnp.arrays(
        np.float64,
        st.integers(2, 40),
        elements=st.floats(-1e12, 1e12) | st.sampled_from([0.1, 0.1 + 1e-16, 5e-324, np.nan]),
    )
)
def test_any_numbers_give_increasing_edges_and_whole_shares(values: np.ndarray) -> None:
    is_a = np.arange(values.size) % 2 == 0
    known = ~np.isnan(values)
    if not (known & is_a).any() or not (known & ~is_a).any():
        return
    found = histogram(values, is_a, yes_no=False, unit="")
    assert (np.diff(found.edges) > 0).all()
    assert len(found.a) == len(found.b) == len(found.edges) - 1
    assert sum(found.a) == pytest.approx(1)
    assert sum(found.b) == pytest.approx(1)
