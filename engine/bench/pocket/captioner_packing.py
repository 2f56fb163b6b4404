"""Several questions about one image in one sequence, each blind to the others.

The image is read once for all of them: a word attends to the image and to its own question and
answer, and stands where it would stand if its question were the only one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

__all__ = ["Packed", "Turn", "pack"]

IGNORED = -100  # the label of what is not learnt
_BEFORE, _NOTHING = 0, -1  # segments: the image and all before it; filling


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its answer, as tokens."""

    question: Sequence[int]
    answer: Sequence[int]  # the token that ends it included
    weight: float = 1.0  # of every token of the answer


@dataclass(frozen=True, slots=True)
class Packed:
    """A batch. words: (n, length) tokens behind the image; labels: the token that follows each,
    `IGNORED` where it is not learnt; weights: of the labels; places: (n, all) positions;
    mask: (n, 1, all, all), 0 where one may look and very negative elsewhere."""

    words: torch.Tensor
    labels: torch.Tensor
    weights: torch.Tensor
    places: torch.Tensor
    mask: torch.Tensor

    def loss(self, hidden: torch.Tensor, head: Any) -> torch.Tensor:
        """hidden: (n, all, width), of the last layer. head: makes scores of words of it."""
        import torch

        ours = hidden[:, -self.words.shape[1] :]
        learnt = self.labels != IGNORED
        scores = head(ours[learnt])
        losses = torch.nn.functional.cross_entropy(scores, self.labels[learnt], reduction="none")
        weights = self.weights[learnt]
        return (losses * weights).sum() / weights.sum()


def pack(images: Sequence[Sequence[Turn]], before: int, filling: int) -> Packed:
    """before: tokens of the image and of all that stands before the questions."""
    import torch

    longest = max(sum(len(t.question) + len(t.answer) for t in turns) for turns in images)
    words = torch.full((len(images), longest), filling)
    labels = torch.full((len(images), longest), IGNORED)
    weights = torch.zeros(len(images), longest)
    segments = torch.full((len(images), before + longest), _NOTHING)
    segments[:, :before] = _BEFORE
    places = torch.zeros(len(images), before + longest, dtype=torch.long)
    places[:, :before] = torch.arange(before)
    for row, turns in enumerate(images):
        at = 0
        for number, turn in enumerate(turns, start=1):
            tokens = [*turn.question, *turn.answer]
            end, asked = at + len(tokens), at + len(turn.question)
            words[row, at:end] = torch.tensor(tokens)
            labels[row, asked - 1 : end - 1] = torch.tensor(turn.answer)
            weights[row, asked - 1 : end - 1] = turn.weight
            segments[row, before + at : before + end] = number
            places[row, before + at : before + end] = torch.arange(before, before + len(tokens))
            at = end
    return Packed(words, labels, weights, places, _mask(segments))


def _mask(segments: torch.Tensor) -> torch.Tensor:
    import torch

    length = segments.shape[1]
    earlier = torch.ones(length, length, dtype=torch.bool).tril()
    shared = segments[:, None, :] == _BEFORE
    own = segments[:, :, None] == segments[:, None, :]
    allowed = earlier & (shared | own)
    mask = torch.zeros(allowed.shape).masked_fill(~allowed, torch.finfo(torch.float32).min)
    return mask[:, None]
