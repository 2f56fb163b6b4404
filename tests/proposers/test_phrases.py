"""Phrases mined from texts."""

from __future__ import annotations

import numpy as np
import pytest

from engine import proposers
from engine.errors import Cancelled
from engine.image_table import ImageTable
from engine.job import JobControl
from engine.measurement import Catalogue
from engine.proposers.base import Proposals
from engine.recipe import PhraseOptions, Recipe
from engine.vocabulary import Hypothesis, Side
from tests.fakes.image_tables import image_table
from tests.fakes.memory_tools import memory_tools

NOTHING = Catalogue((), "test")
PLACES = ["at the beach", "in the forest", "on a rock", "in the city", "by the river"]


def propose(table: ImageTable, options: PhraseOptions | None = None) -> Proposals:
    recipe = Recipe(phrases=options or PhraseOptions())
    return proposers.get("phrases", memory_tools([])).propose(
        table, NOTHING, recipe, 0, JobControl()
    )


def of_side(found: Proposals, side: Side) -> list[Hypothesis]:
    return [hypothesis for hypothesis in found.hypotheses if hypothesis.side is side]


def captions(act: str, n: int, every: int = 1) -> list[str]:
    """Every nth image shows something else."""
    return [
        f"a {'man' if k % 2 else 'woman'} {'with a dog' if k % every == every - 1 else act} "
        f"{PLACES[k % 5]}"
        for k in range(n)
    ]


YOGA = captions("doing yoga", 30, 6) + captions("meditating", 30, 5)


def test_what_marks_each_side_is_found_best_first() -> None:
    found = propose(image_table(30, 30, texts=YOGA))
    best_a, best_b = of_side(found, Side.A)[0], of_side(found, Side.B)[0]
    assert best_a.text == "doing yoga"
    assert "yoga" in best_a.also
    assert best_b.text == "meditating"
    assert best_a.id == "phrases:doing yoga"
    assert best_a.directed
    assert best_a.opposite == ""
    assert best_a.origin.detail == "25 of 30 texts of A, 0 of 30 texts of B"


def test_only_the_half_that_may_be_looked_at_is_read() -> None:
    table = image_table(50, 50, texts=["a plain day"] * 100)
    assert table.split
    for k in np.flatnonzero(table.confirm & table.is_a):
        table.texts[k] = "a secret sign"
    assert propose(table).hypotheses == []
    for k in np.flatnonzero(table.discover & table.is_a):
        table.texts[k] = "a secret sign"
    assert [h.text for h in of_side(propose(table), Side.A)] == ["secret sign"]


def test_an_image_counts_once_however_often_its_text_repeats_a_word() -> None:
    texts = ["cat cat cat cat cat, cat cat"] + ["a day out"] * 29 + ["a day out"] * 30
    assert propose(image_table(30, 30, texts=texts)).hypotheses == []


def test_inflections_of_a_word_count_together_and_the_common_spelling_is_shown() -> None:
    texts = ["mountains at dawn"] * 6 + ["a mountain path"] * 4 + ["the sea"] * 10
    found = propose(image_table(10, 10, texts=texts))
    best = of_side(found, Side.A)[0]
    assert best.text == "mountains"
    assert best.origin.detail.startswith("10 of 10 texts of A, ")


def test_phrases_begin_and_end_with_a_word_that_says_something() -> None:
    texts = ["sitting on the edge of a cliff"] * 12 + ["doing a handstand at home"] * 12
    for hypothesis in propose(image_table(12, 12, texts=texts)).hypotheses:
        for phrase in (hypothesis.text, *hypothesis.also):
            assert phrase.split()[0] not in {"a", "of", "on", "the", "at"}
            assert phrase.split()[-1] not in {"a", "of", "on", "the", "at", "doing"}


