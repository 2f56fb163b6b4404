"""Which file on the disk it is, and whether it was written to since it was looked at.

A change that keeps size, inode and both times is not noticed; reading the whole file again is.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec


class Identity(msgspec.Struct, frozen=True, array_like=True):
    device: int
    inode: int
    size_bytes: int
    mtime_ns: int
    ctime_ns: int

    @classmethod
    def of(cls, found: os.stat_result) -> Identity:
        return cls(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)

    @classmethod
    def at(cls, path: Path) -> Identity | None:
        """Of the file a path leads to; None when there is none."""
        try:
            return cls.of(path.stat())
        except OSError:
            return None

    def same_content(self, other: Identity) -> bool:
        """Whether it is the same file, not written to; it may have been moved meanwhile."""
        return (self.device, self.inode, self.size_bytes, self.mtime_ns) == (
            other.device,
            other.inode,
            other.size_bytes,
            other.mtime_ns,
        )
