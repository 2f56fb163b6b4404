"""Bytes from a pipe turned into whole lines. Decodes nothing.

A line may be tens of megabytes and arrive in thousands of pieces; each byte is looked at once.
"""

from __future__ import annotations

from collections import deque


class LineTooLong(Exception):
    """The peer has sent more than `limit` bytes without ending the line."""


class LineBuffer:
    """Pieces in, lines out, in order."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pieces: list[bytes] = []
        self._size = 0
        self._lines: deque[bytes] = deque()

    def feed(self, piece: bytes) -> None:
        """Raises LineTooLong."""
        *ended, rest = piece.split(b"\n")
        for part in ended:
            self._append(part)
            line = b"".join(self._pieces)
            self._pieces.clear()
            self._size = 0
            if line.strip():
                self._lines.append(line)
        if rest:
            self._append(rest)

    def take(self) -> bytes | None:
        """The next whole line without its newline, or None."""
        return self._lines.popleft() if self._lines else None

    def _append(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._limit:
            raise LineTooLong
        self._pieces.append(part)
