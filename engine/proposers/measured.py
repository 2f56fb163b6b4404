"""Proposes every measurement, for whichever side scores higher.

A fixed list: which measurements are left out is decided without looking at the sides, so that
the proposals can be tested on all images.
"""

from __future__ import annotations

from math import ceil

import numpy as np
import numpy.typing as npt

from engine.image_table import CategoryColumn, ImageTable
from engine.job import JobControl
from engine.measurement import Catalogue, Category, Number
from engine.proposers.base import Proposals, Proposer
from engine.recipe import Recipe
from engine.vocabulary import Hypothesis, Origin, Side

NAME = "measured"
MIN_KNOWN = 10  # images whose value is known; in smaller sets all of them must be
MIN_KNOWN_SHARE = 0.05  # of all images
MIN_DIFFERING = 2  # images that differ from the most common value; one tells nothing of a set
MIN_CATEGORY = 5  # images that must have, and lack, a category's value; a tenth in small sets
MIN_CATEGORY_SHARE = 0.02
MAX_VALUES = 20  # of a category, the most common first


class _Measured:
    name = NAME

    def propose(
        self,
        table: ImageTable,
        catalogue: Catalogue,
        recipe: Recipe,  # noqa: ARG002  part of the role
        seed: int,  # noqa: ARG002
        job: JobControl,
    ) -> Proposals:
        hypotheses: list[Hypothesis] = []
        for measurement in catalogue.measurements:
            job.check_cancelled()
            if isinstance(measurement, Category):
                column = table.categories.get(measurement.name)
                if column is not None:
                    hypotheses += _of_category(measurement, column)
            else:
                numbers = table.numbers.get(measurement.name)
                if numbers is None or not _varies(numbers):
                    continue
                if isinstance(measurement, Number):
                    high, low = measurement.high, measurement.low
                else:
                    high, low = measurement.yes, measurement.no
                hypotheses.append(_hypothesis(measurement.name, measurement.name, high, low))
        return Proposals(hypotheses, len(hypotheses), read_from_sides=False)


PROPOSER: Proposer = _Measured()


def _enough_known(known: int, images: int) -> bool:
    return known >= min(MIN_KNOWN, images) and known >= MIN_KNOWN_SHARE * images


def _varies(column: npt.NDArray[np.float32]) -> bool:
    """Whether enough images have a value, and at least a few a different one."""
    known = column[np.isfinite(column)]
    if known.size == 0 or not _enough_known(known.size, column.size):
        return False
    ordered = np.sort(known)
    starts = np.flatnonzero(np.diff(ordered, prepend=np.nan) != 0)
    most_common = int(np.diff(starts, append=ordered.size).max())
    return known.size - most_common >= MIN_DIFFERING


def _of_category(measurement: Category, column: CategoryColumn) -> list[Hypothesis]:
    """One yes/no hypothesis a value; of just two values one, which says everything."""
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.values))
    known, images = int(counts.sum()), column.codes.size
    if not _enough_known(known, images):
        return []
    at_least = max(2, min(MIN_CATEGORY, known // 10), ceil(MIN_CATEGORY_SHARE * known))
    common = sorted(
        (code for code in range(len(column.values)) if counts[code] >= at_least),
        key=lambda code: (-counts[code], column.values[code]),
    )
    chosen = [code for code in common if known - counts[code] >= at_least][:MAX_VALUES]
    only_two = len(chosen) == 2 and counts[chosen].sum() == known
    found = []
    for code in chosen[1:] if only_two else chosen:
        value = column.values[code]
        other = column.values[chosen[0]] if only_two else None
        found.append(
            _hypothesis(
                f"{measurement.name}={value}",
                measurement.name,
                measurement.phrase.replace("{value}", value),
                measurement.opposite.replace("{value}", value)
                if other is None
                else measurement.phrase.replace("{value}", other),
            )
        )
    return found


def _hypothesis(id_: str, measurement: str, high: str, low: str) -> Hypothesis:
    return Hypothesis(
        id=f"{NAME}:{id_}",
        text=high,
        side=Side.A,
        origin=Origin(NAME, measurement),
        opposite=low,
        directed=False,
    )
