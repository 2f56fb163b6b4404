"""Chair, table, sofa, bed and lamp, and what one keeps things in: box, basket, bowl and cup.

A container is drawn in two halves, so that something can be put inside: its back and its front.
"""

from __future__ import annotations

from engine.bench.rendered.draw.canvas import Pen
from engine.bench.rendered.draw.paint import RGB, darker, lighter
from engine.bench.rendered.draw.shapes import blob, box, curve, limb, poly, rounded
from engine.bench.rendered.world import Kind

__all__ = ["draw_container_back", "draw_container_front", "draw_furniture"]

_LEGS: RGB = (112, 78, 52)


def draw_furniture(pen: Pen, kind: Kind) -> None:
    """Seen from the front, a little from above."""
    if kind is Kind.CHAIR:
        pen.far(box(-0.24, 0.0, -0.18, 0.4), box(0.18, 0.0, 0.24, 0.4))
        pen.body(
            rounded(-0.27, 0.58, 0.27, 1.0, 0.05),
            box(-0.26, 0.4, -0.19, 0.7),
            box(0.19, 0.4, 0.26, 0.7),
        )
        pen.body(poly((-0.28, 0.45), (0.28, 0.45), (0.34, 0.36), (-0.34, 0.36)))
        pen.body(box(-0.33, 0.0, -0.25, 0.37), box(0.25, 0.0, 0.33, 0.37))
        pen.line(darker(pen.paint.colour, 0.5), 0.014, (-0.34, 0.36), (0.34, 0.36))
    elif kind is Kind.TABLE:
        pen.far(box(-0.36, 0.08, -0.3, 0.5), box(0.3, 0.08, 0.36, 0.5))
        pen.body(box(-0.47, 0.0, -0.39, 0.52), box(0.39, 0.0, 0.47, 0.52))
        pen.body(poly((-0.42, 0.66), (0.42, 0.66), (0.52, 0.52), (-0.52, 0.52)))
        pen.fill(darker(pen.paint.colour, 0.6), box(-0.52, 0.475, 0.52, 0.525))
    elif kind is Kind.SOFA:
        pen.fill(_LEGS, box(-0.44, 0.0, -0.36, 0.1), box(0.36, 0.0, 0.44, 0.1))
        pen.body(rounded(-0.42, 0.2, 0.42, 0.62, 0.08))
        pen.line(darker(pen.paint.colour, 0.5), 0.016, (0.0, 0.34), (0.0, 0.6))
        pen.body(rounded(-0.4, 0.08, 0.4, 0.32, 0.05))
        pen.body(rounded(-0.52, 0.08, -0.36, 0.42, 0.07), rounded(0.36, 0.08, 0.52, 0.42, 0.07))
    elif kind is Kind.BED:
        pen.fill(_LEGS, box(-0.52, 0.0, -0.46, 0.62), box(0.46, 0.0, 0.52, 0.4))
        pen.fill(lighter(_LEGS, 0.2), box(-0.5, 0.12, 0.5, 0.24))
        pen.body(rounded(-0.46, 0.2, 0.46, 0.36, 0.03), colour=(248, 246, 240))
        pen.body(rounded(-0.43, 0.32, -0.2, 0.46, 0.06), colour=(255, 255, 252))
        pen.body(
            curve(
                (-0.2, 0.37), (-0.1, 0.43), (0.3, 0.41), (0.48, 0.36), (0.48, 0.14), (-0.18, 0.14)
            )
        )
    else:
        pen.line(_LEGS, 0.05, (0.0, 0.05), (0.0, 0.62))
        pen.fill(_LEGS, limb((-0.17, 0.03, 0.03), (0.17, 0.03, 0.03)))
        pen.fill((255, 240, 176), blob(0.0, 0.6, 0.1, 0.1))
        pen.body(poly((-0.14, 1.0), (0.14, 1.0), (0.3, 0.6), (-0.3, 0.6)))


def draw_container_back(pen: Pen, kind: Kind) -> None:
    """What of a container is behind the thing in it."""
    if kind is Kind.BOX:
        pen.far(
            poly((-0.38, 0.56), (-0.3, 0.72), (0.3, 0.72), (0.38, 0.56)),
            poly((-0.38, 0.56), (-0.56, 0.7), (-0.47, 0.82), (-0.3, 0.72)),
            poly((0.38, 0.56), (0.56, 0.7), (0.47, 0.82), (0.3, 0.72)),
        )
        pen.fill(
            darker(pen.paint.colour, 0.35),
            poly((-0.36, 0.56), (-0.29, 0.7), (0.29, 0.7), (0.36, 0.56)),
        )
    elif kind is Kind.BASKET:
        pen.line(darker(pen.paint.colour, 0.5), 0.075, *_handle())
        pen.line(pen.paint.colour, 0.045, *_handle())
        pen.fill(darker(pen.paint.colour, 0.4), blob(0.0, 0.42, 0.46, 0.1))
    else:
        rim = 0.5 if kind is Kind.BOWL else 0.29
        height = 0.42 if kind is Kind.BOWL else 0.66
        pen.body(blob(0.0, height, rim, rim * 0.24))
        pen.fill(darker(pen.paint.colour, 0.45), blob(0.0, height, rim * 0.9, rim * 0.18))


def draw_container_front(pen: Pen, kind: Kind) -> None:
    """What of a container is before the thing in it."""
    colour = pen.paint.colour
    if kind is Kind.BOX:
        pen.body(box(-0.38, 0.0, 0.38, 0.57))
        pen.line(darker(colour, 0.5), 0.016, (-0.38, 0.565), (0.38, 0.565))
        pen.fill(lighter(colour, 0.45), box(-0.06, 0.24, 0.06, 0.56))
    elif kind is Kind.BASKET:
        pen.body(poly((-0.48, 0.42), (0.48, 0.42), (0.36, 0.0), (-0.36, 0.0)))
        weave = darker(colour, 0.55)
        for y in (0.1, 0.2, 0.3):
            pen.line(weave, 0.022, (-0.385 - y * 0.2, y), (0.385 + y * 0.2, y))
        for k in range(-3, 4):
            pen.line(weave, 0.016, (k * 0.105, 0.02), (k * 0.135, 0.4))
        pen.body(limb((-0.48, 0.42, 0.04), (0.0, 0.4, 0.04), (0.48, 0.42, 0.04)))
    elif kind is Kind.BOWL:
        pen.body(
            curve(
                (-0.5, 0.42),
                (-0.42, 0.16),
                (-0.2, 0.02),
                (0.2, 0.02),
                (0.42, 0.16),
                (0.5, 0.42),
                (0.0, 0.3),
            )
        )
        pen.fill(darker(colour, 0.7), limb((-0.16, 0.02, 0.03), (0.16, 0.02, 0.03)))
    else:
        pen.line(darker(colour, 0.45), 0.11, (0.26, 0.5), (0.44, 0.46), (0.44, 0.26), (0.24, 0.2))
        pen.line(colour, 0.07, (0.26, 0.5), (0.44, 0.46), (0.44, 0.26), (0.24, 0.2))
        pen.body(
            curve(
                (-0.29, 0.66),
                (-0.27, 0.2),
                (-0.2, 0.02),
                (0.2, 0.02),
                (0.27, 0.2),
                (0.29, 0.66),
                (0.0, 0.59),
            )
        )


def _handle() -> tuple[tuple[float, float], ...]:
    return (
        (-0.44, 0.42),
        (-0.4, 0.72),
        (-0.2, 0.92),
        (0.0, 0.96),
        (0.2, 0.92),
        (0.4, 0.72),
        (0.44, 0.42),
    )
