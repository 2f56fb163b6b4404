"""How much memory there is for models, and how much each of them needs. Loads none."""

from __future__ import annotations

from engine.model import InstalledModel
from engine.runtimes.device import gpu_memory, machine, main_memory

UNSTATED = 1.3  # times its files: what a model is taken to need that does not say


class FreeMemory:
    """Of the device that models are loaded to: the graphics card, or main memory without one."""

    def free_bytes(self) -> int:
        return gpu_memory()[0] if machine().kind == "cuda" else main_memory()[0]

    def need_bytes(self, model: InstalledModel) -> int:
        stated = model.spec.gpu_bytes if machine().kind == "cuda" else model.spec.cpu_bytes
        return stated or int(UNSTATED * model.size_bytes)
