"""What every ranker promises, whatever stands behind it.

A test class of one ranker inherits these and says how it is made and what it can score.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from engine.errors import Cancelled
from engine.image_table import ImageTable
from engine.job import JobControl
from engine.measurement import Catalogue
from engine.rankers.base import Ranker
from engine.vocabulary import Hypothesis

CANCEL_WITHIN_S = 2.0


class RankerContract:
    """Fixtures to give: `ranker`, `table` (at least 6 images), `catalogue`, `hypotheses` (2 or
    more that give different scores)."""

    def scores(
        self,
        ranker: Ranker,
        hypotheses: Sequence[Hypothesis],
        table: ImageTable,
        catalogue: Catalogue,
    ) -> npt.NDArray[np.float64]:
        return ranker.score(hypotheses, table, catalogue, JobControl())

    def test_a_score_for_every_hypothesis_and_image(
        self, ranker: Ranker, hypotheses: list[Hypothesis], table: ImageTable, catalogue: Catalogue
    ) -> None:
        scores = self.scores(ranker, hypotheses, table, catalogue)
        assert scores.shape == (len(hypotheses), len(table.images))
        assert scores.dtype == np.float64
        assert not np.isinf(scores).any()
        assert len({row.tobytes() for row in scores}) == len(hypotheses)

    def test_nothing_to_score(
        self, ranker: Ranker, table: ImageTable, catalogue: Catalogue
    ) -> None:
        assert self.scores(ranker, [], table, catalogue).shape == (0, len(table.images))

    def test_order_of_hypotheses_is_kept(
        self, ranker: Ranker, hypotheses: list[Hypothesis], table: ImageTable, catalogue: Catalogue
    ) -> None:
        scores = self.scores(ranker, hypotheses, table, catalogue)
        turned = self.scores(ranker, hypotheses[::-1], table, catalogue)
        assert np.allclose(turned[::-1], scores, atol=1e-6, equal_nan=True)

    def test_the_same_answer_twice(
        self, ranker: Ranker, hypotheses: list[Hypothesis], table: ImageTable, catalogue: Catalogue
    ) -> None:
        first = self.scores(ranker, hypotheses, table, catalogue)
        again = self.scores(ranker, hypotheses, table, catalogue)
        assert np.array_equal(first, again, equal_nan=True)

    def test_scores_do_not_depend_on_the_sides(
        self, ranker: Ranker, hypotheses: list[Hypothesis], table: ImageTable, catalogue: Catalogue
    ) -> None:
        turned = ImageTable(
            table.images, ~table.is_a, ~table.discover, table.split, table.numbers,
            table.categories, table.texts,
        )  # fmt: skip
        assert np.array_equal(
            self.scores(ranker, hypotheses, turned, catalogue),
            self.scores(ranker, hypotheses, table, catalogue),
            equal_nan=True,
        )

    def test_a_cancelled_job_is_not_done(
        self, ranker: Ranker, hypotheses: list[Hypothesis], table: ImageTable, catalogue: Catalogue
    ) -> None:
        job = JobControl()
        job.cancel()
        with pytest.raises(Cancelled):
            ranker.score(hypotheses, table, catalogue, job)


def cancelled_within(work: object, after_s: float = 0.3) -> float:
    """Runs work(job), cancels it meanwhile; seconds until it stopped. Fails if it did not."""
    assert callable(work)
    job = JobControl()
    at: list[float] = []

    def cancel() -> None:
        at.append(time.monotonic())
        job.cancel()

    timer = threading.Timer(after_s, cancel)
    timer.start()
    try:
        with pytest.raises(Cancelled):
            work(job)
        return time.monotonic() - at[0]
    finally:
        timer.cancel()
        timer.join()
