"""A stand-in for the engine that speaks the real wire, and can stall, lie or die.

    python tests/fakes/engine.py --behave ok --comparison sample.json --pictures folder

A real process with real pipes. It looks into real folders, but compares nothing: what it
answers was prepared beforehand. Every request it gets is written to --journal, so that a test
can see what left the window.
"""

from __future__ import annotations

import argparse
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[0] = str(ROOT)  # instead of this folder, where this very file is called "engine"

import msgspec  # noqa: E402 - after the path is set right

from engine import protocol  # noqa: E402
from engine.vocabulary import Comparison, Skipped  # noqa: E402
from tests.fakes.model_shelf import FakeShelf  # noqa: E402

BEHAVIOURS = (
    "ok",
    "stall",  # starts a comparison, then hears nothing, not even a polite end
    "lie",  # answers what was not asked, and asks nothing of itself
    "die",  # before it says anything
    "die-midway",  # in the middle of every comparison
    "die-once",  # in the middle of the first comparison after --mark does not exist
    "newer-protocol",
    "garbage",  # instead of a greeting
    "garbage-later",  # instead of the answer to a comparison
    "refuse",  # says why it cannot work
    "fail",  # every comparison, export and piece of work on models fails in words
)
SUFFIXES = {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp"}
LOG_LINE = "fake engine: this is the end of the log"


class Fake:
    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.wire = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        self.inbox: queue.Queue[protocol.Request | None] = queue.Queue()
        self.cancelled: set[str] = set()
        self.forgotten: set[str] = set()
        self.lock = threading.Lock()
        self._comparison: Comparison | None = None
        self.shelf = FakeShelf(Path(options.models))

    # --- the wire ---------------------------------------------------------------------------

    def send(self, event: protocol.Message) -> None:
        with self.lock:
            self.wire.write(protocol.encode(event))
            self.wire.flush()

    def send_raw(self, line: bytes) -> None:
        with self.lock:
            self.wire.write(line)
            self.wire.flush()

    def listen(self) -> None:
        for line in sys.stdin.buffer:
            if self.options.journal:
                with Path(self.options.journal).open("ab") as journal:
                    journal.write(line)
            request = protocol.decode_request(line)
            if isinstance(request, protocol.Cancel):
                self.cancelled.add(request.id)
            elif isinstance(request, protocol.Shutdown):
                break
            else:
                self.inbox.put(request)
        if self.options.behave != "stall":
            os._exit(0)

    def serve(self) -> None:
        behave = self.options.behave
        sys.stderr.write(f"{LOG_LINE}\n")
        sys.stderr.flush()
        if behave == "die":
            sys.exit(3)
        threading.Thread(target=self.listen, daemon=True).start()
        while (request := self.inbox.get()) is not None:
            if isinstance(request, protocol.Hello):
                self.greet()
            elif request.id in self.cancelled:
                self.send(protocol.CancelledEvent(request.id))
            else:
                self.answer(request)

    def greet(self) -> None:
        match self.options.behave:
            case "newer-protocol":
                self.send_raw(b'{"type":"welcome","protocol":99,"build":"9.0","charm":"new"}\n')
            case "garbage":
                self.send_raw(b"\x00\xff this is no message\n")
            case "refuse":
                self.send(
                    protocol.Failed(
                        "",
                        "database_newer",
                        "The data folder was written by a newer Twofold.",
                        "Use that version, or choose another folder.",
                    )
                )
            case _:
                layers = tuple(name for name in self.options.lock.split(",") if name)
                recipes = tuple(self.options.recipes.split(","))
                self.send(
                    protocol.Welcome(
                        protocol.PROTOCOL, "0.1.0", layers, self.options.ephemeral, recipes
                    )
                )

    # --- requests ---------------------------------------------------------------------------

    def answer(self, request: protocol.Request) -> None:
        if self.options.behave == "lie":
            self.lie(request.id)
        match request:
            case protocol.Peek():
                self.peek(request)
            case protocol.Compare() | protocol.Rerun():
                self.compare(request.id)
            case protocol.Open():
                if request.comparison not in {entry.id for entry in self.entries()}:
                    words = ("There is no such comparison.", "It may have been forgotten.")
                    self.send(protocol.Failed(request.id, "unknown_comparison", *words))
                else:
                    self.send(protocol.Done(request.id, comparison=self.comparison()))
            case protocol.ListComparisons():
                self.send(protocol.Done(request.id, entries=tuple(self.entries())))
            case protocol.Forget():
                gone = {e.id for e in self.entries() if request.comparison in (e.id, "*")}
                self.forgotten |= gone
                self.send(protocol.Done(request.id, forgotten=len(gone)))
            case protocol.Thumbnails():
                self.thumbnails(request)
            case protocol.Export():
                self.export(request)
            case protocol.Doctor():
                self.send(protocol.Done(request.id, checks=self.checks()))
            case _:
                assert isinstance(request, protocol.ModelRequest)
                self.about_models(request)

    def lie(self, request_id: str) -> None:
        """Nonsense that is well formed; the true answer follows all the same."""
        self.send(protocol.Progress("nobody", "read", 5, 2))
        self.send(protocol.FindingEvent("nobody", self.comparison().findings[0]))
        self.send(protocol.Progress(request_id, "brew tea", -3, -1, -5.0))
        odd = Skipped("/x", "x", "eaten", "It was eaten.")
        self.send(protocol.SkippedEvent(request_id, "C", odd))
        self.send(protocol.Done("nobody"))
        self.send(protocol.CancelledEvent("nobody"))

    def peek(self, request: protocol.Peek) -> None:
        files, subfolders, other = [], set(), 0
        for path, top in walk(request.source):
            if path.suffix.lower() in SUFFIXES:
                files.append(path)
                if top:
                    subfolders.add(top)
            else:
                other += 1
        formats: dict[str, int] = {}
        for path in files:
            name = path.suffix.lstrip(".").upper()
            formats[name] = formats.get(name, 0) + 1
        answer = protocol.PeekAnswer(
            id=request.id,
            images=len(files),
            size_bytes=sum(path.stat().st_size for path in files),
            formats=formats,
            other_files=other,
            subfolders=tuple(sorted(subfolders)),
            skipped=(),
            thumbnails=(),
        )
        self.send(answer)
        time.sleep(self.options.pace)
        jpegs = [str(p) for p in files if p.suffix.lower() in (".jpg", ".jpeg")]
        self.send(msgspec.structs.replace(answer, thumbnails=tuple(jpegs[: request.thumbnails])))
        self.send(protocol.Done(request.id))

    def compare(self, request_id: str) -> None:
        behave = self.options.behave
        comparison = self.comparison()
        if behave == "fail":
            words = ("Neither side holds an image.", "Choose other folders.")
            self.send(protocol.Failed(request_id, "no_images", *words))
            return
        total = comparison.a.compared + comparison.b.compared
        steps = [("scan", total), ("read", total), ("propose", 40)]
        if comparison.settings.models:
            steps[2:2] = [("verify", 9_402_000_000), ("load", 443), ("caption", 80)]
            steps += [("load", 517), ("embed", total)]
        for stage, length in steps:
            for step in range(11):
                if request_id in self.cancelled and behave != "stall":
                    self.send(protocol.CancelledEvent(request_id))
                    return
                left = self.options.pace * (11 - step) * 2
                self.send(protocol.Progress(request_id, stage, length * step // 10, length, left))
                time.sleep(self.options.pace)
                if stage == "read" and step == 5:
                    self.halfway(request_id, comparison)
        for finding in comparison.findings:
            self.send(protocol.FindingEvent(request_id, finding))
        self.send(protocol.Progress(request_id, "test", 1, 1, 0.0))
        if self.options.hold:
            while request_id not in self.cancelled:
                time.sleep(0.01)
            self.send(protocol.CancelledEvent(request_id))
            return
        if behave == "lie":
            self.send(protocol.Done(request_id))
            return
        self.send(protocol.Done(request_id, comparison=comparison))

    def halfway(self, request_id: str, comparison: Comparison) -> None:
        for side, part in (("A", comparison.a), ("B", comparison.b)):
            for item in part.skipped:
                self.send(protocol.SkippedEvent(request_id, side, item))
        match self.options.behave:
            case "stall":
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                time.sleep(3600)
            case "die-midway":
                os.kill(os.getpid(), signal.SIGKILL)
            case "die-once" if not Path(self.options.mark).exists():
                Path(self.options.mark).touch()
                os.kill(os.getpid(), signal.SIGKILL)
            case "garbage-later":
                self.send_raw(b'{"type":"done","id":7}\n')

    def thumbnails(self, request: protocol.Thumbnails) -> None:
        found = {}
        for content_id in request.content_ids:
            path = Path(self.options.pictures) / f"{content_id}.jpg"
            if self.options.behave == "lie":
                found[content_id] = "/proc/self/nothing"
            elif path.exists():
                found[content_id] = str(path)
        self.send(protocol.Done(request.id, thumbnails=found))

    def export(self, request: protocol.Export) -> None:
        if self.options.behave == "fail":
            words = ("The disk is full.", "Free some space and export again.")
            self.send(protocol.Failed(request.id, "disk_full", *words))
            return
        time.sleep(self.options.pace)
        Path(request.path).write_text("a report", encoding="utf-8")
        self.send(protocol.Done(request.id, path=request.path))

    # --- models -----------------------------------------------------------------------------

    def about_models(self, request: protocol.ModelRequest) -> None:
        if isinstance(request, protocol.ListModels):
            self.send(self.shelf.done(request.id))
            return
        size = 1_552_463_168
        stage = {
            protocol.ImportModels: "import",
            protocol.ExportModels: "export",
        }.get(type(request), "verify")
        for step in range(11):
            if request.id in self.cancelled and self.options.behave != "stall":
                self.send(protocol.CancelledEvent(request.id))
                return
            self.send(protocol.Progress(request.id, stage, size * step // 10, size))
            time.sleep(self.options.pace)
            if step == 5 and self.options.behave == "stall":
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                time.sleep(3600)
        if self.options.behave == "fail":
            words = ("A file of the model is not what was installed.", "Install it again.")
            if isinstance(request, protocol.VerifyModels):
                self.shelf.put(request.names[0], "damaged")
            self.send(protocol.Failed(request.id, "model_damaged", *words))
            return
        self.shelf.change(request)
        self.send(self.shelf.done(request.id))

    # --- answers ----------------------------------------------------------------------------

    def comparison(self) -> Comparison:
        if self._comparison is None:
            text = Path(self.options.comparison).read_bytes()
            self._comparison = msgspec.json.decode(text, type=Comparison)
        return self._comparison

    def entries(self) -> Iterator[protocol.ComparisonEntry]:
        if self.options.ephemeral or not self.options.comparison:
            return
        one = self.comparison()
        significant = one.verdict.significant_a + one.verdict.significant_b
        rows = [
            (one.id, one.created, one.a.label, one.b.label, one.a.compared, one.b.compared,
             str(one.verdict.outcome), significant),
            ("b" * 32, "2026-11-22T16:20:00Z", "Clinic scans 2019", "Clinic scans 2024", 4812,
             5109, "differ", 14),
            ("c" * 32, "2026-11-16T08:05:00Z", "first half", "second half", 600, 600,
             "no_difference", 0),
        ]  # fmt: skip
        for row in rows:
            if row[0] not in self.forgotten:
                yield protocol.ComparisonEntry(*row)

    def checks(self) -> tuple[dict[str, object], ...]:
        layers = [name for name in self.options.lock.split(",") if name]
        return (
            {
                "name": "Network lock",
                "ok": bool(layers),
                "text": ", ".join(layers) or "no layer holds",
                "hint": "" if layers else "Allow user namespaces on this system.",
            },
            {"name": "Attempt: TCP socket", "ok": True, "text": "refused (ENETUNREACH)",
             "hint": ""},
            {"name": "Data folder", "ok": True, "text": "kept in memory, 1.2 MB used", "hint": ""},
            {"name": "Free space", "ok": True, "text": "41.7 GB free", "hint": ""},
            {"name": "Image formats", "ok": False, "text": "without HEIC",
             "hint": "Install Twofold again with its pinned versions."},
        )  # fmt: skip


def walk(source: protocol.SetSource) -> Iterator[tuple[Path, str]]:
    """Each file of a side, and the direct subfolder it lies in ("" for none)."""
    for name in source.paths:
        root = Path(name)
        if root.is_file():
            yield root, ""
            continue
        found = sorted(root.rglob("*") if source.recursive else root.iterdir())
        for path in found:
            if path.is_file():
                parts = path.relative_to(root).parts
                yield path, parts[0] if len(parts) > 1 else ""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--behave", choices=BEHAVIOURS, default="ok")
    parser.add_argument("--comparison", default="", help="a Comparison as JSON")
    parser.add_argument("--pictures", default="", help="folder of <content id>.jpg")
    parser.add_argument("--journal", default="", help="file for every request received")
    parser.add_argument("--mark", default="", help="see die-once")
    parser.add_argument("--lock", default="namespace,seccomp,audit")
    parser.add_argument("--recipes", default="measured", help="usable ones, best first")
    parser.add_argument("--models", default="/nowhere/models", help="see model_shelf.py")
    parser.add_argument("--pace", type=float, default=0.0, help="seconds a step of a comparison")
    parser.add_argument("--hold", action="store_true", help="stop short of the end, and wait")
    parser.add_argument("--data-dir", default="")
    parser.add_argument("--ephemeral", action="store_true")
    Fake(parser.parse_args()).serve()


if __name__ == "__main__":
    main()
