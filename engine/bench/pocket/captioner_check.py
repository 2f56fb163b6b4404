"""How much of what a scene shows a captioner says, and how often it answers yes and no rightly.

Asks through the product's own loader, as the product does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from engine import captioners
from engine.bench.pocket.captioner_questions import asked_about, can_be_seen
from engine.bench.pocket.captioner_words import YES_OR_NO
from engine.bench.pocket.scenes import Scenes
from engine.bench.rendered.reading import holds, read
from engine.bench.rendered.scene import Scene, visible
from engine.bench.rendered.wordings import UNSPOKEN
from engine.bench.rendered.world import Count, Dimension, Light, Place, Relation, Style
from engine.captioners.base import Captioner
from engine.job import JobControl
from engine.model import InstalledModel, Licence, Loader, ModelFile, ModelSpec, Role
from engine.recipe import CaptionOptions

__all__ = ["Length", "Stated", "answered", "described", "load", "stated"]

Length = Literal["short", "detailed"]

#: what nobody expects to be told
_EXPECTED = frozenset({*UNSPOKEN, Count.ONE, Place.CENTRE, Light.DAYLIGHT, Style.PHOTO})
_PER_PHRASE = 8  # images of either answer that one question is asked about, at most


@dataclass(frozen=True, slots=True)
class Stated:
    """Shares of images. told: the caption says the true value; wrong: it says another one."""

    told: Mapping[Dimension, float]
    wrong: Mapping[Dimension, float]
    all_right: float  # says everything that can be seen, and nothing wrong


def load(
    folder: Path,
    loader: Loader,
    *,
    length: Length = "short",
    prompt: str = "",
) -> Captioner:
    """A model in a folder, as the product loads it; answers are the likeliest words, one by one."""
    files = {path.name: path for path in sorted(folder.iterdir()) if path.is_file()}
    digest = sha256()
    for name, path in files.items():
        digest.update(name.encode() + path.read_bytes())
    spec = ModelSpec(
        name=folder.name,
        title=folder.name,
        roles=(Role.CAPTIONER,),
        loader=loader,
        files=tuple(ModelFile(path=name) for name in files),
        licence=Licence(name="Apache-2.0", url=""),
    )
    model = InstalledModel(
        spec=spec, folder=folder, files=files, revision="", fingerprint=digest.hexdigest()[:32]
    )
    options = CaptionOptions(model=folder.name, length=length, beams=1, prompt=prompt)
    return captioners.get(model)(model, options, 0, JobControl())


def described(
    folder: Path, loader: Loader, pixels: npt.NDArray[np.uint8], length: Length
) -> list[str]:
    """The captions of images, (n, height, width, 3)."""
    captioner = load(folder, loader, length=length)
    captions = captioner.caption(list(pixels), JobControl())
    captioner.close()
    return captions


def stated(captions: Sequence[str], scenes: Sequence[Scene]) -> Stated:
    """Of every dimension, the share of the images in which it is out of the ordinary and seen."""
    told: dict[Dimension, list[bool]] = {dimension: [] for dimension in Dimension}
    wrong: dict[Dimension, list[bool]] = {dimension: [] for dimension in Dimension}
    fully = []
    for caption, scene in zip(captions, scenes, strict=True):
        reading, right = read(caption), True
        for dimension in Dimension:
            claims = reading.of(dimension)
            value = scene.value(dimension)
            bad = bool(claims) and not all(value in claim.values for claim in claims)
            wrong[dimension].append(bad)
            right &= not bad
            if _worth_telling(scene, dimension):
                good = bool(claims) and not bad
                told[dimension].append(good)
                right &= good
        fully.append(right)
    return Stated(
        {d: float(np.mean(found)) for d, found in told.items() if found},
        {d: float(np.mean(found)) for d, found in wrong.items() if found},
        float(np.mean(fully)),
    )


def answered(folder: Path, loader: Loader, scenes: Scenes, phrases: int) -> dict[str, float]:
    """The share of right answers, by what was asked about; "all": of all. Every phrase is asked
    of as many images that show it as of others."""
    rng = np.random.default_rng(phrases)
    right: dict[str, list[bool]] = {"all": []}
    for _ in range(phrases):
        first, second = rng.integers(len(scenes), size=2).tolist()
        phrase, _ = asked_about(scenes.scenes[first], scenes.scenes[second], rng)
        rows = _half_true(phrase, scenes, rng)
        captioner = load(folder, loader, prompt=YES_OR_NO.format(phrase=phrase))
        answers = captioner.caption([scenes.pixels[row] for row, _ in rows], JobControl())
        captioner.close()
        good = [
            answer.strip() == ("yes" if true else "no")
            for answer, (_, true) in zip(answers, rows, strict=True)
        ]
        for name in {"all", *(claim.dimension.value for claim in read(phrase).claims)}:
            right.setdefault(name, []).extend(good)
    return {name: float(np.mean(found)) for name, found in right.items() if found}


def _half_true(phrase: str, scenes: Scenes, rng: np.random.Generator) -> list[tuple[int, bool]]:
    """Rows that show the phrase and as many that do not, and which they are."""
    reading = read(phrase)
    found: dict[bool, list[int]] = {True: [], False: []}
    for row in rng.permutation(len(scenes)).tolist():
        scene = scenes.scenes[row]
        kept = found[holds(reading, scene)]
        if len(kept) < _PER_PHRASE and can_be_seen(reading, scene):
            kept.append(row)
    many = min(map(len, found.values()))
    return [(row, true) for true, rows in found.items() for row in rows[:many]]


def _worth_telling(scene: Scene, dimension: Dimension) -> bool:
    value = scene.value(dimension)
    if value is None or value in _EXPECTED or not visible(scene, dimension):
        return False
    if dimension is Dimension.PLACE:
        return scene.count == 1 and scene.relation is Relation.NONE
    return True
