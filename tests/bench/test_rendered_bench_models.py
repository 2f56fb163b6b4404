"""The bench with three models: what each stage did, and what variants share.

The models are real and tiny and know nothing of the world: what is found is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.bench.rendered.pairs import Pair
from engine.bench.rendered_bench.experiment_run import carry_out
from engine.bench.rendered_bench.experiment_table import page
from engine.bench.rendered_bench.experiments import EXPERIMENTS, Experiment, Variant
from engine.bench.rendered_bench.levels import bench_data
from engine.bench.rendered_bench.marks import mark_pair
from engine.bench.rendered_bench.orders import as_listed
from engine.bench.rendered_bench.plan import Choice, chosen_pairs
from engine.bench.rendered_bench.runner import Asked, Runner
from engine.job import JobControl
from engine.model import Role
from engine.vocabulary import Side
from tests.fakes import tiny_captioners, tiny_clip, tiny_gguf

RECIPE = """
proposers = ["caption_llm"]
[captions]
model = "eyes"
beams = 1
[language]
model = "words"
rounds = 2
samples = 4
hypotheses = 3
context = 2048
[clip]
model = "judge"
"""
CHOICE = Choice(level="hard", a_level=1, images=10)


@pytest.fixture(scope="module", autouse=True)
def calm() -> Iterator[None]:
    with tiny_gguf.one_core():
        yield


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose models are in use, and a recipe."""
    folder = tmp_path_factory.mktemp("home")
    tiny_captioners.blip2(folder / "blip2")
    tiny_gguf.language_model(folder / "llm.gguf")
    tiny_clip.write_model(folder / "clip")
    (folder / "three.toml").write_text(RECIPE, encoding="utf-8")
    with Runner.open(folder / "work", JobControl(), data_dir=folder / "data") as runner:
        for path, name, role in (
            ("blip2", "eyes", Role.CAPTIONER),
            ("llm.gguf", "words", Role.PROPOSER),
            ("clip", "judge", Role.RANKER),
        ):
            runner.shelf.use(folder / path, name, (role,), None, JobControl())
    return folder


@pytest.fixture
def runner(home: Path) -> Iterator[Runner]:
    with Runner.open(home / "work", JobControl(), data_dir=home / "data") as opened:
        yield opened


@pytest.fixture
def recipe(home: Path) -> Asked:
    return Asked(str(home / "three.toml"))


class Counting:
    images = 0

    def planned(self, images: int, pairs: int) -> None:
        self.images = images

    def begun(self, pair: Pair, *, known: bool) -> None: ...

    def ended(self, pair: Pair, seconds: float, *, known: bool) -> None: ...


def test_a_bench_says_what_each_stage_did_and_asks_nothing_twice(
    runner: Runner, recipe: Asked
) -> None:
    (pair,) = chosen_pairs(0, CHOICE)
    first = runner.run(pair, recipe)
    assert first.loading_s > 0
    assert {"caption", "propose", "embed"} <= set(first.stages)
    assert {shown.side for shown in first.shown} == set(Side)
    assert 8 <= len(first.shown) <= 16, "two rounds of four captions a side"
    assert any(shown.caption for shown in first.shown)
    assert {phrase.proposer for phrase in first.proposed} == {"caption_llm"}
    assert len(first.findings) <= len(first.proposed)
    (told,) = bench_data([mark_pair(pair, first, as_listed)], seed=0, purity=1.0, recipe={})[
        "diagnosis"
    ].values()
    assert 0.0 <= told["caption_recall"] <= 1.0
    assert sum(told["lost"].values()) == 2

    again = runner.run(pair, recipe)
    assert again.loading_s == 0, "a model whose answers are all known is not loaded"
    assert again.proposed == first.proposed
    assert again.findings == first.findings
    unmerged = runner.run(pair, Asked(recipe.recipe, (("language.merge", "1"),)))
    assert unmerged.loading_s == 0
    assert len(unmerged.findings) >= len(first.findings)


def test_figures_ranked_otherwise_need_no_new_run(runner: Runner, recipe: Asked) -> None:
    watcher = Counting()
    rows = carry_out(EXPERIMENTS["metrics"], [0], recipe, CHOICE, runner, watcher)
    assert len(rows) == 4
    assert watcher.images <= 20, "one run for all four"


def test_a_variant_that_cannot_be_run_says_why_and_the_others_are(
    runner: Runner, recipe: Asked
) -> None:
    narrow = (("language.context", "512"),)
    experiment = Experiment(
        "context", "Context", "", lambda _: [Variant("narrow", narrow), Variant("ample")]
    )
    rows = carry_out(experiment, [0], recipe, CHOICE, runner, Counting())
    assert [bool(row.cells) for row in rows] == [False, True]
    assert "context of 512 tokens" in rows[0].refused
    text = page(experiment, rows, command="twofold", seeds=[0], recipe="three")
    assert "Could not be run: narrow." in text
