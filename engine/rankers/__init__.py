"""Rankers: how well each image satisfies a hypothesis. Each is one file beside `base`."""

from __future__ import annotations

from collections.abc import Callable

from engine.rankers.base import Ranker


def _measured() -> Ranker:
    from engine.rankers import measured

    return measured.RANKER


def _text_presence() -> Ranker:
    from engine.rankers import text_presence

    return text_presence.RANKER


#: name in a recipe -> how the ranker is loaded, so that only what a recipe names is imported
REGISTRY: dict[str, Callable[[], Ranker]] = {
    "measured": _measured,
    "text_presence": _text_presence,
}


def get(name: str) -> Ranker:
    """Raises KeyError for a name that is not in REGISTRY; recipes are checked before."""
    return REGISTRY[name]()
