"""What people put into the landscape: sailing boats, a lighthouse, cottages."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.bench.scenes.canvas import Drawing, Easel, Point, Spot
from engine.bench.scenes.noise import Colours, over

_SAILS = ((0.97, 0.95, 0.90), (0.97, 0.95, 0.90), (0.93, 0.87, 0.74), (0.74, 0.27, 0.19))
_HULLS = ((0.93, 0.93, 0.92), (0.16, 0.23, 0.36), (0.58, 0.18, 0.15), (0.24, 0.36, 0.31))
_ROOFS = ((0.55, 0.25, 0.18), (0.30, 0.30, 0.34), (0.45, 0.31, 0.2))
_WALLS = ((0.84, 0.82, 0.77), (0.78, 0.68, 0.53), (0.68, 0.74, 0.78))
_LAMP = (1.0, 0.86, 0.52)

_BOAT_HEIGHT = 12.0  # metres, to the top of the mast
TOWER_HEIGHT = 19.0  # metres, to the tip of the roof


def draw_boat(easel: Easel, spot: Spot, water: npt.NDArray[np.bool_]) -> None:
    """A sailing boat and its reflection; its foot is where the waterline crosses the mast."""
    tone = easel.light.tone
    sail = easel.pick(_SAILS)
    hull = easel.pick(_HULLS)
    way = 1.0 if easel.rng.random() < 0.5 else -1.0
    heel = easel.rng.uniform(-0.02, 0.1) * -way
    grown = easel.rng.uniform(0.85, 1.1)
    sunny = 0.95 if easel.sun_side == way else 0.72

    def at(x: float, y: float) -> Point:
        return (way * x * grown + heel * y * grown, y * grown)

    drawing = Drawing(spot, (-6.5, 6.5, -0.4, _BOAT_HEIGHT * 1.15))
    main = tone(sail, sunny, spot.distance)
    back = tone(sail, sunny * 0.72, spot.distance)
    dark = tone(hull, 0.3, spot.distance)
    side = tone(hull, 0.68, spot.distance)
    mast = tone((0.42, 0.33, 0.25), 0.5, spot.distance)
    drawing.polygon([at(-4.4, 1.15), at(4.9, 1.35), at(3.7, 0), at(-3.7, 0)], side)
    drawing.polygon([at(-4.1, 0.55), at(4.2, 0.5), at(3.7, -0.1), at(-3.7, -0.1)], dark)
    drawing.polygon([at(-1.6, 1.2), at(-1.3, 1.95), at(1.7, 1.85), at(2.1, 1.25)], back)
    drawing.polygon(
        [at(-0.1, 11.6), at(-1.7, 7.6), at(-3.2, 4.4), at(-4.3, 2.1), at(-0.1, 2.0)], main
    )
    drawing.polygon([at(-0.1, 11.6), at(-1.15, 7.4), at(-1.9, 2.05), at(-0.1, 2.0)], back)
    drawing.polygon([at(0.25, 10.4), at(2.4, 6.2), at(4.5, 1.6), at(1.3, 2.3)], main)
    drawing.line([at(0, 0.9), at(0, 12)], 0.16, mast)
    drawing.line([at(0, 2.0), at(-4.4, 2.0)], 0.12, mast)
    drawing.stamp_mirrored(easel.picture, water, squash=0.6, strength=0.42)
    drawing.stamp(easel.picture)


def draw_lighthouse(easel: Easel, spot: Spot) -> None:
    """A white tower, with bands or without, its lantern lit in the evening, and a cottage."""
    tone, late = easel.light.tone, easel.late
    red = (0.72, 0.16, 0.13) if easel.rng.random() < 0.75 else (0.17, 0.22, 0.32)
    bands = int(easel.rng.integers(1, 3)) if easel.rng.random() < 0.8 else 0
    cottage = -6.2 if easel.rng.random() < 0.5 else 6.2
    beside = (spot.foot[0] + cottage * spot.unit_px, spot.foot[1] + 0.5 * spot.unit_px)
    draw_cottage(easel, Spot(beside, 0.62 * spot.unit_px, spot.distance))
    drawing = Drawing(spot, (-4, 4, -2, TOWER_HEIGHT + 1))
    slices = 9

    def half_width(y: float) -> float:
        return 2.3 - 0.95 * max(y, 0.0) / 14.0

    for k in range(slices):
        left, right = -1 + 2 * k / slices, -1 + 2 * (k + 1) / slices
        middle = (left + right) / 2
        lit = 0.5 + 0.42 * middle * easel.sun_side + 0.1 * (1 - abs(middle))
        for low, high, base in _courses(bands, red):
            drawing.polygon(
                [
                    (left * half_width(low), low),
                    (right * half_width(low), low),
                    (right * half_width(high), high),
                    (left * half_width(high), high),
                ],
                tone(base, lit, spot.distance),
            )
    iron = tone((0.2, 0.21, 0.23), 0.4, spot.distance)
    glass = _LAMP if late > 0.5 else tone((0.62, 0.76, 0.82), 0.8, spot.distance)
    drawing.polygon([(-2.0, 14), (2.0, 14), (2.0, 14.5), (-2.0, 14.5)], iron)
    drawing.polygon([(-1.05, 14.5), (1.05, 14.5), (1.05, 16.8), (-1.05, 16.8)], glass)
    for x in (-1.05, 0.0, 1.05):
        drawing.line([(x, 14.5), (x, 16.8)], 0.16, iron)
    drawing.line([(-1.9, 15.4), (1.9, 15.4)], 0.13, iron)
    cap = tone(red, 0.7, spot.distance)
    drawing.polygon([(-1.4, 16.8), (1.4, 16.8), (0.35, 18.2), (-0.35, 18.2)], cap)
    drawing.line([(0, 18), (0, 19.2)], 0.16, iron)
    for y in (4.2, 9.4):
        drawing.polygon([(-0.35, y), (0.35, y), (0.35, y + 1.1), (-0.35, y + 1.1)], iron)
    drawing.stamp(easel.picture)
    if late > 0.5:
        lantern = (spot.foot[0], spot.foot[1] - 15.6 * spot.unit_px)
        _shine(easel.picture, lantern, 5.5 * spot.unit_px, min(1.0, late * 1.1))


def _courses(
    bands: int, red: tuple[float, float, float]
) -> list[tuple[float, float, tuple[float, float, float]]]:
    """The tower from below: bottom and top of each course of colour, metres."""
    white = (0.96, 0.95, 0.93)
    count = 2 * bands + 1
    edges = np.linspace(0.0, 14.0, count + 1)
    edges[0] = -1.8
    return [(float(edges[k]), float(edges[k + 1]), red if k % 2 else white) for k in range(count)]


def draw_cottage(easel: Easel, spot: Spot) -> None:
    """A gabled cottage seen from its long side, its windows lit in the evening."""
    tone = easel.light.tone
    roof = easel.pick(_ROOFS)
    wall = easel.pick(_WALLS)
    way = 1.0 if easel.rng.random() < 0.5 else -1.0
    long, deep = easel.rng.uniform(7.0, 9.5), easel.rng.uniform(2.6, 3.4)
    sunny = easel.sun_side == way
    front = tone(wall, 0.62 if sunny else 0.8, spot.distance)
    gable = tone(wall, 0.95 if sunny else 0.42, spot.distance)
    tiles = tone(roof, 0.75, spot.distance)
    drawing = Drawing(spot, (-9, 9, -1.2, 8))

    def at(x: float, y: float) -> Point:
        return (way * (x - long / 2), y)

    drawing.polygon([at(0, -1), at(long, -1), at(long, 3), at(0, 3)], front)
    corner = long + deep
    drawing.polygon(
        [at(long, -1), at(corner, -0.8), at(corner, 3), at(long + deep / 2, 5.7), at(long, 3)],
        gable,
    )
    drawing.polygon(
        [at(-0.4, 2.9), at(long + 0.05, 2.9), at(long + deep / 2, 5.85), at(deep / 2 - 0.3, 5.85)],
        tiles,
    )
    flue = long * 0.3
    drawing.polygon(
        [at(flue, 5.0), at(flue + 0.9, 5.0), at(flue + 0.9, 6.9), at(flue, 6.9)],
        tone((0.5, 0.34, 0.28), 0.6, spot.distance),
    )
    pane = _LAMP if easel.late > 0.55 else tone((0.2, 0.26, 0.33), 0.6, spot.distance)
    for x in (0.12, 0.36, 0.8):
        left = long * x
        drawing.polygon(
            [at(left, 1.0), at(left + 0.95, 1.0), at(left + 0.95, 2.2), at(left, 2.2)], pane
        )
    door = tone((0.3, 0.22, 0.18), 0.5, spot.distance)
    drawing.polygon(
        [at(long * 0.6, -1), at(long * 0.6 + 1, -1), at(long * 0.6 + 1, 2.1), at(long * 0.6, 2.1)],
        door,
    )
    drawing.stamp(easel.picture)


def _shine(picture: Colours, centre: Point, radius_px: float, strength: float) -> None:
    """A warm glow around a lamp, added in place."""
    h, w = picture.shape[1:]
    reach = radius_px * 2.4
    top, bottom = max(int(centre[1] - reach), 0), min(int(centre[1] + reach) + 1, h)
    left, right = max(int(centre[0] - reach), 0), min(int(centre[0] + reach) + 1, w)
    if top >= bottom or left >= right:
        return
    y = (np.arange(top, bottom, dtype=np.float32) - np.float32(centre[1]))[:, None]
    x = (np.arange(left, right, dtype=np.float32) - np.float32(centre[0]))[None, :]
    squared = (x * x + y * y) / np.float32(radius_px * radius_px)
    glow = np.exp(-squared * np.float32(1.3)) * np.float32(0.34) + np.exp(
        -squared * np.float32(14)
    ) * np.float32(0.5)
    colour = np.array(_LAMP, dtype=np.float32) * np.float32(strength)
    picture[:, top:bottom, left:right] += over(colour, 2) * glow
