"""Whether a caption is in English, as far as its spelling tells. Translates nothing."""

from __future__ import annotations

import re

MIN_WORDS = 4  # shorter texts may do without any of the words below
LATIN_SHARE = 0.8  # of the letters, below which a text is in another script

_WORD = re.compile(r"[^\W\d_]+")
#: words that hardly an English sentence about an image does without, and few others hold
_WORDS = """
a an and are as at behind beside by for from has holding in is near next of on over sitting some
standing that the their there three to two under walking wearing while with without
"""
_FREQUENT = frozenset(_WORDS.split())


def looks_english(text: str) -> bool:
    """False only where it is plain that it is not; keywords without grammar count as English."""
    words = _WORD.findall(text.casefold())
    letters = "".join(words)
    if not letters:
        return True
    if sum(letter.isascii() for letter in letters) < LATIN_SHARE * len(letters):
        return False
    return len(words) < MIN_WORDS or "," in text or not _FREQUENT.isdisjoint(words)
