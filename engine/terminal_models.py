"""How models look on a terminal: a table, plain lines when piped. Data is shown as text."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine import figures
from engine.protocol import ModelEntry
from engine.report.names import displayable

STATES = {
    "installed": ("installed", "green"),
    "in_place": ("in place", "green"),
    "bundled": ("with Twofold", "green"),
    "partial": ("partly fetched", "yellow"),
    "damaged": ("damaged", "red"),
    "missing": ("–", "dim"),
}
FITS = {"gpu": "graphics card", "ram": "main memory", "no": "too large", "unknown": "?"}


def print_models(models: Sequence[ModelEntry]) -> None:
    """Every model, those of a pack together, and how to get one."""
    console = Console(highlight=False)
    if not console.is_terminal:
        sys.stdout.writelines(_line(model) for model in models)
        return
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for title in ("model", "for", "size", "state", "fits into", "licence", "packs"):
        table.add_column(title, overflow="fold", justify="right" if title == "size" else "left")
    for model in models:
        state, style = STATES.get(model.state, (model.state, ""))
        licence = Text(displayable(model.licence))
        if model.forbids:
            licence.append(f"\n{displayable(model.forbids)}", style="dim")
        table.add_row(
            Text(displayable(model.name)),
            ", ".join(model.roles),
            _size(model),
            Text(state, style=style),
            Text(FITS[model.fits], style="yellow" if model.fits == "no" else ""),
            licence,
            ", ".join(model.packs),
        )
    console.print(table)
    Console(stderr=True, highlight=False).print(
        "\nInstall a pack or a model: twofold models install laptop\n"
        "From a USB drive, with no network: twofold models import FOLDER",
        style="dim",
    )


def _size(model: ModelEntry) -> str:
    return "?" if model.size_bytes is None else figures.size(model.size_bytes)


def _line(model: ModelEntry) -> str:
    fields = (
        model.name,
        ",".join(model.roles),
        "" if model.size_bytes is None else str(model.size_bytes),
        model.state,
        model.fits,
        displayable(model.licence),
        ",".join(model.packs),
    )
    return "\t".join(fields) + "\n"
