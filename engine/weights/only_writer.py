"""One program at a time changes what stands on the shelf; any number may read."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import DataFolderReadOnly, DiskFailed, ShelfBusy
from engine.weights.disk import explained, make_private

LOCK = ".install.lock"  # held while the models folder is changed


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Holds the models folder, which is made if need be, against a second writer.

    The system drops the hold when this process ends, however it ends. Raises StorageError, and
    ShelfBusy when another one is at work.
    """
    try:
        with explained(folder):
            make_private(folder)
            descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except DiskFailed:
        if not folder.exists() or folder.is_dir():
            raise
        raise DataFolderReadOnly(
            f"The models folder “{folder}” cannot be made: a file stands in its place.",
            "Move that file away, or choose another data folder with --data-dir.",
        ) from None
    try:
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ShelfBusy(
                "Another program is installing, importing or removing models in the same folder.",
                "Wait until it has ended or cancel it, then run the same command again.",
            ) from None
        yield
    finally:
        os.close(descriptor)
