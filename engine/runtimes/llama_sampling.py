"""Which token comes next: the model's numbers, a temperature, a seed and, if wanted, a grammar.

Draws in numpy, so that a seed means the same on every machine; only the grammar is llama.cpp's.
Evaluates no model.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import ModelFailed
from engine.runtimes.llama_library import library

TOP_K = 40  # likeliest tokens that are drawn from
TOP_P = 0.95  # of these, the likeliest that hold this share
MIN_P = 0.05  # of the likeliest token's chance; rarer ones are noise

_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


class Sampler:
    """Draws the tokens of one answer.

    grammar: in llama.cpp's GBNF, its first rule called root; "" allows everything. temperature:
    0 takes the likeliest token. Raises ModelFailed for a grammar that llama.cpp cannot read.
    """

    def __init__(
        self, vocabulary: int, words: int, grammar: str, temperature: float, seed: int
    ) -> None:
        self._temperature = temperature
        self._rng = np.random.default_rng(seed)
        self._grammar: Any = None
        if grammar:
            api = library()
            self._grammar = api.llama_sampler_init_grammar(vocabulary, grammar.encode(), b"root")
            if not self._grammar:
                raise ModelFailed("llama.cpp did not understand the form asked of the answer.")
        self._table = np.zeros(words, _CANDIDATE)

    def draw(self, logits: npt.NDArray[np.float32]) -> int:
        """The next token, which the grammar is then told of.

        logits: (words,) as the model gave them. Raises ModelFailed where no number is usable.
        """
        if not np.isfinite(logits).any():
            raise ModelFailed(
                "The language model computed no usable numbers.",
                "Its file may be damaged: verify it, or choose another model.",
            )
        token = self._choose(logits)
        if self._grammar is None:
            return token
        # checking one token is a hundred times cheaper than all, and most fit
        if not self._fits(token):
            token = self._choose(self._allowed(logits))
        library().llama_sampler_accept(self._grammar, token)
        return token

    def close(self) -> None:
        if self._grammar is not None:
            library().llama_sampler_free(self._grammar)
            self._grammar = None

    def _choose(self, logits: npt.NDArray[np.float32]) -> int:
        if self._temperature <= 0:
            return int(np.argmax(logits))
        count = min(TOP_K, logits.size)
        some = np.argpartition(-logits, count - 1)[:count]
        order = some[np.lexsort((some, -logits[some]))]  # ties by number, so that it is one order
        chances = np.exp((logits[order] - logits[order[0]]).astype(np.float64) / self._temperature)
        chances[chances < MIN_P] = 0.0
        chances /= chances.sum()
        chances[np.cumsum(chances) - chances >= TOP_P] = 0.0
        edges = np.cumsum(chances)
        drawn = np.searchsorted(edges, self._rng.random() * edges[-1], side="right")
        return int(order[min(drawn, np.flatnonzero(chances)[-1])])

    def _fits(self, token: int) -> bool:
        one = np.array([(token, 1.0, 0.0)], _CANDIDATE)
        self._strike(one)
        return bool(np.isfinite(one["logit"][0]))

    def _allowed(self, logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The logits, -inf where the grammar forbids the token."""
        table = self._table
        table["id"] = np.arange(table.size, dtype=np.int32)
        table["logit"] = logits
        self._strike(table)
        kept: npt.NDArray[np.float32] = table["logit"].copy()
        if not np.isfinite(kept).any():
            raise ModelFailed("The language model has no word that fits the form of the answer.")
        return kept

    def _strike(self, table: npt.NDArray[np.void]) -> None:
        """Sets the logit of what the grammar forbids to -inf, in place."""
        api = library()
        array = api.llama_token_data_array(
            data=table.ctypes.data_as(api.llama_token_data_p),
            size=table.size,
            selected=-1,
            sorted=False,
        )
        api.llama_sampler_apply(self._grammar, ctypes.byref(array))
