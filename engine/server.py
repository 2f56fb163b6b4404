"""The engine process: requests in on stdin, events out on stdout, one job at a time.

Gives up the network before anything else. Keeps its own stdout for the wire alone: whatever
native code prints goes to stderr. Ends when stdin ends, for then its frontend is gone.
"""

from __future__ import annotations

from engine.privacy import lock_network, set_offline_switches

if __name__ == "__main__":  # before any heavy import, before any thread
    set_offline_switches()
    LOCK = lock_network()
else:
    LOCK = ()

import argparse
import os
import queue
import sys
import threading
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from engine import protocol
from engine.errors import Cancelled, Internal, LockRequired, TwofoldError
from engine.job import JobControl
from engine.protocol import Cancel, Event, Failed, Hello, Request, Shutdown
from engine.service import Service

EXIT_GRACE_S = 3.0  # for a job to stop by itself once the frontend is gone


class Wire:
    """Writes events, whole lines, from any thread."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._lock = threading.Lock()

    def send(self, event: Event) -> None:
        line = protocol.encode(event)
        with self._lock, suppress(BrokenPipeError):
            self._out.write(line)
            self._out.flush()


class Server:
    """Reads requests on one thread, works on another, so that cancel is always heard."""

    def __init__(self, requests: BinaryIO, wire: Wire, service: Service) -> None:
        self._requests = requests
        self._wire = wire
        self._service = service
        self._queue: queue.Queue[Request | None] = queue.Queue()
        self._guard = threading.Lock()
        self._current: tuple[str, JobControl] | None = None
        self._cancelled: set[str] = set()

    def serve(self) -> None:
        threading.Thread(target=self._listen, name="requests", daemon=True).start()
        while (request := self._queue.get()) is not None:
            self._answer(request)

    def _listen(self) -> None:
        for line in self._requests:
            try:
                request = protocol.decode_request(line)
            except msgspec.MsgspecError as error:
                self._wire.send(Failed(_id_of(line), "bad_request", f"{error}", ""))
                continue
            if isinstance(request, Cancel):
                self._cancel(request.id)
            elif isinstance(request, Shutdown):
                break
            else:
                self._queue.put(request)
        self._queue.put(None)
        self._cancel(None)
        time.sleep(EXIT_GRACE_S)
        os._exit(0)  # a job that does not stop must not outlive its frontend

    def _cancel(self, request_id: str | None) -> None:
        """None cancels whatever runs and whatever waits."""
        with self._guard:
            if request_id is None:
                while True:
                    try:
                        waiting = self._queue.get_nowait()
                    except queue.Empty:
                        break
                    if waiting is None:
                        self._queue.put(None)
                        break
            else:
                self._cancelled.add(request_id)
            if self._current is not None and request_id in (None, self._current[0]):
                self._current[1].cancel()

    def _answer(self, request: Request) -> None:
        if isinstance(request, Hello):
            self._wire.send(self._service.welcome(request))
            return
        request_id = request.id if not isinstance(request, Shutdown) else ""
        control = self._service.control(request_id, self._wire.send)
        with self._guard:
            self._current = (request_id, control)
            if request_id in self._cancelled:
                control.cancel()
        try:
            control.check_cancelled()
            self._wire.send(self._service.answer(request, control, self._wire.send))
        except Cancelled:
            self._wire.send(protocol.CancelledEvent(request_id))
        except TwofoldError as error:
            self._wire.send(Failed(request_id, error.code, error.message, error.hint))
        except Exception as error:  # noqa: BLE001 - a bug must answer too, and be told apart
            _log_bug(error)
            bug = Internal(
                f"Twofold met a fault of its own ({type(error).__name__}).",
                "Nothing was lost. Try again; if it comes back, report it with the log.",
            )
            self._wire.send(Failed(request_id, bug.code, bug.message, bug.hint))
        finally:
            with self._guard:
                self._current = None
                self._cancelled.discard(request_id)


def _id_of(line: bytes) -> str:
    with suppress(msgspec.MsgspecError):
        raw = msgspec.json.decode(line)
        if isinstance(raw, dict):
            return str(raw.get("id", ""))
    return ""


def _log_bug(error: Exception) -> None:
    """Where it happened, without the values: they may hold names of the person's files."""
    frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
    sys.stderr.write(f"{frames}{type(error).__name__}\n")
    sys.stderr.flush()


def _private_stdout() -> BinaryIO:
    """The wire; fd 1 itself leads to stderr from now on."""
    wire = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return wire


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="twofold-engine")
    parser.add_argument("--data-dir", type=Path, default=None)
    parser.add_argument("--ephemeral", action="store_true", help="keep nothing")
    parser.add_argument("--require-lock", action="store_true", help="refuse to work unlocked")
    chosen = parser.parse_args(arguments)
    wire = Wire(_private_stdout())
    try:
        if chosen.require_lock and not {"namespace", "seccomp", "sandbox"} & set(LOCK):
            raise LockRequired(
                "The network could not be locked on this system, and a lock was required.",
                "Run “twofold doctor” to see why.",
            )
        service = Service.open(chosen.data_dir, ephemeral=chosen.ephemeral, network_lock=LOCK)
    except TwofoldError as error:
        wire.send(Failed("", error.code, error.message, error.hint))
        sys.exit(error.exit_status)
    with service:
        Server(sys.stdin.buffer, wire, service).serve()


if __name__ == "__main__":
    sys.stderr.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    main()
