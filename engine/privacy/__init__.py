"""The network lock: how the engine makes sure that nothing leaves this machine.

`lock_network` is called at the very start of the engine process, before any thread and any
heavy import, and cannot be undone. Standard library only; opens no file but those under /proc,
and never opens a socket except in `attempt`, which exists to be refused.
"""

from __future__ import annotations

from engine.privacy.attempt import Attempt, attempt
from engine.privacy.lock import (
    OFFLINE_SWITCHES,
    LockCheck,
    audit_only,
    lock_network,
    set_offline_switches,
    status,
)

__all__ = [
    "OFFLINE_SWITCHES",
    "Attempt",
    "LockCheck",
    "attempt",
    "audit_only",
    "lock_network",
    "set_offline_switches",
    "status",
]
