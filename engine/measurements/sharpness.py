"""Sharpness: blur, noise and fine detail. Judged on native pixels unless it says "texture".

Only the middle of the image is looked at in native pixels, so a sharp subject at the edge is
not seen.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from engine.measurement import Measurement, Number, Value
from engine.measurements.view import BLOCK_PX, FloatArray, View, block_sums

VERSION = 1

FLAT_DEVIATION = 2.0  # grey levels; an evener picture has nothing to judge sharpness on
NOISE_BLOCK_PX = 16  # side of the blocks of which the calmest are taken for noise
NOISE_BLOCKS_MIN = 4
NOISE_QUANTILE = 0.25
#: the lower quartile of block estimates lies this far below the true sigma of white noise
NOISE_QUANTILE_BIAS = 0.956
CLIPPED = (8.0, 247.0)  # mean luma beyond which a block may have lost noise to clipping
LINE_STEP = 4  # every fourth row and column is enough for the spectrum
SPECTRUM_PX = 32  # shortest crop side whose spectrum is taken

MEASUREMENTS: tuple[Measurement, ...] = (
    Number(
        name="sharpness",
        title="sharpness",
        unit="log10 of a ratio",
        high="sharper images",
        low="blurrier images",
        source="Variance of the Laplacian (Pech-Pacheco et al., ICPR 2000) over the variance of "
        "the luma, in the middle at native size; unknown where the middle is flat.",
    ),
    Number(
        name="fine_texture",
        title="fine texture",
        unit="share of variance",
        high="images with more fine texture",
        low="images made of larger, smoother shapes",
        source=f"Share of the luma's variance that lies within blocks of {BLOCK_PX} pixels, at "
        "256 pixels.",
    ),
    Number(
        name="noise",
        title="noise",
        unit="grey levels",
        high="noisier, grainier images",
        low="cleaner images with less noise",
        source="Immerkær's estimate of sigma (CVIU 64, 1996) in blocks of 16 native pixels, "
        "lower quartile over the blocks that are not clipped.",
        technical=True,
    ),
    Number(
        name="pixel_detail",
        title="detail at the pixel level",
        unit="dB",
        high="images with detail down to the single pixel",
        low="enlarged or softened images, without detail at the pixel level",
        source="Energy of the spectrum of native rows and columns above half of the highest "
        "frequency, over that between a quarter and a half; an enlarged image and a soft one "
        "look alike here.",
        technical=True,
    ),
)


def _sharpness(view: View) -> float | None:
    luma = view.crop_luma.astype(np.float32)
    if min(luma.shape) < 3:
        return None
    variance = float(luma.var())
    if variance < FLAT_DEVIATION**2:
        return None
    along_x, along_y = view.crop_curvature
    laplacian = (along_x[1:-1] + along_y[:, 1:-1]).astype(np.float32).ravel()
    energy = float(np.dot(laplacian, laplacian)) / laplacian.size
    return math.log10(energy / variance) if energy > 0 else None


def _fine_texture(view: View) -> float | None:
    if min(view.luma.shape) < 2 * BLOCK_PX or view.luma_deviation < FLAT_DEVIATION:
        return None
    centred = view.luma - np.float32(view.luma_mean)
    sums = block_sums(centred, BLOCK_PX)
    whole = centred[: sums.shape[0] * BLOCK_PX, : sums.shape[1] * BLOCK_PX]
    energy = float(np.einsum("ij,ij->", whole, whole))
    between = float(np.einsum("ij,ij->", sums, sums)) / BLOCK_PX**2
    offset = float(sums.sum()) ** 2 / whole.size  # the trimmed part's mean need not be 0
    if energy - offset <= 0:
        return None
    return min(1.0, max(0.0, (energy - between) / (energy - offset)))


def _noise(view: View) -> float | None:
    along_x, _ = view.crop_curvature
    response = np.abs(along_x[:-2] - 2 * along_x[1:-1] + along_x[2:]).astype(np.float32)
    if min(view.crop_luma.shape) < NOISE_BLOCK_PX + 2:
        return None
    sums = block_sums(response, NOISE_BLOCK_PX)
    levels = block_sums(view.crop_luma[1:-1, 1:-1].astype(np.float32), NOISE_BLOCK_PX)
    levels /= NOISE_BLOCK_PX**2
    usable = sums[(levels > CLIPPED[0]) & (levels < CLIPPED[1])]
    if usable.size < NOISE_BLOCKS_MIN:
        return None
    sigma = math.sqrt(math.pi / 2) / 6 * usable / NOISE_BLOCK_PX**2
    rank = int(NOISE_QUANTILE * (sigma.size - 1))
    return float(np.partition(sigma, rank)[rank]) / NOISE_QUANTILE_BIAS


@cache
def _window(length: int) -> FloatArray:
    return np.hanning(length).astype(np.float32)


def _octaves(lines: FloatArray) -> tuple[float, float]:
    """Energy of (n, length) lines in the finest octave and in the one below it."""
    length = lines.shape[1]
    window = _window(length)
    centred = lines - lines.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(centred * window, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2).mean(axis=0) / float(window @ window)
    half, quarter = length // 4, length // 8
    return float(power[half + 1 :].sum()) / length, float(power[quarter + 1 : half + 1].sum()) / (
        length
    )


def _pixel_detail(view: View) -> float | None:
    luma = view.crop_luma
    if min(luma.shape) < SPECTRUM_PX:
        return None
    rows = _octaves(luma[::LINE_STEP].astype(np.float32))
    columns = _octaves(np.ascontiguousarray(luma[:, ::LINE_STEP].T).astype(np.float32))
    finest, next_octave = rows[0] + columns[0], rows[1] + columns[1]
    if next_octave < 0.05:  # squared grey levels: no more than rounding to whole levels leaves
        return None
    return 10 * math.log10(max(finest, 1e-4) / next_octave)


def measure(view: View) -> dict[str, Value]:
    """Reads native pixels of the crop; fine texture alone reads the work image."""
    return {
        "sharpness": _sharpness(view),
        "fine_texture": _fine_texture(view),
        "noise": _noise(view),
        "pixel_detail": _pixel_detail(view),
    }
