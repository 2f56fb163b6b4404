"""What a pool and its workers say to each other: length-prefixed msgpack over two pipes.

To the worker: one Setup, then Requests. From it: one Ready, then an Answer for each request, in
their order; before the first answer with pixels one more Ready, for these need more libraries.
Starts nothing and reads no image.
"""

from __future__ import annotations

import os
import struct
from io import BufferedReader

import msgspec
import numpy as np

from engine.measurement import Value
from engine.pixels import Cut, Pixels, PixelShape
from engine.vocabulary import Caption

MAX_FRAME_BYTES = 64 * 1024**2  # a longer frame is a broken peer
DISK_FULL = "disk_full"  # code of an answer: the thumbnail had no room
CANNOT_WRITE = "cannot_write"  # code of an answer: the thumbnail's folder refuses it

_ENCODER = msgspec.msgpack.Encoder()
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


class PixelData(msgspec.Struct, frozen=True, array_like=True):
    """Pixels of one image, row by row."""

    width_px: int
    height_px: int
    data: memoryview  # height × width × 3 bytes

    @classmethod
    def of(cls, pixels: Pixels) -> PixelData:
        height_px, width_px, _ = pixels.shape
        return cls(width_px, height_px, pixels.reshape(-1).data)

    def pixels(self) -> Pixels:
        """(height_px, width_px, 3), without a copy; writable if the frame was."""
        return np.frombuffer(self.data, np.uint8).reshape(self.height_px, self.width_px, 3)

    def fits(self, shape: PixelShape) -> bool:
        """Whether it is as large as it says, and what a worker may answer to such a request."""
        size = (self.width_px, self.height_px)
        most = (shape.width_px, shape.height_px)
        if shape.cut is Cut.FIT:
            right = 1 <= size[0] <= most[0] and 1 <= size[1] <= most[1]
        else:
            right = size == most
        return right and len(self.data) == 3 * size[0] * size[1]


class Setup(msgspec.Struct, frozen=True, array_like=True):
    pixel_limit: int
    size_limit_bytes: int  # of one file
    memory_limit_bytes: int  # of the worker's address space; 0: none


class Ready(msgspec.Struct, frozen=True, array_like=True):
    """The worker has read a picture of its own, measured it or resized it: it works."""

    process_id: int
    memory_limited: bool  # whether the system took the memory limit


class Request(msgspec.Struct, frozen=True, array_like=True):
    number: int
    path: bytes  # as the file system spells it
    measure: bool
    thumbnail: bytes = b""  # where to write one, if at all
    content_id: str = ""  # that the file must have, or it counts as vanished; "" any
    shape: PixelShape | None = None  # of the pixels that are wanted, if any are


class Answer(msgspec.Struct, frozen=True, array_like=True):
    number: int
    code: str = ""  # "": done; else of engine.errors.SKIP_REASONS, DISK_FULL or CANNOT_WRITE
    inspection: Inspection | None = None
    pixels: PixelData | None = None


def file_key(found: os.stat_result) -> FileKey:
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def frame(message: msgspec.Struct) -> bytearray:
    buffer = bytearray(_LENGTH.size)
    _ENCODER.encode_into(message, buffer, _LENGTH.size)
    _LENGTH.pack_into(buffer, 0, len(buffer) - _LENGTH.size)
    return buffer


def read_frame(stream: BufferedReader) -> bytearray | None:
    """The next message, still encoded; None at the end, or where the stream makes no sense."""
    prefix = stream.read(_LENGTH.size)
    if len(prefix) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(prefix)
    if length > MAX_FRAME_BYTES:
        return None
    body = bytearray(length)
    missing = memoryview(body)
    while missing:
        count = stream.readinto(missing)
        if not count:
            return None
        missing = missing[count:]
    return body
