"""Listing 100,000 image files: scan_paths beside os.walk with one stat a file.

    python -m benchmarks.scan [--files 100000] [--rounds 7] [--folder DIR]

Both list the same files in the same process, one after the other, round by round; medians of
the rounds are printed. os.walk here tests the suffix too, so that both stat the same files.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from engine.images.formats import has_suffix
from engine.images.scan import scan_paths
from engine.job import JobControl

FILES_A_FOLDER = 1_000


def make_files(folder: Path, count: int) -> None:
    """Empty files, a thousand a folder, every tenth of them no image."""
    for first in range(0, count, FILES_A_FOLDER):
        inner = folder / f"{first // FILES_A_FOLDER:04}"
        inner.mkdir()
        for i in range(first, min(first + FILES_A_FOLDER, count)):
            (inner / f"image-{i:06}.{'json' if i % 10 == 0 else 'jpg'}").touch()


def walk_and_stat(folder: Path) -> int:
    found = []
    for inner, _, names in os.walk(folder):
        for name in names:
            if has_suffix(name):
                path = os.path.join(inner, name)  # noqa: PTH118 - as one writes it for speed
                status = os.stat(path)  # noqa: PTH116
                found.append((path, status.st_size, status.st_mtime_ns))
    found.sort()
    return len(found)


def scan(folder: Path) -> int:
    job = JobControl()
    return len(scan_paths([str(folder)], recursive=True, label="", job=job).files)


def seconds(work: Callable[[Path], int], folder: Path) -> float:
    start = time.perf_counter()
    work(folder)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--folder", help="where the files are made; default: the temporary folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        make_files(folder, options.files)
        assert scan(folder) == walk_and_stat(folder)
        rounds = [
            (seconds(walk_and_stat, folder), seconds(scan, folder)) for _ in range(options.rounds)
        ]
    walked, scanned = (statistics.median(column) for column in zip(*rounds, strict=True))
    each = 1e6 / options.files
    print(f"os.walk + stat: {walked:.3f} s ({walked * each:.2f} µs a file)")
    print(f"scan_paths:     {scanned:.3f} s ({scanned * each:.2f} µs a file)")
    print(f"ratio:          {scanned / walked:.2f}")


if __name__ == "__main__":
    main()
