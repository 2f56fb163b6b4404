"""The layer everywhere: an audit hook that refuses Python's own use of the network.

A tripwire, not a wall: native code goes round it. Local pairs of sockets stay allowed.
"""

from __future__ import annotations

import errno
import sys

_AF_UNIX = 1  # the same on every system that has it
_ASKS_NOBODY = frozenset({"socket.gethostname", "socket.getservbyname", "socket.getservbyport"})

_installed = False


def install() -> None:
    """Puts the hook in place for good; a second call does nothing."""
    global _installed  # noqa: PLW0603 - a hook can never be removed, and one is enough
    if not _installed:
        sys.addaudithook(_refuse)
        _installed = True


def installed() -> bool:
    return _installed


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    """Raises PermissionError for every event that reaches for the network."""
    if not event.startswith("socket.") or event in _ASKS_NOBODY:
        return
    if event == "socket.__new__" and len(arguments) > 1 and arguments[1] == _AF_UNIX:
        return  # also how the two ends of a local pair announce themselves
    if event == "socket.sendmsg" and len(arguments) > 1 and arguments[1] is None:
        return  # to the other end of a pair: no address is given
    raise PermissionError(errno.EPERM, f"Twofold never uses the network; this was refused: {event}")
