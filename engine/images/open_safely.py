"""Opens one file so that nothing but a regular file of a sane size is ever read.

A pipe does not hang it, a link swapped in since the scan is not followed, a device is not
touched. Decodes nothing.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass

SIZE_LIMIT_BYTES = 2 * 1024**3  # of one file; larger ones are no photos
READ_CHUNK_BYTES = 16 * 1024**2

#: not every system has each of these
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)  # links were resolved when the folder was listed
    | getattr(os, "O_NONBLOCK", 0)  # a pipe without a writer must not block
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)


class CannotRead(Exception):
    """A file that was not read. code: one of engine.errors.SKIP_REASONS."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class FileContent:
    """The bytes of a file, and the state of the file they came from."""

    data: bytes
    stat: os.stat_result


def read_file(
    path: str, *, size_limit: int = SIZE_LIMIT_BYTES, at_most: int | None = None
) -> FileContent:
    """The whole content of a regular file, or its first at_most bytes. Raises CannotRead."""
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        raise CannotRead(_open_code(path, error)) from error
    except ValueError as error:  # a NUL within the path: no such file can exist
        raise CannotRead("vanished") from error
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise CannotRead("vanished" if stat.S_ISDIR(found.st_mode) else "special_file")
        if found.st_size == 0:
            raise CannotRead("empty_file")
        if at_most is None and found.st_size > size_limit:
            raise CannotRead("file_too_large")
        limit = size_limit if at_most is None else min(at_most, size_limit)
        data = _read(descriptor, min(found.st_size, limit))
    except OSError as error:
        raise CannotRead("io_error") from error
    except MemoryError as error:
        raise CannotRead("out_of_memory") from error
    finally:
        os.close(descriptor)
    if not data:
        raise CannotRead("empty_file")
    return FileContent(data, found)


def _read(descriptor: int, size: int) -> bytes:
    """At most size bytes; fewer where the file was cut meanwhile."""
    data = os.read(descriptor, min(size, READ_CHUNK_BYTES))
    if len(data) in (0, size):
        return data
    chunks = [data]
    missing = size - len(data)
    while missing > 0 and (data := os.read(descriptor, min(missing, READ_CHUNK_BYTES))):
        chunks.append(data)
        missing -= len(data)
    return b"".join(chunks)


def _open_code(path: str, error: OSError) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "vanished"
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        mode = 0
    if stat.S_ISLNK(mode) or stat.S_ISDIR(mode):
        return "vanished"  # the file that was listed is gone; something else bears its name
    if mode and not stat.S_ISREG(mode):
        return "special_file"  # a socket cannot be opened at all
    return "no_permission" if isinstance(error, PermissionError) else "io_error"
