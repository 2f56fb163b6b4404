"""Fruit, tools and toys."""

from __future__ import annotations

from engine.bench.rendered.draw.canvas import Pen
from engine.bench.rendered.draw.paint import RGB, darker, lighter
from engine.bench.rendered.draw.shapes import blob, curve, limb, poly
from engine.bench.rendered.world import Kind

__all__ = ["draw_fruit", "draw_tool", "draw_toy"]

_LEAF: RGB = (70, 150, 60)
_TWIG: RGB = (104, 70, 44)
_STEEL: RGB = (186, 192, 200)
_WHITE: RGB = (255, 255, 255)


def draw_fruit(pen: Pen, kind: Kind) -> None:
    """Lying on the ground, about 0.9 units tall."""
    colour = pen.paint.colour
    if kind is Kind.APPLE:
        pen.line(_TWIG, 0.05, (0.0, 0.7), (0.05, 0.92))
        pen.body(
            curve(
                (0.0, 0.72),
                (0.22, 0.8),
                (0.43, 0.62),
                (0.4, 0.28),
                (0.2, 0.02),
                (0.0, 0.06),
                (-0.2, 0.02),
                (-0.4, 0.28),
                (-0.43, 0.62),
                (-0.22, 0.8),
            )
        )
        pen.fill(_LEAF, curve((0.05, 0.84), (0.18, 0.96), (0.36, 0.92), (0.22, 0.8)))
        pen.fill(lighter(colour, 0.6), blob(-0.22, 0.58, 0.07, 0.12, 25))
    elif kind is Kind.BANANA:
        pen.body(
            curve(
                (-0.5, 0.62),
                (-0.42, 0.66),
                (-0.26, 0.36),
                (0.04, 0.24),
                (0.38, 0.4),
                (0.5, 0.58),
                (0.52, 0.44),
                (0.36, 0.14),
                (0.0, 0.0),
                (-0.34, 0.14),
                (-0.48, 0.4),
            )
        )
        pen.line(
            darker(colour, 0.66),
            0.024,
            (-0.42, 0.5),
            (-0.24, 0.22),
            (0.04, 0.1),
            (0.34, 0.24),
            (0.47, 0.44),
        )
        pen.fill(
            _TWIG, limb((-0.46, 0.64, 0.035), (-0.48, 0.76, 0.03)), blob(0.5, 0.52, 0.03, 0.04)
        )
    elif kind is Kind.PEAR:
        pen.line(_TWIG, 0.05, (0.0, 0.9), (0.06, 1.04))
        pen.body(
            curve(
                (0.0, 0.96),
                (0.15, 0.88),
                (0.19, 0.62),
                (0.37, 0.34),
                (0.26, 0.04),
                (0.0, 0.0),
                (-0.26, 0.04),
                (-0.37, 0.34),
                (-0.19, 0.62),
                (-0.15, 0.88),
            )
        )
        pen.fill(_LEAF, curve((0.05, 0.97), (0.18, 1.06), (0.32, 1.0), (0.2, 0.93)))
        pen.fill(lighter(colour, 0.55), blob(-0.15, 0.36, 0.06, 0.11, 15))
    elif kind is Kind.GRAPES:
        pen.line(_TWIG, 0.05, (0.0, 0.8), (0.02, 1.0))
        pen.fill(_LEAF, curve((0.0, 0.86), (0.14, 1.0), (0.38, 0.98), (0.3, 0.82), (0.14, 0.78)))
        for row, (y, many) in enumerate(((0.72, 4), (0.55, 3), (0.38, 3), (0.23, 2), (0.1, 1))):
            for k in range(many):
                x = (k - (many - 1) / 2) * 0.22 + (0.06 if row == 2 else 0.0)
                pen.body(blob(x, y, 0.125, 0.125))
                pen.flush()
                pen.fill(lighter(colour, 0.5), blob(x - 0.04, y + 0.04, 0.03, 0.03))
    else:
        pen.body(
            curve(
                (0.0, 0.8),
                (0.3, 0.78),
                (0.42, 0.58),
                (0.26, 0.22),
                (0.0, 0.0),
                (-0.26, 0.22),
                (-0.42, 0.58),
                (-0.3, 0.78),
            )
        )
        seed: RGB = (252, 226, 130) if sum(colour) < 600 else (206, 90, 80)
        for x, y in (
            (-0.22, 0.6),
            (0.0, 0.62),
            (0.22, 0.6),
            (-0.12, 0.44),
            (0.12, 0.44),
            (0.0, 0.27),
            (-0.18, 0.28),
            (0.18, 0.28),
        ):
            pen.fill(seed, blob(x, y, 0.02, 0.034))
        pen.fill(
            _LEAF,
            poly(
                (-0.34, 0.86),
                (-0.1, 0.82),
                (-0.04, 1.0),
                (0.06, 1.0),
                (0.1, 0.82),
                (0.34, 0.86),
                (0.16, 0.68),
                (0.0, 0.76),
                (-0.16, 0.68),
            ),
        )


