"""The colours of the light from noon to dusk, and where the sun stands. Paints nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engine.bench.scenes.noise import Colours, Plane, mix
from engine.bench.scenes.scene import Scene

# lateness: zenith, upper sky, horizon, light on things, shadow on things, clouds' shaded side
_KEYS: tuple[tuple[float, tuple[tuple[int, int, int], ...]], ...] = (
    (
        0.00,
        (
            (44, 104, 184),
            (104, 160, 214),
            (196, 219, 235),
            (255, 252, 244),
            (104, 122, 146),
            (170, 182, 198),
        ),
    ),
    (
        0.35,
        (
            (58, 112, 182),
            (124, 170, 210),
            (224, 228, 222),
            (255, 243, 220),
            (100, 112, 134),
            (168, 172, 184),
        ),
    ),
    (
        0.58,
        (
            (74, 112, 164),
            (150, 166, 186),
            (248, 214, 164),
            (255, 216, 160),
            (88, 90, 112),
            (160, 142, 142),
        ),
    ),
    (
        0.78,
        (
            (62, 72, 128),
            (156, 120, 140),
            (250, 166, 104),
            (255, 170, 108),
            (66, 62, 90),
            (132, 96, 112),
        ),
    ),
    (
        1.00,
        (
            (26, 34, 78),
            (84, 68, 112),
            (214, 110, 86),
            (206, 122, 112),
            (40, 40, 70),
            (72, 58, 88),
        ),
    ),
)


Shade = tuple[float, float, float]  # one colour, sRGB as 0 … 1


@dataclass(frozen=True)
class Light:
    """Colours as (3,) float32 in 0 … 1; the sun's place in units of the focal length."""

    zenith: Colours
    upper: Colours
    horizon: Colours
    sunlight: Colours
    shade: Colours
    cloud_shade: Colours
    strength: float  # how bright the land is, 1 at noon
    sun_across: float  # left negative, right positive; may lie outside the frame
    sun_height: float  # above the horizon
    warmth: float  # 0 noon … 1 sunset: how wide and coloured the glow is

    def on(self, base: Colours, lit: Plane) -> Colours:
        """A surface of colour base, (3, n), under this light; lit: (n,), 0 in shadow … 1."""
        sun = self.sunlight * np.float32(1.1 * self.strength)
        falling = sun[:, None] * lit
        falling += self.shade[:, None] * np.float32(0.82)
        falling *= base
        return falling

    def through_air(self, colour: Colours, ray: Plane, distance: Plane) -> Colours:
        """What is left of (3, n) colours after distance metres of air, warmer towards the sun.

        ray: (n,), how far to the right, in units of the focal length.
        """
        haze = np.float32(0.93) * (np.float32(1.0) - np.exp(-distance / np.float32(1150.0)))
        toward = np.exp(-np.abs(ray - np.float32(self.sun_across)) * np.float32(2.5))
        air = self.horizon * np.float32(0.62) + self.upper * np.float32(0.33)
        warmer = air[:, None] + (self.sunlight * np.float32(0.1))[:, None] * toward
        return mix(colour, warmer, haze)

    def tone(self, base: Shade, lit: float, distance: float) -> Shade:
        """The colour of one thing at a distance in metres: `on` and `through_air` at once."""
        haze = 0.93 * (1.0 - math.exp(-distance / 1150.0))
        sun = 1.1 * self.strength * lit
        red, green, blue = (
            c * (0.82 * float(shade) + sun * float(light)) * (1.0 - haze)
            + haze * (0.62 * float(low) + 0.33 * float(high) + 0.05 * float(light))
            for c, shade, light, low, high in zip(
                base, self.shade, self.sunlight, self.horizon, self.upper, strict=True
            )
        )
        return red, green, blue


def light_of(scene: Scene, rng: np.random.Generator) -> Light:
    """The light of a scene; rng only decides where the sun stands."""
    late = float(np.clip(scene.lateness, 0.0, 1.0))
    stops = np.array([key for key, _ in _KEYS])
    table = np.array([colours for _, colours in _KEYS], dtype=np.float64) / 255.0
    colours = [
        np.array([np.interp(late, stops, table[:, k, c]) for c in range(3)], dtype=np.float32)
        for k in range(table.shape[1])
    ]
    side = 1.0 if rng.random() < 0.5 else -1.0
    across = rng.uniform(0.05, 0.38) if scene.sun_in_view else rng.uniform(0.75, 1.3)
    height = float(np.interp(late, (0.0, 0.4, 0.62, 0.8, 1.0), (0.95, 0.62, 0.2, 0.07, -0.015)))
    zenith, upper, horizon, sunlight, shade, cloud_shade = colours
    return Light(
        zenith=zenith,
        upper=upper,
        horizon=horizon,
        sunlight=sunlight,
        shade=shade,
        cloud_shade=cloud_shade,
        strength=float(np.interp(late, (0.0, 0.4, 0.7, 1.0), (1.0, 0.97, 0.8, 0.5))),
        sun_across=side * across,
        sun_height=height,
        warmth=float(np.interp(late, (0.25, 0.7), (0.0, 1.0))),
    )
