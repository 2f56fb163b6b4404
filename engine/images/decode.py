"""The bytes of one image file become a Picture. Reads no file, measures nothing.

Whatever a decoder may raise ends here, as a DecodeProblem with a code. The pixels are decoded
once, in full size, so that the crop is native; profile, transparency and orientation are then
applied to the two small images that are kept, which is the same and far cheaper.
"""

from __future__ import annotations

import functools
import io
import struct
import warnings
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFile, UnidentifiedImageError

from engine.images.colour import plain, to_srgb, transparent_share
from engine.images.formats import PILLOW_FORMATS, begins_like_an_image
from engine.images.metadata import read_metadata
from engine.images.stored import frame_count, is_progressive, jpeg_tables, stored_bits
from engine.picture import CROP_SIDE_PX, WORK_SIDE_PX, FileFacts, Picture

T = TypeVar("T")

PIXEL_LIMIT = 300_000_000
MAX_PNG_TEXT_BYTES = 64 * 1024**2  # unpacked; programs that draw images store whole workflows
BLOCK_PX = 8  # side of a JPEG block
#: shrinking in two steps where it is by more than this; measured on 12 megapixels against exact
#: area averages: 10 ms and a mean error of 0.8 of 255, where one step takes 15 ms for 0.3
REDUCING_GAP = 4.0

_FORMAT_NAMES = {"MPO": "JPEG", "DIB": "BMP"}  # Pillow's name -> ours
_UNSUPPORTED = ("unsupported", "not supported", "not implemented", "unknown", "cannot decode")


class DecodeProblem(Exception):
    """An image that could not be decoded. code: one of engine.errors.SKIP_REASONS."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail  # for the log only


def decode(data: bytes, *, pixel_limit: int = PIXEL_LIMIT) -> Picture:
    """data: a whole file. pixel_limit: width × height from which it is refused undecoded.

    Of several frames or pages the first is taken. Raises DecodeProblem and nothing else.
    """
    return guarded(data, lambda: _decode(data, pixel_limit))


def guarded(data: bytes, work: Callable[[], T]) -> T:
    """What work makes of the image file in data. Raises DecodeProblem and nothing else."""
    if not data:
        raise DecodeProblem("empty_file")
    try:
        _prepare_pillow()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is odd but readable concerns nobody
            return work()
    except DecodeProblem:
        raise
    except Exception as error:  # decoders raise anything at all
        raise DecodeProblem(_code(error, data), repr(error)) from error


def open_header(data: bytes, pixel_limit: int) -> Image.Image:
    """The image, its pixels still undecoded. To be called within guarded()."""
    image = Image.open(io.BytesIO(data), formats=PILLOW_FORMATS)
    _check_size(image, pixel_limit)
    return image


def load(image: Image.Image, pixel_limit: int) -> None:
    """Decodes the pixels, all or none of them. To be called within guarded()."""
    image.load()
    _check_size(image, pixel_limit)  # HEIF may find another size while decoding


def _decode(data: bytes, pixel_limit: int) -> Picture:
    image = open_header(data, pixel_limit)
    mode = image.mode
    load(image, pixel_limit)
    metadata = read_metadata(image, data)
    pixels = plain(image)
    profile = None if pixels.window else image.info.get("icc_profile")
    rgb = to_srgb(_shrunk(pixels.image), profile)
    crop = to_srgb(_middle(pixels.image), profile)
    width_px, height_px = image.size
    if metadata.orientation >= 5:
        width_px, height_px = height_px, width_px
    facts = FileFacts(
        format=_FORMAT_NAMES.get(image.format or "", image.format or ""),
        size_bytes=len(data),
        width_px=width_px,
        height_px=height_px,
        mode=mode,
        bits=stored_bits(image, data),
        frames=frame_count(image),
        has_alpha=image.has_transparency_data,
        transparent_share=transparent_share(pixels.image),
        jpeg_tables=jpeg_tables(image),
        progressive=is_progressive(image),
        window=pixels.window,
        captions=metadata.captions,
        keywords=metadata.keywords,
        **metadata.camera,
    )
    return Picture(upright(rgb, metadata.orientation), upright(crop, metadata.orientation), facts)


@functools.cache
def _prepare_pillow() -> None:
    """Once a process: exactly our formats, our own pixel limit, one thread, nothing half read."""
    import pi_heif
    from PIL import (  # noqa: F401 - importing a plugin registers its format
        AvifImagePlugin,
        Jpeg2KImagePlugin,
        PngImagePlugin,
        TgaImagePlugin,
        TiffImagePlugin,
        WebPImagePlugin,
    )

    pi_heif.register_heif_opener(
        decode_threads=1, thumbnails=False, depth_images=False, aux_images=False
    )
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    Image.MAX_IMAGE_PIXELS = None  # the limit is checked here, from the header
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    PngImagePlugin.MAX_TEXT_CHUNK = MAX_PNG_TEXT_BYTES
    PngImagePlugin.MAX_TEXT_MEMORY = MAX_PNG_TEXT_BYTES


def _check_size(image: Image.Image, pixel_limit: int) -> None:
    width, height = image.size
    if width < 1 or height < 1:
        raise DecodeProblem("damaged", f"size {image.size}")
    if width * height > pixel_limit:
        raise DecodeProblem("too_many_pixels", f"size {image.size}")


def _shrunk(image: Image.Image) -> Image.Image:
    longer = max(image.size)
    if longer <= WORK_SIDE_PX:
        return image
    width, height = (max(1, round(side * WORK_SIDE_PX / longer)) for side in image.size)
    return image.resize((width, height), Image.Resampling.BOX, reducing_gap=REDUCING_GAP)


def _middle(image: Image.Image) -> Image.Image:
    left, width = _middle_span(image.width)
    top, height = _middle_span(image.height)
    return image.crop((left, top, left + width, top + height))


def _middle_span(side: int) -> tuple[int, int]:
    """Origin and length. The length is whole blocks too, so that turning keeps the grid."""
    length = min(side, CROP_SIDE_PX)
    length = length // BLOCK_PX * BLOCK_PX or length
    return (side - length) // 2 // BLOCK_PX * BLOCK_PX, length


def upright(pixels: npt.NDArray[np.uint8], orientation: int) -> npt.NDArray[np.uint8]:
    """pixels: (h, w, …), as stored. orientation: 1 to 8 as in TIFF 6.0, tag 274."""
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


def _code(error: Exception, data: bytes) -> str:
    if isinstance(error, MemoryError):
        return "out_of_memory"
    if isinstance(error, Image.DecompressionBombError):
        return "too_many_pixels"
    if isinstance(error, NotImplementedError):
        return "unsupported"
    if isinstance(error, UnidentifiedImageError):
        if not begins_like_an_image(data):
            return "not_an_image"
        return "unsupported" if _has_tiff_directory(data) else "damaged"
    text = str(error).casefold()
    return "unsupported" if any(word in text for word in _UNSUPPORTED) else "damaged"


def _has_tiff_directory(data: bytes) -> bool:
    """Whether a TIFF is whole up to its first directory, so that only its kind is unknown."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4])
    if order is None or len(data) < 8:
        return False
    (offset,) = struct.unpack_from(order + "I", data, 4)
    if offset + 2 > len(data):
        return False
    (count,) = struct.unpack_from(order + "H", data, offset)
    return bool(count) and offset + 2 + 12 * int(count) <= len(data)
