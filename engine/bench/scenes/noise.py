"""Seeded fractal noise: the raw material of hills, clouds and ripples.

Textures are periodic, so one of them serves any number of scenes, each from its own corner.
Draws nothing and keeps no state beyond the textures already computed.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.float32]  # (h, w), (n,) or any shape, one value a pixel
Colours = npt.NDArray[np.float32]  # (3, h, w) or (3, n), sRGB as 0 … 1; the colour axis comes
# first because numpy then runs over pixels in its innermost loop, which is several times faster

TEXTURE_SIDE = 1024  # texels; a power of two, so that wrapping is a bitwise and


@lru_cache(maxsize=8)
def fractal_texture(seed: int, fall_off: float) -> Plane:
    """(1024, 1024) float32 noise, periodic, mean 0, standard deviation 1; read-only.

    Gaussian noise whose spectral amplitude falls as frequency ** -fall_off (spectral synthesis,
    Peitgen & Saupe, The Science of Fractal Images, 1988). Larger values look smoother. The
    three lowest frequencies are left out, so that no corner of it is all hill or all valley.
    """
    side = TEXTURE_SIDE
    rng = np.random.default_rng([seed, int(fall_off * 1000)])
    spectrum = np.fft.rfft2(rng.standard_normal((side, side)))
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None, :]) * side
    amplitude = np.zeros_like(frequency)
    heard = frequency >= 3
    amplitude[heard] = frequency[heard] ** -fall_off
    texture = np.fft.irfft2(spectrum * amplitude, s=(side, side))
    even: Plane = ((texture - texture.mean()) / texture.std()).astype(np.float32)
    even.setflags(write=False)
    return even


def sample(texture: Plane, u: Plane, v: Plane) -> Plane:
    """The texture at column u and row v (texels, any value, broadcast), bilinear, wrapped."""
    mask = TEXTURE_SIDE - 1
    left, top = np.floor(u), np.floor(v)
    across, down = u - left, v - top
    i0 = left.astype(np.int32) & mask
    j0 = (top.astype(np.int32) & mask) * TEXTURE_SIDE
    i1 = (i0 + 1) & mask
    j1 = (j0 + TEXTURE_SIDE) & (TEXTURE_SIDE * TEXTURE_SIDE - 1)
    flat = texture.ravel()
    upper = flat.take(j0 + i0)
    upper += across * (flat.take(j0 + i1) - upper)
    lower = flat.take(j1 + i0)
    lower += across * (flat.take(j1 + i1) - lower)
    lower -= upper
    lower *= down
    upper += lower
    return upper


def smoothstep(low: float, high: float, x: Plane) -> Plane:
    """0 below low, 1 above high, a smooth cubic between."""
    t = np.clip((x - np.float32(low)) / np.float32(high - low), 0, 1, dtype=np.float32)
    eased: Plane = t * t * (np.float32(3) - np.float32(2) * t)
    return eased


def mix(a: Colours, b: Colours, share: Plane) -> Colours:
    """a where share is 0, b where it is 1; share has no colour axis."""
    mixed = b - a
    if mixed.shape[1:] != share.shape:
        mixed = mixed * share
    else:
        mixed *= share
    mixed += a
    return mixed


def over(colour: Colours, axes: int) -> Colours:
    """One colour, (3,), with the given number of pixel axes behind it, each of length 1."""
    return colour.reshape(3, *(1,) * axes)
