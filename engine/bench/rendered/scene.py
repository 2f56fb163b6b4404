"""One rendered scene as its true attributes, and how scenes that make sense are drawn at random.

Draws no pixels and writes no words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import numpy as np

from engine.bench.rendered.kinds import FACTS
from engine.bench.rendered.world import (
    MONOCHROME,
    VALUES,
    Activity,
    Colour,
    Count,
    Dimension,
    Frame,
    Group,
    Kind,
    Light,
    Pattern,
    Place,
    Relation,
    Setting,
    Size,
    Style,
    Value,
    Weather,
)

__all__ = ["PICTURE_SEEDS", "Scene", "agrees", "problems", "random_scene", "visible"]

#: seeds of pictures that anyone may train on are below this; those of the bench are not
PICTURE_SEEDS = 2**31

_TRIES = 40  # of one attribute, before the scene is begun anew
_SCENES = 400  # begun anew, before the wish is called impossible


@dataclass(frozen=True, slots=True)
class Scene:
    """What is true of one picture. Two equal scenes give the same picture."""

    kind: Kind = Kind.BALL
    colour: Colour = Colour.RED
    pattern: Pattern = Pattern.PLAIN
    size: Size = Size.MEDIUM
    count: Count = Count.ONE
    place: Place = Place.CENTRE
    activity: Activity = Activity.NONE
    relation: Relation = Relation.NONE
    other: Kind | None = None
    other_colour: Colour | None = None
    setting: Setting = Setting.MEADOW
    weather: Weather = Weather.PLAIN
    light: Light = Light.DAYLIGHT
    style: Style = Style.PHOTO
    frame: Frame = Frame.NONE
    seed: int = 0  # of everything that nobody names: trees, clouds, hair, small shifts

    def value(self, dimension: Dimension) -> Value | None:
        """The scene's value; None for the second thing where there is none."""
        value: Value | None = getattr(self, dimension.value)
        return value

    def attributes(self) -> dict[str, Any]:
        """Every field but the seed."""
        return {field.name: getattr(self, field.name) for field in fields(self)[:-1]}


def random_scene(rng: np.random.Generator, **fixed: Any) -> Scene:
    """A scene that makes sense.

    fixed: fields of `Scene` with a value or a tuple of allowed values. What is fixed holds even
    where it makes no sense by itself, such as a fish on a meadow; the rest then fits around it.
    Raises TypeError for a field that does not exist, and ValueError when nothing fits.
    """
    unknown = set(fixed) - {field.name for field in fields(Scene)}
    if unknown:
        raise TypeError(f"A scene has no {sorted(unknown)[0]!r}.")
    allowed = {name: _tuple(value) for name, value in fixed.items()}
    surely = {name: values[0] for name, values in allowed.items() if len(values) == 1}
    if surely.get("relation") is Relation.NONE:
        surely = {"other": None, "other_colour": None, **surely}
    asked = problems(surely)
    for _ in range(_SCENES):
        chosen = dict(surely)
        if all(_choose(rng, name, chosen, allowed, asked) for name in _ORDER):
            if "seed" not in chosen:
                chosen["seed"] = int(rng.integers(PICTURE_SEEDS))
            return Scene(**chosen)
    raise ValueError(f"No scene has all of this: {surely}.")


def agrees(scene: Scene) -> bool:
    """Whether the scene makes sense."""
    return not problems(scene.attributes())


def visible(scene: Scene, dimension: Dimension) -> bool:
    """Whether one can see the scene's value of this dimension in the picture.

    A colour cannot be seen in a pencil sketch, stripes not in a blurred picture.
    """
    style, light = scene.style, scene.light
    coarse = style in {Style.BLURRED, Style.PIXELATED}
    if dimension is Dimension.COLOUR:
        return style not in MONOCHROME and light is not Light.BACKLIT
    if dimension is Dimension.PATTERN:
        return not coarse and light is not Light.BACKLIT and style is not Style.WATERCOLOUR
    if dimension is Dimension.LIGHT:
        return style is not Style.SKETCH and not (light is Light.SUNSET and style in MONOCHROME)
    if dimension is Dimension.WEATHER:
        return not (coarse and scene.weather in {Weather.RAINY, Weather.SNOWING})
    if dimension is Dimension.ACTIVITY:
        return not (coarse and scene.activity is Activity.READING)
    if dimension is Dimension.OTHER:
        return scene.other is not None
    return True


# ------------------------------------------------------------------ what makes sense

