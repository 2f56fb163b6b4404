"""Which images the proposers that look at captions or images get to see, by seed.

Depends on the images' contents and the seed alone, neither on names nor on reading order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.image_table import ImageTable


@dataclass(frozen=True, slots=True)
class Round:
    """Rows of the table shown in one round of proposing; each side at most `samples`."""

    number: int  # from 1
    a: tuple[int, ...]
    b: tuple[int, ...]


def sample_rounds(table: ImageTable, rounds: int, samples: int, seed: int) -> tuple[Round, ...]:
    """Samples without replacement within a round, afresh for each; discover images only.

    A side with fewer images than `samples` shows all it has. Rows of a side stand in an order
    that the seed decides, so that no file order leaks into the prompt.
    """
    sides = [np.flatnonzero(table.discover & chosen) for chosen in (table.is_a, ~table.is_a)]
    found = []
    for number in range(1, rounds + 1):
        rng = np.random.default_rng([seed, number])
        a, b = (rng.permutation(rows)[:samples].tolist() for rows in sides)
        found.append(Round(number, tuple(a), tuple(b)))
    return tuple(found)
