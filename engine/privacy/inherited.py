"""Sockets that were handed to this process at its start, before it locked the network.

A filter on new sockets does not reach one that is already open. Linux only.
"""

from __future__ import annotations

import ctypes
import os

from engine.privacy import kernel

_SOL_SOCKET, _SO_TYPE, _SO_DOMAIN = 1, 3, 39
_AF_UNIX, _SOCK_DGRAM = 1, 2
_FIRST_UNNAMED = 3  # 0, 1 and 2 were connected on purpose by whoever started this process


def shut() -> int:
    """Puts /dev/null in the place of every inherited socket that could lead outside.

    Local stream sockets (such as those of a parent that talks with this process) stay; so do
    standard input, output and error. Returns how many were replaced.
    """
    replaced = 0
    try:
        numbers = [int(name) for name in os.listdir("/proc/self/fd")]  # noqa: PTH208 - names, not paths
    except OSError:
        return 0
    for number in numbers:
        if number >= _FIRST_UNNAMED and _leads_outside(number):
            null = os.open(os.devnull, os.O_RDWR)
            os.dup2(null, number, inheritable=False)
            os.close(null)
            replaced += 1
    return replaced


def _leads_outside(number: int) -> bool:
    family = _option(number, _SO_DOMAIN)
    if family is None:
        return False  # no socket
    return family != _AF_UNIX or _option(number, _SO_TYPE) == _SOCK_DGRAM


def _option(number: int, name: int) -> int | None:
    value, size = ctypes.c_int(), ctypes.c_uint32(ctypes.sizeof(ctypes.c_int))
    failed = kernel.c_library().getsockopt(
        number, _SOL_SOCKET, name, ctypes.byref(value), ctypes.byref(size)
    )
    return None if failed else value.value
