"""Tiny photo-like JPEGs for end-to-end tests: quick, seeded, with differences one can set."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

_BLOBS = (5, 4)  # light and colour vary in so many patches across and down
_PAPER = 250  # of 255: the white of a border


def photo_bytes(
    rng: np.random.Generator,
    *,
    brightness: float = 0,
    border: bool = False,
    size: tuple[int, int] = (96, 72),
    quality: int = 88,
) -> bytes:
    """One JPEG: soft patches of light and colour under fine grain.

    brightness: added to every pixel, of 255. border: with a straight white edge of a twelfth of
    the shorter side. size: width and height, pixels. quality: on the IJG scale.
    """
    patches = rng.normal(118, 42, size=(_BLOBS[1], _BLOBS[0], 1))
    patches = patches + rng.normal(0, 16, size=(_BLOBS[1], _BLOBS[0], 3)) + brightness
    soft = Image.fromarray(np.clip(patches, 0, 255).astype(np.uint8)).resize(
        size, Image.Resampling.BICUBIC
    )
    grain = rng.integers(-9, 10, size=(size[1], size[0], 1), dtype=np.int16)
    pixels = np.clip(np.asarray(soft) + grain, 0, 255).astype(np.uint8)
    if border:
        edge = max(3, round(min(size) / 12))
        framed = np.full_like(pixels, _PAPER)
        framed[edge:-edge, edge:-edge] = pixels[edge:-edge, edge:-edge]
        pixels = framed
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=quality)
    return out.getvalue()


def write_photos(
    folder: Path,
    n: int,
    seed: int,
    *,
    brightness: float = 0,
    border: float = 0.0,
    caption: str | Sequence[str] | None = None,
    size: tuple[int, int] = (96, 72),
    quality: int = 88,
) -> list[Path]:
    """Writes n different JPEGs, photo-0000.jpg and so on, and returns their paths.

    border: share of the images with a white border, spread evenly over them. caption: the text
    of a .txt file beside each image; of several, the images take turns. The folder is made if it
    is missing. The same arguments give the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    captions = [caption] if isinstance(caption, str) else list(caption or ())
    paths = []
    for index in range(n):
        data = photo_bytes(
            np.random.default_rng([seed, index]),
            brightness=brightness,
            border=int((index + 1) * border) > int(index * border),
            size=size,
            quality=quality,
        )
        path = folder / f"photo-{index:04d}.jpg"
        path.write_bytes(data)
        if captions:
            path.with_suffix(".txt").write_text(captions[index % len(captions)], encoding="utf-8")
        paths.append(path)
    return paths
