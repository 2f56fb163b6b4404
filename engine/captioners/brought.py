"""Captions that the images bring along: from a table, a sidecar or their own metadata.

Asks no model. Whoever wrote them meant every word, so that only marks and line ends go.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.captioners.clean import one_line
from engine.image_table import ImageTable


def captions(table: ImageTable, rows: Sequence[int]) -> dict[int, str]:
    """row -> text, "" where an image brings none."""
    return {row: one_line(table.texts[row]) for row in rows}
