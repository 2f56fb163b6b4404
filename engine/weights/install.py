"""The installer of models: the only program of Twofold that uses a network.

    python -m engine.weights.install --models-root FOLDER NAME…

A process of its own, started by a frontend and never by the engine, which has no network. It is
told names of models and a folder; it is never told of an image, and can open none. On stdout it
speaks the events of `engine.protocol`, one JSON object a line: any number of `Progress` (the
stage is "install" while bytes come and "verify" while they are read once more, and both count
bytes), then exactly one of `Done`, `Failed` or `CancelledEvent`, all with the id "install".
Stderr is its log, which names models and their files, and nothing of the user's.

It stops when stdin ends, for then its frontend is gone, and when asked to by a signal; what was
fetched is kept for the next time, and a model is there only once every file of it was checked.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from engine import protocol
from engine.errors import Cancelled, Internal, LibraryMissing, TwofoldError
from engine.job import JobControl
from engine.protocol import CancelledEvent, Done, Event, Failed, Progress
from engine.weights.hub_address import HUB_VARIABLES, PUBLIC_HUB, TOKEN_VARIABLE

REQUEST_ID = "install"  # of every event: there is one request, and it stands on the command line
STAGE = "install"
TELL_S = 0.1  # between two reports of progress
STOP_S = 1.0  # for the work to stop by itself; then the process ends without it
CANCELLED: tuple[Event, int] = (CancelledEvent(REQUEST_ID), Cancelled.exit_status)
SETTLE_S = 2.0  # of receiving before a rest of time is told
MEMORY_S = 10.0  # how far back the speed of receiving is averaged

ABOUT = f"""\
Fetches models and checks every byte of them. Connects to {PUBLIC_HUB}, or to the
mirror that {" or ".join(HUB_VARIABLES)} names, and to the addresses that hub passes on to
for large files; to nothing else. It sends the names of the files it wants, and the token in
{TOKEN_VARIABLE} if there is one: that is needed only for models whose licence must be
accepted. https_proxy and no_proxy are honoured. Ends when its standard input ends.
"""


class Wire:
    """Writes events from any thread, and none after the last one."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._lock = threading.Lock()
        self._closed = False

    def send(self, event: Event, *, last: bool = False) -> None:
        if not self._lock.acquire(timeout=STOP_S):
            return  # another thread is stuck in writing: nobody reads
        try:
            if self._closed:
                return
            self._closed = last
            with suppress(OSError):  # the frontend is gone; the end of stdin says so, too
                self._out.write(protocol.encode(event))
                self._out.flush()
        finally:
            self._lock.release()


class Meter:
    """Tells how far the installation is: often, not too often, and with the time that is left."""

    def __init__(self, send: Callable[[Event], None]) -> None:
        self._send = send
        self._total = self._done = 0
        self._told = -TELL_S
        self._since: float | None = None  # when the first byte came over the network
        self._at = 0.0  # when the rate was last looked at
        self._rate = 0.0  # bytes a second
        self._unrated = 0  # bytes since then that the rate does not know of

    def begin(self, total: int) -> None:
        """total: bytes of all files of all models that are to be installed."""
        self._total = total
        self._tell()

    def received(self, size: int) -> None:
        """Bytes that came over the network."""
        now = time.monotonic()
        if self._since is None:
            self._since = self._at = now
        elif (passed := now - self._at) >= TELL_S:
            weight = min(1.0, passed / min(MEMORY_S, now - self._since))
            self._rate += weight * (self._unrated / passed - self._rate)
            self._at, self._unrated = now, 0
        self._unrated += size
        self.checked(size)

    def checked(self, size: int) -> None:
        """Bytes that were already there and are right; negative when they were not."""
        self._done += size
        if self._is_time:
            self._tell()

    def pause(self) -> None:
        """Tells all that is known, for nothing new will be for a while."""
        time.sleep(max(0.0, self._told + TELL_S - time.monotonic()))
        self._tell()

    def stage(self, stage: str, done: int, total: int) -> None:
        """Progress of what follows the fetching, in bytes: of reading all files once more."""
        if self._is_time:
            self._told = time.monotonic()
            self._send(Progress(REQUEST_ID, stage, done, total))

    @property
    def _is_time(self) -> bool:
        return time.monotonic() - self._told >= TELL_S

    def _tell(self) -> None:
        now = self._told = time.monotonic()
        known = self._since is not None and now - self._since >= SETTLE_S and self._rate > 0
        left = (self._total - self._done) / self._rate if known else None
        done = min(max(self._done, 0), self._total)
        self._send(Progress(REQUEST_ID, STAGE, done, self._total, left))


