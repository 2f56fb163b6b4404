"""Where a link found in a chosen folder leads, and whether it may be followed.

Only links that stay within the chosen folders are. Opens no file and lists no folder.
"""

# Paths stay strings here, see names.py.
# ruff: noqa: PTH116, PTH120

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterable
from dataclasses import dataclass

_LOOPS = (errno.ELOOP, getattr(errno, "WSAELOOP", errno.ELOOP))
_WINDOWS_LOOPS = (1921,)  # ERROR_CANT_RESOLVE_FILENAME


@dataclass(frozen=True, slots=True)
class Target:
    """What a link leads to. code: "" when it may be followed, else one of SKIP_REASONS."""

    code: str
    path: str = ""  # real path
    stat: os.stat_result | None = None

    @property
    def is_folder(self) -> bool:
        return self.stat is not None and stat.S_ISDIR(self.stat.st_mode)

    @property
    def is_file(self) -> bool:
        return self.stat is not None and stat.S_ISREG(self.stat.st_mode)


def is_link(entry: os.DirEntry[str]) -> bool:
    """Symbolic links, and junctions on Windows."""
    if entry.is_symlink():
        return True
    if sys.platform == "win32":
        tag: int = entry.stat(follow_symlinks=False).st_reparse_tag
        return tag == stat.IO_REPARSE_TAG_MOUNT_POINT
    return False


def is_inside(path: str, folder: str) -> bool:
    """Whether a real path is a real folder or lies in it."""
    path, folder = os.path.normcase(path), os.path.normcase(folder)
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def resolve(link: str, chosen: Iterable[str]) -> Target:
    """link: path on disk whose folder is real. chosen: real folders that may be read."""
    try:
        found = os.stat(link)
        real = os.path.realpath(link, strict=True)
    except OSError as error:
        return Target(_code(error))
    if not any(is_inside(real, folder) for folder in chosen):
        return Target("outside_link", real, found)
    if stat.S_ISDIR(found.st_mode) and is_inside(os.path.dirname(link), real):
        return Target("link_loop", real, found)
    return Target("", real, found)


def _code(error: OSError) -> str:
    if error.errno in _LOOPS or getattr(error, "winerror", None) in _WINDOWS_LOOPS:
        return "link_loop"
    if isinstance(error, PermissionError):
        return "no_permission"
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return "broken_link"
    return "io_error"
