"""One segment of the vector cache: a pair of files that one process at a time appends to.

`NAME.vectors` holds rows of float16 and nothing else. `NAME.ids` holds a header and, for each
row, the content it belongs to and a checksum. Vectors are on the disk before their ids are, so
that a process killed at any moment leaves a tail that nobody counts. Knows one segment, and
nothing of encoders or of what is asked for.
"""

from __future__ import annotations

import mmap
import os
import secrets
import struct
import sys
from contextlib import suppress
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt

IDS = ".ids"
VECTORS = ".vectors"
ID_BYTES = 16

Halves = npt.NDArray[np.float16]
Flags = npt.NDArray[np.bool_]

#: a content id as two numbers, the form in which it is compared
ID = np.dtype([("high", "<u8"), ("low", "<u8")])
_ENTRY = np.dtype([*ID.descr, ("check", "<u4")])
_HEADER = struct.Struct("<8sII")  # what it is, version, numbers a vector
_MAGIC = b"2Fvector"
_VERSION = 1
_HALF_BYTES = 2
_COPY_ROWS = 4096  # rows held in memory while a segment is written anew

#: byte of the ids file that Windows locks: so far behind the end that reading is not in its way
_LOCK_AT = 2**31 - 2

_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_BINARY = getattr(os, "O_BINARY", 0)


def file_bytes(rows: int, dim: int) -> int:
    """Size of both files of a segment together."""
    return _HEADER.size + rows * (_ENTRY.itemsize + _HALF_BYTES * dim)