def log(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


def work(chosen: argparse.Namespace, job: JobControl, meter: Meter) -> tuple[Event, int]:
    """The whole installation. Returns the last event and the exit status."""
    try:
        _install(chosen.models_root.absolute(), chosen.names, job, meter)
        return Done(REQUEST_ID), 0
    except Cancelled:
        return CANCELLED
    except TwofoldError as error:
        return _failed(error)
    except Exception as error:  # noqa: BLE001 - a bug must answer too, and be told apart
        _log_bug(error)
        return _failed(
            Internal(
                f"The installer met a fault of its own ({type(error).__name__}).",
                "Nothing was lost. Try again; if it comes back, report it with the log.",
            )
        )


def _install(root: Path, names: list[str], job: JobControl, meter: Meter) -> None:
    try:
        from engine.weights.fetch import Patience
        from engine.weights.hub import Hub
        from engine.weights.manifest import load_manifest
        from engine.weights.only_writer import only_writer
        from engine.weights.orders import install
        from engine.weights.shelf import OWN, Shelf
    except ModuleNotFoundError as error:
        raise LibraryMissing(
            f"A library that fetches models is missing ({error.name}).",
            "Install Twofold with its models: pip install 'twofold[models]'.",
        ) from None
    manifest = load_manifest(root / OWN)
    with only_writer(root), Hub.from_environment(os.environ) as hub:
        shelf = Shelf(root, manifest)
        install(names, manifest, shelf, hub, Patience(job, log), meter, log)


def _failed(error: TwofoldError) -> tuple[Event, int]:
    return Failed(REQUEST_ID, error.code, error.message, error.hint), error.exit_status


def _log_bug(error: Exception) -> None:
    """Where it happened, without the values: they may hold names of the user's folders."""
    frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
    log(f"{frames}{type(error).__name__}")


def _cancel_when_stdin_ends(job: JobControl) -> None:
    with suppress(OSError):
        while os.read(0, 4096):  # what is said does not matter
            pass
    job.cancel()


def _private_stdout() -> BinaryIO:
    """The wire; descriptor 1 itself leads to stderr from now on."""
    wire = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return wire


def _parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m engine.weights.install",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--models-root", type=Path, required=True, help="where models are kept")
    parser.add_argument("names", nargs="+", metavar="NAME", help="a model, or a pack of models")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Runs one installation and returns the exit status.

    The work is done on a thread, so that neither a name server nor a disk that does not answer
    keeps the process from being stopped.
    """
    chosen = _parsed(arguments)
    wire = Wire(_private_stdout())
    meter = Meter(wire.send)
    job = JobControl(meter.stage)
    ended: list[tuple[Event, int]] = []
    worker = threading.Thread(target=lambda: ended.append(work(chosen, job, meter)), daemon=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: job.cancel())
    threading.Thread(target=_cancel_when_stdin_ends, args=(job,), daemon=True).start()
    worker.start()
    while worker.is_alive() and not job.cancelled:
        worker.join(TELL_S)
    worker.join(STOP_S)
    event, status = ended[0] if ended else CANCELLED
    wire.send(event, last=True)
    return status


if __name__ == "__main__":
    sys.stderr.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    os._exit(main())  # at once: a thread that is stuck must not hold the process back
