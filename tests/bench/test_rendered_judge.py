"""The judge of rendered pairs: what counts as fully, partly and not right."""

from __future__ import annotations

import pytest

from engine.bench.rendered.difference import Difference
from engine.bench.rendered.judge import Why, judge
from engine.bench.rendered.kinds import GROUPS
from engine.bench.rendered.pairs import pairs
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


def _truth(
    dimension: Dimension,
    values: Value | tuple[Value, ...],
    against: Value | tuple[Value, ...],
    **common: Value | tuple[Value, ...],
) -> Difference:
    def many(value: Value | tuple[Value, ...]) -> tuple[Value, ...]:
        return value if isinstance(value, tuple) else (value,)

    shared = tuple((Dimension(name), many(value)) for name, value in common.items())
    return Difference(dimension, many(values), many(against), shared)


ANIMALS = _truth(Dimension.KIND, GROUPS[Group.ANIMAL], GROUPS[Group.VEHICLE])
DOGS = _truth(Dimension.KIND, Kind.DOG, Kind.CAT)
DOGS_NOT_CARS = _truth(Dimension.KIND, Kind.DOG, Kind.CAR)
RED_CARS = _truth(Dimension.COLOUR, Colour.RED, Colour.BLUE, kind=Kind.CAR)
STRIPED = _truth(Dimension.PATTERN, Pattern.STRIPED, Pattern.DOTTED, kind=GROUPS[Group.FURNITURE])
FIVE_APPLES = _truth(Dimension.COUNT, Count.FIVE, Count.ONE, kind=Kind.APPLE)
FIVE_OR_TWO = _truth(Dimension.COUNT, Count.FIVE, Count.TWO, kind=Kind.APPLE)
RUNNING = _truth(Dimension.ACTIVITY, Activity.RUNNING, Activity.SITTING, kind=Kind.DOG)
BALLOONS = _truth(
    Dimension.ACTIVITY, Activity.HOLDING_BALLOON, Activity.WAVING, kind=GROUPS[Group.PERSON]
)
ON_A_BOX = _truth(
    Dimension.RELATION, Relation.ON_TOP, Relation.INSIDE, kind=Kind.CAT, other=Kind.BOX
)
IN_SNOW = _truth(Dimension.SETTING, Setting.SNOW, Setting.STREET, kind=GROUPS[Group.ANIMAL])
INDOORS = _truth(Dimension.SETTING, Setting.INDOORS, Setting.BEACH)
BEACH = _truth(Dimension.SETTING, Setting.BEACH, Setting.INDOORS)
SNOWFALL = _truth(Dimension.WEATHER, Weather.SNOWING, Weather.SUNNY)
NIGHT = _truth(Dimension.LIGHT, Light.NIGHT, Light.SUNSET)
DAY = _truth(Dimension.LIGHT, Light.DAYLIGHT, Light.NIGHT)
SKETCH = _truth(Dimension.STYLE, Style.SKETCH, Style.PHOTO)
PHOTO = _truth(Dimension.STYLE, Style.PHOTO, Style.SKETCH)
MONOCHROME = _truth(Dimension.STYLE, Style.BLACK_AND_WHITE, Style.SEPIA)

