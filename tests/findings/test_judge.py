"""From scores to findings and the verdict."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace

import numpy as np
import pytest

from engine import proposers, rankers
from engine.errors import Cancelled
from engine.findings import Judgement, judge, judged_identical
from engine.image_table import ImageTable
from engine.job import JobControl
from engine.measurement import Catalogue, Measurement, Number, YesNo
from engine.proposers.base import Proposals
from engine.recipe import PROPOSERS, Recipe
from engine.vocabulary import Hypothesis, Origin, Outcome, Side
from tests.fakes.image_tables import (
    BORDER,
    BRIGHTNESS,
    FORMAT,
    HEIGHT,
    catalogue,
    image_table,
    plain_number,
)
from tests.fakes.memory_tools import memory_tools

RECIPE = Recipe(permutations=199)


def compare(
    table: ImageTable, known: Catalogue, recipe: Recipe = RECIPE, seed: int = 0
) -> Judgement:
    job = JobControl()
    tools = memory_tools([])
    proposed = []
    for name in recipe.proposers:
        proposals = proposers.get(name, tools).propose(table, known, recipe, seed, job)
        ranker = rankers.get(PROPOSERS[name], recipe, tools)
        proposed.append((proposals, ranker.score(proposals.hypotheses, table, known, job)))
    return judge(proposed, table, known, recipe, seed, job)


def measured(
    n_a: int, n_b: int, columns: Mapping[Measurement, np.ndarray], **further: object
) -> Judgement:
    table = image_table(
        n_a, n_b, numbers={m.name: values for m, values in columns.items()}, **further
    )
    return compare(table, catalogue(*columns))


def noise(n: int, columns: int, seed: int = 0) -> dict[Measurement, np.ndarray]:
    rng = np.random.default_rng([seed, 7])
    return {plain_number(f"trait {k}"): rng.normal(size=n) for k in range(columns)}


def light(n_a: int, n_b: int, more_in_b: float, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return 120 + 30 * rng.normal(size=n_a + n_b) + more_in_b * (np.arange(n_a + n_b) >= n_a)


def test_a_measurement_is_found_for_the_side_that_scores_higher() -> None:
    values = light(60, 80, 40)
    found = measured(60, 80, {**noise(140, 20, seed=3), BRIGHTNESS: values})
    best = found.findings[0]
    assert (best.description, best.opposite) == ("brighter images", "darker images")
    assert best.side is Side.B
    assert best.significant
    assert 0.75 < best.auroc_low < best.auroc < best.auroc_high < 0.95
    assert best.q < 1e-6
    assert best.p <= best.q
    assert best.p_welch == pytest.approx(best.p, rel=1e4)
    assert best.effect_size == pytest.approx(40 / 30, abs=0.4)
    assert best.kind == "number"
    assert best.unit == "0–255"
    assert (best.n_a, best.n_b) == (60, 80)
    assert not best.held_out
    assert best.auroc_discover is None
    stored = values.astype(np.float32)
    assert best.rate_a == pytest.approx((stored[:60] >= best.threshold).mean())
    assert best.rate_b == pytest.approx((stored[60:] >= best.threshold).mean())
    assert best.rate_b > best.rate_a + 0.3
    assert best.mean_b == pytest.approx(stored[60:].mean(), rel=1e-5)
    assert found.verdict.outcome is Outcome.DIFFER
    assert (found.verdict.significant_a, found.verdict.significant_b) == (0, 1)
    assert found.verdict.tested == 21
    assert found.verdict.split
    assert len(best.evidence.b_most) == RECIPE.evidence
    assert best.evidence.b_most[0].score == pytest.approx(stored[60:].max())


def test_alike_sets_show_nothing() -> None:
    shown = 0
    for seed in range(40):
        columns = noise(60, 30, seed)
        columns[BORDER] = np.random.default_rng(seed).random(60) < 0.3
        found = measured(30, 30, columns)
        shown += found.verdict.outcome is not Outcome.NO_DIFFERENCE
        assert found.verdict.outcome is not Outcome.TOO_FEW
    assert shown <= 3


def test_a_yes_no_measurement_is_told_in_shares() -> None:
    border = np.concatenate([np.arange(50) < 30, np.arange(50) < 5])
    best = measured(50, 50, {BORDER: border, **noise(100, 10)}).findings[0]
    assert best.description == "images with a white border"
    assert best.side is Side.A
    assert best.kind == "yes_no"
    assert best.unit == "share of images"
    assert best.threshold == 0.5
    assert (best.rate_a, best.rate_b) == pytest.approx((0.6, 0.1))
    assert best.effect_size == pytest.approx(0.5)
    assert best.auroc == pytest.approx(0.75)
    assert best.histogram.a == pytest.approx((0.4, 0.6))
    assert all(image.score == 1 for image in best.evidence.a_most)
    assert all(image.score == 0 for image in best.evidence.a_least)
    assert len(best.evidence.b_most) == 5


YOGA = ["a woman doing yoga" if k % 5 else "a dog" for k in range(50)]
SITTING = ["a man sitting down" if k % 4 else "a tree" for k in range(50)]


def test_phrases_are_tested_on_the_images_they_were_not_read_from() -> None:
    table = image_table(50, 50, texts=YOGA + SITTING)
    found = compare(table, catalogue())
    by_side = {f.side: f for f in reversed(found.findings) if f.significant}
    yoga = by_side[Side.A]
    assert "yoga" in yoga.description
    assert "sitting" in by_side[Side.B].description
    assert yoga.held_out
    assert (yoga.n_a, yoga.n_b) == (25, 25)
    held_out = {table.images[k].content_id for k in np.flatnonzero(table.confirm)}
    assert {image.content_id for image in yoga.evidence.a_most} <= held_out
    assert yoga.auroc_discover is not None
    assert yoga.auroc_discover > 0.7
    assert yoga.kind == "yes_no"


def test_a_phrase_that_marks_only_the_half_it_was_read_from_is_not_significant() -> None:
    table = image_table(60, 60, texts=["a day"] * 120)
    for k in np.flatnonzero(table.discover & table.is_a):
        table.texts[k] = "a red hat"
    found = compare(table, catalogue())
    assert found.findings
    assert not any(finding.significant for finding in found.findings)
    assert found.findings[0].auroc == 0.5
    assert found.findings[0].auroc_discover == 1


def test_without_held_out_images_every_phrase_that_could_have_been_read_counts() -> None:
    rng = np.random.default_rng(0)
    words = [f"word{k:02}" for k in range(60)]
    texts = [", ".join(rng.choice(words, 8)) for _ in range(60)]
    found = compare(image_table(30, 30, texts=texts), catalogue())
    assert found.findings
    assert not any(finding.held_out for finding in found.findings)
    best = min(found.findings, key=lambda finding: finding.p)
    assert best.p < 0.1
    assert best.q > 10 * best.p
    assert found.verdict.outcome is Outcome.NO_DIFFERENCE


def test_captions_do_not_drown_a_measurement_nor_the_other_way_round() -> None:
    texts = YOGA + SITTING
    values = {**noise(100, 150), BRIGHTNESS: light(50, 50, 35)}
    found = measured(50, 50, values, texts=texts)
    significant = {finding.description for finding in found.findings if finding.significant}
    assert "brighter images" in significant
    assert any("yoga" in description for description in significant)


def test_a_technical_measurement_that_explains_a_finding_is_named() -> None:
    n = 200
    rng = np.random.default_rng(0)
    taller = np.arange(n) < n // 2
    height = 600 + 200 * rng.normal(size=n) + 300 * taller
    follows = height / 10 + 14 * rng.normal(size=n)
    of_its_own = rng.normal(size=n) + 1.5 * taller
    own = plain_number("own")
    found = measured(
        n // 2, n // 2, {HEIGHT: height, BRIGHTNESS: follows, own: of_its_own, **noise(n, 10)}
    )
    by_name = {finding.origin.detail: finding for finding in found.findings}
    (confound,) = by_name["brightness"].confounds
    assert confound.measurement == "height"
    assert confound.title == "image height"
    assert confound.explains
    assert 0.5 <= confound.adjusted_auroc < 0.62 < by_name["brightness"].auroc
    assert confound.auroc > 0.75
    (other,) = by_name["own"].confounds
    assert not other.explains
    assert other.adjusted_auroc == pytest.approx(by_name["own"].auroc, abs=0.07)
    assert by_name["height"].confounds == ()


def test_measurements_that_say_nearly_the_same_become_one_finding() -> None:
    values = light(60, 60, 40)
    wider = Number(
        name="width",
        title="w",
        unit="pixels",
        high="wider images",
        low="narrower images",
        source="",
    )
    calmer = Number(name="calm", title="c", unit="", high="calmer", low="busier", source="")
    found = measured(
        60, 60, {BRIGHTNESS: values, wider: values * 2 + 1, calmer: -values, **noise(120, 5)}
    )
    best = found.findings[0]
    assert {best.description, *best.also} == {"brighter images", "wider images", "busier"}
    assert len(found.findings) == 6
    assert found.verdict.tested == 8
    assert found.verdict.significant_b == 1


def test_of_measurements_that_say_the_same_a_yes_or_no_says_it_best() -> None:
    border = np.concatenate([np.arange(60) < 40, np.arange(60) < 4])
    width = Number(
        name="width", title="w", unit="", high="wider borders", low="narrow borders", source=""
    )
    widths = border * (0.1 + 0.001 * np.random.default_rng(0).normal(size=120))
    bare = YesNo(name="bare", title="b", yes="bare images", no="images in a border", source="")
    found = measured(60, 60, {width: widths, BORDER: border, bare: ~border, **noise(120, 5)})
    best = found.findings[0]
    assert best.description == "images with a white border"
    assert set(best.also) == {"wider borders", "images in a border"}
    assert best.significant
    assert len(found.findings) == 6


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_with_very_few_images_nothing_could_have_come_out(n: int) -> None:
    values = np.arange(2.0 * n)
    found = measured(n, n, {BRIGHTNESS: values, **noise(2 * n, 6)})
    assert found.verdict.outcome is Outcome.TOO_FEW
    assert not any(finding.significant for finding in found.findings)


def test_without_anything_to_test_nothing_can_be_told() -> None:
    found = measured(50, 50, {})
    assert found.verdict.outcome is Outcome.TOO_FEW
    assert found.findings == []
    assert found.verdict.auroc is None


def test_sets_that_differ_in_no_single_trait_can_still_be_told_apart() -> None:
    rng = np.random.default_rng(0)
    n = 120
    base = rng.normal(size=(8, n))
    is_a = np.arange(n) < n // 2
    columns: dict[Measurement, np.ndarray] = {}
    for k, row in enumerate(base):
        columns[plain_number(f"sum {k}")] = row + 0.02 * is_a
        columns[plain_number(f"difference {k}")] = row + 0.02 * rng.normal(size=n) - 0.02 * is_a
    found = measured(n // 2, n // 2, columns)
    assert found.verdict.outcome is Outcome.DIFFER_UNNAMED
    assert found.verdict.auroc is not None
    assert found.verdict.auroc > 0.8
    assert not any(finding.significant for finding in found.findings)


def test_three_images_against_three_hundred() -> None:
    values = light(3, 300, 0)
    values[:3] = [400, 410, 420]
    found = measured(3, 300, {BRIGHTNESS: values, **noise(303, 10)})
    assert found.verdict.outcome is Outcome.DIFFER
    best = found.findings[0]
    assert (best.side, best.test, best.n_a) == (Side.A, "permutation", 3)
    assert best.auroc == 1
    assert 0.5 < best.auroc_low < 1


def test_sets_so_different_that_p_is_smaller_than_any_number() -> None:
    found = measured(2_500, 2_500, {BRIGHTNESS: np.arange(5_000.0), **noise(5_000, 3)})
    best = found.findings[0]
    assert best.description == "brighter images"
    assert (best.p, best.q) == (0.0, 0.0)
    assert best.significant
    assert best.auroc_high == 1


def test_swapping_the_sides_mirrors_every_finding() -> None:
    n_a, n_b = 45, 60
    values = {**noise(n_a + n_b, 12), BRIGHTNESS: light(n_a, n_b, 30)}
    formats = [["JPEG", "PNG", "WEBP"][k] for k in np.random.default_rng(1).integers(3, size=105)]
    texts = YOGA[:n_a] + SITTING + SITTING[:10]
    table = image_table(
        n_a,
        n_b,
        numbers={m.name: v for m, v in values.items()},
        categories={"format": formats},
        texts=texts,
    )
    known = catalogue(*values, FORMAT)
    swapped_rows = [*range(n_a, n_a + n_b), *range(n_a)]
    swapped = ImageTable(
        images=[table.images[k] for k in swapped_rows],
        is_a=~table.is_a[swapped_rows],
        discover=table.discover[swapped_rows],
        split=table.split,
        numbers={name: column[swapped_rows] for name, column in table.numbers.items()},
        categories={
            name: replace(column, codes=column.codes[swapped_rows])
            for name, column in table.categories.items()
        },
        texts=[table.texts[k] for k in swapped_rows],
    )
    found, mirrored = compare(table, known), compare(swapped, known)
    assert mirrored.verdict.outcome is found.verdict.outcome
    assert mirrored.verdict.p == found.verdict.p
    assert mirrored.by_chance == found.by_chance
    other = {finding.id: finding for finding in mirrored.findings}
    assert other.keys() == {finding.id for finding in found.findings}
    for finding in found.findings:
        twin = other[finding.id]
        assert twin.q == pytest.approx(finding.q)
        assert twin.significant == finding.significant
        assert twin.auroc_low == pytest.approx(finding.auroc_low)
        assert (twin.rate_a, twin.rate_b) == pytest.approx((finding.rate_b, finding.rate_a))
        assert twin.evidence.b_most == finding.evidence.a_most
        if finding.auroc != 0.5:
            assert twin.side is finding.side.other


def test_the_order_of_images_makes_no_difference() -> None:
    n = 30
    values = {**noise(2 * n, 8), BRIGHTNESS: light(n, n, 35)}
    table = image_table(n, n, numbers={m.name: v for m, v in values.items()})
    order = np.random.default_rng(0).permutation(2 * n)
    shuffled = replace(
        table,
        images=[table.images[k] for k in order],
        is_a=table.is_a[order],
        discover=table.discover[order],
        numbers={name: column[order] for name, column in table.numbers.items()},
        texts=[table.texts[k] for k in order],
    )
    known = catalogue(*values)
    found, again = compare(table, known), compare(shuffled, known)
    assert _rounded(again) == _rounded(found)
    assert again.verdict == found.verdict


def _rounded(judgement: Judgement) -> object:
    """Findings without the last digits, which change with the order of adding up."""
    text = json.dumps([asdict(finding) for finding in judgement.findings])
    return json.loads(text, parse_float=lambda digits: round(float(digits), 9))


def test_the_same_comparison_gives_the_same_answer_and_another_seed_its_own_evidence() -> None:
    values = {**noise(100, 8), BORDER: np.arange(100) % 2 == 0}
    found, again = measured(50, 50, values), measured(50, 50, values)
    assert found.findings == again.findings
    table = image_table(50, 50, numbers={m.name: v for m, v in values.items()})
    other = compare(table, catalogue(*values), seed=5)
    border = next(f for f in found.findings if f.origin.detail == "border")
    twin = next(f for f in other.findings if f.origin.detail == "border")
    assert twin.evidence != border.evidence
    assert twin.auroc == border.auroc


def test_every_number_of_a_finding_can_be_written_as_json() -> None:
    constant_sides = np.repeat([3.0, 5.0], 30)
    known_in_a_few = np.where(np.arange(60) % 5 == 0, np.arange(60.0), np.nan)
    one_in_a = np.where((np.arange(60) == 4) | (np.arange(60) > 40), np.arange(60.0), np.nan)
    only_a = np.where(np.arange(60) < 30, np.arange(60.0), np.nan)
    huge = np.exp(np.random.default_rng(0).normal(size=60) * 20)
    values = dict(
        zip(
            map(plain_number, ["constant", "few", "one", "only", "huge"]),
            [constant_sides, known_in_a_few, one_in_a, only_a, huge],
            strict=True,
        )
    )
    found = measured(30, 30, values)
    assert len(found.findings) == 4
    assert found.verdict.tested == 4
    json.dumps([asdict(finding) for finding in found.findings], allow_nan=False)
    by_name = {finding.origin.detail: finding for finding in found.findings}
    assert by_name["constant"].auroc == 1
    assert by_name["constant"].significant
    assert by_name["constant"].p_welch is None
    assert by_name["one"].n_a == 1


def test_a_directed_hypothesis_that_points_the_wrong_way_is_never_significant() -> None:
    table = image_table(50, 50)
    score = light(50, 50, 60)[None, :]
    proposals = [
        Hypothesis("user:1", "people", Side.A, Origin("user")),
        Hypothesis("user:2", "animals", Side.B, Origin("user")),
    ]
    found = judge(
        [(Proposals(proposals, 2, read_from_sides=False), np.concatenate([score, score + 1]))],
        table,
        catalogue(),
        RECIPE,
        0,
        JobControl(),
    )
    right, wrong = sorted(found.findings, key=lambda finding: -finding.auroc)
    assert right.description == "animals"
    assert right.significant
    assert wrong.side is Side.A
    assert wrong.auroc < 0.2
    assert not wrong.significant
    assert right.kind == "number"


def test_significant_findings_come_first_and_surest_first() -> None:
    n = 80
    columns: dict[Measurement, np.ndarray] = {**noise(n, 10)}
    for k, shift in enumerate((0.9, 1.4, 2.5)):
        rng = np.random.default_rng(k + 50)
        columns[plain_number(f"shifted {k}")] = rng.normal(size=n) + shift * (np.arange(n) < 40)
    found = measured(40, 40, columns).findings
    flags = [finding.significant for finding in found]
    assert flags == sorted(flags, reverse=True)
    lows = [finding.auroc_low for finding in found if finding.significant]
    assert lows == sorted(lows, reverse=True)
    assert found[0].origin.detail == "shifted 2"


def test_identical_sets_are_not_tested() -> None:
    found = judged_identical(RECIPE)
    assert found.verdict.outcome is Outcome.IDENTICAL
    assert found.findings == []


def test_an_infinite_score_is_a_bug_and_not_a_finding() -> None:
    proposals = Proposals([Hypothesis("user:1", "x", Side.A, Origin("user"))], 1, False)
    scores = np.ones((1, 20))
    scores[0, 3] = np.inf
    with pytest.raises(ValueError, match="finite"):
        judge([(proposals, scores)], image_table(10, 10), catalogue(), RECIPE, 0, JobControl())


def test_judging_can_be_cancelled() -> None:
    job = JobControl()
    job.cancel()
    proposals = Proposals([Hypothesis("user:1", "x", Side.A, Origin("user"))], 1, False)
    with pytest.raises(Cancelled):
        judge([(proposals, np.ones((1, 20)))], image_table(10, 10), catalogue(), RECIPE, 0, job)
