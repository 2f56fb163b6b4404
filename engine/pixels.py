"""Decoded images as models want them: which size, cut how. Values only; decodes nothing.

A model's own preprocessing decides the shape; what follows (scaling to 0 … 1, mean, deviation)
is arithmetic on the returned array and is left to whoever holds the model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
import numpy.typing as npt

from engine.job import JobControl


class Cut(StrEnum):
    """How an image of any proportions becomes one of the wanted size."""

    CROP = "crop"  # the shorter side is brought to size, the middle is kept
    SQUASH = "squash"  # both sides are brought to size, proportions are lost
    PAD = "pad"  # the longer side is brought to size, the rest is filled
    FIT = "fit"  # the longer side at most this, proportions kept, never enlarged, nothing filled


@dataclass(frozen=True, slots=True)
class PixelShape:
    """What a model wants of every image."""

    cut: Cut
    width_px: int
    height_px: int
    interpolation: str = "bicubic"  # or "bilinear"; antialiased in both cases
    fill: tuple[int, int, int] = (0, 0, 0)  # RGB, for Cut.PAD


Pixels = npt.NDArray[np.uint8]  # (height, width, 3) sRGB, upright, transparency on white


class PixelSource(Protocol):
    """Hands out decoded images of a table, decoded ahead in other processes."""

    def stream(
        self, rows: Sequence[int], shape: PixelShape, job: JobControl
    ) -> Iterator[tuple[int, Pixels | None]]:
        """(row, pixels) in the order of `rows`; None where the image can no longer be read.

        rows: of the table. Pixels are (height_px, width_px, 3), of Cut.FIT at most that. Raises
        Cancelled within half a second of a wish to stop.
        """
        ...
