"""What an image file says of itself in words and numbers: EXIF, XMP, IPTC, PNG text.

Each container is read by itself: a broken one, or a broken tag in one, loses neither the image
nor the others. Never reads a position, only whether there is one (see exif.py).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

from PIL import Image, TiffImagePlugin

from engine.images import exif, iptc, xmp
from engine.images.texts import clean_text, is_boilerplate, repaired
from engine.vocabulary import Caption

MAX_KEYWORDS = 200  # of one image, from all containers together

_IPTC_RESOURCE = 0x0404  # of Photoshop's image resources
_IPTC_TAG = 33723  # of TIFF
_XMP_KEYS = ("xmp", "XML:com.adobe.xmp")
_PNG_KEYS = ("Description", "ImageDescription")


@dataclass(frozen=True, slots=True)
class Metadata:
    """orientation: 1 to 8, what is still to be applied to the decoded pixels."""

    orientation: int = 1
    camera: exif.CameraFacts = field(default_factory=exif.CameraFacts)
    captions: tuple[Caption, ...] = ()  # each wording once, whatever container it stands in
    keywords: tuple[str, ...] = ()


def read_orientation(image: Image.Image) -> int:
    """1 to 8, what is still to be applied to the pixels. Never raises for what the file holds.

    image: opened; loaded too, unless it is a JPEG, whose tags all stand before its pixels.
    """
    return exif.orientation(_exif(image))


def read_metadata(image: Image.Image, data: bytes) -> Metadata:
    """image: opened and loaded from data. Never raises for what the file holds."""
    tags = _exif(image)
    texts: list[tuple[str, str]] = []
    keywords: list[str] = []
    for source, (descriptions, found) in (
        ("iptc", iptc.words(_iptc_record(image))),
        ("xmp", xmp.words(_xmp_packet(image))),
        ("exif", exif.words(tags)),
        ("png", (_png_texts(image), [])),
    ):
        texts += [(text, source) for text in descriptions]
        keywords += found
    captions: dict[str, Caption] = {}
    for text, source in texts:
        captions.setdefault(text, Caption(text, source))
    spellings: dict[str, str] = {}
    for word in keywords:
        spellings.setdefault(word.casefold(), word)
    return Metadata(
        exif.orientation(tags),
        exif.camera_facts(tags, _tiff_structure(image, data)),
        tuple(captions.values()),
        tuple(spellings.values())[:MAX_KEYWORDS],
    )


def _exif(image: Image.Image) -> Image.Exif:
    try:
        return image.getexif()
    except Exception:  # noqa: BLE001 - a broken container must not lose the image
        return Image.Exif()


def _tiff_structure(image: Image.Image, data: bytes) -> bytes:
    """The bytes that hold the EXIF directories, b"" where there are none."""
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return data
    embedded = image.info.get("exif")
    return embedded.removeprefix(b"Exif\0\0") if isinstance(embedded, bytes) else b""


def _xmp_packet(image: Image.Image) -> bytes:
    for key in _XMP_KEYS:
        packet = image.info.get(key)
        if isinstance(packet, str):
            return packet.encode("utf-8", "replace")
        if isinstance(packet, bytes):
            return packet
    return b""


def _iptc_record(image: Image.Image) -> bytes:
    resources = image.info.get("photoshop")
    if isinstance(resources, dict):
        record: Any = resources.get(_IPTC_RESOURCE)
        return record if isinstance(record, bytes) else b""
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        try:
            record = image.tag_v2.get(_IPTC_TAG)
            if isinstance(record, tuple):  # some programs declare the bytes as 32-bit numbers
                order = ">" if image.tag_v2.prefix.startswith(b"M") else "<"
                record = struct.pack(f"{order}{len(record)}I", *record)
        except Exception:  # noqa: BLE001 - a broken tag must not lose the image
            return b""
        return record if isinstance(record, bytes) else b""
    return b""


def _png_texts(image: Image.Image) -> list[str]:
    texts = (image.info.get(key) for key in _PNG_KEYS)
    cleaned = (clean_text(repaired(text)) for text in texts if isinstance(text, str))
    return [text for text in cleaned if text and not is_boilerplate(text)]
