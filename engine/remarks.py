"""What could mislead in a comparison, as codes of `errors.NOTES`. Writes no sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.findings import Judgement
from engine.measurement import Catalogue
from engine.vocabulary import Finding, ImageSet, Outcome, SharedImage, Side

UNEQUAL_TIMES = 20  # from which one set counts as very much larger
FEW_IMAGES = 20  # on the smaller side, below which only large differences can be seen
MANY_SKIPPED_SHARE = 0.05  # of the files of a side
TECHNICAL_AUROC = 0.65  # from which a technical property tells the sets apart by itself


MANY_WITHOUT_CAPTION_SHARE = 0.1  # of the images shown to the captioner
MANY_NOT_ENGLISH_SHARE = 0.3  # of the captions
MANY_REPEATS_SHARE = 0.5  # of the phrases asked of a language model


@dataclass(frozen=True, slots=True)
class Hindrances:
    """What models did less well than asked."""

    shown: int = 0  # images shown to the captioner
    without_caption: int = 0  # of these, images that got no usable caption
    not_english: int = 0  # captions in another language
    asked: int = 0  # phrases that were asked of a language model
    repeated: int = 0  # of these, those it said twice in one answer
    only_rendered: bool = False  # a model took part that knows nothing but rendered scenes


def remarks(
    sets: Mapping[Side, ImageSet],
    shared: Sequence[SharedImage],
    judgement: Judgement,
    catalogue: Catalogue,
    network_lock: Sequence[str],
    hindrances: Hindrances,
) -> tuple[str, ...]:
    """Codes in the order in which a reader should see them."""
    small, large = sorted(image_set.compared for image_set in sets.values())
    outcome = judgement.verdict.outcome
    tested = outcome is not Outcome.IDENTICAL
    checks = {
        "only_rendered": hindrances.only_rendered,
        "shared_images": bool(shared) and tested,
        "technical_difference": any(_technical(f, catalogue) for f in judgement.findings),
        "not_held_out": any(_read_from_data(f) and not f.held_out for f in judgement.findings),
        "few_images": tested and outcome is not Outcome.TOO_FEW and small < FEW_IMAGES,
        "very_unequal": large > UNEQUAL_TIMES * small,
        "many_skipped": any(_many_skipped(image_set) for image_set in sets.values()),
        "files_changed": any(
            item.code == "vanished" for image_set in sets.values() for item in image_set.skipped
        ),
        "captions_missing": hindrances.without_caption
        > MANY_WITHOUT_CAPTION_SHARE * hindrances.shown,
        "captions_not_english": hindrances.not_english
        > MANY_NOT_ENGLISH_SHARE * (hindrances.shown - hindrances.without_caption),
        "llm_repeated": hindrances.repeated > MANY_REPEATS_SHARE * hindrances.asked,
        "lock_degraded": not any(
            layer in network_lock for layer in ("namespace", "seccomp", "sandbox")
        ),
    }
    return tuple(code for code, holds in checks.items() if holds)


def _technical(finding: Finding, catalogue: Catalogue) -> bool:
    if finding.origin.proposer != "measured" or not finding.significant:
        return False
    name = finding.origin.detail.split("=")[0]
    return catalogue[name].technical and finding.auroc >= TECHNICAL_AUROC


def _read_from_data(finding: Finding) -> bool:
    return finding.origin.proposer != "measured"


def _many_skipped(image_set: ImageSet) -> bool:
    skipped = len(image_set.skipped)
    return skipped > MANY_SKIPPED_SHARE * (skipped + image_set.compared)
