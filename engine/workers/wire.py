"""What a pool and its workers say to each other: length-prefixed msgpack over two pipes.

To the worker: one Setup, then Requests. From it: one Ready, then an Answer for each request, in
their order. Starts nothing and reads no image.
"""

from __future__ import annotations

import os
import struct
from typing import IO

import msgspec

from engine.measurement import Value
from engine.vocabulary import Caption

MAX_FRAME_BYTES = 64 * 1024**2  # a longer frame is a broken peer
DISK_FULL = "disk_full"  # code of an answer: the thumbnail had no room
CANNOT_WRITE = "cannot_write"  # code of an answer: the thumbnail's folder refuses it

_LENGTH = struct.Struct(">I")

#: state of a file on disk: device, inode, size, mtime_ns, ctime_ns
FileKey = tuple[int, int, int, int, int]


class Inspection(msgspec.Struct, frozen=True, array_like=True):
    """Everything that was read off one image file."""

    content_id: str  # BLAKE3 of the bytes, 32 hex digits
    width_px: int  # as shown
    height_px: int
    format: str
    values: dict[str, Value]  # measurement -> what was measured
    captions: tuple[Caption, ...]  # from the file itself; all its keywords as one of them
    signature: bytes
    window: tuple[float, float] | None  # values shown as black and white, if the file is deep
    key: FileKey  # the file as it was when it was read, which a scan before may not have seen


class Setup(msgspec.Struct, frozen=True, array_like=True):
    pixel_limit: int
    size_limit_bytes: int  # of one file
    memory_limit_bytes: int  # of the worker's address space; 0: none


class Ready(msgspec.Struct, frozen=True, array_like=True):
    """The worker has decoded and measured a picture of its own: it works."""

    process_id: int
    memory_limited: bool  # whether the system took the memory limit


class Request(msgspec.Struct, frozen=True, array_like=True):
    number: int
    path: bytes  # as the file system spells it
    measure: bool
    thumbnail: bytes = b""  # where to write one, if at all
    content_id: str = ""  # that the file must have, or it counts as vanished; "" any


class Answer(msgspec.Struct, frozen=True, array_like=True):
    number: int
    code: str = ""  # "": done; else of engine.errors.SKIP_REASONS, DISK_FULL or CANNOT_WRITE
    inspection: Inspection | None = None


def file_key(found: os.stat_result) -> FileKey:
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def frame(message: msgspec.Struct) -> bytes:
    body = msgspec.msgpack.encode(message)
    return _LENGTH.pack(len(body)) + body


def read_frame(stream: IO[bytes]) -> bytes | None:
    """The next message, still encoded; None at the end, or where the stream makes no sense."""
    prefix = stream.read(_LENGTH.size)
    if len(prefix) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(prefix)
    if length > MAX_FRAME_BYTES:
        return None
    body = stream.read(length)
    return body if len(body) == length else None
