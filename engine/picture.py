"""A decoded image as every later stage sees it. Values only; decodes nothing, measures nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt

from engine.vocabulary import Caption

WORK_SIDE_PX = 256  # longer side of Picture.rgb; enough for layout, light and colour
CROP_SIDE_PX = 256  # longer side of Picture.crop; native pixels, for blur, noise, compression


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What the file itself says, apart from its pixels. None: the file does not say."""

    format: str  # Pillow's name: "JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP", "AVIF", "HEIF", …
    size_bytes: int
    width_px: int  # as shown, after the EXIF orientation
    height_px: int
    mode: str  # Pillow's mode as stored: "RGB", "L", "CMYK", "P", "I;16", "RGBA", …
    bits: int = 8  # per channel, as stored
    frames: int = 1  # frames or pages; only the first is compared
    has_alpha: bool = False
    transparent_share: float = 0.0  # share of pixels with alpha below one half
    jpeg_tables: tuple[tuple[int, ...], ...] = ()  # quantisation tables, 64 numbers each
    progressive: bool | None = None
    window: tuple[float, float] | None = None  # 16-bit or float: values shown as black and white
    make: str | None = None
    model: str | None = None
    lens: str | None = None
    software: str | None = None
    exposure_s: float | None = None
    f_number: float | None = None
    iso: float | None = None
    focal_mm: float | None = None
    flash: bool | None = None
    taken: datetime | None = None  # local time of the camera, without a zone
    has_gps: bool | None = None  # whether a position is stored; the position is never read out
    captions: tuple[Caption, ...] = ()
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picture:
    """One image, ready to be measured.

    rgb: (h, w, 3) uint8, sRGB, oriented, on white where transparent; longer side at most
        WORK_SIDE_PX, shrunk by area averaging, never enlarged.
    crop: (h, w, 3) uint8, native pixels from the middle, sides at most CROP_SIDE_PX, its origin
        in the stored image a multiple of 8 pixels (the grid of JPEG blocks).
    """

    rgb: npt.NDArray[np.uint8]
    crop: npt.NDArray[np.uint8]
    facts: FileFacts = field(repr=False)
