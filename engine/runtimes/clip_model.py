"""A CLIP or SigLIP model in memory, on one device or a replica on each of several.

Turns pixels and texts into vectors that may be compared with each other. Loads from the model's
own folder alone; keeps no vector and compares none.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from engine.errors import (
    Cancelled,
    LibraryMissing,
    ModelFailed,
    NotEnoughMemory,
    TwofoldError,
)
from engine.job import JobControl
from engine.model import InstalledModel
from engine.recipe import ClipOptions
from engine.runtimes import device as runtime
from engine.runtimes.clip_config import ClipConfig, read_config
from engine.runtimes.clip_network import build, fill, weights_file
from engine.runtimes.clip_text import Tokenize, tokenizer
from engine.runtimes.clip_vision import Preprocessing, preprocessing
from engine.runtimes.placement import place

if TYPE_CHECKING:
    import torch
    from torch import nn

CARD_BATCH = 128  # images; beyond it a card gains nothing
APPLE_BATCH = 32
CPU_BATCH = 16  # fills the processor; a run that is killed loses no more than these
LARGE = 500_000_000  # weights from which a processor takes a second an image
TEXT_BATCH = 64
CARD_TURNS = 2  # batches under way on a card, so that it never waits for the next

PixelBatch = npt.NDArray[np.uint8]  # (n, height, width, 3)
Halves = npt.NDArray[np.float16]
Floats = npt.NDArray[np.float32]
T = TypeVar("T")


def load(
    model: InstalledModel,
    options: ClipOptions,
    job: JobControl,
    devices: Sequence[torch.device] = (),
) -> ClipModel:
    """devices: one replica on each; none given takes all that Twofold finds on this machine.

    Raises WrongModel, ModelDamaged, ModelMissing, ModelRefused, BadManifest, LibraryMissing,
    NotEnoughMemory, ModelFailed, Cancelled.
    """
    runtime.require_torch()
    try:
        import open_clip  # noqa: F401 - only whether it loads
    except ImportError as error:
        raise LibraryMissing(
            f"open_clip is not installed or does not load ({error}).",
            "Install Twofold with its models: pip install 'twofold[models]'.",
        ) from None
    config, weights = read_config(model), weights_file(model)
    tokenize, prepare = tokenizer(model, config), preprocessing(model, config)
    replicas: list[_Replica] = []
    try:
        for device in devices or runtime.devices():
            dtype = runtime.dtype_for(device, options.precision)
            network = build(model, config)
            _check_room(model, network, device, dtype)
            fill(network, model, weights, device, dtype, job)
            replicas.append(_Replica(network, device, dtype, prepare))
    except (Cancelled, TwofoldError):
        raise
    except Exception as error:
        if runtime.is_out_of_memory(error):
            raise _does_not_fit(model) from error
        raise _failed(model, "could not be loaded", error) from error
    return ClipModel(model, config, options, replicas, tokenize, prepare)


class ClipModel:
    """See `engine.model_host.Resident`. For one thread at a time."""

    def __init__(
        self,
        model: InstalledModel,
        config: ClipConfig,
        options: ClipOptions,
        replicas: list[_Replica],
        tokenize: Tokenize,
        prepare: Preprocessing,
    ) -> None:
        self._model = model
        self._replicas = replicas
        self._tokenize: Tokenize | None = tokenize
        self._batch = options.batch or _usual_batch(replicas[0])
        self._text_batch = TEXT_BATCH
        self._guard = threading.Lock()
        self._remarks: dict[str, str] = {}
        self._peak = 0
        self.shape = prepare.shape
        self.dim = config.dim
        self.device = " + ".join(str(replica.device) for replica in replicas)
        self.precision = runtime.dtype_name(replicas[0].dtype)
        self.encoder_key = config.encoder_key(model, self.precision)

    @property
    def remarks(self) -> tuple[str, ...]:
        return tuple(self._remarks.values())

    @property
    def batch(self) -> int:
        """Images at a time on each device; smaller after memory ran out."""
        return self._batch

    def peak_bytes(self) -> int:
        self._peak = max([self._peak, sum(replica.peak_bytes() for replica in self._replicas)])
        return self._peak

    def close(self) -> None:
        if self._replicas:
            self.peak_bytes()
            for replica in self._replicas:
                replica.close()
            self._replicas.clear()
            self._tokenize = None
            runtime.empty_cache()

    def new_batch(self, images: int) -> PixelBatch:
        """Memory for pixels that the device can fetch from fastest."""
        shape = (images, self.shape.height_px, self.shape.width_px, 3)
        return self._replicas[0].new_batch(shape)

    def encode_images(self, pixels: PixelBatch, job: JobControl) -> Halves:
        """(n, dim) float16, rows of unit length, in order. pixels: any number, of `shape`.

        Raises NotEnoughMemory when not even one image fits, ModelFailed, Cancelled.
        """
        replica = self._replicas[0]
        replica.job = job

        def encode(start: int, stop: int) -> Floats:
            return replica.images(pixels[start:stop])

        rows = self._in_batches(len(pixels), encode, lambda: self._batch, self._halve_images)
        return rows.astype(np.float16)

    def encode_texts(self, texts: Sequence[str], job: JobControl) -> Floats:
        """(n, dim) float32, rows of unit length, in order; what is too long is cut off.

        Raises NotEnoughMemory when not even one text fits, ModelFailed, Cancelled.
        """
        replica = self._replicas[0]
        replica.job = job

        def encode(start: int, stop: int) -> Floats:
            assert self._tokenize is not None
            return replica.texts(self._tokenize(list(texts[start:stop])))

        return self._in_batches(len(texts), encode, lambda: self._text_batch, self._halve_texts)

    def encode_each(
        self, batches: Iterable[tuple[T, PixelBatch]], job: JobControl
    ) -> Generator[tuple[T, Halves]]:
        """`encode_images` for one batch after another, dealt out over the devices.

        The next batches are collected while earlier ones are worked on; the order stays.
        """
        turns: queue.SimpleQueue[_Replica] = queue.SimpleQueue()
        for _ in range(CARD_TURNS if self._replicas[0].device.type == "cuda" else 1):
            for replica in self._replicas:
                replica.job = job
                turns.put(replica)
        waiting: deque[tuple[T, Future[Halves]]] = deque()
        pool = ThreadPoolExecutor(turns.qsize(), "encoder")
        at_most = turns.qsize() + 1  # so that one is ready whenever a device becomes free
        try:
            for item, pixels in batches:
                waiting.append((item, pool.submit(self._take_turn, turns, pixels)))
                while waiting and (len(waiting) >= at_most or waiting[0][1].done()):
                    done, future = waiting.popleft()
                    yield done, future.result()
            while waiting:
                done, future = waiting.popleft()
                yield done, future.result()
        finally:
            pool.shutdown(cancel_futures=True)

    def _take_turn(self, turns: queue.SimpleQueue[_Replica], pixels: PixelBatch) -> Halves:
        replica = turns.get()
        try:
            rows = self._in_batches(
                len(pixels),
                lambda start, stop: replica.images(pixels[start:stop]),
                lambda: self._batch,
                self._halve_images,
            )
            return rows.astype(np.float16)
        finally:
            turns.put(replica)

    def _in_batches(
        self,
        total: int,
        encode: Callable[[int, int], Floats],
        batch: Callable[[], int],
        halve: Callable[[int], None],
    ) -> Floats:
        rows = np.empty((total, self.dim), np.float32)
        start = 0
        while start < total:
            stop = min(start + batch(), total)
            found = self._try(encode, start, stop)
            if found is None:
                halve(stop - start)
                continue
            if not np.isfinite(found).all():
                raise ModelFailed(
                    f"{self._model.spec.title} returned numbers that are not finite in "
                    f"{self.precision}.",
                    "Set clip.precision to bfloat16 or float32, or install the model again.",
                )
            rows[start:stop] = found
            start = stop
        return rows

    def _try(self, encode: Callable[[int, int], Floats], start: int, stop: int) -> Floats | None:
        """None when memory ran out; the error and all it holds are gone by then."""
        try:
            return encode(start, stop)
        except (Cancelled, TwofoldError):
            raise
        except Exception as error:
            if runtime.is_out_of_memory(error):
                return None
            raise _failed(self._model, "failed while it worked", error) from error

    def _halve_images(self, tried: int) -> None:
        with self._guard:
            self._batch = min(self._batch, self._half(tried))
            self._remarks["images"] = (
                f"The batch was halved to {self._batch} images for want of memory."
            )

    def _halve_texts(self, tried: int) -> None:
        with self._guard:
            self._text_batch = min(self._text_batch, self._half(tried))
            self._remarks["texts"] = (
                f"The batch was halved to {self._text_batch} texts for want of memory."
            )

    def _half(self, tried: int) -> int:
        runtime.empty_cache()
        if tried <= 1:
            raise _does_not_fit(self._model)
        return tried // 2


class _Replica:
    """The network on one device, with the arithmetic before and after it."""

    def __init__(
        self,
        network: nn.Module,
        device: torch.device,
        dtype: torch.dtype,
        prepare: Preprocessing,
    ) -> None:
        import torch
        from torch import nn

        self.device = device
        self.dtype = dtype
        self.job: JobControl | None = None
        self.weights = sum(weight.numel() for weight in network.parameters())
        self._network: Any = network
        self._scale = torch.tensor(prepare.scale, device=device).view(1, 3, 1, 1)
        self._shift = torch.tensor(prepare.shift, device=device).view(1, 3, 1, 1)
        for module in network.modules():  # each layer begins with one of these
            if isinstance(module, nn.LayerNorm | nn.BatchNorm2d):
                module.register_forward_pre_hook(self._stop)

    def _stop(self, module: nn.Module, given: Any) -> None:  # noqa: ARG002  as torch calls it
        """One image may take a processor longer than a person wants to wait."""
        if self.job is not None:
            self.job.check_cancelled()

    def close(self) -> None:
        self._network = None  # it refers back to here, through the hooks

    def new_batch(self, shape: tuple[int, ...]) -> PixelBatch:
        if self.device.type != "cuda":
            return np.empty(shape, np.uint8)
        import torch

        pinned: PixelBatch = torch.empty(shape, dtype=torch.uint8, pin_memory=True).numpy()
        return pinned

    def images(self, pixels: PixelBatch) -> Floats:
        import torch

        with torch.inference_mode():
            given = torch.from_numpy(pixels).to(self.device, non_blocking=True)
            # the arithmetic of the model's own preprocessing, in float32 as it does it
            values = given.permute(0, 3, 1, 2).to(torch.float32)
            values = values.mul_(self._scale).add_(self._shift).to(self.dtype)
            return self._unit(self._network.encode_image(values))

    def texts(self, tokens: torch.Tensor) -> Floats:
        import torch

        with torch.inference_mode():
            return self._unit(self._network.encode_text(tokens.to(self.device)))

    def _unit(self, vectors: torch.Tensor) -> Floats:
        import torch

        rows = vectors.to(torch.float32)
        rows = rows / rows.norm(dim=-1, keepdim=True)
        if self.device.type != "cuda":
            fetched: Floats = rows.cpu().numpy()
            return fetched
        pinned = torch.empty(rows.shape, dtype=rows.dtype, pin_memory=True)
        with torch.cuda.device(self.device):
            pinned.copy_(rows, non_blocking=True)
            # waits for these rows alone, not for the batch that another thread sent after them
            done = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]
            done.record()
            done.synchronize()
        fetched = pinned.numpy()
        return fetched

    def peak_bytes(self) -> int:
        if self.device.type != "cuda":
            return 0
        import torch

        return int(torch.cuda.max_memory_allocated(self.device))


def _usual_batch(replica: _Replica) -> int:
    kind = replica.device.type
    if kind == "cpu":
        return 1 if replica.weights > LARGE else CPU_BATCH
    return CARD_BATCH if kind == "cuda" else APPLE_BATCH


def _check_room(
    model: InstalledModel, network: nn.Module, device: torch.device, dtype: torch.dtype
) -> None:
    """A card says when its memory is full; in main memory the system may end the process instead.

    Raises NotEnoughMemory.
    """
    if device.type != "cuda":
        weights = sum(weight.numel() for weight in network.parameters()) * dtype.itemsize
        place(weights, device.type, (), runtime.main_memory()[0], model.spec.title)


def _does_not_fit(model: InstalledModel) -> NotEnoughMemory:
    return NotEnoughMemory(
        f"{model.spec.title} does not fit into the memory there is.",
        "Close other programs that use the graphics card, or choose a smaller model.",
    )


def _failed(model: InstalledModel, what: str, error: Exception) -> ModelFailed:
    return ModelFailed(
        f"{model.spec.title} {what} ({type(error).__name__}).",
        "Run “twofold doctor”; update the graphics driver, or choose another model.",
    )
