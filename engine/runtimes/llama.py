"""Language models in GGUF files, run by llama.cpp and asked one question at a time.

The same weights, question and seed give the same answer, whatever was asked before; what two
questions begin with in common is read once. Knows no hypothesis and keeps no conversation.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import ModelFailed
from engine.job import JobControl
from engine.model import InstalledModel
from engine.runtimes import llama_chat
from engine.runtimes.llama_sampling import Sampler
from engine.runtimes.llama_weights import Weights, load_weights


class PromptTooLong(ValueError):
    """The question and the room for its answer do not fit into the model's context.

    tokens: of the question. room: how many there may be.
    """

    def __init__(self, tokens: int, room: int) -> None:
        super().__init__(f"{tokens} tokens, room for {room}")
        self.tokens = tokens
        self.room = room


@dataclass(slots=True)
class LanguageModel:
    """A loaded language model; see `engine.model_host.Resident`. Not for several threads."""

    _weights: Weights
    _closed: bool = False

    @property
    def device(self) -> str:
        return self._weights.device

    @property
    def precision(self) -> str:
        return self._weights.precision

    @property
    def remarks(self) -> tuple[str, ...]:
        return self._weights.remarks

    @property
    def context(self) -> int:
        """Tokens of question and answer together."""
        return self._weights.context.size

    @property
    def evaluated(self) -> int:
        """Tokens computed so far; fewer than were read, where questions begin alike."""
        return self._weights.context.evaluated

    def peak_bytes(self) -> int:
        return self._weights.peak_bytes()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._weights.close()

    def tokens(self, system: str, user: str, *, shared: str = "") -> list[int]:
        """The question as the model reads it, with the marks of its chat template."""
        weights = self._weights
        return llama_chat.prompt(weights.vocabulary, weights.layout, system, shared, user).tokens

    def answer(
        self,
        system: str,
        user: str,
        *,
        max_tokens: int,
        temperature: float,
        seed: int,
        job: JobControl,
        shared: str = "",
        grammar: str = "",
    ) -> str:
        """What the model says to `shared` followed by `user`.

        shared: what the next question will begin with, too, if that is known; it is then read
        once. All texts are data: nothing in them can become a control token. grammar: the form of
        the answer, in GBNF; "" leaves it free. max_tokens: after which the answer is cut off.
        temperature: 0 takes the likeliest words. Raises PromptTooLong, Cancelled within two
        seconds (the model can then be asked again), NotEnoughMemory or ModelFailed.
        """
        if self._closed:
            raise ModelFailed("The language model was unloaded already.")
        weights = self._weights
        prompt = llama_chat.prompt(weights.vocabulary, weights.layout, system, shared, user)
        room = self.context - max_tokens
        if len(prompt.tokens) >= room:
            raise PromptTooLong(len(prompt.tokens), max(0, room - 1))
        sampler = Sampler(
            weights.vocabulary.handle, weights.vocabulary.words, grammar, temperature, seed
        )
        try:
            weights.context.read(prompt.tokens, prompt.shared, job)
            return weights.generate(sampler, max_tokens, job)
        finally:
            sampler.close()


def load(model: InstalledModel, context: int, job: JobControl) -> LanguageModel:
    """A language model, on the graphics card as far as it fits there.

    context: tokens of question and answer together; at most what the model was trained on.
    Raises ModelDamaged, WrongModel, NotEnoughMemory, LibraryMissing, ModelFailed or Cancelled.
    """
    return LanguageModel(load_weights(model, context, job))
