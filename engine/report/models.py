"""The models of a comparison in words: what each did, which weights it was, where it ran.

Tells how phrases came about and what their scores are, as far as that was really done. Names
and remarks come from outside and go through `names.displayable`. Loads no model.
"""

from __future__ import annotations

from dataclasses import replace

from engine import figures
from engine.report import terms
from engine.report.data import ModelData, Passage
from engine.report.names import displayable
from engine.vocabulary import Comparison, ModelUse

SHORT_HASH = 12  # characters of a revision or fingerprint that a person compares; JSON holds all
TITLE_CHARS = 80
REMARK_CHARS = 300
GOAL_CHARS = 300

_NO_MODEL = {"measured", "phrases", "user"}  # proposers that need none
_NUMBERS = {1: "One model", 2: "Two models", 3: "Three models"}
_TIMES = {1: "loaded in", 2: "loaded twice in"}


def sentence(comparison: Comparison) -> str:
    """Whether models took part, and how many; "" where that is not known."""
    uses = comparison.settings.models
    names = {use.name for use in uses}
    if names:
        number = _NUMBERS.get(len(names), f"{len(names)} models")
        if any(use.device for use in uses):
            where = f"{'It' if len(names) == 1 else 'All'} ran on this machine"
        else:
            where = "Every answer was kept from before, and none was loaded"
        return f"{number} took part. {where}; the table shows weights, device, time and memory."
    proposers = {f.origin.proposer for f in comparison.findings}
    return "No language or vision model took part." if proposers <= _NO_MODEL else ""


def table(comparison: Comparison) -> list[ModelData]:
    """One row a model and role, in the order in which they were first used."""
    return [_row(use, times) for use, times in _combined(comparison.settings.models)]


def line(comparison: Comparison) -> str:
    """The models in one line: "BLIP-2 on cuda:0, Vicuna 13B on cuda:0"; "" without any."""
    return ", ".join(
        displayable(use.title or use.name, TITLE_CHARS)
        + (f" on {displayable(use.device, 40)}" if use.device else " (answers kept)")
        for use, _ in _combined(comparison.settings.models)
    )


def remarks(comparison: Comparison) -> list[str]:
    """What went otherwise than usual with a model, a sentence each, with its name in front."""
    return [
        f"{displayable(use.title or use.name, TITLE_CHARS)}: {displayable(remark, REMARK_CHARS)}"
        for use, _ in _combined(comparison.settings.models)
        for remark in use.remarks
    ]


def passages(comparison: Comparison) -> list[Passage]:
    """How phrases of a language model came about, and what a similarity is."""
    found = []
    if _used(comparison, "proposer") or _proposed(comparison):
        found.append(Passage(title="Phrases of a language model", text=_phrases(comparison)))
    if _used(comparison, "ranker") or _similarities(comparison):
        found.append(Passage(title="Similarity", text=_similarity(comparison)))
    return found


def limits(comparison: Comparison) -> list[str]:
    """What models make a reader believe too easily."""
    lines = []
    if _used(comparison, "proposer") or _proposed(comparison):
        lines.append(
            "The phrases depend on the captions, which can be wrong or silent about what the "
            "images show, and on the language model. Another seed or another model may propose "
            "others; what nobody proposed was not tested."
        )
    if _used(comparison, "ranker") or _similarities(comparison):
        ranker = _title(comparison, "ranker", "The model that scored them")
        lines += [
            f"{ranker} tells how alike an image and a phrase are, not whether the phrase is true. "
            "It is weak at numbers of things, at left and right, at small details and at “not”, "
            "and other words for the same can score otherwise.",
            "The similarity from which a phrase counts as true was chosen to separate these "
            "sets. For a single image it may be wrong.",
        ]
    if comparison.settings.models:
        lines.append(
            "Models carry the prejudices of what they learnt from, most of all about people. A "
            "phrase about who somebody is or what they do says what a model associates."
        )
    return lines


# --- how it was done ------------------------------------------------------------------------


def _phrases(comparison: Comparison) -> str:
    options = comparison.settings.options
    half = ", from the half on which phrases are found" if comparison.verdict.split else ""
    named = displayable(options.get("captions.model", ""), TITLE_CHARS)
    if captioner := _title(comparison, "captioner", named):
        parts = [f"{captioner} described a sample of the images of each set{half}."]
    else:
        parts = [f"The text that came with the images served as captions{half}."]
    model = _title(comparison, "proposer", "")
    reader = f"{model}, a language model," if model else "A language model"
    parts.append(
        f"{reader} read captions of both sets{_sampling(options)} and proposed short phrases that "
        "may be more true of A, and others that may be more true of B. It saw captions, no image."
    )
    if goal := options.get("goal", ""):
        parts.append(f"It was told what you want to know: “{displayable(goal, GOAL_CHARS)}”.")
    if any(f.also for f in comparison.findings if f.origin.proposer == "caption_llm"):
        parts.append(
            "Phrases that say nearly the same were merged into one, which names the others."
        )
    return " ".join(parts)


