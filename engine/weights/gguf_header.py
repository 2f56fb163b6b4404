"""Reads the header of a GGUF file, strictly, before llama.cpp sees the file.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Magic, version, counts, key and
value pairs, a list of tensors, then their bytes. Reads no tensor, and keeps of the values only
the few that are asked for.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import BinaryIO

from engine.weights.headers import cut_short, looks_pickled, pickled, refused

MAX_HEADER_BYTES = 64 * 1024 * 1024  # a vocabulary of 260,000 words needs about 16 megabytes
MAX_PAIRS = 16_384  # of key and value; real files have fewer than a hundred
MAX_TENSORS = 65_536
MAX_KEY_BYTES = 1024
MAX_TEXT_BYTES = 4 * 1024 * 1024  # of one text, such as a chat template
MAX_TEXTS = 4 * 1024 * 1024  # in all lists; the largest vocabularies have half a million
MAX_DIMENSIONS = 4  # GGML_MAX_DIMS
MAX_TENSOR_NAME = 127
_CHUNK = 1024 * 1024  # read at a time
_LIMIT = 2**62  # no count or offset of a real file comes near it

#: type of a value -> its bytes; strings and arrays are told apart
_SCALARS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_FORMATS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
_BOOL, _STRING, _ARRAY = 7, 8, 9

#: tensor type -> (elements of a block, bytes of a block); ggml's `type_traits`
BLOCKS = {
    0: (1, 4),  # F32
    1: (1, 2),  # F16
    2: (32, 18),  # Q4_0
    3: (32, 20),  # Q4_1
    6: (32, 22),  # Q5_0
    7: (32, 24),  # Q5_1
    8: (32, 34),  # Q8_0
    9: (32, 40),  # Q8_1
    10: (256, 84),  # Q2_K
    11: (256, 110),  # Q3_K
    12: (256, 144),  # Q4_K
    13: (256, 176),  # Q5_K
    14: (256, 210),  # Q6_K
    15: (256, 292),  # Q8_K
    16: (256, 66),  # IQ2_XXS
    17: (256, 74),  # IQ2_XS
    18: (256, 98),  # IQ3_XXS
    19: (256, 50),  # IQ1_S
    20: (32, 18),  # IQ4_NL
    21: (256, 110),  # IQ3_S
    22: (256, 82),  # IQ2_S
    23: (256, 136),  # IQ4_XS
    24: (1, 1),  # I8
    25: (1, 2),  # I16
    26: (1, 4),  # I32
    27: (1, 8),  # I64
    28: (1, 8),  # F64
    29: (256, 56),  # IQ1_M
    30: (1, 2),  # BF16
    34: (256, 54),  # TQ1_0
    35: (256, 66),  # TQ2_0
    39: (32, 17),  # MXFP4
    40: (64, 36),  # NVFP4
    41: (128, 18),  # Q1_0
}

#: general.file_type -> the usual name of the quantization
FILE_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K",
    11: "Q3_K_S", 12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S",
    17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS", 20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS",
    23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S", 29: "IQ2_M",
    30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0", 37: "TQ2_0", 38: "MXFP4", 39: "NVFP4",
}  # fmt: skip

Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class GgufFacts:
    architecture: str  # "llama", "qwen3vl", "clip" …; "" when the file does not say
    tensors: int
    elements: int  # numbers in all tensors together
    context: int  # tokens the model was made for; 0 when the file does not say
    quantization: str  # "Q4_K_M"; "" when the file does not say
    chat_template: bool  # whether the file brings one
    values: dict[str, Value] = field(default_factory=dict)  # short texts and numbers


def read_gguf(file: BinaryIO, size: int, name: str) -> GgufFacts:
    """Checks a file of `size` bytes from its beginning.

    Raises ModelDamaged when it is cut short, ModelRefused when it is nothing a writer of GGUF
    makes. Takes a few megabytes of memory, whatever the file says.
    """
    reader = _Reader(file, size, name)
    magic = reader.take(4)
    if magic != b"GGUF":
        raise (
            pickled(name)
            if looks_pickled(magic + reader.peek(12))
            else refused(name, "it does not begin like a GGUF file")
        )
    version, tensors, pairs = reader.numbers("IQQ")
    if version not in (2, 3):
        raise refused(name, "it is of a version of GGUF that is not known")
    if not tensors <= MAX_TENSORS or not pairs <= MAX_PAIRS:
        raise refused(name, "its header counts more than any model has")
    values, has_template = _values(reader, pairs)
    elements = _tensors(reader, tensors, _alignment(values, name))
    architecture = values.get("general.architecture", "")
    context = values.get(f"{architecture}.context_length", 0)
    file_type = values.get("general.file_type", -1)
    return GgufFacts(
        architecture=architecture if isinstance(architecture, str) else "",
        tensors=tensors,
        elements=elements,
        context=context if isinstance(context, int) and context < 2**31 else 0,
        quantization=FILE_TYPES.get(file_type, "") if isinstance(file_type, int) else "",
        chat_template=has_template,
        values=values,
    )


class _Reader:
    """Goes through the beginning of a file and never past its end, nor past the header limit."""

    def __init__(self, file: BinaryIO, size: int, name: str) -> None:
        self._file = file
        self._buffer = b""
        self._at = 0  # in the buffer
        self._base = 0  # of the buffer in the file
        self._texts = 0  # in lists, so far
        self.size = size
        self.name = name

    @property
    def position(self) -> int:
        return self._base + self._at

    def need(self, count: int) -> None:
        """Makes sure that `count` more bytes of the header can be there."""
        end = self.position + count
        if end > self.size:
            raise cut_short(self.name, "it ends within its header")
        if end > MAX_HEADER_BYTES:
            raise refused(self.name, "its header is longer than that of any model")

    def take(self, count: int) -> bytes:
        """The next bytes; count: at most MAX_TEXT_BYTES."""
        self.need(count)
        if self._at + count > len(self._buffer):
            self._refill(count)
        taken = self._buffer[self._at : self._at + count]
        self._at += count
        return taken

    def peek(self, count: int) -> bytes:
        return self._buffer[self._at : self._at + count]

    def skip(self, count: int) -> None:
        self.need(count)
        if self._at + count <= len(self._buffer):
            self._at += count
            return
        self._base = self.position + count
        self._buffer, self._at = b"", 0
        self._file.seek(self._base)

    def _refill(self, count: int) -> None:
        self._base = self.position
        self._file.seek(self._base)
        self._buffer, self._at = self._file.read(max(_CHUNK, count)), 0
        if len(self._buffer) < count:
            raise cut_short(self.name, "it ends within its header")

    def numbers(self, kinds: str) -> tuple[int, ...]:
        return struct.unpack(f"<{kinds}", self.take(struct.calcsize(f"<{kinds}")))

    def text(self, limit: int) -> str:
        (length,) = self.numbers("Q")
        if length > limit:
            raise refused(self.name, "its header holds a text without an end")
        try:
            return self.take(length).decode("utf-8")
        except UnicodeDecodeError:
            raise refused(self.name, "its header holds a text that cannot be read") from None

    def skip_texts(self, count: int) -> None:
        """count texts, one after the other. Most of the time of a reader goes here."""
        self._texts += count
        if self._texts > MAX_TEXTS:
            raise refused(self.name, "its header holds more words than any vocabulary")
        self.need(8 * count)
        unpack = struct.Struct("<Q").unpack_from
        buffer, at = self._buffer, self._at
        last = len(buffer) - 8
        for _ in range(count):
            if at > last:
                self._at = at
                self.need(8)
                self._refill(8)
                buffer, at = self._buffer, 0
                last = len(buffer) - 8
            (length,) = unpack(buffer, at)
            at += 8 + length
            if at > last:  # the text reaches beyond what was read
                if length > MAX_TEXT_BYTES:
                    raise refused(self.name, "its header holds a text without an end")
                self._at = at - length
                self.skip(length)
                buffer, at = self._buffer, self._at
                last = len(buffer) - 8
        self._at = at


def _values(reader: _Reader, pairs: int) -> tuple[dict[str, Value], bool]:
    """Numbers and short texts by key, and whether there is a chat template."""
    values: dict[str, Value] = {}
    seen: set[str] = set()
    for _ in range(pairs):
        key = reader.text(MAX_KEY_BYTES)
        if not key or not key.isprintable() or key in seen:
            raise refused(reader.name, "its header has a key that is empty or occurs twice")
        seen.add(key)
        (kind,) = reader.numbers("I")
        if kind == _ARRAY:
            _skip_array(reader)
        elif kind == _STRING:
            text = reader.text(MAX_TEXT_BYTES)
            if len(text) <= 256:
                values[key] = text
        else:
            values[key] = _scalar(reader, kind)
    return values, "tokenizer.chat_template" in seen


def _scalar(reader: _Reader, kind: int) -> Value:
    if kind not in _SCALARS:
        raise refused(reader.name, "its header holds a value of a kind that is not known")
    raw = reader.take(_SCALARS[kind])
    if kind == _BOOL and raw not in (b"\0", b"\1"):
        raise refused(reader.name, "its header holds a yes/no that is neither")
    (value,) = struct.unpack(f"<{_FORMATS[kind]}", raw)
    return value  # type: ignore[no-any-return]


def _skip_array(reader: _Reader) -> None:
    kind, count = reader.numbers("IQ")
    if count > MAX_HEADER_BYTES:
        raise refused(reader.name, "its header holds a list without an end")
    if kind == _STRING:
        reader.skip_texts(count)
    elif kind in _SCALARS:
        reader.skip(count * _SCALARS[kind])
    else:
        raise refused(reader.name, "its header holds a list of a kind that is not known")


def _alignment(values: dict[str, Value], name: str) -> int:
    value = values.get("general.alignment", 32)
    if not isinstance(value, int) or not 1 <= value <= 2**20 or value & (value - 1):
        raise refused(name, "it aligns its tensors to no power of two")
    return value


def _tensors(reader: _Reader, tensors: int, alignment: int) -> int:
    """Elements of all tensors. Their bytes must lie one after the other, as ggml wants it."""
    name = reader.name
    seen: set[str] = set()
    end = last = elements = 0
    for _ in range(tensors):
        tensor = reader.text(MAX_TENSOR_NAME)
        if not tensor or tensor in seen:
            raise refused(name, "a tensor has no name or another one's")
        seen.add(tensor)
        (dimensions,) = reader.numbers("I")
        if not 1 <= dimensions <= MAX_DIMENSIONS:
            raise refused(name, "a tensor has more dimensions than there can be")
        *shape, kind, offset = reader.numbers("Q" * dimensions + "IQ")
        count = 1
        for extent in shape:
            count *= extent
        if kind not in BLOCKS:
            raise refused(name, "a tensor is of a kind that is not known")
        block, block_bytes = BLOCKS[kind]
        if not 0 < count < _LIMIT or shape[0] % block:
            raise refused(name, "a tensor has a shape that cannot be")
        if offset != end:
            raise refused(name, "its tensors do not lie one after the other")
        last = end + count // block * block_bytes
        end = _aligned(last, alignment)
        elements += count
        if end > _LIMIT:
            raise refused(name, "its tensors are larger than any file")
    start = _aligned(reader.position, alignment)
    if tensors and start + last > reader.size:
        raise cut_short(name, f"{start + last - reader.size:,} bytes of its tensors are missing")
    return elements


def _aligned(offset: int, alignment: int) -> int:
    return -(-offset // alignment) * alignment
