"""Writes a file whole or not at all, and says in words why it could not.

The content goes to a temporary file in the target's own folder, reaches the disk, and takes the
target's name in one step; a failure leaves the folder as it was. Knows nothing of formats.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from pathlib import Path

from engine import figures
from engine.errors import DiskFull, ExportFailed, NoPermission, TwofoldError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_BAD_NAME = {errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ}


def write(target: Path, content: bytes) -> None:
    """Write `content` to `target`, replacing what is there.

    A link is followed and kept; the permissions of a file that is replaced are kept too. Raises
    ExportFailed, NoPermission or DiskFull; the target is then as it was before.
    """
    try:
        _write(Path(os.path.realpath(target)), content)
    except (OSError, ValueError) as error:
        raise _in_words(error, len(content)) from error


def _write(target: Path, content: bytes) -> None:
    mode = _mode_of(target)
    part = target.with_name(f".{target.name[:60]}.{secrets.token_hex(4)}.part")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(part, flags, 0o666), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            part.chmod(mode)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _mode_of(target: Path) -> int | None:
    """Permissions of the file that would be replaced; None when there is none."""
    try:
        found = target.stat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(found):
        raise ExportFailed("The name given for the export is a folder.", "Add a file name.")
    if not stat.S_ISREG(found):
        # replacing would remove a device or a pipe from the system
        raise ExportFailed(
            "The name given for the export is not an ordinary file.", "Choose another name."
        )
    return stat.S_IMODE(found)


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable, where the system can."""
    if os.name != "posix":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return  # a folder that may be written but not read; the file itself is on the disk
    try:
        os.fsync(descriptor)
    except OSError:
        pass  # some network file systems cannot; the file itself is on the disk
    finally:
        os.close(descriptor)


def _in_words(error: OSError | ValueError, size_bytes: int) -> TwofoldError:
    code = error.errno if isinstance(error, OSError) else errno.EINVAL
    if code in _FULL:
        return DiskFull(
            "The disk is full; nothing was exported.",
            f"Free at least {figures.size(size_bytes)}, or choose a folder on another disk.",
        )
    if code in _FORBIDDEN:
        return NoPermission(
            "The export may not be written there.",
            "Choose another folder, or close the program that has the file open.",
        )
    if code in (errno.ENOENT, errno.ENOTDIR):
        return ExportFailed(
            "The folder for the export does not exist.", "Create it, or choose another."
        )
    if code in _BAD_NAME:
        return ExportFailed(
            "The system does not accept this file name.", "Choose a shorter, simpler name."
        )
    reason = error.strerror if isinstance(error, OSError) else None
    return ExportFailed(
        f"The export could not be written ({reason or 'unknown reason'}).",
        "Try again, or choose another folder.",
    )
