"""Which files of the shelf lie where, and how a model comes to stand on it.

    ROOT/NAME/…          the files of a model, or links to them, and nothing else
    ROOT/locks/NAME.json what was installed; written last, removed first
    ROOT/own/NAME.toml   manifest entries of the user's own models
    ROOT/.partial/NAME/  files that are being fetched or copied

A model appears in one step, with all its files; whether they are right is decided before.
Every function may raise StorageError or NoPermission.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from engine.errors import ModelDamaged
from engine.weights.disk import explained, flush_file, flush_folder, make_private, remove_tree
from engine.weights.hashing import Hashed
from engine.weights.headers import REINSTALL
from engine.weights.identity import Identity
from engine.weights.lock_file import Lock, LockedFile, read_lock, write_lock

OWN = "own"
LOCKS = "locks"
PARTIAL = ".partial"


@dataclass(frozen=True, slots=True)
class Layout:
    root: Path

    def folder(self, name: str) -> Path:
        return self.root / name

    def staging(self, name: str) -> Path:
        return self.root / PARTIAL / name

    def ready(self, name: str) -> Path:
        """Where a model stands together before it appears on the shelf."""
        return self.root / PARTIAL / f".ready-{name}"

    def own(self, name: str) -> Path:
        return self.root / OWN / f"{name}.toml"

    def lock_path(self, name: str) -> Path:
        return self.root / LOCKS / f"{name}.json"

    def lock(self, name: str) -> Lock | None:
        """What was installed of a model; None: nothing that counts."""
        lock = read_lock(self.lock_path(name))
        return lock if lock is not None and lock.name == name else None

    def keep(self, lock: Lock) -> None:
        with explained(self.root):
            make_private(self.root / LOCKS)
            write_lock(self.lock_path(lock.name), lock)

    def unlock(self, name: str) -> None:
        """From now on the model is not installed."""
        with explained(self.root):
            self.lock_path(name).unlink(missing_ok=True)
            flush_folder(self.root / LOCKS)

    def put_files(self, lock: Lock, folder: Path, hashed: Mapping[str, Hashed]) -> None:
        """Moves files out of `folder`, on the same disk, and writes the lock last."""
        self._appear(lock, hashed, lambda name, to: _move(folder / name, to), {})

    def put_links(
        self, lock: Lock, files: Mapping[str, Path], hashed: Mapping[str, Hashed]
    ) -> None:
        """Links to files that stay where they are. files: name -> real path."""
        origins = {name: str(path) for name, path in files.items()}
        self._appear(lock, hashed, lambda name, to: _link(to, files[name]), origins)

    def _appear(
        self,
        lock: Lock,
        hashed: Mapping[str, Hashed],
        bring: Callable[[str, Path], None],
        origins: Mapping[str, str],
    ) -> None:
        ready, target = self.ready(lock.name), self.folder(lock.name)
        with explained(self.root):
            make_private(self.root)
            make_private(self.root / PARTIAL)
            remove_tree(ready)
            make_private(ready)
            for name in hashed:
                (ready / name).parent.mkdir(parents=True, exist_ok=True)
                bring(name, ready / name)
            files = tuple(
                _locked(name, ready / name, hashed[name], origins.get(name, "")) for name in hashed
            )
            self.unlock(lock.name)
            remove_tree(target)
            ready.replace(target)
            flush_folder(self.root)
            self.keep(msgspec.structs.replace(lock, files=files))

    def recover(self, name: str) -> Path:
        """The staging folder, made if need be, with all that earlier tries left of a model."""
        staging = self.staging(name)
        with explained(self.root):
            make_private(self.root)
            make_private(self.root / PARTIAL)
            make_private(staging)
            for left in (self.folder(name), self.ready(name)):
                _move_back(left, staging)
        return staging

    def clear(self, name: str) -> None:
        """Removes a model and what earlier tries left of it. Links are never followed."""
        self.unlock(name)
        with explained(self.root):
            for folder in (self.folder(name), self.staging(name), self.ready(name)):
                remove_tree(folder)

    def size_on_disk(self, name: str) -> int:
        """Bytes of the files that lie here of a model, complete or not."""
        return sum(
            path.lstat().st_size
            for folder in (self.folder(name), self.staging(name), self.ready(name))
            if folder.is_dir()
            for path in folder.rglob("*")
            if path.is_file() and not path.is_symlink()
        )


def _locked(name: str, path: Path, hashed: Hashed, origin: str) -> LockedFile:
    """Raises ModelDamaged when the file is not the one that was hashed."""
    found = Identity.at(path)
    # A move, and a second name for a file, set the time of its last change of state.
    if found is None or not found.same_content(hashed.identity):
        raise ModelDamaged(f"“{name}” was changed while it was installed.", REINSTALL)
    return LockedFile(
        path=name,
        size_bytes=found.size_bytes,
        sha256=hashed.sha256,
        identity=found,
        origin=origin,
    )


def _move(source: Path, target: Path) -> None:
    flush_file(source)  # or a loss of power could leave the lock and not what it speaks of
    source.replace(target)


def _link(link: Path, target: Path) -> None:
    """A symbolic link; a second name for the file where the system forbids those."""
    try:
        link.symlink_to(target)
    except OSError:
        os.link(target, link)


def _move_back(source: Path, staging: Path) -> None:
    if source.is_dir() and not source.is_symlink():
        for path in sorted(source.rglob("*")):
            target = staging / path.relative_to(source)
            if path.is_file() and not path.is_symlink() and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)
    remove_tree(source)
