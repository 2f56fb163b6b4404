"""How long the measurements of one image take, family by family, beside decoding that image.

    python -m benchmarks.measurements [an image, or a folder of images]

Without an argument a drawn 512-pixel JPEG is used. Times are processor time of one thread, the
best of several rounds, so that a busy machine disturbs them little; the reference is what nobody
can avoid: Pillow decoding and shrinking the same file.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image, ImageFilter

from engine.measurement import Value
from engine.measurements.catalogue import CATALOGUE, FAMILIES, Family, measure
from engine.measurements.view import View
from engine.picture import CROP_SIDE_PX, WORK_SIDE_PX, FileFacts, Picture

ROUNDS = 20
Item = TypeVar("Item")
FILES = 20  # of a folder


def drawn_jpeg() -> bytes:
    """A JPEG of 512 × 341 pixels with the spectrum of a photograph, at quality 85."""
    random = np.random.default_rng(1)
    layers = np.zeros((341, 512, 3))
    for sigma in (1, 2, 4, 8, 16, 32, 64):
        noise = random.normal(0, 1, (341, 512, 3)) * 20 * sigma
        image = Image.fromarray(np.uint8(np.clip(noise + 128, 0, 255)))
        blurred = np.asarray(image.filter(ImageFilter.GaussianBlur(sigma)), dtype=np.float64)
        layers += blurred - blurred.mean()
    pixels = np.uint8(np.clip(layers / layers.std() * 55 + 120, 0, 255))
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def decode(data: bytes) -> tuple[Image.Image, Image.Image]:
    """The whole image and its work size, as Pillow makes them."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    scale = min(1.0, WORK_SIDE_PX / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image, image.resize(size, Image.Resampling.BOX)


def as_picture(data: bytes) -> Picture:
    opened = Image.open(io.BytesIO(data))
    image, work = decode(data)
    left = max(0, (image.width - CROP_SIDE_PX) // 16 * 8)
    top = max(0, (image.height - CROP_SIDE_PX) // 16 * 8)
    right = min(image.width, left + CROP_SIDE_PX)
    bottom = min(image.height, top + CROP_SIDE_PX)
    quantisation: dict[int, list[int]] = getattr(opened, "quantization", {})
    facts = FileFacts(
        format=opened.format or "",
        size_bytes=len(data),
        width_px=image.width,
        height_px=image.height,
        mode=opened.mode,
        jpeg_tables=tuple(tuple(table) for table in quantisation.values()),
        progressive="progressive" in opened.info if opened.format == "JPEG" else None,
    )
    crop = image.crop((left, top, right, bottom))
    return Picture(rgb=np.asarray(work), crop=np.asarray(crop), facts=facts)


def best_ms(work: Callable[[Item], object], items: list[Item]) -> float:
    """Milliseconds an item in the fastest round."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.thread_time()
        for item in items:
            work(item)
        rounds.append(time.thread_time() - start)
    return min(rounds) * 1000 / len(items)


def main(arguments: list[str]) -> None:
    files = [drawn_jpeg()]
    if arguments:
        path = Path(arguments[0])
        paths = sorted(path.iterdir())[:FILES] if path.is_dir() else [path]
        files = [item.read_bytes() for item in paths]
    pictures = [as_picture(data) for data in files]

    print(f"{len(CATALOGUE.measurements)} measurements, {len(files)} image(s), ms an image")
    for family in FAMILIES:
        taken = best_ms(partial(measured_alone, family), pictures)
        print(f"  {family.__name__.rpartition('.')[2]:12s} {taken:7.3f}   on its own")
    whole, reference = best_ms(measure, pictures), best_ms(decode, files)
    print(f"  {'all':12s} {whole:7.3f}   sharing intermediates")
    print(f"  {'reference':12s} {reference:7.3f}   Pillow decodes and shrinks the same file")
    print(f"  {'ratio':12s} {whole / reference:7.2f}")


def measured_alone(family: Family, picture: Picture) -> dict[str, Value]:
    return family.measure(View(picture))


if __name__ == "__main__":
    main(sys.argv[1:])
