"""What is left of a raw caption once all that says nothing about the image is taken away.

Takes away only; writes nothing and translates nothing. Words in other languages stay as they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

VERSION = 1  # raised whenever a stored caption would come out differently

LONGEST = 4_000  # characters that are looked at; no caption worth reading is longer
LOOPS = 8  # repetitions from which a text that consists of nothing else says nothing at all

#: marks between turns, ends of texts, places of images: whatever looks like one is taken away
_MARKS = re.compile(
    r"""
      <[|｜][^<>]{0,60}[|｜]>                        # <|im_end|> and its full-width relatives
    | <{1,2}\ ?/?[A-Za-z_][\w:\-▁|｜]{0,40}\ ?/?>{1,2}   # </s>, <image>, <extra_id_0>, <<SYS>>
    | \[\ ?/?(?:INST|SYS|PAD|CLS|SEP|MASK|UNK|EOS|BOS|IMG|IMAGE|TOOL\w{0,20})\ ?\]
    | <[|｜] | [|｜]> | <{2}/? | >{2}                # halves that are left over
    | ▁                                             # a space, to SentencePiece
    """,
    re.VERBOSE,
)
#: a new turn that the model went on to write for somebody else
_NEXT_TURN = re.compile(
    r"(?<=\S)\s+(?:(?:USER|ASSISTANT|HUMAN|SYSTEM)\s?:|(?:Question|Human|User)\s?:|#{2,}).*"
)
_SPEAKER = re.compile(
    r"(?:assistant|answer|caption|description|response|user|human|question)\s?:\s*", re.IGNORECASE
)
_PICTURE = r"(?:photo(?:graph)?|picture|image|pic|snapshot)s?"
#: openings that are true of any image; "a painting of" and "a black and white photo of" tell more
_OPENINGS = re.compile(
    rf"""(?:
      (?:(?:this|here|it|that)(?:\s+is|['’]s)\s+)?(?:an?\s+|the\s+|this\s+)?{_PICTURE}\s+
        (?:of|is\s+of|(?:that\s+)?(?:shows?|depicts?|features?|displays?|captures?|portrays?
        |contains?|presents?)|showing|depicting|featuring|displaying|capturing|portraying
        |containing|presenting|is\s+showing)
    | (?:in|on)\s+(?:the|this)\s+{_PICTURE}\s*,?\s*
        (?:(?:we|you|i|one)\s+can\s+see|there\s+(?:is|are)|(?:we|you|i)\s+see)?
    | (?:the|this)\s+{_PICTURE}\s+(?:is|seems\s+to\s+be)
    | (?:we|you|i|one)\s+can\s+see | (?:we|i)\s+see
    | there\s+(?:is|are) | there['’]s
    | (?:this|here|it)\s+is | (?:this|here|it)['’]s | (?:it|this)\s+(?:shows|depicts)
    )(?=[\s,:]|$)[\s,:]*""",
    re.IGNORECASE | re.VERBOSE,
)
_SENTENCE_ENDS = ".!?…"
_WIDE_ENDS = "。！？।؟"  # need no space behind them
#: words with a full stop that end no sentence; shorter ones are left out below anyway
_ABBREVIATIONS = frozenset({"mrs", "etc", "ave", "inc", "ltd", "gen", "capt", "prof", "approx"})
_EDGES = " ,;:·•*_-–—|/\\"
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "«": "»", "`": "`"}
_CLOSERS = "\"'”’»`)"
_UNSPOKEN = _EDGES + _CLOSERS + "“‘«(" + _SENTENCE_ENDS + _WIDE_ENDS
_SAME_LETTER = re.compile(r"([^\d\s])\1{4,}")
_SAME_LETTERS = re.compile(r"([^\d\s]{2,20}?)\1{3,}")


def clean(raw: str, asked: str = "") -> str:
    """A caption on one line, or "" when nothing is left that says something.

    asked: the question the model was asked, which some repeat before they answer. Never longer
    than `raw`; what comes out stays as it is when it is cleaned again.
    """
    text = raw[:LONGEST]
    while (shorter := _once(text, asked)) != text:
        text = shorter
    return text


def one_line(raw: str) -> str:
    """The text without marks of chat formats, control characters and line ends; its words stay."""
    text = raw
    while (plainer := _one_line_once(text)) != text:
        text = plainer
    return text


def _once(text: str, asked: str) -> str:
    text = one_line(text)
    text = _without_echo(text, asked)
    text = _NEXT_TURN.sub("", text)
    for opening in (_SPEAKER, _OPENINGS):
        if found := opening.match(text):
            text = text[found.end() :]
    words = text.split()
    if _only_repeats(words) or _only_repeats("".join(words)):
        return ""
    text = " ".join(_without_runs(words))
    text = _SAME_LETTERS.sub(r"\1", _SAME_LETTER.sub(r"\1", text))
    text = _without_quotes(_whole_sentences(text).strip(_EDGES))
    return text if any(sign.isalnum() for sign in text) else ""


def _one_line_once(text: str) -> str:
    return " ".join(_MARKS.sub(" ", "".join(map(_plain, text))).split())


def _plain(sign: str) -> str:
    if sign in "\u200c\u200d":  # joiners: Persian and Hindi are not spelt without them
        return sign
    category = unicodedata.category(sign)
    if category in {"Cc", "Zl", "Zp"}:
        return " "
    return "" if category in {"Cf", "Cs", "Co", "Cn"} else sign


def _without_echo(text: str, asked: str) -> str:
    """Without the question at its beginning, whoever is said to have asked it."""
    words = one_line(asked).split()
    if not words:
        return text
    question = r"\s+".join(map(re.escape, words))
    echo = re.match(rf"(?:\w{{1,12}}\s?:\s*)?{question}", text, re.IGNORECASE)
    return text[echo.end() :].lstrip() if echo else text


def _only_repeats(units: Sequence[str]) -> bool:
    """Whether these are one and the same few units, at least LOOPS times over."""
    return any(units[k:] == units[:-k] for k in range(1, len(units) // LOOPS + 1))


def _without_runs(words: list[str]) -> list[str]:
    """Each run of the same words only once, its last time.

    A single word must stand there three times: twice is grammar in Hindi, Turkish or Indonesian.
    """
    keys = [word.casefold().strip(_UNSPOKEN) for word in words]
    kept: list[str] = []
    i = 0
    while i < len(words):
        i += _run(keys, i)
        kept.append(words[i])
        i += 1
    return kept


def _run(keys: list[str], i: int) -> int:
    """How many words from i on only come again right behind themselves."""
    for length in range(1, (len(keys) - i) // 2 + 1):
        if keys[i] != keys[i + length]:
            continue
        times = 1
        while keys[i : i + length] == keys[i + times * length : i + (times + 1) * length]:
            times += 1
        if times > (2 if length == 1 else 1):
            return (times - 1) * length
    return 0


def _without_quotes(text: str) -> str:
    """Without quotation marks around the whole of it."""
    if len(text) > 1 and _QUOTES.get(text[0]) == text[-1] and text[0] not in text[1:-1]:
        return text[1:-1]
    return text


def _whole_sentences(text: str) -> str:
    """Up to the end of the last whole sentence, if there is one; else the text as it is.

    A model stops in the middle of a sentence when it may write no more words.
    """
    if text.rstrip(_CLOSERS).endswith((*_SENTENCE_ENDS, *_WIDE_ENDS)):
        return text
    ends = [i + 1 for i in range(len(text)) if _ends_sentence(text, i)]
    return text[: ends[-1]] if ends else text


def _ends_sentence(text: str, i: int) -> bool:
    if text[i] in _WIDE_ENDS:
        return True
    if text[i] not in _SENTENCE_ENDS or text[i + 1 : i + 2] != " " or text[i + 2 : i + 3].islower():
        return False
    word = text[:i].rsplit(" ", 1)[-1].casefold()
    return len(word) > 2 and word not in _ABBREVIATIONS and "." not in word
