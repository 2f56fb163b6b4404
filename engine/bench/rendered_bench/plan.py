"""Which pairs are compared, and the loop over them. Judges nothing and prints nothing."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from engine.bench.rendered.pairs import Level, Pair, pairs
from engine.bench.rendered_bench.outcome import Outcome
from engine.bench.rendered_bench.runner import Asked, Runner

__all__ = ["Choice", "Watcher", "chosen_pairs", "foretell", "outcomes"]


@dataclass(frozen=True, slots=True)
class Choice:
    """A part of the bench; by default all of it."""

    level: str = ""  # "easy", "medium" or "hard"; "": all
    a_level: int = 0  # pairs of each level, spread evenly over its sorts; 0: all
    images: int = 0  # at most so many a side; 0: as many as the bench has


class Watcher(Protocol):
    """Hears how far a run is."""

    def planned(self, images: int, pairs: int) -> None:
        """What is to be compared and is not known yet."""
        ...

    def begun(self, pair: Pair, *, known: bool) -> None: ...

    def ended(self, pair: Pair, seconds: float, *, known: bool) -> None: ...


def chosen_pairs(seed: int, choice: Choice, *, purity: float = 1.0) -> list[Pair]:
    every = pairs(seed, purity=purity)
    found: list[Pair] = []
    for level in Level:
        if choice.level in ("", level):
            found += _spread([pair for pair in every if pair.level is level], choice.a_level)
    if choice.images:
        found = [replace(pair, images=min(pair.images, choice.images)) for pair in found]
    return found


def _spread(some: Sequence[Pair], count: int) -> list[Pair]:
    if not 0 < count < len(some):
        return list(some)
    return [some[k * len(some) // count] for k in range(count)]


def foretell(work: Collection[tuple[Pair, Asked]], runner: Runner, watcher: Watcher) -> None:
    """Tells how much is to be done."""
    fresh = [pair for pair, asked in work if runner.known(pair, asked) is None]
    watcher.planned(sum(2 * pair.images for pair in fresh), len(work))


def outcomes(
    work: Iterable[tuple[Pair, Asked]], runner: Runner, watcher: Watcher
) -> Iterator[tuple[Pair, Asked, Outcome]]:
    """What was run before is not run again. Raises TwofoldError; Cancelled."""
    for pair, asked in work:
        there = runner.known(pair, asked)
        watcher.begun(pair, known=there is not None)
        begun = time.monotonic()
        found = there or runner.run(pair, asked)
        watcher.ended(pair, time.monotonic() - begun, known=there is not None)
        yield pair, asked, found
