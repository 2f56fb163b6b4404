"""One comparison, top to bottom.

    scan → read and measure → what stands in both → split → propose → score → judge → save

Only this module knows the order; the stages never call each other. It writes no sentence and
knows nothing of the wire.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

import numpy as np
import numpy.typing as npt

from engine import proposers, rankers
from engine.findings import Judgement, judge, judged_identical
from engine.image_table import ImageTable
from engine.job import JobControl
from engine.measurements.catalogue import CATALOGUE
from engine.proposers.base import Proposals
from engine.protocol import Job
from engine.reading import ReadingCount
from engine.recipe import PROPOSERS, Recipe, load
from engine.remarks import remarks
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
from engine.versions import settings
from engine.vocabulary import Comparison, Finding, Side, Skipped, Stage
from engine.workers.pool import WorkerPool


class Listener(Protocol):
    """Hears facts as soon as they are known."""

    def skipped(self, side: Side, item: Skipped) -> None: ...

    def finding(self, finding: Finding) -> None: ...


@dataclass(slots=True)
class Run:
    """What one comparison is carried out with."""

    store: Store
    open_pool: Callable[[Recipe], WorkerPool]
    control: JobControl
    listener: Listener
    network_lock: tuple[str, ...]
    stages: list[Stage] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[ReadingCount]:
        """Times a stage; the caller counts what it did."""
        count = ReadingCount()
        begun = time.monotonic()
        self.control.progress(name, 0, 0)
        yield count
        self.stages.append(Stage(name, time.monotonic() - begun, count.done, count.reused))


def compare(job: Job, run: Run) -> Comparison:
    """Compares, saves and returns the comparison. Raises TwofoldError or Cancelled."""
    recipe = load(job.recipe)
    with run.stage("scan") as count:
        listings = list_sides(job, run.control)
        count.done = sum(len(listing.files) for listing in listings.values())
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
        judgement = judged_identical(recipe)
    else:
        judgement = _judge(to_table(sides, recipe, job.seed), recipe, job.seed, run)
    image_sets = {side: builder.image_set() for side, builder in sides.items()}
    comparison = Comparison(
        id=identity(sides, recipe, job.seed),
        created=datetime.now(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z"),
        a=image_sets[Side.A],
        b=image_sets[Side.B],
        shared=shared,
        verdict=judgement.verdict,
        findings=tuple(judgement.findings),
        settings=settings(recipe, job.seed, CATALOGUE, run.network_lock),
        stages=tuple(run.stages),
        notes=remarks(image_sets, shared, judgement, CATALOGUE, run.network_lock),
    )
    run.control.check_cancelled()
    run.store.save(comparison, members(sides), job)
    return comparison


def _judge(table: ImageTable, recipe: Recipe, seed: int, run: Run) -> Judgement:
    proposed: list[tuple[Proposals, npt.NDArray[np.float64]]] = []
    with run.stage("propose") as count:
        proposals = [
            proposers.get(name).propose(table, CATALOGUE, recipe, seed, run.control)
            for name in recipe.proposers
        ]
        count.done = sum(len(some.hypotheses) for some in proposals)
    with run.stage("score") as count:
        for some, name in zip(proposals, recipe.proposers, strict=True):
            ranker = rankers.get(PROPOSERS[name])
            scores = ranker.score(some.hypotheses, table, CATALOGUE, run.control)
            proposed.append((some, scores))
            count.done += len(some.hypotheses)
    with run.stage("test") as count:
        judgement = judge(proposed, table, CATALOGUE, recipe, seed, run.control)
        count.done = judgement.verdict.tested
    for finding in judgement.findings:
        run.listener.finding(finding)
    return judgement
