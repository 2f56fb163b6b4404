"""Three rounds of proposing, both sides: Twofold's proposer beside plain chat completions.

    python -m benchmarks.llm_rounds [--width 640] [--layers 12] [--samples 20] [--repeats 3]

The same questions about the same captions to the same model of random weights, written for the
run: through the proposer, which reads once what two questions begin with in common, and through
llama-cpp-python's create_chat_completion with nothing kept between two calls. A random model
answers in single letters until the form ends its phrase; with three phrases, question and answer
are about as long beside each other as a real model's are with ten. Time of the processor is
printed, too, for machines that do other work; run it there on one core (taskset -c 0).
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.image_table import ImageTable
from engine.job import JobControl
from engine.measurement import Catalogue
from engine.model import InstalledModel, Role
from engine.proposers import caption_lines, phrase_list, prompt_file
from engine.proposers.caption_llm import CaptionLLM
from engine.proposers.prompt_file import Question
from engine.recipe import LanguageOptions, Recipe
from engine.runtimes import llama
from engine.runtimes.llama import LanguageModel
from engine.sampling import sample_rounds
from engine.vocabulary import Side
from tests.fakes import tiny_gguf
from tests.fakes.image_tables import image_table
from tests.fakes.memory_tools import memory_tools

WORDS = (
    *("a", "the", "on", "of", "dog", "cat", "beach", "forest", "red", "image", "light"),
    *("man", "bus", "walks", "under", "bright", "sky"),
)
CAPTION_WORDS = 9  # about 41 characters, as BLIP-2 writes


class Run(NamedTuple):
    wall_s: float
    processor_s: float
    tokens: int  # computed, of questions and answers


def captioned(images: int) -> ImageTable:
    rng = np.random.default_rng(0)
    captions = {row: " ".join(rng.choice(WORDS, CAPTION_WORDS)) for row in range(2 * images)}
    return replace(image_table(images, images), captions=captions)


def questions(table: ImageTable, options: LanguageOptions) -> list[Question]:
    """What the proposer asks, by its public parts."""
    prompt = prompt_file.read("", "")
    found = []
    for shown in sample_rounds(table, options.rounds, options.samples, 0):
        a, b = (
            caption_lines.numbered([table.captions[row] for row in rows], 100)
            for rows in (shown.a, shown.b)
        )
        for side in Side:
            values = {"captions_a": a, "captions_b": b, "count": str(options.hypotheses)}
            values |= {"side": str(side), "other": str(side.other), "goal": ""}
            found.append(prompt.filled(values))
    return found


def ours(model: InstalledModel, table: ImageTable, options: LanguageOptions) -> Run:
    """Without loading the model."""
    tools = memory_tools([], [model])
    job = JobControl()

    def load(installed: InstalledModel, job: JobControl) -> LanguageModel:
        return llama.load(installed, options.context, job)

    with tools.host.use(model.name, Role.PROPOSER, load, job) as loaded:
        begun = time.perf_counter(), time.process_time()
        recipe = Recipe(language=options)
        CaptionLLM(tools).propose(table, Catalogue((), ""), recipe, 0, job)
        run = Run(time.perf_counter() - begun[0], time.process_time() - begun[1], loaded.evaluated)
    tools.host.close()
    return run


def plain(path: Path, asked: list[Question], options: LanguageOptions) -> Run:
    from llama_cpp import Llama, LlamaGrammar

    model = Llama(str(path), n_ctx=options.context, verbose=False)
    form = LlamaGrammar.from_string(phrase_list.grammar(options.hypotheses), verbose=False)
    tokens = 0
    begun = time.perf_counter(), time.process_time()
    for question in asked:
        model.reset()
        model._ctx.kv_cache_clear()  # nothing of the last question is kept
        answer = model.create_chat_completion(
            messages=[
                {"role": "system", "content": question.system},
                {"role": "user", "content": question.shared + question.own},
            ],
            grammar=form,
            max_tokens=phrase_list.longest(options.hypotheses),
            temperature=options.temperature,
            seed=0,
        )
        tokens += answer["usage"]["total_tokens"]
    run = Run(time.perf_counter() - begun[0], time.process_time() - begun[1], tokens)
    model.close()
    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--width", type=int, default=640)
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--samples", type=int, default=20)
    parser.add_argument("--hypotheses", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=3)
    asked_for = parser.parse_args()
    options = LanguageOptions(
        model="tiny", samples=asked_for.samples, hypotheses=asked_for.hypotheses
    )
    table = captioned(max(40, asked_for.samples))
    with tempfile.TemporaryDirectory() as folder:
        path = tiny_gguf.language_model(
            Path(folder) / "random.gguf",
            width=asked_for.width,
            layers=asked_for.layers,
            feed_forward=4 * asked_for.width,
        )
        model = tiny_gguf.installed(path)
        print(f"{path.stat().st_size / 4e6:.0f} million parameters, float32")
        asked = questions(table, options)
        runs = [
            (ours(model, table, options), plain(path, asked, options))
            for _ in range(asked_for.repeats)
        ]
    for name, k in (("proposer", 0), ("plain calls", 1)):
        wall, busy, tokens = (statistics.median(run[k][i] for run in runs) for i in range(3))
        print(f"{name:12} {wall:7.1f} s {busy:7.1f} s of processor {tokens:7.0f} tokens computed")
    wall, busy = (statistics.median(run[1][i] / run[0][i] for run in runs) for i in range(2))
    print(f"{len(asked)} questions: {wall:.2f} times as fast, {busy:.2f} by time of the processor")


if __name__ == "__main__":
    main()
