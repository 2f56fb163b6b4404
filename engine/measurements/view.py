"""One picture with the intermediate arrays that several families need, each computed once.

Holds arrays and nothing else: no measurement is defined here, and no file is read.
"""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
import numpy.typing as npt
from PIL import Image

from engine.picture import FileFacts, Picture

UInt8Array = npt.NDArray[np.uint8]
Int16Array = npt.NDArray[np.int16]
FloatArray = npt.NDArray[np.float32]

BLOCK_PX = 8  # side of the blocks that tell fine texture from larger shapes


class View:
    """Lazy intermediates of `picture`. "Work" is Picture.rgb, "crop" is Picture.crop.

    Luma is Rec. 601 (0.299 R + 0.587 G + 0.114 B), rounded to whole grey levels, 0–255.
    """

    def __init__(self, picture: Picture) -> None:
        self.rgb: UInt8Array = picture.rgb
        self.crop: UInt8Array = picture.crop
        self.facts: FileFacts = picture.facts

    # --- the whole image at work size --------------------------------------------------

    @cached_property
    def luma_image(self) -> Image.Image:
        """Luma of the work image as a Pillow image: Pillow's C code is the fastest way there."""
        return Image.fromarray(self.rgb).convert("L")

    @cached_property
    def luma_levels(self) -> UInt8Array:
        """(h, w) uint8, luma of the work image."""
        return np.asarray(self.luma_image)

    @cached_property
    def luma(self) -> FloatArray:
        """(h, w) float32, luma of the work image, 0–255."""
        return self.luma_levels.astype(np.float32)

    @cached_property
    def luma_mean(self) -> float:
        """Mean luma of the work image, 0–255."""
        return float(np.dot(np.arange(256), self.luma_histogram)) / self.luma_levels.size

    @cached_property
    def luma_deviation(self) -> float:
        """Standard deviation of the luma of the work image, in grey levels."""
        levels = np.arange(256) - self.luma_mean
        variance = np.dot(levels * levels, self.luma_histogram) / self.luma_levels.size
        return math.sqrt(variance)

    @cached_property
    def luma_histogram(self) -> npt.NDArray[np.int64]:
        """(256,) int64, pixels of the work image at each grey level."""
        return np.array(self.luma_image.histogram(), dtype=np.int64)

    @cached_property
    def planes(self) -> UInt8Array:
        """(3, h, w) uint8, the channels of the work image, each contiguous."""
        return np.ascontiguousarray(self.rgb.transpose(2, 0, 1))

    @cached_property
    def highest_channel(self) -> UInt8Array:
        """(h, w) uint8, the largest of R, G, B: the value V of HSV."""
        red, green, blue = self.planes
        highest: UInt8Array = np.maximum(np.maximum(red, green), blue)
        return highest

    @cached_property
    def chroma(self) -> UInt8Array:
        """(h, w) uint8, largest minus smallest of R, G, B; 0 for a neutral grey."""
        red, green, blue = self.planes
        lowest: UInt8Array = np.minimum(np.minimum(red, green), blue)
        return self.highest_channel - lowest

    @cached_property
    def gradient(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """|d/dx|, |d/dy| and their Euclidean length, each (h-2, w-2) float32.

        Central differences of the work image's luma, in grey levels a pixel. Empty where the
        image is less than three pixels wide or high.
        """
        luma = self.luma
        horizontal = np.abs(luma[1:-1, 2:] - luma[1:-1, :-2]) * np.float32(0.5)
        vertical = np.abs(luma[2:, 1:-1] - luma[:-2, 1:-1]) * np.float32(0.5)
        return horizontal, vertical, np.sqrt(horizontal * horizontal + vertical * vertical)

    # --- native pixels from the middle -------------------------------------------------

    @cached_property
    def crop_luma(self) -> Int16Array:
        """(h, w) int16, luma of the crop; signed, so that differences can be taken."""
        return np.asarray(Image.fromarray(self.crop).convert("L")).astype(np.int16)

    @cached_property
    def crop_curvature(self) -> tuple[Int16Array, Int16Array]:
        """Second differences of the crop's luma along x, (h, w-2), and along y, (h-2, w)."""
        luma = self.crop_luma
        along_x = luma[:, :-2] - 2 * luma[:, 1:-1] + luma[:, 2:]
        along_y = luma[:-2] - 2 * luma[1:-1] + luma[2:]
        return along_x, along_y

    @cached_property
    def crop_steps(self) -> tuple[FloatArray, FloatArray]:
        """Mean absolute step between neighbouring columns, (w-1,), and rows, (h-1,), float32.

        Entry i lies between column (row) i and i + 1 of the crop, in grey levels.
        """
        luma = self.crop_luma
        columns = np.abs(luma[:, 1:] - luma[:, :-1]).mean(axis=0, dtype=np.float32)
        rows = np.abs(luma[1:] - luma[:-1]).mean(axis=1, dtype=np.float32)
        return columns, rows


def block_sums(values: FloatArray, side_px: int) -> FloatArray:
    """Sums over whole square blocks, (h // side_px, w // side_px); what is left over is dropped."""
    rows, columns = values.shape[0] // side_px, values.shape[1] // side_px
    trimmed = values[: rows * side_px, : columns * side_px]
    bands = trimmed.reshape(rows, side_px, columns * side_px).sum(axis=1)
    return np.asarray(bands.reshape(rows, columns, side_px).sum(axis=2), dtype=np.float32)
