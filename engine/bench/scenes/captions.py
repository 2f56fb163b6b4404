"""A sentence about a scene, as somebody might have typed it below the photograph.

Says only what is true of the scene, in one of several wordings, and leaves some of it out, as
people do. Sailing boats and lighthouses are always mentioned: they are what one looks at.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.bench.scenes.scene import Scene

_NUMBERS = {1: "a", 2: "two", 3: "three", 4: "four", 5: "five"}

_PLACES = {
    "meadow": ("a meadow above the sea", "a grassy shore", "the meadow by the water"),
    "beach": ("a sandy beach", "the beach", "a quiet beach"),
    "rocks": ("a rocky shore", "rocks along the shore", "a stony shore"),
    "snow": ("a snowy shore", "fresh snow on the shore", "the shore under snow"),
}
_BACKDROPS = {
    "mountains": ("mountains across the bay", "a range of mountains", "mountains in the distance"),
    "hills": ("low hills across the bay", "hills in the distance", "gentle hills"),
    "open sea": ("the open sea", "nothing but sea to the horizon", "the wide horizon"),
}
_SKIES = {
    "clear": ("under a clear sky", "beneath a cloudless sky"),
    "scattered": ("under scattered clouds", "below a few clouds"),
    "overcast": ("under a grey sky", "under a cloudy sky"),
}

#: the hour by lateness: up to which it is said, and the words for it
_HOURS: tuple[tuple[float, tuple[str, ...]], ...] = (
    (0.34, ("at midday", "in bright daylight", "around noon")),
    (0.54, ("in the afternoon", "on a mild afternoon", "in the late afternoon")),
    (0.74, ("in the evening", "in the evening light", "in the golden evening light")),
    (2.00, ("at sunset", "late in the evening", "in the evening after sunset")),
)


def caption_of(scene: Scene, rng: np.random.Generator) -> str:
    """One English sentence, without a line break, ending in a full stop."""
    place = _pick(_PLACES[scene.foreground], rng)
    backdrop = _pick(_BACKDROPS[scene.relief], rng) if rng.random() < 0.55 else ""
    sky = _pick(_SKIES[scene.sky], rng) if rng.random() < 0.3 else ""
    words = next(words for limit, words in _HOURS if scene.lateness < limit)
    hour = _pick(words, rng) if rng.random() < 0.65 else ""
    things = _things(scene, rng)
    style = int(rng.integers(4))
    if style == 0:
        seen = things or [backdrop or "the sea beyond"]
        parts = [f"{place} with {_listed(seen)}", hour, sky if not hour else ""]
    elif style == 1 and things:
        parts = [f"{_listed(things)}, seen from {_definite(place)}", hour]
    elif style == 2:
        opening = f"{place} and {backdrop}" if backdrop else place
        parts = [opening, hour, f", with {_listed(things)}" if things else sky]
    else:
        seen = [*things, backdrop] if backdrop else things
        parts = [f"view over {_definite(place)}", sky, f": {_listed(seen)}" if seen else "", hour]
    text = " ".join(part for part in parts if part).replace(" ,", ",").replace(" :", ":")
    return text[0].upper() + text[1:] + "."


def _things(scene: Scene, rng: np.random.Generator) -> list[str]:
    things = []
    if scene.boats:
        boats = f"{_NUMBERS[scene.boats]} sailing boat{'s' if scene.boats > 1 else ''}"
        things.append(boats + _pick(("", " on the water", " in the bay", " near the shore"), rng))
    if scene.lighthouse:
        things.append(_pick(("a lighthouse", "the lighthouse", "a lighthouse on a headland"), rng))
    if scene.houses and rng.random() < 0.7:
        many = scene.houses > 1
        things.append(_pick(("some cottages", "a few houses") if many else ("a cottage",), rng))
    if scene.trees and rng.random() < 0.6:
        kind = "pine" if scene.tree_kind == "conifer" else "tree"
        things.append(f"a {kind}" if scene.trees == 1 else f"some {kind}s")
    if scene.birds and rng.random() < 0.6:
        things.append(_pick(("gulls overhead", "birds in the sky", "some gulls"), rng))
    order = rng.permutation(len(things))
    return [things[k] for k in order]


def _pick(words: Sequence[str], rng: np.random.Generator) -> str:
    return words[int(rng.integers(len(words)))]


def _listed(things: Sequence[str]) -> str:
    """a; a and b; a, b and c."""
    if len(things) < 2:
        return "".join(things)
    return f"{', '.join(things[:-1])} and {things[-1]}"


def _definite(place: str) -> str:
    return f"the {place[2:]}" if place.startswith("a ") else place
