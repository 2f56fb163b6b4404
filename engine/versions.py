"""What was used: programs, versions, options. Facts for the record, no sentence."""

from __future__ import annotations

import platform
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version

from engine import __version__
from engine.measurement import Catalogue
from engine.recipe import Recipe
from engine.vocabulary import Settings

PACKAGES = ("numpy", "scipy", "pillow", "pi-heif", "scikit-learn", "typst")


def versions() -> dict[str, str]:
    """Program or package -> version; a package that is missing is left out."""
    found = {"twofold": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def settings(
    recipe: Recipe, seed: int, catalogue: Catalogue, network_lock: tuple[str, ...]
) -> Settings:
    """Every choice that shaped a comparison."""
    options: dict[str, str] = {"measurements": catalogue.version}
    for name, value in asdict(recipe).items():
        if isinstance(value, dict):
            options |= {f"{name}.{inner}": str(v) for inner, v in value.items()}
        elif isinstance(value, tuple):
            options[name] = ", ".join(str(v) for v in value)
        elif name not in ("name", "alpha"):
            options[name] = str(value)
    return Settings(recipe.name, seed, recipe.alpha, options, versions(), network_lock)
