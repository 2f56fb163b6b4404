"""Fetches one file from the hub, goes on where an earlier try ended, and checks what it got.

A file is called by its own name only once its bytes are known to be right. Until then it is
`NAME.DIGEST.part`, where DIGEST is the beginning of the hash it must have: what another version
of the file left behind is never gone on with.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.errors import InstallFailed, ModelDamaged
from engine.job import JobControl
from engine.weights.hub import RUN_AGAIN, Hub, HubFile, Lapse, Repository
from engine.weights.verify import Learnt

BLOCK_BYTES = 1024 * 1024  # read at a time when a file on disk is checked
DIGEST_DIGITS = 16  # of the hash, in the name of a partial file
LOOK_S = 0.1  # between looks at whether to stop, while waiting

#: seconds before each new try while nothing has come yet: someone sits there and waits
FIRST_WAITS_S = (0.5, 1.0, 2.0)
#: and once bytes have flowed: a long download outlives a router that starts again
LATER_WAITS_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 30.0, 30.0, 30.0, 30.0, 30.0)
LONGEST_WAIT_S = 120.0  # however long the hub asks to be left alone

Tell = Callable[[int], None]


@dataclass(slots=True)
class Patience:
    """How often trouble is borne before it is reported."""

    job: JobControl
    log: Callable[[str], None]
    _flowed: bool = False  # bytes have come since the installer started
    _tries: int = 0  # without a byte in between

    def flowing(self) -> None:
        """Bytes came: what went wrong before is forgotten."""
        self._flowed = True
        self._tries = 0

    def bear(self, lapse: Lapse) -> None:
        """Waits. Raises the lapse's failure when it has been borne often enough, or Cancelled."""
        waits = LATER_WAITS_S if self._flowed else FIRST_WAITS_S
        if self._tries >= len(waits):
            raise lapse.failure
        wait_s = min(max(waits[self._tries], lapse.wait_s), LONGEST_WAIT_S)
        self._tries += 1
        self.log(f"{lapse.failure.message} Trying again in {wait_s:.1f} s.")
        until = time.monotonic() + wait_s
        while (left := until - time.monotonic()) > 0:
            self.job.check_cancelled()
            time.sleep(min(left, LOOK_S))


@dataclass(frozen=True, slots=True)
class Expected:
    """What a file must turn out to be, by the manifest and the hub."""

    file: HubFile
    sha256: str  # 64 hex digits; "" for a small file that is known by its blob id alone

    def part(self, folder: Path) -> Path:
        """Where it lies while it is incomplete."""
        digest = (self.sha256 or self.file.blob_id)[:DIGEST_DIGITS]
        whole = self.whole(folder)
        return whole.with_name(f"{whole.name}.{digest}.part")

    def whole(self, folder: Path) -> Path:
        """Where it lies once it was checked."""
        return folder / self.file.path

    def missing_bytes(self, folder: Path) -> int:
        """How much is still to be fetched, going by sizes."""
        for path in (self.whole(folder), self.part(folder)):
            if path.is_file():
                return max(self.file.size_bytes - path.stat().st_size, 0)
        return self.file.size_bytes


class _Digest:
    """The hashes of a file, as its bytes come."""

    def __init__(self, expected: Expected) -> None:
        self._expected = expected
        self.clear()

    def clear(self) -> None:
        size = self._expected.file.size_bytes
        self._sha256 = hashlib.sha256()
        self._blob = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
        self.size_bytes = 0

    def add(self, chunk: bytes) -> None:
        self._sha256.update(chunk)
        if self._expected.file.blob_id:
            self._blob.update(chunk)
        self.size_bytes += len(chunk)

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    @property
    def right(self) -> bool:
        expected = self._expected
        return (
            self.size_bytes == expected.file.size_bytes
            and expected.sha256 in ("", self.sha256)
            and expected.file.blob_id in ("", self._blob.hexdigest())
        )


