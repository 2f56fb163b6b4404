"""Reads the header of a safetensors file, strictly, before a library sees the file.

Format: https://github.com/huggingface/safetensors#format. Eight bytes of length, a JSON header,
then the bytes of all tensors without a gap. Reads no tensor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, BinaryIO

import msgspec

from engine.weights.headers import cut_short, looks_pickled, pickled, refused

MAX_HEADER_BYTES = 8 * 1024 * 1024  # the largest models need less than one megabyte
MAX_RANK = 16  # dimensions of a tensor

#: dtype -> bits of an element
BITS = {
    "BOOL": 8,
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    "U8": 8,
    "I8": 8,
    "F8_E5M2": 8,
    "F8_E4M3": 8,
    "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8,
    "I16": 16,
    "U16": 16,
    "F16": 16,
    "BF16": 16,
    "I32": 32,
    "U32": 32,
    "F32": 32,
    "C64": 64,
    "F64": 64,
    "I64": 64,
    "U64": 64,
}

_Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class _Tensor(msgspec.Struct, forbid_unknown_fields=True):
    dtype: str
    shape: Annotated[list[_Count], msgspec.Meta(max_length=MAX_RANK)]
    data_offsets: tuple[_Count, _Count]


@dataclass(frozen=True, slots=True)
class SafetensorsFacts:
    tensors: int
    elements: int  # numbers in all tensors together


def read_safetensors(file: BinaryIO, size: int, name: str) -> SafetensorsFacts:
    """Checks a file of `size` bytes from its beginning.

    Raises ModelDamaged when it is cut short, ModelRefused when it is nothing a writer of
    safetensors makes. Takes at most a few times MAX_HEADER_BYTES of memory.
    """
    head = file.read(16)
    if looks_pickled(head):
        raise pickled(name)
    if len(head) < 10:
        raise cut_short(name, "it has no header")
    length = int.from_bytes(head[:8], "little")
    if length > MAX_HEADER_BYTES:
        raise refused(name, "it does not begin like a safetensors file")
    if 8 + length > size:
        raise cut_short(name, "it ends within its header")
    if head[8:9] != b"{":
        raise refused(name, "its header is not one of a safetensors file")
    file.seek(8)
    header = file.read(length)
    if len(header) != length:
        raise cut_short(name, "it ends within its header")
    return _facts(_tensors(header, name), size - 8 - length, name)


def _tensors(header: bytes, name: str) -> list[_Tensor]:
    try:
        entries = msgspec.json.decode(header, type=dict[str, msgspec.Raw])
        metadata = entries.pop("__metadata__", None)
        if metadata is not None:
            msgspec.json.decode(metadata, type=dict[str, str])
        tensors = [msgspec.json.decode(raw, type=_Tensor) for raw in entries.values()]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise refused(name, "its header cannot be read") from None
    # A name that occurs twice would be one tensor here and may be another in a library.
    if header.count(b'"data_offsets"') != len(tensors):
        raise refused(name, "its header names a tensor twice")
    return tensors


def _facts(tensors: list[_Tensor], data_bytes: int, name: str) -> SafetensorsFacts:
    tensors.sort(key=lambda tensor: tensor.data_offsets)
    end = elements = 0
    for tensor in tensors:
        begin, tensor_end = tensor.data_offsets
        count = 1
        for extent in tensor.shape:
            count *= extent
        bits = BITS.get(tensor.dtype)
        if bits is None:
            raise refused(name, "it holds numbers of a kind that is not known")
        if begin != end or (tensor_end - begin) * 8 != count * bits:
            raise refused(name, "its tensors do not lie one after the other")
        end = tensor_end
        elements += count
    if end > data_bytes:
        raise cut_short(name, f"{end - data_bytes:,} bytes of its tensors are missing")
    if end < data_bytes:
        raise refused(name, "something that is no tensor follows its tensors")
    return SafetensorsFacts(len(tensors), elements)
