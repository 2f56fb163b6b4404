"""SHA-256 of many large files: several at a time, with progress, and stopped at once when asked.

Hashes and nothing else: what a hash should be is decided elsewhere.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Mapping
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from engine.errors import ModelDamaged
from engine.job import JobControl
from engine.weights.contents import opened
from engine.weights.headers import REINSTALL
from engine.weights.identity import Identity

STAGE = "verify"  # progress is counted in bytes
CHUNK_BYTES = 2 * 1024 * 1024  # read at a time; a slow disk needs 20 ms for it
MAX_THREADS = 4  # more do not read faster from one disk
TELL_S = 0.1  # between two looks at whether to stop
_NOTHING = Identity(0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Hashed:
    """A file as it was while it was read."""

    sha256: str
    identity: Identity


class _Work:
    """What the threads share."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self._lock = threading.Lock()
        self._done = 0

    def add(self, count: int) -> None:
        with self._lock:
            self._done += count

    @property
    def done(self) -> int:
        with self._lock:
            return self._done


def hash_files(files: Mapping[str, Path], job: JobControl) -> dict[str, Hashed]:
    """name -> hash, of every file. Raises ModelDamaged when one cannot be read, or Cancelled."""
    sizes = {name: (Identity.at(path) or _NOTHING).size_bytes for name, path in files.items()}
    total = sum(sizes.values())
    work = _Work()
    threads = max(1, min(MAX_THREADS, os.cpu_count() or 1, len(files)))
    with ThreadPoolExecutor(threads, thread_name_prefix="hash") as pool:
        # The largest first, so that no thread is left alone with it at the end.
        order = sorted(files, key=lambda name: -sizes[name])
        futures = {name: pool.submit(_hash, name, files[name], work) for name in order}
        try:
            job.progress(STAGE, 0, total)
            waiting = set(futures.values())
            while waiting:
                ended, waiting = wait(waiting, TELL_S, FIRST_EXCEPTION)
                for future in ended:
                    future.result()
                job.progress(STAGE, min(work.done, total), total)
        finally:
            work.stop.set()
    return {name: futures[name].result() for name in files}


def _hash(name: str, path: Path, work: _Work) -> Hashed:
    digest = hashlib.sha256()
    with opened(path, name) as (file, before):
        while chunk := file.read(CHUNK_BYTES):
            if work.stop.is_set():
                break
            digest.update(chunk)
            work.add(len(chunk))
        after = os.fstat(file.fileno())
    identity = Identity.of(after)
    if identity != Identity.of(before):
        raise ModelDamaged(f"“{name}” was written to while it was read.", REINSTALL)
    return Hashed(digest.hexdigest(), identity)
