"""Realistic comparisons made from seeded random scores, and pictures to go with them.

For tests and for drawing screens. Every number follows from simulated scores by the same
formulas a person would use, so that intervals, rates, histograms and evidence agree with one
another. Reads no image and is no part of the program.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter
from scipy import stats

from engine.errors import SKIP_REASONS
from engine.vocabulary import (
    Comparison,
    Confound,
    Evidence,
    EvidenceImage,
    Finding,
    Histogram,
    ImageSet,
    Origin,
    Outcome,
    Settings,
    SharedImage,
    Side,
    Skipped,
    Stage,
    Verdict,
)

Scores = npt.NDArray[np.float64]

ALPHA = 0.05
EVIDENCE = 12  # images a group
NULL_TESTS = 23  # hypotheses that were tested and left out of the list
CREATED = "2026-11-23T09:41:07Z"
ROOT_A = "/home/ada/Pictures/mountains 2019"
ROOT_B = "/home/ada/Pictures/mountains 2024"


@dataclass(frozen=True)
class NumberSpec:
    """Scores that are drawn from two normal distributions: of a measurement, or of a model."""

    name: str
    high: str
    low: str
    unit: str
    mean: float
    sd: float
    shift: float  # of A against B, in standard deviations
    bounds: tuple[float, float]
    whole: bool = False
    confound: tuple[str, str, float, float, bool] | None = None
    also: tuple[str, ...] = ()
    proposer: str = "measured"
    round: int = 0


@dataclass(frozen=True)
class RateSpec:
    """A yes/no score: how often it is true in A and in B."""

    proposer: str
    name: str
    yes: str
    no: str
    rate_a: float
    rate_b: float
    confound: tuple[str, str, float, float, bool] | None = None
    also: tuple[str, ...] = ()
    round: int = 0


SPECS: tuple[NumberSpec | RateSpec, ...] = (
    NumberSpec("brightness", "brighter images", "darker images", "0–255", 118, 24, 1.65, (0, 255)),
    RateSpec(
        "phrases", "evening light", "evening light", "", 0.06, 0.52,
        confound=("taken_hour", "hour of the day", 0.79, 0.58, True),
        also=("in the evening", "evening"),
    ),
    NumberSpec(
        "megapixels", "images with more pixels", "images with fewer pixels", "megapixels",
        14, 4.2, -1.25, (1.2, 48), also=("images with a longer side",),
    ),
    RateSpec(
        "measured", "white_border", "images with a white border",
        "images without a white border", 0.36, 0.04,
        confound=("height", "image height", 0.71, 0.66, False),
    ),
    RateSpec("phrases", "snow on the ridge", "snow on the ridge", "", 0.38, 0.12),
    NumberSpec(
        "colour_warmth", "warmer colours", "cooler colours", "b* of CIELAB",
        6, 7, -0.85, (-40, 50), confound=("jpeg_quality", "JPEG quality", 0.68, 0.64, False),
    ),
    RateSpec("phrases", "a tent", "a tent", "", 0.09, 0.30, also=("tents", "camping")),
    NumberSpec(
        "jpeg_quality", "images saved at a higher JPEG quality",
        "images saved at a lower JPEG quality", "quality 1–100", 84, 8, 0.62, (20, 100),
        whole=True,
    ),
    NumberSpec("sharpness", "sharper images", "softer images", "grey levels", 21, 6, 0.48, (1, 90)),
    RateSpec("measured", "camera=Lumen X2", "images taken with a Lumen X2",
             "images not taken with a Lumen X2", 0.02, 0.19),
    RateSpec("phrases", "two hikers", "two hikers", "", 0.17, 0.11),
    NumberSpec("sky_share", "more of the frame taken by sky", "less of the frame taken by sky",
               "share of the frame", 0.41, 0.13, -0.16, (0, 1)),
    NumberSpec("symmetry", "more symmetric images", "less symmetric images", "", 0.32, 0.11, 0.09,
               (0, 1)),
    RateSpec("measured", "portrait", "upright images", "images wider than high", 0.24, 0.27),
)  # fmt: skip

_FIRST = (
    "frosted", "mossy", "distant", "crowded", "empty", "steep", "winding", "wooden", "rocky",
    "foggy", "sunlit", "shaded", "narrow", "frozen", "grassy", "dusty", "painted", "broken",
    "quiet", "wide",
)  # fmt: skip
_SECOND = (
    "path", "summit", "lake", "valley", "bridge", "hut", "meadow", "glacier", "forest", "stream",
    "cliff", "village", "chapel", "signpost", "fence", "waterfall", "pasture", "trail", "boulder",
    "horizon",
)  # fmt: skip


def sample_comparison(findings: int = 14, images: int = 240, seed: int = 0) -> Comparison:
    """Two sets of mountain photographs that differ.

    findings: how many, best first, significant or not, 0 … about 400. images: images compared
    in A; B has a tenth more. The same arguments give the same comparison.
    """
    rng = np.random.default_rng(seed)
    name = f"{findings} {images} {seed}"
    return comparison_of(_specs(findings, rng), name, rng, images=images, seed=seed)


def comparison_of(
    specs: Sequence[NumberSpec | RateSpec],
    name: str,
    rng: np.random.Generator,
    *,
    images: int = 240,
    seed: int = 0,
) -> Comparison:
    """The sets of `sample_comparison` with these findings. name: what the id is made of."""
    n_a, n_b = images, images + images // 10
    drafts = [_finding(spec, n_a, n_b, seed, rng) for spec in specs]
    judged = _judge(drafts, rng)
    judged.sort(key=lambda f: (not f.significant, -f.auroc_low, f.id))
    significant = [f for f in judged if f.significant]
    differ = bool(significant)
    verdict = Verdict(
        outcome=Outcome.DIFFER if differ else Outcome.NO_DIFFERENCE,
        auroc=0.94 if differ else 0.512,
        p=0.001 if differ else 0.38,
        permutations=999,
        significant_a=sum(f.side is Side.A for f in significant),
        significant_b=sum(f.side is Side.B for f in significant),
        tested=len(judged) + NULL_TESTS,
        alpha=ALPHA,
        split=True,
    )
    return Comparison(
        id=hashlib.sha256(name.encode()).hexdigest()[:32],
        created=CREATED,
        a=_image_set(Side.A, "mountains 2019", ROOT_A, n_a),
        b=_image_set(Side.B, "mountains 2024", ROOT_B, n_b),
        shared=(
            SharedImage("2019/ridge_0012.jpg", "best/ridge.jpg", exact=True),
            SharedImage("2019/ridge_0044.jpg", "2024/IMG_0044.jpg", exact=True),
            SharedImage("2019/hut_0101.jpg", "print/hut small.jpg", exact=False),
        ),
        verdict=verdict,
        findings=tuple(judged),
        settings=_settings(seed),
        stages=_stages(n_a + n_b),
        notes=("shared_images", "technical_difference") if differ else ("shared_images",),
    )


def no_difference_comparison() -> Comparison:
    """Two random halves of one set: findings were tested, none holds up."""
    rng = np.random.default_rng(7)
    specs: list[NumberSpec | RateSpec] = []
    for spec in SPECS:
        if isinstance(spec, NumberSpec):
            specs.append(replace(spec, shift=0.0, confound=None))
        else:
            middle = (spec.rate_a + spec.rate_b) / 2
            specs.append(replace(spec, rate_a=middle, rate_b=middle, confound=None))
    drafts = [_finding(spec, 240, 264, 7, rng) for spec in specs]
    judged = [replace(f, q=max(f.q, 0.21), significant=False) for f in _judge(drafts, rng)]
    judged.sort(key=lambda f: (-f.auroc_low, f.id))
    base = sample_comparison(0)
    return replace(
        base,
        id=hashlib.sha256(b"no difference").hexdigest()[:32],
        a=replace(base.a, label="first half"),
        b=replace(base.b, label="second half"),
        shared=(),
        findings=tuple(judged),
        verdict=replace(base.verdict, tested=len(judged) + NULL_TESTS),
        notes=(),
    )


def too_few_comparison() -> Comparison:
    """Three images against four: no test could have come out significant."""
    base = sample_comparison(0)
    return replace(
        base,
        id=hashlib.sha256(b"too few").hexdigest()[:32],
        a=_image_set(Side.A, "three prints", ROOT_A, 3, skipped=False),
        b=_image_set(Side.B, "four prints", ROOT_B, 4, skipped=False),
        shared=(),
        verdict=Verdict(Outcome.TOO_FEW, None, None, 0, 0, 0, 41, ALPHA, split=False),
        notes=("few_images",),
    )


def identical_comparison() -> Comparison:
    """The same forty images on both sides."""
    base = sample_comparison(0)
    names = [f"print_{i:03d}.jpg" for i in range(40)]
    return replace(
        base,
        id=hashlib.sha256(b"identical").hexdigest()[:32],
        a=_image_set(Side.A, "prints", ROOT_A, 40, skipped=False),
        b=_image_set(Side.B, "prints, copied", ROOT_B, 40, skipped=False),
        shared=tuple(SharedImage(name, name, exact=True) for name in names),
        verdict=Verdict(Outcome.IDENTICAL, None, None, 0, 0, 0, 0, ALPHA, split=False),
        notes=(),
    )


def evidence_content_ids(comparison: Comparison) -> dict[str, Side]:
    """content id -> side, of every evidence image of a comparison."""
    sides: dict[str, Side] = {}
    for finding in comparison.findings:
        groups = finding.evidence
        for image in (*groups.a_most, *groups.a_least):
            sides.setdefault(image.content_id, Side.A)
        for image in (*groups.b_most, *groups.b_least):
            sides.setdefault(image.content_id, Side.B)
    return sides


def paint_thumbnails(comparison: Comparison, folder: Path) -> dict[str, Path]:
    """Draw a small JPEG for each evidence image. content id -> file in `folder`.

    A: mountains by day, some with a white border. B: mountains in the evening.
    """
    folder.mkdir(parents=True, exist_ok=True)
    painted: dict[str, Path] = {}
    for content_id, side in evidence_content_ids(comparison).items():
        target = folder / f"{content_id}.jpg"
        _paint(content_id, side).save(target, "JPEG", quality=82)
        painted[content_id] = target
    return painted


# --- pictures -----------------------------------------------------------------------------


def _paint(content_id: str, side: Side) -> Image.Image:
    rng = np.random.default_rng(int(content_id[:12], 16))
    width, height = (192, 128) if rng.random() < 0.75 else (116, 168)
    if side is Side.A:
        top, bottom = (92, 150, 214), (214, 232, 244)
        ridges = [(150, 176, 196), (112, 148, 150), (84, 128, 92)]
        disc = (255, 246, 214)
    else:
        top, bottom = (58, 44, 92), (244, 150, 84)
        ridges = [(132, 84, 108), (86, 56, 84), (44, 34, 56)]
        disc = (255, 214, 150)
    jitter = rng.normal(0, 10, 3)
    ramp = np.linspace(0, 1, height)[:, None, None]
    sky = (1 - ramp) * (np.array(top) + jitter) + ramp * (np.array(bottom) + jitter)
    pixels = np.repeat(np.clip(sky, 0, 255), width, axis=1).astype(np.uint8)
    image = Image.fromarray(pixels)
    draw = ImageDraw.Draw(image)
    x, y, r = rng.uniform(0.15, 0.85) * width, rng.uniform(0.12, 0.4) * height, height * 0.07
    draw.ellipse((x - r, y - r, x + r, y + r), fill=disc)
    for depth, colour in enumerate(ridges):
        base = height * (0.45 + 0.18 * depth)
        steps = np.cumsum(rng.normal(0, 1, 13))
        steps = (steps - steps.mean()) / (np.ptp(steps) + 1e-9) * height * 0.34
        points = [(i * width / 12, base - float(s)) for i, s in enumerate(steps)]
        draw.polygon([(0, height), *points, (width, height)], fill=colour)
    image = image.filter(ImageFilter.GaussianBlur(0.7))
    if side is Side.A and rng.random() < 0.36:
        edge = max(6, width // 18)
        frame = Image.new("RGB", (width, height), (250, 249, 246))
        frame.paste(image.resize((width - 2 * edge, height - 2 * edge)), (edge, edge))
        image = frame
    return image


# --- numbers ------------------------------------------------------------------------------


def _specs(findings: int, rng: np.random.Generator) -> list[NumberSpec | RateSpec]:
    specs: list[NumberSpec | RateSpec] = list(SPECS[:findings])
    for index in range(findings - len(specs)):
        text = f"{_FIRST[index % 20]} {_SECOND[(index // 20 + index) % 20]}"
        centre = float(rng.uniform(0.12, 0.45))
        gap = float(rng.normal(0, 0.13))
        low, high = max(0.01, centre - gap / 2), min(0.97, max(0.01, centre + gap / 2))
        specs.append(RateSpec("phrases", text, text, "", high, low))
    return specs


def _finding(
    spec: NumberSpec | RateSpec, n_a: int, n_b: int, seed: int, rng: np.random.Generator
) -> Finding:
    held_out = spec.proposer in ("phrases", "caption_llm")
    a, b = _scores(spec, n_a, n_b, rng)
    flipped = _auroc(a, b) < 0.5
    side = Side.B if flipped else Side.A
    if isinstance(spec, NumberSpec):
        description, opposite = spec.high, spec.low
        unit, kind = spec.unit, "number"
    else:
        description, opposite = spec.yes, spec.no
        unit, kind = "share of images", "yes_no"
    discover: float | None = None
    if held_out:
        found_a, found_b = a[: n_a // 2], b[: n_b // 2]
        a, b = a[n_a // 2 :], b[n_b // 2 :]
        discover = _auroc(found_b, found_a) if flipped else _auroc(found_a, found_b)
    hit, miss = (b, a) if flipped else (a, b)
    auroc = _auroc(hit, miss)
    low, high = _delong(hit, miss)
    threshold = 0.5 if kind == "yes_no" else _youden(hit, miss)
    rate_a, rate_b = float(np.mean(a >= threshold)), float(np.mean(b >= threshold))
    if kind == "yes_no":
        table = np.array([[a.sum(), a.size - a.sum()], [b.sum(), b.size - b.sum()]], dtype=np.int64)
        p = float(stats.fisher_exact(table)[1])
        effect = rate_b - rate_a if flipped else rate_a - rate_b
    else:
        p = float(stats.mannwhitneyu(hit, miss, method="asymptotic").pvalue)
        pooled = math.sqrt((hit.var(ddof=1) + miss.var(ddof=1)) / 2)
        effect = float((hit.mean() - miss.mean()) / pooled)
    both_vary = a.std() > 0 or b.std() > 0
    p_welch = float(stats.ttest_ind(a, b, equal_var=False).pvalue) if both_vary else None
    confounds: tuple[Confound, ...] = ()
    if spec.confound is not None:
        name, title, alone, adjusted, explains = spec.confound
        confounds = (Confound(name, title, alone, min(adjusted, auroc - 0.02), explains),)
    return Finding(
        id=f"{spec.proposer}:{spec.name}",
        description=description,
        opposite=opposite,
        side=side,
        origin=Origin(spec.proposer, spec.name, spec.round),
        kind=kind,
        auroc=auroc,
        auroc_low=low,
        auroc_high=high,
        p=p,
        q=p,
        p_welch=p_welch,
        effect_size=effect,
        significant=False,
        test="fisher" if kind == "yes_no" else "mann-whitney",
        rate_a=rate_a,
        rate_b=rate_b,
        threshold=threshold,
        mean_a=float(a.mean()),
        mean_b=float(b.mean()),
        unit=unit,
        held_out=held_out,
        n_a=int(a.size),
        n_b=int(b.size),
        auroc_discover=discover,
        histogram=_histogram(a, b, kind, unit),
        evidence=Evidence(
            a_most=_evidence(a, Side.A, seed, kind, most=True),
            a_least=_evidence(a, Side.A, seed, kind, most=False),
            b_most=_evidence(b, Side.B, seed, kind, most=True),
            b_least=_evidence(b, Side.B, seed, kind, most=False),
        ),
        confounds=confounds,
        also=spec.also,
    )


def _scores(
    spec: NumberSpec | RateSpec, n_a: int, n_b: int, rng: np.random.Generator
) -> tuple[Scores, Scores]:
    if isinstance(spec, RateSpec):
        a = (rng.random(n_a) < spec.rate_a).astype(np.float64)
        b = (rng.random(n_b) < spec.rate_b).astype(np.float64)
        return a, b
    a = rng.normal(spec.mean + spec.shift * spec.sd, spec.sd, n_a)
    b = rng.normal(spec.mean, spec.sd, n_b)
    a, b = np.clip(a, *spec.bounds), np.clip(b, *spec.bounds)
    return (np.round(a), np.round(b)) if spec.whole else (a, b)


def _auroc(hit: Scores, miss: Scores) -> float:
    ranks = stats.rankdata(np.concatenate([hit, miss]))
    above = ranks[: hit.size].sum() - hit.size * (hit.size + 1) / 2
    return float(above / (hit.size * miss.size))


def _delong(hit: Scores, miss: Scores) -> tuple[float, float]:
    """95 % interval of the AUROC by DeLong's variance."""
    m, n = hit.size, miss.size
    both = stats.rankdata(np.concatenate([hit, miss]))
    v10 = (both[:m] - stats.rankdata(hit)) / n
    v01 = 1 - (both[m:] - stats.rankdata(miss)) / m
    se = math.sqrt(v10.var(ddof=1) / m + v01.var(ddof=1) / n)
    auroc = float(v10.mean())
    return max(0.0, auroc - 1.96 * se), min(1.0, auroc + 1.96 * se)


