"""Recipes: which proposers and rankers take part, with which options. Frozen and checked once.

A recipe is a TOML file or one of the built-in names. Loads no model and reads no image.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from engine.errors import BadRecipe

#: proposer -> the ranker that scores its hypotheses
PROPOSERS = {"measured": "measured", "phrases": "text_presence"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseOptions:
    """Phrases mined from the text that images bring along."""

    max_words: int = 4  # longer phrases repeat their parts
    min_images: int = 3  # images of both sides together that must hold a phrase
    keep: int = 10  # phrases kept a side after merging
    prior: float = 10.0  # weight of the common background in the log-odds, in pseudo-images


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How two sets are compared. Every field is part of the comparison's identity."""

    name: str = "measured"
    proposers: tuple[str, ...] = ("measured", "phrases")
    alpha: float = 0.05  # false discovery rate at which a finding is called significant
    min_split: int = 40  # images a side from which half of them are held out
    evidence: int = 12  # images a group shown as evidence
    permutations: int = 999  # of the overall test
    pixel_limit: int = 300_000_000  # larger images are skipped
    timeout_s: float = 30.0  # for decoding and measuring one image
    phrases: PhraseOptions = field(default_factory=PhraseOptions)


BUILT_IN: dict[str, Recipe] = {"measured": Recipe()}


def load(name_or_path: str) -> Recipe:
    """A built-in recipe by name, or a TOML file. Raises BadRecipe."""
    if name_or_path in BUILT_IN:
        return BUILT_IN[name_or_path]
    path = Path(name_or_path)
    if path.suffix != ".toml":
        raise BadRecipe(
            f"There is no recipe called “{name_or_path}”.",
            f"Built in: {', '.join(BUILT_IN)}. A recipe of your own is a .toml file.",
        )
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise BadRecipe("The recipe file could not be read.", "Check its path.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadRecipe(f"The recipe file is not valid TOML: {error}.", "Correct it.") from None
    raw.setdefault("name", path.stem)
    return _checked(raw)


def _checked(raw: dict[str, Any]) -> Recipe:
    unknown = sorted(set(raw) - set(Recipe.__dataclass_fields__))
    nested = raw.get("phrases")
    if isinstance(nested, dict):
        unknown += sorted(
            f"phrases.{k}" for k in set(nested) - set(PhraseOptions.__dataclass_fields__)
        )
    if unknown:
        raise BadRecipe(
            f"The recipe has unknown options: {', '.join(unknown)}.",
            "Remove them or correct their spelling.",
        )
    try:
        recipe = msgspec.convert(raw, Recipe)
    except msgspec.ValidationError as error:
        raise BadRecipe(f"The recipe is not valid: {error}.", "Correct the value.") from None
    strangers = [p for p in recipe.proposers if p not in PROPOSERS]
    if strangers or not recipe.proposers:
        raise BadRecipe(
            f"The recipe names unknown proposers: {', '.join(strangers) or '(none given)'}.",
            f"Known: {', '.join(PROPOSERS)}.",
        )
    ranges = {
        "alpha": 0 < recipe.alpha < 1,
        "min_split": recipe.min_split >= 4,
        "evidence": 0 <= recipe.evidence <= 100,
        "permutations": 99 <= recipe.permutations <= 100_000,
        "pixel_limit": recipe.pixel_limit > 0,
        "timeout_s": recipe.timeout_s > 0,
        "phrases.max_words": 1 <= recipe.phrases.max_words <= 6,
        "phrases.min_images": recipe.phrases.min_images >= 1,
        "phrases.keep": recipe.phrases.keep >= 1,
        "phrases.prior": recipe.phrases.prior > 0,
    }
    wrong = [name for name, fine in ranges.items() if not fine]
    if wrong:
        raise BadRecipe(f"The recipe has values out of range: {', '.join(wrong)}.", "Correct them.")
    return recipe
