"""The colours of the land: grass, sand, rock, forest and snow, lit and seen through air."""

from __future__ import annotations

import numpy as np

from engine.bench.scenes.noise import Colours, Plane, fractal_texture, mix, sample, smoothstep
from engine.bench.scenes.scene import Scene
from engine.bench.scenes.terrain import ACROSS_THE_BAY, LAND_FALL_OFF, Setting, View

DETAIL_FALL_OFF = 0.75  # grass and waves: almost grain

_GRASSES = ((0.34, 0.44, 0.19), (0.42, 0.47, 0.21), (0.55, 0.50, 0.25), (0.30, 0.40, 0.22))


#: foreground -> height in metres where plants or snow begin and are closed, and how unevenly
_COVERED = {
    "meadow": (0.25, 0.9, 0.0),
    "snow": (0.25, 0.9, 0.0),
    "beach": (1.25, 1.75, 0.25),
    "rocks": (1.6, 2.6, 0.5),
}


def _colour(red: float, green: float, blue: float) -> Colours:
    return np.array(((red,), (green,), (blue,)), dtype=np.float32)


_SAND = _colour(0.83, 0.74, 0.58)
_ROCK = _colour(0.44, 0.41, 0.38)
_SNOW = _colour(0.82, 0.84, 0.88)
_FOREST = _colour(0.17, 0.25, 0.15)


def grass_of(scene: Scene) -> tuple[float, float, float]:
    """The colour of this scene's grass, before any light."""
    return _GRASSES[scene.seed[-1] % len(_GRASSES)]


def paint_land(setting: Setting, sky: Colours, rng: np.random.Generator) -> Colours:
    """Sky and land together, (3, h, w), as a new picture."""
    view, light, across = setting.view, setting.light, setting.across
    picture = sky.copy()
    land = ~view.sky & ~view.water
    shift = rng.uniform(0, 1024, size=2).astype(np.float32)
    far = land & (view.distance > ACROSS_THE_BAY)
    for where, colour in ((far, _slope_colour), (land & ~far, _shore_colour)):
        pixels = np.flatnonzero(where)
        z = view.distance.ravel().take(pixels)
        ray = across[0].take(pixels % across.shape[1])
        base = colour(setting.scene, view.height.ravel().take(pixels), ray * z, z, shift)
        lit = light.on(base, view.lit.ravel().take(pixels))
        seen = light.through_air(lit, ray, z)
        for channel, values in zip(picture, seen, strict=True):
            channel.ravel()[pixels] = values
    return picture


def _patches(scene: Scene, x: Plane, z: Plane, shift: Plane) -> Plane:
    texture = fractal_texture(scene.seed[0], LAND_FALL_OFF)
    return sample(texture, x * np.float32(1.1) + shift[0], z * np.float32(1.1) + shift[1])


def _meadow(scene: Scene, patch: Plane) -> Colours:
    grass = _colour(*grass_of(scene))
    dry = grass * np.float32(0.72) + _colour(0.22, 0.17, 0.07)
    return mix(grass * np.float32(0.8), dry, smoothstep(-1.0, 1.2, patch))


def _shore_colour(scene: Scene, height: Plane, x: Plane, z: Plane, shift: Plane) -> Colours:
    """The land on this side of the bay, and the headland."""
    patch = _patches(scene, x, z, shift)
    grain = fractal_texture(scene.seed[0], DETAIL_FALL_OFF)
    blade = sample(grain, x * np.float32(21.0) + shift[1], z * np.float32(7.0) + shift[0])
    blade *= np.exp(z * np.float32(-1 / 60.0))

    def rough(blades: float, patches: float) -> Plane:
        return 1 + np.float32(blades) * blade + np.float32(patches) * patch

    kind = scene.foreground
    cover = _SNOW * rough(0.02, 0.025)
    if kind != "snow":
        cover = _meadow(scene, patch) * rough(0.24, 0.0)
    sandy = kind in ("meadow", "beach")
    bare = _SAND * rough(0.05, 0.05) if sandy else _ROCK * rough(0.2, 0.16)
    low, high, uneven = _COVERED[kind]
    near = mix(bare, cover, smoothstep(low, high, height + np.float32(uneven) * patch))
    if kind != "snow":
        near *= 1 - np.float32(0.35) * smoothstep(0.32, 0.04, height)
    head = np.flatnonzero(z > 78)
    rock = _ROCK * rough(0.2, 0.16)[head]
    grown = smoothstep(1.6, 3.4, height[head] + np.float32(0.6) * patch[head])
    headland = mix(rock, cover[:, head], grown)
    near[:, head] = mix(near[:, head], headland, smoothstep(78.0, 92.0, z[head]))
    return near


def _slope_colour(scene: Scene, height: Plane, x: Plane, z: Plane, shift: Plane) -> Colours:
    """The hills or mountains across the bay: fields and forest, rock above, snow on top."""
    patch = _patches(scene, x, z, shift)
    forest = _FOREST * (1 + np.float32(0.3) * patch)
    rock = _ROCK * (1 + np.float32(0.16) * patch)
    snowy = scene.foreground == "snow"
    green = _SNOW * np.float32(0.94) if snowy else _meadow(scene, patch) * np.float32(0.9)
    slopes = mix(green, forest, smoothstep(-0.5, 0.4, patch))
    if scene.relief == "mountains":
        bare = smoothstep(45.0, 95.0, height + np.float32(14) * patch)
        slopes = mix(slopes, rock, bare)
    if scene.relief == "mountains" or snowy:
        line = 70.0 if snowy else 118.0
        cover = smoothstep(line, line + 16.0, height + np.float32(20) * patch)
        slopes = mix(slopes, _SNOW, cover)
    return slopes


def soften_ridges(picture: Colours, view: View) -> None:
    """Blends each ridge, in place, into what lies behind it by the share it covers."""
    rows, columns = np.nonzero(view.edge)
    reach = view.edge[rows, columns]
    ridge, behind = picture[:, rows, columns], picture[:, rows - 1, columns]
    picture[:, rows, columns] = mix(behind, ridge, np.minimum(reach, 1))
    picture[:, rows - 1, columns] = mix(behind, ridge, np.maximum(reach - 1, 0))
