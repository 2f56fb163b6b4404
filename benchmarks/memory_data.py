"""Makes very many tiny, distinct JPEGs, for measuring memory and time at full size.

    python benchmarks/memory_data.py FOLDER [--images 100000] [--seed 0] [--side-by-side]

A few hundred painted templates are written again and again, each time with another JPEG comment:
every file has bytes, and so a content id, of its own, and making one costs a copy, not a picture.
Images that share a template look alike; those of another seed do not.
"""

from __future__ import annotations

import argparse
import struct
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.fakes.photo_folder import photo_bytes

TEMPLATES = 400  # different pictures
SIZE_PX = (64, 48)


def with_comment(jpeg: bytes, text: str) -> bytes:
    """The same picture with a comment segment (marker FFFE) right after the start of image."""
    payload = text.encode("ascii")
    return jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(payload) + 2) + payload + jpeg[2:]


def write_many(folder: Path, images: int = 100_000, seed: int = 0, brightness: float = 0) -> int:
    """Writes that many files, image-000000.jpg and so on, all different; returns their bytes.

    brightness: added to every pixel, of 255, so that two folders can be made to differ.
    """
    folder.mkdir(parents=True, exist_ok=True)
    templates = [
        photo_bytes(
            np.random.default_rng([seed, index]), brightness=brightness, size=SIZE_PX, quality=75
        )
        for index in range(min(TEMPLATES, images))
    ]
    written = 0
    for index in range(images):
        data = with_comment(templates[index % len(templates)], f"{seed}/{index}")
        with open(folder / f"image-{index:06d}.jpg", "wb") as file:  # noqa: PTH123  (much faster)
            file.write(data)
        written += len(data)
    return written


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--images", type=int, default=100_000, help="images a folder")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--side-by-side", action="store_true", help="two folders, A and B; B is a little brighter"
    )
    options = parser.parse_args()
    jobs = [(options.folder, options.seed, 0.0)]
    if options.side_by_side:
        jobs = [
            (options.folder / "A", options.seed, 0.0),
            (options.folder / "B", options.seed + 1, 12.0),
        ]
    for folder, seed, brightness in jobs:
        start = time.perf_counter()
        written = write_many(folder, options.images, seed, brightness)
        seconds = time.perf_counter() - start
        print(f"{folder}: {options.images} images, {written / 1e6:.0f} MB, {seconds:.1f} s")


if __name__ == "__main__":
    main()
