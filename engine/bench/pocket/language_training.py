"""Trains the pocket language model: lessons as rows of tokens, batch after batch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.bench.pocket.language_answers import answers
from engine.bench.pocket.language_lessons import Lesson, lesson, pool
from engine.bench.pocket.language_network import Row, Rows, Shape, network, rows
from engine.bench.pocket.language_words import ANSWER, END, SYSTEM, USER, words
from engine.bench.pocket.training import Say, train
from engine.bench.rendered.pairs import training_rng
from engine.proposers import caption_lines, prompt_file
from engine.proposers.prompt_file import Prompt

if TYPE_CHECKING:
    import torch

__all__ = ["batch", "pocket_prompt", "question", "row_of", "train_language", "untrained"]

COUNT = 10  # phrases asked for, most of the time
MOST = 20  # captions of a side
_FEWEST = 3
_SEED = 4
_BETWEEN = '", "'  # two phrases of a list
_LESSONS = 1 << 40  # where the seeds of lessons begin; those of other pocket models are small
_BEGINNERS = 0.15  # of all steps, with few captions that are right, and few phrases
_FEW, _FEW_PHRASES = 7, 4  # at most, for beginners
_OTHER_COUNT = 0.15  # share of batches with another count of phrases
_FULL = 0.5  # share of batches with `MOST` captions a side
_DETAILED = 0.15  # share of batches with detailed captions
_TOKENS = 4000  # of a batch, about
_A_CAPTION = (6.3, 12.5)  # tokens of a short and of a detailed one, about
_A_PHRASE, _A_QUESTION = 2.6, 8  # tokens, about
_SIDE = 0.1  # weight of knowing whose captions one reads and who is asked about
_POOLS = 8  # drawn for a step
_USES, _APART = 8, 30  # how often a pool is used, and how many steps lie between
_FIRST, _REST = 2, 0.4  # phrases that matter most, and how much the tokens of others matter


def untrained() -> Any:
    """The network before its first step."""
    import torch

    model = network(Shape(len(words())), _SEED)
    with torch.no_grad():  # a word is the same word with a blank before it
        for token, alike in words().alike():
            model.token_embd.weight[token] = model.token_embd.weight[alike]
    return model


def train_language(work: Path, say: Say, *, steps: int) -> Any:
    """The network, trained; goes on from work/llm.pt where that exists."""
    from torch.nn import functional

    model = untrained()

    def loss_of(step: int) -> torch.Tensor:
        taught = batch(step, steps)
        scores, sides = model(taught.tokens, taught.places, taught.seen, taught.wanted)
        missed = functional.cross_entropy(
            scores.flatten(0, 1), taught.following.flatten(), reduction="none"
        )
        worth = taught.worth.flatten()
        known = taught.side >= 0
        confused = functional.binary_cross_entropy_with_logits(sides[known], taught.side[known])
        return (missed * worth).sum() / worth.sum() + _SIDE * confused

    train(model, loss_of, steps=steps, rate=2.5e-3, checkpoint=work / "llm.pt", say=say)
    return model


def batch(step: int, steps: int) -> Rows:
    """The lessons of a step, which follow from its number and its share of the course."""
    rng = training_rng(_LESSONS + step)
    beginners = step < _BEGINNERS * steps
    detailed = bool(rng.random() < _DETAILED)
    n_a, n_b = rng.integers(_FEWEST, _FEW if beginners else MOST, size=2, endpoint=True).tolist()
    if not beginners and rng.random() < _FULL:
        n_a = n_b = MOST
    count = COUNT
    if beginners:
        count = int(rng.integers(1, _FEW_PHRASES, endpoint=True))
    elif rng.random() < _OTHER_COUNT:
        count = int(rng.integers(1, COUNT + 2, endpoint=True))
    long = (n_a + n_b) * _A_CAPTION[detailed] + 2 * (_A_QUESTION + count * _A_PHRASE)
    taught = []
    for _ in range(max(1, round(_TOKENS / long))):
        before = max(0, step - _APART * int(rng.integers(_USES)))
        drawn = pool(before * _POOLS + int(rng.integers(_POOLS)), 2 * MOST)
        one = lesson(drawn, rng, n_a, n_b, detailed=detailed, clear=beginners)
        taught.append(row_of(one, count, rng))
    return rows(taught, rng)


def row_of(taught: Lesson, count: int, rng: np.random.Generator) -> Row:
    """A lesson as the product asks it, and the answers that are wanted."""
    control, encode = words().control, words().encode
    (system, shared, about_a), (_, _, about_b) = (question(taught, count, k) for k in range(2))
    a, b = (encode(_listed(phrases)) for phrases in answers(taught, count, rng))
    captions = [control[SYSTEM], *encode(system), control[USER], *encode(shared)]
    return Row(
        captions,
        captions.index(ord("B")),  # of the heading; captions have no capitals
        ([*encode(about_a), control[ANSWER]], [*encode(about_b), control[ANSWER]]),
        ([*a, control[END]], [*b, control[END]]),
        (_worth(a), _worth(b)),
    )


def _worth(answer: Sequence[int]) -> list[float]:
    """How much each token of an answer, and its end, matters."""
    between = words().encode(_BETWEEN)[0]
    ends = [k for k, token in enumerate(answer) if token == between]
    first = ends[_FIRST - 1] + 1 if len(ends) >= _FIRST else len(answer)
    return [1.0] * first + [_REST] * (len(answer) + 1 - first)


def question(taught: Lesson, count: int, side: int) -> tuple[str, str, str]:
    a, b = (
        caption_lines.numbered(side, caption_lines.most_words(side)) for side in taught.captions
    )
    names = ("A", "B") if side == 0 else ("B", "A")
    values = {"captions_a": a, "captions_b": b, "count": str(count), "goal": ""}
    question = pocket_prompt().filled({**values, "side": names[0], "other": names[1]})
    return question.system, question.shared, question.own


def _listed(phrases: Sequence[str]) -> str:
    return f'["{_BETWEEN.join(phrases)}"]'


@cache
def pocket_prompt() -> Prompt:
    """The prompt that the model is asked with, read by the product's own reader."""
    return prompt_file.read("pocket", "")
