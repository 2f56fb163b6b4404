"""Pixels of any mode as 8-bit sRGB on white. Opens no file and resizes nothing.

`plain` brings the rare modes to one of L, RGB, RGBA, LA and CMYK, on the whole image, so that
it can be shrunk; `to_srgb` does the rest, on small images: profile, transparency, inks.
"""

from __future__ import annotations

import functools
import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

WINDOW_PERCENT = (0.5, 99.5)  # of the values of a deep image: what becomes black and white
MAX_SAMPLES = 4_000_000  # values from which percentiles are read
MAX_PROFILE_BYTES = 8 * 1024**2
UINT16_MAX = 65_535

_DEEP = ("I", "F", "I;16", "I;16B", "I;16L", "I;16N")
_SPACES = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}  # mode -> colour space of its profile


@dataclass(frozen=True, slots=True)
class Plain:
    """image: mode L, RGB or CMYK; LA or RGBA where some pixel is not opaque.

    window: values shown as black and as white.
    """

    image: Image.Image
    window: tuple[float, float] | None = None


def plain(image: Image.Image) -> Plain:
    """Raises ValueError where the pixels hold no finite number, or the mode is unknown."""
    if image.mode in _DEEP:
        return _windowed(image)
    if image.has_transparency_data:
        image = image if image.mode in ("LA", "RGBA") else image.convert("RGBA")
        if image.getchannel("A").getextrema() == (255, 255):
            return Plain(image.convert(image.mode[:-1]))
        return Plain(image)
    if image.mode in ("L", "RGB", "CMYK"):
        return Plain(image)
    if image.mode == "1":
        return Plain(image.convert("L"))
    if image.mode == "LAB":
        return Plain(_lab_to_srgb(image))
    return Plain(image.convert("RGB"))


def to_srgb(image: Image.Image, profile: bytes | None) -> npt.NDArray[np.uint8]:
    """(h, w, 3) uint8 in sRGB, on white. image: of one of the modes of Plain.

    profile: the embedded ICC profile; one that does not fit or is broken is left aside.
    """
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    if alpha is not None:
        image = image.convert("L" if image.mode == "LA" else "RGB")
    if profile:
        image = _through_profile(image, profile)
    pixels = np.asarray(image.convert("RGB"))
    if alpha is None:
        return pixels
    opacity = np.asarray(alpha, np.float32)[..., np.newaxis] / 255
    return np.rint(255 + (pixels.astype(np.float32) - 255) * opacity).astype(np.uint8)


def transparent_share(image: Image.Image) -> float:
    """Share of pixels with alpha below one half, 0 … 1. image: of a mode of Plain."""
    if image.mode not in ("LA", "RGBA"):
        return 0.0
    counts = image.getchannel("A").histogram()
    return sum(counts[:128]) / max(1, sum(counts))


def _windowed(image: Image.Image) -> Plain:
    """Deep greys, stretched so that the middle 99 % of the values use the whole range.

    A fixed scale would show 12-bit data in 16-bit files as black.
    """
    values = np.atleast_2d(np.asarray(image))
    sample = values[:: -(-values.size // MAX_SAMPLES)]
    finite = sample[np.isfinite(sample)]
    if finite.size == 0:
        raise ValueError("no finite pixel")
    low, high = (float(v) for v in np.percentile(finite, WINDOW_PERCENT))
    if high <= low:  # one value nearly throughout: its place in the range the type offers
        low, high = 0.0, 1.0 if image.mode == "F" else float(UINT16_MAX)
    grey = np.empty(values.shape, np.uint8)
    rows = max(1, MAX_SAMPLES // values.shape[1])  # at a time, to bound the memory
    for top in range(0, len(values), rows):
        block = np.clip(values[top : top + rows].astype(np.float64), low, high)
        block[np.isnan(block)] = low
        grey[top : top + rows] = np.rint((block - low) * (255 / (high - low)))
    return Plain(Image.fromarray(grey), (low, high))


def _through_profile(image: Image.Image, profile: bytes) -> Image.Image:
    transform = _transform(profile, image.mode) if len(profile) <= MAX_PROFILE_BYTES else None
    if transform is None:
        return image
    try:
        return ImageCms.applyTransform(image, transform) or image
    except (ImageCms.PyCMSError, ValueError):
        return image


@functools.lru_cache(maxsize=8)  # of one camera or scanner come few; a profile can be large
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """None where nothing is to be done: already sRGB, not fit for the mode, or broken."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space.strip() != _SPACES[mode]:
            return None
        if mode == "RGB" and "srgb" in ImageCms.getProfileDescription(source).casefold():
            return None
        return ImageCms.buildTransform(
            source,
            _srgb(),
            mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError, KeyError):
        return None


@functools.cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _lab_to_srgb(image: Image.Image) -> Image.Image:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    transform = ImageCms.buildTransform(lab, _srgb(), "LAB", "RGB")
    return ImageCms.applyTransform(image, transform) or image
