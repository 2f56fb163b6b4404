"""Words for more than one value: an animal, bad weather, a picture without colours."""

from __future__ import annotations

from dataclasses import dataclass

from engine.bench.rendered.kinds import GROUPS
from engine.bench.rendered.nouns import GROUP_NOUNS
from engine.bench.rendered.world import (
    Activity,
    Colour,
    Count,
    Dimension,
    Frame,
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

__all__ = ["BROADER", "Broad"]


@dataclass(frozen=True, slots=True)
class Broad:
    """A wording for several values of a dimension."""

    dimension: Dimension
    values: frozenset[Value]
    said: tuple[str, ...]


def _broad(dimension: Dimension, said: str, *values: Value) -> Broad:
    return Broad(dimension, frozenset(values), tuple(said.split("/")))


_OUT = tuple(s for s in Setting if s is not Setting.INDOORS)

BROADER: tuple[Broad, ...] = (
    *(
        Broad(Dimension.KIND, frozenset(GROUPS[group]), (*noun.one, *noun.many, *noun.also))
        for group, noun in GROUP_NOUNS.items()
    ),
    _broad(
        Dimension.KIND,
        "thing/things/object/objects/item/items",
        *(
            kind
            for group in Group
            if group not in {Group.ANIMAL, Group.PERSON}
            for kind in GROUPS[group]
        ),
    ),
    _broad(Dimension.KIND, "adult/adults", Kind.MAN, Kind.WOMAN),
    _broad(
        Dimension.COLOUR,
        "warm colours/warm colors/warm",
        Colour.RED,
        Colour.ORANGE,
        Colour.YELLOW,
        Colour.PINK,
    ),
    _broad(
        Dimension.COLOUR,
        "cool colours/cool colors/cold colours",
        Colour.BLUE,
        Colour.GREEN,
        Colour.PURPLE,
    ),
    _broad(
        Dimension.COLOUR,
        "dark coloured/dark colored",
        Colour.BLACK,
        Colour.BROWN,
        Colour.PURPLE,
        Colour.BLUE,
    ),
    _broad(
        Dimension.COLOUR,
        "light coloured/light colored/pale",
        Colour.WHITE,
        Colour.YELLOW,
        Colour.PINK,
    ),
    _broad(
        Dimension.PATTERN,
        "patterned/pattern/patterns",
        Pattern.STRIPED,
        Pattern.DOTTED,
        Pattern.CHECKED,
    ),
    _broad(
        Dimension.COUNT,
        "several/multiple/many/a group of/group/groups/more than one/some",
        Count.TWO,
        Count.THREE,
        Count.FOUR,
        Count.FIVE,
    ),
    _broad(Dimension.COUNT, "few/a few", Count.TWO, Count.THREE),
    _broad(
        Dimension.ACTIVITY,
        "moving/in motion/active",
        Activity.RUNNING,
        Activity.JUMPING,
        Activity.FLYING,
        Activity.SWIMMING,
    ),
    _broad(
        Dimension.ACTIVITY,
        "resting/still/calm",
        Activity.SITTING,
        Activity.SLEEPING,
        Activity.STANDING,
    ),
    _broad(
        Dimension.ACTIVITY,
        "holding something/holding/holding an object/carrying something",
        Activity.HOLDING_BALLOON,
        Activity.HOLDING_UMBRELLA,
        Activity.HOLDING_FLOWER,
    ),
    _broad(Dimension.RELATION, "touching/together with", Relation.ON_TOP, Relation.INSIDE),
    _broad(Dimension.SETTING, "outdoors/outdoor/outside/open air", *_OUT),
    _broad(
        Dimension.SETTING,
        "nature/in nature/natural/landscape/landscapes/countryside",
        *(s for s in _OUT if s is not Setting.STREET),
    ),
    _broad(Dimension.SETTING, "sand/sandy", Setting.BEACH, Setting.DESERT),
    _broad(Dimension.SETTING, "near water/coast", Setting.BEACH, Setting.WATER),
    _broad(
        Dimension.WEATHER,
        "bad weather/precipitation",
        Weather.RAINY,
        Weather.SNOWING,
        Weather.STORMY,
        Weather.FOGGY,
    ),
    _broad(Dimension.WEATHER, "good weather/nice weather/clear sky", Weather.SUNNY, Weather.PLAIN),
    _broad(
        Dimension.LIGHT,
        "dark/dark scene/dark scenes/dim/darkness",
        Light.NIGHT,
        Light.SPOTLIGHT,
        Light.BACKLIT,
    ),
    _broad(
        Dimension.LIGHT,
        "dramatic light/dramatic lighting",
        Light.BACKLIT,
        Light.SPOTLIGHT,
        Light.SUNSET,
    ),
    _broad(
        Dimension.STYLE,
        "art/artwork/artistic/illustration/illustrations/cartoon",
        Style.SKETCH,
        Style.POSTER,
        Style.WATERCOLOUR,
    ),
    _broad(
        Dimension.STYLE,
        "monochrome/without colour/without color/colourless/no colour",
        Style.SKETCH,
        Style.BLACK_AND_WHITE,
        Style.SEPIA,
    ),
    _broad(
        Dimension.STYLE, "unsharp/unclear/low quality/indistinct", Style.BLURRED, Style.PIXELATED
    ),
    _broad(Dimension.STYLE, "old", Style.SEPIA, Style.BLACK_AND_WHITE),
    _broad(
        Dimension.FRAME,
        "border/borders/frame/frames/framed/bordered",
        Frame.WHITE,
        Frame.BLACK,
        Frame.POLAROID,
    ),
)
