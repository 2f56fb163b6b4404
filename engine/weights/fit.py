"""Whether a model fits this machine: a warning for a person, never a barrier.

Compares what the manifest says a model needs with the memory that is free now. Loads nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine import figures
from engine.model import ModelSpec
from engine.runtimes.device import gpu_memory, main_memory


@dataclass(frozen=True, slots=True)
class Room:
    """Memory of this machine, in bytes."""

    gpu_free: int
    gpu_total: int  # 0: no graphics card that can be used
    ram_free: int
    ram_total: int

    @classmethod
    def now(cls) -> Room:
        return cls(*gpu_memory(), *main_memory())


@dataclass(frozen=True, slots=True)
class Fit:
    gpu: bool  # into the free memory of the graphics card
    ram: bool  # into the free main memory
    need_gpu_bytes: int  # 0: not known
    need_ram_bytes: int
    text: str  # the same as one or two sentences


def fit(spec: ModelSpec, room: Room | None = None) -> Fit:
    """How the model fits; room: measured now when it is not given."""
    room = room or Room.now()
    gpu = 0 < spec.gpu_bytes <= room.gpu_free
    ram = 0 < spec.cpu_bytes <= room.ram_free
    return Fit(gpu, ram, spec.gpu_bytes, spec.cpu_bytes, _text(spec, room, gpu, ram))


def _text(spec: ModelSpec, room: Room, gpu: bool, ram: bool) -> str:
    if not spec.gpu_bytes or not spec.cpu_bytes:
        return "How much memory it needs is not known."
    on_card = f"needs {figures.size(spec.gpu_bytes)}, {figures.size(room.gpu_free)} free"
    in_main = f"needs {figures.size(spec.cpu_bytes)}, {figures.size(room.ram_free)} free"
    if gpu:
        return f"Fits the graphics card ({on_card})."
    if room.gpu_total:
        busy = spec.gpu_bytes <= room.gpu_total
        why = (
            f"The graphics card is large enough, but other programs use it ({on_card})."
            if busy
            else f"Too large for the graphics card ({on_card})."
        )
        rest = "Runs partly from main memory, slower." if ram else f"Main memory: {in_main}."
        return f"{why} {rest}"
    if ram:
        return f"Fits main memory ({in_main}); slow without a graphics card."
    if spec.cpu_bytes <= room.ram_total:
        return f"Main memory is large enough, but other programs use it ({in_main})."
    return f"Too large for this machine's main memory ({in_main})."
