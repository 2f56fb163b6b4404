"""A bench of rendered pairs says how often the truth is found, resumes, and blames the right stage.

Without models here: phrases of true captions, through the product's own pipeline.
"""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import recipe as recipes
from engine.bench.rendered.pairs import Level, Pair, pairs
from engine.bench.rendered_bench.diagnosis import Lost, diagnose, lost_at
from engine.bench.rendered_bench.experiment_run import carry_out
from engine.bench.rendered_bench.experiment_table import page
from engine.bench.rendered_bench.experiments import EXPERIMENTS, Pack
from engine.bench.rendered_bench.intervals import mean_of
from engine.bench.rendered_bench.levels import bench_data
from engine.bench.rendered_bench.marks import PairMarks, mark_pair
from engine.bench.rendered_bench.orders import (
    as_listed,
    as_proposed,
    by_auroc,
    by_difference,
    by_welch,
    claimed,
    phrases_only,
)
from engine.bench.rendered_bench.outcome import Outcome, Proposed, Ranked, Shown
from engine.bench.rendered_bench.pictures import source
from engine.bench.rendered_bench.plan import Choice, chosen_pairs, foretell, outcomes
from engine.bench.rendered_bench.runner import Asked, Runner
from engine.job import JobControl
from engine.vocabulary import Side
from tests.e2e.conftest import ROOT, Twofold

READ = Asked("measured", captions="short")
COLOUR = next(pair for pair in pairs(0) if pair.sort == "colour")


class Heard:
    """Which pairs were compared now."""

    def __init__(self) -> None:
        self.fresh: list[str] = []
        self.images = 0

    def planned(self, images: int, pairs: int) -> None:
        self.images = images

    def begun(self, pair: Pair, *, known: bool) -> None: ...

    def ended(self, pair: Pair, seconds: float, *, known: bool) -> None:
        if not known:
            self.fresh.append(pair.name)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench")


@pytest.fixture
def runner(work: Path) -> Iterator[Runner]:
    with Runner.open(work, JobControl()) as opened:
        yield opened


def run(runner: Runner, pair: Pair, asked: Asked = READ) -> tuple[PairMarks, Heard]:
    heard = Heard()
    foretell([(pair, asked)], runner, heard)
    ((_, _, found),) = outcomes([(pair, asked)], runner, heard)
    return mark_pair(pair, found, as_listed), heard


def test_a_plain_difference_is_found_in_both_directions_and_kept(runner: Runner) -> None:
    pair = replace(COLOUR, images=60)
    first, heard = run(runner, pair)
    assert heard.fresh == [pair.name]
    assert heard.images == 120
    said = mark_pair(pair, first.outcome, phrases_only)
    assert said.at_1 == 1.0, [f.text for f in first.outcome.findings[:10]]
    data = bench_data([first], seed=0, purity=1.0, recipe={})
    row = data["levels"]["medium"]
    assert {"acc@1", "acc@5", "low", "high", "pairs"} <= set(row)
    assert row["low"] <= row["acc@1"] <= row["high"]
    assert row["phrases_acc@1"] == 1.0
    assert row["significant_true"] >= 2
    (told,) = data["pairs"]
    true = [f for f in told["findings"] if f["score"] == 1.0 and f["significant"]]
    assert {f["side"] for f in true} == {"A", "B"}
    assert all(f["q"] < 0.05 and f["why"] for f in true)

    again, heard = run(runner, pair)
    assert heard.fresh == []
    assert again.outcome == first.outcome
    _, heard = run(runner, pair, replace(READ, options=(("permutations", "99"),)))
    assert heard.fresh == [pair.name], "another recipe is another run"


def test_exchanged_images_are_the_same_files_and_nothing_holds_up(
    runner: Runner, work: Path
) -> None:
    pair = replace(COLOUR, images=60)
    sides = []
    for purity in (1.0, 0.0):
        table = source(replace(pair, purity=purity), work / "images")
        with Path(table.file).open(encoding="utf-8", newline="") as file:
            sides.append({row["path"]: row["group"] for row in csv.DictReader(file)})
    pure, mixed = sides
    assert pure.keys() == mixed.keys()
    assert sum(pure[path] != mixed[path] for path in pure) == 60
    marks, _ = run(runner, replace(pair, purity=0.0))
    assert marks.claims == 0


