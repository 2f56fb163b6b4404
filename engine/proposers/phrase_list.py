"""The list of phrases a language model answers with: which form it must have, what it said.

The form bounds the answer: whatever the model, and whatever a caption tells it, out comes a list
of so many short phrases of plain letters. Asks no model.
"""

from __future__ import annotations

import json
import re

from engine.errors import ModelFailed
from engine.phrase_text import BREAK, phrase_key, says_something, tokens

MAX_PHRASE = 56  # characters; six words have about 35
_SEPARATOR = ", "

_LEADS = re.compile(
    r"""^(?:
        \d{1,2}\s*[-.)]\s+
      | (?:the\s+)?(?:images?|photos?|photographs?|pictures?|scenes?)
        (?:\s+(?:in|of|from)\s+group\s+[ab])?
        \s+(?:of|with|that\s+(?:show|shows|have|contain)|showing|shows?|depicting|depicts?
              |featuring|contain(?:ing|s)?|containing)\s+
      | (?:in\s+)?group\s+[ab](?:'s)?(?:\s+images?)?
        (?:\s+(?:has|have|shows?|contains?|features?|is|are))?\s+
      | (?:there\s+(?:is|are)|it\s+shows|they\s+show)\s+
      | (?:more|mostly|often|frequent|presence\s+of|use\s+of)\s+
    )""",
    re.IGNORECASE | re.VERBOSE,
)
#: what is not there cannot be found in an image
_ABSENT = re.compile(
    r"^(?:no|not|less|fewer|without|lack(?:s|ing)?(?:\s+of)?|absence|absent)\s", re.IGNORECASE
)
_TAILS = re.compile(r"\s+(?:in|of|than|from|compared\s+to)\s+group\s+[ab]$", re.IGNORECASE)


def grammar(count: int) -> str:
    """The form of an answer of so many phrases, in llama.cpp's GBNF."""
    more = f'("{_SEPARATOR}" phrase){{{count - 1}}} ' if count > 1 else ""
    return (
        f'root ::= "[" phrase {more}"]"\n'
        f'phrase ::= "\\"" [a-zA-Z0-9] [a-zA-Z0-9 \'-]{{1,{MAX_PHRASE - 1}}} "\\""\n'
    )


def longest(count: int) -> int:
    """Characters of the longest answer of this form; no token holds less than one of them."""
    return 2 + count * (MAX_PHRASE + 2) + (count - 1) * len(_SEPARATOR)


def parsed(answer: str, count: int) -> list[str]:
    """The phrases as the model wrote them. Raises ModelFailed when the form was not kept."""
    try:
        phrases = json.loads(answer)
    except ValueError:
        phrases = None
    if (
        not isinstance(phrases, list)
        or len(phrases) != count
        or not all(isinstance(phrase, str) for phrase in phrases)
    ):
        raise ModelFailed(
            "The language model's answer is not the list of phrases that was asked for.",
            "Run it again; if that does not help, choose another model.",
        )
    return phrases


def cleaned(phrase: str) -> str:
    """A phrase as it could stand under an image; "" when nothing is left to look for.

    Without numbering and what models put before: "Images of", "Group A has", "More".
    """
    text = " ".join(phrase.split()).strip(" '-")
    while (shorter := _TAILS.sub("", _LEADS.sub("", text))) != text:
        text = shorter.strip(" '-")
    if not phrase_key(text) or _ABSENT.match(text):
        return ""
    words = [word for word in tokens(text) if word != BREAK]
    return text if any(says_something(word) for word in words) else ""
