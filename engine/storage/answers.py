"""What models answered, so that no model is asked the same thing twice. Asks none itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from engine.storage.database import Database

_BATCH = 500


class Answers:
    """Answers of language models and text encoders under digests of all their causes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: bytes) -> bytes | None:
        rows = self._database.rows("SELECT body FROM answers WHERE key = ?", (key,))
        return bytes(rows[0][0]) if rows else None

    def put(self, key: bytes, answer: bytes) -> None:
        """On the disk when it returns. Raises StorageError."""
        with self._database.writing() as transaction:
            transaction.run("INSERT OR REPLACE INTO answers VALUES (?, ?)", (key, answer))


class Captions:
    """Captions by content id (32 hex digits) and captioner (an even number of hex digits)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, captioner: str, content_ids: Sequence[str]) -> Mapping[str, str]:
        """content id -> caption, of those there are."""
        found: dict[str, str] = {}
        rest = iter(content_ids)
        while batch := [bytes.fromhex(content_id) for content_id in islice(rest, _BATCH)]:
            rows = self._database.rows(
                "SELECT content_id, text FROM captions WHERE captioner = ? "
                f"AND content_id IN ({', '.join('?' * len(batch))})",
                (bytes.fromhex(captioner), *batch),
            )
            found |= {content_id.hex(): text for content_id, text in rows}
        return found

    def add(self, captioner: str, captions: Iterable[tuple[str, str]]) -> None:
        """(content id, caption) each, in one commit. Raises StorageError."""
        writer = bytes.fromhex(captioner)
        with self._database.writing() as transaction:
            transaction.run_each(
                "INSERT OR REPLACE INTO captions VALUES (?, ?, ?)",
                ((bytes.fromhex(content_id), writer, text) for content_id, text in captions),
            )
