"""What was dropped, pasted or chosen, read as sides of a comparison. Plain Python, no Qt.

Looks at names and kinds of paths only; opens no file and lists no folder.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from pathlib import Path
from urllib.parse import unquote, urlsplit

from engine.protocol import PeekAnswer, SetSource
from engine.vocabulary import Side

TABLE_SUFFIXES = {".csv", ".tsv"}


class Unusable(StrEnum):
    """Why what was handed in cannot be used."""

    NOTHING = "nothing"  # no path in it at all
    REMOTE = "remote"  # an address on a network
    MISSING = "missing"  # nothing at this path
    UNSPEAKABLE = "unspeakable"  # a name that is no text in any encoding we can send


@dataclass(frozen=True, slots=True)
class Taken:
    """What a drop means. Exactly one of the fields is filled."""

    sides: dict[Side, tuple[str, ...]] = field(default_factory=dict)
    table: str = ""
    unusable: Unusable | None = None
    culprit: str = ""  # the path that was unusable, if one was


@dataclass(frozen=True, slots=True)
class Failure:
    """Something went wrong, in words: what, and the next step."""

    code: str
    message: str
    hint: str = ""
    details: str = ""  # further lines a person may open: the end of a log


class Look(Enum):
    """How far the first look into a side has come."""

    NOT_YET = "not_yet"
    LOOKING = "looking"
    COUNTED = "counted"  # counts are known, thumbnails still to come
    DONE = "done"
    FAILED = "failed"


@dataclass(slots=True)
class SideState:
    """One side as it is being put together."""

    paths: tuple[str, ...] = ()
    label: str = ""  # as typed; empty takes the folder's name
    look: Look = Look.NOT_YET
    answer: PeekAnswer | None = None
    failure: Failure | None = None

    @property
    def offers_split(self) -> bool:
        """One folder with exactly two subfolders that hold images: probably A and B."""
        return self.answer is not None and len(self.paths) == 1 and len(self.answer.subfolders) == 2

    def source(self, recursive: bool) -> SetSource:
        return SetSource(paths=self.paths, label=self.label.strip(), recursive=recursive)


def default_label(paths: Sequence[str]) -> str:
    """What a set is called as long as nobody gives it a name."""
    if not paths:
        return ""
    if len(paths) == 1:
        path = Path(paths[0])
        return path.stem if path.is_file() else path.name or paths[0]
    return Path(os.path.commonpath(paths)).name or paths[0]


def take(paths: Sequence[str], target: Side) -> Taken:
    """What absolute paths mean that were dropped on one side.

    Two folders fill both sides, in the order given; one table describes both; anything else,
    in any mix, becomes the side it was dropped on.
    """
    if not paths:
        return Taken(unusable=Unusable.NOTHING)
    for path in paths:
        if not _speakable(path):
            return Taken(unusable=Unusable.UNSPEAKABLE, culprit=path)
        if not os.path.lexists(path):
            return Taken(unusable=Unusable.MISSING, culprit=path)
    only = Path(paths[0]) if len(paths) == 1 else None
    if only is not None and only.suffix.lower() in TABLE_SUFFIXES and only.is_file():
        return Taken(table=paths[0])
    if len(paths) == 2 and all(Path(path).is_dir() for path in paths):
        return Taken(sides={Side.A: (paths[0],), Side.B: (paths[1],)})
    return Taken(sides={target: tuple(dict.fromkeys(paths))})


def paths_in_text(text: str) -> tuple[list[str], Unusable | None]:
    """Paths typed or pasted, one a line: plain, quoted, with a tilde, or as file addresses."""
    found: list[str] = []
    for line in text.splitlines():
        entry = line.strip().strip("\"'").strip()
        if not entry:
            continue
        scheme = urlsplit(entry).scheme if "://" in entry else ""
        if scheme == "file":
            parts = urlsplit(entry)
            if parts.netloc not in ("", "localhost"):
                return [], Unusable.REMOTE
            entry = unquote(parts.path)
            if os.name == "nt":
                entry = entry.lstrip("/")
        elif scheme:
            return [], Unusable.REMOTE
        found.append(str(Path(os.path.normpath(Path(entry).expanduser())).absolute()))
    return found, None if found else Unusable.NOTHING


def _speakable(path: str) -> bool:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
