"""Names the program that a result came from by its source, so that no result outlives a change."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import blake3

from engine import __version__

__all__ = ["program_version", "world_version"]

_ENGINE = Path(__file__).parents[2]
_DIGITS = 6  # bytes of a digest
#: how names below the engine begin that have no say in what a comparison comes to
_WITHOUT_SAY = ("bench", "report", "cli", "terminal")


@cache
def world_version() -> str:
    """Of the rendered world: another one draws other images."""
    return _digest(_files(_ENGINE / "bench" / "rendered"))


@cache
def program_version() -> str:
    """Of all that decides what a comparison of the same images comes to."""
    files = _files(_ENGINE)
    return _digest(f for f in files if not f.relative_to(_ENGINE).parts[0].startswith(_WITHOUT_SAY))


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.suffix in {".py", ".txt"})


def _digest(files: Iterator[Path] | list[Path]) -> str:
    """Where the source is not at hand, the version of Twofold alone counts."""
    digest = blake3.blake3(__version__.encode())
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return str(digest.hexdigest(_DIGITS))
