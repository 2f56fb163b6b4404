"""Pairs of sets of scenes with one known difference; everything else varies alike.

Every scene of a pair is drawn in two steps: a base that makes sense with the value of either side,
then the value of its own side. So all other attributes have the same distribution on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from engine.bench.rendered.difference import Difference
from engine.bench.rendered.kinds import FACTS
from engine.bench.rendered.pair_plan import QUOTAS, Level
from engine.bench.rendered.scene import PICTURE_SEEDS, Scene, agrees, random_scene, visible
from engine.bench.rendered.world import Activity, Dimension, Kind, Value

__all__ = ["IMAGES", "STYLE_IMAGES", "Level", "Pair", "both_ways", "pairs", "training_rng"]

IMAGES = 100  # a side
STYLE_IMAGES = 500  # a side, where the style differs

_TRAINING, _PLAN, _SCENES = 11, 12, 13  # what a seed is used for; other streams never meet
_TRIES = 300  # for one scene, before the pair is called impossible
_PROBES = 12  # scenes that a candidate must give before it is taken


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sets and what is true of them.

    Nothing is drawn before `scenes` is called. With `dataclasses.replace` one gets the same pair
    with another size, purity or seed.
    """

    number: int  # from 1
    level: Level
    sort: str  # such as “colour”
    a: Difference
    b: Difference
    images: int  # a side
    seed: int
    purity: float = 1.0  # 1: all images follow their side's rule; 0: as many as follow the other's

    @property
    def dimension(self) -> Dimension:
        """What differs."""
        return self.a.dimension

    @property
    def name(self) -> str:
        """Short and unique within a bench, such as “hard-51-count”."""
        return f"{self.level}-{self.number:02d}-{self.sort.replace(' ', '-')}"

    @property
    def swapped(self) -> int:
        """How many images of each side stand on the other one."""
        return round(self.images * (1.0 - self.purity) / 2.0)

    def scenes(self) -> tuple[tuple[Scene, ...], tuple[Scene, ...]]:
        """Scenes of A and of B, `images` each, in an order that tells nothing.

        Impurity exchanges `swapped` scenes of A with as many of B at the same time: a share of
        (1 + purity) / 2 of each side follows its own rule. At purity 0 both sides are alike, as
        in random halves of one set. Which scenes there are does not depend on purity. Raises
        ValueError when purity is not within 0 … 1 or no scene fits.
        """
        if not 0.0 <= self.purity <= 1.0:
            raise ValueError("Purity is a share, from 0 to 1.")
        rng = np.random.default_rng([_SCENES, self.seed, self.number])
        a = [_scene(rng, self.a, self.b, own=0) for _ in range(self.images)]
        b = [_scene(rng, self.a, self.b, own=1) for _ in range(self.images)]
        leave_a = rng.permutation(self.images)[: self.swapped].tolist()
        leave_b = rng.permutation(self.images)[: self.swapped].tolist()
        for i, j in zip(leave_a, leave_b, strict=True):
            a[i], b[j] = b[j], a[i]
        orders = rng.permutation(self.images).tolist(), rng.permutation(self.images).tolist()
        return tuple(a[k] for k in orders[0]), tuple(b[k] for k in orders[1])


def training_rng(seed: int) -> np.random.Generator:
    """Random numbers for training scenes.

    Scenes drawn by `random_scene` have picture seeds below `PICTURE_SEEDS`, those of pairs above,
    so no picture of a bench is ever a training picture, whatever the seeds.
    """
    return np.random.default_rng([_TRAINING, seed])


def pairs(seed: int, *, purity: float = 1.0) -> list[Pair]:
    """60 pairs, 20 a level; another seed gives other differences and other scenes."""
    return [
        Pair(
            number=number,
            level=level,
            sort=sort,
            a=a,
            b=b,
            images=STYLE_IMAGES if a.dimension is Dimension.STYLE else IMAGES,
            seed=seed,
            purity=purity,
        )
        for number, (level, sort, a, b) in enumerate(_plan(seed), start=1)
    ]


@cache
def _plan(seed: int) -> tuple[tuple[Level, str, Difference, Difference], ...]:
    rng = np.random.default_rng([_PLAN, seed])
    plan: list[tuple[Level, str, Difference, Difference]] = []
    for quota in QUOTAS:
        candidates = quota.candidates()
        used: dict[Value, int] = {}  # how often a value or kind was taken, so that pairs differ
        taken: list[tuple[Difference, Difference]] = []
        limit = 1
        while len(taken) < quota.pairs:
            for k in rng.permutation(len(candidates)).tolist():
                a, b = candidates[k] if rng.random() < 0.5 else candidates[k][::-1]
                kinds = dict(a.common).get(Dimension.KIND, ())
                marks = {a.values[0], b.values[0], *kinds[:1]}
                full = any(used.get(mark, 0) >= limit for mark in marks)
                if len(taken) == quota.pairs or full or (a, b) in taken or (b, a) in taken:
                    continue
                if _possible(a, b):
                    taken.append((a, b))
                    for mark in marks:
                        used[mark] = used.get(mark, 0) + 1
            limit += 1
        plan += [(quota.level, quota.sort, a, b) for a, b in taken]
    return tuple(plan)


def _possible(a: Difference, b: Difference) -> bool:
    """Whether scenes of both sides can be drawn without much trouble."""
    rng = np.random.default_rng(_PLAN)
    try:
        for k in range(_PROBES):
            _scene(rng, a, b, own=k % 2)
    except ValueError:
        return False
    return True


def both_ways(rng: np.random.Generator, a: Difference, b: Difference) -> tuple[Scene, Scene]:
    """One scene as it would be in A and as it would be in B; it makes sense either way.

    Raises ValueError when no scene fits both.
    """
    sides = (a, b)
    fixed: dict[str, Any] = {dimension.value: values for dimension, values in a.common}
    name = a.dimension.value
    for _ in range(_TRIES):
        values = [side.values[int(rng.integers(len(side.values)))] for side in sides]
        asked = int(rng.integers(2))
        base = random_scene(rng, **{**fixed, name: values[asked]})
        both = [_with(base, a.dimension, value) for value in values]
        if all(agrees(scene) and visible(scene, a.dimension) for scene in both):
            return both[0], both[1]
    raise ValueError(f"No scenes for “{a.words}” and “{b.words}”.")


def _scene(rng: np.random.Generator, a: Difference, b: Difference, *, own: int) -> Scene:
    """One scene of A (own 0) or B (own 1), under a seed that no training picture has."""
    scene = both_ways(rng, a, b)[own]
    return replace(scene, seed=scene.seed + PICTURE_SEEDS)


def _with(base: Scene, dimension: Dimension, value: Value) -> Scene:
    """The base with another value; another kind may need another activity."""
    changes: dict[str, Any] = {dimension.value: value}
    if dimension is Dimension.KIND and isinstance(value, Kind):
        can = FACTS[value].activities
        if base.activity not in can and (base.activity is Activity.NONE or can[0] is Activity.NONE):
            changes["activity"] = can[0]  # what is not alive does nothing, what is alive stands
    return replace(base, **changes)
