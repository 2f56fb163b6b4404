"""Scores a phrase by whether the text that came along with an image holds it. Reads no pixels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from engine.image_table import ImageTable
from engine.job import JobControl
from engine.measurement import Catalogue
from engine.phrase_text import phrase_key, searchable
from engine.rankers.base import Ranker
from engine.vocabulary import Hypothesis

_CHECK_EVERY = 500  # texts read between looks at whether to stop


class _TextPresence:
    name = "text_presence"

    def score(
        self,
        hypotheses: Sequence[Hypothesis],
        table: ImageTable,
        catalogue: Catalogue,  # noqa: ARG002  part of the role
        job: JobControl,
    ) -> npt.NDArray[np.float64]:
        """1 where the text holds the phrase in any of its plain inflections, 0 where it does not.

        NaN where an image has no text, and throughout for a phrase without any word.
        """
        keys = [f" {phrase_key(hypothesis.text)} " for hypothesis in hypotheses]
        scores = np.full((len(keys), len(table.images)), np.nan)
        if not keys:
            return scores
        for i, text in enumerate(table.texts):
            if i % _CHECK_EVERY == 0:
                job.check_cancelled()
            if text.strip():
                words = searchable(text)
                scores[:, i] = [key in words for key in keys]
        scores[[not key.strip() for key in keys]] = np.nan
        return scores


RANKER: Ranker = _TextPresence()
