"""Images by number, each with a content id and a vector that follow from it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np

from engine.storage.vectors import StoredVectors

DIM = 24
ENCODER = "5eed" * 8


def content(number: int) -> str:
    return hashlib.blake2b(str(number).encode(), digest_size=16).hexdigest()


def contents(numbers: Iterable[int]) -> list[str]:
    return [content(number) for number in numbers]


def vector(number: int) -> np.ndarray:
    return np.random.default_rng(number).standard_normal(DIM).astype(np.float16)


def fill(cache: StoredVectors, numbers: Iterable[int]) -> None:
    cache.add(contents(numbers), np.stack([vector(number) for number in numbers]))
