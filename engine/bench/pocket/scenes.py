"""Training scenes: pictures, and what is true of each as numbers. Rendered once, then read.

A block of scenes follows from its number alone, so that rendering goes on where it was stopped
and any share of the blocks gives the same pictures everywhere.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from engine.bench.rendered.draw import draw_scene
from engine.bench.rendered.pairs import training_rng
from engine.bench.rendered.scene import Scene, random_scene, visible
from engine.bench.rendered.world import VALUES, Dimension

__all__ = [
    "BLOCK",
    "DIMENSIONS",
    "SIDE_PX",
    "UNSEEN",
    "Scenes",
    "codes_of",
    "draw",
    "render",
    "scenes_of",
]

SIDE_PX = 64
BLOCK = 2000  # scenes in a block
DRAWN_PX = (96, 64, 128, 96)  # block after block, so that no model depends on one size
DIMENSIONS = tuple(Dimension)
UNSEEN = -1  # the code of what cannot be seen in the picture

_CODES = {
    dimension: {value: code for code, value in enumerate(VALUES[dimension])}
    for dimension in DIMENSIONS
}


@dataclass(frozen=True, slots=True)
class Scenes:
    """pixels: (n, 64, 64, 3) uint8. codes: (n, 14) int8, per dimension the place of the value in
    `VALUES`, or `UNSEEN`. scenes: the same, as scenes."""

    pixels: npt.NDArray[np.uint8]
    codes: npt.NDArray[np.int8]
    scenes: tuple[Scene, ...]

    def __len__(self) -> int:
        return len(self.scenes)


def scenes_of(block: int) -> tuple[Scene, ...]:
    """The scenes of a block, without drawing them."""
    rng = training_rng(block)
    return tuple(random_scene(rng) for _ in range(BLOCK))


def codes_of(scene: Scene) -> list[int]:
    """One code a dimension."""
    return [
        UNSEEN
        if (value := scene.value(dimension)) is None or not visible(scene, dimension)
        else _CODES[dimension][value]
        for dimension in DIMENSIONS
    ]


def render(folder: Path, blocks: Sequence[int], *, processes: int | None = None) -> Scenes:
    """The scenes of these blocks; what is not yet in the folder is drawn and written there."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [block for block in blocks if not _path(folder, block).exists()]
    if missing:
        with ProcessPoolExecutor(processes or os.cpu_count()) as pool:
            list(pool.map(_draw, [folder] * len(missing), missing))
    scenes = [scene for block in blocks for scene in scenes_of(block)]
    return Scenes(
        np.concatenate([np.load(_path(folder, block)) for block in blocks]),
        np.array([codes_of(scene) for scene in scenes], dtype=np.int8),
        tuple(scenes),
    )


def draw(scenes: Sequence[Scene], drawn_px: int = 96) -> Scenes:
    """These scenes, drawn now and kept nowhere."""
    return Scenes(
        np.stack([_drawn(scene, drawn_px) for scene in scenes]),
        np.array([codes_of(scene) for scene in scenes], dtype=np.int8),
        tuple(scenes),
    )


def _draw(folder: Path, block: int) -> None:
    pixels = draw(scenes_of(block), DRAWN_PX[block % 4]).pixels
    part = _path(folder, block).with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as file:
        np.save(file, pixels)
    part.replace(_path(folder, block))


def _drawn(scene: Scene, drawn_px: int) -> npt.NDArray[np.uint8]:
    """Brought to size as every image is before a model sees it: bicubic, antialiased."""
    image = Image.fromarray(draw_scene(scene, drawn_px))
    return np.asarray(image.resize((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC))


def _path(folder: Path, block: int) -> Path:
    return folder / f"scenes-{SIDE_PX}px-{block:05d}.npy"