TABLE: list[tuple[Difference, str, float]] = [
    # the group of things
    (ANIMALS, "animals", 1.0),
    (ANIMALS, "Images of an animal", 1.0),
    (ANIMALS, "creatures and pets", 1.0),
    (ANIMALS, "dogs", 0.5),
    (ANIMALS, "dogs and cats", 0.5),
    (ANIMALS, "vehicles", 0.0),
    (ANIMALS, "cars", 0.0),
    (ANIMALS, "fruit", 0.0),
    (ANIMALS, "animals in the snow", 0.5),
    (ANIMALS, "no vehicles", 0.5),
    # the kind of thing
    (DOGS, "dogs", 1.0),
    (DOGS, "a puppy", 1.0),
    (DOGS, "canines", 1.0),
    (DOGS, "photos of a dog", 1.0),
    (DOGS, "animals", 0.0),
    (DOGS, "cats", 0.0),
    (DOGS, "dogs or cats", 0.0),
    (DOGS, "dogs or horses", 0.5),
    (DOGS, "two brown dogs", 0.5),
    (DOGS_NOT_CARS, "animals", 0.5),
    (DOGS_NOT_CARS, "pets", 0.5),
    # colour
    (RED_CARS, "red cars", 1.0),
    (RED_CARS, "a bright red automobile", 1.0),
    (RED_CARS, "red", 1.0),
    (RED_CARS, "red vehicles", 1.0),
    (RED_CARS, "warm colours", 0.5),
    (RED_CARS, "red houses", 0.5),
    (RED_CARS, "red cars in the snow", 0.5),
    (RED_CARS, "red or yellow cars", 0.5),
    (RED_CARS, "blue cars", 0.0),
    (RED_CARS, "red and blue cars", 0.0),
    (RED_CARS, "green cars", 0.0),
    (RED_CARS, "cars", 0.0),
    (RED_CARS, "a red background", 0.0),
    (RED_CARS, "cars beside a red box", 0.0),
    # pattern or material
    (STRIPED, "striped", 1.0),
    (STRIPED, "furniture with stripes", 1.0),
    (STRIPED, "stripy chairs", 0.5),
    (STRIPED, "patterned furniture", 0.0),
    (STRIPED, "polka dots", 0.0),
    # count
    (FIVE_APPLES, "five apples", 1.0),
    (FIVE_APPLES, "5 apples", 1.0),
    (FIVE_APPLES, "several apples", 0.5),
    (FIVE_APPLES, "many fruits", 0.5),
    (FIVE_APPLES, "four apples", 0.0),
    (FIVE_APPLES, "a single apple", 0.0),
    (FIVE_APPLES, "an apple", 0.0),
    (FIVE_OR_TWO, "several apples", 0.0),
    # activity
    (RUNNING, "running dogs", 1.0),
    (RUNNING, "a dog sprinting", 1.0),
    (RUNNING, "animals that run", 1.0),
    (RUNNING, "animals in motion", 0.5),
    (RUNNING, "running cats", 0.5),
    (RUNNING, "sitting dogs", 0.0),
    (RUNNING, "dogs", 0.0),
    (BALLOONS, "people with a balloon", 1.0),
    (BALLOONS, "a person holding a balloon", 1.0),
    (BALLOONS, "people holding something", 0.5),
    (BALLOONS, "people holding an umbrella", 0.0),
    # relation
    (ON_A_BOX, "cats on top of a box", 1.0),
    (ON_A_BOX, "a cat on a box", 1.0),
    (ON_A_BOX, "animals atop something", 1.0),
    (ON_A_BOX, "a cat on a table", 0.5),
    (ON_A_BOX, "a cat in a box", 0.0),
    (ON_A_BOX, "cats beside a box", 0.0),
    (ON_A_BOX, "a cat and a box", 0.0),
    # setting
    (IN_SNOW, "animals in the snow", 1.0),
    (IN_SNOW, "wintry scenes", 1.0),
    (IN_SNOW, "landscapes", 0.5),
    (IN_SNOW, "outdoors", 0.0),
    (IN_SNOW, "in the desert", 0.0),
    (IN_SNOW, "in the city", 0.0),
    (INDOORS, "interior scenes", 1.0),
    (INDOORS, "outdoor scenes", 0.0),
    (BEACH, "outdoor scenes", 0.5),
    (BEACH, "palm trees", 1.0),
    # weather and light
    (SNOWFALL, "falling snow", 1.0),
    (SNOWFALL, "bad weather", 0.5),
    (SNOWFALL, "in the snow", 0.0),
    (SNOWFALL, "sunny weather", 0.0),
    (NIGHT, "at night", 1.0),
    (NIGHT, "dark scenes", 0.5),
    (NIGHT, "dusk", 0.0),
    (DAY, "daylight", 1.0),
    (DAY, "night scenes", 0.0),
    # style
    (SKETCH, "pencil drawings", 1.0),
    (SKETCH, "a sketch of something", 1.0),
    (SKETCH, "artwork", 0.5),
    (SKETCH, "photographs", 0.0),
    (SKETCH, "a watercolour", 0.0),
    (PHOTO, "photographs", 1.0),
    (MONOCHROME, "black and white", 1.0),
    (MONOCHROME, "without colour", 0.0),
    (MONOCHROME, "a black and white dog", 0.5),
    # nothing
    (DOGS, "", 0.0),
    (DOGS, "joyful atmosphere", 0.0),
]


@pytest.mark.parametrize(("truth", "phrase", "score"), TABLE)
def test_the_table(truth: Difference, phrase: str, score: float) -> None:
    verdict = judge(phrase, truth)
    assert verdict.score == score, verdict.why


@pytest.mark.parametrize(
    ("truth", "phrase", "why"),
    [
        (DOGS, "dogs", Why.EXACT),
        (DOGS_NOT_CARS, "animals", Why.BROADER),
        (ANIMALS, "dogs", Why.NARROWER),
        (DOGS, "dogs or horses", Why.MIXED),
        (RED_CARS, "red cars at night", Why.OVERSTATED),
        (RED_CARS, "cars", Why.SILENT),
        (DOGS, "animals", Why.SHARED),
        (DOGS, "cats", Why.REVERSED),
        (DOGS, "lamps", Why.WRONG),
    ],
)
def test_a_verdict_says_why(truth: Difference, phrase: str, why: Why) -> None:
    assert judge(phrase, truth).why is why


@pytest.mark.parametrize("seed", range(4))
def test_the_words_of_every_truth_score_fully_for_their_side_only(seed: int) -> None:
    for pair in pairs(seed):
        assert judge(pair.a.words, pair.a).score == 1.0, pair.a.words
        assert judge(pair.b.words, pair.b).score == 1.0, pair.b.words
        assert judge(pair.a.words, pair.b).score == 0.0, pair.a.words
        assert judge(pair.b.words, pair.a).score == 0.0, pair.b.words
