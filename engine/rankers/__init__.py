"""Rankers: how well each image satisfies a hypothesis. Each is one file beside `base`."""

from __future__ import annotations

from collections.abc import Callable

from engine.rankers.base import Ranker
from engine.recipe import Recipe
from engine.tools import Tools


def _measured(recipe: Recipe, tools: Tools) -> Ranker:  # noqa: ARG001  needs none
    from engine.rankers import measured

    return measured.RANKER


def _text_presence(recipe: Recipe, tools: Tools) -> Ranker:  # noqa: ARG001
    from engine.rankers import text_presence

    return text_presence.RANKER


def _clip(recipe: Recipe, tools: Tools) -> Ranker:
    from engine.rankers.clip import Clip

    return Clip(recipe.clip, tools)


#: name in a recipe -> how the ranker is made, so that only what a recipe names is imported
REGISTRY: dict[str, Callable[[Recipe, Tools], Ranker]] = {
    "measured": _measured,
    "text_presence": _text_presence,
    "clip": _clip,
}


def get(name: str, recipe: Recipe, tools: Tools) -> Ranker:
    """Raises KeyError for a name that is not in REGISTRY; recipes are checked before."""
    return REGISTRY[name](recipe, tools)
