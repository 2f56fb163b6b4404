"""The pocket language model as a network: a small Llama, with the rows of tokens it is taught by.

A row holds one text of captions and the question and answer for both sides. Neither question
sees the other, as if each were asked alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import torch

__all__ = ["EPSILON", "THETA", "Row", "Rows", "Shape", "network", "rows"]

EPSILON = 1e-5  # of the norms
THETA = 10_000.0  # of the rotations
_CAPTIONS, _PAD = 0, -1  # whose a token is: of the captions, of question 1 or 2, of nothing
_GUESSED, _GUESS = 0.1, 0.15  # share of the captions' tokens that are guessed, and how it matters


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the network."""

    words: int
    width: int = 128
    layers: int = 4
    heads: int = 4
    feed_forward: int = 256

    @property
    def head(self) -> int:
        return self.width // self.heads


@dataclass(frozen=True, slots=True)
class Row:
    """Tokens of one lesson. turn: where the captions of B begin. asked, said: the question and
    the answer about A and about B. worth: how much each token of an answer matters."""

    captions: Sequence[int]
    turn: int
    asked: tuple[Sequence[int], Sequence[int]]
    said: tuple[Sequence[int], Sequence[int]]
    worth: tuple[Sequence[float], Sequence[float]]


@dataclass(frozen=True, slots=True)
class Rows:
    """A batch. tokens, places: (n, length). seen: (n, 1, length, length), which earlier tokens a
    token reads. side: (n, length), 0 for A, 1 for B: whose captions these are, and who is asked
    about; -1 for neither. wanted: (n, k) from which tokens the next one, `following`, is to be
    guessed, and `worth` how much that matters; 0 fills up."""

    tokens: torch.Tensor
    places: torch.Tensor
    seen: torch.Tensor
    side: torch.Tensor
    wanted: torch.Tensor
    following: torch.Tensor
    worth: torch.Tensor


def rows(lessons: Sequence[Row], rng: np.random.Generator) -> Rows:
    """The batch of these lessons, filled up to the longest. rng: which tokens of the captions
    are guessed, too."""
    import torch

    def length(row: Row) -> int:
        return len(row.captions) + sum(map(len, (*row.asked, *row.said)))

    shape = (len(lessons), max(map(length, lessons)))
    tokens, places = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    owner, worth = np.full(shape, _PAD, np.int8), np.zeros(shape, np.float32)
    side = np.full(shape, -1.0, np.float32)
    for k, row in enumerate(lessons):
        side[k, : len(row.captions)] = np.arange(len(row.captions)) >= row.turn
        end = shared = len(row.captions)
        tokens[k, :end], places[k, :end], owner[k, :end] = row.captions, np.arange(end), _CAPTIONS
        worth[k, :end] = np.where(rng.random(end) < _GUESSED, _GUESS, 0.0)
        for number in range(2):
            question, answer = row.asked[number], row.said[number]
            first, start = end, end + len(question)
            end = start + len(answer)
            tokens[k, first:start], tokens[k, start:end] = question, answer
            places[k, first:end] = shared + np.arange(end - first)
            side[k, start - 1 : end] = number
            owner[k, first:end], worth[k, start:end] = number + 1, row.worth[number]
    wanted = _wanted(worth[:, 1:])
    following = np.take_along_axis(tokens[:, 1:], wanted, axis=1)
    guessed = np.take_along_axis(worth[:, 1:], wanted, axis=1)
    return Rows(
        torch.from_numpy(tokens),
        torch.from_numpy(places),
        torch.from_numpy(_seen(owner))[:, None],
        torch.from_numpy(side),
        torch.from_numpy(wanted),
        torch.from_numpy(following),
        torch.from_numpy(guessed),
    )


