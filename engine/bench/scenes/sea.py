"""The water: what stands beyond it, mirrored and broken by waves; glitter and foam."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.bench.scenes.ground import DETAIL_FALL_OFF
from engine.bench.scenes.light import Light
from engine.bench.scenes.noise import Colours, Plane, fractal_texture, mix, over, sample, smoothstep
from engine.bench.scenes.scene import Scene
from engine.bench.scenes.terrain import ACROSS_THE_BAY, LAND_FALL_OFF, Camera, Setting, View

_DEEP = np.array((0.03, 0.14, 0.17), dtype=np.float32)
_SHALLOW = np.array((0.3, 0.4, 0.33), dtype=np.float32)


def paint_water(setting: Setting, picture: Colours, rng: np.random.Generator) -> None:
    """Paints the water, in place: what stands beyond it, mirrored, broken by waves."""
    light, camera, view = setting.light, setting.camera, setting.view
    pixels = np.flatnonzero(view.water)
    if pixels.size == 0:
        return
    w = view.water.shape[1]
    z = view.distance.ravel().take(pixels)
    ray = setting.across[0].take(pixels % w)
    ripple, wave, calm = _waves(setting.scene, ray * z, z, rng)
    mirror = picture.reshape(3, -1).take(_mirrored(camera, view, pixels, wave), axis=1)

    grazing = np.clip(np.float32(camera.eye * 5.5) / z, 0, 1)
    clear = np.clip(
        np.float32(0.2) + np.float32(0.48) * grazing + np.float32(0.09) * wave, 0.08, 0.85
    )
    deep = light.upper * np.float32(0.25) + _DEEP * np.float32(0.35 + 0.65 * light.strength)
    sea = mix(mirror * np.float32(0.96), over(deep, 1), clear)
    sea *= np.float32(1.0) + np.float32(0.07) * wave + np.float32(0.05) * calm
    sea += over(light.sunlight, 1) * _glitter(light, ray, wave, z)
    near = np.flatnonzero(z < 120)
    depth = -view.height.ravel().take(pixels[near])
    sea[:, near] = _shallows(light, sea[:, near], depth, ripple[near], z[near])
    for channel, values in zip(picture, sea, strict=True):
        channel.ravel()[pixels] = values


def _waves(
    scene: Scene, x: Plane, z: Plane, rng: np.random.Generator
) -> tuple[Plane, Plane, Plane]:
    """Fine ripples, what is seen of all waves, and broad patches of calm water; each (n,)."""
    rough = fractal_texture(scene.seed[0], DETAIL_FALL_OFF)
    swell = fractal_texture(scene.seed[0], LAND_FALL_OFF)
    shift = rng.uniform(0, 1024, size=2).astype(np.float32)
    ripple = sample(rough, x * np.float32(2.6) + shift[0], z * np.float32(5.2) + shift[1])
    chop = sample(rough, x * np.float32(0.5) + shift[1], z * np.float32(1.1) + shift[0])
    calm = sample(swell, x * np.float32(0.24) + shift[1], z * np.float32(1.3) + shift[0])
    # waves smaller than a pixel's footprint on the water would only make noise
    wave = ripple * np.exp(z * np.float32(-1 / 260.0))
    wave += np.float32(0.7) * chop * np.exp(z * np.float32(-1 / 900.0))
    return ripple, wave, calm


def _mirrored(
    camera: Camera, view: View, pixels: npt.NDArray[np.int64], wave: Plane
) -> npt.NDArray[np.int64]:
    """(n,): which pixel each water pixel mirrors, as a flat index."""
    h, w = view.water.shape
    rows, columns = pixels // w, pixels % w
    line = np.where(view.water, np.int32(-1), np.arange(h, dtype=np.int32)[:, None])
    shore = np.maximum.accumulate(line, axis=0).ravel().take(pixels)
    reach = np.float32(1.6) * (1 + (rows - shore).astype(np.float32) * np.float32(0.09))
    # above a near headland the mirrored ray passes on to the far shore
    facing = np.maximum(2 * shore + 1 - rows, 0) * w + columns
    passes = view.water.ravel().take(facing)
    passes |= view.distance.ravel().take(facing) > ACROSS_THE_BAY
    edge = np.where(passes, _far_line(camera, view)[columns], shore)
    row = np.clip(2 * edge + 1 - rows + (wave * reach).astype(np.int64), 0, np.maximum(edge, 0))
    beside = np.clip(columns + (wave * np.float32(1.5)).astype(np.int64), 0, w - 1)
    mirrored: npt.NDArray[np.int64] = row * w + beside
    return mirrored


def _shallows(light: Light, sea: Colours, depth: Plane, ripple: Plane, z: Plane) -> Colours:
    """The ground shines through near the shore, and the waves break."""
    clear = smoothstep(1.3, 0.0, depth) * smoothstep(120.0, 60.0, z) * np.float32(0.4)
    ground = sea * np.float32(0.55) + over(light.sunlight * _SHALLOW, 1)
    white = light.sunlight * np.float32(light.strength) + light.shade * np.float32(0.2)
    foam = _foam(depth, ripple, z)
    return mix(mix(sea, ground, clear), over(np.minimum(white, 1), 1), foam)


def _far_line(camera: Camera, view: View) -> npt.NDArray[np.int64]:
    """(w,): the row above the farthest water; a neighbour's where the headland hides it."""
    first = np.argmax(view.water, axis=0)
    distance = view.distance[first, np.arange(first.size)]
    far = distance > ACROSS_THE_BAY
    usual = int(np.median(first[far])) if far.any() else round(camera.horizon_px)
    line: npt.NDArray[np.int64] = np.where(far, first, usual) - 1
    return line


def _glitter(light: Light, ray: Plane, wave: Plane, z: Plane) -> Plane:
    """The path of light below the sun: wider near by, broken by the waves."""
    if light.sun_height > 0.55:
        return np.zeros_like(ray)
    width = np.float32(0.05) + np.float32(2.2) / z
    beam = np.exp(-(((ray - np.float32(light.sun_across)) / width) ** 2))
    strength = np.float32(0.16 + 0.32 * light.warmth) * np.float32(light.strength)
    path: Plane = beam * strength * smoothstep(-0.3, 1.3, wave) * np.float32(1.5)
    return path


def _foam(depth: Plane, ripple: Plane, z: Plane) -> Plane:
    """Thin broken lines of foam where the water is shallow."""
    here = smoothstep(110.0, 50.0, z)
    edge = np.exp(-(((depth - np.float32(0.1)) / np.float32(0.09)) ** 2))
    second = np.exp(-(((depth - np.float32(0.55)) / np.float32(0.07)) ** 2))
    breaks = smoothstep(-0.9, 0.6, ripple)
    foam: Plane = (edge * np.float32(0.9) + second * breaks * np.float32(0.45)) * here * breaks
    return np.clip(foam, 0, 0.85)
