"""What tests of the CLIP ranker, and programs that they start, have in common."""

from __future__ import annotations

import numpy as np

from engine.vocabulary import Hypothesis, Origin, Side
from tests.fakes.tiny_clip import SIDE_PX


def hypothesis(text: str) -> Hypothesis:
    return Hypothesis(f"user:{text}", text, Side.A, Origin("user"))


def pictures(n: int) -> list[np.ndarray]:
    """Noise, the same in every run."""
    rng = np.random.default_rng(5)
    return [rng.integers(0, 256, (SIDE_PX, SIDE_PX, 3), dtype=np.uint8) for _ in range(n)]
