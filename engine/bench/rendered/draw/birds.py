"""Bird, duck and fish."""

from __future__ import annotations

from engine.bench.rendered.draw.canvas import Pen
from engine.bench.rendered.draw.paint import RGB, darker, lighter
from engine.bench.rendered.draw.shapes import blob, curve, limb, poly
from engine.bench.rendered.world import Activity

__all__ = ["draw_bird", "draw_duck", "draw_fish"]

_BEAK: RGB = (245, 150, 30)
_DARK: RGB = (28, 24, 26)
_WHITE: RGB = (252, 252, 248)


def draw_bird(pen: Pen, activity: Activity) -> None:
    """A songbird on its legs, or with its wings spread."""
    if activity is Activity.FLYING:
        pen.far(curve((0.02, 0.5), (-0.02, 0.85), (0.22, 1.0), (0.26, 0.72), (0.16, 0.5)))
        pen.body(
            poly((-0.2, 0.48), (-0.5, 0.6), (-0.52, 0.46), (-0.48, 0.36)),
            blob(0.0, 0.45, 0.28, 0.13, 8),
            blob(0.27, 0.53, 0.12, 0.115),
        )
        pen.body(
            curve((-0.1, 0.48), (-0.36, 0.8), (-0.34, 1.0), (-0.08, 0.88), (0.12, 0.52)),
            colour=lighter(darker(pen.paint.colour, 0.85), 0.08),
        )
        pen.line(darker(pen.paint.colour, 0.5), 0.014, (-0.04, 0.56), (-0.26, 0.86))
        pen.line(darker(pen.paint.colour, 0.5), 0.014, (0.04, 0.58), (-0.14, 0.86))
        pen.fill(_BEAK, poly((0.37, 0.57), (0.52, 0.52), (0.37, 0.48)))
        pen.fill(_WHITE, blob(0.3, 0.57, 0.032, 0.032))
        pen.fill(_DARK, blob(0.307, 0.57, 0.02, 0.02))
        return
    for x in (-0.02, 0.1):
        pen.line((190, 110, 40), 0.03, (x, 0.24), (x + 0.02, 0.02), (x + 0.09, 0.02))
    pen.body(
        poly((-0.2, 0.42), (-0.56, 0.2), (-0.48, 0.13), (-0.12, 0.28)),
        curve((-0.3, 0.34), (-0.05, 0.2), (0.2, 0.28), (0.3, 0.52), (0.16, 0.68), (-0.1, 0.56)),
        blob(0.2, 0.7, 0.155, 0.145),
    )
    pen.fill(lighter(pen.paint.colour, 0.6), blob(0.16, 0.4, 0.1, 0.15, 30))
    pen.body(
        curve((-0.02, 0.54), (-0.22, 0.46), (-0.42, 0.24), (-0.12, 0.27), (0.06, 0.42)),
        colour=darker(pen.paint.colour, 0.72),
    )
    pen.fill(_BEAK, poly((0.33, 0.76), (0.52, 0.69), (0.33, 0.63)))
    pen.fill(_WHITE, blob(0.25, 0.75, 0.036, 0.036))
    pen.fill(_DARK, blob(0.258, 0.75, 0.024, 0.024))


def draw_duck(pen: Pen, activity: Activity) -> None:
    """A duck with a broad bill, long and low; the caller covers what is under water."""
    if activity is Activity.STANDING:
        for x in (-0.04, 0.1):
            pen.line(_BEAK, 0.04, (x, 0.22), (x, 0.03), (x + 0.12, 0.025))
    pen.body(
        curve(
            (-0.5, 0.54),
            (-0.38, 0.24),
            (0.0, 0.13),
            (0.3, 0.25),
            (0.33, 0.48),
            (0.06, 0.5),
            (-0.3, 0.44),
        ),
        limb((0.22, 0.42, 0.1), (0.25, 0.62, 0.075), (0.27, 0.76, 0.1)),
        blob(0.28, 0.78, 0.135, 0.12),
    )
    pen.fill(
        darker(pen.paint.colour, 0.76),
        curve((0.12, 0.42), (-0.1, 0.45), (-0.4, 0.44), (-0.2, 0.26), (0.06, 0.26)),
    )
    pen.fill(_WHITE, limb((0.15, 0.63, 0.022), (0.34, 0.63, 0.022)))
    pen.body(
        curve((0.37, 0.83), (0.5, 0.79), (0.6, 0.76), (0.58, 0.7), (0.44, 0.7), (0.36, 0.73)),
        colour=_BEAK,
    )
    pen.fill(_DARK, blob(0.31, 0.83, 0.026, 0.026))


def draw_fish(pen: Pen) -> None:
    """A fish from the side, with a forked tail and a round eye."""
    pen.body(
        curve((-0.2, 0.4), (-0.36, 0.5), (-0.54, 0.68), (-0.46, 0.4), (-0.54, 0.12), (-0.36, 0.3)),
        curve((-0.1, 0.55), (-0.08, 0.78), (0.1, 0.74), (0.24, 0.56)),
        curve((-0.02, 0.26), (-0.08, 0.08), (0.06, 0.12), (0.14, 0.26)),
    )
    pen.body(curve((-0.3, 0.4), (-0.1, 0.58), (0.2, 0.62), (0.46, 0.42), (0.22, 0.2), (-0.1, 0.22)))
    dark = darker(pen.paint.colour, 0.55)
    pen.line(dark, 0.02, (0.2, 0.56), (0.15, 0.4), (0.2, 0.26))
    pen.fill(dark, curve((0.04, 0.42), (-0.12, 0.46), (-0.14, 0.34), (0.02, 0.34)))
    pen.fill(_WHITE, blob(0.31, 0.46, 0.05, 0.05))
    pen.fill(_DARK, blob(0.32, 0.46, 0.028, 0.028))
    pen.line(dark, 0.018, (0.45, 0.38), (0.38, 0.34))