def _wanted(worth: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """(n, k): in each row first where worth is more than nothing; k is the most of a row."""
    most = int((worth > 0).sum(axis=1).max())
    return np.argsort(worth <= 0, axis=1, kind="stable")[:, :most]


def _seen(owner: npt.NDArray[np.int8]) -> npt.NDArray[np.bool_]:
    """Every token sees itself, and what came before of the captions and of its own question."""
    long = owner.shape[1]
    before = np.tril(np.ones((long, long), np.bool_))
    shared = (owner == _CAPTIONS)[:, None, :] | (owner[:, None, :] == owner[:, :, None])
    seen: npt.NDArray[np.bool_] = shared & before
    return seen


def network(shape: Shape, seed: int) -> Any:
    """An untrained network: called with (tokens, places, seen, wanted) as in `Rows` it gives
    scores of every word for what follows, (n, k, words), and (n, length) for how much each token
    seems to be about B, after the first layer: told this early, it learns much faster."""
    import torch

    torch.manual_seed(seed)
    return _network_class()(shape)


def _network_class() -> Any:
    import torch
    from torch import nn
    from torch.nn import functional

    class Block(nn.Module):
        def __init__(self, shape: Shape) -> None:
            super().__init__()
            width = shape.width
            self.heads = shape.heads
            self.attn_norm = nn.RMSNorm(width, EPSILON)
            self.ffn_norm = nn.RMSNorm(width, EPSILON)
            self.attn_q = nn.Linear(width, width, bias=False)
            self.attn_kv = nn.Linear(width, 2 * width, bias=False)
            self.attn_output = nn.Linear(width, width, bias=False)
            self.ffn_gate_up = nn.Linear(width, 2 * shape.feed_forward, bias=False)
            self.ffn_down = nn.Linear(shape.feed_forward, width, bias=False)

        def forward(self, x: Any, places: Any, seen: Any, wanted: Any = None) -> Any:
            """wanted: of which tokens something is to come out; None: of all."""
            normed = self.attn_norm(x)
            keys, values = self.attn_kv(normed).chunk(2, dim=-1)
            keys = _turn(self._parted(keys), places)
            if wanted is not None:
                x, normed = _taken(x, wanted), _taken(normed, wanted)
                places = places.gather(1, wanted)
                seen = seen.gather(2, wanted[:, None, :, None].expand(-1, 1, -1, seen.shape[3]))
            queries = _turn(self._parted(self.attn_q(normed)), places)
            mixed = functional.scaled_dot_product_attention(
                queries, keys, self._parted(values), attn_mask=seen
            )
            x = x + self.attn_output(mixed.transpose(1, 2).flatten(2))
            gate, up = self.ffn_gate_up(self.ffn_norm(x)).chunk(2, dim=-1)
            return x + self.ffn_down(functional.silu(gate) * up)

        def _parted(self, x: Any) -> Any:
            return x.unflatten(2, (self.heads, -1)).transpose(1, 2)

    class Network(nn.Module):
        def __init__(self, shape: Shape) -> None:
            super().__init__()
            self.shape = shape
            self.token_embd = nn.Embedding(shape.words, shape.width)
            self.blk = nn.ModuleList(Block(shape) for _ in range(shape.layers))
            self.side = nn.Linear(shape.width, 1)  # only for training
            self.output_norm = nn.RMSNorm(shape.width, EPSILON)
            for name, weights in self.named_parameters():
                if weights.ndim > 1:
                    back = name.endswith(("attn_output.weight", "ffn_down.weight"))
                    nn.init.normal_(weights, std=0.04 / (2 * shape.layers if back else 1) ** 0.5)

        def forward(self, tokens: Any, places: Any, seen: Any, wanted: Any) -> Any:
            x = self.token_embd(tokens)
            first, *others, last = self.blk
            x = first(x, places, seen)
            sides = self.side(x)[:, :, 0]
            for block in others:
                x = block(x, places, seen)
            x = self.output_norm(last(x, places, seen, wanted))
            return x @ self.token_embd.weight.T, sides

    def _taken(x: Any, wanted: Any) -> Any:
        return x.gather(1, wanted[:, :, None].expand(-1, -1, x.shape[2]))

    def _turn(x: Any, places: Any) -> Any:
        """Neighbouring numbers are rotated together, as llama.cpp does for this architecture."""
        head = x.shape[-1]
        speeds = THETA ** (-torch.arange(0, head, 2).float() / head)
        angles = places[:, None, :, None].float() * speeds
        cosine, sine = angles.cos(), angles.sin()
        even, odd = x[..., 0::2], x[..., 1::2]
        pairs = (even * cosine - odd * sine, even * sine + odd * cosine)
        return torch.stack(pairs, dim=-1).flatten(-2)

    return Network
