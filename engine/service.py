"""What the engine can be asked for, and how each request is answered.

Joins the pipeline, the store, the report and the workers. Knows no pipe and no thread.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import blake3
import msgspec

from engine import __version__, doctor, protocol, service_models
from engine.errors import InputError, ProtocolMismatch
from engine.estimate import Estimate
from engine.images.scan import FileEntry, Listing, scan_paths
from engine.job import JobControl
from engine.pipeline import Run, compare
from engine.protocol import (
    Compare,
    Doctor,
    Done,
    Event,
    Export,
    ExportModels,
    FindingEvent,
    Forget,
    Hello,
    ImportModels,
    Job,
    ListComparisons,
    ListModels,
    Open,
    Peek,
    PeekAnswer,
    Progress,
    RemoveModel,
    Request,
    Rerun,
    SkippedEvent,
    Thumbnails,
    UseModel,
    VerifyModels,
    Welcome,
)
from engine.reading import file_key
from engine.recipe import Recipe, offered_recipes
from engine.storage.paths import Place, data_place, ephemeral_place
from engine.storage.store import Store
from engine.vocabulary import Comparison, Finding, Side, Skipped
from engine.weights.manifest import load_manifest
from engine.weights.shelf import OWN, Shelf, models_root
from engine.workers.pool import WorkerPool

PROGRESS_EVERY_S = 0.1  # at most ten times a second
Send = Callable[[Event], None]


@dataclass(slots=True)
class _Facts:
    """Passes facts of the pipeline on to the wire."""

    id: str
    send: Send

    def skipped(self, side: Side, item: Skipped) -> None:
        self.send(SkippedEvent(self.id, str(side), item))

    def finding(self, finding: Finding) -> None:
        self.send(FindingEvent(self.id, finding))


@dataclass(slots=True)
class Service:
    """One data folder, one pool of workers, any number of requests one after another."""

    place: Place
    store: Store
    shelf: Shelf
    network_lock: tuple[str, ...]
    ephemeral: bool
    _stack: ExitStack
    _pool: WorkerPool | None = None
    _pool_limits: tuple[int, float] = (0, 0.0)
    _glimpses: dict[str, Path] = field(default_factory=dict)

    @classmethod
    def open(
        cls, data_dir: Path | None, *, ephemeral: bool, network_lock: tuple[str, ...]
    ) -> Service:
        """Raises StorageError when the data folder cannot be used."""
        stack = ExitStack()
        place = stack.enter_context(ephemeral_place() if ephemeral else data_place(data_dir))
        store = stack.enter_context(Store.open(place))
        root = models_root(data_dir)  # models outlast an engine that keeps nothing else
        shelf = Shelf(root, load_manifest(root / OWN))
        return cls(place, store, shelf, network_lock, ephemeral, stack)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.close()
        self._stack.close()

    # --- frame ----------------------------------------------------------------------------

    def welcome(self, hello: Hello) -> Event:
        if hello.protocol != protocol.PROTOCOL:
            error = ProtocolMismatch(
                "The window and the engine are of different versions.",
                "Install Twofold again so that both come from one version.",
            )
            return protocol.Failed("", error.code, error.message, error.hint)
        offered = tuple(offered_recipes(self.shelf.has))
        return Welcome(protocol.PROTOCOL, __version__, self.network_lock, self.ephemeral, offered)

    def control(self, request_id: str, send: Send) -> JobControl:
        """A job's control whose progress goes out at most ten times a second."""
        estimate = Estimate()
        last = ("", 0.0)

        def progress(stage: str, done: int, total: int) -> None:
            nonlocal last
            now = time.monotonic()
            due = stage != last[0] or now - last[1] >= PROGRESS_EVERY_S or 0 < total == done
            if due:
                last = (stage, now)
                remaining = estimate.update(now, stage, done, total)
                send(Progress(request_id, stage, done, total, remaining))

        return JobControl(progress, estimate.plan)

    def answer(self, request: Request, control: JobControl, send: Send) -> Event:
        """Raises TwofoldError or Cancelled."""
        match request:
            case Compare(id=request_id, job=job):
                return Done(request_id, comparison=self._compare(request_id, job, control, send))
            case Rerun(id=request_id, comparison=name):
                job = msgspec.json.decode(self.store.request(name), type=Job)
                return Done(request_id, comparison=self._compare(request_id, job, control, send))
            case Peek():
                return self._peek(request, control, send)
            case Open(id=request_id, comparison=name):
                return Done(request_id, comparison=self.store.load(name))
            case ListComparisons(id=request_id):
                return Done(request_id, entries=tuple(self.store.entries()))
            case Forget(id=request_id, comparison=name):
                forgotten = self.store.forget_all() if name == "*" else self.store.forget(name)
                return Done(request_id, forgotten=forgotten)
            case Export():
                return self._export(request, control)
            case Thumbnails(id=request_id, comparison=name, content_ids=ids):
                return Done(request_id, thumbnails=self._thumbnails(name, ids, control))
            case Doctor(id=request_id):
                checks = doctor.checks(self.place, self.store, self.shelf, self.pool)
                return Done(request_id, checks=checks)
            case (
                ListModels()
                | VerifyModels()
                | RemoveModel()
                | ImportModels()
                | ExportModels()
                | UseModel()
            ):
                return service_models.answer(request, self.shelf, control)
            case _:
                raise InputError("The engine does not know this request.", "")

    # --- requests -------------------------------------------------------------------------

    def _compare(self, request_id: str, job: Job, control: JobControl, send: Send) -> Comparison:
        facts = _Facts(request_id, send)
        run = Run(self.store, self.shelf, self._pool_for, control, facts, self.network_lock)
        return compare(job, run)

    def _peek(self, request: Peek, control: JobControl, send: Send) -> Event:
        source = request.source
        listing = scan_paths(
            source.paths, recursive=source.recursive, label=source.label, job=control
        )
        answer = _glimpse(request.id, listing)
        send(answer)
        wanted = {
            file: self._glimpse_path(file) for file in _spread(listing.files, request.thumbnails)
        }
        missing = [(file.path, path) for file, path in wanted.items() if not path.exists()]
        for _ in self.pool().thumbnails(missing, control) if missing else ():
            pass
        made = tuple(str(path) for path in wanted.values() if path.exists())
        send(msgspec.structs.replace(answer, thumbnails=made))
        return Done(request.id)

    def _glimpse_path(self, file: FileEntry) -> Path:
        """Thumbnails of files that may never be compared live only as long as the engine."""
        if "folder" not in self._glimpses:
            folder = tempfile.TemporaryDirectory(prefix="peek-", dir=self.place.session_dir)
            self._glimpses["folder"] = Path(self._stack.enter_context(folder))
        key = msgspec.json.encode(file_key(file))
        return self._glimpses["folder"] / f"{blake3.blake3(key).hexdigest(length=16)}.jpg"

    def _export(self, request: Export, control: JobControl) -> Event:
        from engine.report.export import export, images_shown

        comparison = self.store.load(request.comparison)
        control.progress("report", 0, 1)
        thumbnails: Mapping[str, str] = {}
        if request.options.thumbnails != "none" and request.format in ("pdf", "html"):
            shown = images_shown(comparison, request.options)
            thumbnails = self._thumbnails(comparison.id, shown, control)
        export(
            comparison,
            request.format,
            Path(request.path),
            request.options,
            {content_id: Path(path) for content_id, path in thumbnails.items()},
        )
        control.progress("report", 1, 1)
        return Done(request.id, path=request.path)

    def _thumbnails(
        self, comparison: str, content_ids: Iterable[str], control: JobControl
    ) -> dict[str, str]:
        """Made now where they are missing; images that are gone have none."""
        wanted = {content_id: self.store.thumbnail_path(content_id) for content_id in content_ids}
        missing = [content_id for content_id, path in wanted.items() if not path.exists()]
        if missing:
            paths = self.store.member_paths(comparison, missing)
            work = [
                (paths[content_id], wanted[content_id])
                for content_id in missing
                if content_id in paths
            ]
            # an image that was replaced since must not appear under the old one's name
            pictures = self.pool().thumbnails(work, control, named_by_content=True)
            for done, _ in enumerate(pictures, 1):
                control.progress("report", done, len(work))
        return {content_id: str(path) for content_id, path in wanted.items() if path.exists()}

    # --- workers --------------------------------------------------------------------------

    def pool(self) -> WorkerPool:
        return self._pool_for(Recipe())

    def _pool_for(self, recipe: Recipe) -> WorkerPool:
        limits = (recipe.pixel_limit, recipe.timeout_s)
        if self._pool is None or limits != self._pool_limits:
            if self._pool is not None:
                self._pool.close()
            self._pool = WorkerPool(pixel_limit=recipe.pixel_limit, timeout_s=recipe.timeout_s)
            self._pool_limits = limits
        return self._pool


def _glimpse(request_id: str, listing: Listing) -> PeekAnswer:
    formats: dict[str, int] = {}
    for file in listing.files:
        suffix = Path(file.name).suffix.lstrip(".").upper()
        formats[suffix] = formats.get(suffix, 0) + 1
    return PeekAnswer(
        id=request_id,
        images=len(listing.files),
        size_bytes=sum(file.size_bytes for file in listing.files),
        formats=dict(sorted(formats.items(), key=lambda pair: -pair[1])),
        other_files=listing.other_files,
        subfolders=listing.subfolders,
        skipped=tuple(listing.skipped),
        thumbnails=(),
        captions=sum(1 for file in listing.files if file.sidecar or file.caption),
    )


def _spread(files: list[FileEntry], count: int) -> list[FileEntry]:
    """count files evenly over the list, so that a strip shows the whole folder."""
    if len(files) <= count or count <= 0:
        return files[: max(count, 0)]
    return [files[i * len(files) // count] for i in range(count)]
