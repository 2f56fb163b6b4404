"""Gives up the network for good, and says which layers hold.

Linux: an empty network namespace, then a system-call filter. macOS: its sandbox. Everywhere,
last and weakest: a tripwire in Python itself. Raises nothing: a layer that cannot be had is
missing from the answer, and `status` says why.
"""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

from engine.privacy import inherited, kernel, namespace, sandbox, seccomp, tripwire

#: told to libraries before they are imported: work offline, report nothing to anybody
OFFLINE_SWITCHES: dict[str, str] = {
    "DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "WANDB_MODE": "disabled",
}

_NOT_ASKED = "This process did not lock the network."
_LOST = "It was put in place, but this process can no longer show that it holds."


class LockCheck(NamedTuple):
    """One layer of the lock, as it is now."""

    name: str  # "namespace", "seccomp", "sandbox" or "audit"
    ok: bool  # it holds now
    text: str  # one sentence for a person
    hint: str  # the next step; "" when there is none to take


class _Record:
    """What was so before the lock, and what each layer answered."""

    def __init__(self) -> None:
        self.namespace_before = namespace.identity()
        self.filters_before = seccomp.filter_count(kernel.own_status())
        self.problems: dict[str, str] = {}  # layer -> "" or why it is missing


_record: _Record | None = None


def set_offline_switches() -> None:
    """Sets the environment so that libraries imported later, and children, stay offline."""
    os.environ.update(OFFLINE_SWITCHES)


def lock_network() -> tuple[str, ...]:
    """Gives up the network for this process and its children, for good.

    Must be the first thing a process does: before any thread (one that already runs would keep
    the network, so the namespace is then not entered) and before any heavy import. Returns the
    layers that hold, strongest first, out of "namespace", "seccomp", "sandbox" and "audit".
    Calling it again changes nothing.
    """
    global _record  # noqa: PLW0603 - the lock belongs to the process and is never undone
    if _record is None:
        record = _Record()
        if sys.platform == "linux":
            inherited.shut()
            record.problems["namespace"] = namespace.enter()
            record.problems["seccomp"] = seccomp.install()
        elif sys.platform == "darwin":
            record.problems["sandbox"] = sandbox.enter()
        tripwire.install()
        _record = record
    return tuple(check.name for check in status() if check.ok)


def audit_only() -> None:
    """For children of a locked process: they inherit the kernel's layers and add the tripwire."""
    tripwire.install()


def status() -> tuple[LockCheck, ...]:
    """Each layer this system could have, strongest first, proven without opening a socket.

    The namespace is proven by its identity, its routes and its addresses, the filter by the
    kernel's count of filters. macOS offers no such proof: there, the answer of `sandbox_init`
    is repeated. For a real attempt see `engine.privacy.attempt`.
    """
    checks: list[LockCheck] = []
    if sys.platform == "linux":
        checks += [_namespace(), _seccomp()]
    elif sys.platform == "darwin":
        checks.append(_sandbox())
    walled = any(check.ok for check in checks)
    if walled:
        checks = [check if check.ok else _made_good(check) for check in checks]
    checks.append(_audit(walled))
    return tuple(checks)


def _made_good(check: LockCheck) -> LockCheck:
    return check._replace(hint="Another layer of the lock holds; nothing needs to be done.")


def _namespace() -> LockCheck:
    layer = "namespace"
    if (missing := _missing(layer)) is not None:
        return LockCheck(layer, False, missing, _ALLOW_NAMESPACES)
    here = namespace.identity()
    before = _record.namespace_before if _record else None
    if here is None or here == before or not namespace.is_empty():
        return LockCheck(layer, False, _LOST, "")
    return LockCheck(
        layer,
        True,
        "The engine lives in a network namespace of its own, with no connection to anything.",
        "",
    )


def _seccomp() -> LockCheck:
    layer = "seccomp"
    if (missing := _missing(layer)) is not None:
        return LockCheck(layer, False, missing, "")
    status_now = kernel.own_status()
    before = _record.filters_before if _record else 0
    # Kernels before 5.9 tell only that there are filters, not how many.
    more = "Seccomp_filters" not in status_now or seccomp.filter_count(status_now) > before
    if not (more and status_now.get("Seccomp") == "2" and status_now.get("NoNewPrivs") == "1"):
        return LockCheck(layer, False, _LOST, "")
    return LockCheck(
        layer,
        True,
        "The kernel refuses every socket to the engine and to the processes it starts.",
        "",
    )


def _sandbox() -> LockCheck:
    layer = "sandbox"
    if (missing := _missing(layer)) is not None:
        return LockCheck(layer, False, missing, "")
    return LockCheck(
        layer,
        True,
        "macOS's sandbox refuses all network use to the engine and to the processes it starts.",
        "",
    )


def _audit(walled: bool) -> LockCheck:
    if not tripwire.installed():
        return LockCheck("audit", False, _NOT_ASKED, "")
    hint = "" if walled else _BLOCK_BY_FIREWALL
    return LockCheck(
        "audit",
        True,
        "Python code that reaches for the network is stopped; native code could go round this.",
        hint,
    )


def _missing(layer: str) -> str | None:
    """Why a layer was not put in place; None if it was."""
    if _record is None:
        return _NOT_ASKED
    return _record.problems.get(layer, _NOT_ASKED) or None


_ALLOW_NAMESPACES = "Ask whoever looks after this system to allow user namespaces for Twofold."
_BLOCK_BY_FIREWALL = (
    "On this system no program can lock its own network by itself: "
    "a firewall rule for Twofold does it."
)
