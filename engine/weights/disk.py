"""Files of models on the disk: copied so that a copy can go on, and errors a person can act on.

Knows sizes and folders, and nothing of what the files hold.
"""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from engine import figures
from engine.errors import DiskFailed, DiskFull, NoPermission, StorageError
from engine.job import JobControl

STAGE = "copy"  # progress is counted in bytes
CHUNK_BYTES = 4 * 1024 * 1024
TELL_S = 0.1
SPARE_BYTES = 64 * 1024 * 1024  # left free, for what else is written meanwhile
PART = ".part"  # ends the name of a copy that is not complete

_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Raises StorageError or NoPermission in the place of an OSError. folder: that is written."""
    try:
        yield
    except OSError as error:
        raise _for_a_person(error, folder) from error


def _for_a_person(error: OSError, folder: Path) -> StorageError | NoPermission:
    if error.errno == errno.EFBIG:
        return DiskFull(
            f"The disk of “{folder}” cannot hold a file this large.",
            "A USB drive that is formatted as FAT32 holds files up to 4 GB: format it as exFAT.",
        )
    if error.errno in _FULL:
        return DiskFull(
            f"There is no space left for “{folder}”.",
            "Free some space, then run the same command again: what was copied is kept.",
        )
    if error.errno in _FORBIDDEN:
        return NoPermission(
            f"“{folder}” may not be written, or what is copied may not be read, by this user.",
            "Choose another folder, or change who may use it.",
        )
    return DiskFailed(
        f"The disk reported an error ({error.strerror or type(error).__name__}).",
        f"Check the disk that holds “{folder}”, then run the same command again.",
    )


def make_sure_it_fits(folder: Path, needed_bytes: int) -> None:
    """Raises DiskFull when the disk of an existing folder has less room than that."""
    free = shutil.disk_usage(folder).free
    missing = needed_bytes + SPARE_BYTES - free
    if needed_bytes and missing > 0:
        raise DiskFull(
            f"There is no room in “{folder}”: {figures.size(needed_bytes)} are to be written, "
            f"{figures.size(free)} are free, {figures.size(missing)} are missing.",
            "Free some space, or choose another disk.",
        )


def missing_bytes(copies: Mapping[Path, Path]) -> int:
    """How much of the copies (to -> from) is still to be written, going by sizes."""
    missing = 0
    for target, source in copies.items():
        size = source.stat().st_size
        for there in (target, _part(target)):
            if there.is_file():
                size = max(0, size - there.stat().st_size)
                break
        missing += size
    return missing


def copy_files(copies: Mapping[Path, Path], job: JobControl) -> None:
    """Copies files (to -> from), going on where an earlier try ended. Raises OSError, Cancelled.

    A copy bears its name once it is as long as its source; whether it is the same is for the
    caller to find out by its hash. Reports progress in bytes.
    """
    total = sum(source.stat().st_size for source in copies.values())
    done = 0
    told = -TELL_S

    def tell(count: int) -> None:
        nonlocal done, told
        done += count
        if (now := time.monotonic()) - told >= TELL_S:
            told = now
            job.progress(STAGE, min(done, total), total)
        else:
            job.check_cancelled()

    for target, source in copies.items():
        size = source.stat().st_size
        if target.is_file() and target.stat().st_size == size:
            tell(size)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(source, target, size, tell)
    job.progress(STAGE, total, total)


def _copy(source: Path, target: Path, size: int, tell: Callable[[int], None]) -> None:
    part = _part(target)
    there = part.stat().st_size if part.is_file() else 0
    if there > size:
        part.unlink()
        there = 0
    tell(there)
    with source.open("rb", buffering=0) as read, part.open("ab", buffering=0) as written:
        read.seek(there)
        while chunk := read.read(CHUNK_BYTES):
            tell(len(chunk))
            while chunk:
                chunk = chunk[written.write(chunk) or 0 :]
        os.fsync(written.fileno())
    part.replace(target)


def _part(target: Path) -> Path:
    return target.with_name(target.name + PART)


def write_whole(target: Path, content: bytes) -> None:
    """Writes a small file so that it is there whole or not at all. Raises OSError."""
    part = _part(target)
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except OSError:
        with suppress(OSError):
            part.unlink()
        raise
    flush_folder(target.parent)


def flush_file(path: Path) -> None:
    """Makes the bytes of a file last, where the system can do that for a file it only reads."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def flush_folder(folder: Path) -> None:
    """Makes names that were just given last, where the system can do that."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def make_private(folder: Path) -> Path:
    """Makes a folder for this user alone, and those above it that are missing."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def remove_tree(folder: Path) -> None:
    """Removes a folder; links within it are removed, and never followed."""
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.is_dir():
        shutil.rmtree(folder)
