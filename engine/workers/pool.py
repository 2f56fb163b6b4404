"""A pool of worker processes that read images: what they answer, and what becomes of them.

A worker that dies or hangs loses the image it was on; what was queued behind it goes to another.
Decodes nothing itself, so that no image can harm the engine. One batch at a time.
"""

from __future__ import annotations

import os
import queue
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import msgspec

from engine.errors import (
    SKIP_REASONS,
    Cancelled,
    DataFolderReadOnly,
    DiskFull,
    WorkersFailed,
)
from engine.images.listing import FileEntry
from engine.images.names import on_disk, shown
from engine.images.open_safely import SIZE_LIMIT_BYTES
from engine.images.thumbnails import part_of
from engine.job import JobControl
from engine.pixels import Pixels, PixelShape
from engine.vocabulary import Skipped
from engine.workers.batch import Batch, Pace, Task
from engine.workers.process import Event, WorkerProcess
from engine.workers.wire import CANNOT_WRITE, DISK_FULL, Answer, Inspection, Ready, Setup

__all__ = ["Inspection", "WorkerPool"]

T = TypeVar("T")

MAX_PROCESSES = 16  # beyond it the disk and the database are what is waited for
MEMORY_LIMIT_BYTES = 4 * 1024**3  # address space of one worker, without torch's libraries
TICK_S = 0.05  # longest wait between two looks at the job and at the clock
START_LIMIT_S = 120.0  # to load and try everything, even from a cold and slow disk
MAX_FAILED_STARTS = 3  # in a row
KEEP_WARM = 2  # idle workers kept between batches, for the next few thumbnails

MAX_IN_FLIGHT = 8  # requests sent ahead to one worker
SMALL_IN_FLIGHT_BYTES = 4 * 1024**2  # files above it are sent ahead by one only

#: pixels decoded ahead of the model: enough for a batch or two on a graphics card, and no more
#: than this, whatever their size; yet two images for every worker
AHEAD_IMAGES = 256
AHEAD_BYTES = 64 * 1024**2

#: what runtimes write before they abort for want of memory
_MEMORY_WORDS = ("bad_alloc", "memoryerror", "out of memory", "cannot allocate memory")


