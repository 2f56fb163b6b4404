"""Caption and keywords from an IPTC record (IIM 4.2, as Photoshop embeds it). Reads bytes only."""

from __future__ import annotations

from collections.abc import Iterator

from engine.images.texts import clean_text, is_boilerplate

MAX_KEYWORDS = 200

_MARKER = 0x1C
_APPLICATION_RECORD = 2
_KEYWORD, _HEADLINE, _CAPTION = 25, 105, 120
_LONG_FORM = 0x8000  # the length field then holds the length of the length


def words(record: bytes) -> tuple[list[str], list[str]]:
    """Captions and keywords; what comes before a broken data set is kept."""
    captions: list[str] = []
    keywords: list[str] = []
    for number, value in _data_sets(record):
        text = clean_text(value)
        if number == _KEYWORD and text and len(keywords) < MAX_KEYWORDS:
            keywords.append(text)
        elif number in (_CAPTION, _HEADLINE) and text and not is_boilerplate(text):
            captions.append(text)
    return captions, keywords


def _data_sets(record: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and value of the data sets of the application record. UTF-8 or Latin-1."""
    at = 0
    while at + 5 <= len(record) and record[at] == _MARKER:
        size = int.from_bytes(record[at + 3 : at + 5], "big")
        start = at + 5
        if size & _LONG_FORM:
            digits = size & ~_LONG_FORM
            size = int.from_bytes(record[start : start + min(digits, 8)], "big")
            start += digits
        end = start + size
        if end > len(record):
            return
        if record[at + 1] == _APPLICATION_RECORD:
            yield record[at + 2], record[start:end]
        at = end
