"""Numbers read as they should, and rounding never changes what they mean."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine import figures
from engine.findings import GATE
from engine.report import detectable, plots


@pytest.mark.parametrize(
    ("value", "text", "exact"),
    [
        (0.03, "q = 0.03", "q = 0.03"),
        (0.049996, "q = 0.049996", "q = 0.049996"),
        (0.00097, "q < 0.001", "q = 0.00097"),
        (3.2e-8, "q < 0.001", "q = 3·10⁻⁸"),
        (4e-41, "q < 0.001", "q = 4·10⁻⁴¹"),
        (0.0, "q < 0.001", "q < 10⁻³⁰⁰"),
        (1.0, "q = 1", "q = 1"),
    ],
)
def test_p_values(value: float, text: str, exact: str) -> None:
    assert figures.probability("q", value) == text
    assert figures.probability("q", value, exact=True) == exact


@given(st.floats(0.0011, 1))
def test_a_p_value_never_crosses_a_level_by_rounding(value: float) -> None:
    shown = float(figures.probability("p", value).removeprefix("p = "))
    assert (shown < 0.05) == (value < 0.05) or abs(value - 0.05) < 1e-7


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"), (1, "100 %"), (0.78, "78 %"), (0.004, "0.4 %"), (0.0001, "< 0.1 %"),
        (0.998, "99.8 %"), (0.9999, "> 99.9 %"),
    ],
)  # fmt: skip
def test_percent_is_0_or_100_only_when_it_is(share: float, text: str) -> None:
    assert figures.percent(share) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.5, "0.50"), (0.8849, "0.88"), (1, "1.00"), (0.9971, "0.997"), (0.99999, "0.999")],
)
def test_auroc_reads_1_only_when_it_is(value: float, text: str) -> None:
    assert figures.auroc(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (84, "84"), (131.25, "131"), (-7.263, "−7.26"), (0.4123, "0.412"),
        (4812.4, "4812"), (48120.4, "48,120"), (1.5e9, "1.5·10⁹"), (0.00004, "4.0·10⁻⁵"),
        (float("nan"), "–"),
    ],
)  # fmt: skip
def test_scores(value: float, text: str) -> None:
    assert figures.score(value) == text


def test_sizes_and_times() -> None:
    assert [figures.size(n) for n in (0, 999, 3_412_907, 12_000_000_000)] == [
        "0 bytes", "999 bytes", "3.4 MB", "12 GB",
    ]  # fmt: skip
    assert [figures.duration(s) for s in (0.42, 59.7, 200, 7500)] == [
        "0.4 s", "1 min 0 s", "3 min 20 s", "2 h 5 min",
    ]  # fmt: skip


def test_a_difference_of_the_size_named_is_found_four_times_in_five() -> None:
    n_a, n_b, tested, alpha = 60, 70, 20, 0.05
    smallest = detectable.smallest_auroc(n_a, n_b, tested, alpha)
    assert smallest is not None
    shift = np.sqrt(2) * stats.norm.ppf(smallest)
    rng = np.random.default_rng(3)
    a, b = rng.normal(shift, 1, (800, n_a)), rng.normal(0, 1, (800, n_b))
    p = stats.mannwhitneyu(a, b, axis=1, method="asymptotic").pvalue
    assert 0.74 < np.mean(p < detectable.LONE_SHARE * alpha / tested) < 0.9


@pytest.mark.parametrize("true_of", [4, 30, 80])
def test_the_null_region_is_where_chance_puts_a_yes_no_score(true_of: int) -> None:
    n_a, n_b = 40, 60
    scores = np.arange(n_a + n_b) < true_of
    rng = np.random.default_rng(5)
    shuffled = rng.permuted(np.tile(scores, (4000, 1)), axis=1)
    difference = shuffled[:, :n_a].mean(axis=1) - shuffled[:, n_a:].mean(axis=1)
    expected = detectable.null_spread(n_a, n_b, true_of / (n_a + n_b))
    assert np.std((1 + difference) / 2) == pytest.approx(expected, rel=0.06)
    assert expected < detectable.null_spread(n_a, n_b)


def test_the_level_of_a_lone_difference_is_the_one_that_findings_use() -> None:
    assert detectable.LONE_SHARE == GATE


def test_the_images_needed_are_enough_and_one_fewer_is_not() -> None:
    for tested in (1, 37, 200):
        n = detectable.images_needed(tested, 0.05)
        for size, enough in ((n, True), (n - 1, False)):
            a, b = np.arange(size) + 100.0, np.arange(size) * 1.0
            p = stats.mannwhitneyu(a, b, method="exact").pvalue if size else 1.0
            assert (p < 0.05 / tested) is np.bool_(enough)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e9))
def test_ticks_are_few_round_and_inside(low: float, span: float) -> None:
    high = low + span
    ticks = plots.round_values(low, high)
    assert len(ticks) <= plots.MAX_TICKS
    assert all(low - 1e-6 * span <= t <= high + 1e-6 * span for t in ticks)