class Segment:
    """What can be read of a segment. dim: numbers a vector; 0: its files are of no use.

    ids: (rows,) of ID. sound: (rows,) bool, whether a row is what was written. vectors:
    (rows, dim) float16, mapped and not copied.
    """

    def __init__(self, stem: Path) -> None:
        self.stem = stem
        self.dim = _dim_of(stem)
        self.ids = np.empty(0, ID)
        self.sound: Flags = np.empty(0, np.bool_)
        self.vectors: Halves = np.empty((0, self.dim), np.float16)

    @property
    def there(self) -> bool:
        return self.stem.with_suffix(IDS).exists()

    def refresh(self) -> bool:
        """Takes in what was appended since. Returns whether anything changed."""
        known = len(self.ids)
        self.dim = self.dim or _dim_of(self.stem)  # it may have been seen before it was begun
        try:
            rows = self._rows_on_disk()
            if rows == known:
                return False
            with self.stem.with_suffix(IDS).open("rb") as file:
                file.seek(_HEADER.size)
                body = file.read(rows * _ENTRY.itemsize)
            entries = np.frombuffer(body, _ENTRY, len(body) // _ENTRY.itemsize)
            self._map(len(entries))
        except FileNotFoundError:  # removed meanwhile
            entries = np.empty(0, _ENTRY)
            self._map(0)
        known = min(known, len(entries))
        fresh = _sound(entries[known:], self.vectors[known:])
        self.sound = np.concatenate([self.sound[:known], fresh])
        ids = np.empty(len(entries), ID)
        ids["high"], ids["low"] = entries["high"], entries["low"]
        self.ids = ids
        return True

    def _rows_on_disk(self) -> int:
        if not self.dim:
            return 0
        ids = self.stem.with_suffix(IDS).stat().st_size - _HEADER.size
        vectors = self.stem.with_suffix(VECTORS).stat().st_size
        return max(0, min(ids // _ENTRY.itemsize, vectors // (_HALF_BYTES * self.dim)))

    def _map(self, rows: int) -> None:
        if not rows:
            self.vectors = np.empty((0, self.dim), np.float16)
            return
        with self.stem.with_suffix(VECTORS).open("rb") as file:
            length = rows * self.dim * _HALF_BYTES
            # copied on writing, which nobody does: torch warns of memory that cannot be written
            mapped = mmap.mmap(file.fileno(), length, access=mmap.ACCESS_COPY)
        self.vectors = np.frombuffer(mapped, np.float16).reshape(rows, self.dim)


class Writer:
    """The right to append to a segment, held until `close` or the end of the process."""

    def __init__(self, stem: Path, dim: int, ids: int, vectors: int) -> None:
        """ids, vectors: descriptors of the two files."""
        self.stem = stem
        self.dim = dim
        self._ids = ids
        self._vectors = vectors

    @classmethod
    def take(cls, folder: Path, dim: int) -> Writer:
        """A segment of the folder that nobody writes to, or a new one. Raises OSError."""
        for path in sorted(folder.glob(f"*{IDS}")):
            writer = cls.of(path.with_suffix(""), dim)
            if writer is not None:
                return writer
        return cls.new(folder, dim)

    @classmethod
    def new(cls, folder: Path, dim: int) -> Writer:
        """Raises OSError."""
        stem = folder / secrets.token_hex(8)
        ids = _open(stem.with_suffix(IDS), os.O_CREAT | os.O_EXCL)
        try:
            _lock(ids)  # where the system cannot lock, a name of its own must do
            _write(ids, _HEADER.pack(_MAGIC, _VERSION, dim))
            return cls(stem, dim, ids, _open(stem.with_suffix(VECTORS), os.O_CREAT))
        except OSError:
            os.close(ids)
            stem.with_suffix(IDS).unlink(missing_ok=True)
            raise

    @classmethod
    def of(cls, stem: Path, dim: int) -> Writer | None:
        """This segment, its tail cut off; None while another process writes to it.

        None, too, for a segment of other vectors, and where the system cannot lock files.
        """
        try:
            ids = _open(stem.with_suffix(IDS))
        except FileNotFoundError:
            return None
        try:
            if _lock(ids) and os.fstat(ids).st_nlink and _dim_of(stem) == dim:
                writer = cls(stem, dim, ids, _open(stem.with_suffix(VECTORS), os.O_CREAT))
                writer.cut_tail()
                return writer
        except BaseException:
            os.close(ids)
            raise
        os.close(ids)
        return None

    @property
    def removed(self) -> bool:
        """Whether somebody deleted its files: what is appended now would be lost."""
        return not os.fstat(self._ids).st_nlink or not os.fstat(self._vectors).st_nlink

    def append(self, ids: npt.NDArray[np.void], vectors: Halves) -> None:
        """ids: (n,) of ID. On the disk when it returns; raises OSError and changes nothing."""
        entries = np.empty(len(ids), _ENTRY)
        entries["high"], entries["low"] = ids["high"], ids["low"]
        entries["check"] = _checks(entries, vectors)
        sizes = [(file, os.fstat(file).st_size) for file in (self._vectors, self._ids)]
        try:
            for (file, size), body in zip(sizes, (vectors, entries), strict=True):
                os.lseek(file, size, os.SEEK_SET)
                _write(file, body.tobytes())
        except OSError:
            for file, size in reversed(sizes):
                with suppress(OSError):
                    os.ftruncate(file, size)
            raise

    def cut_tail(self) -> None:
        """Brings both files to whole rows that both of them have."""
        width = _HALF_BYTES * self.dim
        ids = max(0, os.fstat(self._ids).st_size - _HEADER.size) // _ENTRY.itemsize
        rows = min(ids, os.fstat(self._vectors).st_size // width)
        os.ftruncate(self._ids, _HEADER.size + rows * _ENTRY.itemsize)
        os.ftruncate(self._vectors, rows * width)

    def remove(self) -> None:
        """Deletes the segment. Raises OSError."""
        if sys.platform == "win32":  # an open file cannot be removed there
            self.close()
        self.stem.with_suffix(VECTORS).unlink(missing_ok=True)
        self.stem.with_suffix(IDS).unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """A second call does nothing."""
        for file in (self._ids, self._vectors):
            if file >= 0:
                os.close(file)
        self._ids = self._vectors = -1


def rewrite(writer: Writer, segment: Segment, keep: Flags) -> None:
    """Puts a segment with these rows only in the place of one. Raises OSError.

    Killed on the way, it leaves the rows that are kept twice, which does no harm, and the rest
    where they were, to be removed by the next call.
    """
    rows = np.flatnonzero(keep)
    if len(rows):
        fresh = Writer.new(segment.stem.parent, segment.dim)
        try:
            for start in range(0, len(rows), _COPY_ROWS):
                chosen = rows[start : start + _COPY_ROWS]
                fresh.append(segment.ids[chosen], segment.vectors[chosen])
        finally:
            fresh.close()
    segment.vectors = np.empty((0, segment.dim), np.float16)  # its file must not stay mapped
    writer.remove()


def _dim_of(stem: Path) -> int:
    """Numbers a vector of a segment; 0 when it is none of ours."""
    try:
        with stem.with_suffix(IDS).open("rb") as file:
            header = file.read(_HEADER.size)
    except FileNotFoundError:
        return 0
    if len(header) < _HEADER.size:
        return 0
    magic, version, dim = _HEADER.unpack(header)
    return int(dim) if (magic, version) == (_MAGIC, _VERSION) else 0


def _checks(entries: npt.NDArray[np.void], vectors: Halves) -> list[int]:
    """A checksum a row, over the vector and a part of the id it belongs to."""
    if not len(entries):
        return []
    rows = np.ascontiguousarray(vectors).view(np.uint8).data.cast("B")
    width = vectors.shape[1] * _HALF_BYTES
    starts = (entries["low"] & 0xFFFFFFFF).tolist()
    return [crc32(rows[i * width : (i + 1) * width], start) for i, start in enumerate(starts)]


def _sound(entries: npt.NDArray[np.void], vectors: Halves) -> Flags:
    return np.asarray(entries["check"] == np.array(_checks(entries, vectors), np.uint32))


def _open(path: Path, flags: int = 0) -> int:
    return os.open(path, os.O_RDWR | _NO_FOLLOW | _BINARY | flags, 0o600)


def _write(file: int, body: bytes) -> None:
    rest = memoryview(body)
    while rest:
        rest = rest[os.write(file, rest) :]
    os.fsync(file)


def _lock(file: int) -> bool:
    """Whether this process alone may write to it from now on."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(file, _LOCK_AT, os.SEEK_SET)
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
            os.lseek(file, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