def test_a_part_of_the_bench_is_spread_over_what_it_holds() -> None:
    some = chosen_pairs(0, Choice(a_level=5, images=20))
    assert [pair.level for pair in some] == [level for level in Level for _ in range(5)]
    hard = [pair for pair in some if pair.level is Level.HARD]
    assert len({pair.sort for pair in hard}) == 4
    assert {pair.images for pair in some} == {20}
    only = chosen_pairs(0, Choice(level="easy"))
    assert len(only) == 20
    assert {pair.level for pair in only} == {Level.EASY}


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_an_interrupted_command_goes_on_where_it_was(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    command = Twofold(tmp_path / "data").command(
        "bench", "rendered", "--recipe", "measured", "--true-captions", "short", "--level", "hard",
        "--pairs", 2, "--images", 12, "--work", tmp_path / "work", "--json", target,
    )  # fmt: skip
    told: dict[str, Any] = {"cwd": ROOT, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, encoding="utf-8", **told) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("1 of 2")
        process.send_signal(signal.SIGINT)
        begun = time.monotonic()
        assert process.stderr.readline().startswith("Cancelled")
        assert time.monotonic() - begun < 4.0, "two seconds, on a busy machine"
        process.communicate(timeout=60)
    assert process.returncode == 130
    assert not target.exists()
    done = subprocess.run(command, encoding="utf-8", timeout=120, **told)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("2 of 2"), "the first pair was finished before"
    assert done.stdout.splitlines()[1].startswith("hard\t")
    assert json.loads(target.read_text(encoding="utf-8"))["levels"]["hard"]["pairs"] == 2


# ------------------------------------------------------------------ marks, on figures of our own

A, B = Side.A, Side.B
TRUE, FALSE = COLOUR.a.words, "a picture"  # such as “green fish”
PART = f"{TRUE} in the snow"


def finding(text: str, side: Side = A, **figures: object) -> Ranked:
    usual = Ranked(text, side, "caption_llm", 0.7, 0.6, 0.001, 0.01, True, 0.001, 0.1)
    return Ranked(**{**{f: getattr(usual, f) for f in usual.__struct_fields__}, **figures})


def outcome(
    findings: list[Ranked], proposed: list[str] | None = None, captions: list[str] | None = None
) -> Outcome:
    """Proposed and shown are of side A; B's captions say nothing."""
    thought = [Proposed(text, A, "caption_llm") for text in proposed or []]
    shown = [Shown(A, text) for text in captions or []] + [Shown(B, "a picture")]
    return Outcome(tuple(findings), tuple(thought), tuple(shown), "differ", 1.0, {}, 0.0)


def of_a(found: Outcome) -> PairMarks:
    return mark_pair(COLOUR, found, as_listed)


def test_the_best_of_the_first_counts_and_each_side_has_its_own() -> None:
    found = outcome(
        [finding(FALSE), finding(TRUE, B), finding(PART), *[finding(FALSE)] * 3, finding(TRUE)]
    )
    marks = of_a(found)
    assert (marks.tasks[A].at_1, marks.tasks[A].at_5, marks.tasks[A].place) == (0.0, 0.5, 6)
    assert marks.tasks[B].at_5 == 0.0, "what is true of A is not true of B"
    assert marks.at_5 == 0.25
    assert of_a(outcome([])).at_1 == 0.0


@pytest.mark.parametrize(
    ("findings", "proposed", "captions", "where"),
    [
        ([TRUE], [TRUE], [TRUE], Lost.NOWHERE),
        ([FALSE, TRUE], [TRUE], [TRUE], Lost.RANKING),
        ([PART], [PART, TRUE], [TRUE], Lost.MERGING),
        ([FALSE], [FALSE, PART], [TRUE], Lost.PROPOSAL),
        ([FALSE], [FALSE], [FALSE], Lost.CAPTIONS),
    ],
)
def test_the_first_stage_that_has_it_no_more_is_to_blame(
    findings: list[str], proposed: list[str], captions: list[str], where: Lost
) -> None:
    marks = of_a(outcome([finding(text) for text in findings], proposed, captions))
    assert lost_at(marks, A) is where
    said = diagnose([marks])
    assert said.lost[where] >= 1
    assert sum(said.lost.values()) == said.tasks == 2


def test_the_same_figures_are_ranked_in_other_ways() -> None:
    found = outcome(
        [
            finding("listed first", auroc=0.7, p_welch=0.2, difference=0.2),
            finding("largest auroc", auroc=0.9, p_welch=0.1, difference=0.1),
            finding("smallest p", auroc=0.6, p_welch=0.001, difference=0.15),
            finding("largest difference", auroc=0.65, p_welch=None, difference=0.4),
            finding("wrong way", auroc=0.3, p_welch=1e-9, difference=-0.5),
            finding("brighter images", auroc=0.99, p_welch=0.5, proposer="measured"),
        ],
        ["largest difference", "listed first"],
    )
    assert as_listed(found, A)[0] == "listed first"
    assert by_auroc(found, A)[:2] == ["brighter images", "largest auroc"]
    assert by_difference(found, A)[0] == "largest difference"
    assert by_welch(found, A)[0] == "smallest p"
    assert by_welch(found, A)[-1] == "wrong way"
    assert as_proposed(found, A) == ["largest difference", "listed first"]
    assert "brighter images" not in phrases_only(found, A)


def test_rules_of_what_holds_up_become_stricter() -> None:
    lucky = finding(FALSE, p=0.03, q=0.3, significant=False)
    stopped = finding(FALSE, p=0.001, q=0.02, significant=False)
    sound = finding(TRUE)
    rules = {rule: [claimed(f, rule) for f in (lucky, stopped, sound)] for rule in
             ("none", "q", "full")}  # fmt: skip
    assert rules == {
        "none": [True, True, True],
        "q": [False, True, True],
        "full": [False, False, True],
    }


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(100):
        mean = mean_of(rng.choice([0.0, 0.5, 1.0], size=40, p=[0.3, 0.2, 0.5]).tolist())
        assert mean.low <= mean.value <= mean.high
        held += mean.low <= 0.6 <= mean.high
    assert 0.88 <= held / 100 <= 0.99
    assert mean_of([0.0, 1.0, 1.0]) == mean_of([0.0, 1.0, 1.0])
    assert mean_of([]).n == 0


# ------------------------------------------------------------------ experiments


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_variant_is_a_recipe_that_can_be_used(name: str) -> None:
    pack = Pack(("qwen3-vl-2b", "qwen3-vl-8b"), ("qwen3.5-4b", "qwen3.5-9b"))
    variants = EXPERIMENTS[name].variants(pack)
    assert len(variants) >= 2
    assert len({variant.name for variant in variants}) == len(variants)
    for variant in variants:
        recipes.choose("laptop", lambda _: True, changes=dict(variant.options))


def test_an_experiment_becomes_a_page(runner: Runner) -> None:
    choice = Choice(level="medium", a_level=1, images=30)
    heard = Heard()
    rows = carry_out(EXPERIMENTS["correction"], [0, 1], READ, choice, runner, heard)
    assert len(heard.fresh) == 4, "rules read the same figures: of two seeds and purities"
    cells = {row.name: row.cells for row in rows}
    for purity in ("100%", "0%"):
        full, q, none = (c["claims"].value for name, c in cells.items() if f" {purity}" in name)
        assert full <= q <= none
    assert all(c["true claims"].value == 0 for name, c in cells.items() if " 0%" in name)
    text = page(
        EXPERIMENTS["correction"],
        rows,
        command="twofold bench experiment correction",
        seeds=[0, 1],
        recipe="measured",
    )
    assert text.count("\n| ") == 1 + len(rows)
    assert "seeds 0, 1" in text
    assert "2 pairs" in text