_BY_LIGHT: dict[Light, frozenset[Weather]] = {
    Light.DAYLIGHT: frozenset(Weather),
    Light.SUNSET: frozenset({Weather.PLAIN, Weather.CLOUDY}),
    Light.NIGHT: frozenset(Weather) - {Weather.SUNNY, Weather.CLOUDY},
    Light.BACKLIT: frozenset({Weather.PLAIN, Weather.CLOUDY}),
    Light.SPOTLIGHT: frozenset({Weather.PLAIN, Weather.RAINY, Weather.SNOWING}),
}
_CALM = frozenset({Activity.NONE, Activity.STANDING, Activity.SITTING, Activity.SLEEPING})
_GROUNDED = frozenset(Activity) - {Activity.FLYING, Activity.SWIMMING}
_AFLOAT = frozenset({Activity.NONE, Activity.SWIMMING, Activity.FLYING})

_Part = Mapping[str, Any]
_Rule = tuple[str, tuple[str, ...], Callable[[Any], bool]]


def problems(part: Mapping[str, Any]) -> frozenset[str]:
    """The names of the rules that these attributes break; missing attributes break none."""
    return frozenset(
        name for name, needs, broken in _RULES if all(n in part for n in needs) and broken(part)
    )


def _wrong_setting(part: _Part) -> bool:
    return part["kind"] is not Kind.FISH and part["setting"] not in FACTS[part["kind"]].settings


def _fish_on_land(part: _Part) -> bool:
    """A fish swims in open water, or in a bowl that stands on land."""
    if part["kind"] is not Kind.FISH:
        return False
    bowl = part["relation"] is Relation.INSIDE and part["other"] is Kind.BOWL
    return bool(bowl) == (part["setting"] is Setting.WATER)


def _wrong_relation(part: _Part) -> bool:
    """Whether this kind cannot stand so to anything."""
    kind, relation = part["kind"], part["relation"]
    facts = FACTS[kind]
    if relation is Relation.NONE:
        return False
    if facts.airborne or kind is Kind.BOAT:
        return True
    if kind is Kind.FISH:
        return relation is not Relation.INSIDE
    if relation is Relation.BESIDE:
        return False
    if relation is Relation.IN_FRONT:
        return facts.group in {Group.BUILDING, Group.VEHICLE, Group.FURNITURE} or kind is Kind.TREE
    return not facts.portable


def _wrong_other(part: _Part) -> bool:
    other, relation = part["other"], part["relation"]
    if (other is None) != (relation is Relation.NONE):
        return True
    return other is not None and relation not in FACTS[other].hosts


def _wrong_activity_there(part: _Part) -> bool:
    relation, activity = part["relation"], part["activity"]
    if relation is Relation.NONE:
        return False
    if relation in {Relation.BESIDE, Relation.IN_FRONT}:
        return activity not in _GROUNDED
    if relation is Relation.INSIDE:
        return activity not in {Activity.NONE, Activity.STANDING, Activity.SWIMMING}
    return activity not in _CALM


def _wrong_activity_here(part: _Part) -> bool:
    activity, wet = part["activity"], part["setting"] is Setting.WATER
    if wet:
        return activity not in _AFLOAT
    return activity is Activity.SWIMMING and part["kind"] is not Kind.FISH


