"""What the commands of the bench do: open a work folder, run, print, write. No option is read here.

Runs the comparisons in this process, which gives up the network first, as the engine does.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import platformdirs

from engine.bench.rendered_bench.display import BenchDisplay, print_bench
from engine.bench.rendered_bench.experiment_run import carry_out
from engine.bench.rendered_bench.experiment_table import page
from engine.bench.rendered_bench.experiments import Experiment
from engine.bench.rendered_bench.levels import bench_data
from engine.bench.rendered_bench.marks import mark_pair
from engine.bench.rendered_bench.orders import as_listed
from engine.bench.rendered_bench.plan import Choice, chosen_pairs, foretell, outcomes
from engine.bench.rendered_bench.runner import Asked, Runner
from engine.errors import Cancelled
from engine.job import JobControl
from engine.report.target import write

__all__ = ["Place", "experiment", "rendered"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a bench works. work: None takes the person's cache folder."""

    work: Path | None
    data_dir: Path | None  # the person's data folder, whose models are used
    network_lock: tuple[str, ...]

    @property
    def folder(self) -> Path:
        return self.work or platformdirs.user_cache_path("Twofold", appauthor=False) / "bench"


@contextmanager
def _opened(place: Place, *, quiet: bool) -> Iterator[tuple[Runner, BenchDisplay]]:
    """A runner that hears interrupts, and the display of how far it is."""
    with BenchDisplay(quiet=quiet) as display:
        control = JobControl(display.stage)
        with Runner.open(
            place.folder, control, data_dir=place.data_dir, network_lock=place.network_lock
        ) as runner:
            before = _hear_interrupts(runner)
            try:
                yield runner, display
            finally:
                for number, handler in before.items():
                    signal.signal(number, handler)


def _hear_interrupts(runner: Runner) -> dict[int, signal._HANDLER]:
    def stop(*_: object) -> None:
        runner.control.cancel()
        if runner.drawing:
            raise Cancelled

    return {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}


def rendered(
    place: Place,
    asked: Asked,
    choice: Choice,
    *,
    seed: int,
    purity: float,
    json_: Path | None,
    quiet: bool,
) -> None:
    """Raises TwofoldError; Cancelled."""
    with _opened(place, quiet=quiet) as (runner, display):
        recipe = runner.recipe(asked)
        work = [(pair, asked) for pair in chosen_pairs(seed, choice, purity=purity)]
        foretell(work, runner, display)
        marks = [
            mark_pair(pair, found, as_listed) for pair, _, found in outcomes(work, runner, display)
        ]
    told = {**msgspec.to_builtins(recipe), "true_captions": asked.captions}
    data = bench_data(marks, seed=seed, purity=purity, recipe=told)
    if not quiet:
        print_bench(data)
    if json_ is not None:
        write(json_, msgspec.json.format(msgspec.json.encode(data), indent=1) + b"\n")


def experiment(
    place: Place,
    chosen: Experiment,
    base: Asked,
    choice: Choice,
    *,
    seeds: Sequence[int],
    out: Path,
    command: str,
    quiet: bool,
) -> None:
    """Writes the page to `out`, and its figures beside it as JSON. Raises as `rendered` does."""
    with _opened(place, quiet=quiet) as (runner, display):
        recipe = runner.recipe(base)
        rows = carry_out(chosen, seeds, base, choice, runner, display)
    figures = {
        "experiment": chosen.name,
        "recipe": msgspec.to_builtins(recipe),
        "seeds": list(seeds),
        "rows": rows,
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    text = page(chosen, rows, command=command, seeds=seeds, recipe=recipe.name)
    write(out, text.encode())
    raw = msgspec.json.format(msgspec.json.encode(figures), indent=1)
    write(out.with_suffix(".json"), raw + b"\n")
