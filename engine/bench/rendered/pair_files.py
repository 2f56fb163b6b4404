"""Writes a pair of sets as two folders of small images."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from engine.bench.rendered.captions import captions
from engine.bench.rendered.draw import draw_scene
from engine.bench.rendered.pairs import Pair
from engine.bench.rendered.scene import Scene

__all__ = ["write_pair"]

_JPEG_QUALITY = 92
_CAPTIONS = "captions.csv"


def write_pair(
    pair: Pair,
    folder: Path,
    *,
    size_px: int = 96,
    suffix: str = ".png",
    with_captions: bool = False,
) -> tuple[Path, Path]:
    """Writes the sets into “A” and “B” within folder and returns both paths.

    suffix: .png or .jpg. with_captions: a captions.csv in each, with the columns file, short and
    detailed. The same pair gives the same bytes with the same Pillow and numpy. Raises
    FileExistsError, having written nothing, when one of the folders holds anything.
    """
    if suffix not in {".png", ".jpg"}:
        raise ValueError("Pairs are written as .png or .jpg.")
    targets = folder / "A", folder / "B"
    for target in targets:
        if target.exists() and any(target.iterdir()):
            raise FileExistsError(f"“{target.name}” is not empty.")
    for own, (target, scenes) in enumerate(zip(targets, pair.scenes(), strict=True)):
        target.mkdir(parents=True, exist_ok=True)
        names = [f"image-{k:04d}{suffix}" for k in range(1, len(scenes) + 1)]
        for name, scene in zip(names, scenes, strict=True):
            _write(target / name, scene, size_px)
        if with_captions:
            rng = np.random.default_rng([pair.seed, pair.number, own])
            _write_captions(target / _CAPTIONS, names, scenes, rng)
    return targets


def _write(path: Path, scene: Scene, size_px: int) -> None:
    image = Image.fromarray(draw_scene(scene, size_px))
    if path.suffix == ".jpg":
        image.save(path, quality=_JPEG_QUALITY)
    else:
        image.save(path, compress_level=3)


def _write_captions(
    path: Path, names: Sequence[str], scenes: Sequence[Scene], rng: np.random.Generator
) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("file", "short", "detailed"))
        for name, scene in zip(names, scenes, strict=True):
            said = captions(scene, rng)
            rows.writerow((name, said.short, said.detailed))