class WorkerPool:
    """Starts workers when there is something to read; close() ends them all.

    processes: None takes the available processors, at most MAX_PROCESSES. pixel_limit: of one
    image. timeout_s: for one image, wall time. memory_limit_bytes: address space of one worker
    (not counting torch), where the system can limit it.
    """

    def __init__(
        self,
        processes: int | None = None,
        *,
        pixel_limit: int,
        timeout_s: float,
        memory_limit_bytes: int = MEMORY_LIMIT_BYTES,
    ) -> None:
        self.processes = max(1, processes or min(available_processors(), MAX_PROCESSES))
        self.memory_limited: bool | None = None  # whether the limit holds; None: none started yet
        self._ahead = 2 * self.processes  # images at hand; fewer means that the end is near
        self._setup = Setup(pixel_limit, SIZE_LIMIT_BYTES, memory_limit_bytes)
        self._timeout_s = timeout_s
        self._workers: list[WorkerProcess] = []
        self._inbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._failed_starts = 0
        self._next_number = 0
        self._busy = False
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kills every worker at once. A batch that is running ends with Cancelled."""
        self._closed = True
        self._end(list(self._workers))

    @property
    def process_ids(self) -> tuple[int, ...]:
        """Of the workers that run now."""
        return tuple(worker.process_id for worker in self._workers)

    def inspect(
        self, entries: Iterable[FileEntry], job: JobControl
    ) -> Iterator[tuple[FileEntry, Inspection | Skipped]]:
        """Reads and measures each file; yields the same entries, in the order they get done.

        Raises Cancelled (within half a second, even while a decoder hangs), WorkersFailed.
        """
        tasks = (Task(entry, os.fsencode(entry.open_path), entry.size_bytes) for entry in entries)
        with closing(self._run(tasks, job)) as outcomes:
            for task, answer in outcomes:
                entry = task.item
                yield entry, answer.inspection or _skipped(entry.path, entry.name, answer.code)

    def thumbnails(
        self, pairs: Iterable[tuple[str, Path]], job: JobControl, *, named_by_content: bool = False
    ) -> Iterator[tuple[Path, Skipped | None]]:
        """Writes a thumbnail of each file to its target; None: it is there now.

        pairs: path as listed (of a link: what it leads to is shown), and target.
        named_by_content: the stem of each target is the content id that the file must still
        have; another file in its place counts as vanished. Raises Cancelled, WorkersFailed,
        DiskFull, DataFolderReadOnly.
        """

        def tasks() -> Iterator[Task[tuple[str, Path]]]:
            for path, target in pairs:
                real = os.path.realpath(on_disk(path) or path)
                content_id = target.stem if named_by_content else ""
                size = SMALL_IN_FLIGHT_BYTES  # not known: taken as large
                yield Task((path, target), os.fsencode(real), size, target, content_id)

        with closing(self._run(tasks(), job)) as outcomes:
            for task, answer in outcomes:
                _raise_for_storage(answer.code)
                path, target = task.item
                name = shown(path.rpartition("/")[2])
                yield target, _skipped(shown(path), name, answer.code) if answer.code else None

    def pixels(
        self, items: Iterable[tuple[T, str, str]], shape: PixelShape, job: JobControl
    ) -> Generator[tuple[T, Pixels | Skipped]]:
        """Decodes each file for a model; yields the items in their order, with their pixels.

        items: whatever the caller knows it by, path as listed, and the content id that the file
        must still have; another file in its place counts as vanished. The workers go on while
        the caller computes, up to AHEAD_IMAGES images and about AHEAD_BYTES ahead of it. Raises
        Cancelled, WorkersFailed.
        """

        def tasks() -> Iterator[Task[tuple[T, str]]]:
            for item, path, content_id in items:
                real = os.path.realpath(on_disk(path) or path)
                yield Task((item, path), os.fsencode(real), 0, None, content_id)

        with closing(self._run(tasks(), job, shape)) as outcomes:
            for task, answer in outcomes:
                item, path = task.item
                if answer.pixels is not None:
                    yield item, answer.pixels.pixels()
                else:
                    name = shown(path.rpartition("/")[2])
                    yield item, _skipped(shown(path), name, answer.code)

    # --- one batch ------------------------------------------------------------------------

    def _run(
        self, tasks: Iterator[Task[T]], job: JobControl, shape: PixelShape | None = None
    ) -> Generator[tuple[Task[T], Answer]]:
        if self._busy or self._closed:
            raise RuntimeError("the pool is closed, or busy with another batch")
        self._busy = True
        batch = Batch(tasks, self._ahead, self._next_number, self._pace(shape), shape)
        try:
            while batch.look_ahead():
                job.check_cancelled()
                if self._closed:
                    raise Cancelled
                self._staff(batch)
                self._feed(batch)
                self._collect(batch)
                if (number := batch.next_done) is not None:
                    yield batch.hand_out(number)
        finally:
            self._next_number = batch.next_number
            self._busy = False
            self._end([worker for worker in self._workers if worker.in_flight], batch)
            self._end([worker for worker in self._workers if not worker.ready])
            self._end(self._workers[KEEP_WARM:])

    def _pace(self, shape: PixelShape | None) -> Pace:
        if shape is None:
            held = MAX_IN_FLIGHT * self.processes
            return Pace(held, MAX_IN_FLIGHT, SMALL_IN_FLIGHT_BYTES)
        fitting = AHEAD_BYTES // (3 * shape.width_px * shape.height_px)
        held = max(2 * self.processes, min(AHEAD_IMAGES, fitting))
        return Pace(held, -(-held // self.processes))

    def _staff(self, batch: Batch[T]) -> None:
        """Starts as many workers as there is work for, unless they keep failing."""
        wanted = min(self.processes, batch.waiting + batch.running)
        if not self._workers:  # those that ran are gone too: one more try before giving up
            self._failed_starts = min(self._failed_starts, MAX_FAILED_STARTS - 1)
        while len(self._workers) < wanted and self._failed_starts < MAX_FAILED_STARTS:
            try:
                self._workers.append(WorkerProcess(self._setup, self._inbox))
            except OSError as error:
                self._failed_starts = MAX_FAILED_STARTS
                self._give_up_without_workers(str(error.strerror), batch)

    def _feed(self, batch: Batch[T]) -> None:
        while batch.may_send:
            able = [w for w in self._workers if w.ready and batch.can_take(w.in_flight)]
            if not able:
                return
            worker = min(able, key=lambda worker: len(worker.in_flight))
            number, body = batch.next_request()
            if not worker.in_flight:
                worker.since_s = time.monotonic()
            worker.in_flight.append(number)
            worker.send(body)

    def _collect(self, batch: Batch[T]) -> None:
        """Takes in what the workers sent; waits for it, at most TICK_S, if nothing is due.

        Nothing is handed out before the clock is looked at, for nobody knows how long the
        receiver will take.
        """
        with suppress(queue.Empty):
            event = self._inbox.get(batch.next_done is None, TICK_S)
            while True:
                self._handle(event, batch)
                event = self._inbox.get_nowait()
        now_s = time.monotonic()
        for worker in list(self._workers):
            limit_s = self._timeout_s if _is_reading(worker, batch) else START_LIMIT_S
            if (worker.in_flight or not worker.ready) and now_s - worker.since_s > limit_s:
                self._lose(worker, batch, "timeout")

    def _handle(self, event: Event, batch: Batch[T]) -> None:
        worker = event.worker
        if worker not in self._workers:
            return  # it was given up before
        try:
            if event.body is None:
                self._lose(worker, batch, "crashed")
            elif not _is_reading(worker, batch):
                ready = msgspec.msgpack.decode(event.body, type=Ready)
                self._take_ready(worker, ready, event.at_s, batch)
            else:
                answer = msgspec.msgpack.decode(event.body, type=Answer)
                self._take_answer(worker, answer, event.at_s, batch)
        except msgspec.MsgspecError:
            self._lose(worker, batch, "crashed")

    def _take_ready(
        self, worker: WorkerProcess, ready: Ready, at_s: float, batch: Batch[T]
    ) -> None:
        """The first one, or the one before the first pixels."""
        self.memory_limited = ready.memory_limited
        worker.ready_for_pixels = worker.ready
        worker.ready = True
        worker.since_s = at_s
        if _is_reading(worker, batch):
            self._failed_starts = 0

    def _take_answer(
        self, worker: WorkerProcess, answer: Answer, at_s: float, batch: Batch[T]
    ) -> None:
        expected = bool(worker.in_flight) and answer.number == worker.in_flight[0]
        if not expected or not _is_whole(answer, batch):
            self._lose(worker, batch, "crashed")
            return
        worker.in_flight.popleft()
        worker.since_s = at_s
        batch.finish(answer.number, answer)

    def _lose(self, worker: WorkerProcess, batch: Batch[T], code: str) -> None:
        """Ends a worker. The image it was on is lost, the others go back in front."""
        lost = list(worker.in_flight)
        self._end([worker], batch)
        if not _is_reading(worker, batch):
            batch.put_back(lost)
            self._failed_starts += 1
            self._give_up_without_workers(worker.log(), batch)
            return
        if not lost:
            return
        batch.put_back(lost[1:])
        words = worker.log().lower()
        if code == "crashed" and any(word in words for word in _MEMORY_WORDS):
            code = "out_of_memory"
        batch.finish(lost[0], Answer(lost[0], code))

    def _give_up_without_workers(self, log: str, batch: Batch[T]) -> None:
        reading = any(_is_reading(worker, batch) for worker in self._workers)
        if reading or self._failed_starts < MAX_FAILED_STARTS:
            return
        self._failed_starts = 0  # the next batch may try again
        raise WorkersFailed(
            "The processes that read images cannot be started.",
            f"Install Twofold again. The end of their log: {log[-2000:] or '(empty)'}",
        )

    def _end(self, workers: list[WorkerProcess], batch: Batch[T] | None = None) -> None:
        for worker in workers:
            worker.kill()
        for worker in workers:
            worker.end()
            for target in batch.targets_of(worker.in_flight) if batch else ():
                part_of(target, worker.process_id).unlink(missing_ok=True)
            worker.in_flight.clear()
            if worker in self._workers:
                self._workers.remove(worker)


def available_processors() -> int:
    """Processors this process may use, at least 1."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _is_reading(worker: WorkerProcess, batch: Batch[T]) -> bool:
    """Whether it has loaded all that this batch needs, and reads images with it."""
    return worker.ready and (worker.ready_for_pixels or batch.shape is None)


def _is_whole(answer: Answer, batch: Batch[T]) -> bool:
    """Whether pixels that were asked for came, of the right size, or a reason why not."""
    if batch.shape is None or answer.code:
        return answer.pixels is None
    return answer.pixels is not None and answer.pixels.fits(batch.shape)


def _skipped(path: str, name: str, code: str) -> Skipped:
    return Skipped(path, name, code, SKIP_REASONS[code])


def _raise_for_storage(code: str) -> None:
    if code == DISK_FULL:
        raise DiskFull(
            "The disk is full: no thumbnail could be written.", "Free some space and try again."
        )
    if code == CANNOT_WRITE:
        raise DataFolderReadOnly(
            "No thumbnail could be written to the data folder.",
            "Make the folder writable, or choose another with --data-dir.",
        )
