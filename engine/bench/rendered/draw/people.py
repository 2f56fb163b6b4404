"""Men, women and children, and what they do."""

from __future__ import annotations

from dataclasses import dataclass

from engine.bench.rendered.draw.canvas import Pen
from engine.bench.rendered.draw.paint import RGB, darker
from engine.bench.rendered.draw.shapes import Point, blob, box, curve, limb, poly
from engine.bench.rendered.world import Activity, Kind

__all__ = ["Looks", "draw_person"]

_DARK: RGB = (36, 30, 34)
_SHOES: RGB = (48, 40, 44)
_TROUSERS: tuple[RGB, ...] = ((58, 70, 104), (84, 78, 72), (120, 104, 82), (52, 56, 60))
_SKIN: tuple[RGB, ...] = ((246, 208, 176), (226, 172, 130), (178, 122, 82), (118, 76, 52))
_HAIR: tuple[RGB, ...] = ((44, 32, 28), (96, 60, 32), (214, 168, 88), (150, 76, 36))
_UMBRELLA: RGB = (206, 52, 74)


@dataclass(frozen=True, slots=True)
class Looks:
    """What nobody asked about: skin, hair and trousers, each one of four."""

    skin: int = 0
    hair: int = 0
    trousers: int = 0


# feet and hands of each pose, in units: far foot, near foot, far hand, near hand
_STANDING = ((-0.06, 0.02), (0.07, 0.02), (-0.17, 0.40), (0.18, 0.40))
_POSES: dict[Activity, tuple[Point, Point, Point, Point]] = {
    Activity.STANDING: _STANDING,
    Activity.RUNNING: ((0.27, 0.12), (-0.33, 0.16), (-0.24, 0.50), (0.29, 0.60)),
    Activity.JUMPING: ((-0.19, 0.06), (0.19, 0.10), (-0.29, 0.95), (0.30, 0.95)),
    Activity.SWIMMING: ((-0.06, 0.02), (0.07, 0.02), (-0.30, 0.60), (0.34, 0.70)),
    Activity.READING: ((-0.06, 0.02), (0.07, 0.02), (0.20, 0.55), (0.22, 0.50)),
    Activity.WAVING: ((-0.06, 0.02), (0.07, 0.02), (-0.17, 0.40), (0.31, 0.96)),
    Activity.HOLDING_BALLOON: ((-0.06, 0.02), (0.07, 0.02), (-0.17, 0.40), (0.26, 0.70)),
    Activity.HOLDING_UMBRELLA: ((-0.06, 0.02), (0.07, 0.02), (-0.17, 0.40), (0.17, 0.60)),
    Activity.HOLDING_FLOWER: ((-0.06, 0.02), (0.07, 0.02), (-0.17, 0.40), (0.27, 0.58)),
}


def draw_person(pen: Pen, kind: Kind, activity: Activity, looks: Looks) -> None:
    """Feet at height 0, the head at about 1 unit; a child is 0.75 units tall, its head larger."""
    skin, hair = _SKIN[looks.skin % 4], _HAIR[looks.hair % 4]
    trousers = _TROUSERS[looks.trousers % 4]
    sitting = activity is Activity.SITTING
    if sitting:
        hip, far_foot, near_foot = 0.30, (0.27, 0.03), (0.31, 0.02)
        far_hand, near_hand = (0.16, 0.36), (0.20, 0.34)
        pen.body(box(-0.16, 0.0, 0.1, 0.22), colour=(142, 104, 70))
    else:
        far_foot, near_foot, far_hand, near_hand = _POSES.get(activity, _STANDING)
        hip = 0.44
    shoulder = hip + 0.30
    lean = 0.06 if activity is Activity.RUNNING else 0.0
    neck = (lean * 1.4, shoulder + 0.02)
    if activity is Activity.HOLDING_UMBRELLA:
        pen.line((70, 60, 60), 0.024, (near_hand[0], near_hand[1] - 0.08), (near_hand[0], 1.2))
    elif activity is Activity.HOLDING_BALLOON:
        pen.line((120, 110, 110), 0.012, near_hand, (0.36, 0.98))
    _legs(pen, kind, hip, (far_foot, near_foot), (skin, trousers), bent=sitting)
    if kind is Kind.WOMAN:
        _long_hair(pen, neck, hair)
    sleeve = darker(pen.paint.colour, 0.7)
    elbow = _between((neck[0] - 0.1, shoulder - 0.03), far_hand, 0.55, -0.03)
    pen.fill(sleeve, limb((neck[0] - 0.08, shoulder - 0.03, 0.045), (*elbow, 0.04)))
    pen.fill(darker(skin, 0.85), limb((*elbow, 0.034), (*far_hand, 0.032)))
    _trunk(pen, kind, hip, shoulder, lean)
    elbow = _between((neck[0] + 0.1, shoulder - 0.03), near_hand, 0.55, -0.03)
    pen.body(limb((neck[0] + 0.09, shoulder - 0.03, 0.05), (*elbow, 0.042)))
    pen.body(limb((*elbow, 0.034), (*near_hand, 0.034)), colour=skin)
    _head(pen, kind, neck, skin, hair)
    _held(pen, activity, near_hand)


def _legs(
    pen: Pen,
    kind: Kind,
    hip: float,
    feet: tuple[Point, Point],
    colours: tuple[RGB, RGB],
    *,
    bent: bool,
) -> None:
    skin, trousers = colours
    bare = kind is not Kind.MAN
    for foot, x, shade in ((feet[0], -0.05, 0.72), (feet[1], 0.05, 1.0)):
        upper = darker(trousers if kind is not Kind.WOMAN else skin, shade)
        lower = darker(skin if bare else trousers, shade)
        knee = (0.24, hip + 0.0) if bent else _between((x, hip), foot, 0.5, 0.05)
        pen.body(limb((*knee, 0.042), (foot[0], foot[1] + 0.03, 0.036)), colour=lower)
        pen.body(limb((x, hip, 0.062), (*knee, 0.048)), colour=upper)
        pen.fill(
            darker(_SHOES, shade),
            limb((*_up(foot), 0.034), (foot[0] + 0.06, foot[1] + 0.02, 0.026)),
        )


