"""Batches for the pocket captioners: images, what is asked about each, and what is answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engine.bench.pocket.captioner_packing import Packed, Turn, pack
from engine.bench.pocket.captioner_questions import asked_about
from engine.bench.pocket.captioner_texts import short
from engine.bench.pocket.captioner_words import END, YES_OR_NO, token
from engine.bench.pocket.scenes import DIMENSIONS, Scenes
from engine.bench.pocket.vision import batch
from engine.bench.rendered.captions import captions
from engine.bench.rendered.scene import Scene
from engine.bench.rendered.world import VALUES, Dimension
from engine.captioners.base import DETAILED, SHORT

if TYPE_CHECKING:
    import torch

__all__ = ["Lessons", "plain_words"]

_PLACE = DIMENSIONS.index(Dimension.PLACE)
_PLACES = VALUES[Dimension.PLACE]
_END = (token(END),)
_YES, _NO = (token("yes"), *_END), (token("no"), *_END)
_DETAILED_EVERY = 2  # steps; its question is long, and the facts are those of the short one
_YES_OR_NO_WEIGHT = 3.0  # one word tells all, so it weighs more than a word of a caption


@dataclass(frozen=True, slots=True)
class Lessons:
    """scenes: to learn from. asked: what the model gets to read when it is asked something,
    without the image. words: the tokens of a text. before: tokens in front of the questions.
    yes_or_no: questions of that kind about every image."""

    scenes: Scenes
    asked: Callable[[str], list[int]]
    words: Callable[[str], list[int]]
    before: int
    filling: int
    yes_or_no: int = 0

    def batch(
        self, size: int, seed: int, step: int
    ) -> tuple[torch.Tensor, npt.NDArray[np.int8], Packed]:
        """Images, their codes and lessons of a step; half are mirrored, and so are their texts."""
        rng = np.random.default_rng([seed, step])
        rows = rng.integers(len(self.scenes), size=size)
        images, codes = batch(self.scenes, rows, rng)
        seen = [
            replace(self.scenes.scenes[row], place=_PLACES[code])
            for row, code in zip(rows.tolist(), codes[:, _PLACE].tolist(), strict=True)
        ]
        detailed = step % _DETAILED_EVERY == 0
        turns = [self._turns(scene, seen[k - 1], rng, detailed) for k, scene in enumerate(seen)]
        return images, codes, pack(turns, self.before, self.filling)

    def _turns(
        self, scene: Scene, another: Scene, rng: np.random.Generator, detailed: bool
    ) -> list[Turn]:
        turns = [self._turn(SHORT, short(scene, rng))]
        if detailed:
            turns.append(self._turn(DETAILED, captions(scene, rng).detailed))
        for _ in range(self.yes_or_no):
            phrase, true = asked_about(scene, another, rng)
            question = self.asked(YES_OR_NO.format(phrase=phrase))
            turns.append(Turn(question, _YES if true else _NO, _YES_OR_NO_WEIGHT))
        return turns

    def _turn(self, question: str, answer: str) -> Turn:
        return Turn(self.asked(question), [*self.words(answer), *_END])


def plain_words(tokenizer: Any) -> Callable[[str], list[int]]:
    """The tokens of a text without the one that begins it."""

    def words(text: str) -> list[int]:
        tokens: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
        return tokens

    return words
