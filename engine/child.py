"""A child process that speaks events: started, heard, and stopped for sure. No Qt.

What the engine and the installer of models have in common, seen from the command line. Stop
ladder: end its stdin → terminate → kill, each with a named time-out.
"""

from __future__ import annotations

import queue
import subprocess
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

import msgspec

from engine import protocol
from engine.errors import TwofoldError
from engine.protocol import Event

TERMINATE_S = 1.0
WAIT_S = 0.2  # between looks at whether the person interrupted
LOG_LINES = 40  # of the child's log kept for an error report


class Child(ABC):
    """Use as a context manager. A kind of child says how it is called and what its troubles are."""

    called = "child"  # in sentences: "The engine …"
    grace_s = 4.0  # for it to end by itself once its stdin has ended; the engine gives up after 3
    what_is_kept = ""  # the next step when it ended too early

    def __init__(self, command: Sequence[str]) -> None:
        """Raises what `in_trouble` makes when the process cannot be started."""
        self._log: deque[str] = deque(maxlen=LOG_LINES)
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C reaches this program first, which then cancels
            )
        except OSError as error:
            raise self.in_trouble(
                f"The {self.called} could not be started ({error.strerror}).",
                "Install Twofold again.",
            ) from None
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=target, daemon=True)
            for target in (self._listen, self._keep_log)
        ]
        for thread in self._threads:
            thread.start()

    @abstractmethod
    def in_trouble(self, message: str, hint: str) -> TwofoldError:
        """The error for a child that does not start or ends too early."""

    def not_understood(self, message: str, hint: str) -> TwofoldError:
        """The error for a child that speaks something else."""
        return self.in_trouble(message, hint)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def log(self) -> str:
        """The end of its log."""
        return "".join(self._log)

    def close(self) -> None:
        """Ends it for sure; a second call does nothing."""
        process = self._process
        self._end_input()
        for stop, patience_s in ((None, self.grace_s), (process.terminate, TERMINATE_S)):
            if stop is not None:
                stop()
            with suppress(subprocess.TimeoutExpired):
                process.wait(patience_s)
                break
        else:
            process.kill()
            process.wait()
        for thread in self._threads:
            thread.join(TERMINATE_S)
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()

    def _end_input(self) -> None:
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()

    def _receive(self) -> Event:
        while True:  # a wait without end could not be interrupted on every system
            with suppress(queue.Empty):
                line = self._lines.get(timeout=WAIT_S)
                break
        if not line.endswith(b"\n"):
            raise self._died()
        try:
            return protocol.decode_event(line)
        except msgspec.MsgspecError:
            raise self.not_understood(
                f"The {self.called} answered in a form that is not understood.",
                "Install Twofold again so that all parts come from one version.",
            ) from None

    def _died(self) -> TwofoldError:
        status: int | None = None
        with suppress(subprocess.TimeoutExpired):
            status = self._process.wait(1.0)
        end = "" if status is None else f" (status {status})"
        last = next((line.strip() for line in reversed(self._log) if line.strip()), "")
        said = f" Its last words: {last}" if last else ""
        return self.in_trouble(
            f"The {self.called} stopped unexpectedly{end}.{said}", self.what_is_kept
        )

    def _listen(self) -> None:
        """On a thread of its own: an interrupt must not tear a half-read line."""
        assert self._process.stdout is not None
        with suppress(ValueError):  # closed while being read
            while line := self._process.stdout.readline(protocol.MAX_LINE_BYTES):
                self._lines.put(line)
        self._lines.put(b"")

    def _keep_log(self) -> None:
        assert self._process.stderr is not None
        with suppress(ValueError):  # closed while being read
            for line in self._process.stderr:
                self._log.append(line.decode("utf-8", "backslashreplace"))
