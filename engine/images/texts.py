"""Cleans text that came along with an image. Reads no file and judges no meaning."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 2_000  # of one text; longer ones are no captions

#: what cameras and programs write where a person's words would stand
_BOILERPLATE = re.compile(
    r"""
      default | untitled | unnamed | no\ ?title | none | null | ascii | picture | image | photo
    | (olympus|minolta|konica\ minolta|kodak|sony|pentax|casio|fuji(film)?|nikon|canon|hp|epson)?
      \ ?(digital\ (still\ )?camera|dsc|digicam)
    | samsung | camera | dcim | dav | vtdr | hdrpl | cof | edf | mde
    | oplus_\d+ | digimax.* | exif_jpeg_picture | binary\ comment | charset=.*
    | created\ (with|by)\ .* | lead\ technologies.* | file\ written\ by\ adobe\ photoshop.*
    | (img|dsc|dscn|dscf|pict|p|pxl)[_-]?\d+([_-]\d+)?(\.[a-z]{3,4})?
    """,
    re.VERBOSE | re.IGNORECASE,
)
#: descriptions written by instruments, for programs
_MACHINE = re.compile(r"\s*(\{|\[\{|<\?xml|<ome|imagej=|scifio=|aperio )", re.IGNORECASE)
_BLANKS = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r"\s*\n\s*")


def clean_text(text: str | bytes) -> str:
    """text without control and format characters, blanks single, cut at MAX_CHARACTERS.

    Bytes are read as UTF-8, else as Latin-1. Line breaks are kept, one at a time.
    """
    if isinstance(text, bytes):
        text = _decoded(text.rstrip(b"\0"))
    text = text[: 4 * MAX_CHARACTERS].replace("\r\n", "\n").replace("\r", "\n")
    if not text.isprintable():
        text = "".join(c for c in text if c in "\n\t" or not _is_control(c))
    text = _BREAKS.sub("\n", _BLANKS.sub(" ", text)).strip()
    return text[:MAX_CHARACTERS].rstrip()


def is_boilerplate(text: str) -> bool:
    """Whether a text within an image file was put there by a camera or a program.

    Not for captions from a table or a text file: there somebody chose every word.
    """
    if not any(c.isalpha() for c in text):
        return True
    return _BOILERPLATE.fullmatch(text) is not None or _MACHINE.match(text) is not None


def repaired(text: str) -> str:
    """UTF-8 that was read as Latin-1, as EXIF libraries do, read as UTF-8 again."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _is_control(character: str) -> bool:
    """Control and format characters, lone surrogates, private and unassigned ones."""
    return unicodedata.category(character)[0] == "C"
