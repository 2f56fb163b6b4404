"""Proposers: where hypotheses come from. Each is one file beside `base`; scores nothing."""

from __future__ import annotations

from collections.abc import Callable

from engine.proposers.base import Proposer
from engine.tools import Tools


def _measured(tools: Tools) -> Proposer:  # noqa: ARG001  needs none
    from engine.proposers import measured

    return measured.PROPOSER


def _phrases(tools: Tools) -> Proposer:  # noqa: ARG001
    from engine.proposers import phrases

    return phrases.PROPOSER


def _caption_llm(tools: Tools) -> Proposer:
    from engine.proposers.caption_llm import CaptionLLM

    return CaptionLLM(tools)


#: name in a recipe -> how the proposer is made, so that only what a recipe names is imported
REGISTRY: dict[str, Callable[[Tools], Proposer]] = {
    "measured": _measured,
    "phrases": _phrases,
    "caption_llm": _caption_llm,
}


def get(name: str, tools: Tools) -> Proposer:
    """Raises KeyError for a name that is not in REGISTRY; recipes are checked before."""
    return REGISTRY[name](tools)
