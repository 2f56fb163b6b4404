"""The first layer on Linux: a network namespace of our own, with nothing in it.

A fresh namespace has no interface that is up, no address and no route, so that TCP, UDP and
loopback fail for this process and all its children. UNIX sockets that have a path in the file
system still connect: closing those is the work of the system-call filter.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

from engine.privacy import kernel

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000


def identity() -> int | None:
    """The number of the network namespace this process lives in; None where there is none."""
    try:
        return Path("/proc/self/ns/net").stat().st_ino
    except OSError:
        return None


def enter() -> str:
    """Leaves for an empty network namespace. Returns "" or, in a sentence, why not.

    Must run while there is one thread only: a namespace belongs to a thread, and others would
    stay outside. A user who may not do so directly goes through a user namespace in which he
    is who he was: same user, same group, no capability he did not have.
    """
    if kernel.thread_count() > 1:
        return "Other threads were already running, and they would have stayed outside."
    if kernel.unshare(_CLONE_NEWNET) == 0:
        return ""
    # Tried in a child first: a user namespace that was entered but could not be given its
    # user and group would leave this process as "nobody", and there is no way back.
    problem = _rehearse()
    if problem == 0:
        problem = _enter_with_user_namespace()
    return _why(problem) if problem else ""


def _rehearse() -> int:
    """Returns 0 or an errno, as a child found it; this process stays as it is."""
    answer, tell = os.pipe()
    try:
        child = os.fork()
    except OSError as error:
        os.close(answer)
        os.close(tell)
        return error.errno or errno.EAGAIN
    if child == 0:
        problem = errno.EIO
        try:
            problem = _enter_with_user_namespace()
        finally:
            os.write(tell, bytes([min(problem, 255)]))
            os._exit(0)
    os.close(tell)
    found = os.read(answer, 1)  # nothing, should the child have been killed
    os.close(answer)
    with suppress(ChildProcessError):  # where whoever started us had children cleared away
        os.waitpid(child, 0)
    return found[0] if found else errno.EIO


def _enter_with_user_namespace() -> int:
    """Returns 0 or an errno."""
    user, group = os.geteuid(), os.getegid()
    had = kernel.capabilities()
    problem = kernel.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
    if problem:
        return problem
    try:
        _tell("setgroups", "deny")  # without it an ordinary user may not map his group
        _tell("uid_map", f"{user} {user} 1")
        _tell("gid_map", f"{group} {group} 1")
    except OSError as error:
        return error.errno or errno.EIO
    # Inside, this process holds every capability over the user's own files, and would read
    # and write what their modes forbid. It gives back what it did not have before.
    return kernel.set_capabilities(had if had is not None else kernel.Capabilities())


def _tell(name: str, text: str) -> None:
    # One write, without creating or truncating: that is what the kernel takes these for.
    descriptor = os.open(f"/proc/self/{name}", os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def is_empty() -> bool:
    """Whether the namespace has no route and no IPv6 address. Opens no socket."""
    return _lines("route", header=1) == 0 and _lines("if_inet6", header=0) == 0


def _lines(table: str, header: int) -> int:
    try:
        text = Path("/proc/self/net", table).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return 0  # a kernel built without that protocol
    except OSError:
        return 1
    return max(len(text.splitlines()) - header, 0)


def _why(problem: int) -> str:
    words = f"({kernel.in_words(problem)})"
    if kernel.setting("user/max_user_namespaces") == "0":
        return f"User namespaces are switched off on this system {words}."
    if kernel.setting("kernel/unprivileged_userns_clone") == "0":
        return f"User namespaces are forbidden to ordinary users on this system {words}."
    if kernel.setting("kernel/apparmor_restrict_unprivileged_userns") == "1":
        return f"AppArmor forbids user namespaces on this system {words}."
    if problem in (errno.EPERM, errno.EACCES):
        return f"User namespaces are forbidden on this system {words}."
    if problem in (errno.EINVAL, errno.ENOSYS):
        return f"This kernel has no user or network namespaces {words}."
    if problem in (errno.ENOSPC, errno.EUSERS):
        return f"This system's limit of namespaces is reached {words}."
    return f"A network namespace could not be made {words}."