@dataclass(slots=True)
class Fetcher:
    """Fetches files one after the other over one conversation with the hub."""

    hub: Hub
    patience: Patience
    received: Tell  # bytes that came over the network
    checked: Tell  # bytes that already lay there; negative for those that were no good
    log: Callable[[str], None]

    def fetch(self, repository: Repository, expected: Expected, folder: Path) -> Learnt:
        """The file, right and whole, below its name in folder.

        Raises InstallFailed, OSError, Cancelled (what came is kept), and ModelDamaged when the
        bytes are not those expected (they are removed).
        """
        whole, part = expected.whole(folder), expected.part(folder)
        whole.parent.mkdir(parents=True, exist_ok=True)
        if whole.is_file():
            if (digest := self._read(whole, expected)).right:
                return Learnt(digest.size_bytes, digest.sha256)
            self._discard(whole, digest)
        _remove_other_parts(part, whole.name)
        continued = part.is_file() and part.stat().st_size > 0
        digest = self._complete(repository, expected, part)
        if not digest.right and continued:
            # A machine that lost its power may have kept a file's length and not its bytes.
            self.log("What an earlier try left was no good; fetching the file anew.")
            self._discard(part, digest)
            digest = self._complete(repository, expected, part)
        if not digest.right:
            self._discard(part, digest)
            raise ModelDamaged(
                f"“{expected.file.path}” did not arrive as it was announced; it was removed.",
                "Nothing was installed. Try again later; if you use a mirror, try the public hub.",
            )
        part.replace(whole)
        return Learnt(digest.size_bytes, digest.sha256)

    def _complete(self, repository: Repository, expected: Expected, part: Path) -> _Digest:
        """Adds to the partial file until it is as long as it must be."""
        size = expected.file.size_bytes
        digest = self._read(part, expected) if part.is_file() else _Digest(expected)
        while digest.size_bytes < size:
            try:
                self._go_on(repository, expected, part, digest)
            except Lapse as lapse:
                self.patience.bear(lapse)
        if not size:
            part.touch()
        return digest

    def _go_on(
        self, repository: Repository, expected: Expected, part: Path, digest: _Digest
    ) -> None:
        """One request's worth. The file and the digest tell of the same bytes all along."""
        size = expected.file.size_bytes
        with self.hub.open(repository, expected.file, digest.size_bytes) as body:
            if body.start != digest.size_bytes:
                self._discard(part, digest)
                digest.clear()
            with part.open("ab", buffering=0) as out:
                for chunk in body.chunks:
                    self.patience.job.check_cancelled()
                    _write(out.write, chunk)
                    digest.add(chunk)
                    self.patience.flowing()
                    self.received(len(chunk))
                    if digest.size_bytes > size:
                        return  # more than was announced: it is not right, and may be endless
        if digest.size_bytes < size:
            raise Lapse(InstallFailed("The hub sent less than was announced.", RUN_AGAIN))

    def _read(self, path: Path, expected: Expected) -> _Digest:
        digest = _Digest(expected)
        with path.open("rb") as lying:
            while chunk := lying.read(BLOCK_BYTES):
                self.patience.job.check_cancelled()
                digest.add(chunk)
                self.checked(len(chunk))
        return digest

    def _discard(self, path: Path, digest: _Digest) -> None:
        path.unlink(missing_ok=True)
        self.checked(-digest.size_bytes)


def _write(write: Callable[[bytes], int | None], chunk: bytes) -> None:
    """All of it: an unbuffered file may take less at a time when the disk fills up."""
    while chunk:
        chunk = chunk[write(chunk) or 0 :]


def _remove_other_parts(part: Path, name: str) -> None:
    """Those of other versions of the file."""
    theirs = re.compile(rf"{re.escape(name)}\.[0-9a-f]{{{DIGEST_DIGITS}}}\.part")
    for other in part.parent.iterdir():
        if other != part and theirs.fullmatch(other.name):
            other.unlink()
