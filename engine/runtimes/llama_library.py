"""llama.cpp itself: opened once, silent, and asked why it refused a file.

Goes to the C interface rather than through the wrapper's own model class, which redirects this
process's standard output while it loads (that is the wire to the window) and reads the model's
chat template without limits. Knows files and contexts; holds no conversation.
"""

from __future__ import annotations

import ctypes
import re
from collections import deque
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from engine.errors import (
    LibraryMissing,
    ModelDamaged,
    ModelError,
    ModelFailed,
    NotEnoughMemory,
    WrongModel,
)
from engine.job import JobControl

KEPT_LINES = 2000  # of the log; loading a model writes about 150
ERROR_LEVEL = 4  # of ggml_log_level
CONTINUED = 5  # a message that goes on in the line before

_BUFFER = re.compile(r"\b(\w+)\s+(?:\w+ )*buffer size\s*=\s*([\d.]+) MiB")
_MIB = 1024**2
#: what stands before the reason: names of functions, and that it is an error
_PREFIXES = re.compile(r"^(?:(?:[\w~]+|error loading model|failed to load model '[^']*'): )+")


@dataclass(slots=True)
class Log:
    """What the library said since `clear`; nothing of it is printed anywhere."""

    _lines: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))
    _open: bool = False  # the last line may go on

    def hear(self, level: int, text: str) -> None:
        for piece in text.splitlines(keepends=True):
            if level == CONTINUED and self._open and self._lines:
                before, line = self._lines.pop()
                self._lines.append((before, line + piece.rstrip("\n")))
            else:
                self._lines.append((level, piece.rstrip("\n")))
            self._open = not piece.endswith("\n")

    def clear(self) -> None:
        self._lines.clear()

    def errors(self) -> list[str]:
        return [line for level, line in list(self._lines) if level == ERROR_LEVEL]

    def buffers(self) -> dict[str, int]:
        """Bytes that were set aside, by where: {"CPU": …, "CUDA0": …}."""
        found: dict[str, int] = {}
        for _, line in list(self._lines):
            if match := _BUFFER.search(line):
                place, size = match[1].removesuffix("_Mapped"), float(match[2])
                found[place] = found.get(place, 0) + int(size * _MIB)
        return found


LOG = Log()
#: callbacks that C code holds on to; without a reference here they would be freed under it
_KEPT: list[object] = []


@cache
def library() -> ModuleType:
    """The C interface. Raises LibraryMissing."""
    try:
        from llama_cpp import llama_cpp as api
    except (ImportError, OSError, RuntimeError) as error:
        raise LibraryMissing(
            f"llama.cpp is not installed or does not load ({error}).",
            "Install Twofold with its models: pip install 'twofold[models]'.",
        ) from None

    hear = api.llama_log_callback(
        lambda level, text, _data: LOG.hear(level, text.decode("utf-8", "replace"))
    )
    _KEPT.append(hear)
    api.llama_log_set(hear, ctypes.c_void_p(None))
    api.llama_backend_init()
    return api


def log_callback() -> Any:
    """The callback that feeds LOG, for libraries beside llama.cpp that log on their own."""
    library()
    return _KEPT[0]


def can_use_gpu() -> bool:
    """Whether this build of llama.cpp knows any graphics card of this machine."""
    return bool(library().llama_supports_gpu_offload())


def open_model(path: Path, gpu_layers: int, job: JobControl, vocabulary_only: bool = False) -> int:
    """A handle to a model's weights, to be freed with `llama_model_free`.

    gpu_layers: how many go to graphics cards. vocabulary_only: reads the header and no weights.
    Raises Cancelled, ModelDamaged, WrongModel, NotEnoughMemory or ModelFailed.
    """
    api = library()
    if not path.is_file():
        raise ModelDamaged(f"The model's file {path.name} is gone.", "Install the model again.")
    params = api.llama_model_default_params()
    params.n_gpu_layers = gpu_layers
    params.vocab_only = vocabulary_only
    going_on = api.llama_progress_callback(lambda _share, _data: not job.cancelled)
    params.progress_callback = going_on
    LOG.clear()
    handle = api.llama_model_load_from_file(str(path).encode(), params)
    job_was_cancelled = job.cancelled
    del going_on  # not before the load was over
    if handle and not job_was_cancelled:
        return int(handle)
    if handle:
        api.llama_model_free(handle)
    job.check_cancelled()
    raise refusal(path)


_NO_ROOM = re.compile(
    r"out of memory|failed to allocate|unable to allocate|alloc_buffer|cannot allocate"
    r"|failed to reserve|failed to create context|failed to initialize the context"
)
_OTHER_KIND = re.compile(
    r"unknown model architecture|cannot be used as main model|unknown projector"
    r"|unsupported model architecture|mismatch between text model|does not support vision"
)
_DAMAGED = re.compile(
    r"corrupted|incomplete|exceeds|failed to (?:read|seek|open)|not within|missing tensor"
    r"|duplicated|wrong shape|wrong number of tensors|failed to load (?:clip )?model from"
    r"|unable to find tensor|key not found|invalid|unexpected end"
)


def refusal(path: Path) -> ModelError:
    """What the errors in the log mean, with the library's own reason."""
    lines = LOG.errors()
    said = " ".join(lines).lower()
    reason = _reason(lines, path)
    because = f": {reason}." if reason else "."
    if _NO_ROOM.search(said):
        return NotEnoughMemory(
            f"The model {path.name} does not fit into the memory there is{because}",
            "Close other programs, or choose a smaller model.",
        )
    if _OTHER_KIND.search(said):
        return WrongModel(
            f"{path.name} is not a model of the kind that is needed here{because}",
            "Choose a language model in GGUF format, or the projector that belongs to it.",
        )
    if _DAMAGED.search(said):
        return ModelDamaged(
            f"The model's file {path.name} is damaged or incomplete{because}",
            "Install the model again.",
        )
    return ModelFailed(
        f"llama.cpp could not open {path.name}{because}",
        "Install the model again; if that does not help, choose another.",
    )


def _reason(lines: list[str], path: Path) -> str:
    """The library's own words that say most, without the names of its functions and of folders."""
    for line in lines:
        text = line.replace(str(path), path.name).replace(str(path.parent), "")
        text = _PREFIXES.sub("", text).strip(" .\n")
        if text and not text.lower().startswith(("failed to load model", "failed to load clip")):
            return text[:200]
    return ""
