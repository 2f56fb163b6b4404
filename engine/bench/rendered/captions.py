"""What somebody might write below a scene: a short caption and a detailed one.

Says only what is true and can be seen in the picture. Lower case, without a full stop, so that
captions join well and a small vocabulary is enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.bench.rendered.kinds import FACTS
from engine.bench.rendered.nouns import GROUP_NOUNS, NOUNS
from engine.bench.rendered.scene import Scene, visible
from engine.bench.rendered.wordings import UNSPOKEN, WORDINGS
from engine.bench.rendered.world import (
    Activity,
    Count,
    Dimension,
    Group,
    Light,
    Place,
    Relation,
    Style,
)

__all__ = ["Captions", "captions", "vocabulary"]

_VOWELS = frozenset("aeiou")


@dataclass(frozen=True, slots=True)
class Captions:
    """Two true sentences about one scene."""

    short: str  # the thing, what it does, and at most two more facts
    detailed: str  # everything that can be seen and is worth a word


def captions(scene: Scene, rng: np.random.Generator) -> Captions:
    """Captions of the scene; the same state of rng gives the same words."""
    return Captions(_short(scene, rng), _detailed(scene, rng))


def vocabulary() -> tuple[str, ...]:
    """Every word that captions can contain, sorted; commas are not words."""
    said = [word for wording in WORDINGS.values() for word in wording.said]
    for noun in (*NOUNS.values(), *GROUP_NOUNS.values()):
        said += [*noun.one, *noun.many]
    return tuple(sorted({part for text in (*said, *_GLUE) for part in text.split()}))


#: words of the sentences themselves
_GLUE = ("a", "an", "and", "with", "the", "is", "are", "there", "wearing", "clothes")


def _short(scene: Scene, rng: np.random.Generator) -> str:
    subject = _subject(scene, rng, adjectives=int(rng.integers(0, 3)))
    parts = [subject, _doing(scene, rng, often=0.8), _related(scene, rng, coloured=False)]
    around = [
        _of(scene, dimension, rng)
        for dimension in (Dimension.SETTING, Dimension.WEATHER, Dimension.LIGHT, Dimension.PLACE)
    ]
    told = [text for text in around if text]
    many = min(len(told), int(rng.integers(0, 3)))
    kept = sorted(rng.choice(len(told), size=many, replace=False).tolist()) if told else []
    parts += [told[k] for k in kept]
    sentence = _joined(parts)
    made = scene.style is not Style.PHOTO and rng.random() < 0.7
    if made or rng.random() < 0.08:
        return f"{_pick(WORDINGS[scene.style].said, rng)} {sentence}"
    return sentence


def _detailed(scene: Scene, rng: np.random.Generator) -> str:
    subject = _subject(scene, rng, adjectives=9)
    main = [subject, _doing(scene, rng, often=1.0), _related(scene, rng, coloured=True)]
    around = [
        _of(scene, dimension, rng)
        for dimension in (Dimension.PLACE, Dimension.SETTING, Dimension.WEATHER, Dimension.LIGHT)
    ]
    if scene.light is Light.DAYLIGHT and (rng.random() < 0.75 or around[2]):
        around[3] = ""
    if scene.place is Place.CENTRE and rng.random() < 0.75:
        around[0] = ""
    frame = _of(scene, Dimension.FRAME, rng)
    told = [text for text in around if text]
    template = int(rng.integers(3))
    if template == 0 and told:  # in the forest at night, a red fox …
        opening = _joined(told)
        scenery = f"{opening}, {_joined(main)}"
    elif template == 1:
        there = "there is" if scene.count == 1 else "there are"
        scenery = f"{there} {_joined([*main, *told])}"
    else:
        scenery = _joined([*main, *told])
    if template == 2 or (scene.style is not Style.PHOTO and template == 0 and not told):
        scenery = f"{_pick(WORDINGS[scene.style].said, rng)} {scenery}"
    elif scene.style is not Style.PHOTO:
        scenery = f"{scenery}, {_pick(WORDINGS[scene.style].said, rng).removesuffix(' of')}"
    return f"{scenery}, {frame}" if frame else scenery


def _subject(scene: Scene, rng: np.random.Generator, *, adjectives: int) -> str:
    """Such as: two small red striped cars. adjectives: at most so many."""
    size, colour, pattern = "", "", ""
    if scene.size not in UNSPOKEN:
        size = _pick(WORDINGS[scene.size].said, rng)
    if visible(scene, Dimension.COLOUR):
        colour = WORDINGS[scene.colour].said[0]
    if scene.pattern not in UNSPOKEN and visible(scene, Dimension.PATTERN):
        pattern = _pick(WORDINGS[scene.pattern].said, rng)
    told = [word for word in (size, colour, pattern) if word]
    while len(told) > adjectives:
        told.pop(int(rng.integers(len(told))))
    noun = NOUNS[scene.kind]
    name = _usual(noun.one if scene.count == 1 else noun.many, rng)
    if FACTS[scene.kind].group is not Group.PERSON:
        return _counted(scene.count, " ".join([*told, name]), rng)
    # nobody is a red woman: colour and pattern are those of what she wears
    person = _counted(scene.count, " ".join([*(t for t in told if t == size), name]), rng)
    clothes = [text for text in told if text != size]
    return " ".join([person, "wearing", *clothes, "clothes"]) if clothes else person


def _counted(count: Count, thing: str, rng: np.random.Generator) -> str:
    number = _usual(WORDINGS[count].said, rng)
    return _with_article(thing) if number == "a" else f"{number} {thing}"


def _with_article(thing: str) -> str:
    return f"an {thing}" if thing[0] in _VOWELS else f"a {thing}"


def _doing(scene: Scene, rng: np.random.Generator, *, often: float) -> str:
    told = scene.activity not in UNSPOKEN and visible(scene, Dimension.ACTIVITY)
    if scene.activity is Activity.STANDING:
        often *= 0.5
    if not told or rng.random() > often:
        return ""
    return _pick(WORDINGS[scene.activity].said, rng)


def _related(scene: Scene, rng: np.random.Generator, *, coloured: bool) -> str:
    if scene.other is None or scene.relation is Relation.NONE:
        return ""
    thing = _usual(NOUNS[scene.other].one, rng)
    if coloured and scene.other_colour is not None and visible(scene, Dimension.COLOUR):
        thing = f"{WORDINGS[scene.other_colour].said[0]} {thing}"
    return f"{_usual(WORDINGS[scene.relation].said, rng)} {_with_article(thing)}"


def _of(scene: Scene, dimension: Dimension, rng: np.random.Generator) -> str:
    """The wording of the scene's value, or nothing where it is not worth a word."""
    value = scene.value(dimension)
    if value is None or value in UNSPOKEN or not visible(scene, dimension):
        return ""
    if dimension is Dimension.PLACE and (scene.count > 1 or scene.relation is not Relation.NONE):
        return ""
    return _pick(WORDINGS[value].said, rng)


def _joined(parts: Sequence[str]) -> str:
    return " ".join(part for part in parts if part)


def _pick(words: Sequence[str], rng: np.random.Generator) -> str:
    return words[int(rng.integers(len(words)))]


def _usual(words: Sequence[str], rng: np.random.Generator) -> str:
    """The first of the words most of the time."""
    return words[0] if len(words) == 1 or rng.random() < 0.75 else _pick(words[1:], rng)
