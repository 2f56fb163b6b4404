"""The land: a height field seen in perspective, lit, and faded by the air before it.

Heights are sampled on slices of growing distance; what each pixel sees is found for all columns
at once by counting the slices that end above it. Draws no water surface and no single thing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.bench.scenes.light import Light
from engine.bench.scenes.noise import Plane, fractal_texture, sample, smoothstep
from engine.bench.scenes.scene import Scene

LAND_FALL_OFF = 1.95
ACROSS_THE_BAY = 230.0  # metres: farther than any headland, nearer than any far shore
_PEAK_FALL_OFF = 2.4  # smoother: a few great peaks rather than many spikes
_SLICES = 230
_NEAR, _FAR = 3.0, 1900.0  # metres

_FOREGROUND_RISE = {"meadow": 3.4, "beach": 1.6, "rocks": 3.0, "snow": 3.0}  # metres


@dataclass(frozen=True)
class Camera:
    """Where the picture is taken from. Rows and columns are pixels, lengths metres."""

    width_px: int
    height_px: int
    horizon_px: float
    focal_px: float
    eye: float  # height above the sea

    def row(self, height: float, distance: float) -> float:
        return self.horizon_px + self.focal_px * (self.eye - height) / distance

    def column(self, across: float, distance: float) -> float:
        return self.width_px / 2 + self.focal_px * across / distance


@dataclass(frozen=True)
class Shape:
    """The numbers behind one piece of coast, metres."""

    shore: float  # distance of the near shoreline
    tilt: float  # how much farther it lies for each metre to the right
    far_shore: float
    far_height: float
    head_across: float  # the headland; height 0 where there is none
    head_distance: float
    head_height: float
    offset: tuple[float, float]  # corner of the noise texture
    far_side: float  # which side of the far coast is higher, -1 … 1


@dataclass(frozen=True)
class View:
    """What each pixel sees, (h, w) each.

    distance: metres, inf in the sky. height: metres above the sea, negative on the water
    (the depth below it). lit: how much sunlight falls on it. snowiness: noise for patches.
    sky, water: which pixels these are. edge: 0 except where a ridge ends before something
    farther: there how far, in pixels, the ridge reaches up from the pixel's lower side.
    """

    distance: Plane
    height: Plane
    lit: Plane
    sky: npt.NDArray[np.bool_]
    water: npt.NDArray[np.bool_]
    edge: Plane


@dataclass(frozen=True)
class Setting:
    """Everything the brushes need to know of one scene; across: (1, w), focal lengths."""

    scene: Scene
    light: Light
    camera: Camera
    shape: Shape
    view: View
    across: Plane


def shape_of(scene: Scene, rng: np.random.Generator) -> Shape:
    head_distance = rng.uniform(105.0, 165.0)
    wants_head = rng.random() < 0.45 or scene.lighthouse
    side = 1.0 if rng.random() < 0.5 else -1.0
    far_height = {
        "mountains": rng.uniform(120.0, 200.0),
        "hills": rng.uniform(34.0, 62.0),
        "open sea": 0.0,
    }[scene.relief]
    return Shape(
        shore=rng.uniform(38.0, 60.0),
        tilt=rng.uniform(-0.55, 0.55),
        far_shore=rng.uniform(480.0, 760.0),
        far_height=far_height,
        head_across=side * rng.uniform(0.2, 0.36) * head_distance,
        head_distance=head_distance,
        head_height=rng.uniform(6.0, 10.5) if wants_head else 0.0,
        offset=(rng.uniform(0, 1024), rng.uniform(0, 1024)),
        far_side=rng.uniform(-1.0, 1.0),
    )


def camera_of(scene: Scene, rng: np.random.Generator) -> Camera:
    return Camera(
        width_px=scene.width_px,
        height_px=scene.height_px,
        horizon_px=scene.height_px * rng.uniform(0.44, 0.57),
        focal_px=0.95 * max(scene.width_px, 0.85 * scene.height_px),
        eye=rng.uniform(6.5, 9.5),
    )


def near_heights(scene: Scene, shape: Shape, x: Plane, z: Plane) -> Plane:
    """Height of the ground above the sea on this side of the bay, and of the headland.

    x: metres to the right; z: metres away; they broadcast. Returns metres.
    """
    texture = fractal_texture(scene.seed[0], LAND_FALL_OFF)
    ox, oz = np.float32(shape.offset[0]), np.float32(shape.offset[1])
    fine = sample(texture, x * np.float32(1.9) + oz, z * np.float32(1.9) + ox)
    shore = np.float32(shape.shore) + x * np.float32(shape.tilt) + fine * np.float32(1.8)
    inland = np.clip((shore - z) / np.float32(26.0), -1.2, 1.2, dtype=np.float32)
    bumps = np.float32(0.28) if scene.foreground != "rocks" else np.float32(0.95)
    near = inland * np.float32(_FOREGROUND_RISE[scene.foreground])
    ground: Plane = near + fine * bumps * smoothstep(0.0, 0.5, inland)
    if shape.head_height > 0:
        dx = (x - np.float32(shape.head_across * 1.25)) / np.float32(30.0)
        dz = (z - np.float32(shape.head_distance)) / np.float32(13.0)
        bump = np.exp(-(dx * dx + dz * dz)) * np.float32(shape.head_height + 4.0) - np.float32(4.0)
        ground = np.maximum(ground, bump + fine * np.float32(0.7))
    return ground


def far_heights(scene: Scene, shape: Shape, x: Plane, z: Plane) -> Plane:
    """The same for the hills or mountains across the bay."""
    if shape.far_height == 0:
        return np.full_like(x, -4.0)
    texture = fractal_texture(scene.seed[0], LAND_FALL_OFF)
    ox, oz = np.float32(shape.offset[0]), np.float32(shape.offset[1])
    broad = sample(texture, x * np.float32(0.19) + ox, z * np.float32(0.19) + oz)
    start = np.float32(shape.far_shore) * (np.float32(1.0) + np.float32(0.16) * broad)
    rise = smoothstep(0.0, 900.0, z - start)
    sideways = np.float32(1.0) + np.float32(0.55 * shape.far_side) * np.clip(
        x / np.float32(520.0), -1, 1
    )
    if scene.relief == "mountains":
        smooth = fractal_texture(scene.seed[0], _PEAK_FALL_OFF)
        peaks = sample(smooth, x * np.float32(0.62) + oz, z * np.float32(0.4) + ox)
        folds = sample(smooth, x * np.float32(1.7) + ox, z * np.float32(0.8) + oz)
        crest = np.float32(1.2) - np.float32(0.72) * np.sqrt(peaks * peaks + np.float32(0.015))
        crest = crest - np.float32(0.17) * np.sqrt(folds * folds + np.float32(0.04))
    else:
        crest = np.float32(0.75) + np.float32(0.4) * broad
    far: Plane = (
        np.float32(shape.far_height) * rise * np.maximum(crest, np.float32(0.05)) * sideways
    )
    far += np.clip((z - start) * np.float32(0.05), -4, 3)
    return far


def look(scene: Scene, shape: Shape, camera: Camera, sun: tuple[float, float, float]) -> View:
    """What the camera sees. sun: direction to the sun (right, up, away), unit length."""
    h, w = camera.height_px, camera.width_px
    distance = np.geomspace(_NEAR, _FAR, _SLICES).astype(np.float32)[:, None]
    ray = ((np.arange(w, dtype=np.float32) + 0.5 - w / 2) / camera.focal_px)[None, :]
    across = ray * distance
    near_slices = int(np.count_nonzero(distance < ACROSS_THE_BAY))
    ground = np.concatenate(
        (
            near_heights(scene, shape, across[:near_slices], distance[:near_slices]),
            far_heights(scene, shape, across[near_slices:], distance[near_slices:]),
        )
    )
    lit = _lit(ground, across, distance, sun)

    surface = np.maximum(ground, np.float32(0.0))
    rows = (
        np.float32(camera.horizon_px)
        + np.float32(camera.focal_px) * (np.float32(camera.eye) - surface) / distance
    )
    top = np.minimum.accumulate(rows, axis=0)
    first = _first_slice(top, h)

    # a pixel lies between the slice that reaches it and the one before; along level ground its
    # row runs with the inverse of the distance, so that is what is interpolated
    sky = first >= _SLICES
    far = np.minimum(first, _SLICES - 1)
    near = np.maximum(far - 1, 0)
    columns = np.arange(w, dtype=np.int64)[None, :]
    at_far, at_near = far * w + columns, near * w + columns
    top_far, top_near = top.ravel().take(at_far), top.ravel().take(at_near)
    centre = (np.arange(h, dtype=np.float32) + np.float32(0.5))[:, None]
    share = (top_near - centre) / np.maximum(top_near - top_far, np.float32(1e-3))
    share = np.clip(share, 0, 1)
    share[first == 0] = 1.0

    def between(values: Plane, one: npt.NDArray[np.int64], other: npt.NDArray[np.int64]) -> Plane:
        mixed = values.ravel().take(one)
        mixed += share * (values.ravel().take(other) - mixed)
        return mixed

    nearness = between(np.float32(1.0) / distance, near, far)
    nearness[sky] = 0.0
    with np.errstate(divide="ignore"):
        metres = np.float32(1.0) / nearness
    height = between(ground, at_near, at_far)
    water = ~sky & (height <= 0)
    edge = np.zeros((h, w), dtype=np.float32)
    jump = np.zeros((h, w), dtype=bool)
    jump[1:] = metres[1:] < metres[:-1] * np.float32(0.8)
    edge[jump] = np.clip(centre + np.float32(0.5) - top_far, 0.5, 1.5)[jump]
    return View(
        distance=metres,
        height=height,
        lit=between(lit, at_near, at_far),
        sky=sky,
        water=water,
        edge=edge,
    )


def _first_slice(top: Plane, rows: int) -> npt.NDArray[np.int64]:
    """(rows, w): the nearest slice that reaches a pixel's centre; len(top) in the sky."""
    w = top.shape[1]
    below = np.clip(np.ceil(top - np.float32(0.5)), 0, rows).astype(np.int64)
    counts = np.bincount(
        (below * w + np.arange(w, dtype=np.int64)[None, :]).ravel(), minlength=(rows + 1) * w
    ).reshape(rows + 1, w)
    return counts[::-1].cumsum(axis=0)[::-1][1:]


