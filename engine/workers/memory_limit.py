"""The memory a worker may take, so that an image that unpacks to too much fails by itself.

The limit is one of address space, which the system holds to exactly. Libraries that are loaded
later map gigabytes they never use: what they map is added to it.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator


class MemoryLimit:
    """holds: whether the system took the limit. Windows never does, macOS may refuse."""

    def __init__(self, limit_bytes: int) -> None:
        """limit_bytes: of this process's address space; 0: none."""
        self.limit_bytes = limit_bytes
        self.holds = limit_bytes > 0 and _set(limit_bytes)

    @contextlib.contextmanager
    def while_loading(self) -> Iterator[None]:
        """Lifts the limit while libraries are loaded, and no image is read."""
        if not self.holds:
            yield
            return
        before = _mapped_bytes()
        _set(None)
        try:
            yield
        finally:
            self.limit_bytes += max(0, _mapped_bytes() - before)
            self.holds = _set(self.limit_bytes)


def _set(limit_bytes: int | None) -> bool:
    """None: as much as the system allows this process at all."""
    if sys.platform == "win32":
        return False
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = hard if limit_bytes is None else limit_bytes
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    except (ValueError, OSError):
        return False
    return True


def _mapped_bytes() -> int:
    import psutil

    mapped: int = psutil.Process().memory_info().vms
    return mapped
