"""Models carried by hand: a folder or a drive that brings all files, their hashes, their entries.

    FOLDER/bundle.json          which models; written last
    FOLDER/manifest/NAME.toml   the model's entry, with the size and hash of every file
    FOLDER/models/NAME/…        its files
    FOLDER/SHA256SUMS           the same hashes, for `sha256sum --check`

Uses no network. What is brought in becomes usable only once all of it was verified. A run that
was interrupted goes on where it ended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from engine.errors import BadManifest, MissingPath, ModelDamaged, ModelError
from engine.job import JobControl
from engine.model import InstalledModel, ModelSpec
from engine.weights.bundled import refuse_change
from engine.weights.disk import (
    copy_files,
    explained,
    make_sure_it_fits,
    missing_bytes,
    write_whole,
)
from engine.weights.hashing import Hashed, hash_files
from engine.weights.identity import Identity
from engine.weights.locate import COMMIT, locate
from engine.weights.lock_file import now
from engine.weights.manifest_file import parse_model, to_toml
from engine.weights.safe_names import name_fault
from engine.weights.shelf import Shelf, filled
from engine.weights.verify import Learnt, check_model, check_size

FORMAT = 1
INDEX = "bundle.json"
SUMS = "SHA256SUMS"
MANIFEST = "manifest"
MODELS = "models"
SOURCE = "import"
MAX_INDEX_BYTES = 1024 * 1024
MAX_MODELS = 1000


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    revision: str = ""


class _Index(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: int
    when: str  # ISO 8601, UTC
    models: list[_Entry]


@dataclass(frozen=True, slots=True)
class _Arrival:
    """One model that is brought in."""

    spec: ModelSpec
    sources: Mapping[str, Path]  # name within the model -> where it lies now
    learnt: Mapping[str, Learnt]
    revision: str
    own: bool = False  # not of Twofold's manifest; enters the user's own


def export(shelf: Shelf, names: Sequence[str], folder: Path, job: JobControl) -> None:
    """Copies installed models and packs into a bundle; one that is there gets them added.

    Every copy is read again and compared. Raises UnknownModel, ModelMissing, ModelDamaged,
    DiskFull and other StorageErrors, NoPermission, BadManifest or Cancelled.
    """
    models = [shelf.installed(spec.name) for spec in shelf.manifest.named(names)]
    for model in models:
        shelf.verify(model, job)
    before = _read_index(folder).models if (folder / INDEX).is_file() else []
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        copies = {
            folder / MODELS / model.name / name: path.resolve()
            for model in models
            for name, path in model.files.items()
        }
        make_sure_it_fits(folder, missing_bytes(copies))
        copy_files(copies, job)
        for model in models:
            _finish(model, shelf.hashes(model.name), folder, job)
        added = [_Entry(model.name, model.revision) for model in models]
        kept = [entry for entry in before if entry.name not in {new.name for new in added}]
        index = _Index(format=FORMAT, when=now(), models=[*kept, *added])
        _write_sums(folder, index)
        write_whole(folder / INDEX, msgspec.json.format(msgspec.json.encode(index), indent=1))


def _finish(
    model: InstalledModel, hashes: Mapping[str, str], folder: Path, job: JobControl
) -> None:
    """Compares the copies of a model with what is installed, and writes its entry."""
    targets = {name: folder / MODELS / model.name / name for name in model.files}
    copied = hash_files(targets, job)
    for name, target in targets.items():
        if copied[name].sha256 != hashes[name]:
            target.unlink()
            raise ModelDamaged(
                f"The copy of “{name}” in “{folder}” is not the same as the file itself.",
                "Run the same command again; if this comes back, use another drive.",
            )
    (folder / MANIFEST).mkdir(exist_ok=True)
    entry = to_toml(filled(model.spec, copied)).encode()
    write_whole(folder / MANIFEST / f"{model.name}.toml", entry)


def _write_sums(folder: Path, index: _Index) -> None:
    lines = [
        f"{file.sha256} *{MODELS}/{entry.name}/{file.path}\n"
        for entry in index.models
        for file in _entry_of(folder, entry.name).files
    ]
    write_whole(folder / SUMS, "".join(lines).encode())


def import_(shelf: Shelf, folder: Path, job: JobControl) -> None:
    """Brings in every model of a bundle, but for those that stand on the shelf alike already.

    Those that come with Twofold are left out, too: it has them as it needs them.

    Raises MissingPath, BadManifest, ModelDamaged, ModelRefused, WrongModel, DiskFull and other
    StorageErrors, NoPermission or Cancelled; then none of the models became usable.
    """
    if not folder.is_dir():
        raise MissingPath(f"“{folder}” is not a folder.", "Name the folder or drive to import.")
    wanted = [entry for entry in _read_index(folder).models if not _bundled(shelf, entry.name)]
    arrivals = [_arrival(shelf, folder, entry) for entry in wanted]
    _bring_in(shelf, [a for a in arrivals if not _stands(shelf, a)], job)


def import_model(shelf: Shelf, name: str, folder: Path, job: JobControl) -> None:
    """Copies one model of the manifest in from a folder that holds its files.

    The folder may also be a hub cache or one of LM Studio. Raises what `import_` raises, and
    UnknownModel or ModelMissing.
    """
    spec = shelf.manifest.model(name)
    refuse_change(spec)
    if (folder / INDEX).is_file() and (folder / MODELS / name).is_dir():
        folder = folder / MODELS / name
    found = locate(spec, folder)
    _bring_in(shelf, [_Arrival(spec, found.files, {}, found.revision)], job)


def _bring_in(shelf: Shelf, arrivals: list[_Arrival], job: JobControl) -> None:
    """Copies all, checks all, and only then puts them on the shelf."""
    stagings = [shelf.staging(arrival.spec) for arrival in arrivals]
    with explained(shelf.root):
        copies = {
            staging / name: path
            for arrival, staging in zip(arrivals, stagings, strict=True)
            for name, path in arrival.sources.items()
        }
        make_sure_it_fits(shelf.root, missing_bytes(copies))
        copy_files(copies, job)
    checked = [_checked(*pair, job) for pair in zip(arrivals, stagings, strict=True)]
    for arrival, staging, hashed in zip(arrivals, stagings, checked, strict=True):
        spec = shelf.enter(arrival.spec, hashed) if arrival.own else arrival.spec
        shelf.accept(spec, staging, hashed, arrival.revision, SOURCE)


def _checked(arrival: _Arrival, staging: Path, job: JobControl) -> dict[str, Hashed]:
    paths = {file.path: staging / file.path for file in arrival.spec.files}
    try:
        return check_model(arrival.spec, paths, arrival.learnt, job)
    except ModelError:
        with explained(staging):
            for path in paths.values():  # a copy that is wrong must not be gone on with
                path.unlink(missing_ok=True)
        raise


def _bundled(shelf: Shelf, name: str) -> bool:
    spec = shelf.manifest.models.get(name)
    return spec is not None and spec.bundled is not None


def _stands(shelf: Shelf, arrival: _Arrival) -> bool:
    name = arrival.spec.name
    if name not in shelf.manifest.models:
        return False
    try:
        shelf.installed(name)
    except ModelError:
        return False
    return shelf.hashes(name) == {path: told.sha256 for path, told in arrival.learnt.items()}


def _arrival(shelf: Shelf, folder: Path, entry: _Entry) -> _Arrival:
    brought = _entry_of(folder, entry.name)
    learnt = {file.path: Learnt(file.size_bytes or 0, file.sha256) for file in brought.files}
    if not all(file.sha256 and file.size_bytes for file in brought.files):
        raise BadManifest(
            f"The bundle does not say what the files of “{entry.name}” must be.",
            "Export it again: “twofold models export”.",
        )
    sources = {file.path: folder / MODELS / entry.name / file.path for file in brought.files}
    for name, path in sources.items():
        check_size(
            brought, name, Identity.at(path) if path.is_file() else None, learnt[name].size_bytes
        )
    known = shelf.manifest.models.get(entry.name)
    if known is None:
        return _Arrival(brought, sources, learnt, entry.revision, own=True)
    if {file.path for file in known.files} != set(sources):
        raise BadManifest(
            f"The bundle holds another version of “{entry.name}” than this Twofold knows.",
            "Use the same version of Twofold on both machines, and export it again.",
        )
    return _Arrival(known, sources, learnt, entry.revision)


def _entry_of(folder: Path, name: str) -> ModelSpec:
    """A model's entry in a bundle. Raises BadManifest."""
    path = folder / MANIFEST / f"{name}.toml"
    return parse_model(_read(path), f"“{MANIFEST}/{name}.toml” of the bundle", name)


