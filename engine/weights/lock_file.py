"""What was installed: one small file a model, written last of all.

It names every file with its size, its hash and its identity on the disk when it was last read
whole. A model without such a file is not installed, whatever lies in its folder.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
from blake3 import blake3

from engine.weights.disk import write_whole
from engine.weights.identity import Identity

FORMAT = 1
FINGERPRINT_DIGITS = 32
MAX_BYTES = 4 * 1024 * 1024  # of a lock file; a longer one is none


class LockedFile(msgspec.Struct, frozen=True, kw_only=True):
    path: str  # within the model
    size_bytes: int
    sha256: str
    identity: Identity  # when its hash was last taken
    origin: str = ""  # where it lies, when it belongs to another program


class Damage(msgspec.Struct, frozen=True, kw_only=True):
    """What the last look found to be wrong. Void once any of the files changes."""

    message: str
    identities: tuple[Identity | None, ...]  # of the files, in their order; None: not there


class Lock(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: int = FORMAT
    name: str
    revision: str  # "" if that is not known
    source: str  # "hub", "import", "in place", or the address of the hub
    when: str  # ISO 8601, UTC, to the second
    in_place: bool = False
    files: tuple[LockedFile, ...]
    damage: Damage | None = None

    @property
    def fingerprint(self) -> str:
        """32 hex digits over the names and hashes of all files, whatever their order."""
        digest = blake3()
        for file in sorted(self.files, key=lambda file: file.path):
            digest.update(f"{file.path}\0{file.sha256}\n".encode())
        return str(digest.hexdigest()[:FINGERPRINT_DIGITS])

    @property
    def size_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files)


def now() -> str:
    return datetime.now(UTC).replace(microsecond=0).isoformat()


def read_lock(path: Path) -> Lock | None:
    """None when there is none, or none that can be read: then nothing counts as installed."""
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES)
        lock = msgspec.json.decode(text, type=Lock)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return lock if lock.format == FORMAT else None


def write_lock(path: Path, lock: Lock) -> None:
    """Raises OSError."""
    write_whole(path, msgspec.json.format(msgspec.json.encode(lock), indent=1) + b"\n")
