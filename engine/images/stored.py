"""How an image is stored: bits, frames, quantisation. Facts of the file, not of what it shows."""

from __future__ import annotations

import struct

from PIL import Image, JpegImagePlugin

_BITS_OF_MODE = {"1": 1, "I": 32, "F": 32, "I;16": 16, "I;16B": 16, "I;16L": 16, "I;16N": 16}
_PNG_DEPTH_AT = 24  # IHDR: width, height, then one byte of bits a channel
_HEADER_BYTES = 4096  # within which boxes of AVIF and JPEG 2000 describe the channels


def stored_bits(image: Image.Image, data: bytes) -> int:
    """Bits a channel in the file, which may be more than Pillow decodes.

    Of a palette, which is 8 whatever the number of its entries.
    """
    if image.mode in ("P", "PA"):
        return 8
    if image.format == "PNG" and len(data) > _PNG_DEPTH_AT:
        return data[_PNG_DEPTH_AT]
    if image.format == "HEIF":
        return int(image.info.get("bit_depth", 8))
    if image.format == "AVIF":
        return _avif_bits(data)
    if image.format == "JPEG2000":
        return _jpeg2000_bits(data)
    if image.format == "TIFF":
        return _tiff_bits(image)
    return _BITS_OF_MODE.get(image.mode, 8)


def frame_count(image: Image.Image) -> int:
    """Frames or pages; 1 where the later ones cannot be read.

    The further images of a multi-picture JPEG are previews and gain maps, no frames.
    """
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        return 1
    try:
        return max(1, int(getattr(image, "n_frames", 1)))
    except Exception:  # noqa: BLE001 - what follows the first frame may be broken in any way
        return 1


def jpeg_tables(image: Image.Image) -> tuple[tuple[int, ...], ...]:
    """Quantisation tables of a JPEG, 64 numbers each, in the order of their numbers."""
    if not isinstance(image, JpegImagePlugin.JpegImageFile):
        return ()
    tables = image.quantization
    return tuple(tuple(tables[number]) for number in sorted(tables))


def is_progressive(image: Image.Image) -> bool | None:
    if not isinstance(image, JpegImagePlugin.JpegImageFile):
        return None
    return bool(image.info.get("progressive"))


def _avif_bits(data: bytes) -> int:
    """From the flags high_bitdepth and twelve_bit of the av1C box (AV1-ISOBMFF, 2.3.3)."""
    at = data.find(b"av1C", 0, _HEADER_BYTES)
    if at < 0 or at + 6 >= len(data):
        return 8
    flags = data[at + 6]
    return (12 if flags & 0x20 else 10) if flags & 0x40 else 8


def _jpeg2000_bits(data: bytes) -> int:
    """From the first component of the SIZ marker (ISO 15444-1, A.5.1)."""
    at = data.find(b"\xff\x4f\xff\x51", 0, _HEADER_BYTES)
    if at < 0 or at + 42 >= len(data):
        return 8
    return (data[at + 42] & 0x7F) + 1


def _tiff_bits(image: Image.Image) -> int:
    try:
        bits = getattr(image, "tag_v2", {}).get(258, (1,))  # BitsPerSample; absent means 1
        return int(bits[0] if isinstance(bits, tuple) else bits)
    except (ValueError, TypeError, IndexError, struct.error):
        return 8
