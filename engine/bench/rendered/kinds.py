"""What goes with each kind of thing: colours, patterns, settings, activities, other things."""

from __future__ import annotations

from dataclasses import dataclass

from engine.bench.rendered.world import (
    Activity,
    Colour,
    Group,
    Kind,
    Pattern,
    Relation,
    Setting,
)

__all__ = ["FACTS", "GROUPS", "KindFacts"]


@dataclass(frozen=True, slots=True)
class KindFacts:
    """What goes with a kind."""

    group: Group
    colours: tuple[Colour, ...]
    patterns: tuple[Pattern, ...]
    settings: frozenset[Setting]
    activities: tuple[Activity, ...] = (Activity.NONE,)
    portable: bool = False  # can be on, in or under another thing
    hosts: frozenset[Relation] = frozenset()  # how a portable thing can stand to this one
    airborne: bool = False  # always in the air

    @property
    def alive(self) -> bool:
        """Whether it does something."""
        return self.activities != (Activity.NONE,)


_ANY = tuple(Colour)
_COAT = (Colour.BROWN, Colour.BLACK, Colour.WHITE, Colour.ORANGE)
_LAND = frozenset(Setting) - {Setting.WATER}
_OUTDOORS = _LAND - {Setting.INDOORS}
_ALL = frozenset(Setting)
_WET = frozenset({Setting.WATER})
_CLOTH = (Pattern.PLAIN, Pattern.STRIPED, Pattern.DOTTED, Pattern.CHECKED)
_FUR = (Pattern.PLAIN, Pattern.STRIPED, Pattern.DOTTED)
_HARD = tuple(Pattern)
_PAINTED = (*_CLOTH, Pattern.METALLIC)
_ANIMAL = (
    Activity.STANDING,
    Activity.RUNNING,
    Activity.SITTING,
    Activity.JUMPING,
    Activity.SLEEPING,
    Activity.SWIMMING,
)
_HUMAN = (
    Activity.STANDING,
    Activity.RUNNING,
    Activity.SITTING,
    Activity.JUMPING,
    Activity.SWIMMING,
    Activity.READING,
    Activity.WAVING,
    Activity.HOLDING_BALLOON,
    Activity.HOLDING_UMBRELLA,
    Activity.HOLDING_FLOWER,
)
_NEAR = frozenset({Relation.BESIDE, Relation.IN_FRONT})
_TOP = _NEAR | {Relation.ON_TOP}
_LOW = frozenset({Relation.BESIDE, Relation.ON_TOP})  # too low to stand behind a thing
_KEEPS = frozenset({Relation.BESIDE, Relation.INSIDE})


def _facts(
    group: Group,
    colours: tuple[Colour, ...],
    patterns: tuple[Pattern, ...],
    settings: frozenset[Setting],
    *more: Activity,
    portable: bool = False,
    hosts: frozenset[Relation] = frozenset(),
    airborne: bool = False,
) -> KindFacts:
    return KindFacts(
        group, colours, patterns, settings, more or (Activity.NONE,), portable, hosts, airborne
    )


def _animal(*, portable: bool) -> KindFacts:
    return _facts(Group.ANIMAL, _COAT, _FUR, _ALL, *_ANIMAL, portable=portable)


def _fruit(*colours: Colour) -> KindFacts:
    return _facts(Group.FRUIT, colours, (Pattern.PLAIN,), _LAND, portable=True)


def _tool(*patterns: Pattern) -> KindFacts:
    return _facts(Group.TOOL, _ANY, (Pattern.PLAIN, *patterns), _LAND, portable=True)


def _person() -> KindFacts:
    return _facts(Group.PERSON, _ANY, _CLOTH, _ALL, *_HUMAN)


_C = Colour
_BIRDS = (_C.RED, _C.BLUE, _C.YELLOW, _C.GREEN, _C.WHITE, _C.BLACK, _C.BROWN, _C.ORANGE)

