"""The installer of models as a child process: the one program of Twofold that has a network.

It is told where models are kept and which are wanted, never of an image. Speaks the protocol's
events over its stdout; ends when its stdin is closed. Stop ladder: close stdin, which cancels →
terminate → kill. Knows nothing of screens.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QProcess, QTimer, Signal

import engine
from desktop.engine_process import ENDINGS, LOG_LINES, Cause, Death
from desktop.line_buffer import LineBuffer, LineTooLong
from engine import protocol

CANCEL_GRACE_MS = 1_400  # from the end of its stdin to its own; it gives up by itself after one
TERMINATE_GRACE_MS = 300  # then it is killed
INSTALL_ID = "install"  # of every event of the installer


def default_install_command() -> tuple[str, ...]:
    """How the installer of this installation is started, without its options."""
    if getattr(sys, "frozen", False):
        return (sys.executable, "--install")
    return (sys.executable, "-m", "engine.weights.install")


class InstallerProcess(QObject):
    """One installation at a time.

    received(event): any number of Progress, then one of Done, CancelledEvent or Failed, which
    comes when the process is gone. died(Death): instead of the last event.
    """

    received = Signal(object)
    died = Signal(object)

    def __init__(self, command: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command = tuple(command)
        self._process: QProcess | None = None
        self._last: protocol.Message | None = None
        self._cause = Cause.DIED
        self._cancelled = False
        self._lines = LineBuffer(protocol.MAX_LINE_BYTES)
        self._log: deque[str] = deque(maxlen=LOG_LINES)
        self._terminate_timer = self._timer(CANCEL_GRACE_MS, self._terminate)
        self._kill_timer = self._timer(TERMINATE_GRACE_MS, self._kill)

    @property
    def process_id(self) -> int:
        """0 while there is no process."""
        return 0 if self._process is None else self._process.processId()

    def start(self, models_root: str, names: Sequence[str]) -> None:
        """names: of models and packs. Does nothing while an installation goes on."""
        if self._process is not None:
            return
        process = QProcess(self)
        process.setProgram(self._command[0])
        process.setArguments([*self._command[1:], "--models-root", models_root, "--", *names])
        # `-m` looks for the package in the working directory first
        process.setWorkingDirectory(str(Path(engine.__file__).parent.parent))
        if os.name == "posix":  # Ctrl-C in a terminal is for the window, which ends the installer
            flags = QProcess.UnixProcessFlag
            process.setUnixProcessParameters(flags.CreateNewSession)
        process.readyReadStandardOutput.connect(self._read_wire)
        process.readyReadStandardError.connect(self._read_log)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._failed_to_start)
        self._process = process
        self._last = None
        self._cause = Cause.DIED
        self._cancelled = False
        self._lines = LineBuffer(protocol.MAX_LINE_BYTES)
        self._log.clear()
        process.start()

    def cancel(self) -> None:
        """Ask it to stop; when it does not in time, end it. Either way the last event comes."""
        if self._process is not None and not self._cancelled:
            self._cancelled = True
            self._process.closeWriteChannel()
            self._terminate_timer.start()

    def close(self) -> None:
        """End it for good, and wait for it. What was fetched is kept."""
        process = self._process
        if process is None:
            return
        self.cancel()
        self._process = None  # whatever it still says is for nobody
        self._terminate_timer.stop()
        self._kill_timer.stop()
        if not process.waitForFinished(CANCEL_GRACE_MS):
            process.terminate()
            if not process.waitForFinished(TERMINATE_GRACE_MS):
                process.kill()
                process.waitForFinished(TERMINATE_GRACE_MS)

    # --- the wire -----------------------------------------------------------------------------

    def _read_wire(self) -> None:
        if self._process is None:
            return
        piece = bytes(self._process.readAllStandardOutput().data())
        if self._cause is not Cause.DIED:
            return
        try:
            self._lines.feed(piece)
            while self._last is None and (line := self._lines.take()) is not None:
                self._take(protocol.decode_event(line))
        except (LineTooLong, msgspec.MsgspecError):
            self._cause = Cause.GARBLED
            self._terminate()

    def _take(self, event: protocol.Message) -> None:
        if getattr(event, "id", "") != INSTALL_ID:
            return
        if isinstance(event, ENDINGS):
            self._last = event  # told once the process is gone
            if not self._terminate_timer.isActive():
                self._terminate_timer.start()
        else:
            self.received.emit(event)

    def _read_log(self) -> None:
        if self._process is not None:
            text = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace")
            self._log.extend(line for line in text.splitlines() if line.strip())

    def _finished(self, exit_code: int, status: QProcess.ExitStatus) -> None:
        if self._process is None:
            return
        self._read_wire()
        self._read_log()
        self._leave()
        if self._last is not None:
            self.received.emit(self._last)
        elif self._cancelled:
            self.received.emit(protocol.CancelledEvent(INSTALL_ID))
        else:
            normal = status is QProcess.ExitStatus.NormalExit
            self._mourn(exit_code if normal else None)

    def _failed_to_start(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and self._process is not None:
            self._cause = Cause.NOT_STARTED
            self._leave()
            self._mourn(None)

    def _mourn(self, exit_code: int | None) -> None:
        self.died.emit(Death(self._cause, False, exit_code, "\n".join(self._log)))

    # --- stopping -----------------------------------------------------------------------------

    def _leave(self) -> None:
        self._terminate_timer.stop()
        self._kill_timer.stop()
        if self._process is not None:
            self._process.deleteLater()
        self._process = None

    def _terminate(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._kill_timer.start()

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _timer(self, milliseconds: int, slot: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(slot)
        return timer
