"""Walks folders and collects image files. Opens none of them; decides nothing about sides.

The suffix is tested before anything is asked of the disk, and each image costs one stat.
"""

# Paths stay strings here, see names.py.
# ruff: noqa: PTH116, PTH118, PTH119

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec

from engine.errors import SKIP_REASONS
from engine.images.formats import SUFFIXES, has_suffix
from engine.images.links import Target, is_link, resolve
from engine.images.listing import FileEntry
from engine.images.names import shown
from engine.images.sidecars import SIDECAR_SUFFIXES, sidecar_name, texts_in
from engine.job import JobControl
from engine.vocabulary import Skipped

ON_WINDOWS = sys.platform == "win32"
PROGRESS_EVERY_S = 0.1
TICK_ENTRIES = 32  # entries between two looks at the clock

#: left behind by systems: Windows, Synology (thumbnails named like images), macOS archives
_LEFTOVERS = frozenset(("thumbs.db", "desktop.ini", "@eadir", "__macosx"))


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder to be listed, and how what lies in it is called."""

    real: str  # real path on disk
    root: str  # as shown
    prefix: str  # as shown: "" or a relative path that ends with a slash
    exact: bool  # whether root/prefix + a name of plain Unicode opens the same file

    def below(self, name: str) -> _Folder:
        called = shown(name)
        return _Folder(
            os.path.join(self.real, name),
            self.root,
            f"{self.prefix}{called}/",
            self.exact and called == name,
        )

    def entry(
        self, name: str, found: os.stat_result, sidecar: str = "", target: str = ""
    ) -> FileEntry:
        """name: on disk. target: real path of what a link leads to."""
        called = name if name.isascii() else shown(name)
        if not target and not (self.exact and called == name):
            target = os.path.join(self.real, name)
        return FileEntry(
            self.root,
            self.prefix + called,
            found.st_size,
            found.st_mtime_ns,
            found.st_ctime_ns,
            found.st_ino,
            found.st_dev,
            "",
            sidecar and shown(sidecar),
            target,
        )


class Walk:
    """The state of one scan. files and skipped come in no particular order."""

    def __init__(self, chosen: Iterable[str], *, recursive: bool, job: JobControl) -> None:
        """chosen: real paths of the folders within which links may be followed."""
        self.files: list[FileEntry] = []
        self.skipped: list[Skipped] = []
        self.other_files = 0
        self.subfolders: set[str] = set()  # direct ones that hold images
        self._chosen = tuple(chosen)
        self._recursive = recursive
        self._job = job
        self._listed: set[str] = set()  # real paths of folders
        self._ranges: list[tuple[str, int, int]] = []  # real folder, its part of `files`
        self._taken: set[str] | None = None  # real paths of `files`, once they are needed
        self._texts: dict[str, dict[str, str]] = {}  # real folder -> its text files
        self._used: set[tuple[str, str]] = set()  # real folder and text that an image has
        self._linked_files: list[tuple[_Folder, str, Target]] = []
        self._linked_folders: list[tuple[_Folder, Target]] = []
        self._reported_s = time.monotonic()

    def folder(self, path: str) -> None:
        """Lists a chosen folder and, if asked to, everything below it. Raises OSError."""
        top = _Folder(os.path.realpath(path), shown(path), "", shown(path) == path)
        self._descend(top, may_fail=False)

    def follow_links(self) -> None:
        """Lists what links lead to, as far as it was not listed where it lies."""
        while self._linked_folders:
            place, target = self._linked_folders.pop(0)
            self._descend(_Folder(target.path, place.root, place.prefix, exact=False))
        links = sorted(self._linked_files, key=lambda link: (link[0].prefix, link[1], link[0].root))
        for place, name, target in links:
            if target.stat is not None:
                self._add_single(place, name, target.stat, target.path)

    def single_file(self, path: str, found: os.stat_result) -> None:
        """Takes a file that was chosen by itself; if it is a link, that is followed.

        Comes after folder and follow_links, so that nothing they found is taken twice.
        """
        folder, name = os.path.split(path)
        place = _Folder(os.path.realpath(folder), shown(folder), "", shown(folder) == folder)
        if stat.S_ISREG(found.st_mode):
            self._add_single(place, name, found, os.path.realpath(path))
        else:
            self._skip(place, name, "special_file")

    def _descend(self, top: _Folder, *, may_fail: bool = True) -> None:
        pending = [top]
        while pending:
            folder = pending.pop()
            key = os.path.normcase(folder.real)
            if key in self._listed:
                continue
            self._listed.add(key)
            try:
                with _entries(folder.real) as entries:
                    below = self._list(folder, entries)
            except OSError as error:
                if folder is top and not may_fail:
                    raise
                self._skip(folder, "", _code(error, denied="unreadable_folder"))
            else:
                pending.extend(sorted(below, key=lambda inner: inner.real, reverse=True))

    def _list(self, folder: _Folder, entries: Iterable[os.DirEntry[str]]) -> list[_Folder]:
        first = len(self.files)
        texts: dict[str, str] = {}
        below: list[_Folder] = []
        for count, entry in enumerate(entries):
            if count % TICK_ENTRIES == 0:
                self._tick()
            name = entry.name
            if name[0] == "." or (ON_WINDOWS and is_hidden(entry)):
                continue
            # has_suffix, written out for the sake of the many
            if name[name.rfind(".") :].lower() in SUFFIXES and entry.is_file(follow_symlinks=False):
                self._add(folder, entry)
            elif is_hidden(entry):
                continue
            elif is_link(entry):
                self._link(folder, name)
            elif entry.is_dir(follow_symlinks=False):
                if self._recursive:
                    below.append(folder.below(name))
            elif has_suffix(name):
                self._skip(folder, name, "special_file")
            else:
                self.other_files += 1
                if name.lower().endswith(SIDECAR_SUFFIXES):
                    texts[name.lower()] = name
        self._finish(folder, first, texts)
        return below

    def _finish(self, folder: _Folder, first: int, texts: dict[str, str]) -> None:
        """Once a folder is listed; its files are those from the first on."""
        self._texts[folder.real] = texts
        if len(self.files) > first:
            self._ranges.append((folder.real, first, len(self.files)))
            if folder.prefix:
                self.subfolders.add(folder.prefix.split("/", 1)[0])
            if texts:
                self._join_sidecars(folder, first, texts)

    def _add(self, folder: _Folder, entry: os.DirEntry[str]) -> None:
        try:
            # Windows leaves device and inode out of what a folder says of its files
            found = os.stat(entry.path) if ON_WINDOWS else entry.stat(follow_symlinks=False)
        except OSError as error:
            self._skip(folder, entry.name, _code(error, denied="no_permission"))
        else:
            self.files.append(folder.entry(entry.name, found))

    def _join_sidecars(self, folder: _Folder, first: int, texts: dict[str, str]) -> None:
        """Gives each file of a folder the text beside it; one text may serve several."""
        for i in range(first, len(self.files)):
            file = self.files[i]
            name = os.path.basename(file.disk_path or file.name)
            if sidecar := sidecar_name(name, texts):
                self.files[i] = msgspec.structs.replace(file, sidecar=shown(sidecar))
                self._use(folder, sidecar)

    def _use(self, folder: _Folder, sidecar: str) -> None:
        """A text that belongs to an image is no other file, if it was counted as one."""
        key = (folder.real, sidecar)
        if key not in self._used and os.path.normcase(folder.real) in self._listed:
            self._used.add(key)
            self.other_files -= 1

    def _link(self, folder: _Folder, name: str) -> None:
        target = resolve(os.path.join(folder.real, name), self._chosen)
        if target.is_folder:
            if self._recursive and target.code:
                self._skip(folder, name, target.code)
            elif self._recursive:
                self._linked_folders.append((folder.below(name), target))
        elif not has_suffix(name):
            self.other_files += 1
        elif target.code:
            self._skip(folder, name, target.code)
        elif target.is_file:
            self._linked_files.append((folder, name, target))
        else:
            self._skip(folder, name, "special_file")

    def _add_single(self, place: _Folder, name: str, found: os.stat_result, real: str) -> None:
        """Adds one file, by the name it was found under, unless it is on the list already."""
        taken = self._real_paths()
        key = os.path.normcase(real)
        if key in taken:
            return
        taken.add(key)
        if place.real not in self._texts:
            self._texts[place.real] = texts_in(place.real)
        if sidecar := sidecar_name(name, self._texts[place.real]):
            self._use(place, sidecar)
        is_linked = key != os.path.normcase(os.path.join(place.real, name))
        self.files.append(place.entry(name, found, sidecar, real if is_linked else ""))
        if place.prefix:
            self.subfolders.add(place.prefix.split("/", 1)[0])

    def _real_paths(self) -> set[str]:
        if self._taken is None:
            self._taken = {
                os.path.normcase(
                    file.disk_path or os.path.join(folder, file.name.rpartition("/")[2])
                )
                for folder, first, last in self._ranges
                for file in self.files[first:last]
            }
        return self._taken

    def _skip(self, folder: _Folder, name: str, code: str) -> None:
        relative = (folder.prefix + shown(name)).rstrip("/") or os.path.basename(folder.root)
        path = f"{folder.root}/{folder.prefix}{shown(name)}".rstrip("/")
        self.skipped.append(Skipped(path, relative, code, SKIP_REASONS[code]))

    def _tick(self) -> None:
        now_s = time.monotonic()
        if now_s - self._reported_s >= PROGRESS_EVERY_S:
            self._reported_s = now_s
            self._job.progress("scan", len(self.files), 0)


@contextmanager
def _entries(folder: str) -> Iterator[Iterator[os.DirEntry[str]]]:
    """What a folder holds. Through a descriptor where there is one: a stat is cheaper then."""
    if os.scandir not in os.supports_fd:
        with os.scandir(folder) as entries:
            yield entries
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_DIRECTORY", 0))
    try:
        with os.scandir(descriptor) as entries:
            yield entries
    finally:
        os.close(descriptor)


def is_hidden(entry: os.DirEntry[str]) -> bool:
    """Hidden files and folders, and what systems leave beside images."""
    if entry.name[0] == "." or entry.name.lower() in _LEFTOVERS:
        return True
    if sys.platform == "win32":
        attributes: int = entry.stat(follow_symlinks=False).st_file_attributes
        return bool(attributes & stat.FILE_ATTRIBUTE_HIDDEN)
    return False


def _code(error: OSError, *, denied: str) -> str:
    if isinstance(error, PermissionError):
        return denied
    return "vanished" if isinstance(error, FileNotFoundError) else "io_error"
