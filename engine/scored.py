"""Scored hypotheses: one list a proposer, with everything that was computed of them.

Decides which images each list is tested on and what counts as tested. Judges none of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from engine.image_table import ImageTable
from engine.job import JobControl
from engine.proposers.base import Proposals
from engine.statistics.summary import Summary, summarise
from engine.vocabulary import Hypothesis

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ScoredList:
    """Hypotheses of one proposer with what was computed of them."""

    hypotheses: list[Hypothesis]
    scores: Floats
    summary: Summary
    tested: Mask  # images the statistics are computed on
    held_out: bool
    extra_tests: int  # hypotheses that could have been proposed and count as tested
    fixed: bool  # proposed without looking at the sides


@dataclass(frozen=True, slots=True)
class AllTests:
    """All lists end to end: one entry a hypothesis."""

    z: Floats
    p: Floats
    smallest_p: Floats
    family: Ints  # index of the list
    extra: list[int]  # for each list

    @classmethod
    def of(cls, lists: Sequence[ScoredList]) -> AllTests:
        sizes = [len(some.hypotheses) for some in lists]
        z, p, least = (
            np.concatenate([np.empty(0), *(getattr(some.summary, name) for some in lists)])
            for name in ("z", "p", "smallest_p")
        )
        family = np.repeat(np.arange(len(lists)), sizes)
        return cls(z, p, least, family, [some.extra_tests for some in lists])


def scored_list(
    proposals: Proposals,
    scores: Floats,
    table: ImageTable,
    *,
    place: Ints,
    seed: int,
    job: JobControl,
) -> ScoredList:
    """AllTests one proposer's hypotheses; those without a score on both sides are left out."""
    held_out = proposals.read_from_sides and table.split
    tested = table.confirm if held_out else np.ones_like(table.is_a)
    summary = summarise(
        scores,
        table.is_a,
        tested=tested,
        fit=table.discover,
        place=place,
        seed=seed,
        job=job,
    )
    could = (summary.n_a > 0) & (summary.n_b > 0)
    unlisted = proposals.candidates - len(proposals.hypotheses)
    return ScoredList(
        hypotheses=[proposals.hypotheses[k] for k in np.flatnonzero(could)],
        scores=scores if could.all() else scores[could],
        summary=Summary(**{f.name: getattr(summary, f.name)[could] for f in fields(Summary)}),
        tested=tested,
        held_out=held_out,
        extra_tests=max(0, unlisted) if proposals.read_from_sides and not held_out else 0,
        fixed=not proposals.read_from_sides,
    )
