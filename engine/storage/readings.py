"""What was read off images, by their content: one compact row an image.

A reading belongs to a version of the measurements; an image keeps its newest only. Reads and
measures no image.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from engine.measurement import Value
from engine.storage.database import Database, Transaction
from engine.storage.problems import damaged
from engine.vocabulary import Caption

_BATCH = 500
_ASK = (
    f"SELECT content_id, layout, body FROM readings WHERE content_id IN ({', '.join('?' * _BATCH)})"
)
_EXACT = 2.0**53  # floats below this that are whole numbers fit an integer


class Reading(msgspec.Struct, frozen=True):
    """Everything that is known of one image by its bytes."""

    content_id: str  # 32 hex digits
    width_px: int
    height_px: int
    format: str
    values: dict[str, Value]  # measurement -> what it read; None: unknown
    captions: tuple[Caption, ...] = ()
    signature: bytes = b""  # perceptual, for near-duplicates
    window: tuple[float, float] | None = None  # values shown as black and white


class _Body(msgspec.Struct, array_like=True, frozen=True):
    width_px: int
    height_px: int
    format: str
    values: list[float | bool | str | None]  # in the order of the layout
    captions: list[tuple[str, str]]
    signature: bytes
    window: tuple[float, float] | None


_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[_Body] = msgspec.msgpack.Decoder(_Body)


def stream_readings(
    database: Database, content_ids: Iterable[str], version: str
) -> Iterator[Reading]:
    """The readings of this version there are, in any order, a few hundred held at a time."""
    rest = iter(content_ids)
    layouts = _layouts(database, version)
    while batch := [bytes.fromhex(content_id) for content_id in islice(rest, _BATCH)]:
        asked = [*batch, *[None] * (_BATCH - len(batch))]
        for content_id, layout, body in database.rows(_ASK, asked):
            if layout not in layouts:
                # Another process may have begun a layout since; or it is another version's.
                layouts |= _layouts(database, version)
                layouts.setdefault(layout, None)
            names = layouts[layout]
            if names is not None:
                yield _unpack(database, content_id, names, body)


def add_readings(database: Database, readings: Iterable[Reading], version: str) -> None:
    """Stores readings, each in the place of an older one of the same image, in one commit."""
    with database.writing() as transaction:
        layouts: dict[tuple[str, ...], int] = {}
        rows = []
        for reading in readings:
            names = tuple(reading.values)
            if names not in layouts:
                layouts[names] = _layout(transaction, version, names)
            row = (bytes.fromhex(reading.content_id), layouts[names], _pack(reading))
            rows.append(row)
        transaction.run_each("INSERT OR REPLACE INTO readings VALUES (?, ?, ?)", rows)


def _layouts(database: Database, version: str) -> dict[int, list[str] | None]:
    found = database.rows("SELECT id, names FROM layouts WHERE version = ?", (version,))
    return {number: msgspec.json.decode(names, type=list[str]) for number, names in found}


def _layout(transaction: Transaction, version: str, names: tuple[str, ...]) -> int:
    key = (version, msgspec.json.encode(names).decode())
    transaction.run("INSERT OR IGNORE INTO layouts (version, names) VALUES (?, ?)", key)
    [(number,)] = transaction.run("SELECT id FROM layouts WHERE version = ? AND names = ?", key)
    return int(number)


def _pack(reading: Reading) -> bytes:
    return _encoder.encode(
        (
            reading.width_px,
            reading.height_px,
            reading.format,
            [_shortest(value) for value in reading.values.values()],
            [(caption.text, caption.source) for caption in reading.captions],
            reading.signature,
            reading.window,
        )
    )


def _shortest(value: Value) -> int | Value:
    """A whole number takes one to five bytes instead of nine, and reads back as the same float."""
    if isinstance(value, float) and -_EXACT < value < _EXACT and value.is_integer():
        minus_zero = value == 0.0 and math.copysign(1.0, value) < 0
        return value if minus_zero else int(value)
    return value


def _unpack(database: Database, content_id: bytes, names: list[str], body: bytes) -> Reading:
    try:
        found = _decoder.decode(body)
        values = dict(zip(names, found.values, strict=True))
    except (msgspec.MsgspecError, ValueError):
        raise damaged(database.path) from None
    return Reading(
        content_id.hex(),
        found.width_px,
        found.height_px,
        found.format,
        values,
        tuple(Caption(text, source) for text, source in found.captions),
        found.signature,
        found.window,
    )
