"""AUROC, its interval and the best threshold, against scikit-learn and the definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.metrics import roc_auc_score

from engine.statistics import ordering
from engine.statistics.auroc import auroc, auroc_of, interval_of
from engine.statistics.ordering import order_counts
from engine.statistics.yes_no import is_yes_no, yes_no_counts


def scores_of(kind: str, m: int, n: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    normal = rng.normal(size=(m, n))
    return {
        "double": normal,
        "single": normal.astype(np.float32).astype(np.float64),
        "few values": np.round(2 * normal),
        "yes/no": (normal > 0.4).astype(np.float64),
        "huge": np.round(normal * 3) * 1e300,
        "tiny steps": 1 + np.round(normal * 3) * 1e-15,
        "negative": -np.exp(normal),
    }[kind]


KINDS = ["double", "single", "few values", "yes/no", "huge", "tiny steps", "negative"]


@pytest.mark.parametrize("kind", KINDS)
def test_auroc_is_that_of_scikit_learn(kind: str) -> None:
    scores = scores_of(kind, m=7, n=83)
    is_a = np.arange(83) % 3 == 0
    expected = [roc_auc_score(is_a, row) for row in scores]
    assert auroc(scores, is_a) == pytest.approx(expected, abs=1e-12)
    assert auroc_of(order_counts(scores, is_a)) == pytest.approx(expected, abs=1e-12)


def test_images_without_a_score_do_not_count() -> None:
    scores = scores_of("few values", m=5, n=60)
    is_a = np.arange(60) < 25
    for row, missing in zip(scores, [0, 1, 20, 24, 40], strict=True):
        row[np.random.default_rng(missing).permutation(60)[:missing]] = np.nan
    found = auroc(scores, is_a)
    for row, value in zip(scores, found, strict=True):
        known = ~np.isnan(row)
        assert value == pytest.approx(roc_auc_score(is_a[known], row[known]), abs=1e-12)


def test_a_side_without_any_score_gives_no_number() -> None:
    scores = np.array([[1.0, 2.0, np.nan, np.nan], [np.nan] * 4])
    counts = order_counts(scores, np.array([True, True, False, False]))
    assert np.isnan(auroc_of(counts)).all()
    assert np.isnan(interval_of(counts)).all()
    assert counts.n_a.tolist() == [2, 0]
    assert counts.n_b.tolist() == [0, 0]


def test_minus_zero_is_zero() -> None:
    scores = np.array([[0.0, -0.0, 0.0, -0.0]])
    assert auroc(scores, np.array([True, True, False, False]))[0] == 0.5


def test_an_infinite_score_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        order_counts(np.array([[1.0, np.inf]]), np.array([True, False]))


def test_many_images_and_many_hypotheses_go_through_in_blocks() -> None:
    n = ordering.BLOCK // 4 + 3
    scores = scores_of("single", m=9, n=n)
    is_a = np.random.default_rng(1).random(n) < 0.3
    expected = [roc_auc_score(is_a, row) for row in scores]
    assert auroc(scores, is_a) == pytest.approx(expected, abs=1e-12)
    assert order_counts(scores, is_a).wins.shape == (9,)


def test_no_hypothesis_is_no_trouble() -> None:
    counts = order_counts(np.empty((0, 10)), np.arange(10) < 5)
    assert auroc_of(counts).shape == (0,)
    assert interval_of(counts)[0].shape == (0,)


def test_interval_is_delongs_on_the_logit_scale() -> None:
    scores = scores_of("few values", m=1, n=50)
    is_a = np.arange(50) < 20
    a, b = scores[0, is_a], scores[0, ~is_a]
    wins = (a[:, None] > b) + 0.5 * (a[:, None] == b)
    variance = wins.mean(axis=1).var(ddof=1) / 20 + wins.mean(axis=0).var(ddof=1) / 30
    estimate = wins.mean()
    step = 1.959964 * np.sqrt(variance) / (estimate * (1 - estimate))
    low, high = interval_of(order_counts(scores, is_a))
    assert low[0] == pytest.approx(expit(logit(estimate) - step), abs=1e-6)
    assert high[0] == pytest.approx(expit(logit(estimate) + step), abs=1e-6)


@pytest.mark.parametrize("n", [2, 5, 20, 100])
def test_complete_separation_still_has_an_honest_interval(n: int) -> None:
    scores = np.arange(2.0 * n)[None, :]
    is_a = np.arange(2 * n) >= n
    low, high = interval_of(order_counts(scores, is_a))
    assert high[0] == 1
    assert low[0] < 1
    mirrored = interval_of(order_counts(scores, ~is_a))
    assert mirrored[0][0] == 0
    assert mirrored[1][0] == pytest.approx(1 - low[0], abs=1e-12)


def test_more_images_make_the_interval_of_a_complete_separation_narrower() -> None:
    lows = []
    for n in (3, 10, 50, 400):
        low, _ = interval_of(order_counts(np.arange(2.0 * n)[None, :], np.arange(2 * n) >= n))
        lows.append(low[0])
    assert lows == sorted(lows)
    assert lows[-1] > 0.98


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.integers(-3, 3) | st.none(), min_size=1, max_size=25),
    st.lists(st.integers(-3, 3) | st.none(), min_size=1, max_size=25),
)
def test_interval_contains_the_estimate_and_stays_between_0_and_1(
    a: list[int | None], b: list[int | None]
) -> None:
    scores = np.array([[np.nan if v is None else float(v) for v in a + b]])
    is_a = np.arange(len(a) + len(b)) < len(a)
    counts = order_counts(scores, is_a)
    low, high = interval_of(counts)
    estimate = auroc_of(counts)
    if np.isnan(estimate[0]):
        assert np.isnan(low[0])
        assert np.isnan(high[0])
    else:
        assert 0 <= low[0] <= estimate[0] <= high[0] <= 1


def test_the_95_percent_interval_holds_the_truth_about_95_times_in_100() -> None:
    # A is exponential with mean 3, B with mean 1: P(a > b) = 3/4
    rng = np.random.default_rng(0)
    scores = np.concatenate(
        [rng.exponential(3, size=(4_000, 25)), rng.exponential(1, size=(4_000, 35))], axis=1
    )
    low, high = interval_of(order_counts(scores, np.arange(60) < 25))
    assert 0.93 < ((low <= 0.75) & (high >= 0.75)).mean() < 0.975


@pytest.mark.parametrize("kind", ["double", "single", "few values"])
def test_threshold_is_where_youdens_j_is_largest(kind: str) -> None:
    scores = scores_of(kind, m=6, n=70)
    is_a = np.arange(70) < 30
    scores[:3, is_a] += 1
    counts = order_counts(scores, is_a)
    for k, row in enumerate(scores):
        for column, toward in enumerate((1, -1)):
            j = {t: toward * ((row[is_a] >= t).mean() - (row[~is_a] >= t).mean()) for t in row}
            threshold = counts.threshold[k, column]
            assert j[threshold] == pytest.approx(max(j.values()), abs=1e-12)
            assert counts.rate_a[k, column] == pytest.approx((row[is_a] >= threshold).mean())
            assert counts.rate_b[k, column] == pytest.approx((row[~is_a] >= threshold).mean())


@pytest.mark.parametrize("kind", ["double", "single", "few values"])
def test_threshold_may_be_chosen_on_other_images_than_those_tested(kind: str) -> None:
    scores = scores_of(kind, m=5, n=120)
    is_a = np.arange(120) < 50
    tested = np.arange(120) % 2 == 0
    counts = order_counts(scores, is_a, tested=tested, fit=~tested)
    on_tested = order_counts(scores[:, tested], is_a[tested])
    on_fit = order_counts(scores[:, ~tested], is_a[~tested])
    for name in ("n_a", "n_b", "wins", "spread_a", "spread_b", "ties", "distinct"):
        assert getattr(counts, name) == pytest.approx(getattr(on_tested, name)), name
    assert counts.fit_auroc == pytest.approx(auroc_of(on_fit))
    sides = is_a[tested]
    for k, row in enumerate(scores[:, tested]):
        at = counts.threshold[k, 0]
        j_on_fit = np.subtract(
            (scores[k, ~tested & is_a] >= at).mean(), (scores[k, ~tested & ~is_a] >= at).mean()
        )
        best = on_fit.rate_a[k, 0] - on_fit.rate_b[k, 0]
        assert j_on_fit == pytest.approx(best, abs=1e-12)
        assert counts.rate_a[k, 0] == pytest.approx((row[sides] >= at).mean())


def test_threshold_falls_back_to_the_tested_images_where_a_side_cannot_be_fitted() -> None:
    scores = scores_of("double", m=2, n=40)
    is_a = np.arange(40) < 20
    only_b = ~is_a
    counts = order_counts(scores, is_a, fit=only_b)
    assert np.isnan(counts.fit_auroc).all()
    assert counts.threshold == pytest.approx(order_counts(scores, is_a).threshold)


@pytest.mark.parametrize("missing", [0, 7])
def test_yes_no_scores_are_counted_to_the_same_result(missing: int) -> None:
    scores = scores_of("yes/no", m=8, n=90)
    scores[6], scores[7] = 0, 1
    scores[:, :missing] = np.nan
    is_a = np.arange(90) % 3 == 1
    tested = np.arange(90) % 2 == 0
    assert is_yes_no(scores).all()
    assert not is_yes_no(scores * 2)[:6].any()
    counted = yes_no_counts(scores, is_a, tested, ~tested)
    by_order = order_counts(scores, is_a, tested, ~tested)
    same = "n_a n_b wins spread_a spread_b ties distinct high_a high_b fit_auroc"
    for name in same.split():
        assert getattr(counted, name) == pytest.approx(getattr(by_order, name)), name
    assert (counted.threshold == 0.5).all()
    known_a = tested & is_a & ~np.isnan(scores[0])
    assert counted.rate_a[:, 0] == pytest.approx(scores[:, known_a].mean(axis=1))


def test_interval_of_a_yes_no_score_is_that_of_the_difference_of_shares() -> None:
    # Newcombe (1998), example (a) of table II: 56/70 against 48/80, method 10: 0.0524 to 0.3339
    scores = np.zeros((1, 150))
    scores[0, :56] = 1
    scores[0, 70:118] = 1
    low, high = interval_of(yes_no_counts(scores, np.arange(150) < 70))
    assert 2 * low[0] - 1 == pytest.approx(0.0524, abs=5e-5)
    assert 2 * high[0] - 1 == pytest.approx(0.3339, abs=5e-5)
