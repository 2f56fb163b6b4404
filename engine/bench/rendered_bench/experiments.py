"""The experiments: which variants are compared, and by what they are measured.

Plain data, so that the command line can name them without importing anything heavy. An experiment
is a table; its first row is the one the others are compared with.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["EXPERIMENTS", "Experiment", "Pack", "Variant"]

ONLY_LANGUAGE = ("proposers", "caption_llm")  # as in the paper: nothing but the three models


@dataclass(frozen=True, slots=True)
class Pack:
    """Models a variant may name: those installed that belong to the recipe, its own first."""

    captioners: tuple[str, ...] = ()
    language: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Variant:
    """One row of a table."""

    name: str
    options: tuple[tuple[str, str], ...] = ()  # of the recipe
    order: str = "listed"  # see `orders`: "listed", "phrases", "proposed", "auroc", …
    captions: str = ""  # true ones that the images bring along
    purity: float = 1.0
    correction: str = "full"  # "full", "q" or "none"


@dataclass(frozen=True, slots=True)
class Experiment:
    name: str
    title: str
    question: str  # what it answers, and how to read it
    variants: Callable[[Pack], Sequence[Variant]]
    #: columns: "acc" (Acc@1 and Acc@5), "claims" (findings called significant, and how many of
    #: them are true), "alarms" (share of comparisons with any finding)
    measures: tuple[str, ...] = ("acc",)


def _proposers(_: Pack) -> list[Variant]:
    union = ("proposers", "measured,phrases,caption_llm")
    only_phrases = (("proposers", "phrases"),)
    return [
        Variant("language model, ranked by CLIP", (ONLY_LANGUAGE,)),
        Variant("language model, in its own order", (ONLY_LANGUAGE,), order="proposed"),
        Variant("phrases of true captions, ranked", only_phrases, captions="short"),
        Variant("phrases of true captions, own order", only_phrases, "proposed", "short"),
        Variant("measurements", (("proposers", "measured"),)),
        Variant("all three, as listed", (union,), captions="short"),
        Variant("all three, without measurements", (union,), "phrases", "short"),
    ]


def _metrics(_: Pack) -> list[Variant]:
    names = {
        "listed": "lower end of the AUROC's interval (as listed)",
        "auroc": "AUROC",
        "welch": "Welch's p",
        "difference": "difference of means",
    }
    return [Variant(name, (ONLY_LANGUAGE,), order=order) for order, name in names.items()]


def _captions(pack: Pack) -> list[Variant]:
    return [
        Variant(
            f"{captioner}, {length}",
            (ONLY_LANGUAGE, ("captions.model", captioner), ("captions.length", length)),
        )
        for captioner in pack.captioners
        for length in ("short", "detailed")
    ] + [
        Variant(
            f"true captions, {length}", (ONLY_LANGUAGE, ("captions.model", "")), "listed", length
        )
        for length in ("short", "detailed")
    ]


def _language(pack: Pack) -> list[Variant]:
    return [Variant(name, (ONLY_LANGUAGE, ("language.model", name))) for name in pack.language]


def _option(option: str, *values: str) -> Callable[[Pack], list[Variant]]:
    """The same recipe with one option changed."""

    def variants(_: Pack) -> list[Variant]:
        return [
            Variant(f"{option} = {value}", (ONLY_LANGUAGE, (option, value))) for value in values
        ]

    return variants


def _purity(_: Pack) -> list[Variant]:
    return [
        Variant(f"{purity:.0%}", (ONLY_LANGUAGE,), purity=purity)
        for purity in (1.0, 0.8, 0.6, 0.4, 0.2, 0.0)
    ]


def _split(_: Pack) -> list[Variant]:
    never = ("min_split", "1000000")
    return [
        Variant(f"{name}, purity {purity:.0%}", (ONLY_LANGUAGE, *options), purity=purity)
        for purity in (1.0, 0.0)
        for name, options in (("tested on held-out images", ()), ("on all images", (never,)))
    ]


def _correction(_: Pack) -> list[Variant]:
    names = {
        "full": "corrected, and the list must stand (as the product does)",
        "q": "corrected for many tests",
        "none": "not corrected",
    }
    return [
        Variant(f"{name}, purity {purity:.0%}", purity=purity, correction=correction)
        for purity in (1.0, 0.0)
        for correction, name in names.items()
    ]


def _phrasings(_: Pack) -> list[Variant]:
    several = {
        "the phrase alone": "{}",
        "“a photo of” it": "a photo of {}",
        "mean of three": "{},a photo of {},a picture of {}",
    }
    return [
        Variant(name, (ONLY_LANGUAGE, ("clip.phrasings", phrasings)))
        for name, phrasings in several.items()
    ]


EXPERIMENTS = {
    experiment.name: experiment
    for experiment in (
        Experiment(
            "proposers",
            "Proposers, with and without a ranker",
            "Who thinks of the difference, and does scoring every image put it on top?",
            _proposers,
        ),
        Experiment(
            "metrics",
            "What phrases are ranked by",
            "The same scores, ranked by different figures. No new run is needed.",
            _metrics,
        ),
        Experiment(
            "captions",
            "Captioner and length of captions",
            "How much is lost by the eyes? True captions stand for a captioner that never errs.",
            _captions,
        ),
        Experiment("language", "Language models", "Does a smaller one suffice?", _language),
        Experiment(
            "temperature",
            "Temperature of the language model",
            "Do more varied proposals find more?",
            _option("language.temperature", "0.7", "0", "0.3", "1.0", "1.5"),
        ),
        Experiment(
            "rounds",
            "Rounds of proposals",
            "How often must the language model be asked?",
            _option("language.rounds", "3", "1", "2", "5"),
        ),
        Experiment(
            "samples",
            "Captions a round",
            "How many captions a side should the language model read at once?",
            _option("language.samples", "20", "5", "10", "40"),
        ),
        Experiment(
            "purity",
            "Noise",
            "The share of images that differ shrinks, the rest is exchanged between the sides.",
            _purity,
            ("acc", "claims", "alarms"),
        ),
        Experiment(
            "split",
            "Testing on held-out images",
            "Testing phrases on the images they were read from makes chance look like evidence: "
            "at purity 0 % every finding is a false alarm.",
            _split,
            ("acc", "claims", "alarms"),
        ),
        Experiment(
            "merging",
            "Merging phrases that say the same",
            "The cosine from which two phrases are one: low values merge what differs, 1 nothing.",
            _option("language.merge", "0.92", "0.8", "0.86", "0.96", "1"),
            ("acc", "claims"),
        ),
        Experiment(
            "correction",
            "Correction for many tests",
            "The same figures, called significant by different rules: at purity 0 % every finding "
            "is a false alarm.",
            _correction,
            ("claims", "alarms"),
        ),
        Experiment(
            "phrasings",
            "How a phrase is put to the ranker",
            "One wording, or the mean of several?",
            _phrasings,
        ),
    )
}
