"""Frame: borders, bars and backgrounds. What surrounds the subject, judged by its edge alone.

A border is told from an overexposed sky or an empty studio ground by its straight inner edge on
two opposite sides. A rectangular object that fills its plain ground cannot be told from a
bordered picture by this rule. Knows nothing of what is shown inside.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.measurement import Measurement, Number, Value, YesNo
from engine.measurements.view import UInt8Array, View

VERSION = 1

LINE_SHARE = 0.95  # of a line's pixels must be alike for it to belong to a border
INNER_SHARE = 0.5  # of the first lines inside may still be alike: a straight edge lets go at once
INSIDE_SHARE = 0.6  # of the inner picture may be alike: white paper round a text is no border
INSIDE_PX = 8  # smallest side of what a border can go round
EDGE_REACH_PX = 4  # lines within which the border's edge must let go: one blended, some ringing
SMALLEST_PX = 16  # shorter sides hold too little to tell an edge from the inside
WHITE = 235  # a colour whose channels are all at least this is white …
BLACK = 24  # … and one whose channels are all at most this is black
RING_SHARE = 0.9  # of the outer ring must be alike for a plain background
RING_DEPTH = 0.04  # of the shorter side
TRANSPARENT_SHARE = 0.01
DARK_BAR = 48  # luma below which a bar above or below counts as letterboxing
ROUND_AGREEMENT = 0.95  # of the pixels on which a disc and the lit field must agree
ROUND_SIZE = 0.7  # of the image's shorter side: a smaller disc is an object, such as the moon
ROUND_CORNER = 0.06  # of the field's side: corners of this size must be dark


@dataclass(frozen=True)
class Tolerance:
    """What counts as one even colour."""

    levels: int  # in the channel that differs most
    drift: float  # levels by which the middle line may lie off the first; a gradient drifts further
    width_px: int  # narrowest border of the work image that can be told from a gradient


#: JPEG rings by about as much beside an edge
LOOSE = Tolerance(levels=24, drift=8.0, width_px=2)
#: tells a white border from a nearly white sky beside it
STRICT = Tolerance(levels=6, drift=1.5, width_px=3)

MEASUREMENTS: tuple[Measurement, ...] = (
    Number(
        name="border_share",
        title="share taken by straight borders",
        unit="share of the area",
        high="images with wider straight borders",
        low="images with narrower straight borders or none",
        source="Area of one-coloured borders with a straight inner edge on two opposite sides.",
    ),
    YesNo(
        name="border",
        title="straight border",
        yes="images with straight borders of one colour",
        no="images without straight borders",
        source="Yes when two opposite sides, or all four, begin with lines of one colour "
        f"(95 % within {LOOSE.levels} levels) that end at a straight edge.",
    ),
    YesNo(
        name="white_border",
        title="white border",
        yes="images with straight white borders",
        no="images without straight white borders",
        source=f"A straight border whose channels are all at least {WHITE}.",
    ),
    YesNo(
        name="black_border",
        title="black border",
        yes="images with straight black borders",
        no="images without straight black borders",
        source=f"A straight border whose channels are all at most {BLACK}.",
    ),
    YesNo(
        name="letterbox",
        title="letterboxing",
        yes="images with dark bars above and below",
        no="images without dark bars above and below",
        source=f"A straight border at top and bottom only, darker than a luma of {DARK_BAR}.",
    ),
    YesNo(
        name="pillarbox",
        title="pillarboxing",
        yes="images with dark bars at the left and right",
        no="images without dark bars at the left and right",
        source=f"A straight border at left and right only, darker than a luma of {DARK_BAR}.",
    ),
    YesNo(
        name="plain_background",
        title="plain background",
        yes="images on a plain background of one colour",
        no="images with a varied background",
        source="Yes when 90 % of the outer ring (inside any border) lie within "
        f"{LOOSE.levels} levels of its median colour.",
    ),
    YesNo(
        name="white_background",
        title="white background",
        yes="images on a plain white background",
        no="images not on a plain white background",
        source=f"A plain background whose channels are all at least {WHITE}.",
    ),
    YesNo(
        name="black_background",
        title="black background",
        yes="images on a plain black background",
        no="images not on a plain black background",
        source=f"A plain background whose channels are all at most {BLACK}.",
    ),
    YesNo(
        name="round_field",
        title="round field of view",
        yes="images with a round field of view, as through a microscope or an endoscope",
        no="images that fill their rectangle",
        source=f"Yes when the pixels lighter than a luma of {BLACK} agree to 95 % with a disc, at "
        "least 70 % as wide as the image, and leave the corners dark.",
    ),
    YesNo(
        name="transparent",
        title="transparency",
        yes="images with transparent parts",
        no="images without transparent parts",
        source="Yes when at least 1 % of the pixels have an alpha below one half.",
    ),
)

_Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Border:
    """Widths of the straight sides in pixels of the work image (0: no border there)."""

    top: int
    bottom: int
    left: int
    right: int
    colour: tuple[int, int, int]  # R, G, B

    @property
    def sides(self) -> int:
        """How many sides have a border, 2 or 4."""
        return sum(width > 0 for width in (self.top, self.bottom, self.left, self.right))


def _alike(pixels: UInt8Array, colour: npt.NDArray[np.int16], levels: int = LOOSE.levels) -> _Mask:
    """Which of (…, 3) pixels lie within so many levels of a colour in every channel."""
    low = np.clip(colour - levels, 0, 255).astype(np.uint8)
    high = np.clip(colour + levels, 0, 255).astype(np.uint8)
    within = (pixels >= low) & (pixels <= high)
    return np.asarray(within[..., 0] & within[..., 1] & within[..., 2])


def _median_colour(pixels: UInt8Array) -> npt.NDArray[np.int16]:
    """The (upper) median of each channel of (n, 3) pixels."""
    middle = pixels.shape[0] // 2
    colour: UInt8Array = np.partition(pixels, middle, axis=0)[middle]
    return colour.astype(np.int16)


def _line_colour(line: UInt8Array) -> npt.NDArray[np.int16] | None:
    """The colour of an (n, 3) line if it has one."""
    colour = _median_colour(line)
    return colour if _alike(line, colour).mean() >= LINE_SHARE else None


def _leading(shares: npt.NDArray[np.float64]) -> int:
    """How many of the first entries are lines of the border."""
    below = np.flatnonzero(shares < LINE_SHARE)
    return int(below[0]) if below.size else shares.size


def _ends_straight(
    image: UInt8Array,
    mask: _Mask,
    width: int,
    colour: npt.NDArray[np.int16],
    tolerance: Tolerance,
) -> bool:
    """Whether the top border of `width` lines is even and lets go at one straight edge.

    image and mask: without the borders at left and right, the border in question on top.
    """
    inside = mask[width : width + EDGE_REACH_PX]
    if width < tolerance.width_px or inside.shape[0] < EDGE_REACH_PX:
        return False
    if inside.mean(axis=1).min() > INNER_SHARE:
        return False
    drift = np.abs(image[:width].mean(axis=1) - colour).max(axis=1)
    return bool(np.median(drift) <= tolerance.drift)


def _of_colour(
    image: UInt8Array, colour: npt.NDArray[np.int16], tolerance: Tolerance
) -> Border | None:
    """The border of this colour, if at least two opposite sides end straight."""
    mask = _alike(image, colour, tolerance.levels)
    rows = mask.mean(axis=1)
    top, bottom = _leading(rows), _leading(rows[::-1])
    if top + bottom >= rows.size:
        return None  # the whole image is of this colour
    columns = mask[top : rows.size - bottom].mean(axis=0)
    left, right = _leading(columns), _leading(columns[::-1])
    if min(rows.size - top - bottom, columns.size - left - right) < INSIDE_PX:
        return None
    inner = np.s_[top : rows.size - bottom, left : columns.size - right]
    if mask[inner].mean() > INSIDE_SHARE:
        return None
    upright = np.s_[:, left : columns.size - right]
    lying = np.s_[top : rows.size - bottom, :]
    turned, turned_mask = image[lying].transpose(1, 0, 2), mask[lying].T
    sides = [
        width if _ends_straight(pixels, alike, width, colour, tolerance) else 0
        for pixels, alike, width in (
            (image[upright], mask[upright], top),
            (image[upright][::-1], mask[upright][::-1], bottom),
            (turned, turned_mask, left),
            (turned[::-1], turned_mask[::-1], right),
        )
    ]
    if not (sides[0] and sides[1]):
        sides[0] = sides[1] = 0
    if not (sides[2] and sides[3]):
        sides[2] = sides[3] = 0
    if not any(sides):
        return None
    red, green, blue = (int(level) for level in colour)
    return Border(sides[0], sides[1], sides[2], sides[3], colour=(red, green, blue))


def straight_border(image: UInt8Array) -> Border | None:
    """The one-coloured border of an (h, w, 3) image, or None.

    The colour is that of the outermost lines of two opposite sides, which must agree. What is
    alike is judged strictly and loosely, and the answer with more sides stands: strictly, a
    border ends where an overexposed sky begins; loosely, it may ring from compression.
    """
    if min(image.shape[:2]) < SMALLEST_PX:
        return None
    for first, last in ((image[0], image[-1]), (image[:, 0], image[:, -1])):
        colour, other = _line_colour(first), _line_colour(last)
        if colour is None or other is None or np.abs(colour - other).max() > LOOSE.levels:
            continue
        found = [_of_colour(image, colour, tolerance) for tolerance in (LOOSE, STRICT)]
        borders = [border for border in found if border is not None]
        if borders:
            return max(borders, key=lambda border: border.sides)
    return None


def _within(image: UInt8Array, border: Border | None) -> UInt8Array:
    """The image without its border and without the line that blends into it."""
    if border is None:
        return image
    height, width = image.shape[:2]
    top, bottom, left, right = (
        side + 1 if side else 0 for side in (border.top, border.bottom, border.left, border.right)
    )
    return image[top : height - bottom, left : width - right]


def _background(image: UInt8Array) -> npt.NDArray[np.int16] | None:
    """The colour of the outer ring if it has one, else None."""
    depth = round(RING_DEPTH * min(image.shape[:2]))
    rings = (image, image[depth:-depth, depth:-depth]) if depth else (image,)
    lines = [line for ring in rings for line in (ring[0], ring[-1], ring[:, 0], ring[:, -1])]
    pixels = np.concatenate(lines)
    colour = _median_colour(pixels)
    return colour if _alike(pixels, colour).mean() >= RING_SHARE else None


def _round_field(view: View) -> bool:
    luma = view.luma_levels
    corners = (luma[0, 0], luma[0, -1], luma[-1, 0], luma[-1, -1])
    if max(corners) > BLACK:
        return False
    lit = luma > BLACK
    rows, columns = np.flatnonzero(lit.mean(axis=1) > 0.02), np.flatnonzero(lit.mean(axis=0) > 0.02)
    if max(rows.size, columns.size) < ROUND_SIZE * min(luma.shape):
        return False
    if min(rows.size, columns.size) < SMALLEST_PX:
        return False
    field = lit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    # Dark places inside the field belong to it: each row is lit from its first to its last pixel.
    from_left = np.logical_or.accumulate(field, axis=1)
    from_right = np.logical_or.accumulate(field[:, ::-1], axis=1)[:, ::-1]
    field = from_left & from_right
    height, width = field.shape
    down, across = np.ogrid[:height, :width]
    radius = max(height, width) / 2
    disc = np.hypot(down - (height - 1) / 2, across - (width - 1) / 2) <= radius
    corner = max(1, round(ROUND_CORNER * max(height, width)))
    ends = field[[*range(corner), *range(-corner, 0)]]
    dark_corners = not ends[:, [*range(corner), *range(-corner, 0)]].any()
    return bool(dark_corners and (disc == field).mean() >= ROUND_AGREEMENT)


def _border_values(border: Border | None, width: int, height: int) -> dict[str, Value]:
    if border is None:
        names = ("border", "white_border", "black_border", "letterbox", "pillarbox")
        return {"border_share": 0.0, **dict.fromkeys(names, False)}
    red, green, blue = border.colour
    dark = 0.299 * red + 0.587 * green + 0.114 * blue < DARK_BAR
    inner_width = width - border.left - border.right
    inner_height = height - border.top - border.bottom
    return {
        "border_share": 1 - inner_width * inner_height / (width * height),
        "border": True,
        "white_border": min(border.colour) >= WHITE,
        "black_border": max(border.colour) <= BLACK,
        "letterbox": dark and border.left == 0,
        "pillarbox": dark and border.top == 0,
    }


def measure(view: View) -> dict[str, Value]:
    """Reads the work image; unknown where that is too small to have an edge and an inside."""
    transparent = view.facts.transparent_share >= TRANSPARENT_SHARE
    image = view.rgb
    height, width = image.shape[:2]
    if min(height, width) < SMALLEST_PX:
        values: dict[str, Value] = dict.fromkeys(item.name for item in MEASUREMENTS)
        return values | {"transparent": transparent}
    border = straight_border(image)
    ground = _background(_within(image, border))
    return {
        **_border_values(border, width, height),
        "plain_background": ground is not None,
        "white_background": ground is not None and bool(ground.min() >= WHITE),
        "black_background": ground is not None and bool(ground.max() <= BLACK),
        "round_field": _round_field(view),
        "transparent": transparent,
    }
