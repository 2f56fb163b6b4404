"""Starts the engine process, shakes hands, asks, and stops it for sure. No Qt.

The command line's side of the wire.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from engine import __version__, protocol
from engine.child import Child
from engine.errors import EngineDied, ProtocolMismatch, TwofoldError
from engine.protocol import Cancel, CancelledEvent, Done, Event, Failed, Hello, Message, Welcome


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


class EngineClient(Child):
    """One engine process. Use as a context manager; ask one thing at a time."""

    called = "engine"
    what_is_kept = "Run the same command again: everything read so far is kept."

    def __init__(self, command: Sequence[str]) -> None:
        """Raises EngineDied or ProtocolMismatch when no engine answers."""
        super().__init__(command)
        self._ids = (str(n) for n in itertools.count(1))
        try:
            self.welcome = self._shake_hands()
        except BaseException:
            self.close()
            raise

    def in_trouble(self, message: str, hint: str) -> TwofoldError:
        return EngineDied(message, hint)

    def not_understood(self, message: str, hint: str) -> TwofoldError:
        return ProtocolMismatch(message, hint)

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

    def _send(self, message: Message) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(protocol.encode(message))
            self._process.stdin.flush()
        except OSError:
            raise self._died() from None
