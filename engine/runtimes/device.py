"""Where models run on this machine: which device, in which precision, with how much memory.

Never falls back in silence: what was chosen, and why, is a value the report shows. Loads no model.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import psutil

from engine.errors import LibraryMissing

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class Machine:
    """What torch can use here."""

    kind: str  # "cuda", "mps" or "cpu"
    count: int  # devices of that kind; 1 for mps and cpu
    title: str  # "NVIDIA GeForce RTX 4090", "Apple M3", "12 processor cores"
    reason: str = ""  # why there is no graphics card to use, as a sentence; "" where there is one
    hint: str = ""


def require_torch() -> None:
    """Raises LibraryMissing when torch is not installed."""
    try:
        import torch  # noqa: F401 - only whether it loads
    except ImportError as error:
        raise LibraryMissing(
            f"PyTorch is not installed or does not load ({error}).",
            "Install Twofold with its models: pip install 'twofold[models]'.",
        ) from None


@cache
def machine() -> Machine:
    """Asked once a process. Raises LibraryMissing when torch is not installed."""
    require_torch()
    import torch

    if torch.cuda.is_available():
        return Machine("cuda", torch.cuda.device_count(), torch.cuda.get_device_name(0))
    if torch.backends.mps.is_available():
        return Machine("mps", 1, "Apple graphics")
    cores = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
    reason, hint = _why_no_gpu()
    return Machine("cpu", 1, f"{cores} processor cores", reason, hint)


def _why_no_gpu() -> tuple[str, str]:
    import torch

    driver = nvidia_driver()
    if not driver:
        return "No graphics card that PyTorch can use was found.", ""
    built_for = torch.version.cuda
    if not built_for:
        return (
            "This PyTorch was built without support for graphics cards.",
            "Install the PyTorch build for your card from its own site.",
        )
    return (
        f"The graphics driver ({driver}) is too old for this PyTorch (CUDA {built_for}), "
        "or does not answer.",
        "Update the driver, or install a PyTorch built for an older CUDA.",
    )


def nvidia_driver() -> str:
    """Version of the NVIDIA driver; "" where there is none."""
    try:
        import pynvml
    except ImportError:
        return ""
    try:
        pynvml.nvmlInit()
        return str(pynvml.nvmlSystemGetDriverVersion())
    except pynvml.NVMLError:
        return ""


def gpu_memory() -> tuple[int, int]:
    """(free, total) bytes of the graphics card with the most free memory; (0, 0) without one.

    Asks the driver, not torch, so that it costs no import and no context on the card. On Apple
    silicon the card uses main memory, of which about three quarters can be had.
    """
    if sys.platform == "darwin":
        memory = psutil.virtual_memory()
        return int(memory.available * 0.75), int(memory.total * 0.75)
    try:
        import pynvml
    except ImportError:
        return 0, 0
    try:
        pynvml.nvmlInit()
        cards = [
            pynvml.nvmlDeviceGetMemoryInfo(pynvml.nvmlDeviceGetHandleByIndex(i))
            for i in range(pynvml.nvmlDeviceGetCount())
        ]
    except pynvml.NVMLError:
        return 0, 0
    return max(((int(card.free), int(card.total)) for card in cards), default=(0, 0))


def main_memory() -> tuple[int, int]:
    """(available, total) bytes of main memory."""
    memory = psutil.virtual_memory()
    return int(memory.available), int(memory.total)


def devices() -> tuple[torch.device, ...]:
    """Every device models may run on side by side, the first one preferred."""
    import torch

    found = machine()
    if found.kind == "cuda":
        return tuple(torch.device("cuda", i) for i in range(found.count))
    return (torch.device(found.kind),)


def dtype_for(device: torch.device, wanted: str = "auto") -> torch.dtype:
    """The precision to hold a model in.

    auto: bfloat16 on cards that compute in it, else float16, on cards; float32 on processors,
    where halves are slower unless the processor has instructions for them, and less exact.
    """
    import torch

    if wanted != "auto":
        return {"float16": torch.float16, "bfloat16": torch.bfloat16, "float32": torch.float32}[
            wanted
        ]
    if device.type == "cuda":
        return (
            torch.bfloat16
            if torch.cuda.is_bf16_supported(including_emulation=False)
            else torch.float16
        )
    return torch.float16 if device.type == "mps" else torch.float32


def dtype_name(dtype: torch.dtype) -> str:
    """ "float16" for torch.float16."""
    return str(dtype).removeprefix("torch.")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a library gave up for want of memory, whichever way it says so."""
    import torch

    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    words = str(error).lower()
    return isinstance(error, RuntimeError) and (
        "out of memory" in words or "can't allocate memory" in words or "alloc_failed" in words
    )


def empty_cache() -> None:
    """Gives memory that torch keeps for later back to the system."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    elif torch.backends.mps.is_available():
        torch.mps.empty_cache()
