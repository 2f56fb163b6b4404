"""What the example pair holds, image by image, before any of it is painted.

Decides by seed what stands in every image of both sides and how it is stored. Paints nothing
and writes nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from statistics import NormalDist
from typing import TypeVar

import numpy as np

from engine.bench.scenes.camera import AURORA, AURORA_SOFT, LUMEN, CameraModel
from engine.bench.scenes.captions import caption_of
from engine.bench.scenes.scene import Scene, draw_scene
from engine.vocabulary import Side

FEWEST_IMAGES = 20  # a side; below that the special files would not find room


@dataclass(frozen=True, slots=True, kw_only=True)
class SidePlan:
    """How often things are true of one side."""

    label: str
    year: int
    boats: float  # share of images with sailing boats
    lighthouse: float
    border: float  # share with the white border of a paper print
    lateness: float  # mean of the scene's lateness, 0 noon … 1 dusk
    second_camera: float  # share taken with the Lumen X2 rather than the Aurora D40


PLANS = {
    Side.A: SidePlan(
        label="Coast 2019",
        year=2019,
        boats=0.55,
        lighthouse=0.12,
        border=0.35,
        lateness=0.32,
        second_camera=0.0,
    ),
    Side.B: SidePlan(
        label="Coast 2024",
        year=2024,
        boats=0.15,
        lighthouse=0.50,
        border=0.04,
        lateness=0.61,
        second_camera=0.5,
    ),
}
_LATENESS_SPREAD = 0.2
_T = TypeVar("_T")

_SUFFIXES = {"png": "png", "tiff": "tif"}
_DATED = 0.92  # share of images that say when they were taken
_PLACED = 0.3  # share of images that store a position
_SOFT = 0.12  # share of the Aurora's images that are soft and small, on both sides alike

_EXPOSURES_S = (1 / 60, 1 / 125, 1 / 250, 1 / 500)
_F_NUMBERS = (2.8, 4.0, 5.6, 8.0)
_ISO = (100, 200, 400, 800)
_FOCAL_MM = (24, 35, 50)
#: the square roots of these are the steps of Weyl's sequence, one for each purpose
_PRIMES = {
    "lateness": 2,
    "boats": 3,
    "lighthouse": 5,
    "border": 7,
    "camera": 11,
    "position": 13,
    "exposure": 17,
    "aperture": 19,
    "iso": 23,
    "focal length": 29,
    "dated": 31,
    "size": 37,
    "foreground": 41,
    "relief": 43,
    "sky": 47,
    "trees": 53,
    "houses": 59,
    "birds": 61,
    "month": 67,
    "soft": 71,
}

#: index within its side -> how that image is stored, the same on both sides
FORMATS = {3: "rotated", 5: "png", 8: "tiff"}
#: index of an image of B that is one of A's again -> how it got there
COPIES = {10: "exact", 13: "exact", 16: "smaller"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedImage:
    """One image of the pair: what stands in it and how it is to be stored."""

    side: Side
    index: int
    name: str  # file name in its folder
    scene: Scene
    caption: str
    border: bool
    camera: CameraModel  # that took it; PNG, TIFF and the smaller copy do not say so
    quality: int  # JPEG quality, IJG scale
    taken: datetime | None
    has_position: bool
    exposure_s: float
    f_number: float
    iso: int
    focal_mm: int
    stored: str = "jpeg"  # "jpeg", "rotated", "png", "tiff", "exact" or "smaller"
    copy_of: str = ""  # for "exact" and "smaller": the file name in A


@dataclass(frozen=True, slots=True)
class Truth:
    """Everything that is true of one example pair."""

    a: tuple[PlannedImage, ...]
    b: tuple[PlannedImage, ...]
    shared: tuple[tuple[str, str, bool], ...]  # name in A, name in B, byte for byte?
    unreadable_a: dict[str, str]  # file name -> code of engine.errors.SKIP_REASONS
    unreadable_b: dict[str, str]

    def images(self, side: Side) -> tuple[PlannedImage, ...]:
        return self.a if side is Side.A else self.b

    def names(self, side: Side) -> set[str]:
        """Every file of a side: images, captions, and what cannot be read."""
        unreadable = self.unreadable_a if side is Side.A else self.unreadable_b
        images = {image.name for image in self.images(side)}
        return images | {f"{Path(name).stem}.txt" for name in images} | set(unreadable)

    def rate(self, name: str, side: Side) -> float:
        """Share of a side's images of which it is true.

        name: "sailing boats", "lighthouse", "white border", "camera" (Lumen X2) or "birds".
        Raises KeyError for another name.
        """
        images = self.images(side)
        truths = {
            "sailing boats": [image.scene.boats > 0 for image in images],
            "lighthouse": [image.scene.lighthouse for image in images],
            "white border": [image.border for image in images],
            "camera": [image.camera is LUMEN for image in images],
            "birds": [image.scene.birds > 0 for image in images],
        }
        return sum(truths[name]) / len(images)


def plan_image(side: Side, index: int, seed: int) -> PlannedImage:
    """The image at one index of a side; the same however many images there are."""
    if side is Side.B and index in COPIES:
        return _copied(plan_image(Side.A, index, seed), COPIES[index])
    plan = PLANS[side]
    own = 0 if side is Side.A else 1
    rng = np.random.default_rng([seed, own, index, 1])

    def even(purpose: str) -> float:
        return _spread(seed, own, purpose, index)

    lateness = plan.lateness + _LATENESS_SPREAD * NormalDist().inv_cdf(even("lateness"))
    scene = draw_scene(
        rng,
        even,
        lateness=float(np.clip(lateness, 0.0, 0.96)),
        boats=even("boats") < plan.boats,
        lighthouse=even("lighthouse") < plan.lighthouse,
        seed=(seed, own, index),
    )
    camera = AURORA_SOFT if even("soft") < _SOFT else AURORA
    if even("camera") < plan.second_camera:
        camera = LUMEN
    low, high = camera.quality
    stored = FORMATS.get(index, "jpeg")
    has_metadata = stored in ("jpeg", "rotated")
    dated = has_metadata and even("dated") < _DATED
    return PlannedImage(
        side=side,
        index=index,
        name=f"coast-{plan.year}-{index + 1:03d}.{_SUFFIXES.get(stored, 'jpg')}",
        scene=scene,
        caption=caption_of(scene, rng),
        border=even("border") < plan.border,
        camera=camera,
        quality=int(rng.integers(low, high + 1)),
        taken=_taken(plan.year, scene, even("month"), rng) if dated else None,
        has_position=has_metadata and even("position") < _PLACED,
        exposure_s=_one_of(_EXPOSURES_S, even("exposure")),
        f_number=_one_of(_F_NUMBERS, even("aperture")),
        iso=_one_of(_ISO, even("iso")),
        focal_mm=_one_of(_FOCAL_MM, even("focal length")),
        stored=stored,
    )


def _one_of(values: tuple[_T, ...], share: float) -> _T:
    return values[int(share * len(values))]


def _copied(original: PlannedImage, how: str) -> PlannedImage:
    name = original.name if how == "exact" else original.name.replace(".jpg", "-small.jpg")
    if how == "smaller":
        original = replace(original, taken=None, has_position=False)
    return replace(original, side=Side.B, name=name, stored=how, copy_of=original.name)


def _taken(year: int, scene: Scene, part_of_year: float, rng: np.random.Generator) -> datetime:
    """When the camera says it was taken: the hour follows the light, the season the snow."""
    months = (1, 2, 12) if scene.foreground == "snow" else (4, 5, 6, 7, 8, 9, 10)
    month = _one_of(months, part_of_year)
    hour = 10.5 + 9.5 * scene.lateness + rng.normal(0.0, 0.5)
    moment = datetime(year, month, int(rng.integers(1, 29))) + timedelta(hours=hour)
    return moment.replace(microsecond=0)


def _spread(seed: int, side: int, purpose: str, index: int) -> float:
    """A number in (0, 1), spread so evenly over the indices that shares come out as planned.

    Weyl's sequence: multiples of an irrational number, modulo 1; another one for each purpose,
    so that one of them says nothing about another.
    """
    step = math.sqrt(_PRIMES[purpose])
    start = float(np.random.default_rng([seed, side, _PRIMES[purpose], 99]).random())
    return min(max(math.fmod(start + (index + 1) * step, 1.0), 1e-6), 1 - 1e-6)
