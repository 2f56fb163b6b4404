"""Vectors of images, kept by content: one folder an encoder, segments within it.

Any number of processes, on any number of machines that share the folder, read and write it at
once without a server: each writes to a segment of its own. What was cut short or damaged is
left out, never an error. Knows no model and compares no vectors.
"""

from __future__ import annotations

import shutil
import string
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.errors import DatabaseBusy, StorageError
from engine.storage.problems import of_system
from engine.storage.segments import ID, ID_BYTES, IDS, VECTORS, Halves, Segment, Writer, rewrite

__all__ = ["StoredVectors", "Vectors"]

BUSY_S = 2.0  # how long to wait for another process that is writing, before forgetting
PIECE_ROWS = 4096  # at most this many vectors are handed out at a time
_RETRY_S = 0.05
_ENCODER_DIGITS = 32

Places = npt.NDArray[np.intp]


class StoredVectors:
    """Vectors of one encoder; see `engine.tools.VectorCache`. Safe to use from several threads."""

    def __init__(self, folder: Path, dim: int) -> None:
        self._folder = folder
        self._dim = dim
        self._guard = threading.RLock()
        self._segments: dict[str, Segment] = {}
        self._writer: Writer | None = None
        self._index: _Index | None = None
        self._asked: tuple[str, ...] = ()  # by the last call, and what came of it
        self._found: _Found | None = None

    def have(self, content_ids: Sequence[str]) -> npt.NDArray[np.bool_]:
        """(n,) bool: which of them are there. Raises StorageError."""
        with self._guard, _explained(self._folder):
            there = np.zeros(len(content_ids), np.bool_)
            there[self._find(content_ids).positions] = True
            return there

    def add(self, content_ids: Sequence[str], vectors: Halves) -> None:
        """vectors: (n, dim) float16, finite. On the disk when it returns, whole or not at all.

        Raises DiskFull and other StorageErrors; what was there before stays.
        """
        if vectors.shape != (len(content_ids), self._dim) or vectors.dtype != np.float16:
            raise ValueError("one vector of float16 is needed for each content id")
        ids = _to_ids(content_ids)
        with self._guard, _explained(self._folder):
            if self._writer is not None and self._writer.removed:  # by whoever forgot everything
                self.close()
            if self._writer is None:
                _make_private(self._folder)
                self._writer = Writer.take(self._folder, self._dim)
            self._writer.append(ids, vectors)

    def get(self, content_ids: Sequence[str]) -> Halves:
        """(n, dim) float16 in the order asked for; rows of NaN where there is none."""
        vectors = np.full((len(content_ids), self._dim), np.nan, np.float16)
        for positions, piece in self.stream(content_ids):
            vectors[positions] = piece
        return vectors

    def stream(self, content_ids: Sequence[str]) -> Iterator[tuple[Places, Halves]]:
        """Positions within content_ids and their vectors, as they lie on the disk; see `get`.

        Each piece is (k,) and (k, dim); what is not there is in none. Vectors that lie together
        are not copied, so the files are read once from end to end.
        """
        with self._guard, _explained(self._folder):
            found = self._find(content_ids)
            mapped = [segment.vectors for segment in self._segments.values()]
        bounds = np.searchsorted(found.segments, np.arange(len(mapped) + 1))
        for number, vectors in enumerate(mapped):
            for start in range(bounds[number], bounds[number + 1], PIECE_ROWS):
                piece = slice(start, min(start + PIECE_ROWS, bounds[number + 1]))
                rows = found.rows[piece]
                together = bool((np.diff(rows) == 1).all())
                chunk = vectors[rows[0] : rows[-1] + 1] if together else vectors[rows]
                yield found.positions[piece], chunk

    def close(self) -> None:
        """Lets go of all files; what is asked for next opens them again."""
        with self._guard:
            self._segments.clear()
            self._index = self._found = None
            if self._writer is not None:
                self._writer.close()
                self._writer = None

    def _find(self, content_ids: Sequence[str]) -> _Found:
        asked = tuple(content_ids)  # of a tuple, itself
        if (
            self._refresh()
            or self._found is None
            or (asked is not self._asked and asked != self._asked)
        ):
            if self._index is None:
                self._index = _Index(list(self._segments.values()))
            self._found = self._index.find(_to_ids(asked))
            self._asked = asked
        return self._found

    def _refresh(self) -> bool:
        """Takes in what this and other processes wrote since the last look."""
        changed = False
        stems = {path.stem for path in self._folder.glob(f"*{IDS}")}
        for name in self._segments.keys() - stems:
            del self._segments[name]
            changed = True
        for name in sorted(stems - self._segments.keys()):
            self._segments[name] = Segment(self._folder / name)
        for segment in self._segments.values():
            changed |= segment.refresh()
            if segment.dim not in (0, self._dim):
                raise StorageError(
                    f"The vectors kept in “{self._folder}” have {segment.dim} numbers, "
                    f"not {self._dim}.",
                    "Remove that folder; the images are then read again.",
                )
        if changed:
            self._index = None
        return changed


class _Found:
    """Where asked images lie. All (k,), by segment and row."""

    def __init__(self, positions: Places, segments: Places, rows: Places) -> None:
        order = np.lexsort((rows, segments))
        self.positions, self.segments, self.rows = positions[order], segments[order], rows[order]


