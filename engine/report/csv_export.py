"""Findings as a CSV table, one row each, that a spreadsheet opens safely.

RFC 4180 with a UTF-8 byte order mark, so that Excel reads it as UTF-8. Text that a spreadsheet
would run as a formula gets a leading apostrophe; control characters appear as escapes.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence

from engine.report.names import displayable
from engine.vocabulary import Finding

MAX_CELL = 32_000  # characters; Excel cuts a cell at 32,767
_FORMULA = tuple("=+-@\t\r＝＋－＠")

_Cell = str | int | float | bool | None

COLUMNS: tuple[tuple[str, Callable[[Finding], _Cell]], ...] = (
    ("description", lambda f: f.description),
    ("side", lambda f: str(f.side)),
    ("significant", lambda f: f.significant),
    ("auroc", lambda f: f.auroc),
    ("auroc_low", lambda f: f.auroc_low),
    ("auroc_high", lambda f: f.auroc_high),
    ("p", lambda f: f.p),
    ("q", lambda f: f.q),
    ("rate_a", lambda f: f.rate_a),
    ("rate_b", lambda f: f.rate_b),
    ("opposite", lambda f: f.opposite),
    ("origin", lambda f: f.origin.proposer),
    ("held_out", lambda f: f.held_out),
    ("kind", lambda f: f.kind),
    ("unit", lambda f: f.unit),
    ("threshold", lambda f: f.threshold),
    ("mean_a", lambda f: f.mean_a),
    ("mean_b", lambda f: f.mean_b),
    ("effect_size", lambda f: f.effect_size),
    ("test", lambda f: f.test),
    ("p_welch", lambda f: f.p_welch),
    ("n_a", lambda f: f.n_a),
    ("n_b", lambda f: f.n_b),
    ("auroc_discover", lambda f: f.auroc_discover),
    ("explained_by", lambda f: "; ".join(c.title for c in f.confounds if c.explains)),
    ("also", lambda f: "; ".join(f.also)),
    ("id", lambda f: f.id),
)


def render(findings: Sequence[Finding]) -> bytes:
    """A header and one row a finding, numbered in the order given."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(["rank", *(name for name, _ in COLUMNS)])
    for rank, finding in enumerate(findings, 1):
        writer.writerow([str(rank), *(_cell(read(finding)) for _, read in COLUMNS)])
    return buffer.getvalue().encode("utf-8-sig")


def _cell(value: _Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value) if math.isfinite(value) else ""
    return _inert(displayable(value, MAX_CELL))


def _inert(text: str) -> str:
    """A spreadsheet may skip leading blanks before it looks for a formula."""
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
