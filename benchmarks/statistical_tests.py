"""Statistics of hypotheses, side by side with loops over scikit-learn and scipy.

    python -m benchmarks.statistical_tests [--rounds 5] [--coverage]

Both compute the same numbers from the same array in memory; medians of the rounds are printed.
The loops are timed on as many hypotheses as they manage in reasonable time and counted per
hypothesis. "Everything" is AUROC with DeLong's interval, Mann–Whitney, Welch, Hedges' g, Youden's
threshold and the rates. --coverage compares DeLong's interval with a bootstrap instead: how often
each holds the true AUROC, how wide it is, and what it costs.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
from scipy import stats
from sklearn.metrics import roc_auc_score, roc_curve

from engine.job import JobControl
from engine.statistics.auroc import auroc, interval_of
from engine.statistics.ordering import order_counts
from engine.statistics.relabelled_sets import relabelled_sets
from engine.statistics.summary import summarise
from engine.statistics.verdict import told_apart

SIZES = ((1_000, 300), (10_000, 100), (100_000, 10))  # images, hypotheses
BOOTSTRAPS = 500


def seconds(work: Callable[[], object], rounds: int) -> float:
    work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def ours(scores: np.ndarray, is_a: np.ndarray) -> object:
    everyone = np.ones_like(is_a)
    return summarise(
        scores,
        is_a,
        tested=everyone,
        fit=everyone,
        place=np.arange(is_a.size),
        seed=0,
        job=JobControl(),
    )


def theirs(row: np.ndarray, is_a: np.ndarray) -> tuple[float, ...]:
    """The same for one hypothesis, as one writes it with the usual libraries."""
    a, b = row[is_a], row[~is_a]
    estimate = roc_auc_score(is_a, row)
    ranks = stats.rankdata(row)
    below_a = (ranks[is_a] - stats.rankdata(a)) / b.size
    above_b = 1 - (ranks[~is_a] - stats.rankdata(b)) / a.size
    variance = below_a.var(ddof=1) / a.size + above_b.var(ddof=1) / b.size
    p = stats.mannwhitneyu(a, b, method="asymptotic").pvalue
    p_welch = stats.ttest_ind(a, b, equal_var=False).pvalue
    pooled = np.sqrt(((a.size - 1) * a.var(ddof=1) + (b.size - 1) * b.var(ddof=1)) / row.size)
    false_rate, true_rate, thresholds = roc_curve(is_a, row)
    threshold = thresholds[np.argmax(true_rate - false_rate)]
    rates = (a >= threshold).mean(), (b >= threshold).mean()
    return (estimate, variance, p, p_welch, (a.mean() - b.mean()) / pooled, threshold, *rates)


def compare_speed(rounds: int) -> None:
    print(f"{'images':>8} {'kind':>8} {'AUROC':>26} {'everything':>26}   (ns a score, ratio)")
    for n, m in SIZES:
        rng = np.random.default_rng(n)
        is_a = rng.random(n) < 0.5
        normal = rng.normal(size=(m, n)).astype(np.float32).astype(np.float64)
        compare_size("numbers", normal, is_a, rounds)
        compare_size("yes/no", (normal > 1).astype(np.float64), is_a, rounds)


def compare_size(kind: str, scores: np.ndarray, is_a: np.ndarray, rounds: int) -> None:
    n = is_a.size
    few = scores[: max(3, 200_000 // n)]
    own = seconds(lambda: auroc(scores, is_a), rounds) / scores.size * 1e9
    loop = seconds(lambda: [roc_auc_score(is_a, row) for row in few], rounds) / few.size * 1e9
    own_all = seconds(lambda: ours(scores, is_a), rounds) / scores.size * 1e9
    loop_all = seconds(lambda: [theirs(row, is_a) for row in few], rounds) / few.size * 1e9
    print(
        f"{n:8,} {kind:>8} {own:8.1f} {loop:8.0f} {loop / own:7.1f}x"
        f" {own_all:8.1f} {loop_all:8.0f} {loop_all / own_all:7.1f}x"
    )


def compare_one_more(rounds: int) -> None:
    """One new hypothesis on 100,000 images whose scores are in memory."""
    n = 100_000
    rng = np.random.default_rng(0)
    is_a = rng.random(n) < 0.5
    row = rng.normal(size=(1, n)).astype(np.float32).astype(np.float64)

    def bare() -> int:
        """The shortest exact AUROC there is in numpy, where no scores are tied."""
        return int(np.flatnonzero(is_a[np.argsort(row[0])]).sum())

    sort, rank_sum = seconds(lambda: np.sort(row), 5 * rounds), seconds(bare, 5 * rounds)
    only, everything = (
        seconds(lambda: auroc(row, is_a), 5 * rounds),
        seconds(lambda: ours(row, is_a), 5 * rounds),
    )
    print(
        f"\none hypothesis on {n:,} images, ms: numpy sort {sort * 1e3:.2f}, "
        f"argsort and rank sum {rank_sum * 1e3:.2f}, AUROC with ties {only * 1e3:.2f}, "
        f"everything {everything * 1e3:.2f}"
    )
    print(
        f"everything / argsort and rank sum = {everything / rank_sum:.1f}, "
        f"everything / sort = {everything / sort:.1f}, AUROC / sort = {only / sort:.1f}"
    )
    columns = list(rng.normal(size=(80, 4_000)).astype(np.float32))
    sides = np.arange(4_000) < 2_000
    start = time.perf_counter()
    sets = relabelled_sets(sides, np.arange(4_000), 999, seed=0)
    told_apart(columns, (), sets, 0, JobControl())
    print(f"2,000 + 2,000 images told apart, 999 permutations: {time.perf_counter() - start:.2f} s")


def compare_coverage() -> None:
    """A exponential, B exponential: P(a > b) = mean of A / (mean of A + mean of B)."""
    print(
        f"{'n_a':>5} {'n_b':>5} {'AUROC':>6} {'DeLong, logit':>16} {'bootstrap':>16}  (held, width)"
    )
    for n_a, n_b in ((10, 10), (25, 25), (50, 200), (200, 200)):
        for true in (0.5, 0.7, 0.9):
            rng = np.random.default_rng([n_a, n_b])
            held = np.zeros((400, 2))
            width = np.zeros((400, 2))
            is_a = np.arange(n_a + n_b) < n_a
            spent = [0.0, 0.0]
            for k in range(len(held)):
                a = rng.exponential(true / (1 - true), n_a)
                b = rng.exponential(1, n_b)
                row = np.concatenate([a, b])[None, :]
                start = time.perf_counter()
                low, high = (end[0] for end in interval_of(order_counts(row, is_a)))
                middle = time.perf_counter()
                again = np.concatenate(
                    [rng.choice(a, (BOOTSTRAPS, n_a)), rng.choice(b, (BOOTSTRAPS, n_b))], axis=1
                )
                ends = np.quantile(auroc(again, is_a), [0.025, 0.975])
                spent[0] += middle - start
                spent[1] += time.perf_counter() - middle
                held[k] = low <= true <= high, ends[0] <= true <= ends[1]
                width[k] = high - low, ends[1] - ends[0]
            print(
                f"{n_a:5} {n_b:5} {true:6.2f}"
                + "".join(f" {held[:, k].mean():8.3f} {width[:, k].mean():7.3f}" for k in (0, 1))
                + f"   bootstrap {spent[1] / spent[0]:.0f} x slower"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--coverage", action="store_true")
    options = parser.parse_args()
    if options.coverage:
        compare_coverage()
    else:
        compare_speed(options.rounds)
        compare_one_more(options.rounds)


if __name__ == "__main__":
    main()
