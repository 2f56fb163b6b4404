"""The overall answer of a comparison and what could mislead in it, in words. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QCoreApplication

from desktop import figures
from desktop.finding_filter import null_half_width
from desktop.safe_text import isolated
from desktop.wording import counted, images
from engine.errors import NOTES
from engine.vocabulary import Comparison, Outcome, SharedImage, Side, Skipped

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class VerdictWords:
    tone: str  # "good", "idle", "warn"
    headline: str
    basis: str  # what it rests on
    next_step: str  # "" when the findings are the next step


def verdict(comparison: Comparison) -> VerdictWords:
    return {
        Outcome.DIFFER: _differ,
        Outcome.DIFFER_UNNAMED: _differ_unnamed,
        Outcome.NO_DIFFERENCE: _no_difference,
        Outcome.IDENTICAL: _identical,
        Outcome.TOO_FEW: _too_few,
    }[comparison.verdict.outcome](comparison)


def _differ(comparison: Comparison) -> VerdictWords:
    v = comparison.verdict
    found = v.significant_a + v.significant_b
    held_out = sum(f.held_out for f in comparison.findings if f.significant)
    if held_out >= found > 0:
        holds = counted(
            found,
            translate(
                "verdict", "One difference holds up on images that were not used to find it."
            ),
            translate(
                "verdict", "{n} differences hold up on images that were not used to find them."
            ),
        )
    else:
        holds = counted(
            found,
            translate("verdict", "One difference holds up."),
            translate("verdict", "{n} differences hold up."),
        )
    basis = translate("verdict", "{a} more true of A, {b} more true of B. {tested}").format(
        a=figures.count(v.significant_a), b=figures.count(v.significant_b), tested=_tested(v.tested)
    )
    basis += " " + _level(v.alpha)
    if 0 < held_out < found:
        basis += " " + counted(
            held_out,
            translate(
                "verdict", "1 is a phrase, found on one half of the images, tested on the other."
            ),
            translate(
                "verdict", "{n} are phrases, found on one half of the images, tested on the other."
            ),
        )
    headline = translate("verdict", "The two sets differ. {holds}").format(holds=holds)
    return VerdictWords("good", headline, basis, "")


def _differ_unnamed(comparison: Comparison) -> VerdictWords:
    v = comparison.verdict
    return VerdictWords(
        "good",
        translate(
            "verdict", "The two sets differ as a whole, though no single difference holds up."
        ),
        f"{_overall(comparison)} {_tested(v.tested)} {_level(v.alpha)}",
        translate("verdict", "More images would show which differences are real."),
    )


def _no_difference(comparison: Comparison) -> VerdictWords:
    v = comparison.verdict
    return VerdictWords(
        "idle",
        translate("verdict", "No difference found."),
        f"{_tested(v.tested)} "
        + translate("verdict", "None holds up (q < {alpha:g}).").format(alpha=v.alpha)
        + f" {_overall(comparison)}",
        _could_hide(comparison),
    )


def _identical(comparison: Comparison) -> VerdictWords:
    return VerdictWords(
        "warn",
        translate("verdict", "The two folders hold the same images."),
        translate("verdict", "{images} stand in both, so there is nothing to tell apart.").format(
            images=images(len(comparison.shared)).capitalize()
        ),
        translate("verdict", "Choose another folder for one of the sides."),
    )


def _too_few(comparison: Comparison) -> VerdictWords:
    return VerdictWords(
        "warn",
        translate("verdict", "Too few images to tell."),
        translate(
            "verdict",
            "With {a} in A and {b} in B, no test could have come out significant, however "
            "different they are.",
        ).format(a=images(comparison.a.compared), b=figures.count(comparison.b.compared)),
        translate("verdict", "Add images to the smaller side and compare again."),
    )


def _tested(number: int) -> str:
    return counted(
        number,
        translate("verdict", "One possible difference was tested."),
        translate("verdict", "{n} possible differences were tested."),
    )


def _level(alpha: float) -> str:
    return translate("verdict", "Corrected for many tests (q < {alpha:g}).").format(alpha=alpha)


def _overall(comparison: Comparison) -> str:
    v = comparison.verdict
    if v.auroc is None or v.p is None:
        return ""
    return translate(
        "verdict",
        "All measurements together tell A from B in {pairs:.0f} of 100 random pairs ({p}).",
    ).format(pairs=100 * v.auroc, p=figures.probability("p", v.p))


def _could_hide(comparison: Comparison) -> str:
    half = null_half_width(comparison.a.compared, comparison.b.compared)
    return translate(
        "verdict",
        "A small difference could still hide: with this many images, chance alone moves an AUROC "
        "between {low} and {high}. More images would narrow that.",
    ).format(low=figures.auroc(0.5 - half), high=figures.auroc(0.5 + half))


# --- what could mislead ---------------------------------------------------------------------------


class Details(Enum):
    """The list that stands behind a caution."""

    NONE = 0
    SHARED = 1
    SKIPPED = 2


@dataclass(frozen=True, slots=True)
class Caution:
    code: str
    short: str  # on the button
    sentence: str
    details: Details = Details.NONE


def cautions(comparison: Comparison) -> list[Caution]:
    """What could mislead, the most important first."""
    found: list[Caution] = []
    explained = [
        f for f in comparison.findings if f.significant and any(c.explains for c in f.confounds)
    ]
    shared, skipped = comparison.shared, [*comparison.a.skipped, *comparison.b.skipped]
    for code in comparison.notes:
        if code in ("shared_images", "many_skipped"):
            continue
        found.append(Caution(code, _short_note(code), NOTES.get(code, code)))
    if explained:
        short = counted(
            len(explained),
            translate("verdict", "1 finding may have a simpler cause"),
            translate("verdict", "{n} findings may have a simpler cause"),
        )
        sentence = translate(
            "verdict",
            "Among images alike in a plain measurement, little is left of: {names}.",
        ).format(names="; ".join(isolated(f.description) for f in explained))
        found.append(Caution("explained", short, sentence))
    if shared:
        found.append(_shared_caution(shared))
    if skipped:
        short = counted(
            len(skipped),
            translate("verdict", "1 file could not be read"),
            translate("verdict", "{n} files could not be read"),
        )
        sentence = translate(
            "verdict", "{a} in A and {b} in B were left out; everything else was compared."
        ).format(
            a=figures.count(len(comparison.a.skipped)), b=figures.count(len(comparison.b.skipped))
        )
        if "many_skipped" in comparison.notes:
            sentence = f"{NOTES['many_skipped']} {sentence}"
        found.append(Caution("skipped", short, sentence, Details.SKIPPED))
    if remarks := _model_remarks(comparison):
        short = counted(
            len(remarks),
            translate("verdict", "1 remark about a model"),
            translate("verdict", "{n} remarks about models"),
        )
        found.append(Caution("models", short, " ".join(remarks)))
    return found


def _model_remarks(comparison: Comparison) -> list[str]:
    """What went otherwise than usual with a model, each with its name in front."""
    said = [
        f"{isolated(use.title or use.name)}: {isolated(remark)}"
        for use in comparison.settings.models
        for remark in use.remarks
    ]
    return list(dict.fromkeys(said))


def _shared_caution(shared: tuple[SharedImage, ...]) -> Caution:
    exact = sum(image.exact for image in shared)
    short = counted(
        len(shared),
        translate("verdict", "1 image stands in both sets"),
        translate("verdict", "{n} images stand in both sets"),
    )
    sentence = translate(
        "verdict", "{exact} byte for byte, {near} saved differently. They pull both sides together."
    ).format(exact=figures.count(exact), near=figures.count(len(shared) - exact))
    return Caution("shared_images", short, sentence, Details.SHARED)


def _short_note(code: str) -> str:
    return {
        "not_held_out": translate("verdict", "Phrases were not held out"),
        "very_unequal": translate("verdict", "Sets of very unequal size"),
        "few_images": translate("verdict", "Few images"),
        "technical_difference": translate("verdict", "Technical properties tell the sets apart"),
        "files_changed": translate("verdict", "Files changed during the run"),
        "captions_missing": translate("verdict", "Captions are missing"),
        "captions_not_english": translate("verdict", "Captions in other languages"),
        "llm_repeated": translate("verdict", "The language model repeated itself"),
        "only_rendered": translate("verdict", "Models that know only rendered scenes"),
        "lock_degraded": translate("verdict", "Network lock only partly available"),
    }.get(code, translate("verdict", "A remark"))


def skipped_line(side: Side, item: Skipped) -> str:
    return f"{side}   {isolated(item.name)} — {item.reason}"


def shared_line(image: SharedImage) -> str:
    how = (
        translate("verdict", "the same bytes")
        if image.exact
        else translate("verdict", "the same picture, saved differently")
    )
    return f"A   {isolated(image.name_a)}   =   B   {isolated(image.name_b)} — {how}"
