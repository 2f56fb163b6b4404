"""Lessons for the pocket language model: captions of two sides, and what is true of each.

The differences are of the sorts a bench is about, drawn anew; the captions are those of somebody
who overlooks and confuses things. No picture is drawn, and no scene is one of a bench.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

import numpy as np

from engine.bench.rendered.captions import captions
from engine.bench.rendered.difference import Difference
from engine.bench.rendered.kinds import FACTS, GROUPS
from engine.bench.rendered.pair_plan import QUOTAS, Both
from engine.bench.rendered.pairs import both_ways, training_rng
from engine.bench.rendered.scene import Scene, random_scene
from engine.bench.rendered.world import (
    VALUES,
    Activity,
    Count,
    Dimension,
    Frame,
    Group,
    Kind,
    Light,
    Pattern,
    Place,
    Relation,
    Size,
    Style,
    Value,
    Weather,
)

__all__ = ["Lesson", "Pool", "lesson", "misread", "pool"]

Truths = tuple[Difference, ...]
Scenes = Sequence[Scene]

_POOLS = 1 << 41  # where the seeds of pools begin; those of other pocket models are small
_ONE, _TWO = 0.84, 0.08  # shares of lessons about one difference and about two; the rest: none
_PURE = 0.6  # share of lessons in which every scene follows its side's rule
_LEAST_PURE = 0.5
_CLEAR = 0.3  # share of lessons whose captions have no mistakes
_MOST_WRONG = 0.35  # of the attributes of a scene
_DROPPED = 0.5  # of what is misread is overlooked; the rest is taken for something else
_NEAR = 0.7  # of kinds taken for another one of the same group
#: what is there unless somebody sees something else
_PLAIN: dict[Dimension, Value] = {
    Dimension.PATTERN: Pattern.PLAIN,
    Dimension.SIZE: Size.MEDIUM,
    Dimension.COUNT: Count.ONE,
    Dimension.PLACE: Place.CENTRE,
    Dimension.ACTIVITY: Activity.NONE,
    Dimension.RELATION: Relation.NONE,
    Dimension.WEATHER: Weather.PLAIN,
    Dimension.LIGHT: Light.DAYLIGHT,
    Dimension.STYLE: Style.PHOTO,
    Dimension.FRAME: Frame.NONE,
}


@dataclass(frozen=True, slots=True)
class Lesson:
    """Captions of A and of B, and the differences that each side has; none where none was made."""

    captions: tuple[tuple[str, ...], tuple[str, ...]]
    truths: tuple[Truths, Truths]


@dataclass(frozen=True, slots=True)
class Pool:
    """Scenes as they would be in A and as they would be in B, and the differences made."""

    scenes: tuple[Scenes, Scenes]
    truths: tuple[Truths, Truths]


@lru_cache(maxsize=4096)
def pool(number: int, count: int) -> Pool:
    """Scenes to make lessons of; they follow from the number."""
    rng = training_rng(_POOLS + number)
    share = rng.random()
    if share < _ONE:
        return _one(rng, count)
    return (_two if share < _ONE + _TWO else _none)(rng, count)


def lesson(
    drawn: Pool,
    rng: np.random.Generator,
    n_a: int,
    n_b: int,
    *,
    detailed: bool,
    clear: bool = False,
) -> Lesson:
    """A lesson about some scenes of a pool, as many as each side is to have.

    clear: every scene is on its own side, and every caption is right.
    """
    order = rng.permutation(len(drawn.scenes[0])).tolist()
    a = [drawn.scenes[0][k] for k in order[:n_a]]
    b = [drawn.scenes[1][k] for k in order[n_a : n_a + n_b]]
    if not clear:
        _mix(rng, a, b)
    rate = 0.0 if clear or rng.random() < _CLEAR else float(rng.uniform(0.0, _MOST_WRONG))
    tell = _teller(rng, rate, detailed)
    return Lesson((tuple(map(tell, a)), tuple(map(tell, b))), drawn.truths)


def misread(scene: Scene, rng: np.random.Generator, rate: float) -> Scene:
    """The scene as somebody sees it who gets this share of its attributes wrong."""
    wrong = [d for d in Dimension if rng.random() < rate]
    changes: dict[str, Any] = {}
    for dimension in wrong:
        if scene.value(dimension) is None:
            continue
        plain = _PLAIN.get(dimension)
        if plain is not None and rng.random() < _DROPPED:
            changes[dimension.value] = plain
        else:
            choices = _confusable(scene, dimension, near=bool(rng.random() < _NEAR))
            changes[dimension.value] = choices[int(rng.integers(len(choices)))]
    return replace(scene, **changes) if changes else scene


def _confusable(scene: Scene, dimension: Dimension, *, near: bool) -> Sequence[Any]:
    value = scene.value(dimension)
    if isinstance(value, Kind) and near:
        return GROUPS[FACTS[value].group]
    if dimension is Dimension.ACTIVITY:
        return FACTS[scene.kind].activities
    return VALUES[dimension]


# ------------------------------------------------------------------ scenes of both sides


def _one(rng: np.random.Generator, count: int) -> Pool:
    """One difference; everything else is the same on both sides."""
    while True:
        a, b = _difference(rng)
        try:
            both = [both_ways(rng, a, b) for _ in range(count)]
        except ValueError:
            continue
        return Pool(([one for one, _ in both], [other for _, other in both]), ((a,), (b,)))


def _two(rng: np.random.Generator, count: int) -> Pool:
    """Two differences, each of which would also be one alone."""
    while True:
        one, other = _difference(rng), _difference(rng)
        rules = [{**dict(x.common), **x.rule, **y.rule} for x, y in zip(one, other, strict=True)]
        clash = set(one[0].rule) & set(other[0].rule)
        if clash:
            continue
        try:
            a, b = ([_fitting(rng, rule) for _ in range(count)] for rule in rules)
        except ValueError:
            continue
        return Pool((a, b), ((one[0], other[0]), (one[1], other[1])))


def _none(rng: np.random.Generator, count: int) -> Pool:
    """Scenes of one rule or of none on both sides."""
    rule: dict[Dimension, Any] = {}
    if rng.random() < 0.5:
        rule = {Dimension.KIND: GROUPS[tuple(Group)[int(rng.integers(len(Group)))]]}
    a, b = ([_fitting(rng, rule) for _ in range(count)] for _ in range(2))
    return Pool((a, b), ((), ()))


def _fitting(rng: np.random.Generator, rule: Any) -> Scene:
    return random_scene(rng, **{dimension.value: values for dimension, values in rule.items()})


def _difference(rng: np.random.Generator) -> Both:
    """Every sort equally often, every difference of a sort, in both directions."""
    sorts = _candidates()
    sort = sorts[int(rng.integers(len(sorts)))]
    a, b = sort[int(rng.integers(len(sort)))]
    return (a, b) if rng.random() < 0.5 else (b, a)


@cache
def _candidates() -> tuple[list[Both], ...]:
    return tuple(quota.candidates() for quota in QUOTAS)


# ------------------------------------------------------------------ captions of the scenes


def _mix(rng: np.random.Generator, a: list[Scene], b: list[Scene]) -> None:
    """Exchanges some scenes of some lessons, in place."""
    purity = 1.0 if rng.random() < _PURE else rng.uniform(_LEAST_PURE, 1.0)
    for k in range(min(len(a), len(b))):
        if rng.random() < (1.0 - purity) / 2.0:
            a[k], b[k] = b[k], a[k]


def _teller(rng: np.random.Generator, rate: float, detailed: bool) -> Callable[[Scene], str]:
    def tell(scene: Scene) -> str:
        said = captions(misread(scene, rng, rate), rng)
        return said.detailed if detailed else said.short

    return tell
