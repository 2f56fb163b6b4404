"""One manifest file, read and written: TOML that is checked to the last key.

models_manifest/README.md explains the fields, models_manifest/schema.json lists them. Raises
BadManifest that names the file and the key. Opens no weights.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from engine.errors import BadManifest
from engine.model import Certainty, Licence, Loader, ModelFile, ModelSpec, Role
from engine.weights.safe_names import colliding, name_fault, path_fault

MAX_BYTES = 1024 * 1024  # of a manifest file; a longer one is no manifest

#: loader -> what a model that it loads may be used for
ROLES = {
    Loader.BLIP2: frozenset({Role.CAPTIONER}),
    Loader.LLAVA: frozenset({Role.CAPTIONER}),
    Loader.GGUF_VISION: frozenset({Role.CAPTIONER}),
    Loader.GGUF: frozenset({Role.PROPOSER}),
    Loader.OPEN_CLIP: frozenset({Role.RANKER}),
}
PROJECTOR = "projector"  # option of a GGUF vision model: which of its two files sees the image
EYE = "mmproj"  # in the name of that file, by which loaders know it

_OPTION = re.compile(r"[a-z][a-z0-9_]{0,39}")
_HEX = re.compile(r"[0-9a-f]*")


@dataclass(frozen=True, slots=True)
class Pack:
    """Models that make a recipe work together."""

    name: str
    title: str
    summary: str  # one or two sentences: for whom, and what it needs
    models: tuple[str, ...]  # names in the manifest


class LicenceTable(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    name: str
    url: str = ""
    forbids: str = ""


class FileTable(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    path: str
    size_bytes: int | None = None
    sha256: str = ""


class ModelTable(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    name: str
    title: str
    roles: list[Role]
    loader: Loader
    repository: str = ""
    revision: str = ""
    certainty: Certainty = Certainty.UNVERIFIED
    parameters: float = 0.0
    gpu_bytes: int = 0
    cpu_bytes: int = 0
    context: int = 0
    preprocessing: str = ""
    notes: str = ""
    licence: LicenceTable
    options: dict[str, str | int | float | bool] = {}
    files: list[FileTable]


class PackTable(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    name: str
    title: str
    summary: str
    models: list[str]


T = TypeVar("T")


def parse_model(text: bytes, origin: str, stem: str) -> ModelSpec:
    """The model that a manifest file describes.

    origin: names the file in an error. stem: its name without .toml, which must be the model's.
    """
    table = _table(text, origin, ModelTable)
    _check_name(table.name, stem, origin)
    _check_texts(table, origin)
    _check_numbers(table, origin)
    _check_files(table, origin)
    _check_kind(table, origin)
    return ModelSpec(
        name=table.name,
        title=table.title,
        roles=tuple(table.roles),
        loader=table.loader,
        repository=table.repository,
        revision=table.revision,
        files=tuple(
            ModelFile(path=f.path, size_bytes=f.size_bytes, sha256=f.sha256) for f in table.files
        ),
        licence=Licence(
            name=table.licence.name, url=table.licence.url, forbids=table.licence.forbids
        ),
        parameters=table.parameters,
        gpu_bytes=table.gpu_bytes,
        cpu_bytes=table.cpu_bytes,
        context=table.context,
        options=dict(table.options),
        certainty=table.certainty,
        preprocessing=table.preprocessing,
        notes=table.notes,
    )


def parse_pack(text: bytes, origin: str, stem: str) -> Pack:
    """The pack that a file describes. Whether its models exist is not looked at."""
    table = _table(text, origin, PackTable)
    _check_name(table.name, stem, origin)
    for key in ("title", "summary"):
        _check_text(getattr(table, key), key, origin, needed=True)
    if not table.models or len(set(table.models)) != len(table.models):
        raise _wrong(origin, "models", "must name each model of the pack once")
    return Pack(table.name, table.title, table.summary, tuple(table.models))


def to_toml(spec: ModelSpec) -> str:
    """The manifest file of a model; parse_model reads the same model from it."""
    lines = [
        f"name = {_quoted(spec.name)}",
        f"title = {_quoted(spec.title)}",
        f"roles = [{', '.join(_quoted(role) for role in spec.roles)}]",
        f"loader = {_quoted(spec.loader)}",
        f"repository = {_quoted(spec.repository)}",
        f"revision = {_quoted(spec.revision)}",
        f"certainty = {_quoted(spec.certainty)}",
        f"parameters = {float(spec.parameters)!r}",
        f"gpu_bytes = {spec.gpu_bytes}",
        f"cpu_bytes = {spec.cpu_bytes}",
        f"context = {spec.context}",
        f"preprocessing = {_quoted(spec.preprocessing)}",
        f"notes = {_quoted(spec.notes)}",
        "",
        "[licence]",
        f"name = {_quoted(spec.licence.name)}",
        f"url = {_quoted(spec.licence.url)}",
        f"forbids = {_quoted(spec.licence.forbids)}",
    ]
    if spec.options:
        lines += ["", "[options]"]
        lines += [f"{key} = {_scalar(value)}" for key, value in spec.options.items()]
    for file in spec.files:
        lines += ["", "[[files]]", f"path = {_quoted(file.path)}"]
        if file.size_bytes is not None:
            lines.append(f"size_bytes = {file.size_bytes}")
        if file.sha256:
            lines.append(f"sha256 = {_quoted(file.sha256)}")
    return "\n".join(lines) + "\n"


def _scalar(value: str | int | float | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _quoted(value) if isinstance(value, str) else repr(value)


def _quoted(text: str) -> str:
    """A TOML string. All texts of a manifest are printable, so JSON's escapes are enough."""
    return json.dumps(str(text), ensure_ascii=False)


