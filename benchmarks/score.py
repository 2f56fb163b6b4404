"""One new hypothesis on 100,000 cached images, beside a product of matrices in memory.

    python -m benchmarks.score [--images 100000] [--dim 1280] [--rounds 15]

The product reads float16 vectors from the disk's cache and returns cosines through the ranker, as
for a hypothesis that a person adds; only the encoding of its text is left out. What it stands
beside is the shortest there could be: one numpy product with vectors that already lie in memory
as float32, which take twice the room. Both take turns; medians, the best, and the time of
processors are printed.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.image_table import ImageTable
from engine.job import JobControl
from engine.measurement import Catalogue
from engine.rankers.clip import Clip
from engine.recipe import ClipOptions
from engine.runtimes.clip_config import read_config
from engine.storage.vectors import Vectors
from engine.vocabulary import Hypothesis, ImageRef, Origin, Side
from tests.fakes.memory_tools import memory_tools
from tests.fakes.tiny_clip import CLIP, write_model

GOAL_MS = 30
CHUNK = 1000
OPTIONS = ClipOptions(model="tiny-clip", precision="float32")


def fill(vectors: Vectors, key: str, contents: list[str], dim: int) -> np.ndarray:
    """Puts random unit vectors in the cache; returns them as float32."""
    cache = vectors.open(key, dim)
    random = np.random.default_rng(0)
    whole = np.empty((len(contents), dim), np.float32)
    for start in range(0, len(contents), CHUNK):
        rows = random.standard_normal((len(contents[start : start + CHUNK]), dim), np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        halves = rows.astype(np.float16)
        whole[start : start + CHUNK] = halves
        cache.add(contents[start : start + CHUNK], halves)
    return whole


def ms(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    begun = clock()
    work()
    return 1000 * (clock() - begun)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--dim", type=int, default=1280)
    parser.add_argument("--rounds", type=int, default=15)
    chosen = parser.parse_args()
    n, job, catalogue = chosen.images, JobControl(), Catalogue((), "none")
    contents = [np.random.default_rng(i).bytes(16).hex() for i in range(n)]
    images = [ImageRef("/", str(i), content, 1, 1, "JPEG") for i, content in enumerate(contents)]
    table = ImageTable(images, np.arange(n) < n // 2, np.ones(n, bool), False, {}, {}, [""] * n)
    phrases = [Hypothesis(f"user:{i}", f"phrase {i}", Side.A, Origin("user")) for i in range(60)]
    with tempfile.TemporaryDirectory() as name:
        model = write_model(Path(name) / "model", {**CLIP, "embed_dim": chosen.dim})
        vectors = Vectors(Path(name) / "vectors")
        key = read_config(model).encoder_key(model, "float32")
        whole = fill(vectors, key, contents, chosen.dim)
        vectors.close()
        ranker = Clip(OPTIONS, replace(memory_tools([], [model]), vectors=vectors))
        directions = ranker.text_vectors([phrase.text for phrase in phrases], job)
        opening = ms(lambda: ranker.score(phrases[:1], table, catalogue, job))

        def ours(count: int) -> np.ndarray:
            return ranker.score(phrases[:count], table, catalogue, job)

        def bare(count: int) -> np.ndarray:
            return directions[:count] @ whole.T

        assert np.abs(ours(2) - bare(2)).max() < 1e-5
        print(
            f"{n:,} images of {chosen.dim} numbers: {vectors.bytes_used() / n:.0f} bytes an image"
        )
        print(f"the first time, with checking every vector: {opening:.0f} ms")
        for count in (1, len(phrases)):
            times = [
                (ms(lambda: bare(count)), ms(lambda: ours(count)))  # noqa: B023
                for _ in range(chosen.rounds)
            ]
            plain, through = zip(*times, strict=True)
            busy = min(ms(lambda: ours(count), time.process_time) for _ in range(5))  # noqa: B023
            ratio = statistics.median(through) / statistics.median(plain)
            print(
                f"{count} new: {statistics.median(through):.1f} ms (best {min(through):.1f}, "
                f"{busy:.0f} ms of processors), "
                f"product in memory {statistics.median(plain):.1f} ms (best {min(plain):.1f}), "
                f"ratio {ratio:.1f}" + (f"; goal: {GOAL_MS} ms" if count == 1 else "")
            )


if __name__ == "__main__":
    main()
