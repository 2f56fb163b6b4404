"""Pictures whose true answers are known, drawn on the spot."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageFilter

from engine.measurement import Value
from engine.measurements.catalogue import measure
from engine.picture import CROP_SIDE_PX, WORK_SIDE_PX, FileFacts, Picture

Pixels = npt.NDArray[np.uint8]
Values = dict[str, Value]


def picture_of(image: Image.Image | Pixels, **facts: Any) -> Picture:
    """The picture that reading this image would give; facts override what follows from it."""
    if isinstance(image, np.ndarray):
        image = Image.fromarray(image)
    image = image.convert("RGB")
    scale = min(1.0, WORK_SIDE_PX / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    left = max(0, (image.width - CROP_SIDE_PX) // 16 * 8)
    top = max(0, (image.height - CROP_SIDE_PX) // 16 * 8)
    right = min(image.width, left + CROP_SIDE_PX)
    bottom = min(image.height, top + CROP_SIDE_PX)
    stated = {
        "format": "PNG",
        "size_bytes": 1000,
        "width_px": image.width,
        "height_px": image.height,
        "mode": "RGB",
    }
    return Picture(
        rgb=np.asarray(image.resize(size, Image.Resampling.BOX)),
        crop=np.asarray(image.crop((left, top, right, bottom))),
        facts=FileFacts(**(stated | facts)),
    )


@pytest.fixture
def picture() -> Callable[..., Picture]:
    return picture_of


@pytest.fixture
def values() -> Callable[..., Values]:
    """Everything measured on an image or an array of pixels."""

    def measured(image: Image.Image | Pixels, **facts: Any) -> Values:
        return measure(picture_of(image, **facts))

    return measured


@pytest.fixture
def as_jpeg() -> Callable[..., Image.Image]:
    """The image after it was saved as JPEG and opened again."""

    def saved(image: Image.Image, **options: Any) -> Image.Image:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", **options)
        opened = Image.open(io.BytesIO(buffer.getvalue()))
        opened.load()
        return opened

    return saved


@pytest.fixture
def photo() -> Callable[..., Image.Image]:
    """A drawn image with structure at every scale, as a photograph has, and no flat place."""

    def drawn(width: int = 512, height: int = 384, seed: int = 1) -> Image.Image:
        random = np.random.default_rng(seed)
        total = np.zeros((height, width, 3))
        for sigma in (0.5, 1, 2, 4, 8, 16, 32):
            grey = np.repeat(random.normal(0, 1, (height, width, 1)), 3, axis=2)
            tint = random.normal(0, 0.3, (height, width, 3))
            noise = np.uint8(np.clip((grey + tint) * 30 + 128, 0, 255))
            layer = np.asarray(Image.fromarray(noise).filter(ImageFilter.GaussianBlur(sigma)))
            total += (layer - layer.mean()) * sigma
        return Image.fromarray(np.uint8(np.clip(total / total.std() * 45 + 125, 0, 255)))

    return drawn


@pytest.fixture
def smooth() -> Callable[..., Image.Image]:
    """A gently curved grey surface without noise, between about 90 and 165."""

    def drawn(width: int = 512, height: int = 384) -> Image.Image:
        across = np.sin(np.linspace(0, 3, width))[None, :]
        down = np.cos(np.linspace(0, 2, height))[:, None]
        grey = np.uint8(np.round(128 + 20 * across + 20 * down))
        return Image.fromarray(np.repeat(grey[..., None], 3, axis=2))

    return drawn