def _sampling(options: dict[str, str]) -> str:
    rounds, samples = options.get("language.rounds", ""), options.get("language.samples", "")
    if not (rounds.isdecimal() and samples.isdecimal()):
        return ""
    at_most = f"up to {figures.counted(int(samples), 'caption')} of each set"
    return f", {at_most}," if int(rounds) == 1 else f" in {rounds} rounds, {at_most} at a time,"


def _similarity(comparison: Comparison) -> str:
    ranker = _title(comparison, "ranker", "A model that knows images and words")
    phrasings = len(comparison.settings.options.get("clip.phrasings", "").split("; "))
    averaged = (
        f" A phrase’s vector is the mean of {phrasings} ways to put it." if phrasings > 1 else ""
    )
    return (
        f"{ranker} turned every image and every phrase into a vector.{averaged} The score of an "
        "image is the cosine of the angle between its vector and the phrase’s, from −1 to 1: the "
        "higher, the better they go together. It is no probability, and it means something only "
        "beside the scores of other images for the same phrase."
    )


def _used(comparison: Comparison, role: str) -> list[ModelUse]:
    return [use for use in comparison.settings.models if use.role == role]


def _proposed(comparison: Comparison) -> bool:
    return any(f.origin.proposer == "caption_llm" for f in comparison.findings)


def _similarities(comparison: Comparison) -> bool:
    return any(f.unit == terms.COSINE for f in comparison.findings)


def _title(comparison: Comparison, role: str, otherwise: str) -> str:
    """The names of the models in a role."""
    titles = dict.fromkeys(use.title or use.name for use in _used(comparison, role))
    return " and ".join(displayable(title, TITLE_CHARS) for title in titles) or otherwise


# --- the table ------------------------------------------------------------------------------


def _combined(uses: tuple[ModelUse, ...]) -> list[tuple[ModelUse, int]]:
    """A model that was loaded several times, in the same way, as one use; and how many times."""
    found: dict[tuple[str, ...], tuple[ModelUse, int]] = {}
    for use in uses:
        key = (use.name, use.role, use.revision, use.fingerprint, use.device, use.precision)
        before, times = found.get(key, (None, 0))
        found[key] = (use if before is None else _added(before, use), times + 1)
    return list(found.values())


def _added(before: ModelUse, use: ModelUse) -> ModelUse:
    return replace(
        before,
        load_s=before.load_s + use.load_s,
        used_s=before.used_s + use.used_s,
        peak_bytes=max(before.peak_bytes, use.peak_bytes),
        remarks=tuple(dict.fromkeys((*before.remarks, *use.remarks))),
    )


def _row(use: ModelUse, times: int) -> ModelData:
    loaded = bool(use.device)
    return ModelData(
        title=displayable(use.title or use.name, TITLE_CHARS),
        did=terms.ROLES.get(use.role, displayable(use.role, 40)),
        licence=displayable(use.licence, 60) or "not known",
        revision=displayable(use.revision[:SHORT_HASH]) or "not known",
        fingerprint=displayable(use.fingerprint[:SHORT_HASH]) or "not known",
        device=_device(use.device) if loaded else "not loaded",
        precision=displayable(f"{use.device}, {use.precision}", 80)
        if loaded
        else "its answers were kept from before",
        loaded=f"{_TIMES.get(times, f'loaded {times} times in')} {figures.duration(use.load_s)}"
        if loaded
        else "",
        worked=f"at work {figures.duration(use.used_s)}" if loaded else "",
        memory=figures.size(use.peak_bytes) if use.peak_bytes else figures.UNKNOWN,
        remarks=[displayable(remark, REMARK_CHARS) for remark in use.remarks],
    )


def _device(name: str) -> str:
    """ "cuda:0 + cpu" → "graphics card and processor"."""
    kinds = {part.strip().partition(":")[0] for part in name.split("+")}
    cards = sum("cuda" in part for part in name.split("+"))
    words = []
    if cards:
        words.append("graphics card" if cards == 1 else f"{cards} graphics cards")
    if "mps" in kinds:
        words.append("graphics of this Mac")
    if "cpu" in kinds:
        words.append("processor")
    return " and ".join(words) or "another device"
