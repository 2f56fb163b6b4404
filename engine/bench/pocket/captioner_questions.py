"""Questions that are answered with yes or no about a scene, and the true answers.

As many of one answer as of the other. Asks nothing that cannot be seen in the picture.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from engine.bench.pocket.phrases import phrase_of
from engine.bench.rendered.reading import Reading, holds, read
from engine.bench.rendered.scene import Scene, visible
from engine.bench.rendered.world import Dimension

__all__ = ["asked_about", "can_be_seen"]

_HARD = 0.6  # share of untrue phrases about a scene that differs in a few attributes only
_TRIES = 12  # for one question, before another answer is wanted
#: fields that go together when a scene takes over an attribute of another one
_TOGETHER: tuple[tuple[str, ...], ...] = (
    *((dimension.value,) for dimension in Dimension if dimension.value not in {"kind", "other"}),
    ("relation", "other", "other_colour"),
    ("kind",),
    ("kind", "activity"),
)


def asked_about(scene: Scene, another: Scene, rng: np.random.Generator) -> tuple[str, bool]:
    """A phrase, and whether the scene shows it.

    another: any other scene; what is untrue of the first one comes from it, so that a phrase
    alone does not tell the answer.
    """
    while True:
        wanted = bool(rng.random() < 0.5)
        for _ in range(_TRIES):
            phrase = phrase_of(scene if wanted else _mixed(scene, another, rng), rng)
            reading = _read(phrase)
            if can_be_seen(reading, scene) and holds(reading, scene) == wanted:
                return phrase, wanted


def _mixed(scene: Scene, another: Scene, rng: np.random.Generator) -> Scene:
    """The other scene, or the scene with a few of its attributes; need not make sense."""
    if rng.random() > _HARD:
        return another
    changes: dict[str, Any] = {}
    for _ in range(2):
        for name in _TOGETHER[int(rng.integers(len(_TOGETHER)))]:
            changes[name] = getattr(another, name)
    return replace(scene, **changes)


def can_be_seen(reading: Reading, scene: Scene) -> bool:
    """Whether the picture shows if what is claimed is true."""
    return all(
        claim.dimension is Dimension.OTHER or visible(scene, claim.dimension)
        for claim in reading.claims
    )


@lru_cache(maxsize=200_000)
def _read(phrase: str) -> Reading:
    return read(phrase)
