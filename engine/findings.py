"""From hypotheses and scores to findings and the verdict: the judgement of one comparison.

Puts together what `engine.statistics` computes: orients each hypothesis, corrects for all tests
at once, decides what is significant, and gathers evidence and confounds. Proposes and scores
nothing, reads no files, and writes no sentence.

A finding is significant if its q is below the recipe's alpha, its interval lies above 0.5, and
the list as a whole stands. Benjamini–Hochberg at 0.05 alone promises no more than that one
comparison in twenty of sets that do not differ shows a finding. A person who compares two alike
folders should be misled less often. So the list stands only if at most one in a hundred random
relabelings of the same images (GATE × alpha) gives evidence as strong, be it the smallest q of
the list or the AUROC of a classifier on all measurements: see `statistics.gate`. "Told apart as
a whole" is held to the same. `benchmarks/null.py` compares this with what else could be asked
for. A second test of each finding (Welch's) costs more true differences, for measurements with
long tails nearly all of them; a stricter q costs more as well, for it does not know how the
measurements hang together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from engine.image_table import ImageTable
from engine.job import JobControl
from engine.measurement import Catalogue, Measurement, Number
from engine.proposers.base import Proposals
from engine.recipe import Recipe
from engine.scored import AllTests, ScoredList, scored_list
from engine.statistics.confounds import adjust_for_category, adjust_for_number
from engine.statistics.distribution import histogram
from engine.statistics.evidence import choose_evidence
from engine.statistics.gate import by_chance, smallest_qs
from engine.statistics.multiplicity import adjusted, lone_q
from engine.statistics.rank_sum import smallest_p
from engine.statistics.redundancy import alike
from engine.statistics.relabelled_sets import RelabelledSets, relabelled_sets
from engine.statistics.split import content_order
from engine.statistics.verdict import Apartness, told_apart
from engine.statistics.yes_no import is_yes_no
from engine.vocabulary import Confound, Finding, Hypothesis, Outcome, Side, Verdict

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

GATE = 0.2  # of alpha: how often relabelled sets may look as different for a list to stand
MAX_CONFOUNDS = 3  # named beside a finding
SHARE = "share of images"  # unit of yes/no scores
COSINE = "cosine"  # unit of scores that are neither yes/no nor a measurement: image with phrase
MEASURED = "measured"  # the proposer whose hypotheses are about a measurement of the catalogue


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said of two sets: the findings, best first, and the answer before them."""

    findings: list[Finding]
    verdict: Verdict
    apartness: Apartness | None  # None where there were too few images or measurements
    by_chance: float  # how often relabelled sets differ as clearly as these: `statistics.gate`


@dataclass(frozen=True, slots=True)
class _Row:
    """One hypothesis among all that were tested, turned toward its side."""

    list_index: int
    index: int  # in its list
    side: Side
    auroc: float
    low: float
    high: float
    q: float
    significant: bool


def judged_identical(recipe: Recipe) -> Judgement:
    """The judgement of two sets that hold the same images: nothing was tested."""
    return Judgement(
        [], Verdict(Outcome.IDENTICAL, None, None, 0, 0, 0, 0, recipe.alpha, False), None, 1.0
    )


def judge(
    proposed: Sequence[tuple[Proposals, Floats]],
    table: ImageTable,
    catalogue: Catalogue,
    recipe: Recipe,
    seed: int,
    job: JobControl,
) -> Judgement:
    """Judges all hypotheses of a comparison together.

    proposed: each proposer's hypotheses with their scores, (m, n) float64, finite or NaN. What
    no side or only one side has a score for is left out, untested. Raises ValueError for an
    infinite score and Cancelled when the job is to stop. That both sides hold the same images is
    the caller's to know: see `judged_identical`.
    """
    place = content_order(table.content_ids, seed)
    lists = [scored_list(*some, table, place=place, seed=seed, job=job) for some in proposed]
    sets = relabelled_sets(table.is_a, place, recipe.permutations, seed)
    numbers, categories = list(table.numbers.values()), list(table.categories.values())
    apartness = told_apart(numbers, categories, sets, seed, job)
    tests = AllTests.of(lists)
    smallest = smallest_qs(
        [(some.scores, some.tested) for some in lists], tests.z, tests.family, tests.extra, sets
    )
    # q reaches over many powers of ten, and further than a float does
    evidence = [-np.log10(np.maximum(smallest, np.finfo(np.float64).tiny))] + (
        [apartness.every_auroc] if apartness else []
    )
    chance = by_chance(*evidence)
    stands = chance <= GATE * recipe.alpha
    rows = _rows(lists, tests, recipe.alpha, stands=stands)
    kept = _without_repeats(rows, lists, catalogue, place)
    findings = []
    confounds = _confounds([row for row, _ in kept], lists, table, catalogue, job)
    for row, also in kept:
        job.check_cancelled()
        finding = _finding(row, lists[row.list_index], table, catalogue, recipe, place)
        findings.append(
            replace(finding, also=finding.also + tuple(also), confounds=confounds.get(row, ()))
        )
    sides = [finding.side for finding in findings if finding.significant]
    verdict = Verdict(
        outcome=_outcome(bool(sides), tests, sets, apartness, stands=stands, alpha=recipe.alpha),
        auroc=apartness.auroc if apartness else None,
        p=apartness.p if apartness else None,
        permutations=apartness.permutations if apartness else 0,
        significant_a=sides.count(Side.A),
        significant_b=sides.count(Side.B),
        tested=len(rows),
        alpha=recipe.alpha,
        split=table.split,
    )
    return Judgement(findings, verdict, apartness, chance)


