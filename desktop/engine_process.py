"""The engine as a child process: started, greeted, spoken to, stopped, and missed when it dies.

Speaks the protocol over the child's stdin and stdout; stderr is its log, of which the end is
kept to show it when the engine dies. Knows nothing of comparisons or screens, and never
passes on a line that the protocol does not know: such a peer is ended.
"""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

import msgspec
from PySide6.QtCore import QElapsedTimer, QObject, QProcess, QTimer, Signal

import engine
from desktop.line_buffer import LineBuffer, LineTooLong
from engine import protocol

HELLO_TIMEOUT_MS = 30_000  # from start to Welcome; a cold disk may be slow
CANCEL_GRACE_MS = 1_200  # from Cancel to the end of the job, then the engine is terminated
SHUTDOWN_GRACE_MS = 1_500  # from Shutdown to exit, then it is terminated
TERMINATE_GRACE_MS = 500  # from terminate to exit, then it is killed
STEADY_S = 60.0  # an engine that lived longer may be started again when it dies
TURN_MS = 20  # time for lines in one turn of the event loop
LOG_LINES = 40  # kept of the end of the log

ENDINGS = (protocol.Done, protocol.CancelledEvent, protocol.Failed)


class Cause(Enum):
    """Why the engine is gone although nobody asked it to go."""

    DIED = auto()
    NOT_STARTED = auto()  # the program could not be run at all
    SILENT = auto()  # no Welcome in time
    OTHER_PROTOCOL = auto()  # it speaks another version
    GARBLED = auto()  # it sent what is no message
    REFUSED = auto()  # it said itself why it cannot work


@dataclass(frozen=True, slots=True)
class Death:
    """What is known of an engine that is gone."""

    cause: Cause
    comes_back: bool  # it is being started again
    exit_code: int | None  # None: ended by a signal, or never ran
    log: str  # end of its log, as it was written
    build: str = ""  # of an engine that speaks another version
    refusal: protocol.Failed | None = None  # in its own words


class _Greeting(msgspec.Struct):
    """As much of a Welcome as every version of the protocol has."""

    type: str
    protocol: int = 0
    build: str = ""


class _Aim(Enum):
    RUN = auto()
    CLOSE = auto()  # for good
    REPLACE = auto()  # ended by us, to be started again at once


def default_command() -> tuple[str, ...]:
    """How the engine of this installation is started, without its options."""
    if getattr(sys, "frozen", False):
        return (sys.executable, "--engine")
    return (sys.executable, "-m", "engine.server")


