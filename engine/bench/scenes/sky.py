"""The sky: a gradient, the sun's glow, the sun or the moon, and clouds in perspective."""

from __future__ import annotations

import numpy as np
from PIL import Image

from engine.bench.scenes.light import Light
from engine.bench.scenes.noise import Colours, Plane, fractal_texture, mix, over, sample, smoothstep
from engine.bench.scenes.scene import Scene

_CLOUD_FALL_OFF = 1.55  # rougher than land: clouds have ragged edges

# kind of sky: how much of the noise shows as cloud, and how dense it gets
_COVER = {"clear": (1.15, 0.55), "scattered": (0.25, 0.95), "overcast": (-0.75, 0.97)}


def paint_sky(
    scene: Scene, light: Light, up: Plane, across: Plane, rng: np.random.Generator
) -> Colours:
    """Colours of the sky.

    up: (h, 1) height above the horizon, across: (1, w) distance from the middle, both in units
    of the focal length. Returns (3, h, w). Rows below the horizon repeat the horizon's colour.
    """
    above = int(np.count_nonzero(up > 0)) + 1
    height = np.maximum(up[:above], np.float32(0.0))
    sky = np.empty((3, up.shape[0], across.shape[1]), dtype=np.float32)
    sky[:, above:] = over(light.horizon, 2)
    sunlight = over(light.sunlight, 2)
    glow = _glow(light, height, across)
    dim = 0.45 if scene.sky == "overcast" else 1.0
    colours = sunlight * (glow * np.float32(dim))
    colours += _gradient(light, height)
    disc = _disc_of(scene, light, rng)
    if disc is not None and scene.sky != "overcast":
        _add_disc(colours, height, across, disc)
    half = _clouds(scene, light, height[::2], across[:, ::2], rng)
    density, lit = (_enlarged(plane, above, across.shape[1]) for plane in half)
    bright = np.float32(0.72 + 0.28 * light.strength)
    dark, white = over(light.cloud_shade, 2), np.minimum(sunlight * np.float32(1.02), 1)
    silver = mix(dark * bright, white * bright, lit)
    silver += sunlight * (glow * np.float32(0.55 * dim))
    sky[:, :above] = mix(colours, silver, density)
    return sky


def _gradient(light: Light, height: Plane) -> Colours:
    """(3, h, 1): from the horizon through the upper sky to the zenith."""
    low = smoothstep(0.0, 0.26, height)
    high = smoothstep(0.16, 0.85, height)
    lower = mix(over(light.horizon, 2), over(light.upper, 2), low)
    return mix(lower, over(light.zenith, 2), high)


def _glow(light: Light, height: Plane, across: Plane) -> Plane:
    """A wide halo, flattened along the horizon when the sun is low, and a small bright one."""
    dx = (across - np.float32(light.sun_across)) ** 2
    dy = (height - np.float32(light.sun_height)) ** 2
    flat = np.float32(2.2 - 1.3 * light.warmth)
    wide = np.exp(dx * np.float32(-3.2) * flat) * np.exp(dy * np.float32(-3.2 * 6.0))
    near = np.exp(dx * np.float32(-160.0)) * np.exp(dy * np.float32(-160.0))
    glow: Plane = np.float32(0.16 + 0.24 * light.warmth) * wide + np.float32(0.3) * near
    return glow


def _disc_of(
    scene: Scene, light: Light, rng: np.random.Generator
) -> tuple[float, float, float, float, Colours] | None:
    """Radius, softness, place across, height, and colour of the sun or the moon, if seen."""
    moon_across, moon_height = rng.uniform(-0.32, 0.32), rng.uniform(0.17, 0.3)
    if scene.sun_in_view and light.sun_height < 0.5:
        colour = light.sunlight * np.float32(1.3) + np.float32(0.15)
        return 0.026, 0.006, light.sun_across, light.sun_height, colour
    if scene.lateness > 0.72:
        colour = np.array((0.97, 0.94, 0.86), dtype=np.float32)
        return 0.017, 0.003, moon_across, moon_height, colour
    return None


def _add_disc(
    sky: Colours, height: Plane, across: Plane, disc: tuple[float, float, float, float, Colours]
) -> None:
    """Paints it in place."""
    radius, soft, x, y, colour = disc
    rows = np.flatnonzero(np.abs(height[:, 0] - np.float32(y)) < 2 * radius)
    if rows.size == 0:
        return
    band = slice(int(rows[0]), int(rows[-1]) + 1)
    distance = np.hypot(across - np.float32(x), height[band] - np.float32(y))
    covered = np.float32(1.0) - smoothstep(radius - soft, radius + soft, distance)
    sky[:, band] = mix(sky[:, band], over(colour, 2), covered)


def _enlarged(plane: Plane, rows: int, columns: int) -> Plane:
    image = Image.fromarray(plane).resize((columns, rows), Image.Resampling.BILINEAR)
    return np.asarray(image)


def _clouds(
    scene: Scene, light: Light, height: Plane, across: Plane, rng: np.random.Generator
) -> tuple[Plane, Plane]:
    """How much cloud (0 … 1) and how lit it is (0 … 1), both (h, w).

    The clouds lie in a flat layer overhead, seen in perspective; towards the horizon they
    crowd, and fade into the haze before they would turn to noise.
    """
    texture = fractal_texture(scene.seed[0], _CLOUD_FALL_OFF)
    offset = rng.uniform(0, 1024, size=4).astype(np.float32)
    threshold, dense = _COVER[scene.sky]
    threshold += rng.uniform(-0.15, 0.15)
    away = np.float32(1.0) / (height + np.float32(0.11))
    u = across * away * np.float32(17.0) + offset[0]
    v = away * np.float32(26.0) + offset[1]
    toward = np.float32(np.sign(light.sun_across) * 2.2)
    base = sample(texture, u, v)
    detail = sample(texture, u * np.float32(3.7) + offset[2], v * np.float32(3.7) + offset[3])
    body = base + np.float32(0.3) * detail
    behind = sample(texture, u + toward, v - np.float32(1.6)) + np.float32(0.3) * detail
    density = smoothstep(threshold, threshold + 1.25, body) * np.float32(dense)
    if scene.sky == "clear":
        streak = sample(texture, u * np.float32(0.35) + offset[3], v * np.float32(1.6) + offset[2])
        density = np.maximum(
            density * np.float32(0.5), smoothstep(0.5, 2.6, streak) * np.float32(0.4)
        )
    density = density * smoothstep(0.0, 0.09, height)
    lit = np.clip(
        np.float32(0.72) + np.float32(0.42) * (body - behind) - np.float32(0.22) * density,
        0,
        1,
        dtype=np.float32,
    )
    return density, lit