def _rows(
    lists: Sequence[ScoredList], tests: AllTests, alpha: float, *, stands: bool
) -> list[_Row]:
    """All hypotheses turned toward their sides, best first."""
    q = adjusted(tests.p, tests.family, tests.extra)
    rows = []
    place = 0
    for list_index, some in enumerate(lists):
        for index, hypothesis in enumerate(some.hypotheses):
            auroc = float(some.summary.auroc[index])
            low, high = float(some.summary.low[index]), float(some.summary.high[index])
            side = hypothesis.side
            if not hypothesis.directed:
                side = Side.A if auroc >= 0.5 else Side.B
            if side is Side.B:
                auroc, low, high = 1 - auroc, 1 - high, 1 - low
            own_q = float(q[place])
            significant = stands and own_q < alpha and low > 0.5
            rows.append(_Row(list_index, index, side, auroc, low, high, own_q, significant))
            place += 1
    rows.sort(
        key=lambda row: (
            not row.significant,
            -row.low,
            row.q,
            lists[row.list_index].hypotheses[row.index].id,
        )
    )
    return rows


def _outcome(
    found: bool,
    tests: AllTests,
    sets: RelabelledSets,
    apartness: Apartness | None,
    *,
    stands: bool,
    alpha: float,
) -> Outcome:
    if found:
        return Outcome.DIFFER
    if stands and apartness is not None and apartness.p <= alpha:
        return Outcome.DIFFER_UNNAMED
    # would one complete separation, all else alike, have been found?
    lone = lone_q(tests.smallest_p, tests.family, tests.extra) < alpha
    opens = smallest_p(np.array([sets.n_a]), np.array([sets.n_b])) <= GATE * alpha
    return Outcome.NO_DIFFERENCE if lone.any() and opens.any() else Outcome.TOO_FEW


def _without_repeats(
    rows: Sequence[_Row], lists: Sequence[ScoredList], catalogue: Catalogue, place: Ints
) -> list[tuple[_Row, list[str]]]:
    """Rows, each with the phrases of others of the same list that say nearly the same.

    Only of measurements: phrases read off the sides were merged by their proposer, and what a
    person asks for is answered one by one.
    """
    same = {k: alike(some.scores, place) for k, some in enumerate(lists) if some.fixed}

    def sign(row: _Row, beside: _Row) -> int:
        """1 or -1 if the rows say the same or the contrary of the images, else 0."""
        undirected = not lists[row.list_index].hypotheses[row.index].directed
        if row.list_index != beside.list_index or row.list_index not in same or not undirected:
            return 0
        return int(same[row.list_index][beside.index, row.index])

    groups: list[list[tuple[_Row, int]]] = []
    for row in rows:
        for group in groups:
            if to_first := sign(row, group[0][0]):
                group.append((row, to_first))
                break
        else:
            groups.append([(row, 1)])
    kept = []
    for group in groups:
        lead = _most_telling([row for row, _ in group], lists, catalogue)
        to_lead = dict(group)[lead]
        phrases = []
        for row, to_first in group:
            hypothesis = lists[row.list_index].hypotheses[row.index]
            if row is not lead:
                alike_to_lead = to_first == to_lead
                phrases.append(hypothesis.text if alike_to_lead else hypothesis.opposite)
        kept.append((lead, [phrase for phrase in phrases if phrase]))
    return kept


def _most_telling(group: Sequence[_Row], lists: Sequence[ScoredList], catalogue: Catalogue) -> _Row:
    """Of rows that say nearly the same, strongest first, the one that says it best.

    A yes/no says more than a number (“images with straight white borders” more than “images
    with wider borders”), and of several the narrowest: the one true of the fewest images. It
    must be as significant and speak of the same side.
    """
    strongest = group[0]
    if len(group) == 1:
        return strongest
    some = lists[strongest.list_index]
    told = [
        row
        for row in group
        if row.side is strongest.side
        and row.significant == strongest.significant
        and _is_yes_no_measurement(some.hypotheses[row.index], catalogue)
    ]
    if not told:
        return strongest
    means = some.summary.mean_a * some.summary.n_a + some.summary.mean_b * some.summary.n_b
    # the catalogue names the general before the particular
    return min(told, key=lambda row: (float(means[row.index]), -row.index))


