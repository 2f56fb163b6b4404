"""The finished pocket language model: written out, measured, and with its model card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from engine.bench.pocket.language_gguf import write
from engine.bench.pocket.language_network import Shape
from engine.bench.pocket.language_recall import Recall, recall
from engine.bench.pocket.language_training import train_language, untrained
from engine.bench.pocket.language_words import words
from engine.bench.rendered.pairs import Level

__all__ = ["FILE", "export_language", "measure_language", "train_language"]

FILE = "pocket-llm-q8_0.gguf"

_CARD = "README.md"
_SEED = 1001  # of the pairs that are measured
_WRONG = 0.2  # of the attributes in captions with mistakes
_ROUNDS = 3
_KINDS = {
    "short": (0.0, False),
    "short, with mistakes": (_WRONG, False),
    "detailed": (0.0, True),
    "detailed, with mistakes": (_WRONG, True),
}

Measured = Mapping[str, Mapping[Level, Recall]]


def export_language(work: Path, folder: Path) -> Path:
    """Writes the model that was trained in `work` into the folder, and its card.

    Returns the model's file. The card's figures are measured anew, which takes minutes. Raises
    FileNotFoundError when no training was finished there.
    """
    import torch

    model = untrained()
    saved = torch.load(work / "llm.pt", weights_only=True)
    model.load_state_dict(saved["module"])
    folder.mkdir(parents=True, exist_ok=True)
    write(model, folder / FILE)
    measured = measure_language(folder / FILE)
    figures = {
        kind: {level.value: asdict(found) for level, found in levels.items()}
        for kind, levels in measured.items()
    }
    (work / "llm-recall.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
    card = _card(model.shape, int(saved["step"]), measured)
    (folder / _CARD).write_text(card, encoding="utf-8")
    return folder / FILE


def measure_language(file: Path, *, seed: int = _SEED) -> Measured:
    """How often the model names the true difference, from captions of four kinds."""
    return {
        kind: recall(file, seed=seed, wrong=wrong, detailed=detailed, rounds=_ROUNDS)
        for kind, (wrong, detailed) in _KINDS.items()
    }


def _card(shape: Shape, steps: int, measured: Measured) -> str:
    return f"""\
---
license: apache-2.0
pipeline_tag: text-generation
---

# pocket-llm

A real Llama in a GGUF file, small enough to travel with the program: {shape.layers} layers of
{shape.width} numbers, {len(words()):,} tokens, eight bits a weight (q8_0). Trained from nothing on
captions of the rendered world (`engine/bench/rendered/`); no other text or model had a part in it.

It reads captions of two groups of images and answers with phrases that fit the one better than
the other, the clearest first.

**It knows the rendered world only,** and this one question, in the words of
`engine/proposers/prompts/pocket.txt`. It has no other English, holds no conversation and takes no
account of a goal. It serves to run the whole of Twofold, with the program that its large
relatives use, where these are not at hand.

## Training

{steps} steps of about 4,000 tokens, on differences of the sorts that a bench has, drawn anew: up
to 20 captions a side, some of them with mistakes, some sets with images of the other side among
them, some with two differences or with none. It was taught the true difference first, then what
else those captions hold more often than the others. Pairs of the bench were not among them,
though the same kinds of difference were. `engine/bench/pocket/` makes the model anew.

## Measured

Sixty pairs that it never saw (seed {_SEED}), both directions, through Twofold's own proposer and
llama.cpp, at a temperature of 0.7, 20 captions a side: how often the true difference was among
what it said, with the judge's full score. Captions are those of a captioner that is always
right, or of one that gets {_WRONG:.0%} of the attributes wrong.

{_table(measured)}
"""


def _table(measured: Measured) -> str:
    rows = [
        f"| captions | level | first phrase | 10 phrases of a round | {_ROUNDS} rounds |",
        "|---|---|---|---|---|",
    ]
    for kind, levels in measured.items():
        rows += [
            f"| {kind} | {level} | {r.first:.0%} | {r.one_round:.0%} | {r.all_rounds:.0%} |"
            for level, r in levels.items()
        ]
    return "\n".join(rows)
