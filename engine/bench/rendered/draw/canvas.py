"""What scenes are drawn on and with: a canvas some times larger than the picture, and pens."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image, ImageDraw

from engine.bench.rendered.draw.paint import RGB, Paint, darker, surface
from engine.bench.rendered.draw.shapes import Outline, Point
from engine.bench.rendered.world import Pattern

__all__ = ["Canvas", "Pen", "Spot"]

_INK_SHARE = 0.42  # of the colour that the outline of a body has
_FLAT_BELOW = 0.3  # units: smaller plain bodies need no shading
_NEAREST = Image.Resampling.NEAREST


class Canvas:
    """A square picture under work; points are shares of its side, y downwards."""

    def __init__(self, size_px: int) -> None:
        self.size_px = size_px
        self.finer = 3 if size_px < 80 else 2  # small pictures need the smoother edges
        self.side = size_px * self.finer
        self.image = Image.new("RGB", (self.side, self.side))
        self.draw = ImageDraw.Draw(self.image)

    def polygon(self, points: Outline, colour: RGB) -> None:
        """points: (n, 2) shares of the side."""
        self.draw.polygon((points * self.side).ravel().tolist(), fill=_ink(colour))

    def rectangle(self, left: float, top: float, right: float, bottom: float, colour: RGB) -> None:
        side = self.side
        self.draw.rectangle((left * side, top * side, right * side, bottom * side), _ink(colour))

    def ellipse(self, x: float, y: float, across: float, down: float, colour: RGB) -> None:
        side = self.side
        where = ((x - across) * side, (y - down) * side, (x + across) * side, (y + down) * side)
        self.draw.ellipse(where, _ink(colour))

    def line(self, points: list[Point], width: float, colour: RGB) -> None:
        """width: a share of the side; never thinner than about half a pixel of the picture."""
        thick = max(round(width * self.side), self.finer // 2, 1)
        flat = [(x * self.side, y * self.side) for x, y in points]
        self.draw.line(flat, fill=_ink(colour), width=thick)

    def shades(self, top: float, bottom: float, colours: tuple[RGB, ...]) -> None:
        """Fills the rows from top to bottom with colours that run into each other."""
        first, last = round(top * self.side), round(bottom * self.side)
        if last <= first:
            return
        column = Image.new("RGB", (1, len(colours)))
        column.putdata([_ink(colour) for colour in colours])
        # pixels are centred: half a colour is cut off at both ends, so ends are the pure colours
        ends = (0.0, 0.5, 1.0, len(colours) - 0.5)
        tall = column.resize((1, last - first), Image.Resampling.BILINEAR, box=ends)
        self.image.paste(tall.resize((self.side, last - first), _NEAREST), (0, first))

    def glow(
        self, x: float, y: float, across: float, down: float, colour: RGB, strength: float
    ) -> None:
        """A soft spot of colour; strength: 1 hides what is below its middle."""
        side = self.side
        width, height = max(2, round(2 * across * side)), max(2, round(2 * down * side))
        mask = _soft_spot(round(255 * strength)).resize((width, height), Image.Resampling.BILINEAR)
        self.image.paste(_ink(colour), (round((x - across) * side), round((y - down) * side)), mask)

    def veil(self, colour: RGB, strength: float) -> None:
        """Lays a colour over everything, 0 … 1."""
        self.image = Image.blend(
            self.image, Image.new("RGB", self.image.size, _ink(colour)), strength
        )
        self.draw = ImageDraw.Draw(self.image)

    def veiled(self, points: Outline, colour: RGB, strength: float) -> None:
        """Lays a colour over a polygon, 0 … 1."""
        mask = Image.new("L", self.image.size)
        flat = (points * self.side).ravel().tolist()
        ImageDraw.Draw(mask).polygon(flat, fill=round(255 * strength))
        self.image.paste(_ink(colour), (0, 0), mask)

    def finished(self) -> Image.Image:
        """The picture at its own size."""
        return self.image.reduce(self.finer)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where and how a thing is put on a canvas."""

    x: float  # of the foot, share of the side
    y: float  # of the foot, share of the side, downwards
    unit: float  # share of the side that one unit takes
    flipped: bool = False  # looks to the left
    turned: float = 0.0  # degrees to the left, around the middle


