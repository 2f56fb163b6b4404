"""Phrases as the pocket language model is taught to answer with: short, and fit for a CLIP model.

A phrase says one or two facts: a thing, an attribute, or a thing with an attribute.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from engine.bench.rendered.difference import Difference
from engine.bench.rendered.judge import judge
from engine.bench.rendered.kinds import FACTS, GROUPS
from engine.bench.rendered.nouns import GROUP_NOUNS, NOUNS, Noun
from engine.bench.rendered.wordings import WORDINGS
from engine.bench.rendered.world import Count, Dimension, Group, Kind, Style, Value
from engine.proposers import phrase_list

__all__ = ["Facts", "about", "phrase", "truly"]

#: what a phrase says; the thing first, a group of kinds in place of a kind
Facts = tuple[tuple[Dimension, Value | Group], ...]

_BEFORE = frozenset({Dimension.COLOUR, Dimension.PATTERN, Dimension.SIZE, Dimension.COUNT})
_WORN = frozenset({Dimension.COLOUR, Dimension.PATTERN})
_USUAL = 0.7  # how often the first of several wordings is taken
_TRIES = 12
#: of values that captions pass over or that the product's list would not keep
_SAID: dict[Value, tuple[str, ...]] = {
    Style.PHOTO: ("realistic", "photographic", "realistic photos"),
    Count.ONE: ("single", "one", "a single"),
}


def about(truth: Difference) -> tuple[Facts, Facts]:
    """What a side's difference says by itself, and of which thing; the same twice if of none."""
    if truth.dimension is Dimension.KIND:
        thing = _subject(truth.values)
        return (thing, thing)
    bare: Facts = ((truth.dimension, truth.values[0]),)
    if truth.dimension is Dimension.RELATION:
        bare += tuple((Dimension.OTHER, value) for value in dict(truth.common)[Dimension.OTHER])
    return bare, _subject(dict(truth.common).get(Dimension.KIND, ())) + bare


def truly(truth: Difference, facts: Facts, *, many: bool, rng: np.random.Generator) -> str:
    """A wording of the facts that a judge accepts for the truth; "" if none was found."""
    for _ in range(_TRIES):
        said = phrase(facts, many=many, rng=rng)
        if said and _right(said, truth):
            return said
    return ""


def phrase(facts: Facts, *, many: bool, rng: np.random.Generator | None = None) -> str:
    """The facts in words. many: whether things are told in the plural. rng: to choose between
    wordings; without, the usual ones are taken."""
    told = dict(facts)
    kind = told.pop(Dimension.KIND, None)
    other = told.pop(Dimension.OTHER, None)
    dimension, value = next(iter(told.items()), (None, None))
    if kind is None:
        said = _said(value, rng) if value is not None else ""
    elif dimension is None or value is None:
        said = _thing(kind, "", many, rng)
    elif dimension in _WORN and _is_person(kind):
        said = f"{_thing(kind, '', many, rng)} wearing {_said(value, rng)} clothes"
    elif dimension in _BEFORE:
        several = many if dimension is not Dimension.COUNT else value is not Count.ONE
        said = _thing(kind, _said(value, rng), several, rng, counted=dimension is Dimension.COUNT)
    elif dimension is Dimension.STYLE:
        said = f"{_said(value, rng, whole=True)} {_thing(kind, '', many, rng)}"
    else:
        said = f"{_thing(kind, '', many, rng)} {_said(value, rng)}"
    if other is not None:
        said = f"{said} {_thing(other, '', False, rng)}"
    return said if len(said) <= phrase_list.MAX_PHRASE else ""


def _subject(kinds: Sequence[Value]) -> Facts:
    """The kind, or the group that these kinds are; nothing for anything else."""
    named = [kind for kind in kinds if isinstance(kind, Kind)]
    if len(named) == 1:
        return ((Dimension.KIND, named[0]),)
    if not named:
        return ()
    group = FACTS[named[0]].group
    return ((Dimension.KIND, group),) if set(named) == set(GROUPS[group]) else ()


def _thing(
    kind: Value | Group,
    adjective: str,
    many: bool,
    rng: np.random.Generator | None,
    *,
    counted: bool = False,
) -> str:
    """Such as: a red car, red cars, three cars."""
    noun = _noun(kind)
    said = f"{adjective} {_pick(noun.many if many else noun.one, rng)}".strip()
    if many or counted:
        return said
    return f"an {said}" if said[0] in "aeiou" else f"a {said}"


def _noun(kind: Value | Group) -> Noun:
    if isinstance(kind, Kind):
        return NOUNS[kind]
    if isinstance(kind, Group):
        return GROUP_NOUNS[kind]
    raise TypeError(f"{kind!r} is no thing.")


def _is_person(kind: Value | Group) -> bool:
    return kind is Group.PERSON or (isinstance(kind, Kind) and FACTS[kind].group is Group.PERSON)


def _said(value: Value | Group, rng: np.random.Generator | None, *, whole: bool = False) -> str:
    """whole: a style as it begins a caption, “a drawing of”."""
    if isinstance(value, Group):
        return _thing(value, "", True, rng)
    wording = WORDINGS[value]
    said = _pick(_SAID.get(value) or wording.said or wording.also, rng)
    return said.removesuffix(" of") if isinstance(value, Style) and not whole else said


def _pick(words: Sequence[str], rng: np.random.Generator | None) -> str:
    if rng is None or len(words) == 1 or rng.random() < _USUAL:
        return words[0]
    return words[int(rng.integers(1, len(words)))]


@lru_cache(maxsize=1 << 14)
def _right(said: str, truth: Difference) -> bool:
    """Whether the judge says so, of the phrase as the product would keep it."""
    return phrase_list.cleaned(said) == said and judge(said, truth).score == 1.0
