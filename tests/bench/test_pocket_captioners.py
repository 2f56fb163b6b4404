"""Pocket captioners: they are taught the truth, and what they learnt is what the product hears."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("open_clip")

from engine.bench.pocket import blip2, llava, vision  # noqa: E402
from engine.bench.pocket.captioner_check import described, load, stated  # noqa: E402
from engine.bench.pocket.captioner_eyes import (  # noqa: E402
    blip2_eyes,
    blip2_vision,
    vit_eyes,
    vit_vision,
)
from engine.bench.pocket.captioner_lessons import plain_words  # noqa: E402
from engine.bench.pocket.captioner_packing import Turn, pack  # noqa: E402
from engine.bench.pocket.captioner_questions import asked_about  # noqa: E402
from engine.bench.pocket.captioner_texts import short  # noqa: E402
from engine.bench.pocket.captioner_training import trained  # noqa: E402
from engine.bench.pocket.captioner_words import UNKNOWN, YES_OR_NO, tokenizer  # noqa: E402
from engine.bench.pocket.scenes import Scenes, codes_of, scenes_of  # noqa: E402
from engine.bench.rendered.captions import captions  # noqa: E402
from engine.bench.rendered.draw import draw_scene  # noqa: E402
from engine.bench.rendered.reading import holds, read  # noqa: E402
from engine.bench.rendered.scene import Scene, visible  # noqa: E402
from engine.bench.rendered.world import Dimension  # noqa: E402
from engine.captioners.base import DETAILED, DETAILED_TOKENS, SHORT, SHORT_TOKENS  # noqa: E402
from engine.job import JobControl  # noqa: E402
from engine.model import Loader  # noqa: E402

FINISHED = Path(__file__).parents[2] / "models_manifest" / "pocket"
FAMILIES = [(Loader.BLIP2, blip2), (Loader.LLAVA, llava)]
UNSEEN_BLOCK = 960
#: share of pictures with something out of the ordinary whose caption says it, at the very least
LEAST = {
    Dimension.KIND: 0.15,
    Dimension.COLOUR: 0.6,
    Dimension.SETTING: 0.7,
    Dimension.LIGHT: 0.85,
    Dimension.FRAME: 0.8,
}


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def scenes() -> tuple[Scene, ...]:
    return scenes_of(UNSEEN_BLOCK)


def drawn(scenes: tuple[Scene, ...]) -> Scenes:
    pixels = np.stack([draw_scene(scene, 64) for scene in scenes])
    return Scenes(pixels, np.array([codes_of(s) for s in scenes], dtype=np.int8), scenes)


# ------------------------------------------------------------------ what they are taught


def test_a_short_caption_tells_all_that_is_unusual_and_nothing_untrue(
    scenes: tuple[Scene, ...],
) -> None:
    rng = np.random.default_rng(0)
    shown = scenes[:800]
    found = stated([short(scene, rng) for scene in shown], shown)
    assert found.all_right == 1.0
    assert set(found.told) == set(Dimension)


def test_texts_come_back_as_they_were_and_fit_into_an_answer(scenes: tuple[Scene, ...]) -> None:
    rng, words = np.random.default_rng(1), tokenizer()
    for scene in scenes[:500]:
        for text, most in (
            (short(scene, rng), SHORT_TOKENS),
            (captions(scene, rng).detailed, DETAILED_TOKENS),
        ):
            tokens = words(text)["input_ids"]
            assert words.decode(tokens, skip_special_tokens=True) == text
            assert len(tokens) <= most


def test_every_word_of_a_question_is_known(scenes: tuple[Scene, ...]) -> None:
    rng, words = np.random.default_rng(2), tokenizer()
    asked = [YES_OR_NO.format(phrase=asked_about(s, scenes[0], rng)[0]) for s in scenes[1:300]]
    for question in (SHORT, DETAILED, *asked):
        assert UNKNOWN not in words.convert_ids_to_tokens(words(question)["input_ids"]), question


def test_questions_are_true_as_often_as_not_and_about_what_can_be_seen(
    scenes: tuple[Scene, ...],
) -> None:
    rng = np.random.default_rng(3)
    answers = []
    for scene, another in zip(scenes[:600], scenes[600:1200], strict=True):
        phrase, true = asked_about(scene, another, rng)
        assert holds(phrase, scene) == true
        for claim in read(phrase).claims:
            assert claim.dimension is Dimension.OTHER or visible(scene, claim.dimension)
        answers.append(true)
    assert 0.42 < np.mean(answers) < 0.58


# ------------------------------------------------------------------ the eyes


def test_the_eyes_see_the_same_in_every_family() -> None:
    from transformers import Blip2VisionModel, ViTModel

    eyes = shaken(vision.eyes())
    images = torch.randn(3, 3, 64, 64)
    of_blip2, of_vit = Blip2VisionModel(blip2_vision()), ViTModel(vit_vision())
    of_blip2.load_state_dict(blip2_eyes(eyes))
    assert not of_vit.load_state_dict(vit_eyes(eyes), strict=False).unexpected_keys
    with torch.inference_mode():
        seen, patches = vision.features(eyes, images)
        wanted = torch.cat([seen[:, None], patches], dim=1)
        for network in (of_blip2, of_vit):
            found = network.eval()(images).last_hidden_state
            torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-5)


def shaken(eyes: Any) -> Any:
    """Norms and biases too, which are ones and zeros before training."""
    torch.manual_seed(5)
    with torch.no_grad():
        for weights in eyes.parameters():
            weights.add_(torch.randn_like(weights) * 0.1)
    return eyes.eval()


# ------------------------------------------------------------------ learning, and the product


@pytest.mark.parametrize(("loader", "family"), FAMILIES)
def test_questions_learnt_together_are_seen_as_the_product_asks_each(
    loader: Loader, family: Any, scenes: tuple[Scene, ...]
) -> None:
    few = drawn(scenes[:2])
    network, processor = shaken(family.network()), family.processor()
    words = plain_words(processor.tokenizer)
    asked = "Question: {} Answer:" if loader is Loader.BLIP2 else "{} assistant:"
    questions = [words(asked.format(question)) for question in (DETAILED, SHORT)]
    answer = words("a red car on a street")
    images = vision.normalised(few.pixels)
    turns = [Turn(question, answer) for question in questions]
    packed = pack([turns, turns[1:]], family.BEFORE, 0)
    with torch.inference_mode():
        hidden, _ = family.last_hidden(network, images, packed)
        head = network.get_output_embeddings()
        for row, first, question in ((0, 0, DETAILED), (1, 0, SHORT), (0, 1, SHORT)):
            inputs = as_the_product_asks(loader, processor, few.pixels[row], question)
            wanted = network(**inputs).logits[0, -1]
            at = family.BEFORE + len(questions[0]) - 1
            if first:
                at = family.BEFORE + len(questions[0]) + len(answer) + len(questions[1]) - 1
            elif question == SHORT:
                at = family.BEFORE + len(questions[1]) - 1
            torch.testing.assert_close(head(hidden[row, at]), wanted, atol=2e-4, rtol=2e-4)


def as_the_product_asks(loader: Loader, processor: Any, pixels: Any, question: str) -> Any:
    image = Image.fromarray(pixels)
    if loader is Loader.BLIP2:
        text = f"Question: {question} Answer:"
        return processor(images=[image], text=[text], return_tensors="pt")
    content = [{"type": "image", "image": image}, {"type": "text", "text": question}]
    return processor.apply_chat_template(
        [[{"role": "user", "content": content}]],
        add_generation_prompt=True,
        tokenize=True,
        return_dict=True,
        return_tensors="pt",
    )


@pytest.mark.parametrize(("loader", "family"), FAMILIES)
def test_training_goes_on_but_begins_anew_with_other_eyes(
    loader: Loader, family: Any, scenes: tuple[Scene, ...], tmp_path: Path
) -> None:
    few, said = drawn(scenes[:4]), list[str]()
    train: Callable[..., None] = getattr(family, f"train_{loader}")
    train(tmp_path, vision.eyes(), few, said.append, steps=2, size=2)
    learnt, steps = trained(tmp_path / f"{loader}.pt")
    train(tmp_path, vision.eyes(), few, said.append, steps=2, size=2)
    again, _ = trained(tmp_path / f"{loader}.pt")
    assert steps == 2
    assert not any("anew" in text for text in said)
    assert all(torch.equal(learnt[name], again[name]) for name in learnt)
    train(tmp_path, shaken(vision.eyes()), few, said.append, steps=1, size=2)
    assert any("anew" in text for text in said)
    assert trained(tmp_path / f"{loader}.pt")[1] == 1


# ------------------------------------------------------------------ the finished models


@pytest.mark.parametrize("loader", [Loader.BLIP2, Loader.LLAVA])
def test_the_finished_model_says_what_unseen_pictures_show(
    loader: Loader, scenes: tuple[Scene, ...]
) -> None:
    folder = FINISHED / f"pocket-{loader}"
    if not folder.exists():
        pytest.skip("has not been made")
    shown = drawn(scenes[:48])
    for length in ("short", "detailed"):
        told = stated(described(folder, loader, shown.pixels, length), shown.scenes).told
        for dimension, least in LEAST.items():
            assert told[dimension] >= least, (length, dimension)


def test_the_finished_llava_answers_a_question_with_yes_or_no(scenes: tuple[Scene, ...]) -> None:
    folder = FINISHED / "pocket-llava"
    if not folder.exists():
        pytest.skip("has not been made")
    captioner = load(folder, Loader.LLAVA, prompt=YES_OR_NO.format(phrase="a red car"))
    answers = captioner.caption(list(drawn(scenes[:8]).pixels), JobControl())
    captioner.close()
    assert set(answers) <= {"yes", "no"}
