"""Runs pairs through the product's own pipeline, one after another, and keeps what comes of each.

The same `pipeline.compare` as every comparison, with the store, the workers and the models as
they are; the images' captions, vectors and answers are in the store, so that what two recipes
have in common is computed once. Judges nothing.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self

import blake3
import msgspec

from engine import proposers
from engine.bench.rendered.pairs import Pair
from engine.bench.rendered_bench import outcome, pictures
from engine.bench.rendered_bench.outcome import Outcome, Shown
from engine.bench.rendered_bench.sources import program_version, world_version
from engine.captioning import caption_rows
from engine.image_table import ImageTable
from engine.job import JobControl
from engine.measurements.catalogue import CATALOGUE
from engine.pipeline import Run, compare
from engine.protocol import Job
from engine.recipe import Recipe, choose, needed_models
from engine.sampling import sample_rounds
from engine.storage.paths import data_place
from engine.storage.store import Store
from engine.tools import Tools
from engine.vocabulary import Comparison, Finding, Side, Skipped
from engine.weights.manifest import load_manifest
from engine.weights.shelf import OWN, Shelf, models_root
from engine.workers.pool import WorkerPool

__all__ = ["Asked", "Runner"]


@dataclass(frozen=True, slots=True)
class Asked:
    """How pairs are compared. Everything but the pair that an outcome follows from."""

    recipe: str
    options: tuple[tuple[str, str], ...] = ()  # of the recipe, name and value, as in a job
    captions: str = ""  # true ones that the images bring along: "short", "detailed" or none


class _Deaf:
    """Hears nothing: what a comparison came to is read when it is done."""

    def skipped(self, side: Side, item: Skipped) -> None: ...

    def finding(self, finding: Finding) -> None: ...


@dataclass(slots=True)
class _Watched(Run):
    """A run that remembers the table its models worked on."""

    table: ImageTable | None = None

    def tools(self, table: ImageTable, recipe: Recipe) -> Tools:
        self.table = table
        return Run.tools(self, table, recipe)


@dataclass(slots=True)
class Runner:
    """One work folder, one pool of workers, any number of comparisons. A context manager.

    work: holds the images, a data folder of its own, and the outcomes. models: the folder of
    installed models. drawing: True while images are drawn, which asks nobody whether to stop.
    """

    work: Path
    models: Path
    control: JobControl
    network_lock: tuple[str, ...] = ()
    drawing: bool = False
    shelf: Shelf = field(init=False)
    _store: Store = field(init=False)
    _pool: WorkerPool | None = None
    _stack: ExitStack = field(default_factory=ExitStack)

    @classmethod
    def open(
        cls,
        work: Path,
        control: JobControl,
        *,
        data_dir: Path | None = None,
        network_lock: tuple[str, ...] = (),
    ) -> Self:
        """data_dir: the person's data folder, whose models are used. Raises StorageError."""
        runner = cls(work.absolute(), models_root(data_dir), control, network_lock)
        place = runner._stack.enter_context(data_place(runner.work / "data"))
        runner._store = runner._stack.enter_context(Store.open(place))
        runner.shelf = Shelf(runner.models, load_manifest(runner.models / OWN))
        return runner

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.close()
        self._stack.close()

    def recipe(self, asked: Asked) -> Recipe:
        """Raises BadRecipe; ModelMissing when one of its models is not installed."""
        recipe = choose(asked.recipe, self.shelf.has, changes=dict(asked.options))
        for name in needed_models(recipe).values():
            self.shelf.installed(name)
        return recipe

    def known(self, pair: Pair, asked: Asked) -> Outcome | None:
        """What came of it, if it was run before by this very program."""
        return outcome.kept(self._place(pair, asked))

    def run(self, pair: Pair, asked: Asked) -> Outcome:
        """Raises TwofoldError; Cancelled within two seconds of a wish to stop."""
        self.control.check_cancelled()
        self.drawing = True
        try:
            table = pictures.source(pair, self.work / "images", captions=asked.captions)
        finally:
            self.drawing = False
        job = Job(table=table, recipe=asked.recipe, seed=pair.seed, options=dict(asked.options))
        run = _Watched(
            self._store, self.shelf, self._open_pool, self.control, _Deaf(), self.network_lock
        )
        found = self._look_again(compare(job, run), run, self.recipe(asked), pair.seed)
        outcome.keep(found, self._place(pair, asked))
        return found

    def _look_again(self, found: Comparison, run: _Watched, recipe: Recipe, seed: int) -> Outcome:
        """Asks captioner and proposers once more, who know all the answers by now."""
        shown: list[Shown] = []
        proposed: list[outcome.Proposed] = []
        if run.table is not None:
            table = run.table
            tools = Run.tools(run, table, recipe)
            if "caption_llm" in recipe.proposers:
                options = recipe.language
                rounds = sample_rounds(table, options.rounds, options.samples, seed)
                rows = sorted({row for one in rounds for row in (*one.a, *one.b)})
                told = caption_rows(table, rows, recipe, tools, seed, run.control).captions
                sides = {row: Side.A if table.is_a[row] else Side.B for row in rows}
                shown = [Shown(sides[row], told.get(row, "")) for row in rows]
                table = replace(table, captions=told)
            try:
                for name in recipe.proposers:
                    proposer = proposers.get(name, tools)
                    some = proposer.propose(table, CATALOGUE, recipe, seed, run.control)
                    proposed += outcome.proposed(some.hypotheses)
            finally:
                tools.host.close()
        return Outcome(
            findings=tuple(map(outcome.ranked, found.findings)),
            proposed=tuple(proposed),
            shown=tuple(shown),
            verdict=str(found.verdict.outcome),
            seconds=sum(stage.seconds for stage in found.stages),
            stages={stage.name: stage.seconds for stage in found.stages},
            loading_s=sum(model.load_s for model in found.settings.models),
        )

    def _place(self, pair: Pair, asked: Asked) -> Path:
        """Names every cause of an outcome."""
        recipe = self.recipe(asked)
        prompt = Path(recipe.language.prompt)
        causes = {
            "program": [program_version(), world_version(), CATALOGUE.version],
            "pair": [pair.name, pair.seed, pair.images, pair.purity, repr(pair.a), repr(pair.b)],
            "recipe": recipe,
            "captions": asked.captions,
            "size": pictures.SIZE_PX,
            "models": [
                self.shelf.installed(name).fingerprint for name in needed_models(recipe).values()
            ],
            "prompt": prompt.read_text(encoding="utf-8") if prompt.is_file() else "",
        }
        digest = blake3.blake3(msgspec.json.encode(causes, order="deterministic")).hexdigest(8)
        return self.work / "outcomes" / f"seed-{pair.seed}" / f"{pair.name}-{digest}.json"

    def _open_pool(self, recipe: Recipe) -> WorkerPool:
        if self._pool is None:
            self._pool = WorkerPool(pixel_limit=recipe.pixel_limit, timeout_s=recipe.timeout_s)
        return self._pool
