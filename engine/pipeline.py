"""One comparison, top to bottom.

    scan → read and measure → what stands in both → split → caption a sample → propose → merge
      → embed → score → judge → save

Only this module knows the order; the stages never call each other. It writes no sentence and
knows nothing of the wire. Without models a recipe has no caption and no embed stage.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from engine import proposers, rankers
from engine.captioning import Captioned, caption_rows
from engine.estimate import Planned
from engine.findings import Judgement, judge, judged_identical
from engine.image_table import ImageTable
from engine.job import JobControl
from engine.measurements.catalogue import CATALOGUE
from engine.merging import merge
from engine.model import Role
from engine.model_host import ModelHost, model_uses
from engine.pixel_rows import PixelRows
from engine.proposers import prompt_file
from engine.proposers.base import Proposals
from engine.protocol import Job
from engine.rankers.base import Ranker, VectorRanker
from engine.reading import ReadingCount
from engine.recipe import AUTO, PROPOSERS, Recipe, choose, needed_models
from engine.remarks import Hindrances, remarks
from engine.runtimes.libraries import bring_in
from engine.runtimes.memory import FreeMemory
from engine.sampling import sample_rounds
from engine.sides import (
    identical,
    identity,
    list_sides,
    members,
    read_sides,
    shared_images,
    to_table,
)
from engine.storage.store import Store
from engine.tools import Tools
from engine.versions import settings
from engine.vocabulary import Comparison, Finding, ModelUse, Side, Skipped, Stage
from engine.weights.shelf import Shelf
from engine.workers.pool import WorkerPool

#: seconds an item takes before anything is known of this machine: a caption, an answer of the
#: language model, an image
FIRST_GUESS_S = {"caption": 2.0, "propose": 20.0, "embed": 0.2}


class Listener(Protocol):
    """Hears facts as soon as they are known."""

    def skipped(self, side: Side, item: Skipped) -> None: ...

    def finding(self, finding: Finding) -> None: ...


@dataclass(slots=True)
class Run:
    """What one comparison is carried out with."""

    store: Store
    shelf: Shelf
    open_pool: Callable[[Recipe], WorkerPool]
    control: JobControl
    listener: Listener
    network_lock: tuple[str, ...]
    stages: list[Stage] = field(default_factory=list)
    paces: dict[str, str] = field(default_factory=dict)  # stage -> work whose pace is kept

    @contextmanager
    def stage(self, name: str) -> Iterator[ReadingCount]:
        """Times a stage; the caller counts what it did."""
        count = ReadingCount()
        begun = time.monotonic()
        self.control.progress(name, 0, 0)
        yield count
        self.stages.append(Stage(name, time.monotonic() - begun, count.done, count.reused))

    def keep_pace(self, items: int) -> None:
        """How fast the stage just ended was. items: that models worked on, none from the cache."""
        stage = self.stages[-1]
        if items > 0 and stage.name in self.paces:
            self.store.remember_pace(self.paces[stage.name], stage.seconds / items)

    def foretell(self, images: int, recipe: Recipe) -> None:
        """The stages with models take longest; how long they took before says how long now."""
        models = needed_models(recipe)
        if not models:
            return
        language = recipe.language
        sampled = min(2 * language.samples * language.rounds, images)
        items = {
            "caption": (Role.CAPTIONER, sampled),
            "propose": (Role.PROPOSER, 2 * language.rounds),
            "embed": (Role.RANKER, images),
        }
        self.paces = {
            stage: f"{stage} {models[role]}" for stage, (role, _) in items.items() if role in models
        }
        self.control.plan(
            [
                Planned(stage, items[stage][1], self.store.pace(work) or FIRST_GUESS_S[stage])
                for stage, work in self.paces.items()
            ]
        )

    def tools(self, table: ImageTable, recipe: Recipe) -> Tools:
        store = self.store
        paths = [image.path for image in table.images]
        contents = table.content_ids
        pixels = PixelRows(paths, contents, lambda: self.open_pool(recipe))
        host = ModelHost(self.shelf, FreeMemory(), bring_in)
        return Tools(host, pixels, store.answers, store.captions, store.vectors)


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement, and what the models that led to it did."""

    judgement: Judgement
    models: tuple[ModelUse, ...] = ()
    hindrances: Hindrances = field(default_factory=Hindrances)


