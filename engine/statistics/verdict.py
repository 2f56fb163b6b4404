"""Do the two sets differ at all? One test over all measurements together.

A linear classifier (ridge regression on the labels, which orders images as a regularised
linear discriminant does) is trained and tested by cross-validation; how well it tells the sides
apart is compared with what it achieves on permuted labels. Its predictions are linear in the
labels, so each fold is one matrix, computed once, for all permutations. Everything but the
labels — folds, scaling, strength of the ridge — is chosen without them, so that under "no
difference" the true labels are one permutation like any other and p is uniform. Names no cause.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg, stats
from scipy.special import ndtri

from engine.image_table import CategoryColumn
from engine.job import JobControl
from engine.statistics.ordering import Floats, win_counts
from engine.statistics.relabelled_sets import RelabelledSets

MIN_IMAGES = 5  # a side, below which a classifier has nothing to learn from
FOLDS = 5
MIN_SHARE = 0.02  # of the images that must have, or lack, a value to be a column of its own
IMAGES_A_DEGREE = 5  # images for each effective degree of freedom that the ridge leaves
_AT_ONCE = 250  # permutations scored between looks at whether to stop
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Apartness:
    """How well the sides are told apart by all measurements together."""

    auroc: float  # of the cross-validated classifier
    p: float  # against permuted labels, (1 + as good ones) / (1 + permutations)
    permutations: int
    images_a: int  # images looked at: all, or a sample by seed
    images_b: int
    every_auroc: Floats  # (1 + permutations,): for the true labels, then for each permutation


def told_apart(
    numbers: Sequence[npt.NDArray[np.float32]],
    categories: Sequence[CategoryColumn],
    sets: RelabelledSets,
    seed: int,
    job: JobControl,
) -> Apartness | None:
    """Tests whether any linear combination of measurements tells the sides apart.

    numbers: columns of numbers of all images, NaN where unknown. None when a side has fewer
    than MIN_IMAGES images or no measurement varies. Raises Cancelled.
    """
    if min(sets.n_a, sets.n_b) < MIN_IMAGES:
        return None
    features = _features(
        [column[sets.rows] for column in numbers],
        [CategoryColumn(column.values, column.codes[sets.rows]) for column in categories],
    )
    if features.shape[1] == 0:
        return None
    rng = np.random.default_rng([seed, len(features), FOLDS])
    found = _cross_validated(features, sets.labels, rng, job) / (sets.n_a * sets.n_b)
    as_good = int((found[1:] >= found[0] - _ROUNDING).sum())
    return Apartness(
        auroc=float(found[0]),
        p=(1 + as_good) / (1 + sets.relabelings),
        permutations=sets.relabelings,
        images_a=sets.n_a,
        images_b=sets.n_b,
        every_auroc=found,
    )


def _features(
    numbers: Sequence[npt.NDArray[np.float32]], categories: Sequence[CategoryColumn]
) -> Floats:
    """(n, columns) float64, each of mean 0 and standard deviation 1.

    Numbers as normal scores of their ranks, which no outlier can stretch (van der Waerden);
    unknown ones in the middle, with a column that says so; categories as a column a value.
    """
    columns: list[Floats] = []
    for values in numbers:
        known = np.isfinite(values)
        column = np.zeros(values.size)
        if known.any():
            column[known] = ndtri((stats.rankdata(values[known]) - 0.5) / known.sum())
        columns += [column, (~known).astype(np.float64)]
    for category in categories:
        counts = np.bincount(category.codes[category.codes >= 0])
        for value in np.flatnonzero(counts >= _fewest(category.codes.size)):
            columns.append((category.codes == value).astype(np.float64))
    kept: dict[bytes, Floats] = {}  # equal columns would count one thing several times
    for column in columns:
        most_common = np.unique(column, return_counts=True)[1].max()
        if column.size - most_common >= _fewest(column.size):
            scaled = (column - column.mean()) / column.std()
            kept.setdefault(scaled.tobytes(), scaled)
    return np.stack(list(kept.values()), axis=1) if kept else np.empty((0, 0))


def _fewest(images: int) -> float:
    """Images that must differ from the rest for a column to say something."""
    return max(2.0, MIN_SHARE * images)


def _cross_validated(
    features: Floats, labels: Floats, rng: np.random.Generator, job: JobControl
) -> Floats:
    """(columns of labels,) pairs that the held-out predictions put in the right order."""
    n, columns = features.shape
    ridge = _ridge(features, n / IMAGES_A_DEGREE)
    order = rng.permutation(n)
    features, labels = features[order], labels[order]
    bounds = np.linspace(0, n, FOLDS + 1).astype(np.int64)
    # what all folds share is summed once; a fold's own share is taken out of it
    gram, moment, total = features.T @ features, features.T @ labels, labels.sum(axis=0)
    predicted = np.empty_like(labels)
    for first, end in itertools.pairwise(bounds.tolist()):
        job.check_cancelled()
        test, own = features[first:end], labels[first:end]
        trained = n - (end - first)
        centre = -test.sum(axis=0) / trained  # the columns of all images sum to 0
        train_gram = gram - test.T @ test - trained * np.outer(centre, centre)
        train_gram[np.diag_indices(columns)] += ridge
        train_moment = moment - test.T @ own - np.outer(centre, total - own.sum(axis=0))
        weights = linalg.cho_solve(linalg.cho_factor(train_gram), train_moment)
        predicted[first:end] = (test - centre) @ weights
    wins = []
    for at in range(0, labels.shape[1], _AT_ONCE):
        job.check_cancelled()
        some = slice(at, at + _AT_ONCE)
        # rounded alike for all labels; single precision sorts faster
        scores = predicted[:, some].T.astype(np.float32).astype(np.float64)
        wins.append(win_counts(scores, labels[:, some].T > 0.5))
    return np.concatenate(wins)


def _ridge(features: Floats, degrees: float) -> float:
    """The ridge that leaves `degrees` effective degrees of freedom, sum of d / (d + ridge)."""
    d = np.maximum(linalg.eigvalsh(features.T @ features), 0.0)
    wanted = min(degrees, 0.9 * np.count_nonzero(d > d.max() * 1e-9))
    low, high = -12.0, 12.0  # powers of ten, relative to the largest eigenvalue
    for _ in range(60):
        middle = (low + high) / 2
        if (d / (d + d.max() * 10.0**middle)).sum() > wanted:
            low = middle
        else:
            high = middle
    return float(d.max() * 10.0**high)
