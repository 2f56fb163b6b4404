"""Proposers: where hypotheses come from. Each is one file beside `base`; scores nothing."""

from __future__ import annotations

from collections.abc import Callable

from engine.proposers.base import Proposer


def _measured() -> Proposer:
    from engine.proposers import measured

    return measured.PROPOSER


def _phrases() -> Proposer:
    from engine.proposers import phrases

    return phrases.PROPOSER


#: name in a recipe -> how the proposer is loaded, so that only what a recipe names is imported
REGISTRY: dict[str, Callable[[], Proposer]] = {"measured": _measured, "phrases": _phrases}


def get(name: str) -> Proposer:
    """Raises KeyError for a name that is not in REGISTRY; recipes are checked before."""
    return REGISTRY[name]()
