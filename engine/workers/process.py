"""One worker process, seen from the pool: its pipes, the threads that serve them, its log.

The threads only carry frames and never decide anything; whatever comes from the worker lands in
the pool's inbox. Pipes and threads are all there is, so it is the same on every system.
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

import engine
from engine.workers.wire import Setup, frame, read_frame

LOG_BYTES = 16 * 1024  # of the end of a worker's stderr
PIPE_BYTES = 1024**2  # of a worker's answers; the usual 64 KiB are less than one small image
END_S = 1.0  # how long a killed process may take to be gone; on a dead network disk it stays

#: read by libraries when they are loaded; one thread each, for there is a worker for every core
SINGLE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

_MODULE = "engine.workers.inspect_image"


@dataclass(frozen=True, slots=True)
class Event:
    """A frame from a worker, or its end."""

    worker: WorkerProcess
    body: bytearray | None  # None: the worker closed its pipe, which it does by dying
    at_s: float  # on the monotonic clock


class WorkerProcess:
    """A running worker. Raises OSError when it cannot be started at all."""

    def __init__(self, setup: Setup, inbox: queue.SimpleQueue[Event]) -> None:
        self.ready = False
        self.ready_for_pixels = False  # the libraries that resize are loaded too
        self.since_s = time.monotonic()  # when it began what it is doing now
        self.in_flight: deque[int] = deque()  # numbers of requests, the one it is on first
        self._inbox = inbox
        self._outbox: queue.SimpleQueue[bytearray | None] = queue.SimpleQueue()
        self._log = bytearray()
        self._process = _spawn()
        self._threads = [
            threading.Thread(target=work, name=f"worker {work.__name__}", daemon=True)
            for work in (self._write, self._read, self._read_log)
        ]
        for thread in self._threads:
            thread.start()
        self._outbox.put(frame(setup))

    @property
    def process_id(self) -> int:
        return self._process.pid

    def send(self, body: bytearray) -> None:
        """Never blocks, even if the worker hangs."""
        self._outbox.put(body)

    def log(self) -> str:
        """The end of what it wrote to stderr."""
        return self._log.decode("utf-8", "replace").strip()

    def kill(self) -> None:
        """At once, whatever it is doing; end() waits for it."""
        self._process.kill()

    def end(self) -> None:
        """Kills it, if it still lives, and waits until nothing of it is left."""
        self.kill()
        self._outbox.put(None)
        until_s = time.monotonic() + END_S
        for thread in self._threads:
            thread.join(max(0.0, until_s - time.monotonic()))
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, until_s - time.monotonic()))
        if any(thread.is_alive() for thread in self._threads):
            return  # it cannot be killed just now; its threads end with it
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with suppress(OSError):  # what was still buffered has no reader any more
                    pipe.close()

    def _write(self) -> None:
        pipe = self._process.stdin
        while pipe is not None and (body := self._outbox.get()) is not None:
            try:
                pipe.write(body)
                pipe.flush()
            except OSError:
                return  # it died; its end arrives through the other pipe

    def _read(self) -> None:
        pipe = self._process.stdout
        body: bytearray | None = bytearray()
        while isinstance(pipe, BufferedReader) and body is not None:
            body = read_frame(pipe)
            self._inbox.put(Event(self, body, time.monotonic()))

    def _read_log(self) -> None:
        pipe = self._process.stderr
        while pipe is not None and (text := os.read(pipe.fileno(), LOG_BYTES)):
            self._log += text
            del self._log[:-LOG_BYTES]


def _spawn() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", _MODULE]
    environment = dict(os.environ)
    if getattr(sys, "frozen", False):
        command = [sys.executable, "--worker"]
    else:
        # -P keeps the current folder, which may be somebody's images, off the search path
        known = environment.get("PYTHONPATH")
        own = str(Path(engine.__file__).parents[1])
        environment["PYTHONPATH"] = os.pathsep.join([own, known] if known else [own])
    environment |= dict.fromkeys(SINGLE_THREAD, "1")
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,  # the terminal's Ctrl-C is for the pool, which then ends it
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    _widen(process)
    return process


def _widen(process: subprocess.Popen[bytes]) -> None:
    """Lets the pixels of an image into the pipe at once, where the system allows it."""
    if sys.platform == "linux" and process.stdout is not None:
        import fcntl

        with suppress(OSError):  # too many wide pipes for one user: it only takes longer
            fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
