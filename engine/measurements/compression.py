"""Compression and storage: how the file was written. Says nothing of what the image shows."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from engine.measurement import Category, Measurement, Number, Value, YesNo
from engine.measurements.view import View

VERSION = 1

GRID_PX = 8  # side of JPEG's blocks
STEP_MIN = 0.25  # mean grey levels between neighbours below which there is nothing to compare

#: JPEG's example luminance table (ITU-T T.81, table K.1), row by row
EXAMPLE_TABLE = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)

#: Pillow's mode -> how it is said
MODES = {
    "1": "black and white of 1 bit",
    "L": "greyscale",
    "LA": "greyscale with transparency",
    "P": "a palette of colours",
    "PA": "a palette of colours with transparency",
    "RGB": "RGB colour",
    "RGBA": "RGB colour with transparency",
    "RGBX": "RGB colour",
    "CMYK": "CMYK colour",
    "YCbCr": "YCbCr colour",
    "LAB": "CIELAB colour",
    "HSV": "HSV colour",
    "I": "greyscale of 32 bits",
    "F": "greyscale of floating-point numbers",
    "I;16": "greyscale of 16 bits",
    "I;16B": "greyscale of 16 bits",
    "I;16L": "greyscale of 16 bits",
    "I;16N": "greyscale of 16 bits",
}

MEASUREMENTS: tuple[Measurement, ...] = (
    Category(
        name="file_format",
        title="file format",
        phrase="images saved as {value}",
        opposite="images not saved as {value}",
        source="The format found in the file's content, whatever its name ends with.",
        technical=True,
    ),
    Number(
        name="file_size",
        title="file size",
        unit="kB",
        high="images in larger files",
        low="images in smaller files",
        source="Size of the file in units of 1,000 bytes.",
        technical=True,
    ),
    Number(
        name="bits_per_pixel",
        title="bits per pixel",
        unit="bits per pixel",
        high="less strongly compressed images",
        low="more strongly compressed images",
        source="Size of the file in bits over width times height times the number of frames.",
        technical=True,
    ),
    Number(
        name="jpeg_quality",
        title="JPEG quality",
        unit="1–100",
        high="JPEGs saved at higher quality",
        low="JPEGs saved at lower quality",
        source="Quality setting of the Independent JPEG Group's encoder whose luminance table is "
        "nearest to the file's; unknown for other formats.",
        technical=True,
    ),
    YesNo(
        name="standard_jpeg_table",
        title="standard JPEG table",
        yes="JPEGs written with the standard table of common software",
        no="JPEGs written with a table of their maker's own, as in many cameras",
        source="Whether the file's luminance table is exactly that of the Independent JPEG "
        "Group's encoder at some quality; unknown for other formats.",
        technical=True,
    ),
    YesNo(
        name="progressive",
        title="progressive JPEG",
        yes="JPEGs stored progressively, as for the web",
        no="JPEGs stored line by line",
        source="Whether the JPEG was written in several passes; unknown for other formats.",
        technical=True,
    ),
    Number(
        name="blockiness",
        title="visible compression blocks",
        unit="ratio",
        high="images with stronger traces of JPEG blocks",
        low="images with weaker traces of JPEG blocks",
        source="Mean step between neighbouring pixels across the lines of the 8-pixel grid over "
        "that elsewhere, in the middle at native size; 1 without blocks.",
        technical=True,
    ),
    Number(
        name="channel_bits",
        title="bits per channel",
        unit="bits",
        high="images stored with more bits per channel",
        low="images stored with fewer bits per channel",
        source="Bits of each colour channel as stored.",
        technical=True,
    ),
    Category(
        name="colour_mode",
        title="stored colour mode",
        phrase="images stored as {value}",
        opposite="images not stored as {value}",
        source="The kind of pixels in the file, before it is decoded to RGB.",
        technical=True,
    ),
    YesNo(
        name="several_frames",
        title="several frames or pages",
        yes="files with several frames or pages",
        no="files with a single frame",
        source="Whether the file holds more than one frame or page; only the first is compared.",
        technical=True,
    ),
)


@cache
def _quality_tables() -> npt.NDArray[np.int64]:
    """(100, 64) sorted luminance tables at quality 1 to 100, by the encoder's own rule."""
    base = np.sort(np.array(EXAMPLE_TABLE, dtype=np.int64).ravel())
    quality = np.arange(1, 101)[:, None]
    percent = np.where(quality < 50, 5000 // quality, 200 - 2 * quality)
    return np.clip((base * percent + 50) // 100, 1, 255)


def jpeg_quality(table: tuple[int, ...]) -> tuple[float, bool]:
    """Nearest quality, 1–100, to a luminance table of 64 steps, and whether it fits exactly.

    Tables are compared in sorted order, so that zigzag and row order give the same answer.
    Where several qualities share one table, their middle is given.
    """
    steps = np.sort(np.array(table, dtype=np.int64))
    distance = np.abs(_quality_tables() - steps).sum(axis=1)
    nearest = np.flatnonzero(distance == distance.min()) + 1
    return float(np.median(nearest)), bool(distance.min() == 0)


def _blockiness(view: View) -> float | None:
    if min(view.crop_luma.shape) < 3 * GRID_PX:
        return None
    across, elsewhere = 0.0, 0.0
    for steps in view.crop_steps:
        on_grid = steps[GRID_PX - 1 :: GRID_PX]
        across += float(on_grid.mean())
        elsewhere += float((steps.sum() - on_grid.sum()) / (steps.size - on_grid.size))
    return across / elsewhere if elsewhere >= STEP_MIN else None


def measure(view: View) -> dict[str, Value]:
    """Reads what the file says of itself; blockiness alone reads pixels."""
    facts = view.facts
    quality, standard = None, None
    if facts.jpeg_tables and len(facts.jpeg_tables[0]) == GRID_PX**2:
        quality, standard = jpeg_quality(facts.jpeg_tables[0])
    pixels = facts.width_px * facts.height_px * max(1, facts.frames)
    return {
        "file_format": facts.format or None,
        "file_size": facts.size_bytes / 1000,
        "bits_per_pixel": 8 * facts.size_bytes / pixels,
        "jpeg_quality": quality,
        "standard_jpeg_table": standard,
        "progressive": facts.progressive if facts.format == "JPEG" else None,
        "blockiness": _blockiness(view),
        "channel_bits": float(facts.bits),
        "colour_mode": MODES.get(facts.mode, facts.mode) or None,
        "several_frames": facts.frames > 1,
    }
