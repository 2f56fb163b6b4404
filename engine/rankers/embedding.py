"""Fills the cache with vectors of images, batch after batch. Scores nothing."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing

from engine.job import JobControl
from engine.pixels import Pixels, PixelSource
from engine.runtimes.clip_model import ClipModel, PixelBatch
from engine.tools import VectorCache


def embed_rows(
    rows: Mapping[str, int],
    pixels: PixelSource,
    model: ClipModel,
    cache: VectorCache,
    job: JobControl,
    *,
    before: int = 0,
) -> int:
    """Embeds images and keeps their vectors; returns how many could still be read.

    rows: content id -> row of the pixel source. before: images done earlier, for the progress.
    Each batch is on the disk before the next is reported, so that a run that is killed goes on
    where it stopped. Raises ModelError, StorageError, Cancelled.
    """
    contents = {row: content_id for content_id, row in rows.items()}
    total = before + len(rows)
    stream = pixels.stream(list(contents), model.shape, job)
    batches = _Batches(stream, contents, model)
    embedded = 0
    try:
        with closing(model.encode_each(batches, job)) as encoded:
            for content_ids, vectors in encoded:
                cache.add(content_ids, vectors)
                embedded += len(content_ids)
                job.progress("embed", before + embedded + batches.unreadable, total)
    finally:
        if isinstance(stream, Generator):
            stream.close()  # its workers are free again, whatever happened here
    return embedded


class _Batches:
    """Images from the stream, as many together as the model takes at a time."""

    def __init__(
        self,
        stream: Iterator[tuple[int, Pixels | None]],
        contents: Mapping[int, str],
        model: ClipModel,
    ) -> None:
        self.unreadable = 0
        self._stream = stream
        self._contents = contents
        self._model = model

    def __iter__(self) -> Iterator[tuple[list[str], PixelBatch]]:
        batch = self._model.new_batch(self._model.batch)
        content_ids: list[str] = []
        for row, image in self._stream:
            if image is None:
                self.unreadable += 1
                continue
            batch[len(content_ids)] = image
            content_ids.append(self._contents[row])
            if len(content_ids) == len(batch):
                yield content_ids, batch
                batch = self._model.new_batch(self._model.batch)
                content_ids = []
        if content_ids:
            yield content_ids, batch[: len(content_ids)]
