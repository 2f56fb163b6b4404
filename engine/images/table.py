"""Both sides from one table: a CSV file with a row an image. Opens no image.

A file that is named is taken as an image whatever its suffix, and a link that is named is
followed: whoever wrote the table chose both.
"""

# Paths stay strings here, see names.py.
# ruff: noqa: PTH100, PTH116, PTH118, PTH120

from __future__ import annotations

import os
import stat
import time
from collections import Counter
from operator import attrgetter

import msgspec

from engine.errors import SKIP_REASONS, BadTable, NotTwoGroups
from engine.images.listing import FileEntry, Listing
from engine.images.names import shown
from engine.images.rows import Row, read_rows
from engine.images.scan import stat_chosen
from engine.images.sidecars import sidecar_name, texts_in
from engine.images.texts import clean_text
from engine.job import JobControl
from engine.protocol import TableSource
from engine.vocabulary import Skipped

NAMED_GROUPS = 8  # in an error
TICK_ROWS = 64  # rows between two looks at the clock
PROGRESS_EVERY_S = 0.1


def scan_table(source: TableSource, *, job: JobControl) -> tuple[Listing, Listing]:
    """Side A and side B, labelled by the values of the group column.

    A path that stands twice in one group is listed once, with the captions of both rows.
    Raises MissingPath, NoPermission, BadTable (no table, or a column is missing), NotTwoGroups,
    Cancelled.
    """
    file = os.path.abspath(source.file)
    stat_chosen(file)
    job.check_cancelled()
    rows = read_rows(file, source, job)
    a, b = _two_groups(Counter(row.group for row in rows if row.group), source)
    folder = os.path.dirname(file)
    sides = {a: _Side(folder), b: _Side(folder)}
    reported_s = time.monotonic()
    for count, row in enumerate(rows):
        if count % TICK_ROWS == 0 and time.monotonic() - reported_s >= PROGRESS_EVERY_S:
            reported_s = time.monotonic()
            job.progress("scan", count, 0)
        if row.group in sides:
            sides[row.group].add(row)
    job.progress("scan", sum(len(side.files) for side in sides.values()), 0)
    return sides[a].listing(a), sides[b].listing(b)


def _two_groups(groups: Counter[str], source: TableSource) -> tuple[str, str]:
    """The values that are side A and side B: those asked for, else the only two there are."""
    names = list(groups)
    asked = [name for name in (source.group_a, source.group_b) if name]
    if len(names) == 2 and not asked:
        return names[0], names[1]
    if len(names) == 2 and len(asked) == 1 and asked[0] in names:
        other = names[1 - names.index(asked[0])]
        return (asked[0], other) if source.group_a else (other, asked[0])
    if len(set(asked)) == 2 and set(asked) <= set(names):
        return source.group_a, source.group_b
    found = ", ".join(f"{name} ({count})" for name, count in groups.most_common(NAMED_GROUPS))
    more = f" and {len(names) - NAMED_GROUPS} more" if len(names) > NAMED_GROUPS else ""
    values = f"{len(names)} values: {found}{more}" if names else "no value"
    missing = [name for name in asked if name not in groups]
    unknown = f" “{missing[0]}” is none of them." if missing else ""
    raise NotTwoGroups(
        f"The column “{source.group_column}” has {values}.{unknown}",
        "Say which two of its values are side A and side B.",
    )


class _Side:
    """The files of one group, as the table names them."""

    def __init__(self, folder: str) -> None:
        self.files: dict[str, FileEntry] = {}  # real path -> entry
        self._folder = folder  # of the table
        self._skipped: dict[str, Skipped] = {}  # path as written -> why
        self._texts: dict[str, dict[str, str]] = {}  # folder -> its text files

    def add(self, row: Row) -> None:
        if not row.path:
            raise BadTable(
                f"Line {row.line} of the table names no file.", "Complete or remove that line."
            )
        path = self._locate(row.path)
        caption = clean_text(row.caption)
        try:
            found = os.lstat(path)
            linked = stat.S_ISLNK(found.st_mode)
            if linked:
                found = os.stat(path)
            real = os.path.realpath(path) if linked else path
        except PermissionError:
            self._skip(row.path, path, "no_permission")
        except (OSError, ValueError):  # ValueError: a NUL within the path
            self._skip(row.path, path, "missing_in_table")
        else:
            if stat.S_ISREG(found.st_mode):
                self._take(path, real, found, caption)
            else:
                folder = stat.S_ISDIR(found.st_mode)
                self._skip(row.path, path, "not_an_image" if folder else "special_file")

    def listing(self, label: str) -> Listing:
        return Listing(
            label=label,
            files=sorted(self.files.values(), key=attrgetter("name", "root")),
            skipped=list(self._skipped.values()),
            other_files=0,
            subfolders=(),
        )

    def _locate(self, written: str) -> str:
        path = os.path.normpath(os.path.join(self._folder, written))
        if os.sep == "/" and "\\" in written and not os.path.lexists(path):
            # a table written on Windows
            path = os.path.normpath(os.path.join(self._folder, written.replace("\\", "/")))
        return path

    def _take(self, path: str, real: str, found: os.stat_result, caption: str) -> None:
        key = os.path.normcase(real)
        known = self.files.get(key)
        if known is not None:
            lines = [*known.caption.splitlines(), *caption.splitlines()]
            merged = "\n".join(dict.fromkeys(lines))
            self.files[key] = msgspec.structs.replace(known, caption=merged)
            return
        root, name = os.path.split(path)
        if path.startswith(self._folder.rstrip(os.sep) + os.sep):
            root, name = self._folder, os.path.relpath(path, self._folder)
        self.files[key] = FileEntry(
            shown(root),
            shown(name).replace(os.sep, "/"),
            found.st_size,
            found.st_mtime_ns,
            found.st_ctime_ns,
            found.st_ino,
            found.st_dev,
            caption,
            shown(self._sidecar(path)),
            real if real != path or shown(path) != path else "",
        )

    def _sidecar(self, path: str) -> str:
        folder, name = os.path.split(path)
        if folder not in self._texts:
            self._texts[folder] = texts_in(folder)
        return sidecar_name(name, self._texts[folder])

    def _skip(self, written: str, path: str, code: str) -> None:
        item = Skipped(shown(path), shown(written), code, SKIP_REASONS[code])
        self._skipped.setdefault(written, item)
