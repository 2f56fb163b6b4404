"""The images of a pair on disk, and the table that says which side each belongs to.

An image is drawn once, whatever the purity: at another purity the table puts it on another side,
so that everything known of it stays known. Compares nothing.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from engine.bench.rendered.pair_files import write_pair
from engine.bench.rendered.pairs import Pair
from engine.bench.rendered_bench.sources import world_version
from engine.protocol import TableSource

__all__ = ["SIZE_PX", "source"]

SIZE_PX = 96  # of the images on disk: more than the pocket models see


def source(pair: Pair, folder: Path, *, captions: str = "") -> TableSource:
    """Draws what is missing, and returns the table of the pair.

    captions: "short" or "detailed" lets every image bring a true caption along; "" lets none.
    """
    own = folder / world_version() / f"seed-{pair.seed}" / f"{pair.name}-{pair.images}"
    if not own.exists():
        part = own.with_name(f"{own.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        write_pair(replace(pair, purity=1.0), part, size_px=SIZE_PX, with_captions=True)
        part.rename(own)
    table = own / f"purity-{pair.purity:g}-{captions or 'none'}.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("path", "group", "caption"))
        rows.writerows(_rows(pair, own, captions))
    return TableSource(str(table), group_a="A", group_b="B")


def _rows(pair: Pair, own: Path, captions: str) -> Iterator[tuple[str, str, str]]:
    drawn = {}
    for side, scenes in zip("AB", replace(pair, purity=1.0).scenes(), strict=True):
        with (own / side / "captions.csv").open(encoding="utf-8", newline="") as file:
            told = list(csv.DictReader(file))
        for scene, row in zip(scenes, told, strict=True):
            caption = row[captions] if captions else ""
            drawn[scene] = (f"{side}/{row['file']}", caption)
    for side, scenes in zip("AB", pair.scenes(), strict=True):
        for scene in scenes:
            path, caption = drawn[scene]
            yield path, side, caption
