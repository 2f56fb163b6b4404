"""Where the weights of a model go: one device, or several and main memory. Arithmetic only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.errors import NotEnoughMemory

GIB = 1 << 30

WORKSPACE = 0.1  # of the weights' size, for what a model computes with beside them …
LEAST_WORKSPACE = 1 * GIB  # … and at least this on a graphics card, its own context included
MAIN_SHARE = 0.92  # of free main memory that weights may take; the rest of the system goes on
CARD_SHARE = 0.8  # of a card's free memory that what is remembered of words may take …
SHARED_SHARE = 0.5  # … and of memory that the rest of the system needs too


@dataclass(frozen=True, slots=True)
class Placement:
    """devices: where the weights may go, in order of preference, with the bytes allowed on each.

    A device is "cuda:0", "mps" or "cpu". One device holds all; with several, each is filled
    before the next one is begun.
    """

    devices: dict[str, int] = field(default_factory=dict)

    @property
    def split(self) -> bool:
        return len(self.devices) > 1


def place(weights: int, kind: str, cards: Sequence[int], main: int, title: str) -> Placement:
    """Where weights of so many bytes go. The fullest use of the fastest device that holds them.

    kind: "cuda", "mps" or "cpu". cards: free bytes of each graphics card. main: free bytes of
    main memory. title: the model's, for the sentence. Raises NotEnoughMemory.
    """
    room = int(main * MAIN_SHARE)
    if kind != "cuda":
        if weights <= room:
            return Placement({kind: room})
        raise _too_large(title, weights, f"{size(room)} of main memory is free")
    workspace = max(LEAST_WORKSPACE, int(weights * WORKSPACE))
    rooms = {i: max(0, free - workspace) for i, free in enumerate(cards)}
    best = max(rooms, key=lambda i: rooms[i])
    if weights <= rooms[best]:
        return Placement({f"cuda:{best}": rooms[best]})
    if weights <= sum(rooms.values()) + room:
        return Placement({**{f"cuda:{i}": n for i, n in rooms.items() if n}, "cpu": room})
    raise _too_large(
        title,
        weights,
        f"{size(sum(rooms.values()))} on the graphics card and {size(room)} of main memory "
        "can be had",
    )


def texts_at_a_time(free: int, kind: str, bytes_a_token: int, tokens: int, most: int) -> int:
    """How many texts a language model can work on side by side; at least one, at most `most`.

    What it remembers of each word grows with every text, and may take more room than its weights.
    free: bytes, once the weights are loaded. tokens: of one text, its question and all its beams
    included. On a card a larger batch can be tried, for running out of memory is an error there;
    elsewhere it may end the process.
    """
    room = free * (CARD_SHARE if kind == "cuda" else SHARED_SHARE)
    return max(1, min(most, int(room // max(1, bytes_a_token * tokens))))


def _too_large(title: str, weights: int, there_is: str) -> NotEnoughMemory:
    return NotEnoughMemory(
        f"{title} needs {size(weights)} for its weights, and {there_is}.",
        "Close other programs, or name a smaller model in the recipe.",
    )


def size(count: int) -> str:
    """ "3.2 GB"; in megabytes below a tenth of a gigabyte."""
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"
