"""The bytes of one image file become the pixels that a model wants. Reads no file.

Every kind of file is decoded in full and resized by Pillow, in the order of work and with the
verdicts of `decode`. JPEGs, which is what most images are, have a shorter way to the same pixels:
libjpeg-turbo can leave out the fine detail that shrinking would remove anyway. Whatever it does
not like goes the long way, which decides what is wrong with it.
"""

from __future__ import annotations

import functools
import importlib.util
from types import ModuleType

import numpy as np
import numpy.typing as npt
from PIL import Image

from engine.images.colour import plain, to_srgb
from engine.images.decode import PIXEL_LIMIT, guarded, load, open_header, upright
from engine.images.metadata import read_orientation
from engine.images.placement import Placement
from engine.images.resample import resample, resample_image
from engine.pixels import Pixels, PixelShape

#: a JPEG is decoded smaller only where it stays so many times larger than what it is resized to.
#: Against decoding it in full the mean error is then 0.1 to 0.2 of 255 on photos of 12 megapixels,
#: and 0.3 on the sharpest pictures, small web photos; at 2 times it would be 0.5 on these
OVERSAMPLING = 3.3
DIVISORS = (8, 4, 2)  # of the size; libjpeg-turbo has fast code for these

_JPEGS = ("JPEG", "MPO")  # Pillow's names
_SIMPLE = {"RGB": "RGB", "L": "GRAY"}  # Pillow's mode -> simplejpeg's colour space


def for_model(data: bytes, shape: PixelShape, *, pixel_limit: int = PIXEL_LIMIT) -> Pixels:
    """(height_px, width_px, 3) uint8 sRGB, upright, transparency on white; of Cut.FIT at most that.

    data: a whole file. pixel_limit: width × height from which it is refused undecoded. Of
    several frames or pages the first is taken. Raises DecodeProblem and nothing else.
    """
    return guarded(data, lambda: _for_model(data, shape, pixel_limit))


def _for_model(data: bytes, shape: PixelShape, pixel_limit: int) -> Pixels:
    image = open_header(data, pixel_limit)
    pixels = _short_way(image, data, shape)
    if pixels is None:
        load(image, pixel_limit)
        pixels = _long_way(image, shape)
    return np.require(pixels, requirements=("C", "W"))


def _short_way(image: Image.Image, data: bytes, shape: PixelShape) -> Pixels | None:
    """None where the image has to go the long way."""
    jpeg = _simplejpeg()
    if jpeg is None or image.format not in _JPEGS or image.mode not in _SIMPLE:
        return None
    orientation = read_orientation(image)
    placement = _placement(image, orientation, shape)
    stored = placement.stored(orientation)
    width, height = image.size
    divisor = _divisor(width, height, stored)
    try:
        if jpeg.decode_jpeg_header(data)[:2] != (height, width):
            return None  # a file with two heads; its size was checked in one of them
        decoded = jpeg.decode_jpeg(
            data,
            _SIMPLE[image.mode],
            min_width=-(-width // divisor) if divisor > 1 else 0,
            min_height=-(-height // divisor) if divisor > 1 else 0,
            strict=True,  # what is cut short or damaged is not to be half shown
        )
    except Exception:  # noqa: BLE001 - Pillow has the last word on what is wrong
        return None
    size = (width / divisor, height / divisor)
    resized = resample(decoded, size, stored, shape.interpolation)
    profile = image.info.get("icc_profile")
    if profile or resized.shape[2] == 1:
        flat = resized[..., 0] if resized.shape[2] == 1 else resized
        resized = to_srgb(Image.fromarray(flat), profile)
    return _filled(upright(resized, orientation), placement, shape)


def _long_way(image: Image.Image, shape: PixelShape) -> Pixels:
    """image: loaded."""
    orientation = read_orientation(image)
    placement = _placement(image, orientation, shape)
    simple = plain(image)
    profile = None if simple.window else image.info.get("icc_profile")
    flat = _on_white(simple.image)
    resized = resample_image(flat, flat.size, placement.stored(orientation), shape.interpolation)
    return _filled(upright(to_srgb(resized, profile), orientation), placement, shape)


def _placement(image: Image.Image, orientation: int, shape: PixelShape) -> Placement:
    width, height = image.size
    if orientation >= 5:
        width, height = height, width
    return Placement.of(width, height, shape)


def _divisor(width: int, height: int, stored: Placement) -> int:
    """How many times smaller a JPEG may be decoded, each way."""
    for divisor in DIVISORS:
        if (
            width >= OVERSAMPLING * divisor * stored.x.resized
            and height >= OVERSAMPLING * divisor * stored.y.resized
        ):
            return divisor
    return 1


def _on_white(image: Image.Image) -> Image.Image:
    """image: of a mode of Plain. Before it is resized: a filter that overshoots at an edge must
    meet the colours that are seen there.
    """
    if image.mode not in ("LA", "RGBA"):
        return image
    canvas = Image.new("L" if image.mode == "LA" else "RGB", image.size, "white")
    canvas.paste(image, mask=image)
    return canvas


def _filled(
    pixels: npt.NDArray[np.uint8], placement: Placement, shape: PixelShape
) -> npt.NDArray[np.uint8]:
    x, y = placement.x, placement.y
    if (x.total, y.total) == (x.kept, y.kept):
        return pixels
    canvas = np.empty((y.total, x.total, 3), np.uint8)
    canvas[:] = shape.fill
    canvas[y.before : y.before + y.kept, x.before : x.before + x.kept] = pixels
    return canvas


@functools.cache
def _simplejpeg() -> ModuleType | None:
    """None where it is not installed."""
    if importlib.util.find_spec("simplejpeg") is None:
        return None
    import simplejpeg

    module: ModuleType = simplejpeg
    return module
