"""Where each thing of a scene goes in the picture. Draws nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.bench.rendered.draw.canvas import Spot
from engine.bench.rendered.kinds import FACTS
from engine.bench.rendered.scene import Scene
from engine.bench.rendered.world import (
    Activity,
    Group,
    Kind,
    Place,
    Relation,
    Setting,
    Size,
)

__all__ = ["Layout", "lay_out"]

_UNITS = {Size.SMALL: 0.27, Size.MEDIUM: 0.46, Size.LARGE: 0.7}  # of the picture's side
#: foot of each of several things, and their unit
_GROUPS: dict[int, tuple[float, tuple[tuple[float, float], ...]]] = {
    2: (0.40, ((0.27, 0.74), (0.73, 0.76))),
    3: (0.31, ((0.19, 0.70), (0.50, 0.80), (0.81, 0.70))),
    4: (0.30, ((0.28, 0.53), (0.73, 0.55), (0.26, 0.92), (0.74, 0.93))),
    5: (0.265, ((0.18, 0.50), (0.50, 0.46), (0.82, 0.51), (0.32, 0.92), (0.69, 0.93))),
}
#: height on which one stands on it, of its units
_TOPS = {
    Kind.CHAIR: 0.4,
    Kind.TABLE: 0.58,
    Kind.SOFA: 0.29,
    Kind.BED: 0.4,
    Kind.CAR: 0.51,
    Kind.BOX: 0.57,
}
#: height at which a thing inside is cut off by the rim
_RIMS = {Kind.BOX: 0.56, Kind.BASKET: 0.4, Kind.BOWL: 0.4, Kind.CUP: 0.63}
#: people are slim, so they are drawn larger than their height asks for
_STATURE = {Kind.MAN: 1.16, Kind.WOMAN: 1.14, Kind.CHILD: 0.96}
#: about how wide drawings are, in units
_WIDTHS = {Group.ANIMAL: 1.28, Group.VEHICLE: 1.1, Group.FURNITURE: 1.08, Group.PERSON: 0.75}
_TALL = frozenset({Group.BUILDING, Group.PLANT})


@dataclass(frozen=True, slots=True)
class Layout:
    """Spots of a scene; those of the main kind from the back to the front."""

    horizon: float  # share of the side, from above
    mains: tuple[Spot, ...]
    other: Spot | None = None


def lay_out(scene: Scene, rng: np.random.Generator) -> Layout:
    """Spots for everything, a little shifted, so that no two pictures are alike."""
    if scene.other is not None and scene.relation is not Relation.NONE:
        return _beside(scene, scene.other, rng)
    if scene.count > 1:
        return _several(scene, rng)
    return _single(scene, rng)


def in_the_air(scene: Scene) -> bool:
    """Whether it flies."""
    return FACTS[scene.kind].airborne or scene.activity is Activity.FLYING


def _single(scene: Scene, rng: np.random.Generator) -> Layout:
    unit = _UNITS[scene.size] * rng.uniform(0.94, 1.06)
    place = scene.place
    if place is not Place.CENTRE:
        unit = min(unit, 0.36)
    tall = _height(scene)
    wide = _WIDTHS.get(FACTS[scene.kind].group, 0.9)
    stature = _STATURE.get(scene.kind, 1.0)
    unit = min(unit, 0.9 / (tall * stature), 0.92 / wide)
    x = {Place.LEFT: 0.23, Place.RIGHT: 0.77}.get(place, 0.5) + rng.uniform(-0.035, 0.035)
    y = 0.5 + unit * stature * tall / 2 + rng.uniform(-0.02, 0.03)
    horizon = _horizon(scene, rng)
    if place is Place.TOP:
        y = 0.05 + unit * stature * tall + rng.uniform(0.0, 0.03)
        horizon = min(horizon, 0.2) if not in_the_air(scene) else horizon
    elif place is Place.BOTTOM:
        y = 0.96 - rng.uniform(0.0, 0.03)
    elif not in_the_air(scene):
        y += 0.06
    y = min(y, 0.97)
    if not in_the_air(scene):
        horizon = min(horizon, y - 0.08)
    return Layout(horizon, (_spot(scene, rng, x, y, unit),))


def _several(scene: Scene, rng: np.random.Generator) -> Layout:
    unit, feet = _GROUPS[int(scene.count)]
    unit *= rng.uniform(0.95, 1.05)
    lift = 0.12 if in_the_air(scene) and scene.count < 4 else 0.0
    horizon = _horizon(scene, rng)
    if scene.count > 3:
        horizon = min(horizon, 0.34)
    shifts = rng.uniform(-0.02, 0.02, (len(feet), 2)).tolist()
    spots = [
        _spot(scene, rng, x + dx, y + dy - lift, unit)
        for (x, y), (dx, dy) in zip(feet, shifts, strict=True)
    ]
    return Layout(horizon, tuple(sorted(spots, key=lambda spot: spot.y)))


def _beside(scene: Scene, other: Kind, rng: np.random.Generator) -> Layout:
    horizon = _horizon(scene, rng)
    big = FACTS[other].group in _TALL
    relation = scene.relation
    foot = 0.9 + rng.uniform(-0.02, 0.02)
    x = 0.5 + rng.uniform(-0.03, 0.03)
    side = 1.0 if rng.random() < 0.5 else -1.0
    if relation is Relation.ON_TOP:
        host = Spot(x, foot, 0.66)
        unit = 0.38 if other is not Kind.BED else 0.36
        main = _spot(scene, rng, x, foot - _TOPS.get(other, 0.5) * host.unit, unit)
    elif relation is Relation.INSIDE:
        host = Spot(x, foot, 0.66)
        unit = 0.34 if other is Kind.CUP else 0.46
        sunk = 0.32 * unit
        main = _spot(scene, rng, x, foot - _RIMS.get(other, 0.5) * host.unit + sunk, unit)
        main = replace(main, turned=0.0)
    elif relation is Relation.UNDER:
        host = Spot(x, foot, 0.86)
        unit = {Kind.TABLE: 0.36, Kind.CHAIR: 0.27}.get(other, 0.3)
        main = _spot(scene, rng, x if other is not Kind.TREE else x + side * 0.2, foot + 0.01, unit)
    elif relation is Relation.IN_FRONT:
        host = Spot(x, foot - 0.14, 0.78)
        main = _spot(scene, rng, x + side * 0.06, foot + 0.05, 0.38)
    else:
        host = Spot(0.5 + side * 0.245, foot - 0.1, 0.58 if big else 0.44)
        main = _spot(scene, rng, 0.5 - side * 0.25, foot - 0.09, 0.39)
    host = replace(host, flipped=rng.random() < 0.5)
    return Layout(min(horizon, 0.5), (main,), host)


def _spot(scene: Scene, rng: np.random.Generator, x: float, y: float, unit: float) -> Spot:
    lying = scene.kind in {Kind.BANANA, Kind.SAW, Kind.SCISSORS, Kind.WRENCH, Kind.HAMMER, Kind.AXE}
    turned = float(rng.uniform(-9, 9)) if lying or in_the_air(scene) else 0.0
    if scene.activity is Activity.JUMPING:
        y -= unit * 0.2
        turned = 16.0 if FACTS[scene.kind].group is Group.ANIMAL else 0.0
    unit *= _STATURE.get(scene.kind, 1.0)
    flipped = bool(rng.random() < 0.5)
    if FACTS[scene.kind].group is Group.ANIMAL:  # its head reaches farther than its tail
        x += unit * (0.08 if flipped else -0.08)
    return Spot(x, y, unit, flipped, turned)


def _horizon(scene: Scene, rng: np.random.Generator) -> float:
    if scene.setting is Setting.INDOORS:
        return float(rng.uniform(0.6, 0.68))
    if scene.setting is Setting.WATER:
        low = scene.kind is Kind.FISH
        return float(rng.uniform(0.14, 0.2) if low else rng.uniform(0.32, 0.42))
    return float(rng.uniform(0.42, 0.52))


def _height(scene: Scene) -> float:
    """About how tall the drawing of the kind is, in units."""
    if scene.activity in {Activity.HOLDING_UMBRELLA, Activity.HOLDING_BALLOON}:
        return 1.3
    return {Group.VEHICLE: 0.6, Group.FURNITURE: 0.75, Group.ANIMAL: 0.75}.get(
        FACTS[scene.kind].group, 0.95
    )
