"""What a camera wrote into a file: exposure, lens, date, words. Never where it was taken.

Of a stored position only its presence is found, from the numbers of the tags alone. Tags are
those of Exif 3.0 (CIPA DC-008) and of TIFF 6.0. Any tag may be broken; each is read by itself.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict

from PIL import ExifTags, Image

from engine.images.texts import clean_text, is_boilerplate, repaired

MAX_NAME_CHARACTERS = 200  # of a make, model, lens or program
FLASH_FIRED = 1  # bit of the Flash tag

Tag = ExifTags.Base
_XP_ENCODING = "utf-16-le"  # Windows Explorer's tags


class CameraFacts(TypedDict, total=False):
    """The fields of FileFacts that come from EXIF; what the file does not say is left out."""

    make: str | None
    model: str | None
    lens: str | None
    software: str | None
    exposure_s: float | None
    f_number: float | None
    iso: float | None
    focal_mm: float | None
    flash: bool | None
    taken: datetime | None
    has_gps: bool | None


def camera_facts(exif: Image.Exif, tiff: bytes) -> CameraFacts:
    """tiff: the TIFF structure the EXIF was read from, b"" where there is none."""
    if not len(exif) and not tiff:
        return {}
    inner = _inner(exif)
    flash = _number(_get(inner, Tag.Flash))
    return {
        "make": _name(_get(exif, Tag.Make)),
        "model": _name(_get(exif, Tag.Model)),
        "lens": _name(_get(inner, Tag.LensModel)),
        "software": _name(_get(exif, Tag.Software)),
        "exposure_s": _positive(_get(inner, Tag.ExposureTime)),
        "f_number": _positive(_get(inner, Tag.FNumber)),
        "iso": _positive(_get(inner, Tag.ISOSpeedRatings)),
        "focal_mm": _positive(_get(inner, Tag.FocalLength)),
        "flash": None if flash is None else bool(int(flash) & FLASH_FIRED),
        "taken": _date(_get(inner, Tag.DateTimeOriginal)),
        "has_gps": has_position(tiff),
    }


def words(exif: Image.Exif) -> tuple[list[str], list[str]]:
    """Descriptions and keywords that a person wrote."""
    descriptions = [
        _text(_get(exif, Tag.ImageDescription)),
        *(_xp_text(_get(exif, tag)) for tag in (Tag.XPSubject, Tag.XPComment)),
    ]
    keywords = _xp_text(_get(exif, Tag.XPKeywords)).split(";")
    return (
        [text for text in descriptions if text and not is_boilerplate(text)],
        [word.strip() for word in keywords if word.strip()],
    )


def orientation(exif: Image.Exif) -> int:
    """1 to 8 as in TIFF 6.0; 1 (upright) where there is none or a senseless one."""
    value = _number(_get(exif, Tag.Orientation))
    return int(value) if value is not None and value in range(1, 9) else 1


def has_position(tiff: bytes) -> bool | None:
    """Whether a TIFF structure holds a latitude and a longitude. Reads tag numbers only.

    A GPS directory alone is no position: cameras write an empty one. None: cannot be told.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(bytes(tiff[:4]))
    if order is None:
        return None
    try:
        (first,) = struct.unpack_from(order + "I", tiff, 4)
        pointers = dict(_entries(tiff, order, first))
        offset = pointers.get(ExifTags.IFD.GPSInfo)
        if offset is None:
            return False
        present = {tag for tag, _ in _entries(tiff, order, offset)}
    except struct.error:
        return None
    return {ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLongitude} <= present


def _entries(tiff: bytes, order: str, offset: int) -> list[tuple[int, int]]:
    """Of a directory of 12-byte entries: tag numbers, and the pointer of the GPS entry only."""
    (count,) = struct.unpack_from(order + "H", tiff, offset)
    found = []
    for i in range(count):
        at = offset + 2 + 12 * i
        (tag,) = struct.unpack_from(order + "H", tiff, at)
        pointer = 0
        if tag == ExifTags.IFD.GPSInfo:
            (pointer,) = struct.unpack_from(order + "I", tiff, at + 8)
        found.append((tag, pointer))
    return found


def _inner(exif: Image.Exif) -> Mapping[int, Any]:
    try:
        return exif.get_ifd(ExifTags.IFD.Exif)
    except Exception:  # noqa: BLE001 - a broken directory must not lose the image
        return {}


def _get(directory: Mapping[int, Any], tag: int) -> Any:
    try:
        return directory.get(tag)
    except Exception:  # noqa: BLE001 - a broken tag must not lose the image
        return None


def _number(value: Any) -> float | None:
    """A number, or the first of several; None where it is none or not finite."""
    if isinstance(value, tuple):
        value = value[0] if value else None
    try:
        number = float(value)
    except (TypeError, ValueError, ArithmeticError):
        return None
    return number if math.isfinite(number) else None


def _positive(value: Any) -> float | None:
    number = _number(value)
    return number if number is not None and number > 0 else None


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return clean_text(value)
    return clean_text(repaired(value)) if isinstance(value, str) else ""


def _name(value: Any) -> str | None:
    return _text(value)[:MAX_NAME_CHARACTERS].replace("\n", " ") or None


def _xp_text(value: Any) -> str:
    if isinstance(value, tuple) and all(isinstance(v, int) and 0 <= v < 256 for v in value):
        value = bytes(value)
    return clean_text(value.decode(_XP_ENCODING, "ignore")) if isinstance(value, bytes) else ""


def _date(value: Any) -> datetime | None:
    """“2024:05:31 17:04:59”, with or without fractions; None for 0000:00:00 and the like."""
    try:
        return datetime.strptime(_text(value)[:19].replace("-", ":"), "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None
