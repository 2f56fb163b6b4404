"""Which content a file on disk has, by the identity of its present state and never by its path.

Moving or renaming a folder within its file system recomputes nothing. Reads no file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import islice
from typing import NamedTuple

from engine.storage.database import Database

#: device, inode, size in bytes, time of last change of content and of attributes in ns
FileKey = tuple[int, int, int, int, int]

#: codes that the same bytes always earn from the same reader; the others may pass
LASTING_FAILURES = frozenset(
    {"damaged", "not_an_image", "too_many_pixels", "empty_file", "unsupported"}
)

#: file systems keep times as coarse as this; a file changed within it can look unchanged
_RACY_NS = 2_000_000_000
#: where times are finer than a millisecond they step with the kernel's clock, 10 ms at most
_RACY_FINE_NS = 50_000_000
_BATCH = 500
_ASK = (
    f"SELECT key, content_id, skip_code, reader FROM files WHERE key IN ({', '.join('?' * _BATCH)})"
)


class KnownFile(NamedTuple):
    """What is known of a file: its content, or why it cannot be compared."""

    content_id: str  # 32 hex digits; "" when it could not be read
    skip_code: str  # "" when it could be read


def known_files(
    database: Database, keys: Sequence[FileKey], reader: str
) -> dict[FileKey, KnownFile]:
    """What is known of these files; a file that is not in the answer has to be read.

    reader: names what decides whether a file can be read, versions and limits alike. Failures
    are known to the same reader only, and none to the reader "".
    """
    known: dict[FileKey, KnownFile] = {}
    for batch in _batches(keys):
        digests = {_digest(key): key for key in batch}
        asked = [*digests, *[None] * (_BATCH - len(digests))]
        for digest, content_id, skip_code, by in database.rows(_ASK, asked):
            if content_id is not None:
                known[digests[digest]] = KnownFile(content_id.hex(), "")
            elif by == reader:
                known[digests[digest]] = KnownFile("", skip_code)
    return known


def remember_files(
    database: Database,
    files: Iterable[tuple[FileKey, str, str]],
    *,
    read_after_ns: int,
    reader: str,
) -> None:
    """Remembers (key, content id or "", skip code or "") of files that were read.

    read_after_ns: a moment, in ns since 1970, before the first of them was opened. A file that
    had changed shortly before it, or has since, is left out: it could change once more without
    a trace. Shortly is two seconds, and much less where the file system keeps finer times. So
    are failures that may pass, and all of them for the reader "".
    """
    rows = [
        (_digest(key), bytes.fromhex(content_id), None, None)
        if content_id
        else (_digest(key), None, skip_code, reader)
        for key, content_id, skip_code in files
        if _settled(key, read_after_ns)
        and (content_id or (reader and skip_code in LASTING_FAILURES))
    ]
    if rows:
        with database.writing() as transaction:
            transaction.run_each("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", rows)


def _settled(key: FileKey, read_after_ns: int) -> bool:
    *_, modified_ns, changed_ns = key
    fine = changed_ns % 1_000_000 != 0
    return max(modified_ns, changed_ns) <= read_after_ns - (_RACY_FINE_NS if fine else _RACY_NS)


def _digest(key: FileKey) -> bytes:
    # Numbers of any size: an inode may have 64 bits without a sign, on Windows 128. A digest
    # also tells nothing of when a file was made or changed.
    return blake2b(b"%d,%d,%d,%d,%d" % key, digest_size=16).digest()


def _batches(keys: Sequence[FileKey]) -> Iterator[list[FileKey]]:
    rest = iter(keys)
    while batch := list(islice(rest, _BATCH)):
        yield batch
