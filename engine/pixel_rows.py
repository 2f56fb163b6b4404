"""The images of a table as pixels, in the order they are asked for. Decodes nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing

from engine.job import JobControl
from engine.pixels import Pixels, PixelShape
from engine.vocabulary import Skipped
from engine.workers.pool import WorkerPool


class PixelRows:
    """A PixelSource (engine.pixels) over the workers of a pool.

    paths, content_ids: of every row, as in ImageRef; a file that holds something else by now
    counts as one that cannot be read any more. open_pool: called once for each stream, when its
    first image is wanted; the pool belongs to whoever opened it, and must be free.
    """

    def __init__(
        self, paths: Sequence[str], content_ids: Sequence[str], open_pool: Callable[[], WorkerPool]
    ) -> None:
        self._paths = paths
        self._content_ids = content_ids
        self._open_pool = open_pool

    def stream(
        self, rows: Sequence[int], shape: PixelShape, job: JobControl
    ) -> Generator[tuple[int, Pixels | None]]:
        """As PixelSource.stream. A stream that is given up must be closed: it holds the pool.

        Raises WorkersFailed too.
        """
        if not rows:
            return
        items = ((row, self._paths[row], self._content_ids[row]) for row in rows)
        with closing(self._open_pool().pixels(items, shape, job)) as outcomes:
            for row, outcome in outcomes:
                yield row, None if isinstance(outcome, Skipped) else outcome
