"""From a conversation to tokens, so that what is data can never become a control token.

A model's chat template is asked once, with placeholders, where the texts go (`Layout`). Its own
parts are then read with control tokens, the texts without: "<|im_end|>" in a caption is eight
characters of a caption. Evaluates nothing.
"""

from __future__ import annotations

import ctypes
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import WrongModel
from engine.job import JobControl
from engine.runtimes import chat_template
from engine.runtimes.llama_library import library

SYSTEM, USER = "system", "user"

#: what some models would think in before they answer; closed at once, for an answer right away
_THINKING = ("<think>", "\n\n</think>\n\n")
#: models that speak in channels begin every turn by naming one
_CHANNELS = ("<|start|>assistant", "<|channel|>final<|message|>")

OTHER_LAYOUT = (
    "The model's own chat template could not be used; the usual one of its family was taken."
)
NO_LAYOUT = "The model brings no chat template; it was asked in plain text."


@dataclass(frozen=True, slots=True)
class Layout:
    """What stands around the texts of a conversation of one question.

    parts: text of the template, taken with its control tokens. order: which text stands between
    two of them, (SYSTEM, USER) or (USER,) where the model knows no system text and the user's
    begins with it.
    """

    parts: tuple[str, ...]
    order: tuple[str, ...]
    remark: str = ""


PLAIN = Layout(("", "\n\n", "\n\nAnswer:\n"), (SYSTEM, USER), NO_LAYOUT)


class Vocabulary:
    """A model's words. model: handle of the weights; outlives this."""

    def __init__(self, model: int) -> None:
        api = library()
        self.handle = api.llama_model_get_vocab(model)
        self._begin = int(api.llama_vocab_bos(self.handle))
        self._adds_begin = bool(api.llama_vocab_get_add_bos(self.handle))
        self.words = int(api.llama_vocab_n_tokens(self.handle))
        self._puts_blank = self.piece(self.tokens("x", control=False)[0]).startswith(b" ")

    def tokens(self, text: str, control: bool) -> list[int]:
        """control: whether names of control tokens become such tokens."""
        raw = text.encode("utf-8", "replace")
        api = library()
        room = len(raw) + 8
        found = (api.llama_token * room)()
        count = api.llama_tokenize(self.handle, raw, len(raw), found, room, False, control)
        if count < 0:
            room = -count
            found = (api.llama_token * room)()
            count = api.llama_tokenize(self.handle, raw, len(raw), found, room, False, control)
        return list(found[:count])

    def piece(self, token: int) -> bytes:
        """What a token stands for in an answer; b"" for a control token."""
        api, room = library(), 64
        while True:
            buffer = ctypes.create_string_buffer(room)
            length = api.llama_token_to_piece(self.handle, token, buffer, room, 0, False)
            if length >= 0:
                return buffer.raw[:length]
            room = -length

    def ends(self, token: int) -> bool:
        """Whether a token says that the answer is complete."""
        return bool(library().llama_vocab_is_eog(self.handle, token))

    def begun(self, tokens: list[int]) -> list[int]:
        """With the token that a text begins with, where the model was trained with one."""
        wanted = self._adds_begin and self._begin >= 0 and tokens[:1] != [self._begin]
        return [self._begin, *tokens] if wanted else tokens

    def sequence(self, parts: Sequence[tuple[str, bool]]) -> list[list[int]]:
        """Tokens of the parts of one text: (text, whether its control tokens count) each.

        Vocabularies that put a blank before every text would put one at every seam; where the
        texts have a blank at a seam, it is that one.
        """
        found = []
        for k, (text, control) in enumerate(parts):
            piece = text
            if self._puts_blank and k and piece.startswith(" "):
                piece = piece[1:]
            if self._puts_blank and k + 1 < len(parts) and piece.endswith(" "):
                piece = piece[:-1]
            found.append(self.tokens(piece, control) if piece else [])
        return found

    def text_of(self, token: int) -> str:
        """How a token is written in the vocabulary: "<s>"; "" for none."""
        if token < 0:
            return ""
        text: bytes = library().llama_vocab_get_text(self.handle, token)
        return text.decode("utf-8", "replace")