def _table(text: bytes, origin: str, kind: type[T]) -> T:
    if len(text) > MAX_BYTES:
        raise BadManifest(f"{origin} is too long for a manifest file.", _HINT)
    try:
        read = tomllib.loads(text.decode("utf-8"))
        return msgspec.convert(read, kind, strict=True)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadManifest(f"{origin} cannot be read as TOML: {error}.", _HINT) from None
    except msgspec.ValidationError as error:
        raise BadManifest(f"{origin} is wrong: {error}.", _HINT) from None


_HINT = "Correct the file; models_manifest/README.md says what each key means."


def _wrong(origin: str, key: str, what: str) -> BadManifest:
    return BadManifest(f"{origin} is wrong: `{key}` {what}.", _HINT)


def _check_name(name: str, stem: str, origin: str) -> None:
    if fault := name_fault(name):
        raise _wrong(origin, "name", fault)
    if name != stem:
        raise _wrong(origin, "name", f"must be the file's own, “{stem}”")


def _check_text(text: str, key: str, origin: str, *, needed: bool = False) -> None:
    if needed and not text.strip():
        raise _wrong(origin, key, "is missing")
    if not text.isprintable():
        raise _wrong(origin, key, "holds characters that cannot be shown")


def _check_texts(table: ModelTable, origin: str) -> None:
    _check_text(table.title, "title", origin, needed=True)
    _check_text(table.licence.name, "licence.name", origin, needed=True)
    for key in ("repository", "preprocessing", "notes"):
        _check_text(getattr(table, key), key, origin)
    _check_text(table.licence.forbids, "licence.forbids", origin)
    _check_text(table.licence.url, "licence.url", origin)
    if table.licence.url and not table.licence.url.startswith("https://"):
        raise _wrong(origin, "licence.url", "must begin with https://")
    if table.repository and not re.fullmatch(r"[\w.-]+/[\w.-]+", table.repository, re.ASCII):
        raise _wrong(origin, "repository", "must be OWNER/NAME, as the hub spells it")
    if table.revision and not _is_hex(table.revision, 40):
        raise _wrong(origin, "revision", "must be a commit of 40 hex digits, in lower case")
    for option, value in table.options.items():
        key = f"options.{option}"
        if not _OPTION.fullmatch(option):
            raise _wrong(origin, key, "is not a name of an option")
        if isinstance(value, str):
            _check_text(value, key, origin)


