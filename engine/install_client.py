"""Starts the installer of models, hears it, and stops it for sure. No Qt.

A frontend's side of `engine.weights.install`. The frontend starts it, never the engine: the
engine has no network and could not give it one. The end of its stdin cancels.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.child import Child
from engine.errors import InstallFailed, TwofoldError
from engine.protocol import CancelledEvent, Done, Event, Failed

_LAST = (Done, CancelledEvent, Failed)


def install_command(models_root: Path, names: Sequence[str]) -> list[str]:
    """How the installer is started. names: of models and packs."""
    frozen = getattr(sys, "frozen", False)
    start = ["--install"] if frozen else ["-m", "engine.weights.install"]
    return [sys.executable, *start, "--models-root", str(models_root), "--", *names]


class Installer(Child):
    """One installation, in a process of its own. Use as a context manager.

        with Installer(install_command(root, ["laptop"])) as installer:
            for event in installer.events(): ...

    Leaving the context before the last event cancels: what was fetched is kept for the next time.
    """

    called = "installer"
    grace_s = 3.0  # it gives up by itself after one
    what_is_kept = "What was fetched is kept; run the same command again."

    def __init__(self, command: Sequence[str]) -> None:
        """Raises InstallFailed when the process cannot be started."""
        super().__init__(command)
        self._last: Event | None = None

    def in_trouble(self, message: str, hint: str) -> TwofoldError:
        return InstallFailed(message, hint)

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
        self._end_input()
