"""File names as they may be shown and sent, and the way back to the disk.

A name on disk is bytes and need not be Unicode, while everything that leaves this package
travels as JSON. So `root`, `name` and `path` are always valid Unicode, with U+FFFD in place of
every byte that is none; whoever opens the file uses its spelling on disk. Opens no file.
"""

# Paths stay strings here: a hundred thousand Path objects cost seconds.
# ruff: noqa: PTH118

from __future__ import annotations

import os
import re

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_SURROGATES = re.compile("[\ud800-\udfff]")


def shown(name: str) -> str:
    """name with every lone surrogate (a byte that is no Unicode) as U+FFFD."""
    if name.isascii():
        return name
    return _SURROGATES.sub(REPLACEMENT, name)


def on_disk(path: str) -> str | None:
    """The spelling on disk of an absolute path as it is shown.

    Most paths are their own spelling. Where a part holds U+FFFD, the one entry of its folder
    that is shown so is taken; None when there is none, or more than one.
    """
    if REPLACEMENT not in path or os.path.lexists(path):
        return path
    head, name = os.path.split(path)
    folder = on_disk(head)
    if folder is None:
        return None
    if REPLACEMENT not in name:
        return os.path.join(folder, name)
    try:
        with os.scandir(folder) as entries:
            candidates = [entry.path for entry in entries if shown(entry.name) == name]
    except OSError:
        return None
    return candidates[0] if len(candidates) == 1 else None
