"""What the pocket language model is taught to answer to a lesson.

First the true difference, by itself and with the thing it is about; then what else the captions
of the side hold more often than those of the other, the clearest first. Counts captions alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import sqrt

import numpy as np

from engine.bench.pocket.language_lessons import Lesson
from engine.bench.pocket.language_phrases import Facts, about, phrase, truly
from engine.bench.rendered.difference import Difference
from engine.bench.rendered.kinds import FACTS
from engine.bench.rendered.reading import read
from engine.bench.rendered.world import Count, Dimension, Group, Kind, Relation, Style, Value
from engine.phrase_text import phrase_key

__all__ = ["answers", "facts_of"]

_BY_ITSELF = 0.6  # of what a thing or an attribute shows alone, that counts against both together
_PAIR = 0.3  # and what two facts must show more than one
_ALONE = frozenset({Dimension.COUNT, Dimension.OTHER})  # worth no phrase without its thing
_SILENT = frozenset({Style.PHOTO, Count.ONE, Relation.NONE})


def answers(lesson: Lesson, count: int, rng: np.random.Generator) -> tuple[list[str], list[str]]:
    """So many phrases for A and for B, or fewer where the captions do not give more."""
    told = [Counter(_all_facts(captions)) for captions in lesson.captions]
    found = []
    for own in range(2):
        shares = Shares(
            told[own], len(lesson.captions[own]), told[1 - own], len(lesson.captions[1 - own])
        )
        found.append(_answer(lesson.truths[own], shares, count, rng))
    return found[0], found[1]


def facts_of(caption: str) -> list[Facts]:
    """Everything of one or two facts that a caption says, once each."""
    told: dict[Dimension, Value] = {}
    for claim in read(caption).claims:
        own = claim.second == (claim.dimension is Dimension.OTHER)
        if own and len(claim.values) == 1:
            told.setdefault(claim.dimension, *claim.values)
    kind = told.pop(Dimension.KIND, None)
    other = told.pop(Dimension.OTHER, None)
    found: list[Facts] = []
    thing: Facts = ()
    if isinstance(kind, Kind):
        thing = ((Dimension.KIND, kind),)
        found += [thing, ((Dimension.KIND, FACTS[kind].group),)]
    for dimension, value in told.items():
        fact: Facts = ((dimension, value),)
        if value in _SILENT:
            continue
        if dimension is Dimension.RELATION:
            if other is None:
                continue
            fact += ((Dimension.OTHER, other),)
        if dimension not in _ALONE:
            found.append(fact)
        if thing:
            found.append(thing + fact)
    return found


def _all_facts(captions: Iterable[str]) -> Iterable[Facts]:
    for caption in captions:
        yield from facts_of(caption)


class Shares:
    """How often facts stand in the captions of a side and of the other."""

    def __init__(self, own: Counter[Facts], n_own: int, other: Counter[Facts], n_other: int):
        self.own, self.n_own, self.other, self.n_other = own, n_own, other, n_other

    def z(self, facts: Facts) -> float:
        """How much more often in the side's own captions, in standard errors, a little shrunk."""
        own, other = self.own[facts], self.other[facts]
        share = (own + other + 1.0) / (self.n_own + self.n_other + 2.0)
        error = sqrt(share * (1.0 - share) * (1.0 / self.n_own + 1.0 / self.n_other))
        return (own / self.n_own - other / self.n_other) / error

    def worth(self, facts: Facts) -> float:
        """z, less what the parts show by themselves."""
        if len(facts) == 1 or facts[0][0] is not Dimension.KIND:
            return self.z(facts)
        parts = max(self.z(facts[:1]), self.z(facts[1:]), 0.0)
        return self.z(facts) - _BY_ITSELF * parts - _PAIR


def _answer(
    truths: Sequence[Difference], shares: Shares, count: int, rng: np.random.Generator
) -> list[str]:
    many = bool(rng.random() < 0.5)
    found: dict[str, str] = {}  # by what makes two phrases the same
    said: set[Facts] = set()
    against = {value for truth in truths for value in _named(truth.against)}

    def add(text: str) -> None:
        if text:
            found.setdefault(phrase_key(text), text)

    for truth in truths:
        both = about(truth)
        said |= set(both)
        for facts in dict.fromkeys(both):
            add(truly(truth, facts, many=many, rng=rng))
    kinds = Counter(FACTS[kind].group for kind in _kinds(shares.own))
    ranked = sorted(shares.own, key=shares.worth, reverse=True)
    for facts in ranked:
        if len(found) >= count:
            break
        first = facts[0][1]
        lonely = isinstance(first, Group) and kinds[first] < 2
        if facts in said or lonely or any(value in against for _, value in facts):
            continue
        add(phrase(facts, many=many))
    return list(found.values())[:count]


def _named(values: Iterable[Value]) -> Iterable[Value | Group]:
    """The values, and the group of kinds that they all are."""
    kinds = [value for value in values if isinstance(value, Kind)]
    if len(kinds) > 1:
        yield FACTS[kinds[0]].group
    yield from values


def _kinds(own: Iterable[Facts]) -> Iterable[Kind]:
    for facts in own:
        kind = facts[0][1]
        if len(facts) == 1 and isinstance(kind, Kind):
            yield kind
