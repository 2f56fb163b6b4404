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
from engine.vocabulary import Skipped
from engine.workers.batch import Batch, Task
from engine.workers.process import Event, WorkerProcess
from engine.workers.wire import CANNOT_WRITE, DISK_FULL, Answer, Inspection, Ready, Setup

__all__ = ["Inspection", "WorkerPool"]

T = TypeVar("T")

MAX_PROCESSES = 16  # beyond it the disk and the database are what is waited for
MEMORY_LIMIT_BYTES = 4 * 1024**3  # address space of one worker
TICK_S = 0.05  # longest wait between two looks at the job and at the clock
START_LIMIT_S = 120.0  # to load and try everything, even from a cold and slow disk
MAX_FAILED_STARTS = 3  # in a row
KEEP_WARM = 2  # idle workers kept between batches, for the next few thumbnails

#: requests sent ahead to one worker, so that it never waits for the next. Large files, and the
#: last of a batch, are sent ahead by one only: they would wait while other workers idle
MAX_IN_FLIGHT = 8
SMALL_IN_FLIGHT_BYTES = 4 * 1024**2

#: what runtimes write before they abort for want of memory
_MEMORY_WORDS = ("bad_alloc", "memoryerror", "out of memory", "cannot allocate memory")


class WorkerPool:
    """Starts workers when there is something to read; close() ends them all.

    processes: None takes the available processors, at most MAX_PROCESSES. pixel_limit: of one
    image. timeout_s: for one image, wall time. memory_limit_bytes: address space of one worker,
    where the system can limit it.
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

    # --- one batch ------------------------------------------------------------------------

    def _run(self, tasks: Iterator[Task[T]], job: JobControl) -> Generator[tuple[Task[T], Answer]]:
        if self._busy or self._closed:
            raise RuntimeError("the pool is closed, or busy with another batch")
        self._busy = True
        batch = Batch(tasks, self._ahead, self._next_number)
        try:
            while batch.look_ahead():
                job.check_cancelled()
                if self._closed:
                    raise Cancelled
                self._staff(batch)
                self._feed(batch)
                yield from self._collect(batch)
        finally:
            self._next_number = batch.next_number
            self._busy = False
            self._end([worker for worker in self._workers if worker.in_flight], batch)
            self._end([worker for worker in self._workers if not worker.ready])
            self._end(self._workers[KEEP_WARM:])

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
                self._give_up_without_workers(str(error.strerror))

    def _feed(self, batch: Batch[T]) -> None:
        while batch.waiting:
            able = [worker for worker in self._workers if self._can_take(worker, batch)]
            if not able:
                return
            worker = min(able, key=lambda worker: len(worker.in_flight))
            number, body = batch.next_request()
            if not worker.in_flight:
                worker.since_s = time.monotonic()
            worker.in_flight.append(number)
            worker.send(body)

    def _can_take(self, worker: WorkerProcess, batch: Batch[T]) -> bool:
        if not worker.ready or len(worker.in_flight) >= MAX_IN_FLIGHT:
            return False
        return len(worker.in_flight) < 2 or (
            batch.waiting >= self._ahead and batch.size_of(worker.in_flight) < SMALL_IN_FLIGHT_BYTES
        )

    def _collect(self, batch: Batch[T]) -> list[tuple[Task[T], Answer]]:
        """Waits for news, at most TICK_S. Nothing is handed out before the clock is looked at,
        for nobody knows how long the receiver will take.
        """
        done: list[tuple[Task[T], Answer]] = []
        with suppress(queue.Empty):
            event = self._inbox.get(timeout=TICK_S)
            while True:
                done += self._handle(event, batch)
                event = self._inbox.get_nowait()
        now_s = time.monotonic()
        for worker in list(self._workers):
            limit_s = self._timeout_s if worker.ready else START_LIMIT_S
            if (worker.in_flight or not worker.ready) and now_s - worker.since_s > limit_s:
                done += self._lose(worker, batch, "timeout")
        return done

    def _handle(self, event: Event, batch: Batch[T]) -> list[tuple[Task[T], Answer]]:
        worker = event.worker
        if worker not in self._workers:
            return []  # it was given up before
        try:
            if event.body is None:
                return self._lose(worker, batch, "crashed")
            if not worker.ready:
                self.memory_limited = msgspec.msgpack.decode(event.body, type=Ready).memory_limited
                worker.ready = True
                self._failed_starts = 0
                return []
            answer = msgspec.msgpack.decode(event.body, type=Answer)
        except msgspec.MsgspecError:
            return self._lose(worker, batch, "crashed")
        if not worker.in_flight or answer.number != worker.in_flight[0]:
            return self._lose(worker, batch, "crashed")
        worker.in_flight.popleft()
        worker.since_s = event.at_s
        return [(batch.finish(answer.number), answer)]

    def _lose(
        self, worker: WorkerProcess, batch: Batch[T], code: str
    ) -> list[tuple[Task[T], Answer]]:
        """Ends a worker. The image it was on is lost, the others go back in front."""
        lost = list(worker.in_flight)
        self._end([worker], batch)
        if not worker.ready:
            self._failed_starts += 1
            self._give_up_without_workers(worker.log())
        if not lost:
            return []
        batch.put_back(lost[1:])
        words = worker.log().lower()
        if code == "crashed" and any(word in words for word in _MEMORY_WORDS):
            code = "out_of_memory"
        return [(batch.finish(lost[0]), Answer(lost[0], code))]

    def _give_up_without_workers(self, log: str) -> None:
        if self._failed_starts < MAX_FAILED_STARTS or any(w.ready for w in self._workers):
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
