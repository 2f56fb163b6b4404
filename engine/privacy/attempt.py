"""A real attempt to use the network, so that anyone can see it fail.

Goes to the C library directly, past Python and its audit hook. Reaches for this computer's
own loopback address and for an address reserved for documentation, and sends nothing.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from typing import NamedTuple

#: answers that mean: nothing went anywhere
_SHUT = frozenset(
    {errno.EPERM, errno.EACCES, errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
)
_DISCARD_PORT = 9
_SEE_THE_LAYERS = "The layers of the network lock say which of them is missing, and why."
_OUTSIDE = "192.0.2.1"  # RFC 5737: for documentation, belongs to nobody


class Attempt(NamedTuple):
    """One thing that was tried, and how far it came."""

    name: str  # "TCP over IPv4", "local socket with a path" …
    ok: bool  # it was refused
    step: str  # the call that was refused: "socket" or "connect"; "" when none was
    errno: int  # of that call; 0 when none was refused
    text: str  # one sentence for a person
    hint: str  # the next step; "" when it was refused


def attempt(port: int = _DISCARD_PORT) -> tuple[Attempt, ...]:
    """Tries to open sockets of every usual family and to connect two of them to this computer.

    port: on the loopback address; it need not be open, for a refusal by the other end shows
    as well as an answer that the network was reached. On Windows, where the C library cannot
    be reached this way, Python's own sockets are tried.
    """
    import socket

    af_unix = int(getattr(socket, "AF_UNIX", 0))
    v4, v6 = int(socket.AF_INET), int(socket.AF_INET6)
    stream, datagram = int(socket.SOCK_STREAM), int(socket.SOCK_DGRAM)
    loopback_4 = _address(v4, port, socket.inet_aton("127.0.0.1"))
    loopback_6 = _address(v6, port, b"\0" * 15 + b"\1")
    outside = _address(v4, _DISCARD_PORT, socket.inet_aton(_OUTSIDE))
    tries: list[tuple[str, int, int, bytes]] = [
        ("TCP over IPv4", v4, stream, loopback_4),
        ("TCP over IPv6", v6, stream, loopback_6),
        ("UDP over IPv4, to the outside", v4, datagram, outside),
    ]
    if af_unix:
        tries.append(("local socket", af_unix, stream, b""))
        tries.append(("local datagram socket", af_unix, datagram, b""))
    if sys.platform == "linux":
        tries.append(("netlink socket", int(socket.AF_NETLINK), int(socket.SOCK_RAW), b""))
        tries.append(("packet socket", int(socket.AF_PACKET), int(socket.SOCK_RAW), b""))
    if os.name == "nt":
        return tuple(_through_python(name, family, kind) for name, family, kind, _ in tries)
    return tuple(_through_c(*one) for one in tries)


def _through_c(name: str, family: int, kind: int, address: bytes) -> Attempt:
    library = ctypes.CDLL(None, use_errno=True)
    descriptor = library.socket(family, kind, 0)
    if descriptor < 0:
        return _told(name, "socket", ctypes.get_errno())
    try:
        os.set_blocking(descriptor, False)
        if address and library.connect(descriptor, address, len(address)) < 0:
            return _told(name, "connect", ctypes.get_errno())
    finally:
        os.close(descriptor)
    return _told(name, "", 0)


def _through_python(name: str, family: int, kind: int) -> Attempt:
    import socket

    try:
        socket.socket(family, kind).close()
    except OSError as error:
        return _told(name, "socket", error.errno or errno.EPERM)
    return _told(name, "", 0)


def _told(name: str, step: str, problem: int) -> Attempt:
    words = os.strerror(problem)
    if problem in _SHUT:
        return Attempt(name, True, step, problem, f"Refused ({words}).", "")
    if problem:
        text = f"Not refused by the lock ({words})."
        return Attempt(name, False, "", problem, text, _SEE_THE_LAYERS)
    return Attempt(name, False, "", 0, "Possible: the lock did not refuse it.", _SEE_THE_LAYERS)


def _address(family: int, port: int, host: bytes) -> bytes:
    """A socket address as the C library takes it: sockaddr_in or sockaddr_in6."""
    rest = struct.pack("!H", port)
    rest += host + b"\0" * 8 if len(host) == 4 else b"\0" * 4 + host + b"\0" * 4
    if sys.platform == "darwin":
        return struct.pack("BB", len(rest) + 2, family) + rest
    return struct.pack("=H", family) + rest
