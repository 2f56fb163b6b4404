"""Makes strangers' text safe to show: file names, labels, phrases, log lines.

A name may hold line breaks, control characters or marks that reverse the reading direction,
all of which can make one name look like another. They are shown as escapes. Changes nothing
that is only data; a text is passed through here where it is shown and nowhere else.
"""

from __future__ import annotations

import unicodedata

#: first strong isolate … pop directional isolate: keeps a right-to-left name from reordering
#: the sentence it stands in
_ISOLATE, _POP = "\u2068", "\u2069"
_RIGHT_TO_LEFT = {"R", "AL", "AN"}  # bidirectional classes

#: joiners that scripts and emoji need; they never change the order of what is read
_KEPT = {"\u200c", "\u200d"}

#: combining marks on one letter; more than any script needs, and they overprint other lines
_MAX_MARKS = 6

#: general categories that show nothing, or not what they say
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def shown(text: str) -> str:
    """The text with control, format and direction characters as visible escapes."""
    if text.isascii() and text.isprintable():
        return text
    pieces: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MAX_MARKS:
            pieces.append(_visible(character))
    return "".join(pieces)


def isolated(text: str) -> str:
    """`shown` text that may stand in the middle of a sentence, whatever its script."""
    safe = shown(text)
    if any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in safe):
        return f"{_ISOLATE}{safe}{_POP}"
    return safe


def shortened(text: str, characters: int) -> str:
    """`shown` text of at most so many characters, with its middle left out."""
    safe = shown(text)
    if len(safe) <= characters:
        return safe
    tail = (characters - 1) // 2
    return f"{safe[: characters - 1 - tail]}…{safe[-tail:]}"


def _visible(character: str) -> str:
    if character in _KEPT or unicodedata.category(character) not in _HIDDEN:
        return character
    code = ord(character)
    if character in "\n\r\t":
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}[character]
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
