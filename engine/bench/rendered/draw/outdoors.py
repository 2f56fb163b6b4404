"""Plants and buildings."""

from __future__ import annotations

from engine.bench.rendered.draw.canvas import Pen
from engine.bench.rendered.draw.paint import RGB, darker, lighter
from engine.bench.rendered.draw.shapes import blob, box, curve, limb, poly
from engine.bench.rendered.world import Kind

__all__ = ["draw_building", "draw_plant"]

_BARK: RGB = (112, 76, 48)
_LEAF: RGB = (64, 142, 62)
_PANE: RGB = (150, 196, 226)
_LIT: RGB = (255, 222, 120)


def draw_plant(pen: Pen, kind: Kind) -> None:
    """About one unit tall."""
    colour = pen.paint.colour
    if kind is Kind.TREE:
        pen.body(limb((0.0, 0.0, 0.075), (0.0, 0.5, 0.05)), colour=_BARK)
        pen.body(
            blob(-0.19, 0.55, 0.2, 0.17),
            blob(0.2, 0.55, 0.2, 0.17),
            blob(0.0, 0.6, 0.24, 0.2),
            blob(-0.12, 0.76, 0.19, 0.17),
            blob(0.13, 0.77, 0.18, 0.16),
            blob(0.0, 0.87, 0.16, 0.13),
        )
        for x, y in ((-0.16, 0.82), (0.06, 0.9), (-0.22, 0.62), (0.02, 0.7)):
            pen.fill(lighter(colour, 0.22), blob(x, y, 0.07, 0.045, 20))
        for x, y in ((0.2, 0.5), (0.22, 0.72), (-0.08, 0.5), (0.08, 0.58)):
            pen.fill(darker(colour, 0.78), blob(x, y, 0.08, 0.045, 20))
    elif kind is Kind.FLOWER:
        pen.fill(darker(_LEAF, 0.6), limb((0.0, 0.0, 0.034), (0.02, 0.62, 0.034)))
        pen.body(
            curve((0.0, 0.16), (0.14, 0.34), (0.36, 0.38), (0.22, 0.2)),
            curve((0.0, 0.26), (-0.14, 0.42), (-0.36, 0.44), (-0.22, 0.28)),
            colour=_LEAF,
        )
        pen.fill(_LEAF, limb((0.0, 0.0, 0.02), (0.02, 0.62, 0.02)))
        pen.body(*(blob(0.02 + x, 0.74 + y, 0.13, 0.1, turn) for x, y, turn in _PETALS))
        heart: RGB = (250, 206, 60) if colour[0] < 240 or colour[2] > 100 else (120, 72, 30)
        pen.fill(heart, blob(0.02, 0.74, 0.095, 0.095))
    elif kind is Kind.MUSHROOM:
        pen.body(
            curve((-0.13, 0.5), (-0.18, 0.06), (0.0, 0.0), (0.18, 0.06), (0.13, 0.5)),
            colour=(244, 232, 208),
        )
        pen.body(
            curve((-0.5, 0.44), (-0.4, 0.78), (0.0, 0.96), (0.4, 0.78), (0.5, 0.44), (0.0, 0.38))
        )
        pen.fill((226, 206, 176), blob(0.0, 0.43, 0.36, 0.045))
    else:
        pen.body(
            limb((0.0, 0.0, 0.13), (0.0, 0.86, 0.13)),
            limb((0.0, 0.34, 0.08), (0.3, 0.4, 0.08), (0.32, 0.72, 0.08)),
            limb((0.0, 0.26, 0.075), (-0.29, 0.32, 0.075), (-0.31, 0.58, 0.075)),
        )
        thorn = lighter(colour, 0.5)
        for x in (-0.06, 0.0, 0.06):
            pen.line(darker(colour, 0.62), 0.014, (x, 0.02), (x, 0.92))
        for y in range(1, 9):
            pen.line(thorn, 0.014, (-0.13, y * 0.1), (-0.09, y * 0.1 + 0.02))
            pen.line(thorn, 0.014, (0.13, y * 0.1), (0.09, y * 0.1 + 0.02))
        pen.fill((244, 120, 160), blob(0.0, 0.99, 0.06, 0.04))


_PETALS = (
    (0.17, 0.0, 0),
    (0.085, 0.147, 60),
    (-0.085, 0.147, 120),
    (-0.17, 0.0, 180),
    (-0.085, -0.147, 240),
    (0.085, -0.147, 300),
)


def draw_building(pen: Pen, kind: Kind, *, night: bool) -> None:
    """About one unit tall; at night there is light in the windows."""
    pane = _LIT if night else _PANE
    colour = pen.paint.colour
    if kind is Kind.HOUSE:
        roof: RGB = (150, 66, 52) if not _reddish(colour) else (84, 84, 96)
        pen.body(box(0.2, 0.66, 0.31, 0.98), colour=darker(roof, 0.8))
        pen.body(box(-0.42, 0.0, 0.42, 0.56))
        pen.body(poly((-0.52, 0.54), (0.0, 1.0), (0.52, 0.54)), colour=roof)
        pen.fill(darker((128, 84, 54), 0.8), box(-0.08, 0.0, 0.1, 0.33))
        for x in (-0.33, 0.2):
            pen.fill((250, 250, 246), box(x - 0.02, 0.2, x + 0.17, 0.43))
            pen.fill(_LIT if night else (92, 140, 176), box(x, 0.22, x + 0.15, 0.41))
            pen.line((250, 250, 246), 0.018, (x + 0.075, 0.22), (x + 0.075, 0.41))
    elif kind is Kind.TENT:
        pen.far(poly((0.0, 0.72), (0.28, 0.62), (0.54, 0.02), (0.3, 0.0)))
        pen.body(poly((0.0, 0.74), (-0.52, 0.0), (0.42, 0.0)))
        pen.fill(
            (255, 208, 110) if night else darker(colour, 0.28),
            poly((0.0, 0.62), (-0.15, 0.0), (0.13, 0.0)),
        )
        pen.fill(lighter(colour, 0.3), poly((0.0, 0.62), (-0.02, 0.3), (-0.24, 0.0), (-0.15, 0.0)))
        pen.line((120, 84, 50), 0.02, (0.0, 0.72), (0.0, 0.8))
    else:
        pen.body(poly((-0.2, 0.0), (0.2, 0.0), (0.125, 0.7), (-0.125, 0.7)))
        if pen.paint.pattern.value == "plain":
            band = (248, 246, 240) if sum(colour) < 560 else (206, 60, 52)
            pen.fill(
                band,
                poly((-0.181, 0.18), (0.181, 0.18), (0.165, 0.34), (-0.165, 0.34)),
                poly((-0.148, 0.5), (0.148, 0.5), (0.132, 0.64), (-0.132, 0.64)),
            )
        pen.fill((60, 60, 70), box(-0.18, 0.69, 0.18, 0.74))
        pen.fill(_LIT if night else pane, box(-0.095, 0.74, 0.095, 0.87))
        pen.line((60, 60, 70), 0.016, (0.0, 0.74), (0.0, 0.87))
        pen.body(poly((-0.14, 0.87), (0.14, 0.87), (0.0, 1.02)), colour=(176, 58, 48))
        pen.fill((70, 60, 60), box(-0.04, 0.0, 0.05, 0.12))
        if night:
            pen.fill((255, 236, 160), poly((0.1, 0.83), (0.1, 0.78), (0.75, 0.6), (0.75, 0.98)))


def _reddish(colour: RGB) -> bool:
    return colour[0] > 100 and colour[1] < 100 and colour[2] < 80