_RULES: tuple[_Rule, ...] = (
    ("colour", ("kind", "colour"), lambda p: p["colour"] not in FACTS[p["kind"]].colours),
    ("pattern", ("kind", "pattern"), lambda p: p["pattern"] not in FACTS[p["kind"]].patterns),
    ("activity", ("kind", "activity"), lambda p: p["activity"] not in FACTS[p["kind"]].activities),
    ("setting", ("kind", "setting"), _wrong_setting),
    (
        "wood is brown",
        ("pattern", "colour"),
        lambda p: p["pattern"] is Pattern.WOODEN and p["colour"] is not Colour.BROWN,
    ),
    ("relation", ("kind", "relation"), _wrong_relation),
    ("host", ("other", "relation"), _wrong_other),
    ("a fish needs water", ("kind", "relation", "other", "setting"), _fish_on_land),
    ("two of a kind", ("kind", "other"), lambda p: p["other"] is p["kind"]),
    (
        "where the other is",
        ("other", "setting"),
        lambda p: p["other"] is not None and p["setting"] not in FACTS[p["other"]].settings,
    ),
    (
        "colour of the other",
        ("other", "other_colour"),
        lambda p: (
            (p["other"] is None) != (p["other_colour"] is None)
            or (p["other"] is not None and p["other_colour"] not in FACTS[p["other"]].colours)
        ),
    ),
    ("activity there", ("relation", "activity"), _wrong_activity_there),
    ("activity here", ("kind", "setting", "activity"), _wrong_activity_here),
    (
        "many with another",
        ("relation", "count"),
        lambda p: p["relation"] is not Relation.NONE and p["count"] > 1,
    ),
    ("size of many", ("count", "size"), lambda p: p["count"] > 1 and p["size"] is not Size.MEDIUM),
    (
        "place of many",
        ("count", "place"),
        lambda p: p["count"] > 1 and p["place"] is not Place.CENTRE,
    ),
    (
        "size beside another",
        ("relation", "size"),
        lambda p: p["relation"] is not Relation.NONE and p["size"] is not Size.MEDIUM,
    ),
    (
        "place beside another",
        ("relation", "place"),
        lambda p: p["relation"] is not Relation.NONE and p["place"] is not Place.CENTRE,
    ),
    (
        "large fills the middle",
        ("size", "place"),
        lambda p: p["size"] is Size.LARGE and p["place"] is not Place.CENTRE,
    ),
    (
        "flying low",
        ("kind", "activity", "place"),
        lambda p: (
            p["place"] is Place.BOTTOM
            and (FACTS[p["kind"]].airborne or p["activity"] is Activity.FLYING)
        ),
    ),
    (
        "no weather in a room",
        ("setting", "weather"),
        lambda p: p["setting"] is Setting.INDOORS and p["weather"] is not Weather.PLAIN,
    ),
    (
        "no snow in the desert",
        ("setting", "weather"),
        lambda p: p["setting"] is Setting.DESERT and p["weather"] is Weather.SNOWING,
    ),
    (
        "weather and light",
        ("light", "weather"),
        lambda p: p["weather"] not in _BY_LIGHT[p["light"]],
    ),
    (
        "a sketch is made by day",
        ("light", "style"),
        lambda p: p["style"] is Style.SKETCH and p["light"] is not Light.DAYLIGHT,
    ),
)


# ------------------------------------------------------------------ drawing at random

#: the order in which attributes are drawn: what rules out most comes first
_ORDER = (
    "kind",
    "relation",
    "other",
    "setting",
    "activity",
    "count",
    "size",
    "place",
    "pattern",
    "colour",
    "other_colour",
    "light",
    "weather",
    "style",
    "frame",
)
#: how much more often a value is drawn than another one of its dimension
_OFTEN: dict[Value | None, float] = {
    Kind.MAN: 3.0,
    Kind.WOMAN: 3.0,
    Kind.CHILD: 3.0,
    **dict.fromkeys((Kind.DOG, Kind.CAT, Kind.HORSE, Kind.COW, Kind.RABBIT, Kind.BIRD), 1.6),
    Pattern.PLAIN: 4.0,
    Size.MEDIUM: 2.0,
    Count.ONE: 7.0,
    Place.CENTRE: 3.0,
    Relation.NONE: 10.0,
    Weather.PLAIN: 4.0,
    Light.DAYLIGHT: 6.0,
    Style.PHOTO: 12.0,
    Frame.NONE: 8.0,
}


def _choose(
    rng: np.random.Generator,
    name: str,
    chosen: dict[str, Any],
    allowed: Mapping[str, tuple[Any, ...]],
    asked: frozenset[str],
) -> bool:
    """Draws one attribute that fits what is chosen; False when none was found."""
    if name in chosen:
        return True
    alone = chosen.get("relation") is Relation.NONE
    choices = (None,) if alone and name in {"other", "other_colour"} else None
    values, summed = _weighed(name, allowed.get(name, choices))
    for draw in rng.random(_TRIES if len(values) > 1 else 1).tolist():
        chosen[name] = values[int(np.searchsorted(summed, draw, side="right"))]
        if not _breaks(name, chosen, asked):
            return True
    for k in rng.permutation(len(values)).tolist():
        chosen[name] = values[k]
        if not _breaks(name, chosen, asked):
            return True
    return False


def _breaks(name: str, part: _Part, asked: frozenset[str]) -> bool:
    """Whether the attribute just chosen breaks a rule that was not broken from the start."""
    return any(
        broken(part) and rule not in asked
        for rule, needs, broken in _RULES_OF[name]
        if all(need in part for need in needs)
    )


_RULES_OF = {name: tuple(rule for rule in _RULES if name in rule[1]) for name in _ORDER}


@cache
def _weighed(name: str, values: tuple[Any, ...] | None) -> tuple[tuple[Any, ...], Any]:
    """The values and the running sums of their shares."""
    if values is None:
        values = tuple(Colour) if name == "other_colour" else VALUES[Dimension(name)]
    weights = np.array([_OFTEN.get(value, 1.0) for value in values])
    if name == "other":  # a host is no more likely for what it is as the main thing
        weights = np.ones(len(values))
    summed = np.cumsum(weights / weights.sum())
    summed[-1] = 1.0
    return values, summed


def _tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)
