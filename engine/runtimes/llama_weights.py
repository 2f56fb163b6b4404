"""A language model's weights in memory: which file, how much of it on the graphics card, and why.

For the language model in `engine.runtimes.llama`, and for captioners that feed it images.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from engine.errors import NotEnoughMemory, WrongModel
from engine.job import JobControl
from engine.model import InstalledModel
from engine.runtimes import device, llama_chat
from engine.runtimes.llama_chat import Layout, Vocabulary
from engine.runtimes.llama_context import Context, context_size
from engine.runtimes.llama_library import LOG, can_use_gpu, library, open_model
from engine.runtimes.llama_placement import ALL, Placement, fewer, memory_need, place
from engine.runtimes.llama_sampling import Sampler
from engine.runtimes.placement import MAIN_SHARE, size

STEP_CPU = 128  # tokens read at a time: enough to share the reading of the weights
STEP_GPU = 256

_FIRST_OF_MANY = re.compile(r"-00001-of-\d{5}\.gguf$")
_PROJECTOR = "mmproj"
_PRECISIONS = {"all F32": "float32", "F16": "float16", "BF16": "bfloat16"}
_SIZES = {" - Medium": "_M", " - Small": "_S", " - Large": "_L"}


@dataclass(slots=True)
class Weights:
    """A model's weights in memory, and what reads with them."""

    handle: int
    context: Context
    vocabulary: Vocabulary
    layout: Layout
    device: str
    precision: str
    remarks: tuple[str, ...]
    on_gpu: bool
    threads: int
    taken_bytes: int = 0

    def peak_bytes(self) -> int:
        return self.taken_bytes

    def close(self) -> None:
        self.context.close()
        if self.handle:
            library().llama_model_free(self.handle)
            self.handle = 0

    def generate(
        self, sampler: Sampler, max_tokens: int, job: JobControl, position: int | None = None
    ) -> str:
        """What the model says after what its context holds.

        position: where the first new token stands, when images stand before it. Raises Cancelled
        and ModelFailed.
        """
        said = b""
        for k in range(max_tokens):
            job.check_cancelled()
            token = sampler.draw(self.context.logits())
            if self.vocabulary.ends(token):
                break
            said += self.vocabulary.piece(token)
            if k + 1 == max_tokens:
                break
            if position is None:
                self.context.go_on(token, job)
            else:
                self.context.put([token], position + k, job)
        return said.decode("utf-8", "replace")


def load_weights(model: InstalledModel, context: int, job: JobControl) -> Weights:
    """A model's weights, on the graphics card as far as they fit there, and a context for them.

    context: tokens of question and answer together; at most what the model was trained on.
    Raises ModelDamaged, WrongModel, NotEnoughMemory, LibraryMissing, ModelFailed or Cancelled.
    """
    library()
    path = language_file(model)
    _check_room(model)
    remarks: list[str] = []
    placement: Placement | None = _plan(path, model, context, job, remarks)
    while placement is not None:
        try:
            weights = _load(path, context, placement, job)
        except NotEnoughMemory:
            placement = fewer(placement)
            if placement is None:
                raise
        else:
            on_card = [placement.remark()] if can_use_gpu() else []
            layout = [weights.layout.remark]
            weights.remarks = tuple(r for r in (*remarks, *on_card, *layout) if r)
            return weights
    raise AssertionError("the last placement, on the processor alone, either loads or raises")


def language_file(model: InstalledModel) -> Path:
    """The file to open: the only one, or the first part of several. Raises WrongModel."""
    names = [
        name
        for name in sorted(model.files)
        if name.endswith(".gguf") and _PROJECTOR not in name.rpartition("/")[2].lower()
    ]
    if len(names) == 1:
        return model.files[names[0]]
    if names and _FIRST_OF_MANY.search(names[0]):
        return model.folder / names[0]  # its parts are looked for beside it
    raise WrongModel(
        f"{model.spec.title} has {len(names) or 'no'} language model files in GGUF format.",
        "A model is one .gguf file, or the numbered parts of one.",
    )


def projector_file(model: InstalledModel) -> Path:
    """The file with the image encoder of a vision model. Raises WrongModel."""
    names = [
        name
        for name in model.files
        if name.endswith(".gguf") and _PROJECTOR in name.rpartition("/")[2].lower()
    ]
    if len(names) != 1:
        raise WrongModel(
            f"{model.spec.title} has {len(names) or 'no'} image projectors (mmproj-….gguf).",
            "A vision model in GGUF format needs its projector beside it; install both files.",
        )
    return model.files[names[0]]


def _check_room(model: InstalledModel) -> None:
    """Mapped weights that do not fit are read from the disk again for every word.

    Raises NotEnoughMemory.
    """
    files = [file for name, file in model.files.items() if name.endswith(".gguf")]
    weights = sum(file.stat().st_size for file in files if file.is_file())
    card = device.gpu_memory()[0] if can_use_gpu() else 0
    room = card + int(device.main_memory()[0] * MAIN_SHARE)
    if weights > room:
        raise NotEnoughMemory(
            f"{model.spec.title} needs {size(weights)} for its weights, and {size(room)} of memory "
            "is free.",
            "Close other programs, or name a smaller model in the recipe.",
        )