def _trunk(pen: Pen, kind: Kind, hip: float, shoulder: float, lean: float) -> None:
    if kind is Kind.WOMAN:
        pen.body(
            poly(
                (lean - 0.1, shoulder + 0.02),
                (lean + 0.1, shoulder + 0.02),
                (lean / 2 + 0.085, hip + 0.08),
                (0.21, hip - 0.17),
                (-0.21, hip - 0.17),
                (lean / 2 - 0.085, hip + 0.08),
            )
        )
    else:
        wide = 0.135 if kind is Kind.MAN else 0.115
        pen.body(
            curve(
                (lean - wide, shoulder - 0.01),
                (lean, shoulder + 0.03),
                (lean + wide, shoulder - 0.01),
                (0.11, hip - 0.03),
                (-0.11, hip - 0.03),
            )
        )


def _long_hair(pen: Pen, neck: Point, hair: RGB) -> None:
    x, y = neck
    pen.body(
        curve(
            (x - 0.02, y + 0.27),
            (x - 0.14, y + 0.18),
            (x - 0.16, y - 0.1),
            (x, y - 0.06),
            (x + 0.1, y - 0.08),
            (x + 0.12, y + 0.18),
        ),
        colour=hair,
    )


def _head(pen: Pen, kind: Kind, neck: Point, skin: RGB, hair: RGB) -> None:
    x, y = neck
    big = 1.18 if kind is Kind.CHILD else 1.0
    middle = y + 0.12 * big
    pen.body(
        limb((x, y, 0.04), (x, middle, 0.045)),
        blob(x + 0.01, middle, 0.095 * big, 0.11 * big),
        colour=skin,
    )
    if kind is Kind.CHILD:  # a cap
        pen.body(
            curve(
                (x - 0.13, middle + 0.02),
                (x - 0.08, middle + 0.13),
                (x + 0.07, middle + 0.14),
                (x + 0.12, middle + 0.04),
            ),
            limb((x + 0.06, middle + 0.045, 0.02), (x + 0.2, middle + 0.03, 0.016)),
            colour=(250, 196, 50) if pen.paint.colour[2] > 90 else (60, 120, 214),
        )
    else:
        pen.fill(
            hair,
            curve(
                (x + 0.1, middle + 0.05),
                (x + 0.06, middle + 0.125),
                (x - 0.06, middle + 0.125),
                (x - 0.105, middle + 0.02),
                (x - 0.075, middle - 0.03),
                (x - 0.05, middle + 0.055),
            ),
        )
    for eye in (0.01, 0.07):
        pen.fill(_DARK, blob(x + eye, middle + 0.01, 0.012, 0.016))
    pen.line(
        (168, 70, 70),
        0.014,
        (x + 0.01, middle - 0.055),
        (x + 0.05, middle - 0.06),
        (x + 0.075, middle - 0.045),
    )


def _held(pen: Pen, activity: Activity, hand: Point) -> None:
    x, y = hand
    if activity is Activity.READING:
        pen.body(
            poly((x - 0.04, y - 0.07), (x + 0.1, y - 0.03), (x + 0.16, y + 0.14), (x, y + 0.12)),
            colour=(176, 46, 46),
        )
        pen.body(
            poly((x - 0.04, y - 0.06), (x - 0.15, y - 0.01), (x - 0.14, y + 0.16), (x, y + 0.12)),
            colour=(250, 248, 238),
        )
        for line in (0.02, 0.06, 0.1):
            pen.line((110, 110, 116), 0.01, (x - 0.12, y + line), (x - 0.04, y + line - 0.03))
    elif activity is Activity.HOLDING_BALLOON:
        other = (70, 150, 230) if pen.paint.colour[0] > 120 else (232, 64, 64)
        pen.body(blob(0.36, 1.14, 0.145, 0.17), colour=other)
        pen.fill((255, 255, 255), blob(0.31, 1.2, 0.03, 0.045, 20))
    elif activity is Activity.HOLDING_UMBRELLA:
        top = 1.16
        pen.body(
            curve(
                (x - 0.40, top - 0.08),
                (x - 0.26, top + 0.1),
                (x, top + 0.18),
                (x + 0.26, top + 0.1),
                (x + 0.40, top - 0.08),
                (x, top - 0.03),
            ),
            colour=_UMBRELLA,
        )
        for rib in (-0.16, 0.16):
            pen.line(darker(_UMBRELLA, 0.6), 0.014, (x, top + 0.17), (x + rib, top - 0.04))
    elif activity is Activity.HOLDING_FLOWER:
        pen.line((60, 140, 60), 0.026, (x, y - 0.12), (x + 0.03, y + 0.16))
        for dx, dy in ((0.06, 0), (-0.06, 0), (0, 0.06), (0, -0.06)):
            pen.fill((240, 96, 150), blob(x + 0.03 + dx, y + 0.2 + dy, 0.05, 0.05))
        pen.fill((250, 210, 60), blob(x + 0.03, y + 0.2, 0.036, 0.036))


def _between(start: Point, end: Point, share: float, aside: float) -> Point:
    """A point on the way from start to end, pushed forward by aside."""
    return (
        start[0] + (end[0] - start[0]) * share + aside,
        start[1] + (end[1] - start[1]) * share,
    )


def _up(foot: Point) -> Point:
    return foot[0], foot[1] + 0.03
