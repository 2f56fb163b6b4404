"""A stand-in for the installer of models that speaks the real wire, and can stall, fail or die.

    python tests/fakes/installer.py [--behave ok] --models-root FOLDER -- NAME…

A real process with real pipes and no network. What it "installs" is written down in FOLDER as
`tests/fakes/model_shelf.py` says. Like the real one it stops when its stdin ends.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[0] = str(ROOT)

from engine import protocol  # noqa: E402 - after the path is set right
from tests.fakes.model_shelf import THERE, FakeShelf  # noqa: E402

BEHAVIOURS = (
    "ok",
    "fail",  # halfway, in words
    "hold",  # halfway, until it is cancelled
    "deaf",  # halfway, and hears neither the end of its stdin nor a polite request to end
    "die",  # halfway, without a word
    "garbage",  # says what is no message
    "linger",  # says that it is done, and does not go
)
SIZE = 4_900_000_000
STEPS = 50


class Installer:
    def __init__(self, chosen: argparse.Namespace) -> None:
        self.behave: str = chosen.behave
        self.pace: float = chosen.pace
        self.shelf = FakeShelf(chosen.models_root)
        self.names = [n for n in self.shelf.named(chosen.names) if self.shelf.state(n) not in THERE]
        self.cancelled = threading.Event()

    def send(self, event: protocol.Message) -> None:
        sys.stdout.buffer.write(protocol.encode(event))
        sys.stdout.buffer.flush()

    def listen(self) -> None:
        sys.stdin.buffer.read()
        self.cancelled.set()

    def run(self) -> None:
        sys.stderr.write("fake installer: this is the end of the log\n")
        sys.stderr.flush()
        if self.behave in ("deaf", "linger"):
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        else:
            threading.Thread(target=self.listen, daemon=True).start()
        for step in range(STEPS):
            left = self.pace * (STEPS - step)
            self.send(protocol.Progress("install", "install", SIZE * step // STEPS, SIZE, left))
            if step == STEPS // 2:
                self.halfway()
            if self.cancelled.wait(self.pace):
                self.stop()
        for name in self.names:
            self.shelf.put(name, "installed")
        self.send(protocol.Progress("install", "verify", SIZE, SIZE))
        self.send(protocol.Done("install"))
        if self.behave == "linger":
            time.sleep(3600)

    def halfway(self) -> None:
        for name in self.names[1:2]:
            self.shelf.put(name, "partial")
        match self.behave:
            case "fail":
                self.send(
                    protocol.Failed(
                        "install",
                        "install_failed",
                        "The connection to the hub was lost.",
                        "Check the network and try again: what was fetched is kept.",
                    )
                )
                sys.exit(69)
            case "hold":
                self.cancelled.wait()
                self.stop()
            case "deaf":
                time.sleep(3600)
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
            case "garbage":
                sys.stdout.buffer.write(b"Hello!\n")
                sys.stdout.buffer.flush()
                time.sleep(3600)

    def stop(self) -> None:
        self.send(protocol.CancelledEvent("install"))
        os._exit(130)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--behave", choices=BEHAVIOURS, default="ok")
    parser.add_argument("--pace", type=float, default=0.0, help="seconds a step")
    parser.add_argument("--models-root", type=Path, required=True)
    parser.add_argument("names", nargs="+")
    Installer(parser.parse_args()).run()


if __name__ == "__main__":
    main()
