"""Recipes: which proposers and rankers take part, with which options. Frozen and checked once.

A recipe is a TOML file or one of the built-in names. Loads no model and reads no image.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

import msgspec

from engine.errors import BadRecipe
from engine.model import Role

MAX_GOAL = 500  # characters of the goal; more would drown the captions it stands beside

#: proposer -> the ranker that scores its hypotheses
PROPOSERS = {"measured": "measured", "phrases": "text_presence", "caption_llm": "clip"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseOptions:
    """Phrases mined from the text that images bring along."""

    max_words: int = 4  # longer phrases repeat their parts
    min_images: int = 3  # images of both sides together that must hold a phrase
    keep: int = 10  # phrases kept a side after merging
    prior: float = 10.0  # weight of the common background in the log-odds, in pseudo-images


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionOptions:
    """The captioner: who describes the images that the language model gets to read about."""

    model: str = ""  # of the manifest; "" takes the texts that images bring along
    length: Literal["short", "detailed"] = "short"  # a phrase, or a paragraph
    beams: int = 5  # beams of the search for the likeliest caption; 1 is greedy and faster
    max_tokens: int = 0  # new tokens a caption; 0: 30 for short ones, 256 for detailed ones
    batch: int = 0  # images at a time; 0 lets the captioner choose
    prompt: str = ""  # asked instead of Twofold's own question; "" takes that


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageOptions:
    """The language model that reads captions of both sides and proposes hypotheses."""

    model: str = ""  # of the manifest
    rounds: int = 3  # samples drawn afresh; more see more of the sets
    samples: int = 20  # captions a side in a round; more get lost in the middle of the prompt
    hypotheses: int = 10  # asked for in a round, for each direction
    temperature: float = 0.7  # 0 takes the likeliest words; higher brings more variety
    context: int = 8192  # tokens of prompt and answer together; longer captions are cut to fit
    prompt: str = ""  # a prompt file of yours, or the bare name of one of Twofold's own
    merge: float = 0.92  # cosine of text vectors from which two phrases say the same; 1: never


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipOptions:
    """The model that scores phrases on images."""

    model: str = ""  # of the manifest
    phrasings: tuple[str, ...] = ("{}",)  # averaged as vectors; {} stands for the hypothesis
    batch: int = 0  # images at a time; 0 lets the ranker choose
    precision: Literal["auto", "float16", "bfloat16", "float32"] = "auto"  # to hold the model in


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How two sets are compared. Every field is part of the comparison's identity."""

    name: str = "measured"
    proposers: tuple[str, ...] = ("measured", "phrases")  # who proposes; also "caption_llm"
    alpha: float = 0.05  # false discovery rate at which a finding is called significant
    min_split: int = 40  # images a side from which half of them are held out
    evidence: int = 12  # images a group shown as evidence
    permutations: int = 999  # of the overall test
    pixel_limit: int = 300_000_000  # larger images are skipped
    timeout_s: float = 30.0  # for decoding and measuring one image
    goal: str = ""  # what the person wants to know, told to the language model
    phrases: PhraseOptions = field(default_factory=PhraseOptions)
    captions: CaptionOptions = field(default_factory=CaptionOptions)
    language: LanguageOptions = field(default_factory=LanguageOptions)
    clip: ClipOptions = field(default_factory=ClipOptions)


def _with_models(name: str, *, captions: str, language: str, clip: str) -> Recipe:
    return Recipe(
        name=name,
        proposers=("measured", "phrases", "caption_llm"),
        captions=CaptionOptions(model=captions),
        language=LanguageOptions(model=language),
        clip=ClipOptions(model=clip),
    )


MEASURED = Recipe()
AUTO = "auto"  # names the first of usable_recipes

#: best first: the paper's is the one whose accuracy is published
BUILT_IN: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        _with_models(
            "paper",
            captions="blip2-flan-t5-xxl",
            language="vicuna-13b-v1.5",
            clip="vit-bigg-14-laion2b",
        ),
        _with_models(
            "workstation",
            captions="qwen3-vl-8b",
            language="qwen3.5-9b",
            clip="vit-bigg-14-laion2b",
        ),
        _with_models(
            "laptop", captions="qwen3-vl-2b", language="qwen3.5-4b", clip="vit-b-32-laion2b"
        ),
        MEASURED,
        replace(
            _with_models(
                "pocket", captions="pocket-blip2", language="pocket-llm", clip="pocket-clip"
            ),
            proposers=("caption_llm",),
            captions=CaptionOptions(model="pocket-blip2", beams=1),
            language=LanguageOptions(model="pocket-llm", prompt="pocket", context=2048),
        ),
    )
}
#: recipes of BUILT_IN for trying out, and for tests: their models know only rendered scenes
TRIALS = ("pocket",)


def needed_models(recipe: Recipe) -> dict[Role, str]:
    """role -> name in the manifest, of the models a recipe loads, in the order of their use."""
    if "caption_llm" not in recipe.proposers:
        return {}
    named = {
        Role.CAPTIONER: recipe.captions.model,
        Role.PROPOSER: recipe.language.model,
        Role.RANKER: recipe.clip.model,
    }
    return {role: name for role, name in named.items() if name}


def usable_recipes(is_installed: Callable[[str], bool]) -> Iterator[str]:
    """Built-in recipes whose models are all installed, best first; the last needs none.

    Those for trying out are left out.
    """
    return (name for name in _whole(is_installed) if name not in TRIALS)


def offered_recipes(is_installed: Callable[[str], bool]) -> Iterator[str]:
    """What a person can choose now: usable recipes, best first, then those for trying out."""
    yield from usable_recipes(is_installed)
    yield from (name for name in _whole(is_installed) if name in TRIALS)


