"""Which stage loses a true difference: the captions, the language model, the merging, the ranking.

Works on kept outcomes alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from engine.bench.rendered.difference import Difference
from engine.bench.rendered.reading import read
from engine.bench.rendered_bench.marks import FIRST, PairMarks, truths, verdict
from engine.bench.rendered_bench.outcome import Outcome
from engine.vocabulary import Side

__all__ = ["Diagnosis", "Lost", "diagnose", "lost_at", "stated"]

TELLING = 0.1  # more of one side's captions than of the other's that must state the true value


class Lost(StrEnum):
    """Where a task was lost, the first stage that is to blame."""

    NOWHERE = "found"
    CAPTIONS = "captions"
    PROPOSAL = "proposal"
    MERGING = "merging"
    RANKING = "ranking"


class Diagnosis(msgspec.Struct, frozen=True):
    """Of the tasks of one level; shares of them unless it says otherwise. None: nothing to say."""

    tasks: int
    caption_recall: float | None  # share of a side's captions that state its true value
    caption_false: float | None  # share of the other side's captions that state it
    proposed_full: float | None  # a fully right phrase among all that were proposed
    proposed_half: float | None  # one that is at least partly right
    ranked_first: float | None  # of the tasks with a fully right phrase proposed: it is on top
    ranked_in_5: float | None  # of the same: among the first five
    lost: dict[str, int]  # where -> tasks


def diagnose(marks: Sequence[PairMarks]) -> Diagnosis:
    tasks = [(one, side, truth) for one in marks for side, truth in truths(one.pair).items()]
    seen = [stated(one.outcome, side, truth) for one, side, truth in tasks]
    best = [best_proposed(one.outcome, side, truth) for one, side, truth in tasks]
    given = [
        one.tasks[side] for (one, side, _), score in zip(tasks, best, strict=True) if score == 1.0
    ]
    where = [lost_at(one, side) for one, side, _ in tasks]
    places = [task.place or FIRST + 1 for task in given]
    return Diagnosis(
        tasks=len(tasks),
        caption_recall=_mean([own for own, _ in filter(None, seen)]),
        caption_false=_mean([other for _, other in filter(None, seen)]),
        proposed_full=_mean([score == 1.0 for score in best]),
        proposed_half=_mean([score >= 0.5 for score in best]),
        ranked_first=_mean([place == 1 for place in places]),
        ranked_in_5=_mean([place <= FIRST for place in places]),
        lost={stage: where.count(stage) for stage in Lost},
    )


def stated(outcome: Outcome, side: Side, truth: Difference) -> tuple[float, float] | None:
    """Shares of captions of this side, and of the other, that state this side's true value.

    None where no captions were shown. A caption that names several values, such as “animals” for
    dogs, does not state it.
    """
    own = [states(shown.caption, truth) for shown in outcome.shown if shown.side is side]
    other = [states(shown.caption, truth) for shown in outcome.shown if shown.side is not side]
    return (sum(own) / len(own), sum(other) / len(other)) if own and other else None


def states(caption: str, truth: Difference) -> bool:
    true = frozenset(truth.values)
    return any(claim.values <= true for claim in read(caption).of(truth.dimension))


def best_proposed(outcome: Outcome, side: Side, truth: Difference) -> float:
    """The best mark among all phrases that were proposed for a side."""
    texts = (phrase.text for phrase in outcome.proposed if phrase.side is side)
    return max((verdict(text, truth).score for text in texts), default=0.0)


def lost_at(marks: PairMarks, side: Side) -> Lost:
    """The first stage whose output no longer holds what is true."""
    task, outcome, truth = marks.tasks[side], marks.outcome, truths(marks.pair)[side]
    if task.at_1 == 1.0:
        return Lost.NOWHERE
    if best_proposed(outcome, side, truth) < 1.0:
        seen = stated(outcome, side, truth)
        silent = seen is not None and seen[0] - seen[1] < TELLING
        return Lost.CAPTIONS if silent else Lost.PROPOSAL
    listed = (f.text for f in outcome.findings if f.side is side)
    if all(verdict(text, truth).score < 1.0 for text in listed):
        return Lost.MERGING
    return Lost.RANKING


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