def _is_yes_no_measurement(hypothesis: Hypothesis, catalogue: Catalogue) -> bool:
    measurement = _measurement(hypothesis, catalogue)
    return measurement is not None and not isinstance(measurement, Number)


def _confounds(
    rows: Sequence[_Row],
    lists: Sequence[ScoredList],
    table: ImageTable,
    catalogue: Catalogue,
    job: JobControl,
) -> dict[_Row, tuple[Confound, ...]]:
    """For every significant finding about content: what technical measurement may explain it."""
    found: dict[_Row, list[Confound]] = {}
    for k, some in enumerate(lists):
        about_content = [
            row
            for row in rows
            if row.list_index == k
            and row.significant
            and not _is_technical(_measurement(some.hypotheses[row.index], catalogue))
        ]
        if not about_content:
            continue
        scores = some.scores[[row.index for row in about_content]][:, some.tested]
        is_a = table.is_a[some.tested]
        for measurement in filter(_is_technical, catalogue.measurements):
            job.check_cancelled()
            adjustment = None
            if measurement.name in table.categories:
                codes = table.categories[measurement.name].codes[some.tested]
                adjustment = adjust_for_category(codes, scores, is_a)
            elif measurement.name in table.numbers:
                values = table.numbers[measurement.name][some.tested]
                adjustment = adjust_for_number(values, scores, is_a)
            if adjustment is None:
                continue
            for row, of_a, explains in zip(
                about_content, adjustment.adjusted.tolist(), adjustment.explains, strict=True
            ):
                toward = of_a if row.side is Side.A else 1 - of_a
                found.setdefault(row, []).append(
                    Confound(
                        measurement.name,
                        measurement.title,
                        adjustment.auroc,
                        toward,
                        bool(explains),
                    )
                )
    return {
        row: tuple(sorted(some, key=lambda c: (not c.explains, -c.auroc))[:MAX_CONFOUNDS])
        for row, some in found.items()
    }


def _measurement(hypothesis: Hypothesis, catalogue: Catalogue) -> Measurement | None:
    """The measurement a hypothesis is about; None for a phrase."""
    names = {measurement.name: measurement for measurement in catalogue.measurements}
    return names.get(hypothesis.origin.detail) if hypothesis.origin.proposer == MEASURED else None


def _is_technical(measurement: Measurement | None) -> bool:
    return measurement is not None and measurement.technical


def _finding(
    row: _Row,
    some: ScoredList,
    table: ImageTable,
    catalogue: Catalogue,
    recipe: Recipe,
    place: Ints,
) -> Finding:
    hypothesis, found, k = some.hypotheses[row.index], some.summary, row.index
    scores = np.where(some.tested, some.scores[k], np.nan)
    measurement = _measurement(hypothesis, catalogue)
    if measurement is None:
        yes_no, unit = bool(is_yes_no(scores[None, :])[0]), COSINE
    else:
        yes_no = not isinstance(measurement, Number)
        unit = measurement.unit if isinstance(measurement, Number) else ""
    unit = SHARE if yes_no else unit
    mean_a, mean_b = float(found.mean_a[k]), float(found.mean_b[k])
    effect = mean_a - mean_b if yes_no else float(found.hedges_g[k])
    toward = 0 if row.side is Side.A else 1
    on_discover = float(found.fit_auroc[k])
    p_welch = float(found.p_welch[k])
    if not some.held_out or np.isnan(on_discover):
        auroc_discover = None
    else:
        auroc_discover = on_discover if row.side is Side.A else 1 - on_discover
    return Finding(
        id=hypothesis.id,
        description=hypothesis.text,
        opposite=hypothesis.opposite,
        side=row.side,
        origin=hypothesis.origin,
        kind="yes_no" if yes_no else "number",
        auroc=row.auroc,
        auroc_low=row.low,
        auroc_high=row.high,
        p=float(found.p[k]),
        q=row.q,
        p_welch=None if np.isnan(p_welch) else p_welch,
        effect_size=effect if row.side is Side.A else -effect,
        significant=row.significant,
        test=str(found.test[k]),
        rate_a=float(found.rate_a[k, toward]),
        rate_b=float(found.rate_b[k, toward]),
        threshold=float(found.threshold[k, toward]),
        mean_a=mean_a,
        mean_b=mean_b,
        unit=unit,
        held_out=some.held_out,
        n_a=int(found.n_a[k]),
        n_b=int(found.n_b[k]),
        auroc_discover=auroc_discover,
        histogram=histogram(scores, table.is_a, yes_no, unit),
        evidence=choose_evidence(
            scores, table.is_a, place, table.images, k=recipe.evidence, yes_no=yes_no
        ),
        also=hypothesis.also,
    )
