"""Where things are kept: the user's data folder, or a folder that leaves nothing behind.

Makes folders, private to the user, and removes its own temporary ones. Opens no database.
"""

from __future__ import annotations

import os
import shutil
import string
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import platformdirs

from engine.errors import DataFolderReadOnly
from engine.storage.problems import of_system
from engine.storage.session import SessionFolder, sweep

DATA_VARIABLE = "TWOFOLD_DATA"  # environment variable that names the data folder
_ENOUGH_BYTES = 512 * 1024 * 1024  # free memory-backed space; with less, a folder on disk is used
_CONTENT_ID_DIGITS = 32


@dataclass(frozen=True, slots=True)
class Place:
    """A folder for everything that is kept, and one for what ends with this process.

    Closing removes `session_dir`; of an ephemeral place that is the whole.
    """

    root: Path
    ephemeral: bool  # True: nothing is left after close
    in_memory: bool  # True: root lies in a file system that is held in memory
    session: SessionFolder

    @property
    def database(self) -> Path:
        return self.root / "twofold.sqlite3"

    @property
    def thumbnails(self) -> Path:
        return self.root / "thumbnails"

    @property
    def vectors(self) -> Path:
        return self.root / "vectors"

    @property
    def session_dir(self) -> Path:
        """For files that nobody needs after this process."""
        return self.session.path

    def thumbnail_path(self, content_id: str) -> Path:
        """Where the thumbnail of an image belongs. Its folder exists; the file may not.

        content_id: 32 hex digits; ValueError for anything else, for it becomes a path.
        Raises StorageError when the folder cannot be made.
        """
        if len(content_id) != _CONTENT_ID_DIGITS or not set(content_id) <= set(string.hexdigits):
            raise ValueError("a content id has 32 hexadecimal digits")
        folder = self.thumbnails / content_id[:2].lower()
        _make_private(self.thumbnails)
        _make_private(folder)
        return folder / f"{content_id.lower()}.jpg"

    def close(self) -> None:
        """Removes what was for this process only; a second call does nothing."""
        self.session.remove()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def data_place(data_dir: Path | None = None) -> Place:
    """The lasting place: data_dir, else what TWOFOLD_DATA names, else the user's data folder.

    Made if it is missing, with access for the user alone. Raises StorageError.
    """
    named = os.environ.get(DATA_VARIABLE)
    chosen = data_dir or (Path(named) if named else None)
    root = (chosen or platformdirs.user_data_path("Twofold", appauthor=False)).absolute()
    _make_private(root)
    if chosen is None and sys.platform != "win32" and root.stat().st_mode & 0o077:
        with suppress(OSError):  # a folder the user chose stays as open as it is
            root.chmod(0o700)
    sessions = root / "sessions"
    _make_private(sessions)
    sweep([sessions, *_temporary_bases()])
    return Place(root, ephemeral=False, in_memory=False, session=_new_session(sessions))


def ephemeral_place() -> Place:
    """A place that leaves nothing behind: in memory where the system has a folder for that.

    Removed on close; should this process be killed, the next start of Twofold removes it. What
    is held in memory may still be written to the system's swap space. Raises StorageError.
    """
    sweep(_temporary_bases())
    for base in _memory_bases():
        try:
            if shutil.disk_usage(base).free >= _ENOUGH_BYTES:
                session = SessionFolder.create(base)
                return Place(session.path, ephemeral=True, in_memory=True, session=session)
        except OSError:
            continue
    session = _new_session(Path(tempfile.gettempdir()))
    return Place(session.path, ephemeral=True, in_memory=False, session=session)


def _new_session(base: Path) -> SessionFolder:
    try:
        return SessionFolder.create(base)
    except OSError as error:
        known = of_system(error, base)
        if known is None:
            raise
        raise known from error


def _make_private(folder: Path) -> None:
    """Makes the folder with mode 0700, and those above it that are missing."""
    if folder.is_dir():
        return
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise DataFolderReadOnly(
            f"The data folder “{folder}” cannot be made: a file stands in its place.",
            "Move that file away, or choose another data folder with --data-dir.",
        ) from None
    except OSError as error:
        known = of_system(error, folder)
        if known is None:
            raise
        raise known from error


def _temporary_bases() -> list[Path]:
    """Every folder in which an ephemeral place may have been made."""
    return [*_memory_bases(), Path(tempfile.gettempdir())]


def _memory_bases() -> Iterator[Path]:
    """Folders that are held in memory and that this user may write to."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    for name in ("/dev/shm", runtime):
        base = Path(name)
        if name and os.access(base, os.W_OK | os.X_OK) and _file_system(base) in _MEMORY_KINDS:
            yield base


_MEMORY_KINDS = frozenset({"tmpfs", "ramfs"})


def _file_system(folder: Path) -> str:
    """The kind of the file system a folder lies in, on Linux; "" where that is not known."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
        real = folder.resolve()
    except OSError:
        return ""
    best, kind = -1, ""
    for line in mounts.splitlines():
        _, point, found, *_ = line.split(" ", 3)
        # A later mount on the same point lies on top of an earlier one.
        if real.is_relative_to(point) and len(point) >= best:
            best, kind = len(point), found
    return kind
