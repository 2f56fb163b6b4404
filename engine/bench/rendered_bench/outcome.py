"""What one comparison of a pair came to, as it is kept: no picture, no judgement.

Phrases are judged anew whenever they are read, so that a better judge needs no new run.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from engine.vocabulary import Finding, Hypothesis, Side

__all__ = ["Outcome", "Proposed", "Ranked", "Shown", "keep", "kept", "proposed", "ranked"]


class Ranked(msgspec.Struct, frozen=True):
    """A finding: a phrase with its place in the list and its figures, toward its side."""

    text: str
    side: Side
    proposer: str
    auroc: float
    low: float  # of its 95 % interval
    p: float
    q: float
    significant: bool
    p_welch: float | None
    difference: float  # of means, in the unit of the score
    also: tuple[str, ...] = ()


class Proposed(msgspec.Struct, frozen=True):
    """A phrase as it was proposed, before merging."""

    text: str
    side: Side
    proposer: str


class Shown(msgspec.Struct, frozen=True):
    """A caption that the language model was shown."""

    side: Side
    caption: str


class Outcome(msgspec.Struct, frozen=True):
    """Findings best first; proposals in the order in which they were first made."""

    findings: tuple[Ranked, ...]
    proposed: tuple[Proposed, ...]
    shown: tuple[Shown, ...]
    verdict: str
    seconds: float  # of the comparison when it was run, with whatever was known before
    stages: dict[str, float]  # seconds of each
    loading_s: float  # of these, for loading models


def ranked(finding: Finding) -> Ranked:
    toward = 1.0 if finding.side is Side.A else -1.0
    return Ranked(
        text=finding.description,
        side=finding.side,
        proposer=finding.origin.proposer,
        auroc=finding.auroc,
        low=finding.auroc_low,
        p=finding.p,
        q=finding.q,
        significant=finding.significant,
        p_welch=finding.p_welch,
        difference=toward * (finding.mean_a - finding.mean_b),
        also=finding.also,
    )


def proposed(hypotheses: Sequence[Hypothesis]) -> list[Proposed]:
    """Without those of a fixed list: nobody thought of them for these two sets."""
    return [Proposed(h.text, h.side, h.origin.proposer) for h in hypotheses if h.directed]


def keep(outcome: Outcome, target: Path) -> None:
    """Whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    part.write_bytes(msgspec.json.encode(outcome))
    part.replace(target)


def kept(target: Path) -> Outcome | None:
    """None where there is none, or none that can be read."""
    try:
        return msgspec.json.decode(target.read_bytes(), type=Outcome)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None
