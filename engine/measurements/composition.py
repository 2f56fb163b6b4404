"""Composition: where in the image light and detail lie, and along which directions.

Judged on the whole image at work size. Knows nothing of what is shown there.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PIL import Image

from engine.measurement import Measurement, Number, Value
from engine.measurements.view import FloatArray, View

VERSION = 1

SYMMETRY_CELLS = 32  # cells a side on which the two halves are compared
EDGE_STEP = 16.0  # grey levels a pixel from which a pixel lies on an edge
FLAT_STEP = 2.0  # grey levels a pixel below which a pixel lies in a smooth area
FLAT_DEVIATION = 2.0  # grey levels; an evener picture has no structure to place
AXIS_SLOPE = math.tan(math.radians(15))  # an edge this close to an axis counts as along it
SMALLEST_PX = 8  # shorter sides hold too few pixels to say where something lies

#: what is read off the gradient
GRADIENT_NAMES = (
    "edge_density",
    "smooth_share",
    "detail_in_middle",
    "detail_across",
    "detail_down",
    "horizontal_lines",
    "vertical_lines",
)

MEASUREMENTS: tuple[Measurement, ...] = (
    Number(
        name="symmetry_left_right",
        title="left–right symmetry",
        unit="correlation, −1 to 1",
        high="images whose left and right halves mirror each other",
        low="images whose left and right halves differ",
        source="Pearson correlation of the luma with its mirror image, on 32 × 32 cells.",
    ),
    Number(
        name="symmetry_top_bottom",
        title="top–bottom symmetry",
        unit="correlation, −1 to 1",
        high="images whose upper and lower halves mirror each other, as in reflections",
        low="images whose upper and lower halves differ",
        source="Pearson correlation of the luma with its upside-down image, on 32 × 32 cells.",
    ),
    Number(
        name="brighter_top",
        title="brightness of the top over the bottom",
        unit="grey levels",
        high="images that are brighter at the top",
        low="images that are brighter at the bottom",
        source="Mean luma of the upper third minus that of the lower third.",
    ),
    Number(
        name="brighter_middle",
        title="brightness of the middle over the corners",
        unit="grey levels",
        high="images that are brighter in the middle than in the corners",
        low="images that are darker in the middle than in the corners",
        source="Mean luma of the middle, half as wide and high as the image, minus that of the "
        "four corners, each a quarter as wide and high.",
    ),
    Number(
        name="edge_density",
        title="share of edges",
        unit="share of pixels",
        high="busier images with more edges",
        low="calmer images with fewer edges",
        source=f"Share of pixels where the luma changes by at least {EDGE_STEP:g} levels a pixel.",
    ),
    Number(
        name="smooth_share",
        title="share of smooth areas",
        unit="share of pixels",
        high="images with larger smooth areas",
        low="images with smaller smooth areas",
        source=f"Share of pixels where the luma changes by less than {FLAT_STEP:g} levels a pixel.",
    ),
    Number(
        name="complexity",
        title="complexity",
        unit="bits per pixel",
        high="more complex, cluttered images",
        low="simpler, plainer images",
        source="Shannon entropy of the steps between neighbouring pixels' luma, mean of the "
        "horizontal and the vertical steps, on every other row.",
    ),
    Number(
        name="detail_in_middle",
        title="detail in the middle",
        unit="share of edge strength",
        high="images with their detail in the middle",
        low="images with their detail towards the edges",
        source="Share of the luma's gradient in the middle, half as wide and high as the image; "
        "0.25 when detail is spread evenly.",
    ),
    Number(
        name="detail_across",
        title="detail from left to right",
        unit="share of the width",
        high="images with their detail further to the right",
        low="images with their detail further to the left",
        source="Centroid of the luma's gradient, 0 at the left edge and 1 at the right.",
    ),
    Number(
        name="detail_down",
        title="detail from top to bottom",
        unit="share of the height",
        high="images with their detail lower down",
        low="images with their detail higher up",
        source="Centroid of the luma's gradient, 0 at the top edge and 1 at the bottom.",
    ),
    Number(
        name="horizontal_lines",
        title="horizontal lines",
        unit="share of edge strength",
        high="images with more horizontal lines, such as horizons",
        low="images with fewer horizontal lines",
        source="Share of the luma's gradient on edges within 15° of horizontal; 0.17 when all "
        "directions are alike.",
    ),
    Number(
        name="vertical_lines",
        title="vertical lines",
        unit="share of edge strength",
        high="images with more vertical lines, such as walls or trunks",
        low="images with fewer vertical lines",
        source="Share of the luma's gradient on edges within 15° of vertical; 0.17 when all "
        "directions are alike.",
    ),
)


def _symmetries(view: View) -> tuple[float | None, float | None]:
    side = SYMMETRY_CELLS
    small = view.luma_image.convert("F").resize((side, side), Image.Resampling.BOX)
    cells = np.asarray(small, dtype=np.float64)
    cells = cells - cells.mean()
    energy = float((cells * cells).sum())
    if energy < cells.size * FLAT_DEVIATION**2:
        return None, None
    left_right = float((cells * cells[:, ::-1]).sum()) / energy
    return left_right, float((cells * cells[::-1]).sum()) / energy


def _brightness_places(view: View) -> tuple[float | None, float | None]:
    luma = view.luma
    height, width = luma.shape
    if min(height, width) < SMALLEST_PX:
        return None, None
    third, rows, columns = height // 3, height // 4, width // 4
    top_bottom = float(luma[:third].mean() - luma[-third:].mean())
    middle = luma[rows : height - rows, columns : width - columns].mean()
    outer = np.concatenate((luma[:rows], luma[-rows:]))
    corners = (outer[:, :columns].mean() + outer[:, -columns:].mean()) / 2
    return top_bottom, float(middle - corners)


def _entropy(counts: npt.NDArray[np.int64]) -> float:
    shares = counts[counts > 0] / counts.sum()
    return abs(float(np.dot(shares, np.log2(shares))))


def _complexity(view: View) -> float | None:
    levels = view.luma_levels.astype(np.int16)
    if min(levels.shape) < 2:
        return None
    # Every other row says as much about the steps as all of them, in half the time.
    upper, lower = levels[:-1:2], levels[1::2]
    across = np.bincount((upper[:, 1:] - upper[:, :-1] + 255).ravel())
    down = np.bincount((lower - upper + 255).ravel())
    return (_entropy(across) + _entropy(down)) / 2


def _in_middle(length: int) -> FloatArray:
    """How much of each of so many pixels lies in the middle half of them, 0 to 1."""
    start = np.arange(length)
    overlap = np.minimum(start + 1, 0.75 * length) - np.maximum(start, 0.25 * length)
    share: npt.NDArray[np.float64] = np.clip(overlap, 0, 1)
    return share.astype(np.float32)


def _detail(strength: FloatArray, total: float) -> dict[str, Value]:
    """Where the gradient lies. strength: (h, w) float32, grey levels a pixel; total: its sum."""
    height, width = strength.shape
    by_row = strength.sum(axis=1, dtype=np.float64)
    by_column = strength.sum(axis=0, dtype=np.float64)
    middle = float(_in_middle(height) @ strength @ _in_middle(width))
    return {
        "detail_in_middle": min(1.0, middle / total),
        "detail_across": float(by_column @ (np.arange(width) + 0.5)) / total / width,
        "detail_down": float(by_row @ (np.arange(height) + 0.5)) / total / height,
    }


def _structure(view: View) -> dict[str, Value]:
    values: dict[str, Value] = dict.fromkeys(GRADIENT_NAMES)
    if min(view.luma.shape) < SMALLEST_PX:
        return values
    across, down, strength = view.gradient
    values["edge_density"] = int(np.count_nonzero(strength >= EDGE_STEP)) / strength.size
    values["smooth_share"] = int(np.count_nonzero(strength < FLAT_STEP)) / strength.size
    total = float(strength.sum(dtype=np.float64))
    if view.luma_deviation < FLAT_DEVIATION or total == 0:
        return values
    slope = np.float32(AXIS_SLOPE)
    horizontal = float(np.vdot(strength, (across < slope * down).astype(np.float32)))
    vertical = float(np.vdot(strength, (down < slope * across).astype(np.float32)))
    lines: dict[str, Value] = {
        "horizontal_lines": min(1.0, horizontal / total),
        "vertical_lines": min(1.0, vertical / total),
    }
    return values | lines | _detail(strength, total)


def measure(view: View) -> dict[str, Value]:
    """Reads the luma of the work image and its gradient."""
    left_right, top_bottom = _symmetries(view)
    brighter_top, brighter_middle = _brightness_places(view)
    return {
        "symmetry_left_right": left_right,
        "symmetry_top_bottom": top_bottom,
        "brighter_top": brighter_top,
        "brighter_middle": brighter_middle,
        "complexity": _complexity(view),
        **_structure(view),
    }
