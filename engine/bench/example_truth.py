"""What a comparison of the example pair should and should not find.

Names the differences that were put in, in words and by the findings that confirm them; meant
for the pair of seed 0 and 80 images a side. Reads and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.vocabulary import Finding, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltIn:
    """A difference that was put in, and the findings any one of which confirms it."""

    name: str
    side: Side  # of which it is more true
    text: str  # the difference in words
    kind: str  # "content", "light", "frame", "technical" or "time"
    strength: str  # "strong" (AUROC from 0.85), "clear" (from 0.7) or "moderate" (from 0.6)
    findings: tuple[str, ...] = ()  # ids of findings that confirm it
    words: tuple[str, ...] = ()  # or one of these stands in a finding from captions
    merged: tuple[str, ...] = ()  # or this description was merged into a finding
    sure: bool = True  # False: may stay below significance
    explained_by: tuple[str, ...] = ()  # one of these should be named as explaining it

    def confirmed_by(self, findings: Iterable[Finding]) -> list[Finding]:
        """Those significant findings, more true of its side, that say so."""
        return [
            finding
            for finding in findings
            if finding.significant
            and finding.side is self.side
            and (
                finding.id in self.findings
                or _says(self.words, finding)
                or not set(self.merged).isdisjoint(finding.also)
            )
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Something drawn alike for both sides: a significant finding would be a false alarm."""

    text: str
    findings: tuple[str, ...] = ()  # ids, or their beginning up to "="
    words: tuple[str, ...] = ()  # of captions

    def contradicted_by(self, findings: Iterable[Finding]) -> list[Finding]:
        """The false alarms among the findings: significant, though nothing differs."""
        return [
            finding
            for finding in findings
            if finding.significant
            and (
                finding.id in self.findings
                or finding.id.partition("=")[0] in self.findings
                or _says(self.words, finding)
            )
        ]


def _says(words: tuple[str, ...], finding: Finding) -> bool:
    """Whether it is a finding from captions that holds one of the words."""
    if finding.origin.proposer != "phrases":
        return False
    said = (finding.description, *finding.also)
    return any(f" {word} " in f" {text.lower()} " for text in said for word in words)


EXPECTED: tuple[BuiltIn, ...] = (
    BuiltIn(
        name="sailing boats",
        side=Side.A,
        text="Sailing boats in 55 % of A and 15 % of B.",
        kind="content",
        strength="moderate",
        words=("sailing", "boat", "boats"),
    ),
    BuiltIn(
        name="lighthouse",
        side=Side.B,
        text="A lighthouse in 12 % of A and 50 % of B.",
        kind="content",
        strength="moderate",
        words=("lighthouse",),
    ),
    BuiltIn(
        name="evening in the captions",
        side=Side.B,
        text="Captions that speak of the evening, because B was taken later in the day.",
        kind="content",
        strength="moderate",
        words=("evening",),
        sure=False,
    ),
    BuiltIn(
        name="brightness",
        side=Side.A,
        text="Brighter images in A, because B was taken later in the day.",
        kind="light",
        strength="clear",
        findings=("measured:brightness",),
    ),
    BuiltIn(
        name="warm light",
        side=Side.B,
        text="Warmer light in B, because more of it is evening light.",
        kind="light",
        strength="clear",
        findings=("measured:warmth",),
    ),
    BuiltIn(
        name="white border",
        side=Side.A,
        text="The straight white border of a paper print around 35 % of A and 4 % of B.",
        kind="frame",
        strength="moderate",
        findings=("measured:white_border", "measured:border", "measured:border_share"),
        merged=("images with straight white borders",),
    ),
    BuiltIn(
        name="camera",
        side=Side.B,
        text="The camera Lumen X2 in half of B and never in A; the others are Aurora D40.",
        kind="technical",
        strength="clear",
        findings=("measured:camera=Lumen X2", "measured:camera_maker=Lumen"),
    ),
    BuiltIn(
        name="compression",
        side=Side.A,
        text="Less strongly compressed files in A, because the Lumen X2 compresses more.",
        kind="technical",
        strength="clear",
        findings=("measured:jpeg_quality", "measured:bits_per_pixel", "measured:file_size"),
    ),
    BuiltIn(
        name="sharpness",
        side=Side.A,
        text="Sharper images in A, because the Lumen X2 smooths its pictures; among images of "
        "one camera, A and B are nearly alike.",
        kind="technical",
        strength="clear",
        findings=("measured:sharpness",),
        explained_by=("camera", "camera_maker", "bits_per_pixel", "pixel_detail", "noise"),
    ),
    BuiltIn(
        name="year",
        side=Side.B,
        text="Taken in 2024 rather than in 2019, in the nine files of ten that say when.",
        kind="time",
        strength="strong",
        findings=("measured:year_taken",),
    ),
    BuiltIn(
        name="time of day",
        side=Side.A,
        text="Taken in the morning, by the date in the file.",
        kind="time",
        strength="moderate",
        findings=("measured:time_of_day=in the morning",),
        sure=False,
    ),
)

NO_DIFFERENCE: tuple[Alike, ...] = (
    Alike(
        text="Size and shape of the images",
        findings=(
            "measured:orientation",
            "measured:aspect_ratio",
            "measured:proportions",
            "measured:megapixels",
            "measured:longer_side",
        ),
    ),
    Alike(
        text="File format, bits and channels",
        findings=("measured:file_format", "measured:channel_bits", "measured:colour_mode"),
    ),
    Alike(
        text="Exposure time, aperture, ISO and focal length",
        findings=(
            "measured:exposure_time",
            "measured:f_number",
            "measured:iso",
            "measured:focal_length",
        ),
    ),
    Alike(text="Season and weekday", findings=("measured:season", "measured:weekend")),
    Alike(
        text="Whether a file says where, when and with which camera it was taken",
        findings=("measured:has_position", "measured:has_date", "measured:names_camera"),
    ),
    Alike(text="Birds", words=("gulls", "birds")),
    Alike(text="Trees", words=("tree", "trees", "pine", "pines")),
    Alike(text="Cottages", words=("cottage", "cottages", "houses")),
    Alike(
        text="Meadow, beach, rocks or snow in front",
        words=("meadow", "grassy", "beach", "sandy", "rocky", "stony", "rocks", "snow", "snowy"),
    ),
    Alike(
        text="Mountains, hills or open sea behind",
        words=("mountains", "hills", "open sea", "horizon"),
    ),
    Alike(text="Clouds", words=("clouds", "cloudy", "cloudless", "clear sky", "grey sky")),
)
