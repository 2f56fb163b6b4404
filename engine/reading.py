"""From listed files to readings, each file read at most once, ever.

Asks the store first (by the file's identity on disk, then by its content), hands the rest to
the workers, and commits what comes back about once a second, so that a run that is killed
resumes where it stopped. Knows no statistics and no hypothesis.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from engine.errors import SKIP_REASONS
from engine.images.scan import FileEntry
from engine.job import JobControl
from engine.storage.store import FileKey, Reading, Store
from engine.vocabulary import Skipped
from engine.workers.pool import Inspection, WorkerPool

CHUNK = 2_000  # files asked of the database at a time
COMMIT_EVERY_S = 1.0  # at most this much work is lost when the process is killed
COMMIT_EVERY = 128  # readings

#: what is known of the file that stands at this index of the listing
Outcome = tuple[int, Reading | Skipped]


@dataclass(slots=True)
class ReadingCount:
    """How much of the reading was done now, and how much was known before."""

    done: int = 0
    reused: int = 0


def file_key(entry: FileEntry) -> FileKey:
    """What names the state of a file on disk; never its path."""
    return (entry.device, entry.inode, entry.size_bytes, entry.mtime_ns, entry.ctime_ns)


def skipped(entry: FileEntry, code: str) -> Skipped:
    return Skipped(entry.path, entry.name, code, SKIP_REASONS[code])


def read_files(
    entries: Sequence[FileEntry],
    store: Store,
    version: str,
    reader: str,
    open_pool: Callable[[], WorkerPool],
    job: JobControl,
    count: ReadingCount,
) -> Iterator[Outcome]:
    """Yields one outcome for every entry, known ones first, otherwise in any order.

    version: of the measurements. reader: names what decides whether a file can be read.
    open_pool is called only if a file has to be read.
    """
    total = len(entries)
    unread: list[int] = []
    for start in range(0, total, CHUNK):
        chunk = range(start, min(start + CHUNK, total))
        known = store.known_files([file_key(entries[i]) for i in chunk], reader=reader)
        ids = {file.content_id for file in known.values() if file.content_id}
        readings = store.readings(sorted(ids), version)
        for i in chunk:
            file = known.get(file_key(entries[i]))
            if file is not None and file.skip_code:
                outcome: Reading | Skipped = skipped(entries[i], file.skip_code)
            elif file is not None and file.content_id in readings:
                outcome = readings[file.content_id]
            else:
                unread.append(i)
                continue
            count.done += 1
            count.reused += 1
            yield i, outcome
        job.progress("read", count.done, total)
    if unread:
        yield from _read_now(entries, unread, store, version, reader, open_pool(), job, count)


def _read_now(
    entries: Sequence[FileEntry],
    unread: Sequence[int],
    store: Store,
    version: str,
    reader: str,
    pool: WorkerPool,
    job: JobControl,
    count: ReadingCount,
) -> Iterator[Outcome]:
    waiting: dict[int, int] = {id(entries[i]): i for i in unread}
    readings: list[Reading] = []
    files: list[tuple[FileKey, str, str]] = []
    last = time.monotonic()
    begun_ns = time.time_ns()

    def commit() -> None:
        nonlocal last
        store.add_readings(readings, version)
        store.remember_files(files, read_after_ns=begun_ns, reader=reader)
        readings.clear()
        files.clear()
        last = time.monotonic()

    try:
        for entry, answer in pool.inspect((entries[i] for i in unread), job):
            i = waiting.pop(id(entry))
            count.done += 1
            if isinstance(answer, Inspection):
                reading = _reading(answer)
                readings.append(reading)
                files.append((answer.key, reading.content_id, ""))
                yield i, reading
            else:
                files.append((file_key(entry), "", answer.code))
                yield i, answer
            if len(readings) >= COMMIT_EVERY or time.monotonic() - last >= COMMIT_EVERY_S:
                commit()
            job.progress("read", count.done, len(entries))
    finally:
        commit()


def _reading(answer: Inspection) -> Reading:
    return Reading(
        content_id=answer.content_id,
        width_px=answer.width_px,
        height_px=answer.height_px,
        format=answer.format,
        values=answer.values,
        captions=answer.captions,
        signature=answer.signature,
        window=answer.window,
    )
