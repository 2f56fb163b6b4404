"""Animals on four legs: dog, cat, horse, cow and rabbit, in five poses.

One skeleton serves all; what tells them apart is a `Build`, the head and the tail.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.bench.rendered.draw.canvas import Pen
from engine.bench.rendered.draw.paint import RGB, darker, lighter, mixed
from engine.bench.rendered.draw.shapes import Outline, Point, blob, curve, limb, poly
from engine.bench.rendered.world import Activity, Kind

__all__ = ["draw_quadruped"]

_DARK: RGB = (28, 24, 26)
_PINK: RGB = (236, 164, 158)
_IVORY: RGB = (240, 230, 205)

_Head = Callable[[Pen, float, float, bool], None]


@dataclass(frozen=True, slots=True)
class Build:
    """The body of a kind, in units."""

    half: float  # half the length of the trunk
    back: float  # height of the middle of the trunk
    hip: float  # radius of the trunk behind
    chest: float  # radius of the trunk in front
    leg: float  # radius of a leg
    neck: float  # radius of the neck
    head: Point  # where the head is, from the chest
    low: float  # height of a sleeping animal's head


_BUILDS: dict[Kind, Build] = {
    Kind.DOG: Build(0.25, 0.40, 0.115, 0.135, 0.048, 0.10, (0.17, 0.25), 0.13),
    Kind.CAT: Build(0.24, 0.33, 0.115, 0.115, 0.040, 0.08, (0.14, 0.17), 0.16),
    Kind.HORSE: Build(0.24, 0.50, 0.135, 0.145, 0.042, 0.10, (0.20, 0.32), 0.17),
    Kind.COW: Build(0.30, 0.43, 0.175, 0.185, 0.055, 0.11, (0.22, 0.13), 0.18),
    Kind.RABBIT: Build(0.14, 0.26, 0.185, 0.13, 0.045, 0.08, (0.15, 0.17), 0.17),
}


def draw_quadruped(pen: Pen, kind: Kind, activity: Activity) -> None:
    """Draws it with its feet at height 0; whoever jumps is lifted and turned by the caller."""
    build = _BUILDS[kind]
    if activity is Activity.SLEEPING:
        _lying(pen, kind, build)
    elif activity is Activity.SITTING:
        _sitting(pen, kind, build)
    else:
        _on_four_legs(pen, kind, build, activity)


def _on_four_legs(pen: Pen, kind: Kind, build: Build, activity: Activity) -> None:
    hip, chest, back = -build.half, build.half, build.back
    # where the near and the far feet of the hind and the front legs are, from the joint
    if activity is Activity.RUNNING:
        feet = ((-0.30, 0.10), (-0.10, 0.02), (0.30, 0.08), (0.14, 0.0))
        back += 0.03
    elif activity is Activity.JUMPING:
        feet = ((-0.26, 0.0), (-0.16, -0.02), (0.20, 0.20), (0.26, 0.26))
    else:
        feet = ((-0.03, 0.0), (0.08, 0.03), (0.03, 0.0), (-0.08, 0.03))
    high = back - 0.04
    pen.far(
        _leg(hip + 0.03, high, feet[1], build.leg, behind=True),
        _leg(chest - 0.03, high, feet[3], build.leg, behind=False),
    )
    _tail(pen, kind, (hip - build.hip * 0.7, back + 0.04), lifted=True)
    head_x, head_y = chest + build.head[0], back + build.head[1]
    pen.body(
        _leg(hip, high, feet[0], build.leg, behind=True),
        _leg(chest, high, feet[2], build.leg, behind=False),
        limb(
            (hip, back, build.hip),
            (0.0, back - 0.005, min(build.hip, build.chest) * 0.97),
            (chest, back + 0.01, build.chest),
        ),
        limb((chest, back + 0.06, build.neck * 1.15), (head_x, head_y, build.neck * 0.8)),
    )
    if kind is Kind.COW:
        pen.fill(_PINK, blob(hip + 0.08, back - build.hip, 0.07, 0.045))
    if kind is Kind.HORSE:
        _mane(pen, (chest - 0.02, back + 0.14), (head_x - 0.06, head_y + 0.1))
    _HEADS[kind](pen, head_x, head_y, True)


def _sitting(pen: Pen, kind: Kind, build: Build) -> None:
    top = build.back + 0.06
    _tail(pen, kind, (-0.22, 0.09), lifted=False)
    pen.far(limb((0.11, top, 0.06), (0.17, 0.05, build.leg)))
    head_x, head_y = 0.10 + build.head[0] * 0.55, top + build.head[1] * 0.95
    pen.body(
        limb((-0.12, 0.17, build.hip + 0.05), (0.07, top, build.chest)),
        limb((0.07, top, build.neck * 1.2), (head_x, head_y, build.neck * 0.8)),
        limb((0.07, top - 0.04, 0.07), (0.12, 0.1, build.leg), (0.16, build.leg * 0.8, build.leg)),
        limb((-0.12, 0.06, 0.06), (0.05, 0.045, 0.045)),
    )
    pen.line(darker(pen.paint.colour, 0.5), 0.016, (-0.2, 0.28), (-0.06, 0.26), (-0.02, 0.12))
    if kind is Kind.HORSE:
        _mane(pen, (0.02, top + 0.1), (head_x - 0.06, head_y + 0.1))
    _HEADS[kind](pen, head_x, head_y, True)


def _lying(pen: Pen, kind: Kind, build: Build) -> None:
    fat = max(build.hip, 0.12)
    _tail(pen, kind, (-build.half - fat * 0.9, 0.08), lifted=False)
    head_x = build.half + 0.17
    pen.body(
        limb((-build.half, fat, fat), (0, fat + 0.03, fat), (build.half, fat * 0.9, fat * 0.9)),
        limb((build.half - 0.05, 0.045, 0.045), (head_x + 0.12, 0.04, 0.04)),
        limb((build.half, fat, build.neck), (head_x, build.low, build.neck * 0.8)),
        limb((-build.half + 0.02, 0.05, 0.05), (-build.half + 0.24, 0.045, 0.04)),
    )
    pen.line(
        darker(pen.paint.colour, 0.5),
        0.016,
        (-build.half - 0.06, fat * 1.5),
        (-build.half + 0.1, fat * 1.4),
        (-build.half + 0.13, fat * 0.6),
    )
    _HEADS[kind](pen, head_x, build.low, False)
    for x, y, size in ((0.42, 0.40, 0.06), (0.52, 0.52, 0.08), (0.60, 0.68, 0.10)):
        z = ((x, y + size), (x + size, y + size), (x, y), (x + size, y))
        pen.line((250, 250, 255), 0.042, *z)
        pen.line((40, 50, 110), 0.02, *z)


def _leg(x: float, y: float, foot: Point, radius: float, *, behind: bool) -> Outline:
    """From a joint of the trunk to the foot; hind legs bend to the back, front legs forward."""
    knee = (x + foot[0] * 0.5 + (-0.035 if behind else 0.02), y * 0.5 + foot[1] * 0.5)
    sole = radius * 0.75
    return limb(
        (x, y, radius * 1.5),
        (knee[0], knee[1], radius * 0.9),
        (x + foot[0], foot[1] + sole, radius * 0.8),
        (x + foot[0] + radius * 0.7, foot[1] + sole, radius * 0.75),
    )


def _tail(pen: Pen, kind: Kind, root: Point, *, lifted: bool) -> None:
    x, y = root
    if kind is Kind.RABBIT:
        pen.body(blob(x - 0.02, y + 0.0, 0.06, 0.06), colour=lighter(pen.paint.colour, 0.75))
    elif kind is Kind.HORSE:
        hair = _hair(pen)
        drop = 0.34 if lifted else 0.05
        pen.fill(hair, limb((x, y + 0.04, 0.035), (x - 0.09, y, 0.05), (x - 0.12, y - drop, 0.03)))
    elif kind is Kind.COW:
        drop = 0.3 if lifted else 0.04
        pen.body(limb((x - 0.01, y + 0.06, 0.022), (x - 0.06, y - drop, 0.016)))
        pen.fill(_hair(pen), blob(x - 0.065, y - drop - 0.02, 0.03, 0.05))
    elif kind is Kind.CAT:
        if lifted:
            pen.body(
                limb(
                    (x + 0.04, y, 0.04),
                    (x - 0.12, y + 0.06, 0.034),
                    (x - 0.17, y + 0.22, 0.032),
                    (x - 0.11, y + 0.34, 0.03),
                )
            )
        else:
            pen.body(
                limb((x + 0.05, y, 0.04), (x - 0.12, y - 0.03, 0.036), (x - 0.2, y + 0.05, 0.03))
            )
    else:
        rise = 0.2 if lifted else 0.03
        pen.body(
            limb((x + 0.04, y, 0.04), (x - 0.08, y + rise * 0.5, 0.032), (x - 0.13, y + rise, 0.02))
        )


def _hair(pen: Pen) -> RGB:
    colour = pen.paint.colour
    return mixed(darker(colour, 0.4), (60, 40, 20), 0.3) if sum(colour) > 200 else (92, 84, 80)


def _mane(pen: Pen, low: Point, high: Point) -> None:
    pen.fill(_hair(pen), limb((low[0] - 0.03, low[1], 0.05), (high[0], high[1], 0.045)))


def _eye(pen: Pen, x: float, y: float, size: float, *, awake: bool) -> None:
    if awake:
        pen.fill((250, 250, 245), blob(x, y, size * 1.25, size * 1.25))
        pen.fill(_DARK, blob(x + size * 0.2, y, size * 0.85, size * 0.85))
    else:
        colour = (235, 230, 225) if sum(pen.paint.colour) < 150 else _DARK
        pen.line(colour, 0.022, (x - size * 1.3, y), (x, y - size * 0.7), (x + size * 1.3, y))


def _dog_head(pen: Pen, x: float, y: float, awake: bool) -> None:
    pen.body(
        blob(x + 0.01, y + 0.03, 0.125, 0.115),
        limb((x + 0.06, y + 0.0, 0.075), (x + 0.19, y - 0.03, 0.055)),
    )
    ear = mixed(darker(pen.paint.colour, 0.55), (70, 50, 40), 0.3)
    pen.fill(
        ear,
        curve(
            (x - 0.02, y + 0.12),
            (x - 0.09, y + 0.1),
            (x - 0.14, y - 0.06),
            (x - 0.08, y - 0.12),
            (x - 0.02, y - 0.02),
        ),
    )
    pen.fill(_DARK, blob(x + 0.235, y - 0.005, 0.035, 0.03))
    _eye(pen, x + 0.07, y + 0.065, 0.024, awake=awake)


def _cat_head(pen: Pen, x: float, y: float, awake: bool) -> None:
    pen.body(
        poly((x - 0.11, y + 0.05), (x - 0.095, y + 0.21), (x + 0.0, y + 0.12)),
        poly((x + 0.15, y + 0.05), (x + 0.135, y + 0.21), (x + 0.04, y + 0.12)),
        blob(x + 0.02, y + 0.03, 0.135, 0.115),
    )
    pen.fill(
        _PINK,
        poly((x - 0.085, y + 0.11), (x - 0.08, y + 0.175), (x - 0.035, y + 0.135)),
        poly((x + 0.125, y + 0.11), (x + 0.12, y + 0.175), (x + 0.075, y + 0.135)),
    )
    for side in (-0.04, 0.085):
        if awake:
            pen.fill((150, 205, 90), blob(x + side, y + 0.05, 0.028, 0.032))
            pen.fill(_DARK, blob(x + side, y + 0.05, 0.012, 0.03))
        else:
            _eye(pen, x + side, y + 0.05, 0.02, awake=False)
    muzzle = lighter(pen.paint.colour, 0.55)
    pen.fill(muzzle, blob(x + 0.022, y - 0.022, 0.06, 0.042))
    pen.fill(_PINK, poly((x, y + 0.008), (x + 0.045, y + 0.008), (x + 0.022, y - 0.02)))
    whisker = (250, 250, 250) if sum(pen.paint.colour) < 420 else (70, 60, 60)
    for way in (-1, 1):
        start = x + 0.022 + way * 0.04
        pen.line(whisker, 0.008, (start, y - 0.01), (start + way * 0.13, y + 0.01))
        pen.line(whisker, 0.008, (start, y - 0.025), (start + way * 0.13, y - 0.035))


def _horse_head(pen: Pen, x: float, y: float, awake: bool) -> None:
    pen.body(
        poly((x - 0.03, y + 0.06), (x - 0.045, y + 0.17), (x + 0.035, y + 0.08)),
        limb((x, y + 0.03, 0.085), (x + 0.09, y - 0.05, 0.065), (x + 0.19, y - 0.13, 0.05)),
    )
    pen.fill(darker(pen.paint.colour, 0.55), blob(x + 0.205, y - 0.145, 0.042, 0.035, -40))
    pen.fill(_hair(pen), limb((x - 0.04, y + 0.12, 0.03), (x + 0.05, y + 0.06, 0.02)))
    _eye(pen, x + 0.045, y + 0.03, 0.02, awake=awake)


def _cow_head(pen: Pen, x: float, y: float, awake: bool) -> None:
    horn = _IVORY
    pen.fill(
        horn,
        curve(
            (x - 0.04, y + 0.1), (x - 0.07, y + 0.22), (x - 0.01, y + 0.24), (x + 0.01, y + 0.11)
        ),
        curve((x + 0.08, y + 0.1), (x + 0.14, y + 0.2), (x + 0.18, y + 0.19), (x + 0.12, y + 0.07)),
    )
    pen.body(
        blob(x - 0.11, y + 0.06, 0.075, 0.035, 160),
        limb((x + 0.02, y + 0.04, 0.105), (x + 0.09, y - 0.07, 0.09)),
    )
    pen.fill(_PINK, blob(x + 0.12, y - 0.105, 0.1, 0.07, -20))
    pen.fill(
        (120, 60, 60), blob(x + 0.1, y - 0.09, 0.014, 0.014), blob(x + 0.16, y - 0.1, 0.014, 0.014)
    )
    _eye(pen, x + 0.075, y + 0.045, 0.022, awake=awake)


def _rabbit_head(pen: Pen, x: float, y: float, awake: bool) -> None:
    lean = 0.0 if awake else 55.0
    drop = 0.0 if awake else -0.08
    pen.body(
        blob(x - 0.07 + drop, y + 0.24 + drop, 0.045, 0.16, 12 + lean),
        blob(x + 0.03 + drop, y + 0.25 + drop, 0.045, 0.16, -8 + lean),
        blob(x + 0.01, y + 0.02, 0.12, 0.105),
    )
    pen.fill(
        _PINK,
        blob(x - 0.07 + drop, y + 0.24 + drop, 0.018, 0.11, 12 + lean),
        blob(x + 0.03 + drop, y + 0.25 + drop, 0.018, 0.11, -8 + lean),
        blob(x + 0.125, y + 0.0, 0.02, 0.016),
    )
    pen.fill((250, 250, 250), poly((x + 0.09, y - 0.06), (x + 0.12, y - 0.06), (x + 0.1, y - 0.1)))
    _eye(pen, x + 0.06, y + 0.05, 0.022, awake=awake)


_HEADS: dict[Kind, _Head] = {
    Kind.DOG: _dog_head,
    Kind.CAT: _cat_head,
    Kind.HORSE: _horse_head,
    Kind.COW: _cow_head,
    Kind.RABBIT: _rabbit_head,
}
