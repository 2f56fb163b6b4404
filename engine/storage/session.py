"""Folders that live no longer than the process that made them.

Each holds a lock file that its process keeps locked. The system drops that lock the moment the
process ends, however it ends, so that a folder whose lock is free is stale: true also where
process numbers come round again or are those of another container, which would deceive a number
written down. Touches no folder of another user.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_PREFIX = "twofold-"
_LOCK = "in-use"
_SETTLED_S = 60.0  # a folder this old without a lock file is not just being made


class SessionFolder:
    """A folder of mode 0700 that is removed on `remove`, or by the next `sweep` if not."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock: int | None = lock

    @classmethod
    def create(cls, base: Path) -> SessionFolder:
        """Makes one within base, which must exist. Raises OSError."""
        while True:
            path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
            lock = _locked(path / _LOCK, create=True)
            if lock is not None:
                return cls(path, lock)
            # A sweep came between the making of the file and its locking, and has removed it.

    def remove(self) -> None:
        """Removes the folder and all that is in it; a second call does nothing."""
        if self._lock is None:
            return
        if sys.platform == "win32":  # there an open file cannot be removed
            os.close(self._lock)
            shutil.rmtree(self.path, ignore_errors=True)
        else:
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self._lock)
        self._lock = None


def sweep(bases: Iterable[Path]) -> int:
    """Removes this user's folders within bases whose processes are gone. Returns how many."""
    swept = 0
    for base in bases:
        with suppress(OSError), os.scandir(base) as entries:
            stale = [Path(entry.path) for entry in entries if entry.name.startswith(_PREFIX)]
            swept += sum(_remove_if_stale(path) for path in stale)
    return swept


def _remove_if_stale(path: Path) -> bool:
    try:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode):
            return False
        if sys.platform != "win32" and found.st_uid != os.getuid():
            return False
        lock = _locked(path / _LOCK, create=False)
    except FileNotFoundError:
        with suppress(OSError):
            if time.time() - path.lstat().st_mtime > _SETTLED_S:
                shutil.rmtree(path, ignore_errors=True)
                return not path.exists()
        return False
    except OSError:
        return False
    if lock is None:
        return False
    SessionFolder(path, lock).remove()
    return not path.exists()


def _locked(path: Path, *, create: bool) -> int | None:
    """A descriptor that holds the lock; None when another process holds it. Raises OSError."""
    flags = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | (os.O_CREAT if create else 0)
    try:
        descriptor = os.open(path, flags, 0o600)
    except FileNotFoundError:
        if create:  # the folder was swept away under us
            return None
        raise
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # A sweep may have removed the file after it was opened here: then the lock is worthless.
        removed = os.fstat(descriptor).st_nlink == 0
    except OSError:
        removed = True
    if removed:
        os.close(descriptor)
        return None
    return descriptor
