"""How a picture is made and framed: photograph, pencil sketch, poster; borders."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from engine.bench.rendered.world import Frame, Style

__all__ = ["framed", "inner_px", "styled"]

_Look = Callable[[Image.Image], Image.Image]

_MARGINS: dict[Frame, float] = {
    Frame.NONE: 0.0,
    Frame.WHITE: 0.075,
    Frame.BLACK: 0.075,
    Frame.POLAROID: 0.12,
}  # on the left and right, shares of the side
_PAPER = (250, 249, 244)


def inner_px(frame: Frame, size_px: int) -> int:
    """Side of the picture inside its frame, which is square, too."""
    return size_px - 2 * round(size_px * _MARGINS[frame])


def framed(picture: Image.Image, frame: Frame, size_px: int) -> Image.Image:
    """The picture on its paper; a polaroid has more of it below."""
    if frame is Frame.NONE:
        return picture
    margin = round(size_px * _MARGINS[frame])
    paper = (18, 18, 20) if frame is Frame.BLACK else _PAPER
    card = Image.new("RGB", (size_px, size_px), paper)
    if frame is not Frame.POLAROID:
        card.paste(picture, (margin, margin))
        return card
    card.paste((206, 204, 198), (0, 0, size_px, size_px))
    edge = max(1, size_px // 48)
    card.paste(_PAPER, (edge, 0, size_px - edge, size_px - edge))
    card.paste(picture, (margin, round(size_px * 0.06)))
    return card


def styled(picture: Image.Image, style: Style) -> Image.Image:
    """The picture in its style, of the same size."""
    return _LOOKS[style](picture)


def _photo(picture: Image.Image) -> Image.Image:
    """A little vignette, and grain that grows with the picture's size."""
    side = picture.width
    pixels = np.asarray(picture, dtype=np.int16)
    grain = _grain(side)
    noisy = pixels * _vignette(side) // 128 + grain
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


@cache
def _vignette(side: int) -> npt.NDArray[np.int16]:
    way = np.linspace(-1, 1, side)
    squared = way[:, None] ** 2 + way[None, :] ** 2
    # of 128 first, so that 255 times it stays within 16 bits
    return np.asarray(np.round(128 * (1 - 0.11 * squared)), dtype=np.int16)[..., None]


@cache
def _grain(side: int) -> npt.NDArray[np.int16]:
    noise = np.random.default_rng(5).normal(0, 3.0, (side, side, 1))
    return np.asarray(np.round(noise), dtype=np.int16)


def _sketch(picture: Image.Image) -> Image.Image:
    """Dark lines along edges, and hatching where it is dark."""
    side = picture.width
    tone = np.asarray(picture.convert("L"), dtype=np.float32)
    ink = _lines(picture, max(1.0, side / 60))
    paper = 252 * ink**3 - (255 - tone) * np.float32(0.16)
    paper -= np.float32(40) * (_hatching(side) & (tone < 84))
    return Image.fromarray(np.clip(paper, 0, 255).astype(np.uint8)).convert("RGB")


def _lines(picture: Image.Image, reach_px: float) -> npt.NDArray[np.float32]:
    """(h, w): 1 on plain ground, less where any channel is darker than it is around."""
    around = np.asarray(picture.filter(ImageFilter.BoxBlur(reach_px)), dtype=np.float32)
    here = np.asarray(picture, dtype=np.float32)
    return np.asarray(np.clip((here + 12) / (around + 12), 0, 1).min(axis=2), dtype=np.float32)


@cache
def _hatching(side: int) -> npt.NDArray[np.bool_]:
    way = np.arange(side)
    period = max(3, side // 40)
    return np.asarray((way[:, None] + way[None, :]) % period < max(1, period // 3))


def _poster(picture: Image.Image) -> Image.Image:
    """Few, strong, flat colours."""
    strong = ImageEnhance.Color(picture).enhance(1.45)
    flat = (
        strong.filter(ImageFilter.MedianFilter(3))
        if picture.width < 200
        else strong.filter(ImageFilter.MedianFilter(5))
    )
    return flat.point(_FLAT)


_FLAT = [min(255, round(k / 51) * 51) for k in range(256)] * 3


def _blurred(picture: Image.Image) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(picture.width * 0.021))


def _black_and_white(picture: Image.Image) -> Image.Image:
    grey = ImageOps.autocontrast(picture.convert("L"), cutoff=1)
    return _photo(grey.convert("RGB"))


def _sepia(picture: Image.Image) -> Image.Image:
    """An old brown print, faded."""
    grey = picture.convert("L")
    return _photo(ImageOps.colorize(grey, (56, 32, 14), (250, 230, 190), (176, 128, 80)))


def _watercolour(picture: Image.Image) -> Image.Image:
    """Pale washes with soft borders on rough paper, and white at the edges."""
    side = picture.width
    strong = ImageEnhance.Color(picture).enhance(1.25)
    washed = strong.filter(ImageFilter.MedianFilter(3 if side < 200 else 7))
    washed = washed.filter(ImageFilter.BoxBlur(side / 200))
    pixels = np.asarray(washed, dtype=np.float32)
    pale = 255 - (255 - pixels) * _wash(side)
    pale *= np.float32(0.45) + np.float32(0.55) * _lines(picture, side / 50)[..., None]
    return Image.fromarray(np.clip(pale, 0, 255).astype(np.uint8))


@cache
def _wash(side: int) -> npt.NDArray[np.float32]:
    """How much pigment each point of the paper takes: patches, and none at the ragged edge."""
    rng = np.random.default_rng(8)
    patches = Image.fromarray(rng.integers(110, 255, (9, 9), dtype=np.uint8))
    smooth = np.asarray(patches.resize((side, side), Image.Resampling.BICUBIC), dtype=np.float32)
    way = 1 - np.abs(np.linspace(-1, 1, side))
    near = np.minimum(way[:, None], way[None, :]) + (smooth - 180) / 1400
    fade = np.clip(near / 0.1, 0, 1)
    return np.asarray((0.52 + smooth / 750) * fade, dtype=np.float32)[..., None]


def _pixelated(picture: Image.Image) -> Image.Image:
    small = picture.resize((24, 24), Image.Resampling.BOX)
    return small.resize(picture.size, Image.Resampling.NEAREST)


_LOOKS: dict[Style, _Look] = {
    Style.PHOTO: _photo,
    Style.SKETCH: _sketch,
    Style.POSTER: _poster,
    Style.BLURRED: _blurred,
    Style.BLACK_AND_WHITE: _black_and_white,
    Style.SEPIA: _sepia,
    Style.WATERCOLOUR: _watercolour,
    Style.PIXELATED: _pixelated,
}
