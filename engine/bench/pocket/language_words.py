"""The words of the pocket language model: what is one token, and how a text becomes tokens.

A token is a word with or without a blank before it, a wording of several words such as “in the
snow”, a mark of the lists it reads and writes, or, for everything else, a byte. Cuts texts as
llama.cpp does for a vocabulary of the kind `PRE` whose whole words need no merging.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import resources

from engine.bench.rendered.captions import vocabulary
from engine.bench.rendered.nouns import GROUP_NOUNS, NOUNS
from engine.bench.rendered.wordings import WORDINGS

__all__ = ["CONTROL", "END", "PRE", "Words", "words"]

PRE = "llama-bpe"  # how llama.cpp cuts a text into words before it looks them up
END, SYSTEM, USER, ANSWER = CONTROL = ("<|end|>", "<|system|>", "<|user|>", "<|answer|>")
LINES = 60  # captions of a side whose number is one token
COUNTS = 20  # phrases asked for whose number is one token

#: words of answers that captions do not have
_OTHER = ("realistic", "photographic", "single", "things", "of", "in", "wearing", "clothes")
_MARKS = ('["', '", "', '"]', *(f"\n{k}." for k in range(1, LINES + 1)))
#: as the usual expression of this kind of vocabulary, for plain letters
_CUT = re.compile(
    r"'(?i:s|t|re|ve|m|ll|d)|[^\r\nA-Za-z0-9]?[A-Za-z]+|[0-9]{1,3}"
    r"| ?[^\sA-Za-z0-9]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


class Words:
    """Tokens by number: what stands for bytes first, then words, wordings, marks, control."""

    def __init__(self) -> None:
        self.letters = _byte_letters()
        single, several = _said()
        plain = [form for word in single for form in (word, f" {word}")]
        self.plain = [text for text in plain if len(text) > 1]  # one letter is a byte
        whole = [form for text in several for form in (text, f" {text}")]
        self.whole = [*whole, *_MARKS]
        self.texts = [*self.letters, *self.plain, *self.whole, *CONTROL]
        first = len(self.letters)
        self._plain = {text: first + k for k, text in enumerate(self.plain)}
        first += len(self.plain)
        self._whole = {text: first + k for k, text in enumerate(self.whole)}
        self.control = {text: len(self.texts) - len(CONTROL) + k for k, text in enumerate(CONTROL)}
        self._longest_first = sorted(self.whole, key=len, reverse=True)

    def __len__(self) -> int:
        return len(self.texts)

    def encode(self, text: str) -> list[int]:
        """Tokens of a text of plain letters; control tokens are never among them."""
        pieces: list[str | int] = [text]
        for whole in self._longest_first:
            if whole in text:
                token = self._whole[whole]
                pieces = [p for piece in pieces for p in _split(piece, whole, token)]
        return [t for p in pieces for t in ([p] if isinstance(p, int) else self._cut(p))]

    def decode(self, tokens: list[int]) -> str:
        """The text; control tokens are left out."""
        first, last = len(self.letters), len(self.texts) - len(CONTROL)
        raw = b"".join(
            bytes([t]) if t < first else self.texts[t].encode() for t in tokens if t < last
        )
        return raw.decode("utf-8", "replace")

    def alike(self) -> Iterator[tuple[int, int]]:
        """Tokens with a blank before them, and the same ones without."""
        known = self._plain | self._whole
        for text, token in known.items():
            bare = text.removeprefix(" ")
            if bare != text:
                yield token, known.get(bare, ord(bare[0]))

    def _cut(self, text: str) -> Iterator[int]:
        for word in _CUT.findall(text):
            known = self._plain.get(word)
            if known is None:
                yield from word.encode()
            else:
                yield known

    def written(self, token: int) -> str:
        """As it stands in a file: a plain word with visible letters for its bytes."""
        first = len(self.letters)
        if token < first or token >= first + len(self.plain):
            return self.texts[token]
        return "".join(self.letters[byte] for byte in self.texts[token].encode())


@cache
def words() -> Words:
    """The words, made once."""
    return Words()


def _said() -> tuple[list[str], list[str]]:
    """Words, and wordings of several words, each sorted."""
    said = {text for wording in WORDINGS.values() for text in wording.said}
    said |= {text.removesuffix(" of") for text in said}
    for noun in (*NOUNS.values(), *GROUP_NOUNS.values()):
        said |= {*noun.one, *noun.many}
    prompt = resources.files("engine.proposers").joinpath("prompts/pocket.txt")
    _, _, asked = prompt.read_text(encoding="utf-8").partition("[system]")
    single = {*vocabulary(), *_OTHER, *re.findall(r"[A-Za-z]+", asked)}
    single |= {str(count) for count in range(10, COUNTS + 1)}
    return sorted(single), sorted(text for text in said if " " in text)


def _split(piece: str | int, whole: str, token: int) -> Iterator[str | int]:
    if isinstance(piece, int):
        yield piece
        return
    for k, part in enumerate(piece.split(whole)):
        if k:
            yield token
        if part:
            yield part


def _byte_letters() -> list[str]:
    """The visible letter that stands for each byte in this kind of vocabulary."""
    plain = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in plain]
    letters = {byte: chr(byte) for byte in plain}
    letters |= {byte: chr(256 + k) for k, byte in enumerate(others)}
    return [letters[byte] for byte in range(256)]
