"""Models that come with Twofold: their files lie in the package itself, and nothing is written.

What the manifest says of every file stands in for the lock file that an installed model has. Such
a model is neither fetched nor replaced nor removed. Reads no weights.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import resources
from pathlib import Path

from engine.errors import BadManifest, InputError, ModelMissing
from engine.model import ModelSpec
from engine.weights.identity import Identity
from engine.weights.lock_file import Lock, LockedFile

FOLDER = "pocket"  # within the package of the manifest; holds a folder a model
CARD = "README.md"  # what is to be known of a model; lies beside its files and is none of them
SOURCE = "package"
_NEVER_READ = Identity(0, 0, 0, 0, 0)  # of no file: what lies in the package is read at each load


def with_folder(spec: ModelSpec, package: str) -> ModelSpec:
    """An entry of Twofold's own; one that comes from no hub lies in the package.

    Raises BadManifest when it does not say what its files are: nobody else could.
    """
    if spec.repository:
        return spec
    if not all(file.size_bytes and file.sha256 for file in spec.files):
        raise BadManifest(
            f"models/{spec.name}.toml names neither a repository nor size and hash of every file.",
            "A model that comes with Twofold needs the latter.",
        )
    folder = Path(str(resources.files(package).joinpath(FOLDER, spec.name)))
    return replace(spec, bundled=folder)


def lock_of(spec: ModelSpec) -> Lock | None:
    """What an installed model's lock file would say; None: its files were left out of the package.

    spec: of a bundled model.
    """
    if spec.bundled is None or not spec.bundled.is_dir():
        return None
    files = tuple(
        LockedFile(
            path=file.path,
            size_bytes=file.size_bytes or 0,
            sha256=file.sha256,
            identity=_NEVER_READ,
        )
        for file in spec.files
    )
    return Lock(name=spec.name, revision="", source=SOURCE, when="", files=files)


def lacking(spec: ModelSpec) -> ModelMissing:
    return ModelMissing(
        f"{spec.title} comes with Twofold, but its files were left out of this copy.",
        "Install Twofold again, from a complete package.",
    )


def refuse_change(spec: ModelSpec) -> None:
    """Raises InputError for a model that comes with Twofold."""
    if spec.bundled is not None:
        raise InputError(
            f"{spec.title} comes with Twofold: it can be neither replaced nor removed.",
            "It is used only where a recipe names it.",
        )
