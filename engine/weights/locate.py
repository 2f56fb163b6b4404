"""Finds a model's files where another program keeps them. Looks at names; opens no weights.

Knows the hub's cache (models--OWNER--NAME/snapshots/COMMIT), LM Studio (OWNER/NAME/FILE), a
plain folder, and a single file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from engine.errors import MissingPath, ModelMissing, NoPermission
from engine.model import Loader, ModelSpec
from engine.weights.manifest_file import PROJECTOR

COMMIT = re.compile(r"[0-9a-f]{40}")
MAX_SNAPSHOTS = 100  # looked at in a cache


@dataclass(frozen=True, slots=True)
class Located:
    files: dict[str, Path]  # name within the model -> where it lies
    revision: str  # commit, when the place says so; else ""


def locate(spec: ModelSpec, path: Path, projector: Path | None = None) -> Located:
    """Raises MissingPath, NoPermission, or ModelMissing which names a file that is not there."""
    for named in (path, projector):
        if named is not None and not named.exists():
            raise MissingPath(f"“{named}” does not exist.", "Check the path.")
    given = {} if projector is None else _given(spec, projector)
    try:
        if path.is_file():
            main = _main_name(spec, path)
            return _complete(spec, path.parent, {main: path} | given, "")
        return _in_folder(spec, path, given)
    except PermissionError:
        raise NoPermission(f"“{path}” may not be read by this user.", "") from None


def _in_folder(spec: ModelSpec, path: Path, given: dict[str, Path]) -> Located:
    lacking: ModelMissing | None = None
    for folder in _candidates(spec, path):
        revision = folder.name if COMMIT.fullmatch(folder.name) else ""
        try:
            return _complete(spec, folder, given, revision)
        except ModelMissing as error:
            lacking = lacking or error
    assert lacking is not None  # the folder itself is always looked into
    raise lacking


def _candidates(spec: ModelSpec, path: Path) -> Iterator[Path]:
    """Folders that may hold the files, the likeliest first."""
    yield from snapshots(path, spec.revision)
    if spec.repository:
        cached = "models--" + spec.repository.replace("/", "--")
        for cache in (path / cached, path / "hub" / cached):
            yield from snapshots(cache, spec.revision)
        if (path / spec.repository).is_dir():
            yield path / spec.repository
    yield path


def snapshots(repository: Path, wanted: str = "") -> Iterator[Path]:
    """Checked-out commits in a repository of the hub's cache: the wanted one, main, the rest."""
    root = repository / "snapshots"
    if not root.is_dir():
        return
    found = [folder.name for folder in sorted(root.iterdir())[:MAX_SNAPSHOTS] if folder.is_dir()]
    main = repository / "refs" / "main"
    current = main.read_text(encoding="ascii", errors="replace").strip() if main.is_file() else ""
    for name in dict.fromkeys([wanted, current, *found]):
        if name in found:
            yield root / name


def _complete(spec: ModelSpec, folder: Path, given: dict[str, Path], revision: str) -> Located:
    files = dict(given)
    for file in spec.files:
        if file.path in files:
            continue
        found = _find(spec, folder, file.path)
        if found is None:
            raise ModelMissing(
                f"“{folder}” does not hold “{file.path}”, which {spec.title} needs.",
                f"Name the folder that holds it, or install it: “twofold models install "
                f"{spec.name}”."
                if spec.repository
                else "Name the folder that holds all its files.",
            )
        files[file.path] = found
    return Located({file.path: files[file.path] for file in spec.files}, revision)


def _find(spec: ModelSpec, folder: Path, name: str) -> Path | None:
    for path in (folder / name, folder / PurePosixPath(name).name):
        if path.is_file():
            return path
    if name == spec.options.get(PROJECTOR):  # other programs name it otherwise; its hash decides
        others = sorted(folder.glob("*mmproj*.gguf"))
        if len(others) == 1 and others[0].is_file():
            return others[0]
    return None


def _main_name(spec: ModelSpec, path: Path) -> str:
    """Which of the model's files a single file is: the one of its name, else its weights."""
    names = [file.path for file in spec.files if file.path != spec.options.get(PROJECTOR)]
    alike = [name for name in names if name.lower().endswith(path.suffix.lower())]
    for name in names:
        if PurePosixPath(name).name == path.name:
            return name
    if len(alike) == 1:
        return alike[0]
    raise ModelMissing(
        f"“{path.name}” alone is not {spec.title}.", "Name the folder that holds all its files."
    )


def _given(spec: ModelSpec, projector: Path) -> dict[str, Path]:
    if spec.loader is not Loader.GGUF_VISION:
        raise ModelMissing(f"{spec.title} has no projector.", "Leave --projector away.")
    return {str(spec.options[PROJECTOR]): projector}
