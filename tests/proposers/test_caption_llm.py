"""A language model as proposer, tiny and random, under the real llama.cpp."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("llama_cpp")
pytest.importorskip("gguf")

from engine import proposers
from engine.errors import BadRecipe, Cancelled, ModelDamaged, ModelMissing
from engine.image_table import ImageTable
from engine.job import JobControl
from engine.measurement import Catalogue
from engine.model import InstalledModel
from engine.phrase_text import phrase_key
from engine.proposers.base import Proposals
from engine.recipe import LanguageOptions, Recipe
from engine.tools import Tools
from engine.vocabulary import Side
from tests.fakes import tiny_gguf as tiny
from tests.fakes.image_tables import image_table
from tests.fakes.memory_tools import Answers, memory_tools

NOTHING = Catalogue((), "test")
OPTIONS = LanguageOptions(model="tiny", rounds=2, samples=5, hypotheses=4)


@pytest.fixture(scope="module", autouse=True)
def one_core() -> Iterator[None]:
    with tiny.one_core():
        yield


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> InstalledModel:
    return tiny.installed(tiny.language_model(tmp_path_factory.mktemp("llm") / "tiny.gguf"))


@pytest.fixture
def tools(model: InstalledModel) -> Iterator[Tools]:
    made = memory_tools([], [model])
    yield made
    made.host.close()


def table(n_a: int = 12, n_b: int = 12, captions: Mapping[int, str] | None = None) -> ImageTable:
    written = {row: f"a dog number {row} on the beach" for row in range(n_a)}
    written |= {row: f"a red cat, {row} years old, in a forest" for row in range(n_a, n_a + n_b)}
    found = image_table(n_a, n_b)
    return replace(found, captions=written if captions is None else dict(captions))


def propose(
    tools: Tools,
    images: ImageTable | None = None,
    options: LanguageOptions = OPTIONS,
    *,
    goal: str = "",
    seed: int = 0,
    job: JobControl | None = None,
) -> Proposals:
    recipe = Recipe(language=options, goal=goal)
    proposer = proposers.get("caption_llm", tools)
    return proposer.propose(
        table() if images is None else images, NOTHING, recipe, seed, job or JobControl()
    )


def answers(tools: Tools) -> Answers:
    assert isinstance(tools.answers, Answers)
    return tools.answers


def test_both_sides_get_hypotheses_in_every_round(tools: Tools) -> None:
    found = propose(tools)
    assert found.read_from_sides
    assert found.asked == 2 * 2 * 4
    assert {h.side for h in found.hypotheses} == {Side.A, Side.B}
    assert {h.origin.round for h in found.hypotheses} == {1, 2}
    for hypothesis in found.hypotheses:
        key = phrase_key(hypothesis.text)
        assert hypothesis.id == f"caption_llm:{hypothesis.side}:{key}"
        assert hypothesis.origin.proposer == "caption_llm"
        assert hypothesis.origin.detail.startswith("differences-1, in ")
        assert hypothesis.directed
        assert hypothesis.opposite == ""
        assert found.times[hypothesis.id] >= 1
    assert len({h.id for h in found.hypotheses}) == len(found.hypotheses)
    known = sum(found.times.values()) + found.repeated + found.unusable
    assert known == found.asked


@pytest.mark.parametrize("seed", range(4))
def test_each_answer_holds_exactly_what_was_asked_for(model: InstalledModel, seed: int) -> None:
    for count in (1, 10):
        tools = memory_tools([], [model])
        found = propose(tools, options=replace(OPTIONS, hypotheses=count, rounds=1), seed=seed)
        assert found.asked == 2 * count
        known = sum(found.times.values()) + found.repeated + found.unusable
        assert known == found.asked
        tools.host.close()


def test_the_same_seed_proposes_the_same(model: InstalledModel) -> None:
    proposals = []
    for seed in (0, 0, 1):
        tools = memory_tools([], [model])
        proposals.append(propose(tools, seed=seed))
        tools.host.close()
    assert proposals[0] == proposals[1]
    assert proposals[0].hypotheses != proposals[2].hypotheses


def test_an_interrupted_run_goes_on_with_the_same_answers(model: InstalledModel) -> None:
    whole = memory_tools([], [model])
    expected = propose(whole)
    whole.host.close()
    tools = memory_tools([], [model])
    kept = list(answers(whole).kept.items())
    answers(tools).kept = dict(kept[1:3])
    assert propose(tools) == expected
    assert len(answers(tools).kept) == 4
    tools.host.close()


def test_a_second_run_needs_no_model(tools: Tools) -> None:
    expected = propose(tools)
    again = memory_tools([], [tools.host.installed("tiny")])
    answers(again).kept = answers(tools).kept
    assert propose(again) == expected
    assert again.host.uses == ()
    assert len(tools.host.uses) == 1
    assert tools.host.uses[0].role == "proposer"


def test_whatever_an_answer_follows_from_asks_anew(tools: Tools, tmp_path: Path) -> None:
    propose(tools)
    asked = len(answers(tools).kept)
    mine = tmp_path / "mine.txt"
    mine.write_text("version: mine-1\n[system]\nHm.\n[user]\n{captions_a}{captions_b}{count}{side}")
    changed = [
        {"options": replace(OPTIONS, temperature=0.9)},
        {"options": replace(OPTIONS, context=4096)},
        {"options": replace(OPTIONS, hypotheses=3)},
        {"options": replace(OPTIONS, prompt=str(mine))},
        {"goal": "lighting"},
        {"seed": 1},
        {"images": table(captions=dict.fromkeys(range(24), "a dog"))},
    ]
    for change in changed:
        propose(tools, **change)  # type: ignore[arg-type]
        assert len(answers(tools).kept) > asked, change
        asked = len(answers(tools).kept)
    propose(tools)
    assert len(answers(tools).kept) == asked


def test_a_damaged_cache_entry_is_asked_again(tools: Tools) -> None:
    expected = propose(tools)
    for key in answers(tools).kept:
        answers(tools).kept[key] = b'["too few"]'
    assert propose(tools) == expected


def test_repeats_are_merged_and_what_names_nothing_is_counted(tools: Tools) -> None:
    propose(tools)
    said = ["a red mountain", "a red mountains", "Images of a lake", "no people"]
    for key in answers(tools).kept:
        answers(tools).kept[key] = json.dumps(said).encode()
    found = propose(tools)
    assert [(h.text, h.side) for h in found.hypotheses] == [
        ("a red mountain", Side.A),
        ("a lake", Side.A),
        ("a red mountain", Side.B),
        ("a lake", Side.B),
    ]
    first = found.hypotheses[0]
    assert first.id == "caption_llm:A:a red mountain"
    assert first.also == ("a red mountains",)
    assert first.origin.round == 1
    assert first.origin.detail == "differences-1, in 2 of 2 rounds"
    assert found.times[first.id] == 2
    # once in each of four answers, though every round says the same
    assert (found.asked, found.repeated, found.unusable) == (16, 4, 4)


def test_progress_counts_questions(tools: Tools) -> None:
    seen: list[tuple[str, int, int]] = []
    propose(tools, job=JobControl(lambda *told: seen.append(told)))
    told = [(done, total) for stage, done, total in seen if stage == "propose"]
    assert told[0] == (0, 4)
    assert told[-1] == (4, 4)
    assert told == sorted(told)


def test_sides_smaller_than_the_sample(tools: Tools) -> None:
    found = propose(tools, table(1, 3))
    assert found.asked == 16
    assert found.hypotheses


@pytest.mark.parametrize("captions", [
    {}, {0: "only of A", 1: "and another"}, {0: "of A", 23: "  \n\t "},
])  # fmt: skip
def test_a_side_without_captions_leads_to_no_proposals(
    captions: dict[int, str], tools: Tools
) -> None:
    found = propose(tools, table(captions=captions))
    assert (found.hypotheses, found.asked, found.candidates) == ([], 0, 0)
    assert tools.host.uses == ()


def test_a_round_without_captions_on_one_side_is_left_out(tools: Tools) -> None:
    # B has one caption: only the round that draws its image can be asked about
    images = table(12, 60, captions={0: "a dog", 1: "a dog"} | {40: "a cat"})
    images = replace(images, discover=np.ones(72, bool))
    options = replace(OPTIONS, rounds=12, samples=10, hypotheses=1)
    found = propose(tools, images, options)
    assert 0 < found.asked < 24
    assert found.asked % 2 == 0


def test_candidates_are_the_phrases_that_stand_in_the_captions(tools: Tools) -> None:
    captions = dict.fromkeys(range(12), "a dog") | dict.fromkeys(range(12, 24), "a red cat")
    options = replace(OPTIONS, hypotheses=1, rounds=1)
    found = propose(tools, table(captions=captions), options)
    # "dog", "red", "cat", "red cat"
    assert found.candidates == 4
    many = propose(tools, table(captions=captions))
    assert many.candidates == max(4, len(many.hypotheses))


def test_captions_that_do_not_fit_are_cut_and_none_is_left_out(model: InstalledModel) -> None:
    long = {row: f"image {row} " + "of the dog on the beach " * 30 for row in range(24)}
    images = table(captions=long)
    small = replace(OPTIONS, context=2048, samples=12, rounds=1)
    tools = memory_tools([], [model])
    found = propose(tools, images, small)
    assert found.hypotheses
    # what is cut off changes the key, as it is not known before the model is loaded
    before = len(answers(tools).kept)
    longer = {row: text + "and a cat" for row, text in long.items()}
    assert propose(tools, table(captions=longer), small).hypotheses
    assert len(answers(tools).kept) == 2 * before
    tools.host.close()


def test_a_context_that_holds_not_even_the_shortest_captions(tools: Tools) -> None:
    with pytest.raises(BadRecipe) as raised:
        propose(tools, options=replace(OPTIONS, context=512, hypotheses=10))
    assert "context of 512 tokens" in raised.value.message
    assert "language.samples" in raised.value.hint


def test_stops_within_two_seconds(tmp_path: Path) -> None:
    path = tiny.language_model(tmp_path / "slow.gguf", width=384, layers=8, feed_forward=1536)
    tools = memory_tools([], [tiny.installed(path)])
    options = replace(OPTIONS, samples=12)
    long = dict.fromkeys(range(24), "a dog on the beach " * 20)
    job = JobControl()
    cancelled_at = 0.0

    def cancel() -> None:
        nonlocal cancelled_at
        cancelled_at = time.monotonic()
        job.cancel()

    timer = threading.Timer(1.0, cancel)
    timer.start()
    with pytest.raises(Cancelled):
        propose(tools, table(captions=long), options, job=job)
    assert time.monotonic() - cancelled_at < 2.0
    timer.join()
    tools.host.close()


def test_a_model_that_is_missing_or_damaged(tools: Tools, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        propose(tools, options=replace(OPTIONS, model="another"))
    path = tiny.language_model(tmp_path / "cut.gguf")
    path.write_bytes(path.read_bytes()[:-9000])
    with pytest.raises(ModelDamaged):
        propose(memory_tools([], [tiny.installed(path)]))
