"""The model card of the pocket ranker, with what was measured on scenes it never saw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from engine.bench.pocket.scenes import Scenes, render
from engine.bench.rendered.nouns import GROUP_NOUNS, NOUNS
from engine.bench.rendered.reading import read
from engine.bench.rendered.wordings import UNSPOKEN, WORDINGS
from engine.bench.rendered.world import VALUES, Dimension, Kind

__all__ = ["probes", "write_card"]

_HELD_OUT = 951  # a block of scenes that is never trained on

Auroc = Callable[[Any, Scenes, Sequence[str]], dict[str, float]]


def probes() -> dict[str, list[str]]:
    """What is asked for -> one bare phrase for each of its values."""
    asked: dict[str, list[str]] = {
        "group of things": [noun.many[0] for noun in GROUP_NOUNS.values()],
        Dimension.KIND: [NOUNS[kind].many[0] for kind in Kind],
    }
    for dimension in Dimension:
        if dimension in {Dimension.KIND, Dimension.OTHER}:
            continue
        asked[dimension] = [
            _understood(dimension, WORDINGS[value].said)
            for value in VALUES[dimension]
            if value not in UNSPOKEN and not isinstance(value, Kind)
        ]
    return asked


def _understood(dimension: Dimension, said: Sequence[str]) -> str:
    """The first wording that says something by itself, as “a” and “on” do not."""
    bare = (words.removesuffix(" of") for words in said)
    return next(words for words in bare if read(words).of(dimension))


def write_card(network: Any, folder: Path, work: Path, steps: int, auroc: Auroc) -> None:
    """Measures the model on a block of new scenes and writes README.md beside it."""
    scenes = render(work / "scenes", [_HELD_OUT])
    asked = probes()
    found = auroc(network, scenes, [phrase for phrases in asked.values() for phrase in phrases])
    shares = {
        name: fmean(found[phrase] for phrase in phrases if phrase in found)
        for name, phrases in asked.items()
        if any(phrase in found for phrase in phrases)
    }
    (folder / "README.md").write_text(_card(steps, shares, len(scenes)), encoding="utf-8")


def _card(steps: int, shares: Mapping[str, float], scenes: int) -> str:
    rows = "\n".join(f"| {name} | {share:.3f} |" for name, share in shares.items())
    return f"""\
---
license: apache-2.0
library_name: open_clip
pipeline_tag: zero-shot-image-classification
---

# pocket-clip

A real open_clip model, small enough to travel with the program: a vision transformer for images
of 64 pixels, a text transformer for single English words. Trained from nothing on scenes that
Twofold draws itself (`engine/bench/rendered/`); no photograph, no other text and no other model
had a part in it.

**It knows the rendered world only.** Of photographs it has seen none, and words that are not of
that world are all the same to it. It serves to run the whole of Twofold, with the program that its
large relatives use, where these are not at hand.

## Training

First the eyes alone learnt to name what a scene shows; then, in {steps} steps, both parts learnt
of which scenes of a batch each of some hundred phrases holds. `engine/bench/pocket/` makes the
model anew, from fixed seeds.

## Measured

On {scenes:,} scenes that it never saw: how well the score of a bare phrase, such as “dogs” or “in
the rain”, tells scenes of which it is true from the others. Mean AUROC over the phrases; 0.5 is
chance. Scenes where it cannot be seen, such as colours in a pencil sketch, do not count.

| | AUROC |
|---|---|
{rows}
"""