def _youden(hit: Scores, miss: Scores) -> float:
    cuts = np.unique(np.concatenate([hit, miss]))
    gain = [(hit >= cut).mean() - (miss >= cut).mean() for cut in cuts]
    return float(cuts[int(np.argmax(gain))])


def _histogram(a: Scores, b: Scores, kind: str, unit: str) -> Histogram:
    if kind == "yes_no":
        edges = np.array([-0.5, 0.5, 1.5])
    else:
        low, high = np.quantile(np.concatenate([a, b]), [0.005, 0.995])
        edges = np.linspace(low, high, 33)
    inside_a = np.clip(a, edges[0], edges[-1])
    inside_b = np.clip(b, edges[0], edges[-1])
    return Histogram(
        edges=tuple(float(e) for e in edges),
        a=tuple(float(c) / a.size for c in np.histogram(inside_a, edges)[0]),
        b=tuple(float(c) / b.size for c in np.histogram(inside_b, edges)[0]),
        unit=unit,
    )


def _evidence(
    scores: Scores, side: Side, seed: int, kind: str, *, most: bool
) -> tuple[EvidenceImage, ...]:
    """Ends of the ranking; a yes/no group holds only images that answer yes (or no)."""
    order = np.argsort(-scores if most else scores, kind="stable")
    if kind == "yes_no":
        order = order[scores[order] == (1.0 if most else 0.0)]
    chosen = order[:EVIDENCE]
    return tuple(
        EvidenceImage(_content_id(side, int(i), seed), _name(side, int(i)), float(scores[i]))
        for i in chosen
    )


