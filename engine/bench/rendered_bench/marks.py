"""Judges what was listed against what is true: one task for each side of a pair.

Acc@k of a task is the best mark among the k phrases that stand highest for that side; a partly
right phrase counts half. A pair's is the mean of its two sides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from engine.bench.rendered.difference import Difference
from engine.bench.rendered.judge import Verdict
from engine.bench.rendered.judge import judge as judged
from engine.bench.rendered.pairs import Pair
from engine.bench.rendered_bench.outcome import Outcome, Ranked
from engine.vocabulary import Side

__all__ = ["FIRST", "Order", "PairMarks", "TaskMarks", "mark_pair", "truths", "verdict"]

FIRST = 5  # phrases a side that Acc@5 looks at

#: the phrases of a side in the order in which they are ranked
Order = Callable[[Outcome, Side], Sequence[str]]


@dataclass(frozen=True, slots=True)
class TaskMarks:
    """Of one side of one pair."""

    at_1: float
    at_5: float
    place: int | None  # of the first phrase that is fully right, from 1; None: there is none


@dataclass(frozen=True, slots=True)
class PairMarks:
    """Of one pair."""

    pair: Pair
    outcome: Outcome
    tasks: dict[Side, TaskMarks]

    @property
    def at_1(self) -> float:
        return sum(task.at_1 for task in self.tasks.values()) / len(self.tasks)

    @property
    def at_5(self) -> float:
        return sum(task.at_5 for task in self.tasks.values()) / len(self.tasks)

    def significant(self, side: Side) -> list[Ranked]:
        """What the comparison says holds up."""
        return [f for f in self.outcome.findings if f.significant and f.side is side]

    @property
    def claims(self) -> int:
        return sum(finding.significant for finding in self.outcome.findings)


def truths(pair: Pair) -> dict[Side, Difference]:
    return {Side.A: pair.a, Side.B: pair.b}


@cache
def verdict(phrase: str, truth: Difference) -> Verdict:
    """Of the judge, who is asked the same of many rankings."""
    return judged(phrase, truth)


def mark_pair(pair: Pair, outcome: Outcome, order: Order) -> PairMarks:
    tasks = {side: _mark(order(outcome, side), truth) for side, truth in truths(pair).items()}
    return PairMarks(pair, outcome, tasks)


def _mark(phrases: Sequence[str], truth: Difference) -> TaskMarks:
    scores = [verdict(phrase, truth).score for phrase in phrases]
    place = scores.index(1.0) + 1 if 1.0 in scores else None
    return TaskMarks(max(scores[:1], default=0.0), max(scores[:FIRST], default=0.0), place)
