"""Geometry: the size and shape of the pixel rectangle. Looks at no colour."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.measurement import Category, Measurement, Number, Value, YesNo
from engine.measurements.view import View

VERSION = 1

SQUARE = 1.02  # longer over shorter side, up to which an image counts as square
SHAPE_TOLERANCE = 0.01  # relative; cropping to whole blocks changes a ratio by less
SHAPES = (("1:1", 1), ("5:4", 5 / 4), ("4:3", 4 / 3), ("3:2", 3 / 2), ("16:9", 16 / 9))
OTHER_SHAPE = "unusual"
SMALL_PX = 64
BLOCK_SIDES = range(2, 17)  # pixels a side of a pixel block that are looked for
BLOCK_SHARE = 0.98  # of all steps must lie on the grid of the pixel blocks
BLOCK_LINES = 8  # grid lines with a step, a direction, from which there is a grid at all

MEASUREMENTS: tuple[Measurement, ...] = (
    Category(
        name="orientation",
        title="orientation",
        phrase="images in {value} format",
        opposite="images not in {value} format",
        source="Landscape or portrait by the longer side; square when the sides differ by at most "
        "2 %.",
    ),
    Number(
        name="aspect_ratio",
        title="aspect ratio",
        unit="width over height",
        high="wider, more landscape-shaped images",
        low="taller, more portrait-shaped images",
        source="Width over height, as shown.",
    ),
    Category(
        name="proportions",
        title="proportions",
        phrase="images in {value} proportions",
        opposite="images not in {value} proportions",
        source="Longer over shorter side, within 1 % of 1:1, 5:4, 4:3, 3:2 or 16:9; "
        f"“{OTHER_SHAPE}” otherwise.",
        technical=True,
    ),
    Number(
        name="megapixels",
        title="number of pixels",
        unit="megapixels",
        high="images of higher resolution",
        low="images of lower resolution",
        source="Width times height over one million.",
        technical=True,
    ),
    Number(
        name="longer_side",
        title="longer side",
        unit="pixels",
        high="images with more pixels along the longer side",
        low="images with fewer pixels along the longer side",
        source="The larger of width and height.",
        technical=True,
    ),
    YesNo(
        name="very_small",
        title="very small image",
        yes=f"very small images of {SMALL_PX} pixels or fewer a side",
        no=f"images of more than {SMALL_PX} pixels a side",
        source=f"Yes when the longer side has at most {SMALL_PX} pixels.",
        technical=True,
    ),
    YesNo(
        name="sides_of_64",
        title="sides in steps of 64 pixels",
        yes="images whose width and height are multiples of 64 pixels",
        no="images whose width or height is no multiple of 64 pixels",
        source="Width and height are both multiples of 64, as image generators tend to make them.",
        technical=True,
    ),
    YesNo(
        name="pixel_blocks",
        title="visible pixel blocks",
        yes="images enlarged into visible pixel blocks, as in pixel art",
        no="images without enlarged pixel blocks",
        source="Yes when, in the middle at native size, 98 % of all steps between neighbouring "
        "pixels lie on a square grid of 2 to 16 pixels.",
        technical=True,
    ),
)


def _proportions(ratio: float) -> str:
    for name, shape in SHAPES:
        if abs(ratio / shape - 1) <= SHAPE_TOLERANCE:
            return name
    return OTHER_SHAPE


def _on_grid(steps: npt.NDArray[np.float32], side_px: int) -> bool:
    """Whether nearly all of the steps between pixel lines lie side_px apart."""
    lines = np.arange(steps.size) % side_px
    by_phase = np.bincount(lines, weights=steps, minlength=side_px)
    phase = int(by_phase.argmax())
    busy = int(np.count_nonzero(steps[phase::side_px]))
    return bool(by_phase[phase] >= BLOCK_SHARE * by_phase.sum()) and busy >= BLOCK_LINES


def _pixel_blocks(view: View) -> bool | None:
    if min(view.crop_luma.shape) < BLOCK_LINES * BLOCK_SIDES.start:
        return None
    columns, rows = view.crop_steps
    for steps in (columns, rows):
        calm = np.partition(steps, steps.size // 3)[steps.size // 3]
        if calm > 0.02 * steps.mean():  # a grid leaves at least every other step at nothing
            return False
    return any(_on_grid(columns, side) and _on_grid(rows, side) for side in BLOCK_SIDES)


def measure(view: View) -> dict[str, Value]:
    """Reads the size that the file gives; pixel blocks alone read the crop."""
    width, height = view.facts.width_px, view.facts.height_px
    longer, shorter = max(width, height), min(width, height)
    if longer <= SQUARE * shorter:
        orientation = "square"
    else:
        orientation = "landscape" if width > height else "portrait"
    return {
        "orientation": orientation,
        "aspect_ratio": width / height,
        "proportions": _proportions(longer / shorter),
        "megapixels": width * height / 1e6,
        "longer_side": float(longer),
        "very_small": longer <= SMALL_PX,
        "sides_of_64": width % 64 == 0 and height % 64 == 0,
        "pixel_blocks": _pixel_blocks(view),
    }
