"""Captions as lines of a prompt: one line each, whatever a stranger wrote into them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

MAX_CHARACTERS = 1000  # of a caption in a prompt; a detailed one has about 400
MAX_GOAL = 300  # characters of what the person wants to know
WIDE_WORD = 20  # characters; a caption has fewer a word on average, if it has words
JOINERS = "\u200c\u200d"  # part of the spelling of Persian and Indian words

#: what marks turns, tools and thoughts in one model or another is written with these
_BRACKETS = str.maketrans("<>[]", "‹›()")


def one_line(text: str, limit: int = MAX_CHARACTERS) -> str:
    """The text without line ends, control and direction characters, and marks of models."""
    plain = "".join(
        letter if letter in JOINERS or unicodedata.category(letter)[0] not in "CZ" else " "
        for letter in text[: 8 * limit]
    )
    return " ".join(plain.translate(_BRACKETS).split())[:limit].rstrip()


def numbered(captions: Sequence[str], max_words: int) -> str:
    """Lines "1. a dog on a beach", each caption cut after so many words."""
    return "\n".join(
        f"{number}. {_cut(caption, max_words)}" for number, caption in enumerate(captions, start=1)
    )


def most_words(captions: Sequence[str]) -> int:
    """From how many words on `numbered` cuts none of these captions."""
    return max((max(len(c.split()), -(-len(c) // WIDE_WORD)) for c in captions), default=0)


def _cut(caption: str, max_words: int) -> str:
    """Also by characters, for scripts that write without spaces."""
    return " ".join(caption.split()[:max_words])[: max_words * WIDE_WORD].rstrip()
