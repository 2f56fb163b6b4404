"""The world of rendered scenes: every attribute that a scene has.

Holds names only. What goes with what is in `kinds`, words are in `wordings`, scenes in `scene`.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum

__all__ = [
    "MONOCHROME",
    "VALUES",
    "Activity",
    "Colour",
    "Count",
    "Dimension",
    "Frame",
    "Group",
    "Kind",
    "Light",
    "Pattern",
    "Place",
    "Relation",
    "Setting",
    "Size",
    "Style",
    "Value",
    "Weather",
]


class Dimension(StrEnum):
    """What can be said of a scene. Each is a field of `Scene` under the same name."""

    KIND = "kind"
    COLOUR = "colour"
    PATTERN = "pattern"
    SIZE = "size"
    COUNT = "count"
    PLACE = "place"
    ACTIVITY = "activity"
    RELATION = "relation"
    OTHER = "other"  # the kind of the second thing, where there is one
    SETTING = "setting"
    WEATHER = "weather"
    LIGHT = "light"
    STYLE = "style"
    FRAME = "frame"


class Group(StrEnum):
    """A coarse kind."""

    ANIMAL = "animal"
    VEHICLE = "vehicle"
    FURNITURE = "furniture"
    FRUIT = "fruit"
    TOOL = "tool"
    PERSON = "person"
    TOY = "toy"
    CONTAINER = "container"
    PLANT = "plant"
    BUILDING = "building"


class Kind(StrEnum):
    """What a scene shows."""

    DOG = "dog"
    CAT = "cat"
    HORSE = "horse"
    COW = "cow"
    RABBIT = "rabbit"
    BIRD = "bird"
    DUCK = "duck"
    FISH = "fish"
    CAR = "car"
    BUS = "bus"
    TRUCK = "truck"
    BICYCLE = "bicycle"
    BOAT = "boat"
    PLANE = "plane"
    CHAIR = "chair"
    TABLE = "table"
    SOFA = "sofa"
    BED = "bed"
    LAMP = "lamp"
    APPLE = "apple"
    BANANA = "banana"
    PEAR = "pear"
    GRAPES = "grapes"
    STRAWBERRY = "strawberry"
    HAMMER = "hammer"
    SAW = "saw"
    AXE = "axe"
    SCISSORS = "scissors"
    WRENCH = "wrench"
    MAN = "man"
    WOMAN = "woman"
    CHILD = "child"
    BALL = "ball"
    BALLOON = "balloon"
    KITE = "kite"
    BOX = "box"
    BASKET = "basket"
    BOWL = "bowl"
    CUP = "cup"
    TREE = "tree"
    FLOWER = "flower"
    MUSHROOM = "mushroom"
    CACTUS = "cactus"
    HOUSE = "house"
    TENT = "tent"
    LIGHTHOUSE = "lighthouse"


class Colour(StrEnum):
    """The main colour of a thing; of people, the colour of their clothes."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    BLUE = "blue"
    PURPLE = "purple"
    PINK = "pink"
    BROWN = "brown"
    BLACK = "black"
    WHITE = "white"


class Pattern(StrEnum):
    """The surface of a thing: a pattern or a material."""

    PLAIN = "plain"
    STRIPED = "striped"
    DOTTED = "dotted"
    CHECKED = "checked"
    METALLIC = "metallic"
    WOODEN = "wooden"


class Size(StrEnum):
    """How much of the picture a single thing fills."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class Count(IntEnum):
    """How many of the kind there are."""

    ONE = 1
    TWO = 2
    THREE = 3
    FOUR = 4
    FIVE = 5


class Place(StrEnum):
    """Where in the picture a single thing is."""

    CENTRE = "centre"
    LEFT = "left"
    RIGHT = "right"
    TOP = "top"
    BOTTOM = "bottom"


class Activity(StrEnum):
    """What an animal or a person does; things do nothing."""

    NONE = "none"
    STANDING = "standing"
    RUNNING = "running"
    SITTING = "sitting"
    JUMPING = "jumping"
    SLEEPING = "sleeping"
    FLYING = "flying"
    SWIMMING = "swimming"
    READING = "reading"
    WAVING = "waving"
    HOLDING_BALLOON = "holding a balloon"
    HOLDING_UMBRELLA = "holding an umbrella"
    HOLDING_FLOWER = "holding a flower"


class Relation(StrEnum):
    """How the thing stands to the other thing."""

    NONE = "none"
    ON_TOP = "on top of"
    BESIDE = "beside"
    INSIDE = "inside"
    IN_FRONT = "in front of"
    UNDER = "under"


class Setting(StrEnum):
    """Where it is."""

    INDOORS = "indoors"
    STREET = "street"
    MEADOW = "meadow"
    SNOW = "snow"
    WATER = "water"
    BEACH = "beach"
    DESERT = "desert"
    FOREST = "forest"


class Weather(StrEnum):
    """What comes from the sky; PLAIN is a pale sky that nobody mentions."""

    PLAIN = "plain"
    SUNNY = "sunny"
    CLOUDY = "cloudy"
    RAINY = "rainy"
    FOGGY = "foggy"
    SNOWING = "snowing"
    STORMY = "stormy"


class Light(StrEnum):
    """When and from where the light comes; night is a light, so it goes with any setting."""

    DAYLIGHT = "daylight"
    SUNSET = "sunset"
    NIGHT = "night"
    BACKLIT = "backlit"
    SPOTLIGHT = "spotlight"


class Style(StrEnum):
    """How the picture is made."""

    PHOTO = "photo"
    SKETCH = "pencil sketch"
    POSTER = "poster"
    BLURRED = "blurred"
    BLACK_AND_WHITE = "black and white"
    SEPIA = "sepia"
    WATERCOLOUR = "watercolour"
    PIXELATED = "pixelated"


class Frame(StrEnum):
    """What is around the picture."""

    NONE = "none"
    WHITE = "white border"
    BLACK = "black border"
    POLAROID = "polaroid"


Value = (
    Kind
    | Colour
    | Pattern
    | Size
    | Count
    | Place
    | Activity
    | Relation
    | Setting
    | Weather
    | Light
    | Style
    | Frame
)

#: every value that a dimension can take
VALUES: dict[Dimension, tuple[Value, ...]] = {
    Dimension.KIND: tuple(Kind),
    Dimension.COLOUR: tuple(Colour),
    Dimension.PATTERN: tuple(Pattern),
    Dimension.SIZE: tuple(Size),
    Dimension.COUNT: tuple(Count),
    Dimension.PLACE: tuple(Place),
    Dimension.ACTIVITY: tuple(Activity),
    Dimension.RELATION: tuple(Relation),
    Dimension.OTHER: tuple(Kind),
    Dimension.SETTING: tuple(Setting),
    Dimension.WEATHER: tuple(Weather),
    Dimension.LIGHT: tuple(Light),
    Dimension.STYLE: tuple(Style),
    Dimension.FRAME: tuple(Frame),
}

#: styles in which no colour can be seen
MONOCHROME = frozenset({Style.SKETCH, Style.BLACK_AND_WHITE, Style.SEPIA})
