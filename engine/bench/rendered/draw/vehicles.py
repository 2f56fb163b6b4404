"""Car, bus, truck, bicycle, boat and plane, each about one unit long, driving to the right."""

from __future__ import annotations

from engine.bench.rendered.draw.canvas import Pen
from engine.bench.rendered.draw.paint import RGB, darker, lighter
from engine.bench.rendered.draw.shapes import Point, blob, box, curve, limb, poly, rounded

__all__ = ["draw_bicycle", "draw_boat", "draw_bus", "draw_car", "draw_plane", "draw_truck"]

_GLASS: RGB = (168, 208, 232)
_GLASS_DARK: RGB = (96, 134, 164)
_RUBBER: RGB = (34, 34, 38)
_STEEL: RGB = (188, 192, 198)
_LAMP: RGB = (255, 236, 150)


def draw_car(pen: Pen) -> None:
    """A saloon."""
    pen.body(
        curve(
            (-0.5, 0.15),
            (-0.5, 0.3),
            (-0.34, 0.35),
            (-0.2, 0.53),
            (0.08, 0.54),
            (0.24, 0.36),
            (0.46, 0.31),
            (0.52, 0.2),
            (0.48, 0.12),
            (0.0, 0.11),
            (-0.46, 0.11),
        )
    )
    pen.fill(
        _GLASS,
        poly((-0.25, 0.35), (-0.165, 0.485), (-0.04, 0.495), (-0.04, 0.35)),
        poly((-0.005, 0.35), (-0.005, 0.495), (0.07, 0.49), (0.175, 0.35)),
    )
    pen.line(darker(pen.paint.colour, 0.5), 0.012, (-0.02, 0.34), (-0.02, 0.14))
    pen.fill(_LAMP, blob(0.48, 0.25, 0.028, 0.035))
    pen.fill((230, 50, 40), box(-0.505, 0.24, -0.47, 0.3))
    _wheel(pen, -0.28, 0.115)
    _wheel(pen, 0.29, 0.115)


def draw_bus(pen: Pen) -> None:
    """A long box with a row of windows."""
    pen.body(rounded(-0.52, 0.1, 0.52, 0.58, 0.05))
    pen.fill(_GLASS_DARK, box(-0.47, 0.34, 0.3, 0.52))
    for k in range(4):
        left = -0.46 + k * 0.19
        pen.fill(_GLASS, box(left, 0.35, left + 0.165, 0.51))
    pen.fill(_GLASS, rounded(0.34, 0.16, 0.44, 0.52, 0.01))
    pen.line(_RUBBER, 0.012, (0.39, 0.16), (0.39, 0.52))
    pen.fill(_GLASS, poly((0.465, 0.28), (0.52, 0.28), (0.52, 0.5), (0.465, 0.52)))
    pen.fill(_LAMP, blob(0.5, 0.17, 0.022, 0.022))
    _wheel(pen, -0.3, 0.095)
    _wheel(pen, 0.24, 0.095)


def draw_truck(pen: Pen) -> None:
    """A cab in front of a large load."""
    pen.fill((70, 72, 78), box(-0.5, 0.11, 0.5, 0.18))
    pen.body(rounded(-0.52, 0.17, 0.17, 0.66, 0.02))
    cab = lighter(pen.paint.colour, 0.25) if sum(pen.paint.colour) < 500 else (206, 84, 70)
    pen.body(
        curve(
            (0.2, 0.13),
            (0.2, 0.35),
            (0.22, 0.52),
            (0.36, 0.52),
            (0.42, 0.36),
            (0.52, 0.3),
            (0.52, 0.13),
        ),
        colour=cab,
    )
    pen.fill(_GLASS, poly((0.26, 0.34), (0.26, 0.48), (0.35, 0.48), (0.41, 0.34)))
    pen.fill(_LAMP, blob(0.5, 0.21, 0.022, 0.03))
    _wheel(pen, -0.38, 0.105)
    _wheel(pen, -0.15, 0.105)
    _wheel(pen, 0.34, 0.105)


