"""Colours and surfaces: what a body is covered with, in the light that falls on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from engine.bench.rendered.world import Colour, Pattern

__all__ = ["BASE", "RGB", "Paint", "darker", "lighter", "mixed", "surface"]

RGB = tuple[float, float, float]  # 0 … 255
Plane = npt.NDArray[np.float32]  # (h, w), or one row or column of it

BASE: dict[Colour, RGB] = {
    Colour.RED: (214, 44, 40),
    Colour.ORANGE: (243, 136, 34),
    Colour.YELLOW: (247, 208, 48),
    Colour.GREEN: (52, 158, 72),
    Colour.BLUE: (44, 104, 212),
    Colour.PURPLE: (132, 60, 176),
    Colour.PINK: (246, 138, 184),
    Colour.BROWN: (132, 82, 46),
    Colour.BLACK: (38, 38, 44),
    Colour.WHITE: (244, 244, 240),
}

_PERIOD = 0.15  # of a pattern, in units: the larger side of a thing is one unit
_LIGHT_FROM = (-0.5, 0.85)  # the way towards the light, x to the right and y upwards


@dataclass(frozen=True, slots=True)
class Paint:
    """The surface of one thing."""

    colour: RGB
    pattern: Pattern = Pattern.PLAIN

    @property
    def second(self) -> RGB:
        """The other colour of a pattern: light on dark, dark on light."""
        return _second(self.colour)


@cache
def _second(colour: RGB) -> RGB:
    bright = 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2]
    return (250.0, 248.0, 242.0) if bright < 150 else mixed(darker(colour, 0.3), (40, 34, 50), 0.5)


def darker(colour: RGB, share: float) -> RGB:
    """The colour times share."""
    return colour[0] * share, colour[1] * share, colour[2] * share


def lighter(colour: RGB, share: float) -> RGB:
    """The colour moved towards white by share, 0 … 1."""
    return mixed(colour, (255, 255, 255), share)


def mixed(one: RGB, two: RGB, share: float) -> RGB:
    """The first colour moved towards the second by share, 0 … 1."""
    return (
        one[0] + (two[0] - one[0]) * share,
        one[1] + (two[1] - one[1]) * share,
        one[2] + (two[2] - one[2]) * share,
    )


def surface(
    paint: Paint, size: tuple[int, int], foot: tuple[float, float], unit_px: float, tint: RGB
) -> npt.NDArray[np.uint8]:
    """(h, w, 3) uint8: a piece of surface to cut a body out of.

    size: width and height in pixels. foot: column and row of the thing's foot in it. unit_px:
    pixels a unit. tint: what the light leaves of red, green and blue, each about 1.
    """
    width, height = size
    u = ((np.arange(width, dtype=np.float32) + 0.5 - foot[0]) / unit_px)[None, :]
    v = ((foot[1] - np.arange(height, dtype=np.float32) - 0.5) / unit_px)[:, None]
    shade: Plane = (0.97 + 0.2 * (_LIGHT_FROM[0] * u + _LIGHT_FROM[1] * (v - 0.45))).astype(
        np.float32
    )
    colour = np.array(paint.colour, dtype=np.float32) * np.array(tint, dtype=np.float32)
    other = np.array(paint.second, dtype=np.float32) * np.array(tint, dtype=np.float32)
    if paint.pattern is Pattern.PLAIN:
        cover = shade[..., None] * colour
    elif paint.pattern is Pattern.METALLIC:
        cover = _metal(u, v, shade, colour, tint)
    elif paint.pattern is Pattern.WOODEN:
        grain = _grain(u, v)
        cover = (shade * (1.06 - 0.42 * grain))[..., None] * colour
    else:
        share = _second_share(paint.pattern, u, v)[..., None]
        cover = shade[..., None] * (colour + (other - colour) * share)
    return np.asarray(np.clip(cover, 0, 255), dtype=np.uint8)


def _second_share(pattern: Pattern, u: Plane, v: Plane) -> Plane:
    """How much of the second colour each point has, 0 … 1."""
    if pattern is Pattern.STRIPED:
        phase = (u * 0.94 + v * 0.34) / np.float32(_PERIOD * 1.05)
        return np.asarray(phase - np.floor(phase) < 0.46, dtype=np.float32)
    if pattern is Pattern.DOTTED:
        row = np.floor(v / np.float32(_PERIOD))
        x = u / np.float32(_PERIOD) + np.float32(0.5) * (row % 2)
        x = x - np.floor(x) - np.float32(0.5)
        y = v / np.float32(_PERIOD) - row - np.float32(0.5)
        return np.asarray(x * x + y * y < 0.085, dtype=np.float32)
    across = np.floor(u / np.float32(_PERIOD * 0.72)) % 2
    up = np.floor(v / np.float32(_PERIOD * 0.72)) % 2
    return np.asarray(np.abs(across - up), dtype=np.float32)


def _grain(u: Plane, v: Plane) -> Plane:
    """The years of a plank, and the gaps between planks."""
    rings = np.sin(v * 62 + 2.2 * np.sin(u * 7 + v * 3)) * 0.5 + 0.5
    plank = v / np.float32(0.19)
    gap = (plank - np.floor(plank)) < 0.13
    return np.asarray(np.maximum(rings * 0.55, gap), dtype=np.float32)


def _metal(u: Plane, v: Plane, shade: Plane, colour: Plane, tint: RGB) -> Plane:
    """Dark and bright reflections of a sky that is not in the picture."""
    way = v * 1.0 + u * 0.35
    wave = np.sin(way * 13 + 0.6)
    dark = (shade * (0.78 + 0.28 * wave))[..., None] * colour
    glint = np.clip(wave * 2.4 - 1.35, 0, 0.92)[..., None]
    white = np.array(tint, dtype=np.float32) * np.float32(255)
    return np.asarray(dark + (white - dark) * glint, dtype=np.float32)