def _plan(
    path: Path, model: InstalledModel, context: int, job: JobControl, remarks: list[str]
) -> Placement:
    """Where to load first; what is odd about that goes to the remarks."""
    free, _ = device.gpu_memory()
    if not can_use_gpu():
        if free:
            remarks.append(
                "This llama.cpp was built without support for graphics cards, so that the "
                "processor works although there is a card."
            )
        return Placement(0, 0)
    if not free:
        return Placement(ALL, 0)  # a card of a kind that is not asked for its memory: try it
    facts = _facts(path, job)
    layers = int(facts.get(f"{facts.get('general.architecture', '')}.block_count", "32"))
    weight_bytes = sum(
        file.stat().st_size for name, file in model.files.items() if name.endswith(".gguf")
    )
    return place(weight_bytes, memory_need(facts, context), layers, free)


def _load(path: Path, context: int, placement: Placement, job: JobControl) -> Weights:
    api = library()
    layers = ALL if placement.whole else placement.layers
    with _handle(path, layers, job) as handle:
        _check_kind(handle)
        on_gpu = not placement.none
        buffers = LOG.buffers()
        LOG.clear()
        threads = _threads()
        vocabulary = Vocabulary(handle)
        layout = llama_chat.layout_of(handle, vocabulary, job)
        size = context_size(context, int(api.llama_model_n_ctx_train(handle)))
        made = Context(handle, size, STEP_GPU if on_gpu else STEP_CPU, threads, on_gpu)
    for place_, size_bytes in LOG.buffers().items():
        buffers[place_] = buffers.get(place_, 0) + size_bytes
    on_card = {name: size_bytes for name, size_bytes in buffers.items() if "CPU" not in name}
    return Weights(
        handle=handle,
        context=made,
        vocabulary=vocabulary,
        layout=layout,
        device=_device(placement),
        precision=_precision(handle),
        remarks=(),
        on_gpu=on_gpu,
        threads=threads,
        taken_bytes=sum((on_card if on_gpu and on_card else buffers).values()),
    )


@contextmanager
def _handle(
    path: Path, layers: int, job: JobControl, vocabulary_only: bool = False, keep: bool = True
) -> Iterator[int]:
    """A model's handle, freed when what follows fails, or in any case unless `keep`."""
    handle = open_model(path, layers, job, vocabulary_only)
    done = False
    try:
        yield handle
        done = True
    finally:
        if not (done and keep):
            library().llama_model_free(handle)


def _facts(path: Path, job: JobControl) -> dict[str, str]:
    """The header's facts that say how much memory a model needs."""
    with _handle(path, 0, job, vocabulary_only=True, keep=False) as handle:
        kind = _fact(handle, "general.architecture")
        names = [
            "block_count",
            "embedding_length",
            *(f"attention.{name}" for name in ("head_count", "head_count_kv")),
            *(f"attention.{name}" for name in ("key_length", "value_length")),
        ]
        facts = {f"{kind}.{name}": _fact(handle, f"{kind}.{name}") for name in names}
        return {"general.architecture": kind} | facts


def _fact(handle: int, name: str) -> str:
    buffer = ctypes.create_string_buffer(256)
    length = library().llama_model_meta_val_str(handle, name.encode(), buffer, len(buffer))
    return buffer.value.decode("utf-8", "replace") if length > 0 else ""


def _check_kind(handle: int) -> None:
    """Raises WrongModel for what is a GGUF model but none that can answer."""
    api = library()
    kind = _fact(handle, "general.architecture")
    answers = (
        api.llama_model_has_decoder(handle)
        and not api.llama_model_has_encoder(handle)
        and not api.llama_model_is_diffusion(handle)
        and _fact(handle, f"{kind}.attention.causal") != "false"
        and api.llama_vocab_type(api.llama_model_get_vocab(handle)) != 0
    )
    if not answers:
        raise WrongModel(
            f"This is a model of the kind “{kind}”, which does not answer questions.",
            "Choose a language model that was trained to follow instructions.",
        )


def _threads() -> int:
    """One for each real core that this process may use; more only wait for each other."""
    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    if sys.platform == "darwin":
        return cores
    return max(1, min(cores, len(psutil.Process().cpu_affinity())))


def _device(placement: Placement) -> str:
    if placement.none:
        return "cpu"
    card = "mps" if sys.platform == "darwin" else "cuda:0"
    return card if placement.whole else f"{card} + cpu"


def _precision(handle: int) -> str:
    """ "Q4_K_M", "float16"; "" where it is not stated."""
    api = library()
    raw: bytes = api.llama_ftype_name(api.llama_model_ftype(handle)) or b""
    name = raw.decode("utf-8", "replace").removeprefix("(guessed) ")
    for long, short in _SIZES.items():
        name = name.replace(long, short)
    return _PRECISIONS.get(name, name.partition(" - ")[0])
