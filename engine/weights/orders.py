"""From names of models to models on the shelf: ask, make room, fetch, check, put in place.

Nothing is fetched before it is known of every file of every model that it may be fetched, what
it must turn out to be, and that all of it fits on the disk. Decides nothing about processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from engine.errors import (
    InstallFailed,
    ModelDamaged,
    ModelMissing,
    ModelRefused,
    WrongModel,
)
from engine.model import ModelSpec
from engine.weights.contents import check_file, check_kind
from engine.weights.disk import explained, make_sure_it_fits, remove_tree
from engine.weights.fetch import Expected, Fetcher, Patience
from engine.weights.headers import refused
from engine.weights.hub import Hub, Lapse, Repository
from engine.weights.manifest import Manifest
from engine.weights.safe_names import path_fault
from engine.weights.shelf import Learnt, Shelf
from engine.weights.verify import expectations


class Report(Protocol):
    """Is told how far the fetching is, in bytes."""

    def begin(self, total: int) -> None: ...

    def received(self, size: int) -> None: ...

    def checked(self, size: int) -> None: ...

    def pause(self) -> None:
        """No more bytes will come for a while: all that came is to be told."""
        ...


@dataclass(frozen=True, slots=True)
class Order:
    """One model, and what its files must turn out to be."""

    spec: ModelSpec
    repository: Repository
    files: tuple[Expected, ...]  # in the order in which they are fetched

    @property
    def size_bytes(self) -> int:
        return sum(expected.file.size_bytes for expected in self.files)

    def missing_bytes(self, shelf: Shelf) -> int:
        """How much is still to be fetched, going by what an earlier try left."""
        folder = shelf.staging(self.spec.name)
        return sum(expected.missing_bytes(folder) for expected in self.files)


def install(
    names: Iterable[str],
    manifest: Manifest,
    shelf: Shelf,
    hub: Hub,
    patience: Patience,
    report: Report,
    log: Callable[[str], None],
) -> None:
    """Installs the models and packs of these names; those that are installed stay as they are.

    Raises UnknownModel, InstallFailed, ModelRefused, ModelDamaged, StorageError, Cancelled, and
    ModelMissing for one that should have come with Twofold and did not. Each model stands for
    itself: those that were finished before stay installed.
    """
    wanted = [spec for spec in named(names, manifest) if not _is_installed(shelf, spec)]
    orders = [_order(spec, hub, patience) for spec in wanted]
    with explained(shelf.root):
        make_sure_it_fits(shelf.root, sum(order.missing_bytes(shelf) for order in orders))
    report.begin(sum(order.size_bytes for order in orders))
    for order in orders:
        log(f"Fetching “{order.spec.name}” at {order.repository.commit}.")
        fetcher = Fetcher(hub, patience, report.received, report.checked, log)
        folder = shelf.staging(order.spec.name)
        try:
            with explained(shelf.root):
                learnt = _fetch(order, fetcher, folder)
            report.pause()
            commit = order.repository.commit
            shelf.put(order.spec, folder, learnt, commit, hub.address, patience.job)
        except (ModelRefused, WrongModel):
            remove_tree(folder)  # what is not wanted at all is not kept for the next time
            raise
        log(f"Installed “{order.spec.name}”.")


def _fetch(order: Order, fetcher: Fetcher, folder: Path) -> dict[str, Learnt]:
    """All files of a model, each looked at as soon as it is there. Raises OSError, too.

    The texts say what kind of model it is and which parts its weights have: they come first.
    """
    learnt: dict[str, Learnt] = {}
    places = {expected.file.path: expected.whole(folder) for expected in order.files}
    for expected in order.files:
        path = expected.file.path
        if is_weights(path) and not any(map(is_weights, learnt)):
            check_kind(order.spec, places, {})
        learnt[path] = fetcher.fetch(order.repository, expected, folder)
        check_file(places[path], path)
    return learnt


def named(names: Iterable[str], manifest: Manifest) -> list[ModelSpec]:
    """The models that names of models and packs stand for, each once. Raises UnknownModel."""
    models = [
        model
        for name in names
        for model in (manifest.packs[name].models if name in manifest.packs else (name,))
    ]
    return [manifest.model(name) for name in dict.fromkeys(models)]


def _is_installed(shelf: Shelf, spec: ModelSpec) -> bool:
    """Raises ModelMissing or ModelDamaged for a model that no hub could bring: Twofold's own."""
    try:
        shelf.installed(spec.name)
    except (ModelMissing, ModelDamaged):
        if spec.bundled:
            raise
        return False
    return True


def _order(spec: ModelSpec, hub: Hub, patience: Patience) -> Order:
    allowed(spec)
    if not spec.repository:
        raise InstallFailed(
            f"“{spec.title}” comes from no hub.",
            "Bring its files in with “twofold models import FOLDER”.",
        )
    while True:
        try:
            repository = hub.repository(spec.repository, spec.revision)
            break
        except Lapse as lapse:
            patience.bear(lapse)
    listed = [repository.file(wanted.path) for wanted in spec.files]
    told = {file.path: Learnt(file.size_bytes, file.sha256) for file in listed}
    settled = expectations(spec, told)
    files = (Expected(file, settled[file.path].sha256) for file in listed)
    texts_first = sorted(files, key=lambda one: (is_weights(one.file.path), one.file.size_bytes))
    return Order(spec, repository, tuple(texts_first))


def is_weights(path: str) -> bool:
    return path.lower().endswith((".safetensors", ".gguf"))


def allowed(spec: ModelSpec) -> None:
    """Raises ModelRefused when a file that is named could run code, or lie elsewhere."""
    for file in spec.files:
        if fault := path_fault(file.path):
            raise refused(file.path, f"it {fault}")
