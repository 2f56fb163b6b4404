"""Which names models and their files may have. Pure functions; opens nothing.

A file's name comes from a manifest, a bundle or a folder of a stranger, and becomes a path. The
kinds of files are a short list: those that hold numbers or plain text, and none that a library
could run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

#: what may be part of a model: weights, and the text that describes them
SUFFIXES = frozenset({".safetensors", ".gguf", ".json", ".txt", ".model", ".jinja"})

#: suffixes of checkpoints that run code when they are opened
PICKLED = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".npy", ".npz"})

#: folders of the shelf that no model may be called by
RESERVED = frozenset({"own", "locks"})

MAX_PATH = 200  # characters of a file's name within its model

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?")
_FORBIDDEN = frozenset('\\:*?"<>|')  # on one system or another
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)  # on Windows


def name_fault(name: str) -> str:
    """Why a model cannot be called so, as the end of a sentence; "" when it can."""
    if not _NAME.fullmatch(name) or ".." in name:
        return "must be lower case letters, digits, dots and dashes, at most 64 of them"
    if name in RESERVED or _DEVICE.fullmatch(name):
        return "is a name that is kept for something else"
    return ""


def path_fault(path: str) -> str:
    """Why a file of a model cannot be called so, as the end of a sentence; "" when it can."""
    if not path or len(path) > MAX_PATH or not path.isprintable() or set(path) & _FORBIDDEN:
        return "is not a plain file name"
    for part in path.split("/"):
        if part in ("", ".", ".."):
            return "must lie within the model's own folder"
        if part != part.strip(" ") or part.endswith(".") or _DEVICE.fullmatch(part):
            return "is not a plain file name on every system"
    return suffix_fault(path)


def suffix_fault(path: str) -> str:
    """Why a file of this suffix is never part of a model, or ""."""
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in SUFFIXES:
        return ""
    if suffix in PICKLED:
        return "is a kind of file that can run code when it is opened"
    return f"is not one of the kinds that are allowed ({', '.join(sorted(SUFFIXES))})"


def colliding(paths: Iterable[str]) -> str:
    """The first path that would lie in the same place as another; "" when there is none.

    Some file systems do not tell cases apart, and a file cannot also be a folder.
    """
    files: set[str] = set()
    folders: set[str] = set()
    for path in paths:
        pure = PurePosixPath(path.casefold())
        above = {str(parent) for parent in pure.parents if str(parent) != "."}
        if str(pure) in files | folders or above & files:
            return path
        files.add(str(pure))
        folders |= above
    return ""
