"""The shelf: where installed models stand, and that they are what was installed.

Implements engine.model_host.ModelShelf over a folder. Uses no network. One process may write at a
time; any number may read.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import platformdirs

from engine.errors import (
    ModelDamaged,
    ModelError,
    ModelMissing,
    NoPermission,
    StorageError,
)
from engine.job import JobControl
from engine.model import InstalledModel, ModelFile, ModelSpec, Role
from engine.weights import bundled, lock_file
from engine.weights.adopt import described
from engine.weights.disk import explained, make_private, remove_tree, write_whole
from engine.weights.fit import Fit, Room, fit
from engine.weights.hashing import Hashed, hash_files
from engine.weights.identity import Identity
from engine.weights.layout import OWN, Layout
from engine.weights.locate import locate
from engine.weights.lock_file import Damage, Lock
from engine.weights.manifest import Manifest
from engine.weights.manifest_file import parse_model, to_toml
from engine.weights.verify import (
    Learnt,
    check_hash,
    check_model,
    check_no_others,
    check_size,
    check_structure,
    remedy,
)

__all__ = ["OWN", "Learnt", "ModelState", "Shelf", "models_root"]

MODELS_VARIABLE = "TWOFOLD_MODELS"  # environment variable that names the models folder
DATA_VARIABLE = "TWOFOLD_DATA"  # and the one that names the data folder
IN_PLACE = "in place"


def models_root(data_dir: Path | None) -> Path:
    """Where models are kept: the same folder for every engine, also for one that keeps nothing.

    TWOFOLD_MODELS, else `models` in data_dir, TWOFOLD_DATA or the user's data folder.
    """
    if named := os.environ.get(MODELS_VARIABLE):
        return Path(named).absolute()
    data = os.environ.get(DATA_VARIABLE)
    chosen = data_dir or (Path(data) if data else None)
    return (chosen or platformdirs.user_data_path("Twofold", appauthor=False)).absolute() / "models"


@dataclass(frozen=True, slots=True)
class ModelState:
    """One model of the manifest, as it stands on this machine."""

    spec: ModelSpec
    state: str  # "installed", "in_place", "bundled", "partial", "damaged" or "missing"
    size_bytes: int  # on the disk; in place: of the files that are used
    revision: str  # commit of what is installed; "" if that is not known
    fit: Fit


class Shelf:
    def __init__(self, root: Path, manifest: Manifest) -> None:
        self.root = root
        self.manifest = manifest
        self._layout = Layout(root)

    # What there is

    def installed(self, name: str) -> InstalledModel:
        """Where a model lies. Looks at names and sizes only; `verify` reads the files.

        Raises UnknownModel, ModelMissing, or ModelDamaged when it is plainly not whole.
        """
        spec = self.manifest.model(name)
        lock = self._locked(spec)
        if lock is None and spec.bundled:
            raise bundled.lacking(spec)
        if lock is None:
            begun = self._layout.size_on_disk(name) > 0
            raise ModelMissing(
                f"{spec.title} is not installed{' completely' if begun else ''}.",
                f"Install it with “twofold models install {name}”, or bring its files in with "
                "“twofold models import FOLDER”.",
            )
        self._look(spec, lock)
        folder = self._folder(spec)
        return InstalledModel(
            spec=spec,
            folder=folder,
            files={file.path: folder / file.path for file in lock.files},
            revision=lock.revision,
            fingerprint=lock.fingerprint,
            in_place=lock.in_place,
            size_bytes=lock.size_bytes,
        )

    def has(self, name: str) -> bool:
        """Whether a model is known and was installed, be it whole or damaged."""
        spec = self.manifest.models.get(name)
        return spec is not None and self._locked(spec) is not None

    def hashes(self, name: str) -> dict[str, str]:
        """SHA-256 of every file of a model as it was installed; empty when it is not."""
        lock = self._locked(self.manifest.model(name))
        return {} if lock is None else {file.path: file.sha256 for file in lock.files}

    def states(self) -> list[ModelState]:
        """Every model of the manifest, in its order. Reads no model file."""
        room = Room.now()
        return [self._state(spec, room) for spec in self.manifest.models.values()]

    def _state(self, spec: ModelSpec, room: Room) -> ModelState:
        fits = fit(spec, room)
        try:
            model = self.installed(spec.name)
        except ModelMissing:
            size = self._layout.size_on_disk(spec.name)
            return ModelState(spec, "partial" if size else "missing", size, "", fits)
        except ModelDamaged:
            return ModelState(spec, "damaged", self._layout.size_on_disk(spec.name), "", fits)
        kind = "bundled" if spec.bundled else "in_place" if model.in_place else "installed"
        return ModelState(spec, kind, model.size_bytes, model.revision, fits)

    def _locked(self, spec: ModelSpec) -> Lock | None:
        return bundled.lock_of(spec) if spec.bundled else self._layout.lock(spec.name)

    def _folder(self, spec: ModelSpec) -> Path:
        return spec.bundled or self._layout.folder(spec.name)

    def _look(self, spec: ModelSpec, lock: Lock) -> None:
        """What can be seen without reading: which files, their sizes, and what was found before."""
        self._check_version(spec, lock)
        folder = self._folder(spec)
        for file in lock.files:
            check_size(spec, file.path, Identity.at(folder / file.path), file.size_bytes)
        if lock.damage is not None and lock.damage.identities == self._identities(spec, lock):
            raise ModelDamaged(lock.damage.message, remedy(spec))

    def _check_version(self, spec: ModelSpec, lock: Lock) -> None:
        """The manifest's word counts: it may have changed since the model was installed."""
        locked = {file.path: file.sha256 for file in lock.files}
        if set(locked) != {file.path for file in spec.files}:
            raise ModelDamaged(
                f"What is installed of {spec.title} belongs to another version of the manifest.",
                remedy(spec),
            )
        for file in spec.files:
            check_hash(spec, file.path, locked[file.path], file.sha256)

    def _identities(self, spec: ModelSpec, lock: Lock) -> tuple[Identity | None, ...]:
        folder = self._folder(spec)
        return tuple(Identity.at(folder / file.path) for file in lock.files)

    # That it is what was installed

    def verify(self, model: InstalledModel, job: JobControl, *, thorough: bool = False) -> None:
        """Raises ModelDamaged, ModelRefused or WrongModel unless every file is what was installed.

        Reads a file whole when anything about it changed since it was last read, or always when
        thorough; reports progress in bytes. Raises Cancelled, too.
        """
        spec = model.spec
        lock = self._locked(spec)
        if lock is None:
            raise ModelMissing(f"{spec.title} is no longer installed.", remedy(spec))
        check_no_others(spec, model.folder)
        try:
            fresh = self._read_again(spec, lock, job, thorough)
        except ModelError as error:
            # From now on it counts as damaged, so that installing it again mends it.
            damage = Damage(message=error.message, identities=self._identities(spec, lock))
            self._note(spec, msgspec.structs.replace(lock, damage=damage))
            raise
        if fresh != lock:
            self._note(spec, fresh)

    def _read_again(self, spec: ModelSpec, lock: Lock, job: JobControl, thorough: bool) -> Lock:
        self._check_version(spec, lock)
        folder = self._folder(spec)
        paths = {file.path: folder / file.path for file in lock.files}
        changed = {}
        for file in lock.files:
            identity = Identity.at(paths[file.path])
            check_size(spec, file.path, identity, file.size_bytes)
            if thorough or lock.damage is not None or identity != file.identity:
                changed[file.path] = paths[file.path]
        hashed = hash_files(changed, job) if changed else {}
        for file in lock.files:
            if file.path in hashed:
                check_hash(spec, file.path, hashed[file.path].sha256, file.sha256)
        check_structure(spec, paths, job)
        files = tuple(
            msgspec.structs.replace(file, identity=hashed[file.path].identity)
            if file.path in hashed
            else file
            for file in lock.files
        )
        return msgspec.structs.replace(lock, files=files, damage=None)

    def _note(self, spec: ModelSpec, lock: Lock) -> None:
        """Keeps what was found, where that may be written; a shared folder may be read only."""
        if spec.bundled:
            return  # the manifest is its lock, and all of it is read at each load
        with suppress(StorageError, NoPermission):
            self._layout.keep(lock)

    # Putting models on it and taking them off

    def staging(self, model: ModelSpec | str) -> Path:
        """The private folder for a model's files while they are fetched or copied.

        Holds what earlier tries left. A model that is damaged is taken off the shelf, and its
        files lie here, too: those that are whole need not be fetched again.
        Raises InputError for a model that comes with Twofold.
        """
        spec = self.manifest.model(model) if isinstance(model, str) else model
        bundled.refuse_change(spec)
        lock = self._layout.lock(spec.name)
        if lock is not None:
            try:
                self._look(spec, lock)
            except ModelDamaged:
                self._layout.unlock(spec.name)
            else:
                with explained(self.root):
                    make_private(self._layout.staging(spec.name).parent)
                    return make_private(self._layout.staging(spec.name))
        return self._layout.recover(spec.name)

    def put(
        self,
        spec: ModelSpec,
        folder: Path,
        files: Mapping[str, Learnt],
        revision: str,
        source: str,
        job: JobControl | None = None,
    ) -> InstalledModel:
        """Moves a model's files out of `folder` onto the shelf, once all are found to be right.

        folder: on the shelf's own disk, such as `staging`. files: what the source said of each.
        Raises ModelDamaged, ModelRefused, WrongModel, StorageError or Cancelled; then nothing is
        installed, and the files stay where they are.
        """
        paths = {file.path: folder / file.path for file in spec.files}
        hashed = check_model(spec, paths, files, job or JobControl())
        return self.accept(spec, folder, hashed, revision, source)

    def accept(
        self,
        spec: ModelSpec,
        folder: Path,
        hashed: Mapping[str, Hashed],
        revision: str,
        source: str,
    ) -> InstalledModel:
        """Puts files on the shelf that `check_model` found to be right a moment ago."""
        self._layout.put_files(_lock(spec, revision, source), folder, hashed)
        if folder == self._layout.staging(spec.name):
            with explained(self.root):
                remove_tree(folder)
        return self.installed(spec.name)

    def use(
        self,
        path: Path,
        name: str,
        roles: Sequence[Role],
        projector: Path | None,
        job: JobControl,
    ) -> InstalledModel:
        """Uses a model where it lies: one of the manifest, or else one of the user's own.

        Raises ModelError, StorageError, InputError or Cancelled.
        """
        if name in self.manifest.models:
            return self.use_in_place(path, name, job, projector)
        return self.adopt(path, name, roles, projector, job)

    def use_in_place(
        self,
        path: Path,
        model: ModelSpec | str,
        job: JobControl | None = None,
        projector: Path | None = None,
    ) -> InstalledModel:
        """Uses a model of the manifest where it lies: a hub cache, LM Studio, a folder, a file.

        Its files are read whole once, checked, and never written, moved or removed.
        """
        spec = self.manifest.model(model) if isinstance(model, str) else model
        bundled.refuse_change(spec)
        found = locate(spec, path, projector)
        real = {name: file.resolve() for name, file in found.files.items()}
        hashed = check_model(spec, real, {}, job or JobControl())
        return self._link(spec, real, hashed, found.revision)

    def adopt(
        self,
        path: Path,
        name: str,
        roles: Sequence[Role] = (),
        projector: Path | None = None,
        job: JobControl | None = None,
        title: str = "",
    ) -> InstalledModel:
        """Uses a model that the manifest does not know, where it lies, under a name of your own.

        What kind it is is told from its files. Raises BadManifest when the name will not do.
        """
        spec, files = described(path, name, roles, projector, title, self.manifest)
        real = {file: where.resolve() for file, where in files.items()}
        hashed = check_model(spec, real, {}, job or JobControl())
        return self._link(self.enter(spec, hashed), real, hashed, "")

    def _link(
        self,
        spec: ModelSpec,
        files: Mapping[str, Path],
        hashed: Mapping[str, Hashed],
        revision: str,
    ) -> InstalledModel:
        lock = msgspec.structs.replace(_lock(spec, revision, IN_PLACE), in_place=True)
        self._layout.put_links(lock, files, hashed)
        return self.installed(spec.name)

    def enter(self, spec: ModelSpec, hashed: Mapping[str, Hashed]) -> ModelSpec:
        """Writes a model of the user's own into the manifest, with its sizes and hashes."""
        text = to_toml(filled(spec, hashed)).encode()
        entered = parse_model(text, f"The entry of “{spec.name}”", spec.name)
        with explained(self.root):
            make_private(self.root)
            make_private(self.root / OWN)
            write_whole(self._layout.own(spec.name), text)
        self.manifest.models[spec.name] = entered
        return entered

    def remove(self, name: str) -> None:
        """Takes a model off the shelf, with what earlier tries left of it.

        Files that belong to another program are left alone; an entry of the user's own goes, too.
        Raises UnknownModel, StorageError or NoPermission, and InputError for a model that comes
        with Twofold.
        """
        bundled.refuse_change(self.manifest.model(name))
        self._layout.clear(name)
        own = self._layout.own(name)
        if own.is_file():
            with explained(self.root):
                own.unlink()
            del self.manifest.models[name]


def filled(spec: ModelSpec, hashed: Mapping[str, Hashed]) -> ModelSpec:
    """The same model with the size and the hash of every file."""
    return replace(
        spec,
        files=tuple(
            ModelFile(
                path=file.path,
                size_bytes=hashed[file.path].identity.size_bytes,
                sha256=hashed[file.path].sha256,
            )
            for file in spec.files
        ),
    )


def _lock(spec: ModelSpec, revision: str, source: str) -> Lock:
    return Lock(name=spec.name, revision=revision, source=source, when=lock_file.now(), files=())
