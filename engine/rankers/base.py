"""The role of a ranker: a score for every hypothesis and image. Draws no conclusion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from engine.image_table import ImageTable
from engine.job import JobControl
from engine.measurement import Catalogue
from engine.vocabulary import Hypothesis


class Ranker(Protocol):
    """Scores m hypotheses on n images without knowing which side an image belongs to.

    `score` returns (m, n) float64: the higher, the truer; finite, or NaN where an image cannot
    be scored. Yes/no scores are 1 and 0. Raises Cancelled when the job is to stop.
    """

    @property
    def name(self) -> str: ...

    def score(
        self,
        hypotheses: Sequence[Hypothesis],
        table: ImageTable,
        catalogue: Catalogue,
        job: JobControl,
    ) -> npt.NDArray[np.float64]: ...


@dataclass(frozen=True, slots=True)
class EmbedCount:
    """done: images that have a vector now. reused: of these, those that had one before."""

    done: int
    reused: int


@runtime_checkable
class VectorRanker(Ranker, Protocol):
    """A ranker that compares vectors of phrases with vectors of images."""

    def text_vectors(self, texts: Sequence[str], job: JobControl) -> npt.NDArray[np.float32]:
        """(m, dim) float32, rows of unit length. Raises ModelError; Cancelled."""
        ...

    def embed(self, table: ImageTable, job: JobControl) -> EmbedCount:
        """Sees to it that every image of the table has a vector. Raises ModelError; Cancelled."""
        ...
