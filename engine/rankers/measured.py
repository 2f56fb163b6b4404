"""Scores a measured hypothesis by the measurement itself. Measures nothing anew."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from engine.image_table import ImageTable
from engine.job import JobControl
from engine.measurement import Catalogue, Category
from engine.rankers.base import Ranker
from engine.vocabulary import Hypothesis


class _Measured:
    name = "measured"

    def score(
        self,
        hypotheses: Sequence[Hypothesis],
        table: ImageTable,
        catalogue: Catalogue,
        job: JobControl,
    ) -> npt.NDArray[np.float64]:
        """The column itself; 1 and 0 for images with and without a category's value.

        NaN where the value is unknown or not finite. Raises KeyError for a hypothesis that is
        not about a measurement of the catalogue.
        """
        scores = np.empty((len(hypotheses), len(table.images)))
        for row, hypothesis in zip(scores, hypotheses, strict=True):
            job.check_cancelled()
            measurement = catalogue[hypothesis.origin.detail]
            if isinstance(measurement, Category):
                column = table.categories[measurement.name]
                value = hypothesis.id.partition("=")[2]
                row[:] = column.codes == column.values.index(value)
                row[column.codes < 0] = np.nan
            else:
                row[:] = table.numbers[measurement.name]
                row[np.isinf(row)] = np.nan
        return scores


RANKER: Ranker = _Measured()
