"""What a stage that works with models is given: models, pixels, and what is kept of both.

Protocols only: the stages know neither the store nor the workers behind them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from engine.model_host import ModelHost
from engine.pixels import PixelSource

Halves = npt.NDArray[np.float16]


class AnswerCache(Protocol):
    """What models answered, under a key that names every cause: weights, prompt, options, seed."""

    def get(self, key: bytes) -> bytes | None: ...

    def put(self, key: bytes, answer: bytes) -> None: ...


class VectorCache(Protocol):
    """Vectors of images of one encoder, by content."""

    def have(self, content_ids: Sequence[str]) -> npt.NDArray[np.bool_]:
        """(n,) bool: which of them are there."""
        ...

    def add(self, content_ids: Sequence[str], vectors: Halves) -> None:
        """vectors: (n, dim) float16, rows of unit length. On disk when it returns."""
        ...

    def get(self, content_ids: Sequence[str]) -> Halves:
        """(n, dim) float16 in the order asked for; rows of NaN where there is none."""
        ...

    def stream(self, content_ids: Sequence[str]) -> Iterator[tuple[npt.NDArray[np.intp], Halves]]:
        """The same in pieces as they lie on the disk, copied as little as possible.

        (k,) positions within content_ids and (k, dim) vectors; what is not there is in no piece.
        """
        ...


class CaptionCache(Protocol):
    """Captions of images by one captioner, by content."""

    def get(self, captioner: str, content_ids: Sequence[str]) -> Mapping[str, str]:
        """content id -> caption, of those there are."""
        ...

    def add(self, captioner: str, captions: Iterable[tuple[str, str]]) -> None:
        """(content id, caption) each, in one commit."""
        ...


class VectorStore(Protocol):
    def open(self, encoder: str, dim: int) -> VectorCache:
        """encoder: names weights, preprocessing and precision; 32 hex digits."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What a comparison hands to stages that need more than the table."""

    host: ModelHost
    pixels: PixelSource
    answers: AnswerCache
    captions: CaptionCache
    vectors: VectorStore
