"""Makes strangers' text safe to show: labels, file names, phrases, captions.

Escapes what would be invisible or would turn a line of text around, cuts what is too long,
and takes the folders off a path. Produces plain text; marking it up is left to each renderer.
"""

from __future__ import annotations

import re
import unicodedata

MAX_SHOWN = 300  # characters of a phrase or label; more is not read, only scrolled past
MAX_MARKS = 6  # combining marks on one letter; more than any script needs, and they overprint

_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_JOINERS = "\u200c\u200d"  # shape Persian, Indic scripts and emoji; harmless alone
_ABSOLUTE = re.compile(r"^(?:[/~]|\\\\|[A-Za-z]:[\\/])")


def displayable(text: str, limit: int = MAX_SHOWN) -> str:
    """`text` as one line that shows what it holds.

    Control characters, bidirectional controls, invisible format characters, line and paragraph
    separators, unassigned code points and lone surrogates (bytes of a file name that are no
    UTF-8) appear as backslash escapes; combining marks beyond MAX_MARKS on one letter are left
    out. Longer text is cut at `limit` characters with an ellipsis. Letters of right-to-left
    scripts are kept as they are.
    """
    shown: list[str] = []
    length = 0
    marks = 0
    # twice the limit is enough to fill it, and keeps a megabyte of caption cheap
    for char in text[: 2 * limit + MAX_MARKS]:
        category = unicodedata.category(char)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > MAX_MARKS:
            continue
        piece = _escaped(char, category)
        length += len(piece)
        shown.append(piece)
    if length <= limit and len(text) <= 2 * limit + MAX_MARKS:
        return "".join(shown)
    return "".join(shown)[: limit - 1].rstrip() + "…"


def middle_cut(text: str, limit: int) -> str:
    """A displayable name of at most `limit` characters that keeps its beginning and its end."""
    whole = displayable(text, max(len(text) * 10, 1))
    if len(whole) <= limit:
        return whole
    tail = (limit - 1) // 2
    return f"{whole[: limit - 1 - tail]}…{whole[-tail:]}" if tail else whole[: limit - 1] + "…"


def without_folders(text: str) -> str:
    """The last part of an absolute path; any other text unchanged.

    A label or the name of a recipe may have been given as a path, which may hold a user's name.
    """
    if not _ABSOLUTE.match(text):
        return text
    parts = [part for part in re.split(r"[\\/]+", text) if part not in ("", "~")]
    return parts[-1] if parts else ""


def encodable(text: str) -> str:
    """`text` with lone surrogates as backslash escapes, so that UTF-8 can hold it."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _escaped(char: str, category: str) -> str:
    if char in _NAMED:
        return _NAMED[char]
    if category in ("Cc", "Cf", "Cs", "Cn", "Zl", "Zp") and char not in _JOINERS:
        point = ord(char)
        if point <= 0xFF:
            return f"\\x{point:02x}"
        return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"
    return char
