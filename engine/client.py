"""Starts the engine process, shakes hands, asks, and stops it for sure. No Qt.

The command line's side of the wire. Stop ladder: shut down → terminate → kill, each with a
named time-out.
"""

from __future__ import annotations

import itertools
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

from engine import __version__, protocol
from engine.errors import EngineDied, ProtocolMismatch, TwofoldError
from engine.protocol import Cancel, CancelledEvent, Done, Event, Failed, Hello, Message, Welcome

SHUTDOWN_S = 4.0  # for the engine to end by itself; it gives up by itself after three
TERMINATE_S = 1.0
WAIT_S = 0.2  # between looks at whether the person interrupted
LOG_LINES = 40  # of the engine's log kept for an error report


def engine_command(
    data_dir: Path | None = None, *, ephemeral: bool = False, require_lock: bool = False
) -> list[str]:
    """How the engine process is started."""
    frozen = getattr(sys, "frozen", False)
    command = [sys.executable, "--engine"] if frozen else [sys.executable, "-m", "engine.server"]
    if data_dir is not None:
        command += ["--data-dir", str(data_dir)]
    if ephemeral:
        command.append("--ephemeral")
    if require_lock:
        command.append("--require-lock")
    return command


class RequestFailed(TwofoldError):
    """What the engine answered instead of a result; carries the engine's own code."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.message, failed.hint)
        self.code = failed.code
        self.exit_status = _exit_status(failed.code)


def _exit_status(code: str) -> int:
    kinds = list(TwofoldError.__subclasses__())
    while kinds:
        kind = kinds.pop()
        if "code" in vars(kind) and kind.code == code:
            return kind.exit_status
        kinds += kind.__subclasses__()
    return TwofoldError.exit_status


class EngineClient:
    """One engine process. Use as a context manager; ask one thing at a time."""

    def __init__(self, command: Sequence[str]) -> None:
        """Raises EngineDied or ProtocolMismatch when no engine answers."""
        self._log: deque[str] = deque(maxlen=LOG_LINES)
        self._ids = (str(n) for n in itertools.count(1))
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C reaches this program first, which then cancels
            )
        except OSError as error:
            raise EngineDied(
                f"The engine could not be started ({error.strerror}).", "Install Twofold again."
            ) from None
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=target, daemon=True)
            for target in (self._listen, self._keep_log)
        ]
        for thread in self._threads:
            thread.start()
        try:
            self.welcome = self._shake_hands()
        except BaseException:
            self.close()
            raise

    def _shake_hands(self) -> Welcome:
        self._send(Hello(protocol.PROTOCOL, __version__))
        answer = self._receive()
        if isinstance(answer, Failed):
            raise RequestFailed(answer)
        if not isinstance(answer, Welcome) or answer.protocol != protocol.PROTOCOL:
            raise ProtocolMismatch(
                "The engine speaks another version.", "Install Twofold again from one source."
            )
        return answer

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
        """The end of the engine's log."""
        return "".join(self._log)

    def new_id(self) -> str:
        return next(self._ids)

    def ask(self, request: Message) -> Iterator[Event]:
        """Sends, then yields every event up to and including the last one of the request.

        Raises EngineDied when the engine ends before that.
        """
        self._send(request)
        yield from self.events()

    def events(self) -> Iterator[Event]:
        """The rest of the events of the request that is being answered."""
        while True:
            event = self._receive()
            yield event
            if isinstance(event, Done | CancelledEvent | Failed):
                return

    def result(self, request: Message) -> Done:
        """The answer alone. Raises RequestFailed, EngineDied."""
        for event in self.ask(request):
            if isinstance(event, Failed):
                raise RequestFailed(event)
            if isinstance(event, Done):
                return event
        raise self._died()

    def cancel(self, request_id: str) -> None:
        with suppress(EngineDied):
            self._send(Cancel(request_id))

    def close(self) -> None:
        """Ends the engine for sure."""
        process = self._process
        if process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()
        for stop, patience_s in ((None, SHUTDOWN_S), (process.terminate, TERMINATE_S)):
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

    def _send(self, message: Message) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(protocol.encode(message))
            self._process.stdin.flush()
        except OSError:
            raise self._died() from None

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
            raise ProtocolMismatch(
                "The engine answered in a form that is not understood.",
                "Install Twofold again so that all parts come from one version.",
            ) from None

    def _died(self) -> EngineDied:
        status: int | None = None
        with suppress(subprocess.TimeoutExpired):
            status = self._process.wait(1.0)
        end = "" if status is None else f" (status {status})"
        last = next((line.strip() for line in reversed(self._log) if line.strip()), "")
        said = f" Its last words: {last}" if last else ""
        return EngineDied(
            f"The engine stopped unexpectedly{end}.{said}",
            "Run the same command again: everything read so far is kept.",
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
