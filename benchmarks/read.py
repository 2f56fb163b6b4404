"""Reading images: decode and all measurements beside plain Pillow, and how the pool scales.

    python -m benchmarks.read [--rounds 9] [--large 4] [--small 40] [--processes 1 2]

Plain Pillow opens, converts to RGB and resizes to the same size, as one would for any model. Both
run in one process on one thread, turn by turn; medians of the rounds are printed. The goal is a
ratio of at most 2.5. The pool then reads the small images from files with so many processes.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from engine.images.decode import decode
from engine.images.scan import scan_paths
from engine.images.signature import signature
from engine.job import JobControl
from engine.measurements.catalogue import measure
from engine.picture import WORK_SIDE_PX
from engine.workers.pool import WorkerPool

SMALL, LARGE = (512, 384), (4000, 3000)
GOAL = 2.5
POOL_FILES = 400
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # as in a worker


def photo_like(size: tuple[int, int], seed: int) -> bytes:
    """A JPEG of quality 90 with shapes of all sizes and the noise of a sensor."""
    random = np.random.default_rng(seed)
    width, height = size
    pixels = np.full((height, width, 3), 120, np.float32)
    for fields, strength in ((8, 50), (32, 25), (128, 15), (512, 8)):
        shapes = random.normal(0, strength, (max(2, fields * height // width), fields, 3))
        for channel in range(3):
            layer = Image.fromarray(shapes[..., channel].astype(np.float32))
            pixels[..., channel] += np.asarray(layer.resize(size, Image.Resampling.BICUBIC))
    pixels += random.normal(0, 4, pixels.shape).astype(np.float32)
    buffer = io.BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def plain(data: bytes) -> None:
    image = Image.open(io.BytesIO(data)).convert("RGB")
    scale = WORK_SIDE_PX / max(image.size)
    image.resize((round(image.width * scale), round(image.height * scale)))


def ours(data: bytes) -> None:
    picture = decode(data)
    measure(picture)
    signature(picture)


def only_decode(data: bytes) -> None:
    decode(data)


def seconds(work: Callable[[bytes], None], images: Sequence[bytes]) -> float:
    start = time.perf_counter()
    for data in images:
        work(data)
    return (time.perf_counter() - start) / len(images)


def side_by_side(title: str, images: Sequence[bytes], rounds: int) -> None:
    works = (plain, only_decode, ours)
    for work in works:
        work(images[0])
    table = [[seconds(work, images) for work in works] for _ in range(rounds)]
    reference, decoding, everything = (
        statistics.median(column) * 1e3 for column in zip(*table, strict=True)
    )
    ratio = statistics.median(row[2] / row[0] for row in table)
    print(
        f"{title}: plain Pillow {reference:.2f} ms, decode {decoding:.2f} ms, "
        f"decode + measure + signature {everything:.2f} ms, ratio {ratio:.2f} (goal {GOAL})"
    )


def pool_scaling(images: Sequence[bytes], processes: Sequence[int], rounds: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        for i in range(POOL_FILES):
            (Path(name) / f"{i:04}.jpg").write_bytes(images[i % len(images)])
        job = JobControl()
        files = scan_paths([name], recursive=True, label="", job=job).files
        for count in processes:
            with WorkerPool(count, pixel_limit=300_000_000, timeout_s=30) as pool:
                list(pool.inspect(files[: 8 * count], job))  # starts them
                times = []
                for _ in range(rounds):
                    start = time.perf_counter()
                    assert sum(1 for _ in pool.inspect(files, job)) == POOL_FILES
                    times.append(time.perf_counter() - start)
            rate = POOL_FILES / statistics.median(times)
            print(f"pool of {count}: {rate:.0f} small images a second")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--small", type=int, default=40, help="different images of 512 px")
    parser.add_argument("--large", type=int, default=4, help="different images of 12 megapixels")
    parser.add_argument("--processes", type=int, nargs="*", default=[1, os.cpu_count() or 1])
    options = parser.parse_args()
    small = [photo_like(SMALL, seed) for seed in range(options.small)]
    large = [photo_like(LARGE, seed) for seed in range(options.large)]
    side_by_side("512 px", small, options.rounds)
    side_by_side("12 megapixels", large, options.rounds)
    pool_scaling(small, options.processes, max(3, options.rounds // 3))


if __name__ == "__main__":
    if ONE_THREAD.items() <= os.environ.items():
        main()
    else:  # numpy takes the number of threads from the environment, once, when it is loaded
        again = [sys.executable, "-m", "benchmarks.read", *sys.argv[1:]]
        sys.exit(subprocess.run(again, env={**os.environ, **ONE_THREAD}, check=False).returncode)
