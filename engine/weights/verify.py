"""Whether files are the model they are said to be: sizes, structure, kind, hashes.

The manifest's word counts first; where it is silent, what was learnt when the model was
installed. Raises ModelDamaged, ModelRefused, WrongModel or Cancelled. Moves and writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.errors import ModelDamaged, ModelRefused
from engine.job import JobControl
from engine.model import ModelSpec
from engine.weights.bundled import CARD
from engine.weights.contents import check_file, check_kind
from engine.weights.hashing import Hashed, hash_files
from engine.weights.headers import SUSPICIOUS
from engine.weights.identity import Identity

SHOWN_DIGITS = 12  # of a hash, in a sentence


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a source says of a file: the hub's metadata, or a bundle's list."""

    size_bytes: int
    sha256: str  # "" when the source does not say


def expectations(spec: ModelSpec, learnt: Mapping[str, Learnt]) -> dict[str, Learnt]:
    """name -> what each file must turn out to be; a size below 0 is not known.

    Raises ModelDamaged when the source and the manifest speak of different files.
    """
    expected = {}
    for file in spec.files:
        told = learnt.get(file.path)
        size = file.size_bytes
        if told is not None and size is not None and told.size_bytes != size:
            raise _other_file(spec, file.path, f"{told.size_bytes:,}", f"{size:,}")
        if told is not None and told.sha256 and file.sha256 and told.sha256 != file.sha256:
            raise _other_file(spec, file.path, _begin(told.sha256), _begin(file.sha256))
        if size is None:
            size = told.size_bytes if told is not None else -1
        expected[file.path] = Learnt(size, file.sha256 or (told.sha256 if told else ""))
    return expected


def check_model(
    spec: ModelSpec, files: Mapping[str, Path], learnt: Mapping[str, Learnt], job: JobControl
) -> dict[str, Hashed]:
    """Everything there is to check about a model's files; returns their hashes, by name.

    files: name -> where it lies; must hold exactly the files of the model.
    """
    expected = expectations(spec, learnt)
    for name in expected:
        if name not in files:
            raise missing(spec, name)
        check_size(spec, name, Identity.at(files[name]), expected[name].size_bytes)
    check_structure(spec, {name: files[name] for name in expected}, job)
    hashed = hash_files({name: files[name] for name in expected}, job)
    for name, found in hashed.items():
        check_hash(spec, name, found.sha256, expected[name].sha256)
    return hashed


def check_structure(spec: ModelSpec, files: Mapping[str, Path], job: JobControl) -> None:
    """Headers of weights, text files, and whether it is the kind of model it should be."""
    facts = {}
    for name, path in files.items():
        job.check_cancelled()
        facts[name] = check_file(path, name)
    check_kind(spec, files, facts)


def check_size(spec: ModelSpec, name: str, found: Identity | None, expected: int) -> None:
    """expected: below 0 when it is not known."""
    if found is None:
        raise missing(spec, name)
    if 0 <= expected != found.size_bytes:
        raise ModelDamaged(
            f"“{name}” of {spec.title} has {found.size_bytes:,} bytes and should have "
            f"{expected:,}.",
            remedy(spec),
        )


def check_hash(spec: ModelSpec, name: str, found: str, expected: str) -> None:
    """expected: "" when it is not known."""
    if expected and found != expected:
        raise ModelDamaged(
            f"“{name}” of {spec.title} is not the file it should be: its SHA-256 begins with "
            f"{_begin(found)} and should begin with {_begin(expected)}.",
            remedy(spec),
        )


def check_no_others(spec: ModelSpec, folder: Path) -> None:
    """A library may act upon any file it finds beside the weights: there must be no others."""
    names = {file.path for file in spec.files} | ({CARD} if spec.bundled else set())
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name not in names and (path.is_symlink() or not path.is_dir()):
            raise ModelRefused(
                f"“{name}” does not belong to {spec.title} and lies in its folder.",
                "Remove the file."
                if spec.bundled
                else f"Remove the file, or the model: “twofold models remove {spec.name}”.",
            )


def missing(spec: ModelSpec, name: str) -> ModelDamaged:
    return ModelDamaged(f"“{name}” of {spec.title} is missing.", remedy(spec))


def remedy(spec: ModelSpec) -> str:
    """What to do about a model whose files are not right."""
    if spec.bundled:
        return "It comes with Twofold: install Twofold again."
    if spec.repository:
        return (
            f"Install it again: “twofold models install {spec.name}”; or take the file from "
            "another source."
        )
    return f"Restore the file, or remove the model: “twofold models remove {spec.name}”."


def _other_file(spec: ModelSpec, name: str, found: str, expected: str) -> ModelDamaged:
    return ModelDamaged(
        f"“{name}” is offered as another file than the manifest names for {spec.title} "
        f"({found} in the place of {expected}).",
        SUSPICIOUS,
    )


def _begin(sha256: str) -> str:
    return sha256[:SHOWN_DIGITS]
