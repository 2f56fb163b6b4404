"""Cosines of stored vectors with a few others, in one pass over the file. Loads no model."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt

from engine.job import JobControl
from engine.tools import Halves, VectorCache

CHUNK_ROWS = 768  # of 1280 numbers as float32 stay in the processor's cache
MAX_THREADS = 8  # beyond it memory is what is waited for

Floats = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float64]


def cosines(
    directions: Floats, cache: VectorCache, content_ids: Sequence[str], job: JobControl
) -> Scores:
    """(m, n) float64; NaN for images that have no vector.

    directions: (m, dim) float32, rows of unit length. Computed in float32: the rounding of the
    stored float16 moves an AUROC by some 1e-6, while products in half precision would tie scores.
    A score is the same to the last bit, whatever it is asked for together with, and with any
    number of threads.
    """
    scores = np.full((len(directions), len(content_ids)), np.nan)
    if not len(directions):
        return scores
    threads = min(MAX_THREADS, os.cpu_count() or 1)
    waiting: deque[Future[None]] = deque()
    with _torch_on_one_thread(), ThreadPoolExecutor(threads, "cosine") as pool:
        for positions, vectors in cache.stream(content_ids):
            job.check_cancelled()
            waiting.append(pool.submit(_score, directions, positions, vectors, scores))
            if len(waiting) > 2 * threads:
                waiting.popleft().result()
        for future in waiting:
            future.result()
    return scores


def _score(
    directions: Floats, positions: npt.NDArray[np.intp], vectors: Halves, scores: Scores
) -> None:
    """Fills in the scores of one piece."""
    wide = np.empty((min(CHUNK_ROWS, len(vectors)), 1, directions.shape[1]), np.float32)
    found = np.empty((len(vectors), len(directions)), np.float32)
    for start in range(0, len(vectors), CHUNK_ROWS):
        chunk = vectors[start : start + CHUNK_ROWS]
        rows = wide[: len(chunk)]
        _widen(chunk, rows[:, 0])
        # a dot product each: a product of matrices would start threads of its own, which wait
        # for each other on a busy machine, and would round by how many rows there are
        np.vecdot(rows, directions, out=found[start : start + CHUNK_ROWS])
    scores[:, positions] = found.T


def _widen(halves: Halves, wide: Floats) -> None:
    """The same numbers in float32. torch does it ten times as fast, but takes a second to load."""
    torch = sys.modules.get("torch")
    if torch is None:
        np.copyto(wide, halves)
    else:
        torch.from_numpy(wide).copy_(torch.from_numpy(halves))


@contextmanager
def _torch_on_one_thread() -> Iterator[None]:
    """For threads that begin within: each of them is enough for its own piece."""
    torch = sys.modules.get("torch")
    if torch is None:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
