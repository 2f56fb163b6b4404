"""Captioners: who describes images in words. Each is one file beside `base`; compares nothing."""

from __future__ import annotations

from collections.abc import Callable

from engine.captioners.base import LoadCaptioner
from engine.errors import WrongModel
from engine.model import InstalledModel, Loader


def _blip2() -> LoadCaptioner:
    from engine.captioners.blip2 import load

    return load


def _llava() -> LoadCaptioner:
    from engine.captioners.llava import load

    return load


def _gguf_vision() -> LoadCaptioner:
    from engine.captioners.gguf_vision import load

    return load


#: loader of a model -> how captioners of that kind are loaded; only the one needed is imported
REGISTRY: dict[Loader, Callable[[], LoadCaptioner]] = {
    Loader.BLIP2: _blip2,
    Loader.LLAVA: _llava,
    Loader.GGUF_VISION: _gguf_vision,
}


def get(model: InstalledModel) -> LoadCaptioner:
    """How this model is loaded as a captioner. Raises WrongModel when it cannot describe images."""
    try:
        return REGISTRY[model.spec.loader]()
    except KeyError:
        raise WrongModel(
            f"{model.spec.title} cannot describe images.",
            "Name a captioner in the recipe: BLIP-2, LLaVA, or a vision model with its projector.",
        ) from None