def _check_numbers(table: ModelTable, origin: str) -> None:
    if not 0 <= table.parameters < 1e5:
        raise _wrong(origin, "parameters", "must be a number of billions")
    for key in ("gpu_bytes", "cpu_bytes", "context"):
        if not 0 <= getattr(table, key) < 2**53:
            raise _wrong(origin, key, "must not be negative")


def _check_files(table: ModelTable, origin: str) -> None:
    if not table.files:
        raise _wrong(origin, "files", "must name every file of the model")
    for number, file in enumerate(table.files):
        key = f"files[{number}]"
        if fault := path_fault(file.path):
            raise _wrong(origin, f"{key}.path", f"(“{_shown(file.path)}”) {fault}")
        if file.size_bytes is not None and not 0 < file.size_bytes < 2**53:
            raise _wrong(origin, f"{key}.size_bytes", "must be above 0; leave it out if unknown")
        if file.sha256 and not _is_hex(file.sha256, 64):
            raise _wrong(origin, f"{key}.sha256", "must be 64 hex digits in lower case")
    if twice := colliding(file.path for file in table.files):
        raise _wrong(origin, "files", f"names “{twice}” in the place of another file")


def _check_kind(table: ModelTable, origin: str) -> None:
    """That the loader finds the files it needs, and no others."""
    if not table.roles or not set(table.roles) <= ROLES[table.loader]:
        fits = ", ".join(sorted(ROLES[table.loader]))
        raise _wrong(origin, "roles", f"must be among what {table.loader} models do: {fits}")
    for fault in kind_faults(table.loader, [file.path for file in table.files]):
        raise _wrong(origin, "files", fault)
    if table.loader is Loader.GGUF_VISION:
        named = table.options.get(PROJECTOR)
        if named not in {file.path for file in table.files} or EYE not in str(named).lower():
            raise _wrong(
                origin,
                f"options.{PROJECTOR}",
                f"must name one of the two files, with “{EYE}” in it",
            )
    if table.loader is Loader.OPEN_CLIP and not table.options.get("architecture"):
        paths = {file.path for file in table.files}
        if "open_clip_config.json" not in paths:
            raise _wrong(origin, "options.architecture", "must be named")


def kind_faults(loader: Loader, paths: list[str]) -> Iterator[str]:
    """What is wrong with the files of a model of this kind, each as the end of a sentence."""
    gguf = [path for path in paths if path.lower().endswith(".gguf")]
    tensors = [path for path in paths if path.lower().endswith(".safetensors")]
    match loader:
        case Loader.GGUF:
            if len(paths) != 1 or len(gguf) != 1:
                yield "must be one .gguf file (join a split one with llama-gguf-split --merge)"
        case Loader.GGUF_VISION:
            if len(paths) != 2 or len(gguf) != 2:
                yield "must be two .gguf files, the model and its projector"
        case Loader.OPEN_CLIP:
            if len(tensors) != 1 or gguf:
                yield "must hold exactly one .safetensors file"
        case Loader.BLIP2 | Loader.LLAVA:
            if not tensors or gguf:
                yield "must hold the weights as .safetensors"
            if "config.json" not in paths:
                yield "must hold config.json"
            if len(tensors) > 1 and "model.safetensors.index.json" not in paths:
                yield "must hold model.safetensors.index.json, for the weights are in parts"


def _is_hex(text: str, digits: int) -> bool:
    return len(text) == digits and _HEX.fullmatch(text) is not None


def _shown(text: str) -> str:
    return "".join(c if c.isprintable() else "·" for c in text[:80])
