"""How much of a language model goes to the graphics card. Arithmetic only; loads nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ALL = -1  # llama.cpp's number for every layer
#: bytes on the card that are neither weights nor the memory of what was read: intermediate
#: results, the output layer's extra buffers, and the driver's own
OVERHEAD_BYTES = 700 * 1024**2


@dataclass(frozen=True, slots=True)
class Placement:
    """layers: on the card, of total; ALL: every one."""

    layers: int
    total: int

    @property
    def whole(self) -> bool:
        return self.layers == ALL or self.layers > self.total

    @property
    def none(self) -> bool:
        return self.layers == 0

    def remark(self) -> str:
        """As a sentence for the report; "" when everything lies on the card."""
        if self.whole:
            return ""
        if self.none:
            return "Not one layer fits into the graphics card's free memory; the processor works."
        return (
            f"{self.layers} of {self.total} layers fit into the graphics card's free memory; "
            "the processor works on the rest, which is slower."
        )


def place(weight_bytes: int, memory_bytes: int, layers: int, free_bytes: int) -> Placement:
    """As many layers as fit.

    weight_bytes: of all weights. memory_bytes: what the model needs to remember a full context.
    """
    room = free_bytes - OVERHEAD_BYTES
    need = weight_bytes + memory_bytes
    if need <= room:
        return Placement(ALL, layers)
    fit = int(room / (need / (layers + 1))) if room > 0 else 0  # + 1: the output layer
    return Placement(max(0, min(fit, layers)), layers)


def fewer(placement: Placement) -> Placement | None:
    """What to try next when the card was full after all; None when there is nothing left."""
    if placement.none:
        return None
    tried = placement.total if placement.whole else placement.layers
    return Placement(tried // 2, placement.total)


def memory_need(facts: Mapping[str, str], context: int) -> int:
    """Bytes a model's keys and values take for a full context, in half precision.

    facts: the header's, by name. An upper bound: models that remember a window need less.
    """
    kind = facts.get("general.architecture", "")

    def number(name: str, otherwise: int) -> int:
        try:
            return int(facts.get(f"{kind}.{name}", ""))
        except ValueError:
            return otherwise  # one number a layer, or none at all

    layers, width = number("block_count", 32), number("embedding_length", 4096)
    heads = max(1, number("attention.head_count", 32))
    groups = number("attention.head_count_kv", heads)
    key = number("attention.key_length", width // heads)
    value = number("attention.value_length", width // heads)
    return 2 * context * layers * groups * (key + value)
