"""How each attribute value is said in captions, and what else is understood as it.

Kinds have names in `nouns`; what is broader than one value stands in `broader`. Each wording
belongs to one meaning only, so that a caption can be read back.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.bench.rendered.world import (
    Activity,
    Colour,
    Count,
    Frame,
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

__all__ = ["UNSPOKEN", "WORDINGS", "Wording"]


@dataclass(frozen=True, slots=True)
class Wording:
    """How a value is said in a caption, and what else is understood as it."""

    said: tuple[str, ...]
    also: tuple[str, ...] = ()


def _words(*said: str, also: tuple[str, ...] = ()) -> Wording:
    return Wording(said, also)


#: values that captions pass over in silence: they are what one expects
UNSPOKEN: frozenset[Value] = frozenset(
    {
        Pattern.PLAIN,
        Size.MEDIUM,
        Activity.NONE,
        Relation.NONE,
        Weather.PLAIN,
        Frame.NONE,
    }
)

#: of all values but kinds, which have nouns; unspoken ones have words that the judge understands
WORDINGS: dict[Value, Wording] = {
    **{colour: _words(colour.value) for colour in Colour},
    Colour.RED: _words("red", also=("crimson", "scarlet")),
    Colour.BROWN: _words("brown", also=("tan",)),
    Colour.PURPLE: _words("purple", also=("violet",)),
    Pattern.PLAIN: _words(
        also=("plain", "solid", "unpatterned", "without a pattern", "no pattern")
    ),
    Pattern.STRIPED: _words(
        "striped", also=("stripes", "stripy", "with stripes", "striped pattern")
    ),
    Pattern.DOTTED: _words(
        "dotted",
        "spotted",
        also=("dots", "spots", "polka dots", "polka dot", "with dots", "with spots"),
    ),
    Pattern.CHECKED: _words(
        "checked",
        "checkered",
        also=("chequered", "checks", "checkerboard", "plaid", "tartan", "gingham"),
    ),
    Pattern.METALLIC: _words(
        "metallic", "shiny metal", also=("metal", "shiny", "made of metal", "steel", "chrome")
    ),
    Pattern.WOODEN: _words("wooden", also=("wood", "made of wood", "timber")),
    Size.SMALL: _words("small", "little", also=("tiny", "smaller")),
    Size.MEDIUM: _words(also=("medium", "medium sized", "medium size")),
    Size.LARGE: _words("large", "big", also=("huge", "larger", "bigger", "giant")),
    Count.ONE: _words(
        "a", "one", also=("single", "a single", "only one", "just one", "one single")
    ),
    Count.TWO: _words("two", "a couple of", also=("both", "2", "a pair of", "twins")),
    Count.THREE: _words("three", also=("3", "trio")),
    Count.FOUR: _words("four", also=("4",)),
    Count.FIVE: _words("five", also=("5",)),
    Place.CENTRE: _words(
        "in the middle",
        "in the centre",
        also=("in the center", "central", "centered", "centred", "middle"),
    ),
    Place.LEFT: _words(
        "on the left", "at the left side", also=("left", "on the left side", "to the left")
    ),
    Place.RIGHT: _words(
        "on the right", "at the right side", also=("right", "on the right side", "to the right")
    ),
    Place.TOP: _words("at the top", "near the top", also=("top", "in the upper part", "upper")),
    Place.BOTTOM: _words(
        "at the bottom", "near the bottom", also=("bottom", "in the lower part", "lower")
    ),
    Activity.NONE: _words(),
    Activity.STANDING: _words("standing", also=("stands", "stand", "standing still")),
    Activity.RUNNING: _words("running", also=("runs", "run", "sprinting", "jogging", "galloping")),
    Activity.SITTING: _words("sitting", also=("sits", "sit", "seated")),
    Activity.JUMPING: _words(
        "jumping", "leaping", also=("jumps", "jump", "leaps", "leap", "hopping")
    ),
    Activity.SLEEPING: _words(
        "sleeping", "lying asleep", also=("sleeps", "sleep", "asleep", "napping", "dozing")
    ),
    Activity.FLYING: _words("flying", also=("flies", "fly", "in flight", "in the air")),
    Activity.SWIMMING: _words("swimming", also=("swims", "swim", "bathing")),
    Activity.READING: _words(
        "reading", "reading a book", also=("reads", "read", "with a book", "holding a book")
    ),
    Activity.WAVING: _words(
        "waving", "waving a hand", also=("waves a hand", "raising a hand", "greeting")
    ),
    Activity.HOLDING_BALLOON: _words(
        "holding a balloon",
        "with a balloon",
        also=("holding balloons", "with balloons", "carrying a balloon"),
    ),
    Activity.HOLDING_UMBRELLA: _words(
        "holding an umbrella",
        "under an umbrella",
        also=(
            "with an umbrella",
            "umbrella",
            "umbrellas",
            "holding umbrellas",
            "carrying an umbrella",
        ),
    ),
    Activity.HOLDING_FLOWER: _words(
        "holding a flower",
        "with a flower",
        also=("holding flowers", "with flowers", "carrying a flower"),
    ),
    Relation.NONE: _words(also=("alone", "by itself", "on its own", "nothing else")),
    Relation.ON_TOP: _words("on top of", "on", also=("onto", "atop", "upon", "on top")),
    Relation.BESIDE: _words(
        "beside",
        "next to",
        also=("near", "by the side of", "alongside", "side by side", "adjacent to", "close to"),
    ),
    Relation.INSIDE: _words("inside", "in", also=("within", "into", "contained in", "placed in")),
    Relation.IN_FRONT: _words("in front of", also=("before", "in front")),
    Relation.UNDER: _words("under", "below", also=("beneath", "underneath")),
    Setting.INDOORS: _words(
        "indoors",
        "in a room",
        also=("indoor", "inside a room", "living room", "room", "interior", "inside a house"),
    ),
    Setting.STREET: _words(
        "on a street",
        "in the city",
        also=("street", "streets", "road", "on a road", "city", "urban", "town", "in a town"),
    ),
    Setting.MEADOW: _words(
        "on a meadow",
        "in the grass",
        also=(
            "meadow",
            "in a meadow",
            "grass",
            "grassy",
            "field",
            "in a field",
            "lawn",
            "on the grass",
            "green field",
        ),
    ),
    Setting.SNOW: _words(
        "in the snow",
        "on snowy ground",
        also=("snow", "snowy", "wintry", "winter", "in winter", "snow covered"),
    ),
    Setting.WATER: _words(
        "in the water",
        "on the water",
        also=("water", "sea", "lake", "ocean", "in a lake", "at sea", "on the sea", "in the sea"),
    ),
    Setting.BEACH: _words(
        "on the beach",
        "by the sea",
        also=(
            "beach",
            "seaside",
            "shore",
            "at the beach",
            "sandy beach",
            "palm",
            "palm tree",
            "palm trees",
        ),
    ),
    Setting.DESERT: _words(
        "in the desert", "among sand dunes", also=("desert", "dunes", "sand dunes", "arid")
    ),
    Setting.FOREST: _words(
        "in the forest",
        "in the woods",
        also=("forest", "forests", "woodland", "woods", "wooded", "in a forest"),
    ),
    Weather.PLAIN: _words(),
    Weather.SUNNY: _words(
        "on a sunny day",
        "in bright sunshine",
        also=("sunny", "sunshine", "sun", "sunlit", "in the sun", "blue sky", "bright sun"),
    ),
    Weather.CLOUDY: _words(
        "on a cloudy day",
        "under clouds",
        also=("cloudy", "clouds", "overcast", "grey sky", "gray sky"),
    ),
    Weather.RAINY: _words(
        "in the rain",
        "on a rainy day",
        also=("rain", "rainy", "raining", "wet weather", "rainfall"),
    ),
    Weather.FOGGY: _words(
        "in the fog", "in thick mist", also=("fog", "foggy", "mist", "misty", "hazy", "haze")
    ),
    Weather.SNOWING: _words(
        "in falling snow",
        "while it is snowing",
        also=("snowing", "snowfall", "snowflakes", "falling snow", "snowstorm", "blizzard"),
    ),
    Weather.STORMY: _words(
        "in a thunderstorm",
        "during a storm",
        also=("thunderstorm", "storm", "stormy", "lightning", "thunder"),
    ),
    Light.DAYLIGHT: _words(
        "by day", "in daylight", also=("daylight", "daytime", "during the day", "day")
    ),
    Light.SUNSET: _words(
        "at sunset",
        "in the evening glow",
        also=("sunset", "sunsets", "dusk", "at dusk", "golden hour", "evening", "setting sun"),
    ),
    Light.NIGHT: _words(
        "at night",
        "under the night sky",
        also=(
            "night",
            "nighttime",
            "moonlight",
            "nocturnal",
            "moon",
            "in the dark",
            "starry",
            "stars",
        ),
    ),
    Light.BACKLIT: _words(
        "against the light",
        "as a dark silhouette",
        also=(
            "backlit",
            "silhouette",
            "silhouettes",
            "back lit",
            "backlight",
            "backlighting",
            "silhouetted",
        ),
    ),
    Light.SPOTLIGHT: _words(
        "in a spotlight",
        "under a beam of light",
        also=("spotlight", "spotlit", "beam of light", "stage light"),
    ),
    Style.PHOTO: _words(
        "a photo of",
        "a picture of",
        also=("photo", "photos", "photograph", "photographs", "photographic", "realistic"),
    ),
    Style.SKETCH: _words(
        "a pencil sketch of",
        "a drawing of",
        also=(
            "pencil sketch",
            "sketch",
            "sketches",
            "pencil sketches",
            "pencil",
            "pencil drawing",
            "drawing",
            "drawings",
            "line drawing",
            "sketched",
        ),
    ),
    Style.POSTER: _words(
        "a poster of",
        "a flat poster of",
        also=(
            "poster",
            "posters",
            "flat poster",
            "pop art",
            "flat colours",
            "flat colors",
            "posterized",
        ),
    ),
    Style.BLURRED: _words(
        "a blurred photo of",
        "a blurry picture of",
        also=("blurred", "blurry", "blur", "out of focus", "unfocused"),
    ),
    Style.BLACK_AND_WHITE: _words(
        "a black and white photo of",
        "a grey picture of",
        also=(
            "black and white",
            "greyscale",
            "grayscale",
            "black and white photo",
            "black and white photos",
            "grey",
            "gray",
        ),
    ),
    Style.SEPIA: _words(
        "a sepia photo of",
        "an old brown photo of",
        also=("sepia", "vintage", "old photo", "old photos", "antique"),
    ),
    Style.WATERCOLOUR: _words(
        "a watercolour of",
        "a painting of",
        also=(
            "watercolour",
            "watercolours",
            "watercolor",
            "watercolors",
            "painting",
            "paintings",
            "painted",
        ),
    ),
    Style.PIXELATED: _words(
        "a pixelated picture of",
        "a mosaic of",
        also=("pixelated", "pixels", "mosaic", "blocky", "pixel art", "low resolution"),
    ),
    Frame.NONE: _words(
        also=("without a border", "no border", "borderless", "without a frame", "unframed")
    ),
    Frame.WHITE: _words(
        "with a white border",
        "in a white frame",
        also=("white border", "white borders", "white frame", "white frames"),
    ),
    Frame.BLACK: _words(
        "with a black border",
        "in a black frame",
        also=("black border", "black borders", "black frame", "black frames"),
    ),
    Frame.POLAROID: _words(
        "as a polaroid",
        "in a polaroid frame",
        also=("polaroid", "polaroids", "instant photo", "polaroid frame"),
    ),
}
