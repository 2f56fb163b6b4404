"""The nouns of Twofold, one meaning each, from here to the column header.

Frozen values only, standard library only, no behaviour beyond reading oneself.
Both frontends and every stage of the engine speak in these words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Side(StrEnum):
    """One of the two image sets of a comparison."""

    A = "A"
    B = "B"

    @property
    def other(self) -> Side:
        return Side.B if self is Side.A else Side.A


@dataclass(frozen=True, slots=True)
class Caption:
    """A sentence (or a list of keywords) about one image, and who wrote it."""

    text: str
    source: str  # "csv", "sidecar", "iptc", "xmp", "exif", or a captioner's name


@dataclass(frozen=True, slots=True)
class ImageRef:
    """One readable image file of a set. Kept small: there may be hundreds of thousands."""

    root: str  # absolute folder that was chosen, or the file's own folder; never leaves the machine
    name: str  # path relative to root, with forward slashes
    content_id: str  # BLAKE3 of the file's bytes, 32 hex digits
    width_px: int  # as shown, after the EXIF orientation
    height_px: int
    format: str  # "JPEG", "PNG", "TIFF", …

    @property
    def path(self) -> str:
        return f"{self.root}/{self.name}"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that belongs to a set but could not be compared, and why."""

    path: str  # absolute path
    name: str  # path relative to the folder that was chosen
    code: str  # stable: see engine.errors.SKIP_REASONS
    reason: str  # one sentence for a person, without the path


@dataclass(frozen=True, slots=True)
class ImageSet:
    """One side of a comparison: what was compared, and what was left out and why.

    The images themselves stay in the engine's database: a set may hold a hundred thousand.
    """

    side: Side
    label: str
    compared: int  # images that were compared
    skipped: tuple[Skipped, ...]
    copies: int = 0  # further byte-identical copies within this set, compared once
    other_files: int = 0  # files that are no images (text, video, …), left alone
    with_text: int = 0  # images that bring a caption or keywords along
    size_bytes: int = 0  # of the compared files
    formats: dict[str, int] = field(default_factory=dict)  # "JPEG" -> number of images


@dataclass(frozen=True, slots=True)
class SharedImage:
    """An image that stands in both sets, byte for byte or nearly so."""

    name_a: str
    name_b: str
    exact: bool  # True: the same bytes; False: the same picture, saved differently


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a hypothesis comes from."""

    proposer: str  # "measured", "phrases", "caption_llm", "user", …
    detail: str = ""  # the measurement's name, the phrase's counts, the prompt's version …
    round: int = 0  # which round of sampling proposed it; 0 when there are no rounds


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A phrase that may be more true of one side."""

    id: str  # stable within a comparison, e.g. "measured:brightness" or "phrases:doing yoga"
    text: str  # what is true of an image with a high score: "brighter images"
    side: Side  # the direction: the side of which it is proposed to be more true
    origin: Origin
    opposite: str = ""  # what is true of an image with a low score: "darker images", if any
    directed: bool = True  # False: from a fixed list, proposed for whichever side scores higher
    also: tuple[str, ...] = ()  # near-duplicate phrases merged into this one


@dataclass(frozen=True, slots=True)
class Histogram:
    """The distributions of a score over both sets, on common bins."""

    edges: tuple[float, ...]  # n + 1 increasing edges, in `unit`; the outer bins take the tails
    a: tuple[float, ...]  # share of A's images in each of the n bins; sums to 1
    b: tuple[float, ...]
    unit: str  # "0–255", "pixels", "cosine", "share of images" …


@dataclass(frozen=True, slots=True)
class EvidenceImage:
    """One image chosen to show a finding."""

    content_id: str
    name: str  # relative to the chosen folder
    score: float  # in the unit of the finding


@dataclass(frozen=True, slots=True)
class Evidence:
    """Images chosen to show a finding, best example first."""

    a_most: tuple[EvidenceImage, ...] = ()  # A's images of which it is most true
    a_least: tuple[EvidenceImage, ...] = ()
    b_most: tuple[EvidenceImage, ...] = ()
    b_least: tuple[EvidenceImage, ...] = ()


@dataclass(frozen=True, slots=True)
class Confound:
    """A plain measurement that may explain a finding away."""

    measurement: str  # name of the measurement
    title: str  # its name for a person: "image height"
    auroc: float  # how well it alone tells the finding's side from the other, 0.5 … 1
    adjusted_auroc: float  # the finding's AUROC among images alike in that measurement
    explains: bool  # True when little of the finding is left once the images are alike


