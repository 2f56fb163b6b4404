"""Decoding and resizing for CLIP: engine.images.for_model beside open_clip's own transform.

    python -m benchmarks.decode [--rounds 9] [--large 3] [--small 24] [--processes 1 2]

open_clip's transform works on an image opened by Pillow. Of it, everything up to the 8-bit pixels
is timed, on one thread, turn by turn with ours, in processor time, for others may use the machine
too; medians of the rounds are printed. The goals are 2.5 times as fast on 512-pixel JPEGs and 4
times on 12-megapixel ones, with a mean pixel error of at most 0.3 of 255. What the error does to
features is shown by a ViT-B-32 with random weights, beside what half precision does to them. Then
pools decode from files, in real time: images a second, and how long it takes when the receiver
computes for 50 ms after each batch.
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
from typing import Any

import numpy as np
from blake3 import blake3
from PIL import Image, ImageDraw

from benchmarks.read import LARGE, ONE_THREAD, SMALL, photo_like
from engine.images.for_model import for_model
from engine.job import JobControl
from engine.pixels import Cut, Pixels, PixelShape
from engine.workers.pool import WorkerPool

SHAPE = PixelShape(Cut.CROP, 224, 224)
GOALS = {SMALL: 2.5, LARGE: 4.0}
ERROR_GOAL = 0.3  # mean, of 255
SHAPES_DRAWN = 60  # with sharp edges, of all sizes
POOL_FILES = 256
BATCH, COMPUTE_S = 16, 0.050  # what the receiver takes at a time, and how long it computes


def photo(size: tuple[int, int], seed: int) -> bytes:
    """A JPEG of quality 90: soft shapes, edges, and noise; a small one is a larger one shrunk."""
    scale = 2 if size == SMALL else 1
    image = Image.open(io.BytesIO(photo_like((size[0] * scale, size[1] * scale), seed)))
    random = np.random.default_rng(seed)
    draw = ImageDraw.Draw(image)
    for _ in range(SHAPES_DRAWN):
        centre, reach = random.random(2) * image.size, random.exponential(0.06) * image.width
        corners = centre + random.normal(0, reach, (int(random.integers(3, 7)), 2))
        colour = tuple(int(value) for value in random.integers(20, 236, 3))
        draw.polygon([(float(x), float(y)) for x, y in corners], fill=colour)
    buffer = io.BytesIO()
    image.resize(size, Image.Resampling.LANCZOS).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def reference() -> Callable[[bytes], Pixels]:
    """open_clip's transform without its last two steps, which make scaled floats of the pixels."""
    from open_clip.transform import image_transform

    resize, crop, convert, *_ = image_transform((224, 224), is_train=False).transforms

    def work(data: bytes) -> Pixels:
        return np.asarray(convert(crop(resize(Image.open(io.BytesIO(data))))))

    return work


def ours(data: bytes) -> Pixels:
    return for_model(data, SHAPE)


def seconds(work: Callable[[bytes], Pixels], images: Sequence[bytes]) -> float:
    start = time.process_time()
    for data in images:
        work(data)
    return (time.process_time() - start) / len(images)


def side_by_side(size: tuple[int, int], images: Sequence[bytes], rounds: int) -> None:
    works = (reference(), ours)
    for work in works:
        work(images[0])
    table = [[seconds(work, images) for work in works] for _ in range(rounds)]
    slow, fast = (statistics.median(column) * 1e3 for column in zip(*table, strict=True))
    ratio = statistics.median(row[0] / row[1] for row in table)
    errors = [np.abs(works[0](data).astype(int) - ours(data)) for data in images]
    print(
        f"{size[0]} × {size[1]}: open_clip {slow:.2f} ms, ours {fast:.2f} ms, {ratio:.2f} times as "
        f"fast (goal {GOALS[size]}); pixel error: mean {np.mean(errors):.3f} of 255 (goal "
        f"{ERROR_GOAL}), largest {np.max(errors)}"
    )


def features(size: tuple[int, int], images: Sequence[bytes], model: Any) -> None:
    """How far features move: 1 - cosine, for our pixels and for half precision."""
    import torch

    def embed(pixels: Sequence[Pixels], kind: Any) -> Any:
        batch = torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2).float() / 255
        model.to(kind)
        with torch.inference_mode():
            found = model.encode_image(((batch - 0.45) / 0.27).to(kind)).float()
        model.float()
        return torch.nn.functional.normalize(found, dim=-1)

    theirs = [reference()(data) for data in images]
    exact = embed(theirs, torch.float32)
    for title, other in (
        ("our pixels", embed([ours(data) for data in images], torch.float32)),
        ("bfloat16", embed(theirs, torch.bfloat16)),
    ):
        distance = 1 - (exact.double() * other.double()).sum(dim=-1)
        print(f"{size[0]} × {size[1]}: features moved by {title}: {distance.mean():.1e}")


def pools(images: Sequence[bytes], processes: Sequence[int], rounds: int) -> None:
    alone_s = statistics.median(seconds(ours, images) for _ in range(rounds))
    print(f"for_model alone: {1 / alone_s:.0f} small images a second")
    with tempfile.TemporaryDirectory() as name:
        items = []
        for i in range(POOL_FILES):
            path, data = Path(name) / f"{i:04}.jpg", images[i % len(images)]
            path.write_bytes(data)
            items.append((i, str(path), blake3(data).hexdigest(length=16)))
        for count in processes:
            with WorkerPool(count, pixel_limit=300_000_000, timeout_s=30) as pool:
                receive(pool, items, 0)  # starts them
                plain_s = statistics.median(receive(pool, items, 0) for _ in range(rounds))
                both_s = statistics.median(receive(pool, items, COMPUTE_S) for _ in range(rounds))
            compute_s = POOL_FILES / BATCH * COMPUTE_S
            print(
                f"pool of {count}: {POOL_FILES / plain_s:.0f} small images a second; with a "
                f"receiver that computes for {compute_s:.2f} s, {both_s:.2f} s instead of "
                f"{plain_s + compute_s:.2f} s one after the other"
            )


def receive(pool: WorkerPool, items: Sequence[tuple[int, str, str]], compute_s: float) -> float:
    """Seconds. Computing is sleeping here: a graphics card leaves the processors alone."""
    start = time.perf_counter()
    for i, _ in pool.pixels(items, SHAPE, JobControl()):
        if compute_s and i % BATCH == BATCH - 1:
            time.sleep(compute_s)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--small", type=int, default=24, help="different images of 512 px")
    parser.add_argument("--large", type=int, default=3, help="different images of 12 megapixels")
    parser.add_argument("--processes", type=int, nargs="*", default=[1, os.cpu_count() or 1])
    options = parser.parse_args()
    import open_clip
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = open_clip.create_model("ViT-B-32", pretrained=None).eval()
    for size, count in ((SMALL, options.small), (LARGE, options.large)):
        images = [photo(size, seed) for seed in range(count)]
        side_by_side(size, images, options.rounds)
        features(size, images[:4], model)
        if size == SMALL:
            small = images
    pools(small, options.processes, max(3, options.rounds // 3))


if __name__ == "__main__":
    if ONE_THREAD.items() <= os.environ.items():
        main()
    else:  # numpy takes the number of threads from the environment, once, when it is loaded
        again = [sys.executable, "-m", "benchmarks.decode", *sys.argv[1:]]
        sys.exit(subprocess.run(again, env={**os.environ, **ONE_THREAD}, check=False).returncode)
