"""Re-encodes thumbnails for a report from their pixels, sharp or blurred beyond recognition.

A source file is never embedded as it is: its metadata may hold a position, a name, a serial
number. Reads thumbnails that Twofold made itself; never opens an original.
"""

from __future__ import annotations

import base64
import io
from pathlib import Path

from PIL import Image, ImageFilter, ImageOps

from engine.report.data import Picture

FULL_SIDE_PX = 320  # longer side; about 300 dots an inch where the page shows it
BLURRED_SIDE_PX = 120
BLUR_CELLS = 9  # pixels that are left of the longer side before it is drawn large again
QUALITY = 80

_FORMATS = ("JPEG", "PNG", "WEBP")


def encode(thumbnail: Path, *, alt: str, blurred: bool) -> Picture | None:
    """A JPEG of the thumbnail's pixels as a data URI; None when the file cannot be read.

    The same pixels give the same bytes. With `blurred`, no more than BLUR_CELLS × BLUR_CELLS
    averaged colours of the image are kept.
    """
    try:
        with Image.open(thumbnail, formats=_FORMATS) as source:
            image = ImageOps.exif_transpose(source).convert("RGB")
    except Exception:  # noqa: BLE001 - Pillow raises almost anything for a damaged file
        return None
    image = _blurred(image) if blurred else _fitted(image, FULL_SIDE_PX)
    # Pillow carries comments and profiles over from the source unless the image is a new one
    image = Image.frombytes("RGB", image.size, image.tobytes())
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY, optimize=True)
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    return Picture(
        src=f"data:image/jpeg;base64,{data}",
        width_px=image.width,
        height_px=image.height,
        alt=alt,
    )


def _fitted(image: Image.Image, side_px: int) -> Image.Image:
    image.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
    return image


def _blurred(image: Image.Image) -> Image.Image:
    scale = BLURRED_SIDE_PX / max(image.size)
    shown = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    scale = BLUR_CELLS / max(image.size)
    cells = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    large = image.resize(cells, Image.Resampling.BOX).resize(shown, Image.Resampling.BICUBIC)
    return large.filter(ImageFilter.GaussianBlur(BLURRED_SIDE_PX / BLUR_CELLS / 2))