class EngineProcess(QObject):
    """One engine at a time.

    welcomed(Welcome); received(event of a job); died(Death); starting(ephemeral: bool).
    """

    starting = Signal(bool)
    welcomed = Signal(object)
    received = Signal(object)
    died = Signal(object)

    def __init__(
        self,
        command: Sequence[str],
        data_dir: str = "",
        *,
        ephemeral: bool = False,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._command = tuple(command)
        self._data_dir = data_dir
        self._ephemeral = ephemeral
        self._process: QProcess | None = None
        self._aim = _Aim.RUN
        self._cause = Cause.DIED
        self._build = ""
        self._refusal: protocol.Failed | None = None
        self._greeted = False
        self._started_s = 0.0
        self._used_restart = False
        self._lines = LineBuffer(protocol.MAX_LINE_BYTES)
        self._log: deque[str] = deque(maxlen=LOG_LINES)
        self._cancelling = ""
        self._turn = self._timer(0, self._deliver)
        self._hello_timer = self._timer(HELLO_TIMEOUT_MS, self._hello_missed)
        self._cancel_timer = self._timer(CANCEL_GRACE_MS, self._cancel_ignored)
        self._shutdown_timer = self._timer(SHUTDOWN_GRACE_MS, self._terminate)
        self._kill_timer = self._timer(TERMINATE_GRACE_MS, self._kill)

    # --- for everyone -----------------------------------------------------------------------

    @property
    def greeted(self) -> bool:
        """Whether requests may be sent."""
        return self._greeted

    @property
    def process_id(self) -> int:
        """0 while there is no process."""
        return 0 if self._process is None else self._process.processId()

    def start(self) -> None:
        """Start the engine and greet it. The answer comes as `welcomed` or `died`."""
        process = QProcess(self)
        process.setProgram(self._command[0])
        process.setArguments([*self._command[1:], *self._options()])
        # `-m` looks for the package in the working directory first: never in one where the
        # window happened to be started
        process.setWorkingDirectory(str(Path(engine.__file__).parent.parent))
        if os.name == "posix":  # Ctrl-C in a terminal is for the window, which ends the engine
            flags = QProcess.UnixProcessFlag
            process.setUnixProcessParameters(flags.CreateNewSession)
        process.readyReadStandardOutput.connect(self._read_wire)
        process.readyReadStandardError.connect(self._read_log)
        process.started.connect(self._greet)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._failed_to_start)
        self._process = process
        self._aim = _Aim.RUN
        self._cause = Cause.DIED
        self._greeted = False
        self._build = ""
        self._refusal = None
        self._cancelling = ""
        self._lines = LineBuffer(protocol.MAX_LINE_BYTES)
        self._log.clear()
        self._started_s = time.monotonic()
        self._hello_timer.start()
        self.starting.emit(self._ephemeral)
        process.start()

    def start_again(self) -> None:
        """Start after the engine stayed down; the person asked for it."""
        self._used_restart = False
        if self._process is None:
            self.start()

    def send(self, message: protocol.Message) -> None:
        """Requests to an engine that is not there are dropped: nobody waits for them."""
        if self._process is not None and self._greeted and self._aim is _Aim.RUN:
            self._process.write(protocol.encode(message))

    def cancel(self, request_id: str) -> None:
        """Ask a job to stop; when it does not in time, end the engine and start another.

        Either way `received` gets the end of the job.
        """
        self.send(protocol.Cancel(request_id))
        self._cancelling = request_id
        self._cancel_timer.start()

    def restart(self, *, ephemeral: bool) -> None:
        """Let the engine go and start one that keeps what it learns, or nothing."""
        self._ephemeral = ephemeral
        if self._process is None:
            self.start()
            return
        self._shut_down(_Aim.REPLACE)

    def close(self) -> None:
        """End the engine for good, and wait for it."""
        process = self._process
        if process is None:
            return
        self._shut_down(_Aim.CLOSE)
        if not process.waitForFinished(SHUTDOWN_GRACE_MS):
            process.terminate()
            if not process.waitForFinished(TERMINATE_GRACE_MS):
                process.kill()
                process.waitForFinished(TERMINATE_GRACE_MS)
        self._stop_timers()

    # --- the wire ---------------------------------------------------------------------------

    def _options(self) -> list[str]:
        options = ["--data-dir", self._data_dir] if self._data_dir else []
        return [*options, "--ephemeral"] if self._ephemeral else options

    def _greet(self) -> None:
        if self._process is not None:
            hello = protocol.Hello(protocol.PROTOCOL, engine.__version__)
            self._process.write(protocol.encode(hello))

    def _read_wire(self) -> None:
        if self._process is None:
            return
        try:
            self._lines.feed(bytes(self._process.readAllStandardOutput().data()))
        except LineTooLong:
            self._end_because(Cause.GARBLED)
            return
        if not self._turn.isActive():
            self._turn.start()

    def _deliver(self) -> None:
        """Pass lines on until the turn is over; the rest waits for the next turn."""
        clock = QElapsedTimer()
        clock.start()
        while clock.elapsed() < TURN_MS:
            line = self._lines.take()
            if line is None or self._aim is not _Aim.RUN or self._cause is not Cause.DIED:
                return
            self._take_line(line)
        self._turn.start()

    def _take_line(self, line: bytes) -> None:
        if not self._greeted:
            self._take_greeting(line)
            return
        try:
            event = protocol.decode_event(line)
        except msgspec.MsgspecError:
            self._end_because(Cause.GARBLED)
            return
        if isinstance(event, ENDINGS) and event.id == self._cancelling:
            self._cancelling = ""
            self._cancel_timer.stop()
        self.received.emit(event)

    def _take_greeting(self, line: bytes) -> None:
        try:
            greeting = msgspec.json.decode(line, type=_Greeting)
            if greeting.type == "welcome" and greeting.protocol != protocol.PROTOCOL:
                self._build = greeting.build
                self._end_because(Cause.OTHER_PROTOCOL)
                return
            welcome = protocol.decode_event(line)
        except msgspec.MsgspecError:
            self._end_because(Cause.GARBLED)
            return
        if isinstance(welcome, protocol.Failed):
            self._refusal = welcome
            self._end_because(Cause.REFUSED)
            return
        if not isinstance(welcome, protocol.Welcome):
            self._end_because(Cause.GARBLED)
            return
        self._hello_timer.stop()
        self._greeted = True
        self.welcomed.emit(welcome)

    def _read_log(self) -> None:
        if self._process is not None:
            text = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace")
            self._log.extend(line for line in text.splitlines() if line.strip())

    # --- stopping ---------------------------------------------------------------------------

    def _shut_down(self, aim: _Aim) -> None:
        if self._process is None:
            return
        self._process.write(protocol.encode(protocol.Shutdown()))
        self._process.closeWriteChannel()
        self._aim = aim
        self._stop_timers()
        self._shutdown_timer.start()

    def _hello_missed(self) -> None:
        self._end_because(Cause.SILENT)

    def _cancel_ignored(self) -> None:
        self._aim = _Aim.REPLACE
        self._terminate()

    def _end_because(self, cause: Cause) -> None:
        self._cause = cause
        self._hello_timer.stop()
        self._terminate()

    def _terminate(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._kill_timer.start()

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _finished(self, exit_code: int, status: QProcess.ExitStatus) -> None:
        process = self._process
        if process is None:
            return
        self._read_wire()
        self._read_log()
        while self._aim is _Aim.RUN and self._cause is Cause.DIED:
            line = self._lines.take()
            if line is None:
                break
            self._take_line(line)
        self._process = None
        self._greeted = False
        self._stop_timers()
        process.deleteLater()
        if self._aim is _Aim.CLOSE:
            return
        if self._aim is _Aim.REPLACE:
            if self._cancelling:
                self.received.emit(protocol.CancelledEvent(self._cancelling))
            self.start()
            return
        normal = status is QProcess.ExitStatus.NormalExit
        self._mourn(exit_code if normal else None)

    def _failed_to_start(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and self._process is not None:
            self._process.deleteLater()
            self._process = None
            self._cause = Cause.NOT_STARTED
            self._stop_timers()
            self._mourn(None)

    def _mourn(self, exit_code: int | None) -> None:
        """Report the death; start again unless that was tried a moment ago or cannot help."""
        if time.monotonic() - self._started_s > STEADY_S:
            self._used_restart = False
        comes_back = self._cause is Cause.DIED and not self._used_restart
        log = "\n".join(self._log)
        death = Death(self._cause, comes_back, exit_code, log, self._build, self._refusal)
        self._used_restart = True
        self.died.emit(death)
        if comes_back and self._process is None:
            self.start()

    def _stop_timers(self) -> None:
        for timer in (
            self._turn,
            self._hello_timer,
            self._cancel_timer,
            self._shutdown_timer,
            self._kill_timer,
        ):
            timer.stop()

    def _timer(self, milliseconds: int, slot: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(slot)
        return timer
