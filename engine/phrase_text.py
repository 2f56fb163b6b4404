"""What counts as a word and as a phrase in the text that images bring along.

Shared by the proposer that finds phrases and the ranker that looks for them, so that both mean
the same. Texts come from strangers: any language, any length, any characters; whatever is not
a word, control and direction characters included, only separates words. Counts nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

MAX_CHARACTERS = 20_000  # of a text that are read: a caption is shorter, a pasted book is not
MAX_WORD = 40  # characters; anything longer is no word but an address or encoded data

#: stands between words that no phrase may bridge
BREAK = "|"

_STOP_WORDS = """
a about above across after against all along also am among an and another any are around as at
away be because been before behind being below beneath beside between beyond both but by can
could did do does done down during each either for from front had has have he her here hers him
his how i if in inside into is it it's its itself just like made make makes many may me more
most much my near next no nor not of off on one onto or other our out outside over own per same
she should so some such than that the their them then there these they this those through to
together too toward towards under until up upon us very via was we were what when where which
while who whose why will with within without would you your
image images photo photograph photographs photography photos pic pics picture pictures
au aux avec ces dans des du elle elles et ils je la le les leur mais nous par plus que qui sans
ses sur une vers vous
als auf aus bei das dem der dass durch ein eine einem einen einer eines er es für ich im ist
mit nach nicht oder sich sie sind über um und unter von vor wie wird zu zum zur
al como con de del desde el ella en entre es esta este los las muy para pero por sobre su sus un
una unas unos y
ao aos com da dos em na nas nos não os ou pela pelo um uma
che dal dalla degli dei della delle di gli ha il lo nel nella non sono sul sulla
aan bij dat deze een het met naar niet onder ook op te uit voor wordt zijn
的 了 在 是 和 有 与 我 这 那 也 就 都 而 及 着 一 个
は が を に の と で も へ や か な た だ し て い る れ さ す ま っ ん
"""
_LIGHT_WORDS = "doing getting going having making putting taking"
_NOUNS_IN_ING = "building ceiling clothing earring evening lightning morning painting wedding"

#: Words that a phrase may hold but neither begin nor end with: English ones, short frequent ones
#: of other languages that are no English nouns, and words any caption may use of its picture.
STOP_WORDS = frozenset(_STOP_WORDS.split())
#: words that a phrase may begin with but not end with, and that say nothing alone
LIGHT_WORDS = frozenset(_LIGHT_WORDS.split())
#: words in -ing that do not name the act of the verb they come from
NOUNS_IN_ING = frozenset(_NOUNS_IN_ING.split())

_BOILERPLATE_PHRASES = """
stock photo, stock photograph, stock photography, stock image, stock picture, stock pic,
stock illustration, stock vector, stock video, stock footage, adobe stock, royalty free,
royalty-free, right managed, rights-managed, editorial use, editorial use only,
all right reserved, photo credit, photo courtesy, photo by, photo via, image credit,
image courtesy, image by, image via, image id, picture by, image of, photo of, photograph of,
photography of, picture of, pic of, image show, photo show, picture show, getty, getty image,
shutterstock, istock, istockphoto, alamy, dreamstime, depositphoto, 123rf, unsplash, pexel,
pixabay, flickr
"""
#: what picture agencies and captioners write of any picture, in the form `fold` gives
_BOILERPLATE = frozenset(tuple(phrase.split()) for phrase in _BOILERPLATE_PHRASES.split(","))
_LONGEST_BOILERPLATE = max(map(len, _BOILERPLATE))
_BOILERPLATE_STARTS = frozenset(phrase[0] for phrase in _BOILERPLATE)

_ASCII_WORD = re.compile(r"[a-z0-9]+(?:['-][a-z0-9]+)*|[^\w\s'&-]|[\n\r\f\v]")

_VOWELS = frozenset("aeiouy")


def tokens(text: str) -> list[str]:
    """The words of a text in order, lower case, with BREAK between what no phrase may bridge.

    Breaks stand for punctuation, line ends and boilerplate. Letters of scripts written without
    spaces (Han, hiragana) are words of their own. Reads the first MAX_CHARACTERS characters.
    """
    return _without_boilerplate(_words(text))


def _words(text: str) -> list[str]:
    text = text[:MAX_CHARACTERS]
    if text.isascii():
        matches = _ASCII_WORD.findall(text.lower())
    else:
        # typographic apostrophes and non-breaking hyphens are typed as plain ones elsewhere
        plain = unicodedata.normalize("NFKC", text).casefold()
        plain = plain.replace("’", "'").replace("‐", "-").replace("‑", "-")
        matches = _any_word().findall(plain[:MAX_CHARACTERS])
    words: list[str] = []
    for match in matches:
        if (len(match) > 1 or match.isalnum()) and len(match) <= MAX_WORD:
            words.append(match)
        elif words and words[-1] != BREAK:
            words.append(BREAK)
    return words


@cache
def _any_word() -> re.Pattern[str]:
    """As _ASCII_WORD, for any script: letters and digits with the marks that belong to them."""
    marks = _ranges(i for i in range(0x300, 0x1F000) if unicodedata.category(chr(i))[0] == "M")
    alone = "\u3040-\u309f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    letter = rf"(?:(?![{alone}])[^\W_]|[{marks}])"
    # zero-width joiners are part of the spelling of Persian and Indian words
    return re.compile(
        rf"[{alone}]|(?![{marks}]){letter}+(?:['\-\u200c\u200d]{letter}+)*"
        rf"|[^\w\s'&\-{marks}\u200c\u200d]|[\n\r\f\v\x85\u2028\u2029]"
    )


def _ranges(codes: Iterator[int]) -> str:
    """Character ranges, for a regular expression's class."""
    runs: list[list[int]] = []
    for code in codes:
        if runs and code == runs[-1][1] + 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return "".join(f"{re.escape(chr(a))}-{re.escape(chr(b))}" for a, b in runs)