def draw_tool(pen: Pen, kind: Kind) -> None:
    """Standing on its end or lying, 0.7 to 1 unit."""
    if kind is Kind.HAMMER:
        pen.body(limb((-0.2, 0.06, 0.055), (0.1, 0.68, 0.05)))
        pen.body(
            poly(
                (-0.2, 0.82), (-0.12, 0.99), (0.2, 0.83), (0.36, 0.85), (0.42, 0.74), (0.18, 0.64)
            ),
            colour=_STEEL,
        )
        pen.body(limb((-0.19, 0.93, 0.085), (-0.25, 0.96, 0.085)), colour=darker(_STEEL, 0.8))
    elif kind is Kind.SAW:
        teeth = [(-0.16 + k * 0.055, 0.19 if k % 2 else 0.13) for k in range(13)]
        pen.body(poly((-0.18, 0.46), *teeth, (0.52, 0.26)), colour=_STEEL)
        pen.body(
            curve(
                (-0.14, 0.5),
                (-0.14, 0.12),
                (-0.26, 0.06),
                (-0.46, 0.12),
                (-0.5, 0.34),
                (-0.4, 0.54),
                (-0.24, 0.54),
            )
        )
        pen.fill(darker(_STEEL, 0.3), blob(-0.31, 0.3, 0.065, 0.1, 10))
    elif kind is Kind.AXE:
        pen.body(limb((-0.2, 0.05, 0.055), (-0.06, 0.4, 0.045), (0.06, 0.94, 0.05)))
        pen.body(
            curve(
                (0.0, 0.92),
                (0.16, 0.86),
                (0.36, 0.98),
                (0.46, 0.8),
                (0.44, 0.56),
                (0.32, 0.46),
                (0.14, 0.66),
                (-0.04, 0.68),
            ),
            colour=_STEEL,
        )
        pen.line(_WHITE, 0.03, (0.38, 0.96), (0.455, 0.78), (0.43, 0.58), (0.35, 0.5))
    elif kind is Kind.SCISSORS:
        blades = (
            poly((-0.05, 0.4), (0.05, 0.42), (0.3, 1.0), (0.2, 0.92)),
            poly((0.05, 0.4), (-0.05, 0.42), (-0.3, 1.0), (-0.2, 0.92)),
        )
        pen.body(*blades, colour=_STEEL)
        for x in (-0.2, 0.2):
            ring = [(float(px), float(py)) for px, py in blob(x, 0.17, 0.13, 0.15)]
            pen.body(limb((x * 0.6, 0.28, 0.05), (-x * 0.15, 0.44, 0.05)))
            pen.line(darker(pen.paint.colour, 0.45), 0.125, *ring, ring[0], ring[1])
            pen.line(lighter(pen.paint.colour, 0.08), 0.085, *ring, ring[0], ring[1])
        pen.fill((90, 94, 100), blob(0.0, 0.45, 0.035, 0.035))
    else:
        pen.body(
            limb((-0.22, 0.18, 0.07), (0.16, 0.72, 0.065)),
            blob(-0.24, 0.15, 0.14, 0.14),
            curve(
                (0.02, 0.72),
                (0.02, 0.92),
                (0.16, 1.02),
                (0.2, 0.86),
                (0.3, 0.78),
                (0.46, 0.82),
                (0.4, 0.64),
                (0.22, 0.58),
            ),
        )
        pen.fill(darker(pen.paint.colour, 0.3), blob(-0.24, 0.15, 0.065, 0.065))


def draw_toy(pen: Pen, kind: Kind) -> None:
    """A ball on the ground; balloon and kite hang at their own height."""
    colour = pen.paint.colour
    if kind is Kind.BALL:
        pen.body(blob(0.0, 0.45, 0.45, 0.45))
        line = darker(colour, 0.5) if sum(colour) > 160 else (150, 150, 160)
        pen.line(line, 0.024, (-0.37, 0.66), (-0.1, 0.5), (0.12, 0.48), (0.4, 0.62))
        pen.line(line, 0.024, (-0.1, 0.02), (-0.04, 0.3), (-0.1, 0.5), (-0.06, 0.88))
        pen.fill(_WHITE, blob(-0.17, 0.66, 0.075, 0.055, 35))
    elif kind is Kind.BALLOON:
        pen.line((120, 114, 112), 0.016, (0.0, 0.34), (0.04, 0.22), (-0.03, 0.1), (0.0, 0.0))
        pen.body(
            poly((-0.05, 0.3), (0.05, 0.3), (0.0, 0.38)),
            curve(
                (0.0, 1.0),
                (0.28, 0.9),
                (0.34, 0.66),
                (0.18, 0.42),
                (0.0, 0.35),
                (-0.18, 0.42),
                (-0.34, 0.66),
                (-0.28, 0.9),
            ),
        )
        pen.fill(_WHITE, blob(-0.14, 0.79, 0.05, 0.085, -20))
    else:
        pen.line((120, 114, 112), 0.016, (0.0, 0.3), (-0.1, 0.16), (0.0, 0.08), (-0.12, 0.0))
        pen.body(poly((0.0, 1.0), (0.32, 0.7), (0.0, 0.28), (-0.32, 0.7)))
        dark = darker(colour, 0.45) if sum(colour) > 160 else (170, 170, 176)
        pen.line(dark, 0.022, (0.0, 0.98), (0.0, 0.3))
        pen.line(dark, 0.022, (-0.3, 0.7), (0.3, 0.7))
        for x, y in ((-0.06, 0.19), (-0.05, 0.06)):
            pen.fill(
                (250, 200, 60),
                poly(
                    (x - 0.07, y + 0.04),
                    (x - 0.07, y - 0.04),
                    (x + 0.07, y + 0.04),
                    (x + 0.07, y - 0.04),
                ),
            )
