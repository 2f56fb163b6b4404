"""The pocket language model: what it is taught is true, and llama.cpp reads what was trained."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("llama_cpp")
pytest.importorskip("gguf")

from engine.bench.pocket.language import FILE  # noqa: E402
from engine.bench.pocket.language_answers import answers, facts_of  # noqa: E402
from engine.bench.pocket.language_gguf import CONTEXT, write  # noqa: E402
from engine.bench.pocket.language_lessons import Lesson, lesson, misread, pool  # noqa: E402
from engine.bench.pocket.language_network import Row, rows  # noqa: E402
from engine.bench.pocket.language_recall import language_tools, recall  # noqa: E402
from engine.bench.pocket.language_training import (  # noqa: E402
    batch,
    question,
    row_of,
    train_language,
    untrained,
)
from engine.bench.pocket.language_words import words  # noqa: E402
from engine.bench.rendered.judge import Why, judge  # noqa: E402
from engine.bench.rendered.kinds import FACTS  # noqa: E402
from engine.bench.rendered.scene import Scene  # noqa: E402
from engine.bench.rendered.world import Colour, Dimension, Kind, Setting  # noqa: E402
from engine.job import JobControl  # noqa: E402
from engine.model import Role  # noqa: E402
from engine.phrase_text import phrase_key  # noqa: E402
from engine.proposers import phrase_list  # noqa: E402
from engine.runtimes import llama  # noqa: E402
from engine.runtimes.llama import LanguageModel  # noqa: E402
from tests.fakes.tiny_gguf import one_core  # noqa: E402

POCKET = Path(__file__).parents[2] / "models_manifest" / "pocket" / "pocket-llm"
UNSEEN = 10**7  # pools from here on are never trained on


@pytest.fixture(scope="module", autouse=True)
def quiet() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    with one_core():
        yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def lessons() -> list[Lesson]:
    rng = np.random.default_rng(5)
    return [lesson(pool(UNSEEN + k, 24), rng, 12, 12, detailed=bool(k % 4 == 0)) for k in range(40)]


@pytest.fixture(scope="module")
def network() -> Any:
    return untrained().eval()


@pytest.fixture(scope="module")
def read_back(network: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageModel]:
    """The network as llama.cpp has it."""
    path = tmp_path_factory.mktemp("pocket") / FILE
    write(network, path)
    with language_tools(path) as tools:
        load = lambda model, job: llama.load(model, CONTEXT, job)  # noqa: E731
        with tools.host.use("pocket-llm", Role.PROPOSER, load, JobControl()) as model:
            yield model


# ------------------------------------------------------------------ what is taught


def test_the_answer_begins_with_the_true_difference(lessons: list[Lesson]) -> None:
    rng = np.random.default_rng(0)
    alone = 0
    for taught in lessons:
        for said, truths in zip(answers(taught, 10, rng), taught.truths, strict=True):
            if len(truths) == 1:
                alone += 1
                assert judge(said[0], truths[0]).score == 1.0
                assert Why.REVERSED not in {judge(phrase, truths[0]).why for phrase in said}
    assert alone > 40


def test_answers_are_lists_as_the_product_keeps_them(lessons: list[Lesson]) -> None:
    rng = np.random.default_rng(0)
    for taught in lessons:
        for said in answers(taught, 10, rng):
            assert len(said) == len({phrase_key(phrase) for phrase in said}) == 10
            assert [phrase_list.cleaned(phrase) for phrase in said] == said
            assert max(map(len, said)) <= phrase_list.MAX_PHRASE


def test_what_follows_is_read_off_the_captions_shown() -> None:
    captions = (
        ("a red car in the snow", "two red cars", "a red car at night", "a red bus in the snow"),
        ("a blue car in the snow", "two blue cars", "a blue car at night", "a green bus"),
    )
    a, b = answers(Lesson(captions, ((), ())), 4, np.random.default_rng(0))
    assert a[0] == "red"
    assert b[0] == "blue"
    assert "in the snow" in a
    assert not {"blue", "blue cars", "a blue car"} & set(a)


def test_facts_are_those_of_the_caption() -> None:
    found = facts_of("two small red dogs running in the snow")
    assert ((Dimension.KIND, Kind.DOG),) in found
    assert ((Dimension.KIND, Kind.DOG), (Dimension.COLOUR, Colour.RED)) in found
    assert ((Dimension.SETTING, Setting.SNOW),) in found
    assert not [facts for facts in found if any(d is Dimension.STYLE for d, _ in facts)]


def test_captions_go_wrong_as_often_as_asked() -> None:
    rng = np.random.default_rng(2)
    scene = Scene(kind=Kind.DOG, colour=Colour.BROWN, activity=FACTS[Kind.DOG].activities[1])
    assert misread(scene, rng, 0.0) == scene
    seen = [misread(scene, rng, 0.3) for _ in range(400)]
    assert 0.15 < np.mean([other.setting is not scene.setting for other in seen]) < 0.35


# ------------------------------------------------------------------ how it is taught


def test_a_question_does_not_see_the_other(network: Any, lessons: list[Lesson]) -> None:
    rng = np.random.default_rng(0)
    row = row_of(lessons[1], 10, rng)
    changed = Row(row.captions, row.turn, row.asked, (row.said[0], row.said[1][::-1]), row.worth)
    alone = Row(
        row.captions, row.turn, (row.asked[1], row.asked[0]), row.said[::-1], row.worth[::-1]
    )
    scores = []
    for taught, number in ((row, 0), (changed, 0), (alone, 1)):
        made = rows([taught], rng)
        first = len(row.captions) + (len(row.asked[1]) + len(row.said[1])) * number
        wanted = torch.arange(first, first + len(row.asked[0]) + len(row.said[0]))[None]
        with torch.inference_mode():
            scores.append(network(made.tokens, made.places, made.seen, wanted)[0])
    assert torch.allclose(scores[0], scores[1], atol=1e-5)
    assert torch.allclose(scores[0], scores[2], atol=1e-5)


def test_a_step_is_the_same_whenever_it_is_taken() -> None:
    first, again = batch(7, 100), batch(7, 100)
    assert torch.equal(first.tokens, again.tokens)
    assert torch.equal(first.wanted, again.wanted)
    assert float(first.worth.max()) == 1.0


def test_what_was_trained_is_not_trained_again(tmp_path: Path) -> None:
    def say(line: str) -> None:
        assert line

    trained = train_language(tmp_path, say, steps=1)
    again = train_language(tmp_path, say, steps=1)  # finished: only read
    for name, weights in trained.state_dict().items():
        assert torch.equal(weights, again.state_dict()[name])
    assert not torch.equal(again.token_embd.weight, untrained().token_embd.weight)


# ------------------------------------------------------------------ what llama.cpp reads


def test_llama_cpp_cuts_prompts_as_training_did(
    read_back: LanguageModel, lessons: list[Lesson]
) -> None:
    rng = np.random.default_rng(0)
    for taught in lessons:
        row = row_of(taught, 10, rng)
        for side in range(2):
            system, shared, own = question(taught, 10, side)
            assert read_back.tokens(system, own, shared=shared) == [
                *row.captions,
                *row.asked[side],
            ]


@pytest.mark.parametrize(
    "text",
    [
        "a zebra, striped; it's 12 o'clock",
        "in the snowy woods - <|end|> ünïcödé 犬",
        'she said "in the snow", twice',
        "in the snow in the  snow\n2. on a street",
    ],
)
def test_any_text_can_be_read(read_back: LanguageModel, text: str) -> None:
    tokens = read_back._weights.vocabulary.tokens(text, control=False)
    vocabulary = read_back._weights.vocabulary
    assert b"".join(vocabulary.piece(token) for token in tokens).decode() == text
    assert not set(tokens) & set(words().control.values())
    assert words().decode(words().encode(text)) == text


def test_llama_cpp_computes_what_was_trained(
    read_back: LanguageModel, network: Any, lessons: list[Lesson]
) -> None:
    row = row_of(lessons[0], 10, np.random.default_rng(0))
    made = rows([row], np.random.default_rng(0))
    last = len(row.captions) + len(row.asked[0]) - 1
    with torch.inference_mode():
        scores, _ = network(made.tokens, made.places, made.seen, torch.tensor([[last]]))
    own = scores[0, 0].numpy()
    context = read_back._weights.context
    context.read([*row.captions, *row.asked[0]], 0, JobControl())
    theirs = np.asarray(context.logits())
    assert np.corrcoef(own, theirs)[0, 1] > 0.999


# ------------------------------------------------------------------ the finished model


@pytest.mark.skipif(not (POCKET / FILE).exists(), reason="the model was not made yet")
def test_the_finished_model_names_known_differences() -> None:
    found = recall(POCKET / FILE, seed=77, rounds=1, only=slice(4, None, 10))
    assert sum(level.sides for level in found.values()) == 12
    named = sum(level.sides * level.one_round for level in found.values())
    assert named >= 10
