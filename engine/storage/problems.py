"""Turns what the system and SQLite say into the few errors a person can do something about.

What is none of these (a programming mistake) passes unchanged.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile

from engine.errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseNewer,
    DataFolderReadOnly,
    DiskFailed,
    DiskFull,
    StorageError,
)

_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})

_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT})
_READ_ONLY = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM})
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})

_TRIAL_BYTES = 256 * 1024  # more than SQLite asks for at a time


@contextmanager
def explained(database: Path) -> Iterator[None]:
    """Raises StorageError in the place of an OSError or an sqlite3.Error it can explain.

    database: the file that is worked on.
    """
    try:
        yield
    except OSError as error:
        known = of_system(error, database.parent)
        if known is None:
            raise
        raise known from error
    except sqlite3.Error as error:
        known = _of_sqlite(error, database)
        if known is None:
            raise
        raise known from error


def of_system(error: OSError, folder: Path) -> StorageError | None:
    """The error for a person, when a full disk or a missing right is behind it."""
    if error.errno in _FULL:
        return disk_full(folder)
    if error.errno in _FORBIDDEN:
        return read_only(folder)
    return None


def disk_full(folder: Path) -> DiskFull:
    return DiskFull(
        f"There is no space left for “{folder}”.",
        "Free some space, or choose another data folder with --data-dir; what was read so far "
        "is kept.",
    )


def read_only(folder: Path) -> DataFolderReadOnly:
    return DataFolderReadOnly(
        f"The data folder “{folder}” cannot be written by this user.",
        "Choose another data folder with --data-dir, or keep nothing with --ephemeral.",
    )


def damaged(database: Path) -> DatabaseDamaged:
    return DatabaseDamaged(
        "The database of comparisons is damaged.",
        f"Close Twofold and move “{database}” and the files whose names begin alike to another "
        "place; Twofold then starts afresh and measures again. Saved comparisons stay in the "
        "file you moved.",
    )


def not_ours(database: Path) -> DatabaseDamaged:
    return DatabaseDamaged(
        f"The file “{database}” is not a database of Twofold.",
        "Move it to another place, or choose another data folder with --data-dir.",
    )


def newer(database: Path, found: int, known: int) -> DatabaseNewer:
    return DatabaseNewer(
        f"The database was written by a newer Twofold (format {found}; this one knows {known}).",
        f"Use the newer Twofold again, or choose another data folder with --data-dir; the file "
        f"is “{database}”.",
    )


def busy(database: Path) -> DatabaseBusy:
    return DatabaseBusy(
        "Another Twofold has been using the database for a long time.",
        f"Wait until it is done or close it, then try again; the file is “{database}”.",
    )


def _of_sqlite(error: sqlite3.Error, database: Path) -> StorageError | None:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return None
    kind = code & 0xFF
    if kind in _DAMAGED:
        return damaged(database)
    if kind == sqlite3.SQLITE_FULL:
        return disk_full(database.parent)
    if kind in _BUSY:
        return busy(database)
    if kind in _READ_ONLY:
        # A disk that is full shows as a refusal, too, where SQLite has to add a file.
        return _by_trial(database.parent) or read_only(database.parent)
    if kind in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR):
        return (
            _by_trial(database.parent)
            or _by_opening(database)
            or DiskFailed(
                "The disk reported an error while the database was used.",
                f"Check the disk that holds “{database}”, then try again.",
            )
        )
    return None


def _by_trial(folder: Path) -> StorageError | None:
    """What a small file of our own runs into: SQLite does not pass on why it failed."""
    try:
        with TemporaryFile(dir=folder) as trial:
            trial.write(b"\0" * _TRIAL_BYTES)
            trial.flush()
    except OSError as error:
        return of_system(error, folder)
    return None


def _by_opening(database: Path) -> StorageError | None:
    with suppress(FileNotFoundError):
        if database.is_dir():
            return not_ours(database)
        try:
            database.open("r+b").close()
        except OSError as error:
            return of_system(error, database.parent)
    return None
