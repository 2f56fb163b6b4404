"""Ways to rank the phrases of one side from the same figures, and rules of what holds up.

None of them needs a new run: the figures of every finding are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.bench.rendered_bench.outcome import Outcome, Ranked
from engine.vocabulary import Side

__all__ = [
    "as_listed",
    "as_proposed",
    "by_auroc",
    "by_difference",
    "by_welch",
    "claimed",
    "phrases_only",
]

MEASURED = "measured"
ALPHA = 0.05


def as_listed(outcome: Outcome, side: Side) -> Sequence[str]:
    """As the product lists them: what holds up first, then by the lower end of the interval.

    Everything that was tested stands in the list, also what does not hold up.
    """
    return [finding.text for finding in _of(outcome, side)]


def phrases_only(outcome: Outcome, side: Side) -> Sequence[str]:
    """As listed, without measurements."""
    return [f.text for f in _of(outcome, side) if f.proposer != MEASURED]


def as_proposed(outcome: Outcome, side: Side) -> Sequence[str]:
    """In the order in which they were thought of, before any image was scored."""
    return [phrase.text for phrase in outcome.proposed if phrase.side is side]


def by_auroc(outcome: Outcome, side: Side) -> Sequence[str]:
    return _sorted(outcome, side, lambda f: (-f.auroc,))


def by_difference(outcome: Outcome, side: Side) -> Sequence[str]:
    return _sorted(outcome, side, lambda f: (-f.difference,))


def by_welch(outcome: Outcome, side: Side) -> Sequence[str]:
    """The smallest p first; phrases that are truer of the other side last."""
    return _sorted(
        outcome, side, lambda f: (f.difference <= 0, 1.0 if f.p_welch is None else f.p_welch)
    )


def _sorted(
    outcome: Outcome, side: Side, key: Callable[[Ranked], tuple[float, ...]]
) -> Sequence[str]:
    """Ties by their words, so that the product's own order does not leak in."""
    found = sorted(_of(outcome, side), key=lambda finding: (*key(finding), finding.text))
    return [finding.text for finding in found]


def _of(outcome: Outcome, side: Side) -> list[Ranked]:
    return [finding for finding in outcome.findings if finding.side is side]


def claimed(finding: Ranked, correction: str) -> bool:
    """Whether a finding would be called significant.

    correction: "full" as the product does; "q" without the gate over the whole list; "none" by
    its own p alone.
    """
    if correction == "full":
        return finding.significant
    surprise = finding.q if correction == "q" else finding.p
    return surprise < ALPHA and finding.low > 0.5