def compare(job: Job, run: Run) -> Comparison:
    """Compares, saves and returns the comparison. Raises TwofoldError or Cancelled."""
    recipe = choose(job.recipe, run.shelf.has, goal=job.goal, changes=job.options)
    models = [run.shelf.installed(name) for name in needed_models(recipe).values()]
    prompt = _prompt(recipe)  # what is missing or broken is told before any image is read
    with run.stage("scan") as count:
        listings = list_sides(job, run.control)
        count.done = sum(len(listing.files) for listing in listings.values())
    run.foretell(count.done, recipe)
    with run.stage("read") as count:
        sides = read_sides(
            listings,
            job,
            recipe,
            run.store,
            lambda: run.open_pool(recipe),
            run.control,
            count,
            run.listener.skipped,
        )
    shared = shared_images(sides)
    if identical(sides):
        judged = Judged(judged_identical(recipe))
    else:
        judged = _judge(to_table(sides, recipe, job.seed), recipe, job.seed, run)
    image_sets = {side: builder.image_set() for side, builder in sides.items()}
    comparison = Comparison(
        id=identity(sides, recipe, models, prompt, job.seed),
        created=datetime.now(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z"),
        a=image_sets[Side.A],
        b=image_sets[Side.B],
        shared=shared,
        verdict=judged.judgement.verdict,
        findings=tuple(judged.judgement.findings),
        settings=settings(recipe, job.seed, CATALOGUE, run.network_lock, judged.models),
        stages=tuple(run.stages),
        notes=remarks(
            image_sets, shared, judged.judgement, CATALOGUE, run.network_lock, judged.hindrances
        ),
    )
    run.control.check_cancelled()
    if job.recipe == AUTO:  # comparing again means with this recipe, whatever is installed then
        job = msgspec.structs.replace(job, recipe=recipe.name)
    run.store.save(comparison, members(sides), job)
    return comparison


def _prompt(recipe: Recipe) -> str:
    """What a language model is asked, word for word; "" where none is."""
    if "caption_llm" not in recipe.proposers:
        return ""
    prompt = prompt_file.read(recipe.language.prompt, recipe.goal)
    return f"{prompt.system}\n{prompt.user}"


def _judge(table: ImageTable, recipe: Recipe, seed: int, run: Run) -> Judged:
    tools = run.tools(table, recipe)
    try:
        captioned = _caption(table, recipe, tools, seed, run)
        table = replace(table, captions=captioned.captions)
        with run.stage("propose") as count:
            proposals = [
                proposers.get(name, tools).propose(table, CATALOGUE, recipe, seed, run.control)
                for name in recipe.proposers
            ]
            count.done = sum(len(some.hypotheses) for some in proposals)
        if any(use.role == Role.PROPOSER for use in tools.host.uses):
            run.keep_pace(2 * recipe.language.rounds)
        judges = [rankers.get(PROPOSERS[name], recipe, tools) for name in recipe.proposers]
        merged = _embed(proposals, judges, table, recipe, run)
        proposed: list[tuple[Proposals, npt.NDArray[np.float64]]] = []
        with run.stage("score") as count:
            for some, ranker in zip(merged, judges, strict=True):
                scores = ranker.score(some.hypotheses, table, CATALOGUE, run.control)
                proposed.append((some, scores))
                count.done += len(some.hypotheses)
    finally:
        tools.host.close()
    with run.stage("test") as count:
        judgement = judge(proposed, table, CATALOGUE, recipe, seed, run.control)
        count.done = judgement.verdict.tested
    for finding in judgement.findings:
        run.listener.finding(finding)
    hindrances = Hindrances(
        shown=captioned.asked,
        without_caption=captioned.empty,
        not_english=captioned.not_english,
        asked=sum(some.asked for some in proposals),
        repeated=sum(some.repeated for some in proposals),
        only_rendered=any(
            run.shelf.installed(name).spec.bundled for name in needed_models(recipe).values()
        ),
    )
    return Judged(judgement, model_uses(tools.host, needed_models(recipe)), hindrances)


def _caption(table: ImageTable, recipe: Recipe, tools: Tools, seed: int, run: Run) -> Captioned:
    """Captions of the images that a language model will read about; none without one."""
    if "caption_llm" not in recipe.proposers:
        return Captioned({}, 0, 0, 0)
    rounds = sample_rounds(table, recipe.language.rounds, recipe.language.samples, seed)
    rows = sorted({row for shown in rounds for row in (*shown.a, *shown.b)})
    if not recipe.captions.model:  # the texts that images bring along: nothing to wait for
        return caption_rows(table, rows, recipe, tools, seed, run.control)
    with run.stage("caption") as count:
        captioned = caption_rows(table, rows, recipe, tools, seed, run.control)
        count.done, count.reused = captioned.asked, captioned.reused
    run.keep_pace(captioned.asked - captioned.reused)
    return captioned


def _embed(
    proposals: Sequence[Proposals],
    judges: Sequence[Ranker],
    table: ImageTable,
    recipe: Recipe,
    run: Run,
) -> list[Proposals]:
    """Phrases that say the same become one, and every image gets its vector."""
    pairs = list(zip(proposals, judges, strict=True))
    if not any(isinstance(ranker, VectorRanker) and some.hypotheses for some, ranker in pairs):
        return list(proposals)
    merged = []
    with run.stage("embed") as count:
        for some, ranker in pairs:
            if isinstance(ranker, VectorRanker) and some.hypotheses:
                texts = [hypothesis.text for hypothesis in some.hypotheses]
                vectors = ranker.text_vectors(texts, run.control)
                some = merge(some, vectors, recipe.language.merge)  # noqa: PLW2901
                embedded = ranker.embed(table, run.control)
                count.done += embedded.done
                count.reused += embedded.reused
            merged.append(some)
    run.keep_pace(count.done - count.reused)
    return merged