def _read_index(folder: Path) -> _Index:
    path = folder / INDEX
    if not path.exists():
        raise BadManifest(
            f"“{folder}” is no bundle of models, or its export did not end.",
            "Run the export again; or, for a folder with one model's files, say which it is: "
            "“twofold models import FOLDER --name NAME”.",
        )
    try:
        index = msgspec.json.decode(_read(path), type=_Index)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadManifest(f"{INDEX} of the bundle is wrong: {error}.", "Export again.") from None
    if index.format != FORMAT:
        raise BadManifest(
            f"The bundle is of a format ({index.format}) that this Twofold does not know.",
            "Use the version of Twofold that made it.",
        )
    names = [entry.name for entry in index.models]
    if len(set(names)) != len(names) or len(names) > MAX_MODELS:
        raise BadManifest(f"{INDEX} of the bundle is wrong: `models`.", "Export again.")
    for name in names:
        if fault := name_fault(name):
            raise BadManifest(f"{INDEX} of the bundle is wrong: a model's name {fault}.", "")
    for entry in index.models:
        if entry.revision and not COMMIT.fullmatch(entry.revision):
            raise BadManifest(f"{INDEX} of the bundle is wrong: `revision`.", "Export again.")
    return index


def _read(path: Path) -> bytes:
    """Raises BadManifest when the file is not there, no file, or far too long."""
    if not path.is_file():
        raise BadManifest(f"The bundle lacks “{path.name}”.", "Export it again.")
    with explained(path.parent), path.open("rb") as file:
        return file.read(MAX_INDEX_BYTES + 1)