FACTS: dict[Kind, KindFacts] = {
    Kind.DOG: _animal(portable=True),
    Kind.CAT: _animal(portable=True),
    Kind.HORSE: _animal(portable=False),
    Kind.COW: _animal(portable=False),
    Kind.RABBIT: _animal(portable=True),
    Kind.BIRD: _facts(
        Group.ANIMAL, _BIRDS, _FUR, _ALL, Activity.STANDING, Activity.FLYING, portable=True
    ),
    Kind.DUCK: _facts(
        Group.ANIMAL,
        (_C.WHITE, _C.YELLOW, _C.BROWN, _C.GREEN, _C.BLACK),
        _FUR,
        _ALL,
        Activity.STANDING,
        Activity.SWIMMING,
        portable=True,
    ),
    Kind.FISH: _facts(
        Group.ANIMAL,
        (_C.ORANGE, _C.RED, _C.YELLOW, _C.GREEN, _C.PURPLE, _C.PINK, _C.WHITE, _C.BLACK),
        _FUR,
        _WET,
        Activity.SWIMMING,
        portable=True,
    ),
    Kind.CAR: _facts(Group.VEHICLE, _ANY, _PAINTED, _OUTDOORS, hosts=_TOP),
    Kind.BUS: _facts(Group.VEHICLE, _ANY, _PAINTED, _OUTDOORS, hosts=_NEAR),
    Kind.TRUCK: _facts(Group.VEHICLE, _ANY, _HARD, _OUTDOORS, hosts=_NEAR),
    Kind.BICYCLE: _facts(Group.VEHICLE, _ANY, (Pattern.PLAIN, Pattern.METALLIC), _LAND),
    Kind.BOAT: _facts(Group.VEHICLE, _ANY, _HARD, _WET | {Setting.BEACH}),
    Kind.PLANE: _facts(Group.VEHICLE, _ANY, _PAINTED, _ALL - {Setting.INDOORS}, airborne=True),
    Kind.CHAIR: _facts(Group.FURNITURE, _ANY, _HARD, _LAND, hosts=_LOW | {Relation.UNDER}),
    Kind.TABLE: _facts(Group.FURNITURE, _ANY, _HARD, _LAND, hosts=_LOW | {Relation.UNDER}),
    Kind.SOFA: _facts(Group.FURNITURE, _ANY, _CLOTH, _LAND, hosts=_TOP),
    Kind.BED: _facts(Group.FURNITURE, _ANY, _CLOTH, _LAND, hosts=_TOP),
    Kind.LAMP: _facts(Group.FURNITURE, _ANY, _PAINTED, _LAND),
    Kind.APPLE: _fruit(_C.RED, _C.GREEN, _C.YELLOW),
    Kind.BANANA: _fruit(_C.YELLOW, _C.GREEN),
    Kind.PEAR: _fruit(_C.GREEN, _C.YELLOW, _C.BROWN),
    Kind.GRAPES: _fruit(_C.PURPLE, _C.GREEN, _C.RED),
    Kind.STRAWBERRY: _fruit(_C.RED, _C.PINK, _C.WHITE),
    Kind.HAMMER: _tool(Pattern.METALLIC, Pattern.WOODEN),
    Kind.SAW: _tool(Pattern.STRIPED, Pattern.WOODEN),
    Kind.AXE: _tool(Pattern.STRIPED, Pattern.WOODEN),
    Kind.SCISSORS: _tool(Pattern.METALLIC),
    Kind.WRENCH: _tool(Pattern.METALLIC, Pattern.STRIPED),
    Kind.MAN: _person(),
    Kind.WOMAN: _person(),
    Kind.CHILD: _person(),
    Kind.BALL: _facts(Group.TOY, _ANY, _HARD, _ALL, portable=True),
    Kind.BALLOON: _facts(Group.TOY, _ANY, _PAINTED, _ALL, airborne=True),
    Kind.KITE: _facts(Group.TOY, _ANY, _CLOTH, _ALL - {Setting.INDOORS}, airborne=True),
    Kind.BOX: _facts(Group.CONTAINER, _ANY, _HARD, _LAND, hosts=_LOW | {Relation.INSIDE}),
    Kind.BASKET: _facts(
        Group.CONTAINER,
        (_C.BROWN, _C.YELLOW, _C.ORANGE, _C.WHITE, _C.RED, _C.BLUE),
        (Pattern.PLAIN, Pattern.CHECKED),
        _LAND,
        hosts=_KEEPS,
    ),
    Kind.BOWL: _facts(Group.CONTAINER, _ANY, _HARD, _LAND, hosts=_KEEPS),
    Kind.CUP: _facts(Group.CONTAINER, _ANY, _HARD, _LAND, hosts=_KEEPS),
    Kind.TREE: _facts(
        Group.PLANT,
        (_C.GREEN, _C.ORANGE, _C.YELLOW, _C.RED, _C.PINK),
        (Pattern.PLAIN,),
        _OUTDOORS,
        hosts=_NEAR | {Relation.UNDER},
    ),
    Kind.FLOWER: _facts(
        Group.PLANT,
        (_C.RED, _C.YELLOW, _C.BLUE, _C.PURPLE, _C.PINK, _C.WHITE, _C.ORANGE),
        (Pattern.PLAIN,),
        _LAND,
    ),
    Kind.MUSHROOM: _facts(
        Group.PLANT,
        (_C.RED, _C.BROWN, _C.ORANGE, _C.WHITE, _C.YELLOW, _C.PURPLE),
        (Pattern.PLAIN, Pattern.DOTTED),
        _LAND,
    ),
    Kind.CACTUS: _facts(Group.PLANT, (_C.GREEN, _C.BLUE, _C.YELLOW), (Pattern.PLAIN,), _LAND),
    Kind.HOUSE: _facts(Group.BUILDING, _ANY, _HARD[:1] + _HARD[-1:], _OUTDOORS, hosts=_NEAR),
    Kind.TENT: _facts(Group.BUILDING, _ANY, _CLOTH, _OUTDOORS, hosts=_NEAR),
    Kind.LIGHTHOUSE: _facts(
        Group.BUILDING, _ANY, (Pattern.PLAIN, Pattern.STRIPED), _OUTDOORS, hosts=_NEAR
    ),
}

#: the kinds of each group
GROUPS: dict[Group, tuple[Kind, ...]] = {
    group: tuple(kind for kind in Kind if FACTS[kind].group is group) for group in Group
}