@dataclass(frozen=True, slots=True)
class Finding:
    """A hypothesis with its statistics and its evidence."""

    id: str  # the hypothesis's id
    description: str  # the phrase that is more true of `side`
    opposite: str  # the phrase that fits the other side; "" when there is none
    side: Side
    origin: Origin
    kind: str  # "number" or "yes_no": what kind of score stands behind it
    auroc: float  # P(an image of `side` scores above one of the other side), ties halved
    auroc_low: float  # 95 % interval
    auroc_high: float
    p: float  # two-sided; see `test`
    q: float  # p after Benjamini–Hochberg over everything tested
    p_welch: float | None  # Welch's t-test on the same scores; None where it is not defined
    effect_size: float  # Hedges' g for numbers, difference of shares for yes/no, toward `side`
    significant: bool
    test: str  # "mann-whitney", "exact", "permutation" or "fisher"
    rate_a: float  # share of A's images of which it is true, by `threshold`
    rate_b: float
    threshold: float  # score from which it counts as true
    mean_a: float
    mean_b: float
    unit: str  # of scores, threshold and means: "0–255", "pixels", "share of images", ""
    held_out: bool  # True: tested on images that were not used to propose it
    n_a: int  # images of A with a score that were tested
    n_b: int
    auroc_discover: float | None  # on the half that proposed it, when it was held out
    histogram: Histogram
    evidence: Evidence
    confounds: tuple[Confound, ...] = ()
    also: tuple[str, ...] = ()  # near-duplicate descriptions merged into this one


class Outcome(StrEnum):
    """The answer to: do the two sets differ at all?"""

    DIFFER = "differ"  # at least one finding is significant
    DIFFER_UNNAMED = "differ_unnamed"  # told apart as a whole, though by no single finding
    NO_DIFFERENCE = "no_difference"
    IDENTICAL = "identical"  # the same images on both sides
    TOO_FEW = "too_few"  # no test could have come out significant


@dataclass(frozen=True, slots=True)
class Verdict:
    """The overall answer, before any single finding."""

    outcome: Outcome
    auroc: float | None  # cross-validated classifier on the measurements; None if too few
    p: float | None  # against the permutation null
    permutations: int
    significant_a: int  # significant findings more true of A
    significant_b: int
    tested: int  # hypotheses tested
    alpha: float  # level of q below which a finding is significant
    split: bool  # whether the sets were large enough to hold images out


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the work: what it did and how long it took."""

    name: str  # "scan", "read", "caption", "propose", "embed", "score", "test"
    seconds: float
    done: int  # items worked on
    reused: int  # of these, answers that were taken from the cache


@dataclass(frozen=True, slots=True)
class ModelUse:
    """One model as it was used: which weights, where, in which precision, for how long."""

    name: str  # in the manifest
    title: str  # for a person
    role: str  # "captioner", "proposer" or "ranker"
    revision: str  # commit of its repository; "" where that is not known
    fingerprint: str  # 32 hex digits over the SHA-256 of all its files
    licence: str
    device: str  # "cuda:0", "cuda:0 + cpu", "mps", "cpu"; "" when every answer was in the cache
    precision: str  # "float16", "bfloat16", "float32", "Q4_K_M"
    load_s: float
    used_s: float
    peak_bytes: int = 0  # most memory it took on its device; 0 where that is not known
    remarks: tuple[str, ...] = ()  # what went otherwise than usual, as sentences


@dataclass(frozen=True, slots=True)
class Settings:
    """Every choice that shaped a comparison, as it was used."""

    recipe: str
    seed: int
    alpha: float
    options: dict[str, str]  # further options of the recipe, name -> value in words
    versions: dict[str, str]  # "twofold", "python", "numpy", …
    network_lock: tuple[str, ...]  # layers that held during the run; empty: none
    models: tuple[ModelUse, ...] = ()  # in the order in which they were used


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two image sets, a recipe, and the findings: what is stored, reopened, reported."""

    id: str  # derived from contents and settings: the same comparison has the same id
    created: str  # ISO 8601, UTC, to the second
    a: ImageSet
    b: ImageSet
    shared: tuple[SharedImage, ...]
    verdict: Verdict
    findings: tuple[Finding, ...]  # best first
    settings: Settings
    stages: tuple[Stage, ...]
    notes: tuple[str, ...] = ()  # codes of what could mislead; see engine.errors.NOTES
