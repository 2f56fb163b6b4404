"""What was used: programs, versions, options. Facts for the record, no sentence."""

from __future__ import annotations

import platform
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version

from engine import __version__
from engine.measurement import Catalogue
from engine.recipe import PROPOSERS, Recipe
from engine.vocabulary import ModelUse, Settings

PACKAGES = ("numpy", "scipy", "pillow", "pi-heif", "scikit-learn", "typst")
MODEL_PACKAGES = ("torch", "transformers", "open_clip_torch", "llama-cpp-python")

#: group of options -> the proposer or ranker it belongs to; others belong to every comparison
_OWNERS = {
    "goal": "caption_llm",
    "phrases": "phrases",
    "captions": "caption_llm",
    "language": "caption_llm",
    "clip": "clip",
}


def versions(*, models: bool = False) -> dict[str, str]:
    """Program or package -> version; a package that is missing is left out.

    models: with the libraries that run models.
    """
    found = {"twofold": __version__, "python": platform.python_version()}
    for package in PACKAGES + (MODEL_PACKAGES if models else ()):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def settings(
    recipe: Recipe,
    seed: int,
    catalogue: Catalogue,
    network_lock: tuple[str, ...],
    models: tuple[ModelUse, ...] = (),
) -> Settings:
    """Every choice that shaped a comparison, and no option of what did not take part."""
    taking_part = {*recipe.proposers, *(PROPOSERS[name] for name in recipe.proposers)}
    options: dict[str, str] = {"measurements": catalogue.version}
    for name, value in asdict(recipe).items():
        if name in ("name", "alpha") or _OWNERS.get(name, "") not in {"", *taking_part}:
            continue
        if name == "captions" and not value["model"]:
            options["captions.model"] = ""  # nothing was described, so no option says how
        elif isinstance(value, dict):
            options |= {f"{name}.{inner}": _in_words(v, "; ") for inner, v in value.items()}
        else:
            options[name] = _in_words(value, ", ")
    used = versions(models="clip" in taking_part)
    return Settings(recipe.name, seed, recipe.alpha, options, used, network_lock, models)


def _in_words(value: object, between: str) -> str:
    return between.join(map(str, value)) if isinstance(value, tuple) else str(value)
