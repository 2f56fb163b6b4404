"""How a comparison looks on a terminal: progress, a table, plain lines when piped.

Data is shown as text, never as markup or control characters.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from engine import figures
from engine.protocol import ComparisonEntry, Event, SkippedEvent
from engine.protocol import Progress as ProgressEvent
from engine.report import models
from engine.report.names import displayable
from engine.report.wording import (
    duration,
    origin_words,
    p_words,
    remark_sentences,
    skipped_summary,
    verdict_headline,
    verdict_subline,
)
from engine.vocabulary import Finding, ImageSet, Side

if TYPE_CHECKING:
    from engine.vocabulary import Comparison

STAGES = {
    "scan": "Listing files",
    "read": "Reading and measuring",
    "caption": "Describing a sample of images",
    "propose": "Looking for hypotheses",
    "embed": "Encoding every image",
    "score": "Scoring",
    "test": "Testing",
    "report": "Writing",
    "load": "Loading a model",
    "verify": "Checking a model’s files",
    "install": "Installing a model",
    "copy": "Copying a model",
}
PASSING = {"load", "verify"}  # come in the midst of another stage, and again for each model
IN_BYTES = {"verify", "install", "copy"}  # stages that count bytes, not things
COLOURS = {Side.A: "bright_blue", Side.B: "dark_orange3"}
SCALE_CELLS = 15  # of the drawn AUROC scale, 0.5 to 1


class RunDisplay:
    """Progress on standard error: a bar on a terminal, a line a stage otherwise."""

    def __init__(self, *, quiet: bool) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._quiet = quiet
        self._live = self._console.is_terminal and not quiet
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=32),
            TextColumn("{task.fields[words]}"),
            console=self._console,
            transient=True,
        )
        self._task = self._bar.add_task("Starting", total=None, words="")
        self._stage = ""
        self._told: set[str] = set()
        self._skipped: Counter[str] = Counter()

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

    def show(self, event: Event) -> None:
        if isinstance(event, SkippedEvent):
            self._skipped[event.item.code] += 1
        elif isinstance(event, ProgressEvent):
            self._progress(event)

    def _progress(self, event: ProgressEvent) -> None:
        title = STAGES.get(event.stage, event.stage)
        if self._live:
            words = [far] if (far := _far(event)) else []
            if event.remaining_s is not None:
                words.append(f"{duration(event.remaining_s)} left")
            if skipped := self._skipped.total():
                words.append(f"{skipped:,} skipped")
            self._bar.update(
                self._task,
                description=title,
                completed=event.done,
                total=event.total or None,
                words=" · ".join(words),
            )
        elif event.stage != self._stage and not self._quiet:
            if event.stage not in self._told:  # a stage goes on after a model was loaded for it
                self._console.print(f"{title} …")
            self._told |= {event.stage} - PASSING
        self._stage = event.stage

    def cancelling(self) -> None:
        if not self._quiet:
            self._console.print("Cancelling …")


def _far(event: ProgressEvent) -> str:
    """How far a stage is; "" while nothing is known."""
    if event.stage == "load":  # counts parts of a file, which mean nothing to a person
        return f"{event.done / event.total:.0%}" if event.total else ""
    shown = figures.size if event.stage in IN_BYTES else figures.count
    if event.total:
        return f"{shown(event.done)} of {shown(event.total)}"
    return shown(event.done) if event.done else ""


def print_comparison(
    comparison: Comparison, show: int, *, kept: bool, console: Console | None = None
) -> None:
    """The verdict, what could mislead, then the findings, best first.

    On a terminal a table; otherwise a line each, columns apart by tabs, for other programs.
    """
    console = console or Console(highlight=False)
    console.soft_wrap = not console.is_terminal  # what is piped is not broken into lines
    a, b = comparison.a, comparison.b
    console.print(_sides(a, b))
    console.print(Text(verdict_headline(comparison), style="bold"))
    console.print(Text(verdict_subline(comparison)))
    for sentence in remark_sentences(comparison):
        console.print(Text(f"! {sentence}", style="yellow"))
    for image_set in (a, b):
        if image_set.skipped:
            summary = f"! {image_set.side}: {skipped_summary(image_set.skipped)}"
            console.print(Text(summary, style="yellow"))
    significant = [finding for finding in comparison.findings if finding.significant]
    if significant and show:
        console.print()
        if console.is_terminal:
            console.print(_table(significant[:show]))
        else:
            _print_lines(significant[:show])
    if len(significant) > show:
        console.print(f"… and {len(significant) - show} more.")
    for sentence in models.remarks(comparison):
        console.print(Text(f"! {sentence}", style="yellow"))
    if used := models.line(comparison):
        recipe = displayable(comparison.settings.recipe)
        console.print(Text(f"\nRecipe “{recipe}”, with {used}", style="dim"))
    if kept:
        console.print(Text(f"\nKept as {comparison.id}", style="dim"))


def _sides(a: ImageSet, b: ImageSet) -> Text:
    text = Text()
    for image_set in (a, b):
        label = displayable(image_set.label)
        text.append(f"{image_set.side} ", style=f"bold {COLOURS[image_set.side]}")
        text.append(f"{label} · {image_set.compared:,} images   ")
    return text


def _print_lines(findings: Sequence[Finding]) -> None:
    sys.stdout.flush()
    for rank, finding in enumerate(findings, 1):
        fields = (
            str(rank),
            str(finding.side),
            displayable(finding.description),
            f"AUROC {_auroc(finding)}",
            f"A {finding.rate_a:.0%}",
            f"B {finding.rate_b:.0%}",
            p_words(finding.q, "q"),
            origin_words(finding),
        )
        sys.stdout.write("\t".join(fields) + "\n")


def _table(findings: Sequence[Finding]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("", justify="right", style="dim")
    table.add_column("")
    table.add_column("more true of A or B", overflow="fold", ratio=1)
    table.add_column("AUROC, 95 % interval", no_wrap=True)
    table.add_column("in A", justify="right", style=COLOURS[Side.A])
    table.add_column("in B", justify="right", style=COLOURS[Side.B])
    table.add_column("", style="dim", no_wrap=True)
    for rank, finding in enumerate(findings, 1):
        what = Text(displayable(finding.description))
        if finding.origin.proposer != "measured":
            what.append(f"\n{origin_words(finding)}", style="dim")
        explained = [c.title for c in finding.confounds if c.explains]
        if explained:
            what.append(f"\nmay follow from {', '.join(explained)}", style="yellow")
        table.add_row(
            str(rank),
            Text(str(finding.side), style=f"bold {COLOURS[finding.side]}"),
            what,
            Text(_scale(finding), style=COLOURS[finding.side]) + Text(f" {_auroc(finding)}"),
            f"{finding.rate_a:.0%}",
            f"{finding.rate_b:.0%}",
            p_words(finding.q, "q"),
        )
    return table


def _auroc(finding: Finding) -> str:
    return f"{finding.auroc:.2f} [{finding.auroc_low:.2f}, {finding.auroc_high:.2f}]"


def _scale(finding: Finding) -> str:
    """The interval as a mark on a scale from 0.5 (no difference) to 1."""

    def cell(value: float) -> int:
        return round((min(max(value, 0.5), 1.0) - 0.5) * 2 * (SCALE_CELLS - 1))

    low, mark, high = (cell(v) for v in (finding.auroc_low, finding.auroc, finding.auroc_high))
    drawn = ["·"] * SCALE_CELLS
    drawn[low : high + 1] = ["─"] * (high + 1 - low)
    drawn[mark] = "●"
    return "".join(drawn)


def print_entries(entries: Sequence[ComparisonEntry]) -> None:
    console = Console(highlight=False)
    if not entries:
        Console(stderr=True).print("No comparison is stored yet.")
        return
    if not console.is_terminal:
        for entry in entries:
            sets = f"{displayable(entry.label_a)} / {displayable(entry.label_b)}"
            line = f"{entry.id}\t{entry.created}\t{sets}\t{entry.compared_a}\t{entry.compared_b}"
            sys.stdout.write(f"{line}\t{entry.outcome}\t{entry.significant}\n")
        return
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for title in ("id", "when (UTC)", "A", "B", "differences"):
        table.add_column(title, overflow="fold")
    for entry in entries:
        table.add_row(
            entry.id,
            entry.created.replace("T", " ").rstrip("Z"),
            Text(f"{displayable(entry.label_a)} · {entry.compared_a:,}"),
            Text(f"{displayable(entry.label_b)} · {entry.compared_b:,}"),
            str(entry.significant) if entry.significant else entry.outcome.replace("_", " "),
        )
    console.print(table)


def print_checks(checks: Sequence[Mapping[str, Any]]) -> None:
    """One line a check; the next step under those that failed."""
    console = Console(highlight=False)
    for check in checks:
        mark = Text("ok    ", style="green") if check["ok"] else Text("!     ", style="yellow")
        console.print(mark + Text(f"{check['name']}: {check['text']}"), soft_wrap=True)
        if not check["ok"] and check["hint"]:
            console.print(Text(f"      → {check['hint']}", style="dim"), soft_wrap=True)
    sys.stdout.flush()
