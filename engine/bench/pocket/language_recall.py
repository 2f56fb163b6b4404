"""How often the pocket language model names the true difference of fresh pairs of sets.

It is asked by the product's own proposer, under llama.cpp; captions are true ones of the scenes,
or those of somebody who gets a share of the attributes wrong. Draws no picture.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from blake3 import blake3

from engine.bench.pocket.language_lessons import misread
from engine.bench.rendered.captions import captions
from engine.bench.rendered.judge import judge
from engine.bench.rendered.pairs import Level, Pair, pairs
from engine.image_table import ImageTable
from engine.job import JobControl
from engine.measurement import Catalogue
from engine.model import InstalledModel, Licence, Loader, ModelFile, ModelSpec, Role
from engine.model_host import ModelHost
from engine.proposers import get
from engine.recipe import LanguageOptions, Recipe
from engine.tools import Tools
from engine.vocabulary import ImageRef, Side

__all__ = ["Recall", "language_tools", "recall"]

_SHOWN = 50  # images a side, as many as a bench shows of its hundred
_CAPTIONS = 14  # use of a pair's seed, beside those of its scenes
NAME = "pocket-llm"


@dataclass(frozen=True, slots=True)
class Recall:
    """Shares of sides whose true difference was named, with the score 1, over `sides` of them."""

    sides: int
    one_round: float  # among the phrases of one round
    all_rounds: float
    first: float  # by the first phrase of the first round


def recall(
    file: Path,
    *,
    seed: int,
    wrong: float = 0.0,
    detailed: bool = False,
    rounds: int = 3,
    only: slice = slice(None),
) -> dict[Level, Recall]:
    """By level. file: the model. wrong: share of attributes that the captions get wrong. seed:
    of the pairs. only: which of the sixty pairs."""
    options = LanguageOptions(model=NAME, prompt="pocket", rounds=rounds)
    named: dict[Level, list[tuple[bool, bool, bool]]] = defaultdict(list)
    with language_tools(file) as tools:
        proposer = get("caption_llm", tools)
        for pair in pairs(seed)[only]:
            table = _table(pair, wrong, detailed)
            nothing = Catalogue((), "none")
            found = proposer.propose(table, nothing, Recipe(language=options), seed, JobControl())
            for side, truth in zip(Side, (pair.a, pair.b), strict=True):
                own = [h for h in found.hypotheses if h.side is side]
                right = [judge(h.text, truth).score == 1.0 for h in own]
                once = [r for r, h in zip(right, own, strict=True) if h.origin.round == 1]
                named[pair.level].append((any(once), any(right), right[0]))
    return {
        level: Recall(len(rows), *np.mean(rows, axis=0).tolist()) for level, rows in named.items()
    }


@contextmanager
def language_tools(file: Path) -> Iterator[Tools]:
    """What the proposer needs to ask the model of this file; nothing is remembered."""
    digest = blake3(file.read_bytes()).hexdigest(16)
    spec = ModelSpec(
        name=NAME,
        title="Pocket language model",
        roles=(Role.PROPOSER,),
        loader=Loader.GGUF,
        files=(ModelFile(path=file.name),),
        licence=Licence(name="Apache-2.0", url=""),
    )
    model = InstalledModel(
        spec=spec,
        folder=file.parent,
        files={file.name: file},
        revision="",
        fingerprint=digest,
        size_bytes=file.stat().st_size,
    )
    host = ModelHost(_Shelf(model), _Memory())
    unused: Any = None  # a proposer that reads captions sees no image
    try:
        yield Tools(host, unused, _Forgetful(), unused, unused)
    finally:
        host.close()


def _table(pair: Pair, wrong: float, detailed: bool) -> ImageTable:
    rng = np.random.default_rng([_CAPTIONS, pair.seed, pair.number])
    sides = replace(pair, images=_SHOWN).scenes()
    said = [captions(misread(scene, rng, wrong), rng) for side in sides for scene in side]
    count = len(said)
    return ImageTable(
        images=[ImageRef("", f"{k}", f"{k:032x}", 96, 96, "PNG") for k in range(count)],
        is_a=np.arange(count) < _SHOWN,
        discover=np.ones(count, np.bool_),
        split=False,
        numbers={},
        categories={},
        texts=[""] * count,
        captions={k: one.detailed if detailed else one.short for k, one in enumerate(said)},
    )


@dataclass(frozen=True, slots=True)
class _Shelf:
    model: InstalledModel

    def installed(self, name: str) -> InstalledModel:  # noqa: ARG002  there is one
        return self.model

    def verify(self, model: InstalledModel, job: JobControl) -> None:
        """The file was written by who asks."""


class _Memory:
    def free_bytes(self) -> int:
        return 1 << 40

    def need_bytes(self, model: InstalledModel) -> int:
        return model.size_bytes


class _Forgetful:
    def get(self, key: bytes) -> bytes | None:  # noqa: ARG002
        return None

    def put(self, key: bytes, answer: bytes) -> None:
        """Keeps nothing."""
