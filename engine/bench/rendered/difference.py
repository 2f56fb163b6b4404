"""A true difference between two sets of scenes: in attributes, and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.bench.rendered.kinds import FACTS, GROUPS
from engine.bench.rendered.nouns import GROUP_NOUNS, NOUNS
from engine.bench.rendered.scene import Scene
from engine.bench.rendered.wordings import WORDINGS
from engine.bench.rendered.world import Count, Dimension, Group, Kind, Value

__all__ = ["Difference", "Rule"]

#: allowed values of some dimensions
Rule = Mapping[Dimension, tuple[Value, ...]]

_ADJECTIVES = frozenset({Dimension.COLOUR, Dimension.PATTERN, Dimension.SIZE})


@dataclass(frozen=True, slots=True)
class Difference:
    """What one side has and the other has not.

    Everything but `dimension` varies alike on both sides, within what they have in common.
    """

    dimension: Dimension
    values: tuple[Value, ...]  # of this side
    against: tuple[Value, ...]  # of the other side
    common: tuple[tuple[Dimension, tuple[Value, ...]], ...] = ()  # of both sides

    @property
    def rule(self) -> Rule:
        """What is fixed in every scene of this side."""
        return {**dict(self.common), self.dimension: self.values}

    @property
    def words(self) -> str:
        """The difference as a person would say it, such as “striped cars”."""
        return _phrase(self.dimension, self.values, dict(self.common))

    def follows(self, scene: Scene) -> bool:
        """Whether the scene has what this side has."""
        return scene.value(self.dimension) in self.values


def _phrase(dimension: Dimension, values: tuple[Value, ...], common: Rule) -> str:
    if dimension is Dimension.KIND:
        return _names(values)
    kinds = common.get(Dimension.KIND, ())
    subject = _names(kinds) if kinds else ""
    value = values[0]
    word = _word(value)
    people = bool(kinds) and set(kinds) <= set(GROUPS[Group.PERSON])
    if dimension in {Dimension.COLOUR, Dimension.PATTERN} and people:
        return f"{subject} wearing {word} clothes"
    if dimension in _ADJECTIVES:
        return f"{word} {subject or 'things'}"
    if dimension is Dimension.COUNT:
        if value is not Count.ONE:
            return f"{word} {subject or 'things'}"
        lone = kinds[0] if len(kinds) == 1 else None
        return f"one {NOUNS[lone].one[0] if isinstance(lone, Kind) else 'thing'}"
    if dimension is Dimension.STYLE:
        made = word.removesuffix(" of")
        return f"{made} of {subject}" if subject else made
    if dimension is Dimension.RELATION:
        hosts = common.get(Dimension.OTHER, ())
        host = hosts[0] if hosts else None
        what = f"a {NOUNS[host].one[0]}" if isinstance(host, Kind) else "something"
        return f"{subject or 'things'} {word} {what}"
    return f"{subject} {word}".strip()


def _word(value: Value) -> str:
    """How the value is said first; of what captions pass over, how it is understood."""
    if isinstance(value, Kind):
        return NOUNS[value].many[0]
    wording = WORDINGS[value]
    return (wording.said + wording.also)[0]


def _names(kinds: tuple[Value, ...]) -> str:
    """The group, where they are all of one; else each kind."""
    named = [kind for kind in kinds if isinstance(kind, Kind)]
    if len(named) > 1:
        group = FACTS[named[0]].group
        if set(named) == set(GROUPS[group]):
            return GROUP_NOUNS[group].many[0]
    return " or ".join(NOUNS[kind].many[0] for kind in named)
