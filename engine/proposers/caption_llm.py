"""Hypotheses of a language model that reads captions of both sides, round after round.

Each round shows it captions of a few images a side and asks twice: what is more true of A, and
what of B. Captions, goal and answers are data throughout. Sees no image and scores nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from blake3 import blake3

from engine.errors import BadRecipe, ModelFailed
from engine.image_table import ImageTable
from engine.job import JobControl
from engine.measurement import Catalogue
from engine.model import InstalledModel, Role
from engine.phrase_text import BREAK, fold, may_begin, may_end, phrase_key, says_something, tokens
from engine.proposers import caption_lines, phrase_list, prompt_file
from engine.proposers.base import Proposals
from engine.proposers.prompt_file import Prompt, Question
from engine.recipe import LanguageOptions, Recipe
from engine.runtimes import llama
from engine.runtimes.llama import LanguageModel
from engine.sampling import Round, sample_rounds
from engine.tools import Tools
from engine.vocabulary import Hypothesis, Origin, Side

NAME = "caption_llm"
VERSION = 1  # of how a question is asked and its answer read; part of every cache key
MAX_PHRASE_WORDS = 4  # words of the phrases in captions that are counted as candidates
FEWEST_WORDS = 3  # of a caption; with fewer it says nothing any more


class CaptionLLM:
    """See `engine.proposers.base.Proposer`.

    Raises BadRecipe for a prompt file or a context that cannot be used, and ModelError.
    """

    name = NAME

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def propose(
        self,
        table: ImageTable,
        catalogue: Catalogue,  # noqa: ARG002  names measurements, of which captions know nothing
        recipe: Recipe,
        seed: int,
        job: JobControl,
    ) -> Proposals:
        options = recipe.language
        goal = caption_lines.one_line(recipe.goal, caption_lines.MAX_GOAL)
        prompt = prompt_file.read(options.prompt, goal)
        rounds = sample_rounds(table, options.rounds, options.samples, seed)
        calls = [
            call
            for shown in rounds
            for call in _calls(shown, table, prompt, goal, options.hypotheses, seed)
        ]
        answers = self._answers(calls, options, job)
        gathered = _Gathered(prompt.version, len(rounds))
        for call, answer in zip(calls, answers, strict=True):
            gathered.add(call, answer)
        return gathered.proposals(calls)

    def _answers(
        self, calls: Sequence[_Call], options: LanguageOptions, job: JobControl
    ) -> list[list[str]]:
        """The phrases of every call, from the cache where it was asked before."""
        if not calls:
            return []
        cache = self._tools.answers
        model = self._tools.host.installed(options.model)
        keys = [_key(model, call, options) for call in calls]
        found = [_known(cache.get(key), call.count) for key, call in zip(keys, calls, strict=True)]
        done = sum(answer is not None for answer in found)
        job.progress("propose", done, len(calls))
        if done == len(calls):
            return [answer for answer in found if answer is not None]

        def load(installed: InstalledModel, job: JobControl) -> LanguageModel:
            return llama.load(installed, options.context, job)

        with self._tools.host.use(options.model, Role.PROPOSER, load, job) as language_model:
            for k, call in enumerate(calls):
                if found[k] is not None:
                    continue
                job.progress("propose", done, len(calls))
                said = _ask(language_model, call, options.temperature, job)
                found[k] = phrase_list.parsed(said, call.count)
                cache.put(keys[k], said.encode())
                done += 1
        job.progress("propose", done, len(calls))
        return [answer for answer in found if answer is not None]


@dataclass(frozen=True, slots=True)
class _Call:
    """One question about one side in one round."""

    round: int
    side: Side
    captions: tuple[tuple[str, ...], tuple[str, ...]]  # of A and of B, cleaned
    prompt: Prompt
    goal: str
    count: int
    seed: int

    @property
    def most_words(self) -> int:
        return max(FEWEST_WORDS, *(caption_lines.most_words(side) for side in self.captions))

    def question(self, max_words: int, side: Side | None = None) -> Question:
        """With captions cut after so many words; about another side if that is named."""
        about = side or self.side
        a, b = (caption_lines.numbered(side, max_words) for side in self.captions)
        return self.prompt.filled(
            {
                "captions_a": a,
                "captions_b": b,
                "count": str(self.count),
                "side": str(about),
                "other": str(about.other),
                "goal": self.goal,
            }
        )


def _calls(
    shown: Round, table: ImageTable, prompt: Prompt, goal: str, count: int, seed: int
) -> Iterator[_Call]:
    """Both questions of a round; none when a side has no caption."""
    a, b = (
        tuple(line for row in rows if (line := caption_lines.one_line(table.captions.get(row, ""))))
        for rows in (shown.a, shown.b)
    )
    if not a or not b:
        return
    for k, side in enumerate(Side):
        own_seed = np.random.SeedSequence([seed, shown.number, k]).generate_state(1, np.uint64)[0]
        yield _Call(shown.number, side, (a, b), prompt, goal, count, int(own_seed))


def _ask(model: LanguageModel, call: _Call, temperature: float, job: JobControl) -> str:
    room = phrase_list.longest(call.count)
    question = call.question(_words_that_fit(model, call, room))
    return model.answer(
        question.system,
        question.own,
        shared=question.shared,
        grammar=phrase_list.grammar(call.count),
        max_tokens=room,
        temperature=temperature,
        seed=call.seed,
        job=job,
    )


def _words_that_fit(model: LanguageModel, call: _Call, room: int) -> int:
    """After how many words captions are cut, so that question and answer fit into the context.

    The same for both sides of a round, so that they share what they begin with. All images stay.
    """

    def fits(words: int) -> bool:
        questions = (call.question(words, side) for side in Side)
        return all(
            len(model.tokens(question.system, question.own, shared=question.shared)) + room
            < model.context
            for question in questions
        )

    most = call.most_words
    if fits(most):
        return most
    if not fits(FEWEST_WORDS):
        raise BadRecipe(
            f"{sum(map(len, call.captions))} captions, however short, and the language model's "
            f"answer do not fit into its context of {model.context} tokens.",
            "Raise language.context if the model allows it, or lower language.samples.",
        )
    low, high = FEWEST_WORDS, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def _key(model: InstalledModel, call: _Call, options: LanguageOptions) -> bytes:
    """Names everything the answer follows from, before captions are cut to the context."""
    question = call.question(call.most_words)
    causes = [
        NAME,
        VERSION,
        model.fingerprint,
        options.context,
        question.system,
        question.shared,
        question.own,
        phrase_list.grammar(call.count),
        options.temperature,
        call.seed,
    ]
    return blake3(json.dumps(causes).encode()).digest()


def _known(answer: bytes | None, count: int) -> list[str] | None:
    """An answer from the cache; None where there is none that can be read."""
    if answer is None:
        return None
    try:
        return phrase_list.parsed(answer.decode(), count)
    except (ModelFailed, UnicodeDecodeError):
        return None


@dataclass(slots=True)
class _Found:
    """One phrase of one side, with all the ways in which it was written."""

    text: str
    side: Side
    rounds: list[int] = field(default_factory=list)  # that proposed it
    also: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Gathered:
    """The phrases of all answers."""

    version: str
    rounds: int
    found: dict[tuple[Side, str], _Found] = field(default_factory=dict)
    asked: int = 0
    repeated: int = 0
    unusable: int = 0

    def add(self, call: _Call, phrases: Sequence[str]) -> None:
        self.asked += call.count
        for phrase in phrases:
            text = phrase_list.cleaned(phrase)
            if not text:
                self.unusable += 1
                continue
            known = self.found.setdefault((call.side, phrase_key(text)), _Found(text, call.side))
            if call.round in known.rounds:
                self.repeated += 1
            else:
                known.rounds.append(call.round)
            if text not in (known.text, *known.also):
                known.also.append(text)

    def proposals(self, calls: Sequence[_Call]) -> Proposals:
        hypotheses = [self._hypothesis(key, found) for (_, key), found in self.found.items()]
        return Proposals(
            hypotheses,
            max(_phrases_read(calls), len(hypotheses)),
            read_from_sides=True,
            asked=self.asked,
            repeated=self.repeated,
            unusable=self.unusable,
            times={
                hypothesis.id: len(found.rounds)
                for hypothesis, found in zip(hypotheses, self.found.values(), strict=True)
            },
        )

    def _hypothesis(self, key: str, found: _Found) -> Hypothesis:
        often = f"in {len(found.rounds)} of {self.rounds} rounds"
        return Hypothesis(
            id=f"{NAME}:{found.side}:{key}",
            text=found.text,
            side=found.side,
            origin=Origin(NAME, f"{self.version}, {often}", found.rounds[0]),
            also=tuple(found.also),
        )


def _phrases_read(calls: Sequence[_Call]) -> int:
    """How many different phrases of up to four words stand in the captions that were shown."""
    captions = {caption for call in calls for side in call.captions for caption in side}
    found: set[tuple[str, ...]] = set()
    for caption in captions:
        words = tokens(caption)
        folded = [fold(word) for word in words]
        for first, word in enumerate(words):
            if word == BREAK or not may_begin(word):
                continue
            for end in range(first + 1, min(first + MAX_PHRASE_WORDS, len(words)) + 1):
                if words[end - 1] == BREAK:
                    break
                phrase = words[first:end]
                if may_end(words[end - 1]) and any(map(says_something, phrase)):
                    found.add(tuple(folded[first:end]))
    return len(found)
