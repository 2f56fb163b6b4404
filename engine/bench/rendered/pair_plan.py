"""Which differences a bench of pairs can be about, by level. Draws no scenes.

Easy: another group of things, another setting, night, another style. Medium: another kind of the
same group, a pattern or material, a colour, the weather. Hard: a relation, a count, an activity,
the light.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from engine.bench.rendered.difference import Difference
from engine.bench.rendered.kinds import FACTS, GROUPS
from engine.bench.rendered.world import (
    Activity,
    Colour,
    Count,
    Dimension,
    Group,
    Kind,
    Light,
    Pattern,
    Relation,
    Setting,
    Style,
    Value,
    Weather,
)

__all__ = ["QUOTAS", "Level", "Quota"]

Both = tuple[Difference, Difference]


class Level(StrEnum):
    """How hard a difference is to find."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


@dataclass(frozen=True, slots=True)
class Quota:
    """How many pairs of one sort belong to a level, and what they are chosen from."""

    level: Level
    sort: str
    pairs: int
    candidates: Callable[[], list[Both]]


def _both(
    dimension: Dimension,
    a: tuple[Value, ...],
    b: tuple[Value, ...],
    **common: tuple[Value, ...],
) -> Both:
    shared = tuple((Dimension(name), values) for name, values in common.items())
    return Difference(dimension, a, b, shared), Difference(dimension, b, a, shared)


def _each(dimension: Dimension, values: Iterable[Value], **common: tuple[Value, ...]) -> list[Both]:
    return [_both(dimension, (a,), (b,), **common) for a, b in combinations(values, 2)]


_CRAFTED = (Group.VEHICLE, Group.FURNITURE, Group.TOOL, Group.TOY, Group.CONTAINER, Group.BUILDING)
#: groups whose colours and settings overlap enough with those of all crafted things
_NATURAL = (Group.ANIMAL, Group.PERSON, Group.FRUIT, Group.PLANT)


_ANYWHERE = (Group.ANIMAL, Group.PERSON, Group.FURNITURE, Group.FRUIT, Group.CONTAINER)


def _groups() -> list[Both]:
    chosen = [*combinations(_CRAFTED, 2), *((n, c) for n in _NATURAL for c in _CRAFTED)]
    chosen.append((Group.ANIMAL, Group.PERSON))
    return [_both(Dimension.KIND, GROUPS[a], GROUPS[b]) for a, b in chosen]


def _settings() -> list[Both]:
    found: list[Both] = []
    for a, b in combinations(Setting, 2):
        groups: tuple[Group, ...] = _ANYWHERE
        if Setting.WATER in {a, b}:
            groups = (Group.TOY,)
        elif Setting.INDOORS not in {a, b}:
            groups = (*groups, Group.VEHICLE, Group.BUILDING)
        found += [_both(Dimension.SETTING, (a,), (b,), kind=GROUPS[group]) for group in groups]
    return found


def _night() -> list[Both]:
    return [
        _both(Dimension.LIGHT, (Light.NIGHT,), (Light.DAYLIGHT,), kind=GROUPS[group])
        for group in Group
    ]


def _styles() -> list[Both]:
    return _each(Dimension.STYLE, Style)


def _finer_kinds() -> list[Both]:
    found: list[Both] = []
    for group in Group:
        for a, b in combinations(GROUPS[group], 2):
            one, two = FACTS[a], FACTS[b]
            enough = len(set(one.colours) & set(two.colours)) >= 2
            if enough and one.airborne == two.airborne and len(one.settings & two.settings) >= 4:
                found.append(_both(Dimension.KIND, (a,), (b,)))
    return found


def _patterns() -> list[Both]:
    found: list[Both] = []
    for kind, facts in FACTS.items():
        told = [p for p in facts.patterns if p not in {Pattern.PLAIN, Pattern.WOODEN}]
        found += _each(Dimension.PATTERN, told, kind=(kind,))
    for kind, facts in FACTS.items():  # everything wooden is brown, so both sides are
        if Pattern.WOODEN in facts.patterns and Pattern.METALLIC in facts.patterns:
            found += _each(
                Dimension.PATTERN,
                (Pattern.WOODEN, Pattern.METALLIC),
                kind=(kind,),
                colour=(Colour.BROWN,),
            )
    return found


def _colours() -> list[Both]:
    return [
        both
        for kind, facts in FACTS.items()
        for both in _each(Dimension.COLOUR, facts.colours, kind=(kind,))
    ]


def _weathers() -> list[Both]:
    told = [weather for weather in Weather if weather is not Weather.PLAIN]
    groups = (Group.ANIMAL, Group.PERSON, Group.VEHICLE, Group.BUILDING, Group.PLANT)
    return [both for group in groups for both in _each(Dimension.WEATHER, told, kind=GROUPS[group])]


def _relations() -> list[Both]:
    found: list[Both] = []
    for kind, facts in FACTS.items():
        if not facts.portable or kind is Kind.FISH:
            continue
        for other, host in FACTS.items():
            told = [relation for relation in Relation if relation in host.hosts]
            if other is not kind:
                found += _each(Dimension.RELATION, told, kind=(kind,), other=(other,))
    return found


def _counts() -> list[Both]:
    return [
        _both(Dimension.COUNT, (a,), (b,), kind=(kind,))
        for kind in Kind
        for a, b in combinations(Count, 2)
        if b - a >= 2
    ]


def _activities() -> list[Both]:
    told = [
        activity
        for activity in Activity
        if activity not in {Activity.NONE, Activity.STANDING, Activity.SWIMMING}
    ]
    beasts = (Kind.DOG, Kind.CAT, Kind.HORSE, Kind.COW, Kind.RABBIT)
    found: list[Both] = []
    for kinds in ((Kind.MAN,), (Kind.WOMAN,), (Kind.CHILD,), *((beast,) for beast in beasts)):
        can = [activity for activity in told if activity in FACTS[kinds[0]].activities]
        found += _each(Dimension.ACTIVITY, can, kind=kinds)
    people = [activity for activity in told if activity in FACTS[Kind.MAN].activities]
    return found + 3 * _each(Dimension.ACTIVITY, people, kind=GROUPS[Group.PERSON])


def _lights() -> list[Both]:
    told = [light for light in Light if light is not Light.DAYLIGHT]
    groups = (Group.ANIMAL, Group.PERSON, Group.VEHICLE, Group.BUILDING, Group.FURNITURE)
    return [both for group in groups for both in _each(Dimension.LIGHT, told, kind=GROUPS[group])]


QUOTAS: tuple[Quota, ...] = (
    Quota(Level.EASY, "kind of thing", 7, _groups),
    Quota(Level.EASY, "setting", 5, _settings),
    Quota(Level.EASY, "night", 2, _night),
    Quota(Level.EASY, "style", 6, _styles),
    Quota(Level.MEDIUM, "finer kind", 6, _finer_kinds),
    Quota(Level.MEDIUM, "pattern or material", 5, _patterns),
    Quota(Level.MEDIUM, "colour", 5, _colours),
    Quota(Level.MEDIUM, "weather", 4, _weathers),
    Quota(Level.HARD, "relation", 5, _relations),
    Quota(Level.HARD, "count", 5, _counts),
    Quota(Level.HARD, "activity", 5, _activities),
    Quota(Level.HARD, "light", 5, _lights),
)
