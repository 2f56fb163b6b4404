"""Loads a model of the transformers library from a folder on this machine, and nothing else.

Safetensors only, no code from the folder, no hub, nothing printed. Writes no caption.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import (
    Cancelled,
    LibraryMissing,
    ModelDamaged,
    ModelFailed,
    NotEnoughMemory,
    TwofoldError,
)
from engine.job import JobControl
from engine.model import InstalledModel
from engine.runtimes import device
from engine.runtimes.placement import Placement, place, texts_at_a_time
from engine.runtimes.transformers_files import (
    REINSTALL,
    check_architecture,
    check_tokenizer,
    count_elements,
)

if TYPE_CHECKING:
    import torch

#: which tokens begin, end and fill a text; nothing else a folder says about writing is followed
TOKENS = ("bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id")


@dataclass(slots=True)
class LoadedModel:
    """A network in memory and the processor that turns images and words into its input.

    network: transformers' PreTrainedModel; processor: its ProcessorMixin. Both are None once
    `close` was called. They are Any because their types tell nothing of one architecture.
    """

    title: str
    network: Any
    processor: Any
    device: str
    input_device: torch.device
    dtype: torch.dtype
    remarks: tuple[str, ...] = ()

    @property
    def precision(self) -> str:
        return device.dtype_name(self.dtype)

    def peak_bytes(self) -> int:
        """Over all graphics cards; 0 elsewhere, where torch does not count."""
        import torch

        if not torch.cuda.is_available():
            return 0
        cards = [name for name in self.device.split(" + ") if name.startswith("cuda")]
        return sum(torch.cuda.max_memory_allocated(name) for name in cards)

    def texts_at_a_time(self, tokens: int, most: int) -> int:
        """How many texts of so many tokens, all beams included, fit into memory side by side."""
        import torch

        words = self.network.config.text_config
        heads = words.num_attention_heads
        width = getattr(words, "head_dim", None) or words.hidden_size // heads
        kept = 2 * words.num_hidden_layers * (getattr(words, "num_key_value_heads", 0) or heads)
        kind = self.input_device.type
        free = (
            torch.cuda.mem_get_info(self.input_device)[0]
            if kind == "cuda"
            else device.main_memory()[0]
        )
        return texts_at_a_time(free, kind, kept * width * self.dtype.itemsize, tokens, most)

    @contextmanager
    def stopping(self, job: JobControl) -> Iterator[None]:
        """Raises Cancelled between any two layers while the network runs inside this block.

        Between layers and not between words: one pass of a large network over a long prompt
        takes far longer than two seconds on a processor.
        """
        import torch

        def check(*_: object) -> None:
            job.check_cancelled()

        layers = [
            layer
            for holder in self.network.modules()
            if isinstance(holder, torch.nn.ModuleList)
            for layer in holder
        ]
        handles = [layer.register_forward_pre_hook(check) for layer in layers]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def close(self) -> None:
        """Gives the memory back; a second call does nothing."""
        self.network = None
        self.processor = None
        gc.collect()
        device.empty_cache()


def precision(model: InstalledModel) -> str:
    """In which precision this machine would hold a model, without loading it."""
    return device.dtype_name(_dtype(model))


def _dtype(model: InstalledModel) -> torch.dtype:
    first = device.devices()[0]
    # on a processor the manifest may ask for bfloat16, where float32 would fit hardly any machine
    wanted = str(model.spec.options.get("cpu_precision", "auto")) if first.type == "cpu" else "auto"
    return device.dtype_for(first, wanted)


def load(
    model: InstalledModel,
    architectures: tuple[str, ...],
    network: str,
    processor: str,
    job: JobControl,
) -> LoadedModel:
    """The model in memory, in evaluation mode.

    architectures: class names the model's config.json may state. network, processor: classes of
    transformers that load them. Raises WrongModel, ModelDamaged, ModelRefused, NotEnoughMemory,
    LibraryMissing, ModelFailed or Cancelled.
    """
    title = model.spec.title
    check_architecture(model, architectures)
    check_tokenizer(model)
    elements = count_elements(model)
    library = _library()
    job.check_cancelled()
    dtype = _dtype(model)
    placement = _place(elements * dtype.itemsize, title)
    with _loading(model, job):
        made = getattr(library, processor).from_pretrained(
            model.folder, local_files_only=True, trust_remote_code=False
        )
        loaded, report = getattr(library, network).from_pretrained(
            model.folder,
            dtype=dtype,
            **_device_map(placement),
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
    if report["missing_keys"]:
        raise ModelDamaged(
            f"The files of {title} lack {len(report['missing_keys'])} of its tensors.", REINSTALL
        )
    if len(made.tokenizer) > loaded.get_input_embeddings().num_embeddings:
        raise ModelDamaged(f"The tokenizer of {title} belongs to another model.", REINSTALL)
    loaded.eval()
    _keep_only_tokens(library, loaded)
    where = _where(loaded, placement)
    if "disk" in where:
        del loaded
        gc.collect()
        raise NotEnoughMemory(
            f"{title} does not fit into the memory that is free.",
            "Close other programs, or name a smaller model in the recipe.",
        )
    return LoadedModel(
        title=title,
        network=loaded,
        processor=made,
        device=" + ".join(where),
        input_device=_torch_device(where[0]),
        dtype=dtype,
        remarks=_remarks(loaded, where),
    )


def _library() -> Any:
    """transformers, told to keep quiet. Raises LibraryMissing."""
    device.require_torch()
    try:
        import accelerate  # noqa: F401 - device maps need it
        import transformers
    except ImportError as error:
        raise LibraryMissing(
            f"A library that captioners need is missing ({error.name}).",
            "Install Twofold with its models: pip install 'twofold[models]'.",
        ) from None
    library: Any = transformers  # its own types are too loose to check against
    library.logging.set_verbosity_error()
    library.logging.disable_progress_bar()
    return library


@contextmanager
def _loading(model: InstalledModel, job: JobControl) -> Iterator[None]:
    """Reports and stops while tensors are read, and says in our words what went wrong."""
    from transformers.utils import logging

    def watched(factory: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        bar = factory(*args, **kwargs)
        if not args:
            return bar
        return _watched(list(args[0]), job)

    before = logging.set_tqdm_hook(watched)
    try:
        yield
    except (Cancelled, TwofoldError):
        raise
    except ImportError as error:
        raise LibraryMissing(
            f"{model.spec.title} needs a library that is missing ({error.name or error}).",
            "Install Twofold with its models: pip install 'twofold[models]'.",
        ) from error
    except Exception as error:
        if device.is_out_of_memory(error):
            raise NotEnoughMemory(
                f"There was not enough memory to load {model.spec.title}.",
                "Close other programs, or name a smaller model in the recipe.",
            ) from error
        raise ModelDamaged(
            f"{model.spec.title} could not be loaded: {reason(error, model.folder)}", REINSTALL
        ) from error
    finally:
        logging.set_tqdm_hook(before)


def _watched(items: list[Any], job: JobControl) -> Iterator[Any]:
    for done, item in enumerate(items):
        job.progress("load", done, len(items))
        yield item


def _keep_only_tokens(library: Any, network: Any) -> None:
    """Drops what the folder says about how to write, but for its special tokens.

    An answer must follow from the recipe alone, not from a temperature or a penalty that some
    folder brings along.
    """
    for part in network.modules():
        stated = getattr(part, "generation_config", None)
        if stated is not None:
            tokens = {name: getattr(stated, name, None) for name in TOKENS}
            part.generation_config = library.GenerationConfig(**tokens)


def reason(error: BaseException, folder: Path | None = None) -> str:
    """The first line of a library's complaint, without the folder's path, as half a sentence."""
    words = str(error).strip().splitlines()
    line = words[0] if words else type(error).__name__
    if folder is not None:
        line = line.replace(str(folder), "its folder")
    return line[:200].rstrip(".") + "."


def failed(title: str, doing: str, error: BaseException) -> ModelFailed:
    """What is raised when a library gives up in the middle of its work."""
    return ModelFailed(
        f"{title} failed while it {doing}: {reason(error)}",
        "Try again; if it fails again, check the model's files, or update the graphics driver.",
    )


def _place(weights: int, title: str) -> Placement:
    import torch

    here = device.machine()
    cards = []
    if here.kind == "cuda":
        device.empty_cache()
        for i in range(here.count):
            torch.cuda.reset_peak_memory_stats(i)
            cards.append(torch.cuda.mem_get_info(i)[0])
    return place(weights, here.kind, cards, device.main_memory()[0], title)


def _device_map(placement: Placement) -> dict[str, Any]:
    """The arguments that make transformers and accelerate follow a placement."""
    if not placement.split:
        return {"device_map": {"": next(iter(placement.devices))}}
    limits = {
        int(name.removeprefix("cuda:")) if name.startswith("cuda:") else name: room
        for name, room in placement.devices.items()
    }
    return {"device_map": "sequential", "max_memory": limits}


def _where(network: Any, placement: Placement) -> list[str]:
    """Devices that hold weights, graphics cards first."""
    placed = getattr(network, "hf_device_map", None)
    if not placed:
        return list(placement.devices)
    return sorted({_name(value) for value in placed.values()}, key=lambda d: (d == "cpu", d))


def _name(value: object) -> str:
    return f"cuda:{value}" if isinstance(value, int) else str(value)


def _torch_device(name: str) -> torch.device:
    import torch

    return torch.device(name)


def _remarks(network: Any, where: list[str]) -> tuple[str, ...]:
    if len(where) < 2 or "cpu" not in where:
        return ()
    import torch

    layers = [
        f"{name}.{i}"
        for name, module in network.named_modules()
        if isinstance(module, torch.nn.ModuleList)
        for i in range(len(module))
    ]
    in_main = sum(_device_of(layer, network.hf_device_map) == "cpu" for layer in layers)
    return (
        f"The graphics card could not hold the whole model: {in_main} of its {len(layers)} layers "
        "stayed in main memory, which is slower.",
    )


def _device_of(layer: str, placed: dict[str, Any]) -> str:
    """Of the longest name in the map that the layer's name begins with."""
    parts = layer.split(".")
    for k in range(len(parts), -1, -1):
        if (prefix := ".".join(parts[:k])) in placed:
            return _name(placed[prefix])
    return ""
