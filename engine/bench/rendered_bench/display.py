"""How a bench looks on a terminal: how far it is, then its tables. Computes nothing."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from engine import figures
from engine.bench.rendered.pairs import Pair
from engine.terminal import STAGES

__all__ = ["BenchDisplay", "print_bench"]


class BenchDisplay:
    """A bar on a terminal; otherwise a line for each pair that was compared now.

    The time left is estimated from the pace of the pairs that were compared so far, by their
    number of images; what is known already takes no time.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._quiet = quiet
        self._live = self._console.is_terminal and not quiet
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=32),
            TextColumn("{task.completed} of {task.total}{task.fields[words]}"),
            console=self._console,
            transient=True,
        )
        self._task = self._bar.add_task("Starting", total=None, words="")
        self._pairs = self._done = 0
        self._images_left = self._images_done = 0
        self._seconds = 0.0
        self._begun = time.monotonic()
        self._name = ""

    def __enter__(self) -> Self:
        if self._live:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live:
            self._bar.stop()

    def planned(self, images: int, pairs: int) -> None:
        self._images_left, self._pairs = images, pairs
        self._bar.update(self._task, total=pairs)

    def begun(self, pair: Pair, *, known: bool) -> None:
        self._begun = time.monotonic()
        self._name = f"{pair.name}, seed {pair.seed}"
        if not known:
            self._show("Drawing")

    def stage(self, stage: str, done: int, total: int) -> None:
        """A stage of the comparison that is running."""
        self._show(STAGES.get(stage, stage), f"{done} of {total}" if total else "")

    def ended(self, pair: Pair, seconds: float, *, known: bool) -> None:
        self._done += 1
        if not known:
            self._seconds += seconds
            self._images_done += 2 * pair.images
            self._images_left -= 2 * pair.images
        self._bar.update(self._task, completed=self._done)
        if not (self._live or self._quiet or known):
            far = f"{self._done} of {self._pairs}"
            took = figures.duration(seconds)
            self._console.print(f"{far}  {self._name}  {took}{self._left(0.0)}")

    def _show(self, title: str, far: str = "") -> None:
        if self._live:
            words = self._left(time.monotonic() - self._begun)
            self._bar.update(self._task, description=f"{self._name}: {title} {far}", words=words)

    def _left(self, spent: float) -> str:
        """spent: seconds on the pair that is running."""
        if not self._images_done or self._images_left <= 0:
            return ""
        left = self._images_left * self._seconds / self._images_done - spent
        return f", about {figures.duration(max(left, 0.0))} left"


def print_bench(data: dict[str, Any], console: Console | None = None) -> None:
    """Accuracy by level, then where the rest was lost. Plain lines with tabs where it is piped."""
    console = console or Console(highlight=False)
    tables = (
        (ACCURACY, [_accuracy(level, row) for level, row in data["levels"].items()]),
        (DIAGNOSIS, [_diagnosis(level, row) for level, row in data["diagnosis"].items()]),
    )
    for k, (titles, rows) in enumerate(tables):
        if not console.is_terminal:
            sys.stdout.writelines("\t".join(cells) + "\n" for cells in (titles, *rows))
            continue
        table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
        for title in titles:
            in_words = title in {titles[0], LOST}
            table.add_column(title, justify="left" if in_words else "right", overflow="fold")
        for cells in rows:
            table.add_row(*cells)
        console.print(table)
        if k == 0:
            console.print()


LOST = "lost by"
ACCURACY = (
    "level", "Acc@1", "95 %", "Acc@5", "phrases @1", "@5", "pairs", "findings", "of them true",
)  # fmt: skip
DIAGNOSIS = (
    "level", "captions state it", "falsely", "proposed", "at least in part", "then first",
    "then in 5", LOST,
)  # fmt: skip
SHARES = (
    "caption_recall", "caption_false", "proposed_full", "proposed_half", "ranked_first",
    "ranked_in_5",
)  # fmt: skip


def _accuracy(level: str, row: dict[str, Any]) -> list[str]:
    return [
        level,
        f"{row['acc@1']:.2f}",
        f"{row['low']:.2f} – {row['high']:.2f}",
        f"{row['acc@5']:.2f}",
        f"{row['phrases_acc@1']:.2f}",
        f"{row['phrases_acc@5']:.2f}",
        str(row["pairs"]),
        f"{row['significant']:.1f}",
        f"{row['significant_true']:.1f}",
    ]


def _diagnosis(level: str, row: dict[str, Any]) -> list[str]:
    lost = [f"{where} {n}" for where, n in row["lost"].items() if n and where != "found"]
    return [level, *(_share(row[name]) for name in SHARES), ", ".join(lost) or "–"]


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"