class Pen:
    """Draws one thing in units, y upwards, its foot at 0, 0, looking to the right.

    Bodies get the thing's surface and an outline and are put down together, before the next
    detail that is drawn over them.
    """

    def __init__(self, canvas: Canvas, spot: Spot, paint: Paint, tint: RGB = (1, 1, 1)) -> None:
        self.canvas, self.spot, self.paint, self.tint = canvas, spot, paint, tint
        self._unit_px = spot.unit * canvas.side
        across = -1.0 if spot.flipped else 1.0
        angle = np.deg2rad(spot.turned)
        c, s = np.cos(angle), np.sin(angle)
        self._matrix = self._unit_px * np.array([[across * c, -s], [-across * s, -c]])
        middle = np.array([0.0, 0.4])
        foot = np.array([spot.x, spot.y]) * canvas.side
        upright = self._unit_px * np.array([[across, 0.0], [0.0, -1.0]])
        self._offset = foot + middle @ upright - middle @ self._matrix
        self._bodies: list[Outline] = []
        self._paint = paint

    def body(self, *outlines: Outline, colour: RGB | None = None) -> None:
        """Parts with the thing's surface; with a colour, plain parts of that colour."""
        paint = self.paint if colour is None else Paint(colour)
        if self._bodies and paint != self._paint:
            self.flush()
        self._paint = paint
        self._bodies.extend(outline @ self._matrix + self._offset for outline in outlines)

    def far(self, *outlines: Outline) -> None:
        """Parts of the thing on its far side, in its own shade."""
        self.fill(darker(self.paint.colour, 0.66), *outlines)

    def fill(self, colour: RGB, *outlines: Outline) -> None:
        """Flat parts of one colour."""
        self.flush()
        ink = _ink(self.lit(colour))
        for outline in outlines:
            points = outline @ self._matrix + self._offset
            self.canvas.draw.polygon(points.ravel().tolist(), fill=ink)

    def line(self, colour: RGB, width: float, *points: Point) -> None:
        """A thin line, its width in units."""
        self.flush()
        flat = np.array(points) @ self._matrix + self._offset
        thick = max(round(width * self._unit_px), self.canvas.finer // 2, 1)
        self.canvas.draw.line(
            flat.ravel().tolist(), fill=_ink(self.lit(colour)), width=thick, joint="curve"
        )

    def lit(self, colour: RGB) -> RGB:
        """The colour in the light that falls on the thing."""
        return colour[0] * self.tint[0], colour[1] * self.tint[1], colour[2] * self.tint[2]

    def flush(self) -> None:
        """Puts down the bodies that wait."""
        if not self._bodies:
            return
        bodies, self._bodies = self._bodies, []
        image, draw = self.canvas.image, self.canvas.draw
        ink = _ink(self.lit(darker(self._paint.colour, _INK_SHARE)))
        thick = max(round(self._unit_px * 0.024), 2)
        for points in bodies:
            flat = points.ravel().tolist()
            draw.line(flat + flat[:4], fill=ink, width=thick, joint="curve" if thick > 4 else None)
        every = np.concatenate(bodies)
        left, top = np.maximum(np.floor(every.min(axis=0)), 0).astype(int).tolist()
        right, bottom = np.minimum(np.ceil(every.max(axis=0)) + 1, image.width).astype(int).tolist()
        if right <= left or bottom <= top:
            return
        mask = Image.new("1", (right - left, bottom - top))
        cutter = ImageDraw.Draw(mask)
        for points in bodies:
            cutter.polygon((points - (left, top)).ravel().tolist(), fill=1)
        if self._paint.pattern is Pattern.PLAIN and self._paint is not self.paint:
            small = _FLAT_BELOW * self._unit_px
            if right - left < small and bottom - top < small:
                flat_ink = _ink(self.lit(self._paint.colour))
                for points in bodies:
                    draw.polygon(points.ravel().tolist(), fill=flat_ink)
                return
        foot = self._offset - (left, top)
        skin = surface(
            self._paint, mask.size, (float(foot[0]), float(foot[1])), self._unit_px, self.tint
        )
        image.paste(Image.fromarray(skin), (left, top), mask)


@cache
def _soft_spot(peak: int) -> Image.Image:
    """A round spot, brightest in the middle, that ends softly; 64 px, mode L."""
    way = np.linspace(-1, 1, 64)
    squared = way[:, None] ** 2 + way[None, :] ** 2
    fall = np.clip(1 - squared, 0, 1) ** 1.5
    return Image.fromarray((fall * peak).astype(np.uint8))


def _ink(colour: RGB) -> tuple[int, int, int]:
    r, g, b = colour
    return (
        255 if r > 255 else 0 if r < 0 else int(r),
        255 if g > 255 else 0 if g < 0 else int(g),
        255 if b > 255 else 0 if b < 0 else int(b),
    )
