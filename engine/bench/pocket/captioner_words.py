"""The words of the pocket captioners: one token a word, all known beforehand.

Lower case. Whatever is not a word of the rendered world or of a question is <unk>.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from engine.bench.rendered.captions import vocabulary
from engine.bench.rendered.reading import words_understood
from engine.captioners.base import DETAILED, SHORT

__all__ = ["BEGIN", "END", "IMAGE", "PAD", "UNKNOWN", "YES_OR_NO", "number_of_words", "tokenizer"]

PAD, END, UNKNOWN, BEGIN, IMAGE = "<pad>", "</s>", "<unk>", "<s>", "<image>"
_SPECIAL = (PAD, END, UNKNOWN, BEGIN, IMAGE)

YES_OR_NO = "Does this image show {phrase}? Answer yes or no."

_FRAMES = "question : answer : user : assistant : yes no , . ?"


@cache
def _words() -> tuple[str, ...]:
    """Special tokens first; then every word, sorted."""
    asked = " ".join((SHORT, DETAILED, YES_OR_NO.format(phrase=""), _FRAMES)).lower()
    for mark in ",.:?":
        asked = asked.replace(mark, f" {mark} ")
    return (*_SPECIAL, *sorted({*vocabulary(), *words_understood(), *asked.split()}))


def number_of_words() -> int:
    """Special tokens included."""
    return len(_words())


def token(word: str) -> int:
    """The number of a word or special token."""
    return _words().index(word)


def tokenizer() -> Any:
    """A fast tokenizer of transformers; texts begin with <s>, and commas join the word before."""
    import transformers
    from tokenizers import (
        Tokenizer,
        decoders,
        models,
        normalizers,
        pre_tokenizers,
        processors,
    )

    numbers = {word: number for number, word in enumerate(_words())}
    made: Any = Tokenizer(models.WordLevel(numbers, unk_token=UNKNOWN))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.decoder = decoders.WordPiece(prefix="##", cleanup=True)
    made.post_processor = processors.TemplateProcessing(
        single=f"{BEGIN} $A", special_tokens=[(BEGIN, numbers[BEGIN])]
    )
    made.add_special_tokens([*_SPECIAL])
    library: Any = transformers  # its own types are too loose to check against
    return library.PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token=PAD,
        eos_token=END,
        unk_token=UNKNOWN,
        bos_token=BEGIN,
        additional_special_tokens=[IMAGE],
        model_max_length=1024,
    )