class _Index:
    """Sound rows of all segments, sorted by content."""

    def __init__(self, segments: list[Segment]) -> None:
        rows = [np.flatnonzero(segment.sound) for segment in segments]
        ids = [segment.ids[chosen] for segment, chosen in zip(segments, rows, strict=True)]
        all_ids = np.concatenate([np.empty(0, ID), *ids])
        order = np.lexsort((all_ids["low"], all_ids["high"]))
        self._high, self._low = all_ids["high"][order], all_ids["low"][order]
        self._rows = np.concatenate([np.empty(0, np.intp), *rows])[order]
        self._segments = np.repeat(np.arange(len(rows)), [len(chosen) for chosen in rows])[order]

    def find(self, ids: npt.NDArray[np.void]) -> _Found:
        """ids: (n,) of ID."""
        high, low = ids["high"], ids["low"]
        at = np.searchsorted(self._high, high)
        positions = np.arange(len(ids))
        known = np.zeros(len(ids), np.bool_)
        within = at < len(self._high)
        # Nearly always the first entry decides; two contents that agree in half of their id
        # stand side by side.
        while within.any():
            here = positions[within]
            same = self._high[at[here]] == high[here]
            known[here[same]] = self._low[at[here[same]]] == low[here[same]]
            within[here] = same & ~known[here]
            at[within] += 1
            within &= at < len(self._high)
        at = at[known]
        return _Found(positions[known], self._segments[at], self._rows[at])


class Vectors:
    """The vectors of every encoder; see `engine.tools.VectorStore`. folder: made when needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._guard = threading.Lock()
        self._opened: dict[tuple[str, int], StoredVectors] = {}

    def open(self, encoder: str, dim: int) -> StoredVectors:
        """encoder: 32 hex digits that name weights, preprocessing and precision."""
        if len(encoder) != _ENCODER_DIGITS or not set(encoder) <= set(string.hexdigits):
            raise ValueError("an encoder is named by 32 hexadecimal digits")
        with self._guard:
            key = (encoder.lower(), dim)
            if key not in self._opened:
                self._opened[key] = StoredVectors(self._folder / key[0], dim)
            return self._opened[key]

    def forget(self, content_ids: Iterable[str]) -> None:
        """Deletes the vectors of these images, of every encoder; all others stay.

        Raises DatabaseBusy when another process is writing vectors meanwhile, after it has
        deleted what it could; StorageError.
        """
        doomed = _to_ids(list(content_ids))
        if not len(doomed):
            return
        with _explained(self._folder):
            self.close()
            busy = [stem for stem in self._stems() if not _forget_in(stem, doomed)]
        if busy:
            raise DatabaseBusy(
                "Some vectors of images could not be deleted while another Twofold adds to them.",
                "Wait until the other one is done, then forget again.",
            )

    def clear(self) -> None:
        """Deletes everything. Raises StorageError."""
        with _explained(self._folder):
            self.close()
            with self._guard:
                self._opened.clear()
            with suppress(FileNotFoundError):
                shutil.rmtree(self._folder)

    def bytes_used(self) -> int:
        """On the disk."""
        total = 0
        for path in self._folder.glob("*/*"):
            with suppress(FileNotFoundError):  # removed meanwhile
                total += path.lstat().st_size
        return total

    def close(self) -> None:
        """Lets go of all files, so that other processes may append to them; loses nothing."""
        with self._guard:
            for opened in self._opened.values():
                opened.close()

    def _stems(self) -> list[Path]:
        """Of every segment, also those of which one file is missing."""
        files = (path for path in self._folder.glob("*/*") if path.suffix in (IDS, VECTORS))
        return sorted({path.with_suffix("") for path in files})


def _forget_in(stem: Path, doomed: npt.NDArray[np.void]) -> bool:
    """Whether nothing of these images is left in a segment."""
    segment = Segment(stem)
    if not segment.dim:  # damaged beyond saying what it holds
        for suffix in (VECTORS, IDS):
            stem.with_suffix(suffix).unlink(missing_ok=True)
        return True
    until = time.monotonic() + BUSY_S
    while (writer := Writer.of(stem, segment.dim)) is None:
        if not segment.there:
            return True
        if time.monotonic() > until:
            segment.refresh()
            return not np.isin(segment.ids, doomed).any()
        time.sleep(_RETRY_S)
    try:
        segment.refresh()
        keep = segment.sound & ~np.isin(segment.ids, doomed)
        if not keep.all() or not len(keep):
            rewrite(writer, segment, keep)
    finally:
        writer.close()
    with suppress(OSError):  # it still holds other segments
        stem.parent.rmdir()
    return True


def _to_ids(content_ids: Sequence[str]) -> npt.NDArray[np.void]:
    """(n,) of ID. Raises ValueError unless each has 32 hex digits."""
    raw = bytes.fromhex("".join(content_ids))
    if len(raw) != ID_BYTES * len(content_ids):
        raise ValueError("a content id has 32 hexadecimal digits")
    return np.frombuffer(raw, ID)


def _make_private(folder: Path) -> None:
    for part in (folder.parent, folder):
        part.mkdir(mode=0o700, parents=True, exist_ok=True)


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Raises StorageError in the place of an OSError it can explain."""
    try:
        yield
    except OSError as error:
        known = of_system(error, folder)
        if known is None:
            raise
        raise known from error
