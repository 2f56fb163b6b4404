"""What stands in one landscape, in the words a caption would use. Paints nothing.

A scene is a plain description; the painter needs nothing else, so the same description gives
the same pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

SKIES = ("clear", "scattered", "overcast")
FOREGROUNDS = ("meadow", "beach", "rocks", "snow")
RELIEFS = ("mountains", "hills", "open sea")
TREES = ("leafy", "conifer")

#: width × height in pixels: lying formats are the common case
_LYING_PX = ((640, 480), (720, 480), (768, 512), (800, 534), (800, 450), (672, 504))
_OTHER_PX = ((560, 560), (480, 640), (512, 680))
SIZES_PX = _LYING_PX * 3 + _OTHER_PX


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One landscape by the sea."""

    width_px: int
    height_px: int
    lateness: float  # 0 noon … 1 dusk: decides the colour and strength of the light
    sky: str  # one of SKIES
    foreground: str  # one of FOREGROUNDS
    relief: str  # one of RELIEFS: what rises behind the bay
    sun_in_view: bool
    boats: int  # sailing boats
    lighthouse: bool
    trees: int  # single trees standing close by
    tree_kind: str  # one of TREES
    houses: int
    birds: int
    seed: tuple[int, ...]  # of everything that no caption would mention


def draw_scene(
    rng: np.random.Generator,
    even: Callable[[str], float],
    *,
    lateness: float,
    boats: bool,
    lighthouse: bool,
    seed: tuple[int, ...],
) -> Scene:
    """A scene with the given light and contents.

    even: a number in 0 … 1 for each purpose, named as below, that decides what a caption could
    mention; rng decides the rest.
    """
    width_px, height_px = SIZES_PX[int(even("size") * len(SIZES_PX))]
    foreground = _one_of(FOREGROUNDS, (0.38, 0.27, 0.21, 0.14), even("foreground"))
    many_boats = int(rng.choice((1, 2, 3, 4), p=(0.35, 0.3, 0.2, 0.15)))
    many_trees = int(rng.integers(1, 6)) if even("trees") < 0.45 else 0
    many_houses = int(rng.integers(1, 4)) if even("houses") < 0.27 else 0
    many_birds = int(rng.integers(2, 9)) if even("birds") < 0.35 else 0
    return Scene(
        width_px=width_px,
        height_px=height_px,
        lateness=lateness,
        sky=_one_of(SKIES, (0.3, 0.5, 0.2), even("sky")),
        foreground=foreground,
        relief=_one_of(RELIEFS, (0.42, 0.34, 0.24), even("relief")),
        sun_in_view=bool(rng.random() < 0.5),
        boats=many_boats if boats else 0,
        lighthouse=lighthouse,
        trees=many_trees,
        tree_kind="conifer" if foreground == "snow" else str(rng.choice(TREES)),
        houses=many_houses,
        birds=many_birds,
        seed=seed,
    )


def _one_of(names: Sequence[str], shares: Sequence[float], number: float) -> str:
    """The name whose share of 0 … 1 holds the number."""
    return names[min(int(np.searchsorted(np.cumsum(shares), number)), len(names) - 1)]