def _lit(ground: Plane, across: Plane, distance: Plane, sun: tuple[float, float, float]) -> Plane:
    """0 … 1.2: sunlight on the ground, by the angle between its normal and the sun."""
    step = np.maximum(across[:, 1:2] - across[:, 0:1], np.float32(1e-3))
    slope_x = np.empty_like(ground)
    slope_x[:, 1:-1] = (ground[:, 2:] - ground[:, :-2]) / (2 * step)
    slope_x[:, 0], slope_x[:, -1] = slope_x[:, 1], slope_x[:, -2]
    slope_z = np.empty_like(ground)
    slope_z[1:] = (ground[1:] - ground[:-1]) / (distance[1:] - distance[:-1])
    slope_z[0] = slope_z[1]
    # seen from afar a slope between two columns spans many metres; steepen it again
    steeper = np.clip(distance / np.float32(220.0), 0.6, 2.2)
    slope_x, slope_z = slope_x * steeper, slope_z * steeper
    length = np.sqrt(np.float32(1.0) + slope_x * slope_x + slope_z * slope_z)
    facing = np.float32(sun[1]) - slope_x * np.float32(sun[0]) - slope_z * np.float32(sun[2])
    lit: Plane = np.float32(0.12) + np.float32(1.05) * facing / length
    return np.clip(lit, 0, 1.2, out=lit)
