"""Text files that stand beside an image and describe it: photo.txt, photo.jpg.caption.

Reads one small file at a time, and only where a scan found one.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Mapping

from engine.images.listing import FileEntry
from engine.images.names import on_disk
from engine.images.open_safely import CannotRead, read_file
from engine.images.texts import clean_text
from engine.vocabulary import Caption

SIDECAR_SUFFIXES = (".txt", ".caption")  # in order of preference
READ_BYTES = 64 * 1024  # a caption is a few sentences; what follows is not read


def sidecar_name(name: str, texts: Mapping[str, str]) -> str:
    """The text file that belongs to an image, "" where there is none.

    texts: the text files of the image's folder, name in lower case -> name on disk.
    photo.jpg.txt is closer to photo.jpg than photo.txt, which photo.png may share.
    """
    if not texts:
        return ""
    whole = name.lower()
    for stem in (whole, whole[: whole.rfind(".")]):
        for suffix in SIDECAR_SUFFIXES:
            if text := texts.get(stem + suffix):
                return text
    return ""


def texts_in(folder: str) -> dict[str, str]:
    """The text files of a folder, name in lower case -> name on disk."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries]
    except OSError:
        return {}  # a file may be readable though its folder cannot be listed
    return {name.lower(): name for name in names if name.lower().endswith(SIDECAR_SUFFIXES)}


def read_sidecar(entry: FileEntry) -> Caption | None:
    """The text beside an image; None where there is none, or none that can be read as text."""
    if not entry.sidecar:
        return None
    path = on_disk(os.path.join(os.path.dirname(entry.path), entry.sidecar))  # noqa: PTH118, PTH120 - strings, see names.py
    if path is None:
        return None
    try:
        data = read_file(path, at_most=READ_BYTES).data
    except CannotRead:
        return None
    text = clean_text(_decoded(data))
    return Caption(text, "sidecar") if text else None


def _decoded(data: bytes) -> str:
    """UTF-16 only with its mark, else UTF-8, else Latin-1; the end may be cut mid-character."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "ignore")
    if b"\0" in data:
        return ""  # not a text
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        return decoder.decode(data)
    except UnicodeDecodeError:
        return data.decode("latin-1")
