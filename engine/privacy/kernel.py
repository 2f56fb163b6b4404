"""The few calls into the C library that Python has no name for, and what /proc says of us.

Linux only, except `c_library`. Decides nothing.
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

PR_SET_NO_NEW_PRIVS = 38
_CAPABILITY_VERSION_3 = 0x20080522


def c_library() -> ctypes.CDLL:
    """The C library this process already uses; sets errno for `ctypes.get_errno`."""
    return ctypes.CDLL(None, use_errno=True)


def unshare(flags: int) -> int:
    """Leaves the namespaces named by flags. Returns 0 or an errno."""
    return 0 if c_library().unshare(flags) == 0 else ctypes.get_errno()


def refuse_new_privileges() -> int:
    """Neither this process nor a child ever gains a privilege again. Returns 0 or an errno."""
    result = c_library().prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return 0 if result == 0 else ctypes.get_errno()


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class Capabilities(ctypes.Structure):
    """Effective, permitted and inheritable sets: the low words, then the high words."""

    _fields_ = (("words", ctypes.c_uint32 * 6),)


def capabilities() -> Capabilities | None:
    """The capabilities of this thread; None where they cannot be read."""
    header, found = _CapabilityHeader(_CAPABILITY_VERSION_3, 0), Capabilities()
    fine = c_library().capget(ctypes.byref(header), ctypes.byref(found)) == 0
    return found if fine else None


def set_capabilities(wanted: Capabilities) -> int:
    """Keeps no capability beyond those wanted. Returns 0 or an errno."""
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    fine = c_library().capset(ctypes.byref(header), ctypes.byref(wanted)) == 0
    return 0 if fine else ctypes.get_errno()


def thread_count() -> int:
    """Threads of this process, those of native libraries included."""
    try:
        return len(os.listdir("/proc/self/task"))  # noqa: PTH208 - pathlib yields paths; only the count is wanted
    except OSError:
        return 1


def own_status() -> dict[str, str]:
    """/proc/self/status: field -> value; empty where it cannot be read."""
    try:
        text = Path("/proc/self/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    pairs = (line.partition(":") for line in text.splitlines())
    return {name: value.strip() for name, _, value in pairs}


def setting(name: str) -> str | None:
    """A kernel setting below /proc/sys; None where this kernel has none of that name."""
    try:
        return Path("/proc/sys", name).read_text(encoding="utf-8").strip()
    except OSError:
        return None


def in_words(number: int) -> str:
    """An errno as the system words it."""
    return os.strerror(number)
