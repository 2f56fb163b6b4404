"""Image encoders of GGUF vision models: what a language model of llama.cpp sees of an image.

Takes decoded pixels and hands them to the library as they are; no file and no address of an
image is ever involved. Asks no question.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from engine.errors import LibraryMissing, ModelDamaged, ModelFailed, NotEnoughMemory, WrongModel
from engine.job import JobControl
from engine.pixels import Pixels
from engine.runtimes.llama_library import LOG, library, log_callback, refusal
from engine.runtimes.llama_weights import Weights

_ASK_EVERY = 16  # operations of the encoder after which it is asked whether to stop


@cache
def _library() -> ModuleType:
    """The C interface for images. Raises LibraryMissing."""
    library()
    try:
        from llama_cpp import mtmd_cpp as api
    except (ImportError, OSError, RuntimeError, AttributeError) as error:
        raise LibraryMissing(
            f"This llama.cpp cannot read images ({error}).",
            "Install Twofold with its models: pip install 'twofold[models]'.",
        ) from None
    api.mtmd_log_set(log_callback(), ctypes.c_void_p(None))
    api.mtmd_helper_log_set(log_callback(), ctypes.c_void_p(None))
    return api


class ImageEncoder:
    """Writes images into a language model's context.

    path: of the projector that belongs to these weights. Raises ModelDamaged, WrongModel,
    NotEnoughMemory, LibraryMissing, ModelFailed or Cancelled.
    """

    def __init__(self, path: Path, weights: Weights, job: JobControl) -> None:
        api = _library()
        if not path.is_file():
            raise ModelDamaged(f"The model's file {path.name} is gone.", "Install the model again.")
        self._weights = weights
        self._job: JobControl | None = job
        self._operations = 0
        # references, for as long as the library may call them
        self._ask = library().ggml_backend_sched_eval_callback(
            lambda _tensor, asks, _data: self._may_go_on(asks)
        )
        self._loading = api.mtmd_progress_callback(lambda _share, _data: not self._is_to_stop())
        params = api.mtmd_context_params_default()
        params.use_gpu = weights.on_gpu
        params.print_timings = False
        params.n_threads = weights.threads
        params.cb_eval = self._ask
        params.progress_callback = self._loading
        LOG.clear()
        self._handle: Any = api.mtmd_init_from_file(str(path).encode(), weights.handle, params)
        self._job = None
        if not self._handle:
            job.check_cancelled()
            raise refusal(path)
        if not api.mtmd_support_vision(self._handle):
            self.close()
            raise WrongModel(
                f"{path.name} belongs to a model that hears, and sees no images.",
                "Install a vision model with its own projector.",
            )
        self.peak_bytes = sum(LOG.buffers().values())

    def write(self, pixels: Pixels, position: int, job: JobControl) -> int:
        """Puts an image into the context at a position; returns the position behind it.

        pixels: (height, width, 3) uint8. Raises Cancelled, NotEnoughMemory or ModelFailed; the
        context must then be emptied.
        """
        api = _library()
        LOG.clear()
        with self._chunks(pixels) as chunks:
            length = int(api.mtmd_helper_get_n_pos(chunks))
            cells = int(api.mtmd_helper_get_n_tokens(chunks))
            if position + max(length, cells) >= self._weights.context.size:
                raise ModelFailed(
                    f"An image takes {cells} tokens, more than the model's context of "
                    f"{self._weights.context.size} has room for.",
                    "Choose another captioner.",
                )
            for k in range(int(api.mtmd_input_chunks_size(chunks))):
                job.check_cancelled()
                position = self._write(api.mtmd_input_chunks_get(chunks, k), position, job)
        return position

    def close(self) -> None:
        if self._handle:
            _library().mtmd_free(self._handle)
            self._handle = None

    def _write(self, chunk: Any, position: int, job: JobControl) -> int:
        after = library().llama_pos(position)
        self._job = job
        try:
            with self._weights.context.heeding(job):
                code = _library().mtmd_helper_eval_chunk_single(
                    self._handle,
                    self._weights.context.handle,
                    chunk,
                    position,
                    0,
                    self._weights.context.step,
                    False,
                    ctypes.byref(after),
                )
        finally:
            self._job = None
        job.check_cancelled()
        if code:
            said = " ".join(LOG.errors()).lower()
            if "alloc" in said or "memory" in said:
                raise NotEnoughMemory(
                    "Memory ran out while the model looked at an image.",
                    "Close other programs, or choose a smaller captioner.",
                )
            raise ModelFailed(
                f"llama.cpp gave up while it looked at an image (code {code}).",
                "Run it again; if that does not help, choose another captioner.",
            )
        return int(after.value)

    @contextmanager
    def _chunks(self, pixels: Pixels) -> Iterator[Any]:
        """The image cut and arranged as the model wants it, with the marks around it."""
        api = _library()
        height, width = pixels.shape[:2]
        data = np.ascontiguousarray(pixels)
        bitmap = api.mtmd_bitmap_init(
            width, height, data.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
        )
        chunks = api.mtmd_input_chunks_init()
        try:
            part = api.mtmd_input_part(text=None, bitmap=bitmap)
            parts = (ctypes.POINTER(api.mtmd_input_part) * 1)(ctypes.pointer(part))
            code = api.mtmd_tokenize_from_parts(self._handle, chunks, parts, 1, False)
            if code:
                raise ModelFailed(
                    f"llama.cpp could not prepare an image (code {code}).",
                    "Choose another captioner.",
                )
            yield chunks
        finally:
            api.mtmd_input_chunks_free(chunks)
            api.mtmd_bitmap_free(bitmap)

    def _is_to_stop(self) -> bool:
        return self._job is not None and self._job.cancelled

    def _may_go_on(self, asks: bool) -> bool:
        """Called before each operation, asking whether to be called after it, too."""
        if not asks:
            return not self._is_to_stop()
        self._operations += 1
        return self._operations % _ASK_EVERY == 0
