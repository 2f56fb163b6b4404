"""Reads a free English phrase as claims about attributes. No model: only the known wordings.

What is not understood is passed over; `Reading.understood` says how much was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from engine.bench.rendered.broader import BROADER
from engine.bench.rendered.nouns import NOUNS
from engine.bench.rendered.scene import Scene
from engine.bench.rendered.wordings import WORDINGS
from engine.bench.rendered.world import (
    VALUES,
    Count,
    Dimension,
    Pattern,
    Relation,
    Size,
    Style,
    Value,
)

__all__ = ["Claim", "Reading", "holds", "read", "words_understood"]

_OF_THINGS = frozenset({Dimension.COLOUR, Dimension.PATTERN, Dimension.SIZE, Dimension.COUNT})
#: one-word relations that more often mean nothing; they count only before another thing
_WEAK = frozenset({("on",), ("in",), ("before",), ("near",)})
_NEGATIONS = frozenset({"no", "not", "without", "never", "non"})
_BETWEEN = frozenset({"a", "an", "the", "any", "with", "of"})  # may stand after a negation
_ARTICLES = frozenset({"a", "an"})
_DIMENSIONS = {
    type(values[0]): dimension
    for dimension, values in VALUES.items()
    if dimension is not Dimension.OTHER
}


@dataclass(frozen=True, slots=True)
class Claim:
    """That a dimension has one of some values."""

    dimension: Dimension
    values: frozenset[Value]
    second: bool = False  # about the second thing of the scene


@dataclass(frozen=True, slots=True)
class Reading:
    """What a phrase says."""

    claims: tuple[Claim, ...]
    words: int  # in the phrase
    understood: int  # of them, articles and the like not counted

    def of(self, dimension: Dimension) -> tuple[Claim, ...]:
        """The claims about the main thing or the whole scene; of OTHER, about the second thing."""
        second = dimension is Dimension.OTHER
        return tuple(
            claim
            for claim in self.claims
            if claim.dimension is dimension and claim.second is second
        )


def read(phrase: str) -> Reading:
    """The claims of a phrase, in its order. Upper case and punctuation do not matter."""
    words = tuple(re.findall(r"[a-z0-9]+", phrase.lower()))
    reader = _Reader()
    for meaning, part, negated in _meanings(words):
        reader.take(meaning, part, negated=negated)
    return Reading(tuple(reader.finished()), len(words), reader.understood)


def holds(phrase: str | Reading, scene: Scene) -> bool:
    """Whether everything that the phrase claims is true of the scene, seen or not.

    A phrase that claims nothing holds. A phrase about one thing may be about the second one.
    """
    claims = (read(phrase) if isinstance(phrase, str) else phrase).claims
    if all(_true(claim, scene) for claim in claims):
        return True
    about_things = {*_OF_THINGS, Dimension.KIND}
    if scene.other is None or any(c.dimension is Dimension.RELATION for c in claims):
        return False
    return all(
        _true(Claim(_as_second(c), c.values, second=True), scene)
        if c.dimension in about_things
        else c.dimension is not Dimension.ACTIVITY and _true(c, scene)
        for c in claims
    )


def words_understood() -> tuple[str, ...]:
    """Every word in a wording that is understood, sorted."""
    return tuple(sorted({word for part in _lexicon() for word in part}))


def _as_second(claim: Claim) -> Dimension:
    return Dimension.OTHER if claim.dimension is Dimension.KIND else claim.dimension


def _true(claim: Claim, scene: Scene) -> bool:
    if not claim.second:
        return scene.value(claim.dimension) in claim.values
    own: dict[Dimension, Value | None] = {
        Dimension.OTHER: scene.other,
        Dimension.COLOUR: scene.other_colour,
        Dimension.PATTERN: Pattern.PLAIN,
        Dimension.COUNT: Count.ONE,
        Dimension.SIZE: Size.MEDIUM,
    }
    return own.get(claim.dimension) in claim.values


# ------------------------------------------------------------------ the reader


@dataclass(frozen=True, slots=True)
class _Meaning:
    dimension: Dimension
    values: frozenset[Value]


@dataclass(slots=True)
class _Reader:
    """Collects claims; adjectives wait for their noun, weak relations for their thing."""

    claims: list[Claim] = field(default_factory=list)
    waiting: list[_Meaning] = field(default_factory=list)
    relation: _Meaning | None = None  # a weak one
    related: bool = False  # a relation was read: what follows is the second thing
    nouns: int = 0
    understood: int = 0

    def take(self, meaning: _Meaning | None, part: tuple[str, ...], *, negated: bool) -> None:
        if meaning is None:
            if part[0] in {"background", "backgrounds"}:  # its colour is nobody's
                self.waiting.clear()
            elif part[0] == "clothes":
                self._settle(second=False)
            elif part[0] not in _BETWEEN:
                self.relation = None
            return
        self.understood += len(part)
        if negated:
            rest = frozenset(VALUES[meaning.dimension]) - meaning.values
            meaning = _Meaning(meaning.dimension, rest)
        if meaning.dimension is Dimension.RELATION:
            if part in _WEAK:
                self._settle(second=False)
                self.relation = meaning
            else:
                self._relate(meaning)
        elif meaning.dimension is Dimension.KIND:
            if self.relation is not None and self.nouns:
                self.claims.append(Claim(Dimension.RELATION, self.relation.values))
                self.related = True
            self.relation = None
            self.nouns += 1
            dimension = Dimension.OTHER if self.related else Dimension.KIND
            self._settle(second=self.related)
            self.claims.append(Claim(dimension, meaning.values, second=self.related))
        elif meaning.dimension in _OF_THINGS:
            self.waiting.append(meaning)
        else:
            self.relation = None
            self.claims.append(Claim(meaning.dimension, meaning.values))

    def finished(self) -> list[Claim]:
        self._settle(second=False)
        return self.claims

    def _relate(self, meaning: _Meaning) -> None:
        self._settle(second=False)
        self.claims.append(Claim(Dimension.RELATION, meaning.values))
        self.related = Relation.NONE not in meaning.values

    def _settle(self, *, second: bool) -> None:
        self.claims.extend(Claim(m.dimension, m.values, second) for m in self.waiting)
        self.waiting.clear()


def _meanings(
    words: tuple[str, ...],
) -> Iterator[tuple[_Meaning | None, tuple[str, ...], bool]]:
    """The longest known wordings from left to right, with what each means."""
    lexicon = _lexicon()
    longest = max(map(len, lexicon))
    at, negated = 0, False
    while at < len(words):
        for long in range(min(longest, len(words) - at), 0, -1):
            part = words[at : at + long]
            meaning = lexicon.get(part)
            if meaning is not None:
                yield meaning, part, negated
                negated = False
                break
        else:
            long, part = 1, words[at : at + 1]
            yield None, part, False
            negated = part[0] in _NEGATIONS or (negated and part[0] in _BETWEEN)
        at += long


@cache
def _lexicon() -> dict[tuple[str, ...], _Meaning]:
    """Every wording, as its words, and what it means."""
    lexicon: dict[tuple[str, ...], _Meaning] = {}
    for broad in BROADER:
        for text in broad.said:
            lexicon[tuple(text.split())] = _Meaning(broad.dimension, broad.values)
    for kind, noun in NOUNS.items():
        for text in (*noun.one, *noun.many, *noun.also):
            lexicon[tuple(text.split())] = _Meaning(Dimension.KIND, frozenset({kind}))
    for value, wording in WORDINGS.items():
        meaning = _Meaning(dimension_of(value), frozenset({value}))
        for text in (*wording.said, *wording.also):
            part = tuple(text.split())
            if isinstance(value, Style) and part[-1] == "of":
                lexicon[part[1:-1]] = meaning  # a poster of: poster
            elif len(part) > 1 or part[0] not in _ARTICLES:
                lexicon[part] = meaning
    del lexicon[("picture",)]  # says nothing: every image is one
    return lexicon


def dimension_of(value: Value) -> Dimension:
    """The dimension that a value belongs to; of kinds, KIND."""
    return _DIMENSIONS[type(value)]