def _whole(is_installed: Callable[[str], bool]) -> Iterator[str]:
    for name, recipe in BUILT_IN.items():
        if all(map(is_installed, needed_models(recipe).values())):
            yield name


def choose(
    name_or_path: str,
    is_installed: Callable[[str], bool],
    *,
    goal: str = "",
    changes: Mapping[str, str] | None = None,
) -> Recipe:
    """The recipe that is asked for, or for AUTO the best one whose models are all installed.

    changes: option, as "language.rounds", -> value in words; they go above what the recipe says.
    Raises BadRecipe.
    """
    if name_or_path == AUTO:
        name_or_path = next(usable_recipes(is_installed))
    recipe = load(name_or_path)
    if not changes and not goal:
        return recipe
    raw = msgspec.to_builtins(recipe)
    for option, value in (changes or {}).items():
        _change(raw, option, value)
    if goal:
        raw["goal"] = goal
    return _checked(raw, strict=False)


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
    language = raw.get("language")
    if isinstance(language, dict) and isinstance(language.get("prompt"), str):
        # a file that is named in a recipe is looked for beside it
        named = language["prompt"]
        language["prompt"] = named if names_packaged_prompt(named) else str(path.parent / named)
    return _checked(raw)


def names_packaged_prompt(prompt: str) -> bool:
    """Whether a prompt is one of Twofold's own: a bare name, or nothing at all. Else it is a path.

    A prompt file of the person's has an ending or stands in a folder, as in “./mine”.
    """
    return not set(prompt) & set("./\\")


#: groups of options, each a table of its own in a recipe file
GROUPS: dict[str, type] = {
    "phrases": PhraseOptions,
    "captions": CaptionOptions,
    "language": LanguageOptions,
    "clip": ClipOptions,
}


def _change(raw: dict[str, Any], option: str, value: str) -> None:
    """Lists are given with commas between their items."""
    group, _, name = option.rpartition(".")
    place = raw.get(group) if group else raw
    if not isinstance(place, dict) or name not in place or (not group and name in GROUPS):
        raise BadRecipe(
            f"There is no option “{option}”.",
            "Options of a group are written with a dot, as language.rounds=3.",
        )
    place[name] = value.split(",") if isinstance(place[name], list | tuple) else value


def _checked(raw: dict[str, Any], *, strict: bool = True) -> Recipe:
    unknown = sorted(set(raw) - set(Recipe.__dataclass_fields__))
    for group, options in GROUPS.items():
        nested = raw.get(group)
        if isinstance(nested, dict):
            known = {field.name for field in fields(options)}
            unknown += sorted(f"{group}.{name}" for name in set(nested) - known)
    if unknown:
        raise BadRecipe(
            f"The recipe has unknown options: {', '.join(unknown)}.",
            "Remove them or correct their spelling.",
        )
    try:
        recipe = msgspec.convert(raw, Recipe, strict=strict)
    except msgspec.ValidationError as error:
        raise BadRecipe(f"The recipe is not valid: {error}.", "Correct the value.") from None
    strangers = [p for p in recipe.proposers if p not in PROPOSERS]
    if strangers or not recipe.proposers:
        raise BadRecipe(
            f"The recipe names unknown proposers: {', '.join(strangers) or '(none given)'}.",
            f"Known: {', '.join(PROPOSERS)}.",
        )
    _check_models(recipe)
    _check_ranges(recipe)
    return recipe


def _check_models(recipe: Recipe) -> None:
    if "caption_llm" not in recipe.proposers:
        return
    needed = {"language.model": recipe.language.model, "clip.model": recipe.clip.model}
    missing = [option for option, model in needed.items() if not model]
    if missing:
        raise BadRecipe(
            f"The proposer caption_llm needs {' and '.join(missing)}.",
            "Name models that `twofold models` lists.",
        )


def _check_ranges(recipe: Recipe) -> None:
    phrases, captions, language, clip = (
        recipe.phrases,
        recipe.captions,
        recipe.language,
        recipe.clip,
    )
    ranges = {
        "alpha": 0 < recipe.alpha < 1,
        "min_split": recipe.min_split >= 4,
        "evidence": 0 <= recipe.evidence <= 100,
        "permutations": 99 <= recipe.permutations <= 100_000,
        "pixel_limit": recipe.pixel_limit > 0,
        "timeout_s": recipe.timeout_s > 0,
        "goal": len(recipe.goal) <= MAX_GOAL,
        "phrases.max_words": 1 <= phrases.max_words <= 6,
        "phrases.min_images": phrases.min_images >= 1,
        "phrases.keep": phrases.keep >= 1,
        "phrases.prior": phrases.prior > 0,
        "captions.beams": 1 <= captions.beams <= 32,
        "captions.max_tokens": 0 <= captions.max_tokens <= 2048,
        "captions.batch": captions.batch >= 0,
        "language.rounds": 1 <= language.rounds <= 100,
        "language.samples": 1 <= language.samples <= 1000,
        "language.hypotheses": 1 <= language.hypotheses <= 100,
        "language.temperature": 0 <= language.temperature <= 2,
        "language.context": 512 <= language.context <= 1_000_000,
        "language.merge": 0 < language.merge <= 1,
        "clip.phrasings": bool(clip.phrasings) and all("{}" in p for p in clip.phrasings),
        "clip.batch": clip.batch >= 0,
    }
    wrong = [name for name, fine in ranges.items() if not fine]
    if wrong:
        raise BadRecipe(f"The recipe has values out of range: {', '.join(wrong)}.", "Correct them.")
