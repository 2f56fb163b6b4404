"""Starts the installer of models, hears it, and stops it for sure. No Qt.

A frontend's side of `engine.weights.install`. The frontend starts it, never the engine: the
engine has no network and could not give it one. Stop ladder: end its stdin, which cancels →
terminate → kill, each with a named time-out.
"""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from engine import protocol
from engine.errors import InstallFailed
from engine.protocol import CancelledEvent, Done, Event, Failed

CANCEL_S = 3.0  # for the installer to end by itself; it gives up by itself after one
TERMINATE_S = 1.0
WAIT_S = 0.2  # between looks at whether the person interrupted
LOG_LINES = 40  # of the installer's log kept for an error report

_LAST = (Done, CancelledEvent, Failed)


def install_command(models_root: Path, names: Sequence[str]) -> list[str]:
    """How the installer is started. names: of models and packs."""
    frozen = getattr(sys, "frozen", False)
    start = ["--install"] if frozen else ["-m", "engine.weights.install"]
    return [sys.executable, *start, "--models-root", str(models_root), "--", *names]


class Installer:
    """One installation, in a process of its own. Use as a context manager.

        with Installer(install_command(root, ["laptop"])) as installer:
            for event in installer.events(): ...

    Leaving the context before the last event cancels: what was fetched is kept for the next time.
    """

    def __init__(self, command: Sequence[str]) -> None:
        """Raises InstallFailed when the process cannot be started."""
        self._log: deque[str] = deque(maxlen=LOG_LINES)
        self._last: Event | None = None
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C reaches this program first, which then cancels
            )
        except OSError as error:
            raise InstallFailed(
                f"The installer could not be started ({error.strerror}).", "Install Twofold again."
            ) from None
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=target, daemon=True)
            for target in (self._listen, self._keep_log)
        ]
        for thread in self._threads:
            thread.start()

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
        """The end of the installer's log."""
        return "".join(self._log)

    def events(self) -> Iterator[Event]:
        """Every event up to and including the last one, which is Done, CancelledEvent or Failed.

        After an interrupt broke the reading off, a second call goes on where it stopped.
        Raises InstallFailed when the installer ends without a last event.
        """
        while self._last is None:
            event = self._receive()
            if isinstance(event, _LAST):
                self._last = event
            yield event

    def cancel(self) -> None:
        """Asks it to stop; the events then end with CancelledEvent, or with Done if it was."""
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()

    def close(self) -> None:
        """Ends the installer for sure; a second call does nothing."""
        process = self._process
        self.cancel()
        for stop, patience_s in ((None, CANCEL_S), (process.terminate, TERMINATE_S)):
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
            raise InstallFailed(
                "The installer answered in a form that is not understood.",
                "Install Twofold again so that all parts come from one version.",
            ) from None

    def _died(self) -> InstallFailed:
        status: int | None = None
        with suppress(subprocess.TimeoutExpired):
            status = self._process.wait(1.0)
        end = "" if status is None else f" (status {status})"
        last = next((line.strip() for line in reversed(self._log) if line.strip()), "")
        said = f" Its last words: {last}" if last else ""
        return InstallFailed(
            f"The installer stopped unexpectedly{end}.{said}",
            "What was fetched is kept; run the same command again.",
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