def around(vocabulary: Vocabulary, layout: Layout, user: str) -> tuple[list[int], list[int]]:
    """The tokens before and after an image that the person shows, then says `user` about it."""
    before, after = layout.parts[0], layout.parts[-1]
    if SYSTEM in layout.order:
        before += layout.parts[1]
    first, *rest = vocabulary.sequence([(before, True), (f"\n{user}", False), (after, True)])
    return vocabulary.begun(first), [token for tokens in rest for token in tokens]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A conversation as tokens, and how many of them the next one will begin with, too."""

    tokens: list[int]
    shared: int


def prompt(vocabulary: Vocabulary, layout: Layout, system: str, shared: str, user: str) -> Prompt:
    """The conversation of one question: `shared`, then `user`, are what the person says."""
    said = {SYSTEM: [system], USER: [shared, user]}
    if SYSTEM not in layout.order:
        said[USER] = [f"{system}\n\n", shared, user]
    pieces: list[tuple[str, bool]] = [(layout.parts[0], True)]
    own = 0
    for who, part in zip(layout.order, layout.parts[1:], strict=True):
        pieces += [(text, False) for text in said[who]]
        if who == USER:
            own = len(pieces) - 1  # the text that only this question has
        pieces.append((part, True))
    lists = vocabulary.sequence(pieces)
    before = vocabulary.begun([token for tokens in lists[:own] for token in tokens])
    return Prompt(before + [token for tokens in lists[own:] for token in tokens], len(before))


def layout_of(model: int, vocabulary: Vocabulary, job: JobControl) -> Layout:
    """How this model wants a conversation laid out, by its own template if possible.

    Raises WrongModel when the template can neither be used nor recognised, Cancelled.
    """
    api = library()
    raw: bytes | None = api.llama_model_chat_template(model, None)
    if not raw:
        return PLAIN
    template = raw.decode("utf-8", "replace")
    names = {SYSTEM: secrets.token_hex(16), USER: secrets.token_hex(16)}
    marks = {
        "bos_token": vocabulary.text_of(int(api.llama_vocab_bos(vocabulary.handle))),
        "eos_token": vocabulary.text_of(int(api.llama_vocab_eos(vocabulary.handle))),
    }
    for text in chat_template.render(template, _ways_to_ask(names), marks, job):
        if layout := _split(text, names, ""):
            return layout
    if layout := _split(_of_family(raw, names), names, OTHER_LAYOUT):
        return layout
    raise WrongModel(
        "The model's chat template cannot be used, and it is none that llama.cpp knows.",
        "Choose another model, or another file of the same model.",
    )


def _ways_to_ask(names: dict[str, str]) -> list[list[dict[str, object]]]:
    """As most templates take it first; some know no system text, some want a list of contents."""
    system, user = names[SYSTEM], names[USER]
    return [
        [{"role": "system", "content": system}, {"role": "user", "content": user}],
        [{"role": "user", "content": user}],
        [
            {"role": "system", "content": [{"type": "text", "text": system}]},
            {"role": "user", "content": [{"type": "text", "text": user}]},
        ],
        [{"role": "user", "content": [{"type": "text", "text": user}]}],
    ]


def _of_family(template: bytes, names: dict[str, str]) -> str | None:
    """As llama.cpp lays it out by what it recognises in a template, running nothing of it."""
    api = library()
    chat = (api.llama_chat_message * 2)(
        *(api.llama_chat_message(role=who.encode(), content=names[who].encode()) for who in names)
    )
    buffer = ctypes.create_string_buffer(chat_template.MAX_RENDERED)
    length = api.llama_chat_apply_template(template, chat, 2, True, buffer, len(buffer))
    return buffer.raw[:length].decode("utf-8", "replace") if 0 < length <= len(buffer) else None


def _split(text: str | None, names: dict[str, str], remark: str) -> Layout | None:
    """The layout that a filled-in template shows; None where the texts are not each in it once."""
    if text is None or text.count(names[USER]) != 1 or text.count(names[SYSTEM]) > 1:
        return None
    order = (SYSTEM, USER) if names[SYSTEM] in text else (USER,)
    parts = []
    for who in order:
        before, _, text = text.partition(names[who])
        parts.append(before)
    if any(name in part for part in [*parts, text] for name in names.values()):
        return None  # the question stood before the instructions
    return Layout((*parts, _answer_at_once(text)), order, remark)


def _answer_at_once(end: str) -> str:
    """What a prompt ends with, so that the answer begins there and not some thoughts."""
    if end.rstrip().endswith(_THINKING[0]):
        return end.rstrip() + _THINKING[1]
    return end + _CHANNELS[1] if end.endswith(_CHANNELS[0]) else end