def draw_bicycle(pen: Pen) -> None:
    """Two thin wheels and a frame."""
    for x in (-0.31, 0.31):
        _hoop(pen, (x, 0.215), 0.2)
    colour = pen.paint.colour
    joints: tuple[tuple[Point, Point], ...] = (
        ((-0.31, 0.215), (-0.04, 0.2)),
        ((-0.31, 0.215), (-0.13, 0.47)),
        ((-0.04, 0.2), (-0.15, 0.52)),
        ((-0.04, 0.2), (0.22, 0.47)),
        ((-0.13, 0.47), (0.22, 0.47)),
        ((0.31, 0.215), (0.19, 0.58)),
    )
    for a, b in joints:
        pen.body(limb((*a, 0.024), (*b, 0.024)))
    pen.fill(_RUBBER, limb((-0.23, 0.545, 0.026), (-0.08, 0.54, 0.02)))
    pen.line(_RUBBER, 0.034, (0.12, 0.6), (0.19, 0.6), (0.27, 0.56))
    pen.fill(darker(colour, 0.6), blob(-0.04, 0.2, 0.045, 0.045))
    pen.line(_RUBBER, 0.02, (-0.04, 0.2), (0.0, 0.1), (0.04, 0.1))


def _hoop(pen: Pen, centre: Point, radius: float) -> None:
    x, y = centre
    pen.flush()
    rim = blob(x, y, radius, radius)
    ring = [(float(px), float(py)) for px, py in rim]
    pen.line(_STEEL, 0.014, (x - radius * 0.9, y), (x + radius * 0.9, y))
    pen.line(_STEEL, 0.014, (x, y - radius * 0.9), (x, y + radius * 0.9))
    pen.line(_RUBBER, 0.04, *ring, ring[0], ring[1])


def draw_boat(pen: Pen) -> None:
    """A sailing boat; its sails are white unless it is."""
    sail: RGB = (250, 248, 240) if sum(pen.paint.colour) < 640 else (236, 120, 90)
    pen.line((110, 78, 52), 0.03, (0.0, 0.18), (0.0, 1.0))
    pen.body(poly((-0.03, 0.97), (-0.03, 0.27), (-0.4, 0.27)), colour=sail)
    pen.body(poly((0.03, 0.88), (0.03, 0.27), (0.36, 0.27)), colour=darker(sail, 0.9))
    pen.fill((228, 70, 60), poly((0.0, 1.0), (0.0, 0.93), (0.13, 0.965)))
    pen.body(
        curve(
            (-0.5, 0.24),
            (-0.4, 0.06),
            (-0.2, 0.0),
            (0.24, 0.0),
            (0.42, 0.08),
            (0.54, 0.25),
            (0.0, 0.215),
        )
    )


def draw_plane(pen: Pen) -> None:
    """An airliner from the side."""
    pen.far(poly((0.0, 0.36), (0.12, 0.36), (-0.06, 0.58), (-0.12, 0.58)))
    pen.body(
        poly((-0.36, 0.36), (-0.52, 0.62), (-0.42, 0.62), (-0.22, 0.38)),
        curve(
            (-0.52, 0.38),
            (-0.2, 0.41),
            (0.3, 0.41),
            (0.48, 0.35),
            (0.52, 0.3),
            (0.4, 0.23),
            (-0.1, 0.22),
            (-0.4, 0.28),
        ),
    )
    pen.fill(_GLASS_DARK, poly((0.4, 0.395), (0.46, 0.36), (0.38, 0.345)))
    for k in range(6):
        pen.fill(_GLASS_DARK, blob(-0.22 + k * 0.1, 0.335, 0.022, 0.025))
    wing = darker(pen.paint.colour, 0.78)
    pen.body(poly((0.1, 0.29), (-0.06, 0.29), (-0.28, 0.02), (-0.17, 0.02)), colour=wing)
    pen.body(poly((-0.36, 0.34), (-0.46, 0.34), (-0.56, 0.2), (-0.49, 0.2)), colour=wing)
    pen.fill((96, 100, 108), limb((-0.06, 0.14, 0.04), (0.04, 0.14, 0.04)))


def _wheel(pen: Pen, x: float, radius: float) -> None:
    pen.fill(_RUBBER, blob(x, radius, radius, radius))
    pen.fill(_STEEL, blob(x, radius, radius * 0.5, radius * 0.5))
    pen.fill((104, 106, 112), blob(x, radius, radius * 0.18, radius * 0.18))
