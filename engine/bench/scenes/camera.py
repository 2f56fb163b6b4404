"""From a painted scene to the pixels of a photograph: lens, sensor, and a print's white edge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from engine.bench.scenes.noise import Colours

_SHOULDER = 0.8  # brightness from which highlights are held back, of 1
_STEPS = 2048  # of the tone curve for each unit of brightness; finer than 8 bits need
_PAPER = 251  # of 255: the white of a print's edge


@dataclass(frozen=True, slots=True)
class CameraModel:
    """What a camera leaves on its pictures."""

    make: str
    name: str
    grain: float  # standard deviation of the brightness, of 255
    softness: float  # weight of each neighbour when lens and noise reduction blur, of 1
    quality: tuple[int, int]  # JPEG quality on the IJG scale, lowest and highest


AURORA = CameraModel("Aurora", "Aurora D40", grain=2.6, softness=0.06, quality=(89, 95))
#: the Aurora when somebody missed the focus and saved the picture small
AURORA_SOFT = CameraModel("Aurora", "Aurora D40", grain=1.2, softness=0.2, quality=(74, 82))
LUMEN = CameraModel("Lumen", "Lumen X2", grain=0.7, softness=0.24, quality=(72, 80))


def develop(
    picture: Colours, camera: CameraModel, border: bool, rng: np.random.Generator
) -> npt.NDArray[np.uint8]:
    """(h, w, 3) uint8 sRGB of a painted picture, (3, h, w) float32.

    border: with the white edge of a paper print, straight and equally wide on all sides.
    """
    h, w = picture.shape[1:]
    exposure = np.float32(rng.normal(1.0, 0.05))
    fall_off = np.float32(rng.uniform(0.05, 0.12))
    y = np.linspace(-1, 1, h, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, w, dtype=np.float32)[None, :]
    vignette = exposure * (1 - fall_off * (x * x + y * y))
    line = np.array((camera.softness, 1 - 2 * camera.softness, camera.softness))
    blur = ImageFilter.Kernel((3, 3), np.outer(line, line).ravel().tolist(), scale=1.0)
    grain = rng.standard_normal((h, w), dtype=np.float32) * np.float32(camera.grain)
    whole = np.rint(grain, out=grain).astype(np.int16)
    developed = np.empty((h, w, 3), dtype=np.uint8)
    curve = _tone_curve()
    for k in range(3):
        exposed = np.clip(picture[k] * (vignette * np.float32(_STEPS)), 0, curve.size - 1)
        soft = Image.fromarray(curve.take(exposed.astype(np.uint16))).filter(blur)
        developed[..., k] = np.clip(np.asarray(soft) + whole, 0, 255)
    if border:
        edge = round(min(h, w) * rng.uniform(0.042, 0.06))
        framed = np.full_like(developed, _PAPER)
        framed[edge:-edge, edge:-edge] = developed[edge:-edge, edge:-edge]
        return framed
    return developed


def _tone_curve() -> npt.NDArray[np.uint8]:
    """Steps of brightness to 0 … 255: highlights bend towards white, as on film."""
    light = np.arange(2 * _STEPS) / _STEPS
    room = 1.0 - _SHOULDER
    above = np.maximum(light - _SHOULDER, 0.0) / room
    bent = above + above * above
    held = np.minimum(light, _SHOULDER) + room * bent / (bent + 1.0)
    return np.rint(held * 255.0).astype(np.uint8)
