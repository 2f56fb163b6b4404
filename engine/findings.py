"""From hypotheses and scores to findings and the verdict: the judgement of one comparison.

Puts together what `engine.statistics` computes: orients each hypothesis, corrects for all tests
at once, decides what is significant, and gathers evidence and confounds. Proposes and scores
nothing, reads no files, and writes no sentence.

A finding is significant if its q is below the recipe's alpha, its interval lies above 0.5, and
the list as a whole stands. Benjamini–Hochberg alone lets one comparison in twenty of sets that
do not differ at all show a finding, as alpha = 0.05 promises. A person who compares two alike
folders should be misled less often than that, so the list stands only if either the smallest q
is below a fifth of alpha or the test of all measurements together (`statistics.verdict`) is: two
doors, each of which alike sets pass about once in a hundred times. What it costs are lone
differences just below alpha; a strong difference opens the list for all. `benchmarks/null.py`
measures both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from engine.image_table import ImageTable
from engine.job import JobControl
from engine.measurement import Catalogue, Category, Measurement, Number
from engine.proposers.base import Proposals
from engine.recipe import Recipe
from engine.statistics.confounds import adjust_for_category, adjust_for_number
from engine.statistics.distribution import histogram
from engine.statistics.evidence import choose_evidence
from engine.statistics.multiplicity import adjusted
from engine.statistics.redundancy import alike
from engine.statistics.split import content_order
from engine.statistics.summary import Summary, summarise
from engine.statistics.verdict import Apartness, told_apart
from engine.statistics.yes_no import is_yes_no
from engine.vocabulary import Confound, Finding, Hypothesis, Outcome, Side, Verdict

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

GATE = 0.2  # of alpha, which the list as a whole must pass
MAX_CONFOUNDS = 3  # named beside a finding
SHARE = "share of images"  # unit of yes/no scores


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said of two sets: the findings, best first, and the answer before them."""

    findings: list[Finding]
    verdict: Verdict
    apartness: Apartness | None  # None where there were too few images or measurements


@dataclass(frozen=True)
class _Tested:
    """Hypotheses of one proposer with what was computed of them."""

    hypotheses: list[Hypothesis]
    scores: Floats
    summary: Summary
    tested: Mask  # images the statistics are computed on
    held_out: bool
    extra_tests: int


def judge(  # noqa: PLR0917  a stage takes what it needs
    proposed: Sequence[tuple[Proposals, Floats]],
    table: ImageTable,
    catalogue: Catalogue,
    recipe: Recipe,
    seed: int,
    job: JobControl,
) -> Judgement:
    """Judges all hypotheses of a comparison together.

    proposed: each proposer's hypotheses with their scores, (m, n) float64, finite or NaN. Raises
    Cancelled. The outcome of identical sets is the caller's to know: see `judged_identical`.
    """
    place = content_order([image.content_id for image in table.images], seed)
    lists = [_test(proposals, scores, table, seed, job) for proposals, scores in proposed]
    p = np.concatenate([np.empty(0), *(some.summary.p for some in lists)])
