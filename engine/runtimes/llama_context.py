"""A model's memory of what it has read: reads tokens on, goes back, and stops when asked.

What was read is read in steps that begin at multiples of a fixed number of tokens, and memory is
cut back to such a multiple only. So every number is computed in the same company, and an answer
does not depend, not even in its last bit, on what was asked before. Knows no text.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import ModelFailed, NotEnoughMemory
from engine.job import JobControl
from engine.runtimes.llama_library import LOG, library

SLICE = 256  # the library makes contexts in multiples of it
_ONLY_WHAT_CANNOT_REWIND = 1  # LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY
_ABORTED = 2
_NO_ROOM = -2


def context_size(wanted: int, trained: int) -> int:
    """Tokens of a context: what was asked for, in slices, at most what the model was trained on."""
    size = -(-max(wanted, SLICE) // SLICE) * SLICE
    return min(size, max(trained // SLICE, 1) * SLICE) if trained > 0 else size


@dataclass(slots=True)
class _Mark:
    """A memory that cannot be cut back, as it was after these tokens."""

    tokens: list[int]
    state: ctypes.Array[ctypes.c_uint8]


class Context:
    """One conversation's memory.

    model: handle of the weights; outlives this. size: tokens. step: tokens evaluated at a time.
    Raises NotEnoughMemory.
    """

    def __init__(self, model: int, size: int, step: int, threads: int, on_gpu: bool) -> None:
        api = library()
        self.size = size
        self.step = step
        self.evaluated = 0  # tokens computed so far, for benchmarks
        self._job: JobControl | None = None
        self._held: list[int] = []  # tokens in memory
        self._mark: _Mark | None = None
        # called between any two operations; only processors ask, a card's steps are short
        self._stop = api.ggml_abort_callback(lambda _data: self._is_to_stop())
        params = api.llama_context_default_params()
        params.n_ctx = size
        params.n_batch = params.n_ubatch = min(step, size)
        params.n_threads = params.n_threads_batch = threads
        params.offload_kqv = params.op_offload = on_gpu
        params.no_perf = True
        params.abort_callback = self._stop
        self._handle: Any = api.llama_init_from_model(model, params)
        if not self._handle:
            errors = LOG.errors()
            raise NotEnoughMemory(
                f"There is no memory for a context of {size} tokens"
                + (f": {errors[0].partition(': ')[2][:200]}." if errors else "."),
                "Lower the recipe's language.context, close other programs, or choose a smaller "
                "model.",
            )
        self._memory = api.llama_get_memory(self._handle)
        self._words = api.llama_vocab_n_tokens(api.llama_model_get_vocab(model))
        self._rewinds = not (
            api.llama_model_is_recurrent(model) or api.llama_model_is_hybrid(model)
        )
        self._batch = api.llama_batch_init(step, 0, 1)

    @property
    def handle(self) -> Any:
        """For image encoders that write into this memory; `forget` before, `put` text around."""
        return self._handle

    def read(self, tokens: Sequence[int], shared: int, job: JobControl) -> None:
        """Leaves exactly these tokens in memory, the last one's numbers ready for `logits`.

        shared: how many of them the next call will begin with, too, as far as is known. Raises
        Cancelled within two seconds and ModelFailed; the memory is then empty and usable.
        """
        if not 0 < len(tokens) < self.size:
            raise ValueError(f"{len(tokens)} tokens for a context of {self.size}")
        begin = self._go_back(list(tokens))
        keep = shared // self.step * self.step
        for at in range(begin, len(tokens), self.step):
            chunk = tokens[at : at + self.step]
            self._evaluate(chunk, at, at + len(chunk) == len(tokens), job)
            self._held.extend(chunk)
            if not self._rewinds and at + len(chunk) == keep:
                self._set_mark()

    def go_on(self, token: int, job: JobControl) -> None:
        """Reads one more token."""
        self._evaluate([token], len(self._held), True, job)
        self._held.append(token)

    def put(self, tokens: Sequence[int], position: int, job: JobControl) -> None:
        """Reads tokens at a position, for callers who keep count because images stand before.

        Nothing of such a memory is used again by `read`. Raises as `read` does.
        """
        self._held.clear()
        self._mark = None
        for at in range(0, len(tokens), self.step):
            chunk = tokens[at : at + self.step]
            self._evaluate(chunk, position + at, at + len(chunk) == len(tokens), job)

    def logits(self) -> npt.NDArray[np.float32]:
        """(words,) of the last token read; a copy."""
        found = library().llama_get_logits_ith(self._handle, -1)
        if not found:
            raise ModelFailed("The language model gave no numbers.", "Choose another model.")
        return np.ctypeslib.as_array(found, shape=(self._words,)).copy()

    def forget(self) -> None:
        """Empties the memory."""
        library().llama_memory_clear(self._memory, False)
        self._held.clear()
        self._mark = None  # what it would be joined to is gone

    @contextmanager
    def heeding(self, job: JobControl) -> Iterator[None]:
        """While other code computes in this context, it stops when the job is to."""
        self._job = job
        try:
            yield
        finally:
            self._job = None

    def close(self) -> None:
        if self._handle:
            api = library()
            api.llama_batch_free(self._batch)
            api.llama_free(self._handle)
            self._handle = None
            self._mark = None
            self._held.clear()

    def _go_back(self, tokens: list[int]) -> int:
        """Cuts the memory back to what it has in common with these tokens; returns how much.

        At least the last token is left to be read, since its numbers are wanted.
        """
        most = (len(tokens) - 1) // self.step * self.step
        common = min(_common(self._held, tokens), most) // self.step * self.step
        api = library()
        if self._rewinds:
            begins_at_start = api.llama_memory_seq_pos_min(self._memory, 0) <= 0
            if common and begins_at_start and api.llama_memory_seq_rm(self._memory, 0, common, -1):
                del self._held[common:]
                return common
        elif self._mark and self._mark.tokens == tokens[:common][: len(self._mark.tokens)]:
            return self._restore(self._mark)
        self.forget()
        return 0

    def _is_to_stop(self) -> bool:
        return self._job is not None and self._job.cancelled

    def _set_mark(self) -> None:
        api = library()
        size = api.llama_state_seq_get_size_ext(self._handle, 0, _ONLY_WHAT_CANNOT_REWIND)
        state = (ctypes.c_uint8 * size)()
        written = api.llama_state_seq_get_data_ext(
            self._handle, state, size, 0, _ONLY_WHAT_CANNOT_REWIND
        )
        self._mark = _Mark(list(self._held), state) if written else None

    def _restore(self, mark: _Mark) -> int:
        api = library()
        read = api.llama_state_seq_set_data_ext(
            self._handle, mark.state, len(mark.state), 0, _ONLY_WHAT_CANNOT_REWIND
        )
        length = len(mark.tokens)
        if read and api.llama_memory_seq_rm(self._memory, 0, length, -1):
            self._held = list(mark.tokens)
            return length
        self.forget()
        return 0

    def _evaluate(self, tokens: Sequence[int], at: int, last: bool, job: JobControl) -> None:
        job.check_cancelled()
        batch = self._batch
        batch.n_tokens = len(tokens)
        for i, token in enumerate(tokens):
            batch.token[i] = token
            batch.pos[i] = at + i
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = 0
            batch.logits[i] = 0
        batch.logits[len(tokens) - 1] = last
        with self.heeding(job):
            code = library().llama_decode(self._handle, batch)
        if code == 0:
            self.evaluated += len(tokens)
            return
        self.forget()
        if code == _ABORTED:
            job.check_cancelled()
        if code == _NO_ROOM:
            raise NotEnoughMemory(
                "Memory ran out while the language model was reading.",
                "Close other programs, or choose a smaller model.",
            )
        raise ModelFailed(
            f"llama.cpp gave up while it was reading (code {code}).",
            "Run it again; if that does not help, choose another model.",
        )


def _common(first: Sequence[int], second: Sequence[int]) -> int:
    """How many tokens two lists begin with in common."""
    for k, (a, b) in enumerate(zip(first, second, strict=False)):
        if a != b:
            return k
    return min(len(first), len(second))
