"""All models that Twofold knows of: those it ships with, and the user's own.

Reads TOML files and nothing else. What is installed is the shelf's to say.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from engine.errors import BadManifest, UnknownModel
from engine.model import ModelSpec
from engine.weights import bundled
from engine.weights.manifest_file import Pack, parse_model, parse_pack

__all__ = ["Manifest", "Pack", "load_manifest"]

PACKAGE = "models_manifest"  # beside `engine`; holds TOML files, a few models, and no code


@dataclass(slots=True)
class Manifest:
    models: dict[str, ModelSpec]  # name -> model; Twofold's first, then the user's own
    packs: dict[str, Pack]

    def model(self, name: str) -> ModelSpec:
        """Raises UnknownModel, with names that are nearly alike."""
        spec = self.models.get(name)
        if spec is not None:
            return spec
        near = difflib.get_close_matches(name.lower(), self.models, n=3, cutoff=0.5)
        shown = ", ".join(f"“{other}”" for other in near)
        raise UnknownModel(
            f"No model is called “{name}”.",
            (f"Did you mean {shown}? " if near else "")
            + "“twofold models” lists all; “twofold models use PATH --name NAME” adds your own.",
        )

    def named(self, names: Iterable[str]) -> list[ModelSpec]:
        """The models that names of models and packs stand for, each once. Raises UnknownModel."""
        found = (
            model
            for name in names
            for model in (self.packs[name].models if name in self.packs else (name,))
        )
        return [self.model(name) for name in dict.fromkeys(found)]


def load_manifest(own: Path | None = None) -> Manifest:
    """The packaged manifest, and the entries in the folder `own` if there is one.

    Raises BadManifest, which names the file and the key that is wrong.
    """
    models: dict[str, ModelSpec] = {}
    packs: dict[str, Pack] = {}
    for origin, stem, text in _packaged("models"):
        models[stem] = bundled.with_folder(parse_model(text, origin, stem), PACKAGE)
    for origin, stem, text in _packaged("packs"):
        packs[stem] = parse_pack(text, origin, stem)
    if not models:
        raise _not_there()
    for pack in packs.values():
        for name in pack.models:
            if name not in models:
                raise BadManifest(f"packs/{pack.name}.toml names an unknown model, “{name}”.")
    for path in _own_files(own):
        spec = parse_model(_read(path), f"“{path}”", path.stem)
        if spec.name in models:
            raise BadManifest(
                f"“{path}” takes the name of a model that Twofold knows, “{spec.name}”.",
                "Give your model another name: rename the file and change `name` in it.",
            )
        models[spec.name] = spec
    return Manifest(models, packs)


def _packaged(folder: str) -> Iterator[tuple[str, str, bytes]]:
    """(where it lies, its name without .toml, its text), by name."""
    try:
        files = resources.files(PACKAGE).joinpath(folder)
        found = sorted(files.iterdir(), key=lambda file: file.name)
    except (ModuleNotFoundError, FileNotFoundError, NotADirectoryError):
        raise _not_there() from None
    for file in found:
        if file.name.endswith(".toml"):
            yield f"{folder}/{file.name}", file.name.removesuffix(".toml"), file.read_bytes()


def _not_there() -> BadManifest:
    return BadManifest("The manifest of models is missing.", "Install Twofold again.")


def _own_files(own: Path | None) -> list[Path]:
    if own is None or not own.is_dir():
        return []
    return sorted(own.glob("*.toml"))


def _read(path: Path) -> bytes:
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            return file.read(2 * 1024 * 1024)
    except OSError as error:
        raise BadManifest(
            f"“{path}” cannot be read: {error.strerror}.", "Correct or remove the file."
        ) from None
