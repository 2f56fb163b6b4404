"""Small drawings with smooth edges, put into a picture at a fraction of a pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from engine.bench.scenes.light import Light
from engine.bench.scenes.noise import Colours

_FINER = 3  # drawn so many times larger, then shrunk: no jagged edges
_LARGEST_PX = 1600  # of the enlarged drawing; larger ones are enlarged less

Point = tuple[float, float]
Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Easel:
    """What every figure is drawn with: the picture it goes into, in place, and its light."""

    picture: Colours
    light: Light
    late: float  # the scene's lateness: lamps are lit in the evening
    rng: np.random.Generator

    @property
    def sun_side(self) -> float:
        """1 where the sun is to the right, else -1."""
        return 1.0 if self.light.sun_across > 0 else -1.0

    def pick(self, colours: Sequence[Colour]) -> Colour:
        return colours[int(self.rng.integers(len(colours)))]


@dataclass(frozen=True)
class Spot:
    """Where a figure stands: its foot in the picture, its scale and its distance."""

    foot: Point  # column and row, pixels
    unit_px: float  # pixels a metre
    distance: float  # metres, for the air before it


class Drawing:
    """A figure drawn in metres, y upwards, its foot at 0, 0.

    extent: left, right, bottom and top of what will be drawn, metres.
    """

    def __init__(self, spot: Spot, extent: tuple[float, float, float, float]) -> None:
        foot, unit_px = spot.foot, spot.unit_px
        left, right, bottom, top = extent
        self._column = int(np.floor(foot[0] + left * unit_px)) - 1
        self._row = int(np.floor(foot[1] - top * unit_px)) - 1
        width = int(np.ceil((right - left) * unit_px)) + 3
        height = int(np.ceil((top - bottom) * unit_px)) + 3
        self._finer = max(1, min(_FINER, _LARGEST_PX // max(width, height)))
        self._unit = unit_px * self._finer
        self._x = (foot[0] - self._column) * self._finer
        self._y = (foot[1] - self._row) * self._finer
        # four plain channels: red, green and blue times coverage, then coverage; in Pillow's
        # own RGBA every shrinking would multiply and divide by the coverage
        self._image = Image.new("CMYK", (width * self._finer, height * self._finer))
        self._draw = ImageDraw.Draw(self._image)

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        self._draw.polygon([self._place(p) for p in points], fill=_ink(colour))

    def ellipse(self, centre: Point, radius: Point, colour: Colour) -> None:
        x, y = self._place(centre)
        rx, ry = radius[0] * self._unit, radius[1] * self._unit
        self._draw.ellipse((x - rx, y - ry, x + rx, y + ry), fill=_ink(colour))

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """width in metres; never thinner than about a third of a pixel."""
        thick = max(1, round(width * self._unit), round(self._finer * 0.35))
        self._draw.line([self._place(p) for p in points], fill=_ink(colour), width=thick)

    def stamp(self, picture: Colours, strength: float = 1.0) -> None:
        """Puts the drawing into the picture, in place. strength: 1 opaque."""
        self._put(picture, self._shrunk(), self._row, strength)

    def stamp_mirrored(
        self,
        picture: Colours,
        water: npt.NDArray[np.bool_],
        *,
        squash: float,
        strength: float,
    ) -> None:
        """Puts it in upside down below its foot, its height times squash, on water only."""
        image = self._image.crop((0, 0, self._image.width, round(self._y)))
        height = max(1, round(image.height / self._finer * squash))
        image = image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        image = image.resize((image.width // self._finer, height), Image.Resampling.BOX)
        shrunk = np.asarray(image, dtype=np.float32) / np.float32(255)
        shrunk *= np.linspace(1.0, 0.25, height, dtype=np.float32)[:, None, None]
        for line in range(height):  # waves pull the mirrored lines apart
            shift = round(np.sin(line * 1.9 + self._column) * (0.5 + line * 0.05))
            shrunk[line] = np.roll(shrunk[line], shift, axis=0)
        row = self._row + round(self._y / self._finer)
        self._put(picture, shrunk, row, strength, water)

    def _shrunk(self) -> Colours:
        """(h, w, 4) float32 at the picture's size: colour times coverage, and coverage."""
        image = self._image.reduce(self._finer) if self._finer > 1 else self._image
        return np.asarray(image, dtype=np.float32) / np.float32(255)

    def _place(self, point: Point) -> Point:
        return self._x + point[0] * self._unit, self._y - point[1] * self._unit

    def _put(
        self,
        picture: Colours,
        drawing: Colours,
        row: int,
        strength: float,
        where: npt.NDArray[np.bool_] | None = None,
    ) -> None:
        h, w = picture.shape[1:]
        top, left = max(row, 0), max(self._column, 0)
        bottom = min(row + drawing.shape[0], h)
        right = min(self._column + drawing.shape[1], w)
        if top >= bottom or left >= right:
            return
        part = drawing[top - row : bottom - row, left - self._column : right - self._column]
        if strength < 1:
            part = part * np.float32(strength)
        if where is not None:
            part = part * where[top:bottom, left:right, None]
        region = picture[:, top:bottom, left:right]
        region *= 1 - part[..., 3]
        region += np.moveaxis(part[..., :3], 2, 0)


def _ink(colour: Colour) -> tuple[int, int, int, int]:
    red, green, blue = (int(min(max(c, 0.0), 1.0) * 255 + 0.5) for c in colour)
    return red, green, blue, 255
