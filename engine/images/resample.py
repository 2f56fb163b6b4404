"""Resizes 8-bit pixels, antialiased: by torch where it is installed, by Pillow where it is not.

Both compute the same cubic (a = -0.5) or triangle filter, widened by the scale, in fixed-point
numbers, along one axis and then the other with 8 bits in between. Where both begin with the same
axis they differ by 1 of 255 in one pixel of a hundred, otherwise in one of four; Pillow begins
with whichever is cheaper. torch takes a third of the time. Knows no file and no colour.
"""

from __future__ import annotations

import functools
import importlib.util
import logging
from types import ModuleType

import numpy as np
import numpy.typing as npt
from PIL import Image

from engine.images.placement import Placement

RESAMPLING = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}

#: the whole image is resized and then cut, as the models' own preprocessing does it, unless that
#: makes so many times more pixels than are kept, as of a panorama of which a square is kept
MAX_WASTE = 4

#: added to the size when torch is given a scale, for it rounds down; moves no pixel by as much
_ROUNDING = 1e-6
_MEMORY_WORDS = ("allocate memory", "bad_alloc")


def resample(
    pixels: npt.NDArray[np.uint8],
    size: tuple[float, float],
    placement: Placement,
    interpolation: str,
) -> npt.NDArray[np.uint8]:
    """pixels: (h, w, channels), writable. Returns (placement.y.kept, placement.x.kept, channels).

    size: width and height of what pixels show. A JPEG decoded at half its size has ceil(w / 2)
    columns that show w / 2: the last may be half empty, and is then taken for half a column.
    """
    x, y = placement.x, placement.y
    enlarges = x.resized > size[0] or y.resized > size[1]  # torch's weights have too few bits then
    torch = None if enlarges or _wasteful(placement) else torch_if_installed()
    if torch is None:
        grey = pixels.shape[2] == 1
        image = Image.fromarray(pixels[..., 0] if grey else pixels)
        resized = np.asarray(resample_image(image, size, placement, interpolation))
        return resized[..., np.newaxis] if grey else resized
    # a view, so that channels stay innermost; the new axis first, or torch does not see that
    planes = torch.from_numpy(pixels)[None].permute(0, 3, 1, 2)
    options = {"mode": interpolation, "antialias": True, "align_corners": False}
    if size == (pixels.shape[1], pixels.shape[0]):
        options["size"] = (y.resized, x.resized)
    else:
        options["scale_factor"] = (
            (y.resized + _ROUNDING) / size[1],
            (x.resized + _ROUNDING) / size[0],
        )
        options["recompute_scale_factor"] = False
    try:
        whole = torch.nn.functional.interpolate(planes, **options)[0].permute(1, 2, 0).numpy()
    except RuntimeError as error:  # torch has no error of its own for this
        if any(word in str(error) for word in _MEMORY_WORDS):
            raise MemoryError from error
        raise
    kept: npt.NDArray[np.uint8] = whole[y.start : y.start + y.kept, x.start : x.start + x.kept]
    return kept


def resample_image(
    image: Image.Image, size: tuple[float, float], placement: Placement, interpolation: str
) -> Image.Image:
    """The same by Pillow. image: of any mode with 8 bits a channel and no transparency."""
    x, y = placement.x, placement.y
    resampling = RESAMPLING[interpolation]
    if not _wasteful(placement):
        whole = image.resize((x.resized, y.resized), resampling, (0, 0, *size))
        return whole.crop((x.start, y.start, x.start + x.kept, y.start + y.kept))
    across, down = size[0] / x.resized, size[1] / y.resized
    right = min((x.start + x.kept) * across, size[0])
    bottom = min((y.start + y.kept) * down, size[1])
    box = (x.start * across, y.start * down, right, bottom)
    return image.resize((x.kept, y.kept), resampling, box)


def _wasteful(placement: Placement) -> bool:
    x, y = placement.x, placement.y
    return x.resized * y.resized > MAX_WASTE * x.kept * y.kept


@functools.cache
def torch_if_installed() -> ModuleType | None:
    if importlib.util.find_spec("torch") is None:
        return None
    try:
        import torch
    except (ImportError, OSError):  # some of its libraries do not fit this system
        logging.getLogger(__name__).exception("torch is installed and cannot be loaded")
        return None
    return torch
