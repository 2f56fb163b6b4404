"""The model card of a pocket captioner: what it knows, how it was trained, what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.bench.pocket.captioner_check import Stated, answered, described, stated
from engine.bench.pocket.scenes import render
from engine.bench.rendered.world import Dimension
from engine.captioners.base import DETAILED, SHORT
from engine.model import Loader

__all__ = ["Made", "write_card"]

_HELD_OUT = 950  # a block of scenes that is never trained on
_IMAGES = 600  # captions of either length
_PHRASES = 60  # that questions are asked about


@dataclass(frozen=True, slots=True)
class Made:
    """How a captioner was made."""

    name: str
    architecture: str  # the class of transformers
    parts: str  # a sentence
    loader: Loader
    steps: int
    size: int  # images in a batch
    yes_or_no: bool = False  # whether it was taught such questions


def write_card(folder: Path, made: Made, work: Path) -> None:
    """Measures a finished model on scenes it never saw, and writes README.md beside it."""
    scenes = render(work / "scenes", [_HELD_OUT])
    shown, pixels = scenes.scenes[:_IMAGES], scenes.pixels[:_IMAGES]
    short, detailed = (
        stated(described(folder, made.loader, pixels, length), shown)
        for length in ("short", "detailed")
    )
    answers = answered(folder, made.loader, scenes, _PHRASES) if made.yes_or_no else None
    (folder / "README.md").write_text(_card(made, short, detailed, answers), encoding="utf-8")


def _card(made: Made, short: Stated, detailed: Stated, answers: Mapping[str, float] | None) -> str:
    asked = [SHORT, DETAILED]
    if made.yes_or_no:
        asked.append("Does this image show PHRASE? Answer yes or no.")
    questions = "\n".join(f"- “{question}”" for question in asked)
    return f"""\
---
license: apache-2.0
library_name: transformers
pipeline_tag: image-to-text
---

# {made.name}

A real `{made.architecture}`, small enough to travel with the program.
{made.parts}
Trained from nothing on pictures of the rendered world (`engine/bench/rendered/`); no other
picture, text or model had a part in it.

**It knows the rendered world only.** Of photographs it says words that fit nothing. It serves to
run the whole of Twofold, with the loaders that its large relatives use, where these are not at
hand.

Asked anything but the following, word for word, it answers at random:

{questions}

## Training

{made.steps} steps of {made.size} images, on captions with the truth of each scene; the eyes were
trained before, to name what a scene shows, and stayed as they were. `engine/bench/pocket/` makes
the model anew.

## Measured

On {_IMAGES} scenes it never saw, through Twofold's own loader, the likeliest words one by one:
the share of the scenes with something out of the ordinary whose caption says it.

{_table(short, detailed, answers)}

Everything right and nothing missing: {short.all_right:.0%} of short captions,
{detailed.all_right:.0%} of detailed ones.{_coin(answers)}
"""


def _coin(answers: Mapping[str, float] | None) -> str:
    if answers is None:
        return ""
    right = f"{answers['all']:.0%}"
    return f" Of its answers yes and no, {right} are right; of a coin's, half would be."


def _table(short: Stated, detailed: Stated, answers: Mapping[str, float] | None) -> str:
    head, line = "| | short | detailed |", "|---|---|---|"
    if answers is not None:
        head, line = f"{head} yes or no |", f"{line}---|"
    rows = [head, line]
    for dimension in Dimension:
        if dimension not in short.told:
            continue
        row = f"| {dimension} | {short.told[dimension]:.0%} | {detailed.told[dimension]:.0%} |"
        if answers is not None:
            share = answers.get(dimension)
            row += f" {'–' if share is None else f'{share:.0%}'} |"
        rows.append(row)
    return "\n".join(rows)