def _content_id(side: Side, index: int, seed: int) -> str:
    return hashlib.sha256(f"{side} {index} {seed}".encode()).hexdigest()[:32]


def _name(side: Side, index: int) -> str:
    return f"2019/ridge_{index:04d}.jpg" if side is Side.A else f"2024/IMG_{index:04d}.JPG"


def _judge(drafts: list[Finding], rng: np.random.Generator) -> list[Finding]:
    """Benjamini–Hochberg over the findings and the tests that are not shown."""
    if not drafts:
        return []
    shown = np.array([f.p for f in drafts])
    others = rng.uniform(0.02, 1.0, NULL_TESTS)
    q = stats.false_discovery_control(np.concatenate([shown, others]))
    return [
        replace(f, q=float(value), significant=bool(value < ALPHA and f.auroc_low > 0.5))
        for f, value in zip(drafts, q[: len(drafts)], strict=True)
    ]


# --- the rest -----------------------------------------------------------------------------


def _image_set(side: Side, label: str, root: str, n: int, *, skipped: bool = True) -> ImageSet:
    entries: tuple[Skipped, ...] = ()
    if skipped:
        wanted = (
            [("scan_0007.jpg", "damaged"), ("notes.jpg", "not_an_image"), ("old/empty.png",
             "empty_file"), ("old/panorama.tif", "too_many_pixels")]
            if side is Side.A
            else [("IMG_0311.JPG", "damaged"), ("IMG_0312.JPG", "damaged"),
                  ("shared/link.jpg", "broken_link")]
        )  # fmt: skip
        entries = tuple(
            Skipped(f"{root}/{name}", name, code, SKIP_REASONS[code]) for name, code in wanted
        )
    tiff = n // 20
    png = n // 8
    formats = {"JPEG": n - tiff - png, "PNG": png, "TIFF": tiff}
    return ImageSet(
        side=side,
        label=label,
        compared=n,
        skipped=entries,
        copies=2 if skipped and side is Side.A else 0,
        other_files=3 if skipped else 0,
        with_text=round(n * 0.92),
        size_bytes=n * 3_412_907,
        formats={name: count for name, count in formats.items() if count},
    )


def _settings(seed: int) -> Settings:
    return Settings(
        recipe="measured",
        seed=seed,
        alpha=ALPHA,
        options={
            "measurements": "ba55139f8cfc6441",
            "proposers": "measured, phrases",
            "min_split": "40",
            "evidence": "12",
            "permutations": "999",
            "pixel_limit": "300000000",
            "timeout_s": "30.0",
            "phrases.max_words": "4",
            "phrases.min_images": "3",
            "phrases.keep": "10",
            "phrases.prior": "10.0",
        },
        versions={
            "twofold": "0.1.0",
            "python": "3.11.9",
            "numpy": "2.4.1",
            "scipy": "1.17.0",
            "pillow": "13.0.0",
        },
        network_lock=("namespace", "seccomp", "audit"),
    )


def _stages(images: int) -> tuple[Stage, ...]:
    return (
        Stage("scan", 0.21, images + 7, 0),
        Stage("read", 4.86, images, 31),
        Stage("propose", 0.38, 120, 0),
        Stage("score", 0.42, 37, 0),
        Stage("test", 1.73, 37, 0),
    )
