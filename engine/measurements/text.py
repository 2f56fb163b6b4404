"""Text: how much an image brings along in words. Does not look at what the words say.

Captions in sidecars and tables belong to a path rather than to a file's content, so a value
stored by content is not the last word: whoever knows all the texts of an image calls
`text_values` with them and replaces the measurements named in `FROM_TEXT_NAMES`.
"""

from __future__ import annotations

import re

from engine.measurement import Measurement, Number, Value, YesNo
from engine.measurements.view import View

VERSION = 1

_WORD = re.compile(r"\w+(?:['’-]\w+)*")

MEASUREMENTS: tuple[Measurement, ...] = (
    YesNo(
        name="has_caption",
        title="has a caption",
        yes="images that come with a caption",
        no="images that come without a caption",
        source="Whether a caption stands in the file, beside it or in the table.",
        technical=True,
    ),
    YesNo(
        name="has_keywords",
        title="has keywords",
        yes="images whose file holds keywords",
        no="images whose file holds no keywords",
        source="Whether keywords stand in the file.",
        technical=True,
    ),
    Number(
        name="caption_words",
        title="words in the caption",
        unit="words",
        high="images with longer captions",
        low="images with shorter captions",
        source="Number of words in the captions; unknown without a caption.",
        technical=True,
    ),
)

#: measurements that depend on all the texts of an image, not on the file alone
FROM_TEXT_NAMES = ("has_caption", "caption_words")


def text_values(text: str) -> dict[str, Value]:
    """The values of FROM_TEXT_NAMES. text: everything written about one image, joined."""
    words = len(_WORD.findall(text))
    return {"has_caption": words > 0, "caption_words": float(words) if words else None}


def measure(view: View) -> dict[str, Value]:
    """What follows from the texts in the file itself."""
    facts = view.facts
    captions = " ".join(caption.text for caption in facts.captions)
    keywords = any(keyword.strip() for keyword in facts.keywords)
    return {**text_values(captions), "has_keywords": keywords}
