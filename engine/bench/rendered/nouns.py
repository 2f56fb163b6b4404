"""The names of kinds and of groups of kinds, in both numbers.

Captions use the names of kinds; a reader also knows more names, and those of the groups.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.bench.rendered.world import Group, Kind

__all__ = ["GROUP_NOUNS", "NOUNS", "Noun"]


@dataclass(frozen=True, slots=True)
class Noun:
    """The names of a kind."""

    one: tuple[str, ...]
    many: tuple[str, ...]
    also: tuple[str, ...] = ()  # understood, never written; both numbers


def _noun(one: str, many: str, *also: str) -> Noun:
    """one and many: names divided by a stroke, the usual one first."""
    return Noun(tuple(one.split("/")), tuple(many.split("/")), also)


NOUNS: dict[Kind, Noun] = {
    Kind.DOG: _noun("dog/puppy", "dogs/puppies", "hound", "hounds", "canine", "canines"),
    Kind.CAT: _noun("cat/kitten", "cats/kittens", "feline", "felines", "kitty", "kitties"),
    Kind.HORSE: _noun("horse/pony", "horses/ponies", "stallion", "mare", "equine"),
    Kind.COW: _noun("cow", "cows", "cattle", "bull", "bulls", "ox", "calf"),
    Kind.RABBIT: _noun("rabbit/bunny", "rabbits/bunnies", "hare", "hares"),
    Kind.BIRD: _noun("bird", "birds", "songbird", "songbirds", "robin", "sparrow"),
    Kind.DUCK: _noun("duck", "ducks", "mallard", "duckling", "ducklings"),
    Kind.FISH: _noun("fish", "fish", "fishes", "goldfish"),
    Kind.CAR: _noun("car", "cars", "automobile", "automobiles", "sedan", "sedans"),
    Kind.BUS: _noun("bus", "buses", "coach", "coaches"),
    Kind.TRUCK: _noun("truck/lorry", "trucks/lorries", "semi truck", "cargo truck"),
    Kind.BICYCLE: _noun("bicycle/bike", "bicycles/bikes", "cycle"),
    Kind.BOAT: _noun(
        "sailing boat/boat",
        "sailing boats/boats",
        "sailboat",
        "sailboats",
        "ship",
        "ships",
        "yacht",
    ),
    Kind.PLANE: _noun(
        "plane/airplane", "planes/airplanes", "aeroplane", "aeroplanes", "aircraft", "jet", "jets"
    ),
    Kind.CHAIR: _noun("chair", "chairs", "seat", "seats"),
    Kind.TABLE: _noun("table", "tables", "desk", "desks"),
    Kind.SOFA: _noun("sofa/couch", "sofas/couches", "settee"),
    Kind.BED: _noun("bed", "beds", "mattress"),
    Kind.LAMP: _noun("lamp", "lamps", "floor lamp", "floor lamps"),
    Kind.APPLE: _noun("apple", "apples"),
    Kind.BANANA: _noun("banana", "bananas"),
    Kind.PEAR: _noun("pear", "pears"),
    Kind.GRAPES: _noun("bunch of grapes", "bunches of grapes", "grapes", "grape"),
    Kind.STRAWBERRY: _noun("strawberry", "strawberries", "berry", "berries"),
    Kind.HAMMER: _noun("hammer", "hammers"),
    Kind.SAW: _noun("saw", "saws", "handsaw", "hand saw"),
    Kind.AXE: _noun("axe", "axes", "ax", "hatchet", "hatchets"),
    Kind.SCISSORS: _noun(
        "pair of scissors", "pairs of scissors", "scissors", "a pair of scissors", "shears"
    ),
    Kind.WRENCH: _noun("wrench", "wrenches", "spanner", "spanners"),
    Kind.MAN: _noun("man", "men", "guy", "guys", "gentleman", "male person"),
    Kind.WOMAN: _noun("woman/lady", "women/ladies", "female person", "females"),
    Kind.CHILD: _noun("child/kid", "children/kids", "boy", "boys", "toddler", "toddlers"),
    Kind.BALL: _noun("ball", "balls", "football", "beach ball"),
    Kind.BALLOON: _noun("balloon", "balloons"),
    Kind.KITE: _noun("kite", "kites"),
    Kind.BOX: _noun("box", "boxes", "crate", "crates", "carton", "cartons"),
    Kind.BASKET: _noun("basket", "baskets", "wicker basket"),
    Kind.BOWL: _noun("bowl", "bowls", "dish", "dishes"),
    Kind.CUP: _noun("cup/mug", "cups/mugs", "teacup"),
    Kind.TREE: _noun("tree", "trees"),
    Kind.FLOWER: _noun("flower", "flowers", "blossom", "blossoms", "daisy", "daisies"),
    Kind.MUSHROOM: _noun("mushroom", "mushrooms", "toadstool", "toadstools"),
    Kind.CACTUS: _noun("cactus", "cactuses", "cacti"),
    Kind.HOUSE: _noun("house", "houses", "home", "homes", "cottage", "cottages"),
    Kind.TENT: _noun("tent", "tents"),
    Kind.LIGHTHOUSE: _noun("lighthouse", "lighthouses"),
}

GROUP_NOUNS: dict[Group, Noun] = {
    Group.ANIMAL: _noun("animal", "animals", "creature", "creatures", "pet", "pets", "wildlife"),
    Group.VEHICLE: _noun("vehicle", "vehicles", "transport", "transportation"),
    Group.FURNITURE: _noun("piece of furniture", "pieces of furniture", "furniture"),
    Group.FRUIT: _noun("fruit", "fruits", "piece of fruit", "food"),
    Group.TOOL: _noun("tool", "tools", "hand tool", "hand tools", "equipment"),
    Group.PERSON: _noun("person", "people", "human", "humans", "persons", "human figure"),
    Group.TOY: _noun("toy", "toys", "plaything", "playthings"),
    Group.CONTAINER: _noun("container", "containers", "vessel", "vessels"),
    Group.PLANT: _noun("plant", "plants", "vegetation"),
    Group.BUILDING: _noun("building", "buildings", "architecture", "structures"),
}
