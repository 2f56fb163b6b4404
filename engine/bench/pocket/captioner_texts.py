"""A short caption that leaves out nothing out of the ordinary, in one fixed order.

Captioners take the likeliest words. One that learnt from captions that pass over facts at random
would pass over nearly all of them, so what a short caption tells is decided here by rules.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.bench.rendered.kinds import FACTS
from engine.bench.rendered.nouns import NOUNS
from engine.bench.rendered.scene import Scene, visible
from engine.bench.rendered.wordings import UNSPOKEN, WORDINGS
from engine.bench.rendered.world import (
    Dimension,
    Group,
    Light,
    Place,
    Relation,
    Setting,
    Style,
    Value,
)

__all__ = ["short"]

_AROUND = (Dimension.PLACE, Dimension.SETTING, Dimension.WEATHER, Dimension.LIGHT)
_FIRST = 0.9  # share of facts that are said in the usual words, so that votes are not split
_VOWELS = frozenset("aeiou")


def short(scene: Scene, rng: np.random.Generator) -> str:
    """Such as: a pencil sketch of two small dogs running in the forest, in a white frame."""
    parts = [_subject(scene, rng), _told(scene, Dimension.ACTIVITY, rng), _related(scene, rng)]
    parts += [_told(scene, dimension, rng) for dimension in _AROUND]
    text = " ".join(part for part in parts if part)
    if scene.style is not Style.PHOTO:
        text = f"{_said(scene.style, rng)} {text}"
    frame = _told(scene, Dimension.FRAME, rng)
    return f"{text}, {frame}" if frame else text


def _subject(scene: Scene, rng: np.random.Generator) -> str:
    adjectives = [
        _told(scene, dimension, rng)
        for dimension in (Dimension.SIZE, Dimension.COLOUR, Dimension.PATTERN)
    ]
    noun = NOUNS[scene.kind]
    name = _usual(noun.one if scene.count == 1 else noun.many, rng)
    if FACTS[scene.kind].group is not Group.PERSON:
        return _counted(scene, [*adjectives, name], rng)
    person = _counted(scene, [adjectives[0], name], rng)
    clothes = [text for text in adjectives[1:] if text]
    return " ".join([person, "wearing", *clothes, "clothes"]) if clothes else person


def _counted(scene: Scene, words: Sequence[str], rng: np.random.Generator) -> str:
    thing = " ".join(word for word in words if word)
    number = _said(scene.count, rng)
    return _with_article(thing) if number == "a" else f"{number} {thing}"


def _related(scene: Scene, rng: np.random.Generator) -> str:
    if scene.other is None or scene.relation is Relation.NONE:
        return ""
    other = _usual(NOUNS[scene.other].one, rng)
    return f"{_said(scene.relation, rng)} {_with_article(other)}"


def _told(scene: Scene, dimension: Dimension, rng: np.random.Generator) -> str:
    """The wording of the scene's value, or nothing where it is what one expects or unseen."""
    value = scene.value(dimension)
    if value is None or value in UNSPOKEN or not visible(scene, dimension):
        return ""
    if value is Place.CENTRE or (value is Light.DAYLIGHT and not _plain_day(scene)):
        return ""
    return _said(value, rng)


def _plain_day(scene: Scene) -> bool:
    """Whether the light is all there is to say about the sky."""
    return scene.weather in UNSPOKEN and scene.setting is not Setting.INDOORS


def _said(value: Value, rng: np.random.Generator) -> str:
    return _usual(WORDINGS[value].said, rng)


def _usual(words: Sequence[str], rng: np.random.Generator) -> str:
    return words[0] if rng.random() < _FIRST else words[int(rng.integers(len(words)))]


def _with_article(thing: str) -> str:
    return f"an {thing}" if thing[0] in _VOWELS else f"a {thing}"
