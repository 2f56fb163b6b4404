"""Tables of images with differences one can set, without a single image file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from engine.image_table import CategoryColumn, ImageTable
from engine.measurement import Catalogue, Category, Measurement, Number, YesNo
from engine.statistics.split import split
from engine.vocabulary import ImageRef

BRIGHTNESS = Number(
    name="brightness",
    title="mean brightness",
    unit="0–255",
    high="brighter images",
    low="darker images",
    source="mean of luma",
)
HEIGHT = Number(
    name="height",
    title="image height",
    unit="pixels",
    high="taller images",
    low="shorter images",
    source="height in pixels",
    technical=True,
)
BORDER = YesNo(
    name="border",
    title="white border",
    yes="images with a white border",
    no="images without a white border",
    source="straight white edges",
)
FORMAT = Category(
    name="format",
    title="file format",
    phrase="images saved as {value}",
    opposite="images not saved as {value}",
    source="what the file says",
    technical=True,
)


def plain_number(name: str) -> Number:
    """A measurement about nothing in particular."""
    return Number(
        name=name, title=name, unit="", high=f"more {name}", low=f"less {name}", source=""
    )


def catalogue(*measurements: Measurement) -> Catalogue:
    return Catalogue(tuple(measurements), "test")


def image_table(
    n_a: int,
    n_b: int,
    *,
    numbers: Mapping[str, np.ndarray] | None = None,
    categories: Mapping[str, Sequence[str | None]] | None = None,
    texts: Sequence[str] = (),
    min_split: int = 40,
    seed: int = 0,
) -> ImageTable:
    """n_a images of A, then n_b of B, and the columns given for them. None: unknown."""
    n = n_a + n_b
    rng = np.random.default_rng([n_a, n_b])
    ids = sorted(f"{value:032x}" for value in rng.integers(2**62, size=n))
    ids = [ids[k] for k in rng.permutation(n)]
    is_a = np.arange(n) < n_a
    discover, was_split = split(ids, is_a, seed, min_split)
    return ImageTable(
        images=[ImageRef("/photos", f"{k:05}.jpg", i, 640, 480, "JPEG") for k, i in enumerate(ids)],
        is_a=is_a,
        discover=discover,
        split=was_split,
        numbers={k: np.asarray(v, dtype=np.float32) for k, v in (numbers or {}).items()},
        categories={k: _coded(v) for k, v in (categories or {}).items()},
        texts=list(texts) or [""] * n,
    )


def _coded(values: Sequence[str | None]) -> CategoryColumn:
    known = sorted({value for value in values if value is not None})
    codes = [-1 if value is None else known.index(value) for value in values]
    return CategoryColumn(tuple(known), np.array(codes, dtype=np.int32))
