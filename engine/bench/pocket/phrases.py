"""Phrases that are true of a scene, as a person would name what sets a group of images apart.

Also says of many scenes at once whether phrases hold. Draws no pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from engine.bench.pocket.scenes import DIMENSIONS, UNSEEN, Scenes
from engine.bench.rendered.kinds import FACTS
from engine.bench.rendered.nouns import GROUP_NOUNS, NOUNS
from engine.bench.rendered.reading import Reading, holds, read
from engine.bench.rendered.scene import Scene, visible
from engine.bench.rendered.wordings import UNSPOKEN, WORDINGS
from engine.bench.rendered.world import VALUES, Count, Dimension, Group, Kind, Relation, Value

__all__ = ["phrase_of", "truth"]

T = TypeVar("T")

_AROUND = (Dimension.SETTING, Dimension.WEATHER, Dimension.LIGHT, Dimension.PLACE, Dimension.FRAME)
_ADJECTIVES = (Dimension.SIZE, Dimension.COLOUR, Dimension.PATTERN)
_OF_THINGS = (*_ADJECTIVES, Dimension.COUNT)


def phrase_of(scene: Scene, rng: np.random.Generator) -> str:
    """A phrase of one to three attributes that can be seen in the scene's picture."""
    while True:
        phrase = _phrase(scene, rng)
        reading = _read(phrase)
        if reading.claims and holds(reading, scene):  # a few combinations mean something else
            return phrase


def _phrase(scene: Scene, rng: np.random.Generator) -> str:
    dimension, value = _pick(_facts(scene), rng)
    draw = rng.random()
    if draw < 0.35:
        return _said(value, rng).removesuffix(" of")
    if draw < 0.65 or dimension in _OF_THINGS:
        return _thing(scene, rng, numbered=dimension is Dimension.COUNT)
    words = _said(value, rng)
    thing = _thing(scene, rng, numbered=False)
    if dimension is Dimension.STYLE:
        return f"{words.removesuffix(' of')} of {thing}"
    return f"{thing} {words}"


def truth(
    phrases: Sequence[str], scenes: Scenes, rows: npt.NDArray[np.intp], codes: npt.NDArray[np.int8]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """(phrases, images) whether each phrase holds, and whether that can be seen.

    codes: of the rows, which differ from those of the scenes where images were mirrored.
    """
    true = np.ones((len(phrases), len(rows)), dtype=bool)
    known = np.ones_like(true)
    paired = [(k, scenes.scenes[row]) for k, row in enumerate(rows) if scenes.scenes[row].other]
    for p, phrase in enumerate(phrases):
        reading = _read(phrase)
        for claim in reading.claims:
            column = DIMENSIONS.index(claim.dimension)
            values = VALUES[claim.dimension]
            allowed = np.array([value in claim.values for value in values] + [False])
            true_here = allowed[codes[:, column]]  # UNSEEN is the last one
            unseen = codes[:, column] == UNSEEN
            if claim.dimension is not Dimension.OTHER:
                known[p] &= ~unseen
                true_here = true_here | unseen
            true[p] &= true_here
        known[p] |= ~true[p]
        for k, scene in paired:
            if not true[p, k]:
                true[p, k] = holds(reading, scene)
    return true, known


@lru_cache(maxsize=200_000)
def _read(phrase: str) -> Reading:
    return read(phrase)


def _facts(scene: Scene) -> list[tuple[Dimension, Value]]:
    """What is worth a phrase besides the thing itself."""
    told: list[tuple[Dimension, Value]] = []
    dimensions = (*_AROUND, *_ADJECTIVES, Dimension.STYLE, Dimension.ACTIVITY, Dimension.RELATION)
    for dimension in dimensions:
        value = scene.value(dimension)
        if value is None or value in UNSPOKEN or not visible(scene, dimension):
            continue
        many = scene.count > 1 or scene.relation is not Relation.NONE
        if dimension is Dimension.PLACE and many:
            continue
        told.append((dimension, value))
    if scene.relation is not Relation.NONE:  # rare, and hard: named more often
        told += [(Dimension.RELATION, scene.relation)] * 3
    if scene.activity not in UNSPOKEN and visible(scene, Dimension.ACTIVITY):
        told += [(Dimension.ACTIVITY, scene.activity)] * 2
    told += [(Dimension.COUNT, scene.count)] * 2
    return told


def _said(value: Value, rng: np.random.Generator) -> str:
    wording = WORDINGS[value]
    said = wording.also if wording.also and rng.random() < 0.4 else wording.said
    return _pick([words for words in said if words != "a"], rng)


def _thing(scene: Scene, rng: np.random.Generator, *, numbered: bool) -> str:
    """The thing, its kind or its group, with up to two of its adjectives or its number."""
    facts = FACTS[scene.kind]
    noun = NOUNS[scene.kind] if rng.random() < 0.8 else GROUP_NOUNS[facts.group]
    plural = scene.count > 1 or rng.random() < 0.5
    names = noun.many if plural else noun.one
    name = _pick(noun.also, rng) if noun.also and rng.random() < 0.1 else _pick(names, rng)
    told = [
        _pick(WORDINGS[value].said, rng)
        for dimension in _ADJECTIVES
        if (value := scene.value(dimension)) is not None
        and value not in UNSPOKEN
        and visible(scene, dimension)
        and rng.random() < (0.4 if dimension is Dimension.COLOUR else 0.6)
    ][:2]
    number = ""
    if numbered or rng.random() < 0.15:
        number = _said(scene.count, rng)
        name = (noun.one if scene.count is Count.ONE else noun.many)[0]
    if facts.group is Group.PERSON and told:
        sizes = [word for word in told if word in WORDINGS[scene.size].said]
        clothes = [w for w in told if w not in sizes]
        worn = f"wearing {' '.join(clothes)} clothes" if clothes else ""
        words = [number, *sizes, name, worn]
    else:
        words = [number, *told, name]
    text = " ".join(word for word in words if word)
    if scene.relation is not Relation.NONE and isinstance(scene.other, Kind) and rng.random() < 0.5:
        other = NOUNS[scene.other].one[0]
        text = f"{text} {_pick(WORDINGS[scene.relation].said, rng)} a {other}"
    return text


def _pick(values: Sequence[T], rng: np.random.Generator) -> T:
    return values[int(rng.integers(len(values)))]
