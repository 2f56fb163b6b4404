"""What a stage is given, kept in memory: caches, pixels and a shelf of models that lie in folders.

Real in all but where things are kept. Counts what it was asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from PIL import Image

from engine.errors import ModelMissing
from engine.job import JobControl
from engine.model import InstalledModel
from engine.model_host import ModelHost
from engine.pixels import Cut, Pixels, PixelShape
from engine.tools import Halves, Tools, VectorCache


@dataclass
class Captions:
    kept: dict[tuple[str, str], str] = field(default_factory=dict)
    commits: int = 0

    def get(self, captioner: str, content_ids: Sequence[str]) -> Mapping[str, str]:
        return {
            content_id: self.kept[captioner, content_id]
            for content_id in content_ids
            if (captioner, content_id) in self.kept
        }

    def add(self, captioner: str, captions: Iterable[tuple[str, str]]) -> None:
        self.kept |= {(captioner, content_id): text for content_id, text in captions}
        self.commits += 1


@dataclass
class Answers:
    kept: dict[bytes, bytes] = field(default_factory=dict)

    def get(self, key: bytes) -> bytes | None:
        return self.kept.get(key)

    def put(self, key: bytes, answer: bytes) -> None:
        self.kept[key] = answer


@dataclass
class Vectors:
    dim: int
    kept: dict[str, Halves] = field(default_factory=dict)

    def have(self, content_ids: Sequence[str]) -> npt.NDArray[np.bool_]:
        return np.array([content_id in self.kept for content_id in content_ids], dtype=bool)

    def add(self, content_ids: Sequence[str], vectors: Halves) -> None:
        self.kept |= dict(zip(content_ids, vectors, strict=True))

    def get(self, content_ids: Sequence[str]) -> Halves:
        missing = np.full(self.dim, np.nan, np.float16)
        return np.stack([self.kept.get(content_id, missing) for content_id in content_ids])

    def stream(self, content_ids: Sequence[str]) -> Iterator[tuple[npt.NDArray[np.intp], Halves]]:
        there = np.flatnonzero(self.have(content_ids))
        if len(there):
            yield there, self.get([content_ids[i] for i in there])


@dataclass
class VectorStore:
    opened: dict[str, Vectors] = field(default_factory=dict)

    def open(self, encoder: str, dim: int) -> VectorCache:
        return self.opened.setdefault(encoder, Vectors(dim))


@dataclass
class Pictures:
    """Images by row, None for one that is gone; brought to shape as a worker would."""

    images: Sequence[Pixels | None]
    handed_out: list[int] = field(default_factory=list)

    def stream(
        self, rows: Sequence[int], shape: PixelShape, job: JobControl
    ) -> Iterator[tuple[int, Pixels | None]]:
        for row in rows:
            job.check_cancelled()
            self.handed_out.append(row)
            image = self.images[row]
            yield row, None if image is None else _shaped(image, shape)


def _shaped(pixels: Pixels, shape: PixelShape) -> Pixels:
    image = Image.fromarray(pixels)
    if shape.cut is Cut.FIT:
        image.thumbnail((shape.width_px, shape.height_px))
    else:
        image = image.resize((shape.width_px, shape.height_px), Image.Resampling.BICUBIC)
    return np.asarray(image)


@dataclass
class Shelf:
    models: Mapping[str, InstalledModel]

    def installed(self, name: str) -> InstalledModel:
        if name not in self.models:
            raise ModelMissing(f"{name} is not installed.", "Install it.")
        return self.models[name]

    def verify(self, model: InstalledModel, job: JobControl) -> None:
        pass


class PlentyOfMemory:
    def free_bytes(self) -> int:
        return 1 << 40

    def need_bytes(self, model: InstalledModel) -> int:
        return model.size_bytes


def memory_tools(
    images: Sequence[Pixels | None],
    models: Iterable[InstalledModel] = (),
    *,
    captions: Captions | None = None,
) -> Tools:
    """A host with these models on its shelf, and caches that are empty but for `captions`."""
    shelf = Shelf({model.name: model for model in models})
    return Tools(
        ModelHost(shelf, PlentyOfMemory()),
        Pictures(images),
        Answers(),
        captions or Captions(),
        VectorStore(),
    )
