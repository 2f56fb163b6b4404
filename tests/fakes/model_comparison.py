"""A realistic comparison in which three models took part, made like `sample_comparison`.

The titles are those of known models; hashes, times and sizes are invented.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np

from engine.vocabulary import Comparison, Finding, ModelUse, Origin, Stage
from tests.fakes.sample_comparison import SPECS, NumberSpec, RateSpec, comparison_of

PROMPT = "concepts-1"  # the version of the prompt that proposed
ROUNDS = 3


def _phrase(
    text: str, shift: float, round_: int, also: tuple[str, ...] = (), **more: object
) -> NumberSpec:
    spec = NumberSpec(
        text, text, "", "cosine", 0.226, 0.019, shift, (-1, 1), also=also,
        proposer="caption_llm", round=round_,
    )  # fmt: skip
    return replace(spec, **more)  # type: ignore[arg-type]


PHRASES = (
    _phrase("a mountain at dusk", -1.7, 1, ("an evening sky above mountains", "sunset light")),
    _phrase("hikers with heavy backpacks", 1.15, 2,
            confound=("taken_hour", "hour of the day", 0.79, 0.57, True)),
    _phrase("a snow-covered ridge", 0.9, 1, ("snow on the ridge of a mountain",),
            confound=("height", "image height", 0.71, 0.69, False)),
    _phrase("tents beside a lake", -0.72, 3, ("a campsite by the water",)),
    _phrase("an old photograph with a white frame", 0.55, 2),
    _phrase("a lonely wooden hut", 0.1, 3),
    _phrase("fog in the valley", -0.05, 1),
)  # fmt: skip

MODELS = (
    ModelUse(
        name="blip2-flan-t5-xxl",
        title="BLIP-2 FLAN-T5-XXL",
        role="captioner",
        revision="43206cbc865b9d5b3dd7d080e5d94b4143ca8e74",
        fingerprint=hashlib.sha256(b"captioner").hexdigest()[:32],
        licence="MIT",
        device="cuda:0 + cpu",
        precision="float16",
        load_s=58.4,
        used_s=142.0,
        peak_bytes=22_817_013_760,
        remarks=(
            "It is larger than the free memory of the graphics card, so a part of it ran on the "
            "processor, which is slower.",
        ),
    ),
    ModelUse(
        name="vicuna-13b-v1.5",
        title="Vicuna 13B v1.5",
        role="proposer",
        revision="c8327bf999adbd2efe2e75f6509fa01436100dc2",
        fingerprint=hashlib.sha256(b"proposer").hexdigest()[:32],
        licence="Llama 2 Community License",
        device="cuda:0",
        precision="Q4_K_M",
        load_s=6.2,
        used_s=31.5,
        peak_bytes=9_412_870_144,
    ),
    ModelUse(
        name="vit-bigg-14-laion2b",
        title="CLIP ViT-bigG-14 (LAION-2B)",
        role="ranker",
        revision="bc7788f151930d91b58474715fdce5524ad9a189",
        fingerprint=hashlib.sha256(b"ranker").hexdigest()[:32],
        licence="MIT",
        device="cuda:0",
        precision="float16",
        load_s=11.9,
        used_s=9.3,
        peak_bytes=7_204_503_552,
        remarks=("The batch was halved to 32 for want of memory.",),
    ),
)


def _origin(finding: Finding) -> Origin:
    first = finding.origin.round
    often = min(ROUNDS - first + 1, 1 + len(finding.also))
    return Origin("caption_llm", f"{PROMPT}, in {often} of {ROUNDS} rounds", first)


def model_comparison(*, goal: str = "", images: int = 240) -> Comparison:
    """Findings of a language model among measurements and phrases of the images' own texts."""
    rng = np.random.default_rng(11)
    # by measurements and texts alone there would be as many differences again
    others: list[NumberSpec | RateSpec] = [
        s for s in SPECS if s.name not in ("a tent", "sharpness")
    ]
    made = comparison_of([*PHRASES, *others], f"models {goal} {images}", rng, images=images)
    findings = tuple(
        replace(f, origin=_origin(f)) if f.origin.proposer == "caption_llm" else f
        for f in made.findings
    )
    used = made.settings
    options = {
        **used.options,
        "proposers": "measured, phrases, caption_llm",
        "goal": goal,
        "captions.model": "blip2-flan-t5-xxl",
        "captions.length": "short",
        "captions.beams": "5",
        "captions.max_tokens": "0",
        "captions.batch": "0",
        "captions.prompt": "",
        "language.model": "vicuna-13b-v1.5",
        "language.rounds": "3",
        "language.samples": "20",
        "language.hypotheses": "10",
        "language.temperature": "0.7",
        "language.context": "8192",
        "language.prompt": "",
        "language.merge": "0.92",
        "clip.model": "vit-bigg-14-laion2b",
        "clip.phrasings": "{}",
        "clip.batch": "0",
        "clip.precision": "auto",
    }
    versions = {**used.versions, "torch": "2.10.0", "transformers": "5.3.0"}
    versions |= {"open_clip_torch": "3.3.0", "llama-cpp-python": "0.3.36"}
    total = made.a.compared + made.b.compared
    before = {stage.name: stage for stage in made.stages}
    return replace(
        made,
        findings=findings,
        settings=replace(used, recipe="paper", options=options, versions=versions, models=MODELS),
        stages=(
            before["scan"],
            before["read"],
            Stage("caption", 200.4, 80, 12),
            Stage("propose", 38.1, 52, 0),
            Stage("embed", 20.7, total, 31),
            before["score"],
            before["test"],
        ),
    )