def _without_boilerplate(words: list[str]) -> list[str]:
    folded = [fold(word) for word in words]
    if _BOILERPLATE_STARTS.isdisjoint(folded):
        return words
    kept: list[str] = []
    at = 0
    while at < len(words):
        length = _boilerplate_length(folded[at : at + _LONGEST_BOILERPLATE])
        word = BREAK if length else words[at]
        if word != BREAK or (kept and kept[-1] != BREAK):
            kept.append(word)
        at += length or 1
    return kept


def _boilerplate_length(folded: list[str]) -> int:
    """Words of the longest boilerplate phrase that these begin with; 0 if there is none."""
    for length in range(len(folded), 0, -1):
        if tuple(folded[:length]) in _BOILERPLATE:
            return length
    return 0


@lru_cache(maxsize=1 << 16)
def fold(word: str) -> str:
    """One form for a word's plain inflections: "mountains" → "mountain", "sits", "sitting" → "sit".

    English only, by spelling, and careful rather than complete: it takes off the -s of plurals
    and verbs, and -ing where the rest is clearly a verb, so that "meditates" and "meditating"
    are one, while "evening" and "even", or "string" and "str", stay apart.
    """
    if len(word) < 4 or not (word.isascii() and word.isalpha()):
        return word
    return _without_ing(_without_s(word))


def _without_s(word: str) -> str:
    if not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "ches", "shes", "xes", "zzes")):
        return word[:-2]
    return word[:-1]


def _without_ing(word: str) -> str:
    """Without -ing, or without the final -e that the form in -ing would have lost."""
    if word in NOUNS_IN_ING:
        return word
    if not word.endswith("ing"):
        return word[:-1] if word.endswith("e") and len(word) >= 7 else word
    stem = word[:-3]
    if len(stem) < 4 or not _VOWELS.intersection(stem):
        return word
    last, before = stem[-1], stem[-2]
    if last == before and last not in "lsz":
        return stem[:-1]
    both_consonants = last not in _VOWELS and before not in _VOWELS
    return stem if both_consonants or len(stem) >= 6 else word


def phrase_key(phrase: str) -> str:
    """The form under which a phrase is counted and looked for; "" if it holds no word."""
    return " ".join(fold(word) for word in _words(phrase) if word != BREAK)


def searchable(text: str) -> str:
    """A text in which a phrase stands wherever " key " is found, for its `phrase_key`."""
    return folded_text(tokens(text))


def folded_text(words: Sequence[str]) -> str:
    """`searchable`, of words that were read already."""
    return f" {' '.join(map(fold, words))} "


def joined(words: Sequence[str]) -> str:
    """Words as a person would write them: without spaces where the script has none."""
    text = ""
    for word in words:
        gap = " " if text and not (_is_unspaced(text[-1]) and _is_unspaced(word[0])) else ""
        text += gap + word
    return text


def _is_unspaced(letter: str) -> bool:
    return (
        "\u3040" <= letter <= "\u30ff" or "\u3400" <= letter <= "\u9fff" or letter >= "\U00020000"
    )


def may_begin(word: str) -> bool:
    return word not in STOP_WORDS


def may_end(word: str) -> bool:
    return word not in STOP_WORDS and word not in LIGHT_WORDS


def says_something(word: str) -> bool:
    """Whether a word means something by itself: no lone letter, no number."""
    return (len(word) > 1 or _is_unspaced(word)) and may_end(word) and not word.isdecimal()