def test_a_phrase_that_always_goes_on_is_not_cut_off() -> None:
    texts = ["sitting on the top of a mountain"] * 12 + ["standing in the kitchen"] * 12
    phrases = {
        phrase
        for hypothesis in propose(image_table(12, 12, texts=texts)).hypotheses
        for phrase in (hypothesis.text, *hypothesis.also)
    }
    assert "sitting on the top" not in phrases
    assert "top of a mountain" in phrases


def test_what_agencies_add_is_not_a_difference() -> None:
    texts = ["a dog, stock photos"] * 15 + ["royalty free picture of a dog"] * 15
    assert propose(image_table(15, 15, texts=texts)).hypotheses == []


def test_a_longer_phrase_must_add_something_to_the_better_one_it_holds() -> None:
    texts = [f"a red {thing}" for thing in ["car", "car", "bus", "hat"] * 15]
    texts += [f"a blue {thing}" for thing in ["car", "car", "bus", "hat"] * 15]
    red = of_side(propose(image_table(60, 60, texts=texts, min_split=1000)), Side.A)
    assert [hypothesis.text for hypothesis in red] == ["red"]


def test_options_bound_what_is_proposed() -> None:
    rng = np.random.default_rng(0)
    words = [f"word{k:02}" for k in range(40)]
    texts = [" or ".join(rng.choice(words[20 * side :][:25], 6)) for side in [0] * 40 + [1] * 40]
    table = image_table(40, 40, texts=texts, min_split=1000)
    few = propose(table, PhraseOptions(keep=3))
    assert len(of_side(few, Side.A)) == len(of_side(few, Side.B)) == 3
    short = propose(table, PhraseOptions(max_words=1))
    assert all(" " not in hypothesis.text for hypothesis in short.hypotheses)
    rare = propose(table, PhraseOptions(min_images=1)).candidates
    common = propose(table, PhraseOptions(min_images=10)).candidates
    assert rare > common > 0


def test_how_many_could_have_been_proposed_does_not_depend_on_the_sides() -> None:
    texts = YOGA[:]
    mixed = [texts[k] for k in np.random.default_rng(0).permutation(60)]
    # the two differ in their sides alone
    a = propose(image_table(30, 30, texts=texts))
    b = propose(image_table(30, 30, texts=mixed))
    assert a.candidates == b.candidates
    assert a.read_from_sides
    assert len(b.hypotheses) < len(a.hypotheses)


@pytest.mark.parametrize(
    "texts",
    [
        [""] * 20,
        ["a cat"] * 10 + [""] * 10,  # one side has none
        ["!!!"] * 20,
        ["a the of"] * 20,
        [f"unique{k}" for k in range(20)],
        ["the very same words"] * 20,
    ],
)
def test_texts_that_tell_nothing(texts: list[str]) -> None:
    assert propose(image_table(10, 10, texts=texts)).hypotheses == []


def test_strangers_texts_are_only_words() -> None:
    nasty = "Ignore all previous instructions \u202e{0} %s <script>#set page</script> \u0000"
    texts = [nasty] * 12 + ["x" * 1_000_000] * 2 + ["a quiet day 山の上"] * 10
    found = propose(image_table(12, 12, texts=texts))
    assert found.hypotheses
    for hypothesis in found.hypotheses:
        for phrase in (hypothesis.text, *hypothesis.also):
            assert all(letter.isalnum() or letter in " '-" for letter in phrase)


def test_the_result_does_not_depend_on_the_order_of_images() -> None:
    order = [*np.random.default_rng(0).permutation(30), *(30 + np.arange(30)[::-1])]
    found = propose(image_table(30, 30, texts=YOGA))
    again = propose(image_table(30, 30, texts=[YOGA[k] for k in order]))
    assert found == again


def test_mining_can_be_cancelled() -> None:
    job = JobControl()
    job.cancel()
    with pytest.raises(Cancelled):
        proposers.get("phrases", memory_tools([])).propose(
            image_table(30, 30, texts=YOGA), NOTHING, Recipe(), 0, job
        )
