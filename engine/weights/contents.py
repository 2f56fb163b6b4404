"""What a model's files hold, looked at before a library may: is it sane, and of the right kind?

Weight files by their headers, text files by what could make a library run foreign code or open
other files. Raises ModelDamaged, ModelRefused or WrongModel. Reads no tensor.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import msgspec

from engine.errors import ModelDamaged, ModelRefused, WrongModel
from engine.model import Loader, ModelSpec
from engine.weights.gguf_header import GgufFacts, read_gguf
from engine.weights.headers import REINSTALL, SUSPICIOUS, looks_pickled, pickled, refused
from engine.weights.manifest_file import PROJECTOR
from engine.weights.safe_names import PICKLED
from engine.weights.safetensors_header import SafetensorsFacts, read_safetensors

MAX_CONFIG_BYTES = 8 * 1024 * 1024  # of a JSON file that a library acts upon
MAX_TEXT_BYTES = 128 * 1024 * 1024  # of a vocabulary; the largest in use has 34 megabytes
MAX_TEMPLATE_BYTES = 1024 * 1024

#: keys by which a configuration asks a library to run code that comes with the model
CODE_KEYS = frozenset({"auto_map", "custom_pipelines", "custom_generate", "trust_remote_code"})
INDEX = "model.safetensors.index.json"

#: files that are only read as text or tables, never acted upon
VOCABULARIES = frozenset({"tokenizer.json", "vocab.json", "added_tokens.json"})

LLAVA_KINDS = frozenset(
    {"llava", "llava_next", "llava_onevision", "vipllava", "llava_next_video", "video_llava"}
)
#: architectures in GGUF that are no language models that write
NOT_WRITING = frozenset(
    {"clip", "bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "jina-bert-v3", "modern-bert",
     "neo-bert", "gemma-embedding", "t5encoder", "wavtokenizer-dec", "whisper", "flux", "sd1",
     "sdxl", "sd3", "wan", "qwen_image", "lumina2", "ltxv", "hidream", "hyvid", "aura"}
)  # fmt: skip

Facts = SafetensorsFacts | GgufFacts | None


@contextmanager
def opened(path: Path, name: str) -> Iterator[tuple[BinaryIO, os.stat_result]]:
    """A regular file, open for reading. Raises ModelDamaged or ModelRefused."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)  # O_NONBLOCK: a pipe must not hang us
    except FileNotFoundError:
        raise ModelDamaged(f"“{name}” is missing.", REINSTALL) from None
    except OSError as error:
        raise ModelDamaged(f"“{name}” cannot be read: {error.strerror}.", REINSTALL) from None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise ModelRefused(f"“{name}” is not a file.", SUSPICIOUS)
        with os.fdopen(descriptor, "rb", buffering=0, closefd=False) as file:
            yield file, found
    except OSError as error:
        raise ModelDamaged(f"“{name}” cannot be read: {error.strerror}.", REINSTALL) from None
    finally:
        os.close(descriptor)


def check_file(path: Path, name: str) -> Facts:
    """Checks one file by its kind. name: within the model."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in PICKLED:
        raise pickled(name)
    with opened(path, name) as (file, found):
        if found.st_size == 0:
            raise ModelDamaged(f"“{name}” is empty.", REINSTALL)
        match suffix:
            case ".safetensors":
                return read_safetensors(file, found.st_size, name)
            case ".gguf":
                return read_gguf(file, found.st_size, name)
            case ".json":
                _check_json(file, found.st_size, name)
            case ".jinja" | ".txt":
                _check_text(file, found.st_size, name, suffix)
            case ".model":
                _check_vocabulary(file, found.st_size, name)
            case _:
                raise refused(name, "it is of a kind that no model of Twofold has")
    return None


def check_kind(spec: ModelSpec, files: Mapping[str, Path], facts: Mapping[str, Facts]) -> None:
    """Whether the files are those of the kind of model that its loader reads.

    facts: what check_file found, by name. Raises WrongModel or ModelRefused.
    """
    match spec.loader:
        case Loader.BLIP2:
            _check_model_type(spec, files, frozenset({"blip-2"}))
        case Loader.LLAVA:
            _check_model_type(spec, files, LLAVA_KINDS)
        case Loader.OPEN_CLIP:
            _check_open_clip(spec, files)
        case Loader.GGUF | Loader.GGUF_VISION:
            _check_gguf(spec, facts)
    if INDEX in files:
        _check_index(files)


def read_config(path: Path, name: str) -> dict[str, Any]:
    """A JSON file that holds an object. Raises ModelDamaged or ModelRefused."""
    with opened(path, name) as (file, found):
        if found.st_size > MAX_CONFIG_BYTES:
            raise refused(name, "it is far too long")
        return _object(file.read(MAX_CONFIG_BYTES), name)


def _object(text: bytes, name: str) -> dict[str, Any]:
    try:
        read = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ModelDamaged(f"“{name}” cannot be read as JSON.", REINSTALL) from None
    if not isinstance(read, dict):
        raise refused(name, "it does not hold what its name says")
    return read


def _check_json(file: BinaryIO, size: int, name: str) -> None:
    """Refuses what asks for code. Vocabularies are long and ask for nothing."""
    vocabulary = PurePosixPath(name).name in VOCABULARIES
    if size > (MAX_TEXT_BYTES if vocabulary else MAX_CONFIG_BYTES):
        raise refused(name, "it is far too long")
    if vocabulary and size > MAX_CONFIG_BYTES:
        if file.read(64).lstrip()[:1] != b"{":
            raise refused(name, "it does not hold what its name says")
        return
    waiting: list[Any] = [_object(file.read(size), name)]
    while waiting and not vocabulary:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            for key, inner in value.items():
                if _asks_for_code(str(key), inner):
                    raise ModelRefused(
                        f"“{name}” asks for code that comes with the model (“{key}”).",
                        "Use a model that its library knows without code of its own.",
                    )
                waiting.append(inner)


def _asks_for_code(key: str, value: Any) -> bool:
    """Also where a faster part of the network is to be fetched from someone's repository."""
    if key in CODE_KEYS:
        return value not in (None, False, {}, [], "")
    return key.endswith("_implementation") and isinstance(value, str) and "/" in value


def _check_text(file: BinaryIO, size: int, name: str, suffix: str) -> None:
    if size > (MAX_TEMPLATE_BYTES if suffix == ".jinja" else MAX_TEXT_BYTES):
        raise refused(name, "it is far too long")
    beginning = file.read(min(size, MAX_TEMPLATE_BYTES))
    if looks_pickled(beginning[:16]):
        raise pickled(name)
    if b"\0" in beginning:
        raise refused(name, "it is not a text")


def _check_vocabulary(file: BinaryIO, size: int, name: str) -> None:
    """SentencePiece: a protocol buffer that begins with its first piece (field 1)."""
    head = file.read(16)
    if looks_pickled(head):
        raise pickled(name)
    if size > MAX_TEXT_BYTES or head[:1] != b"\x0a":
        raise refused(name, "it is not a vocabulary of SentencePiece")


def _check_model_type(spec: ModelSpec, files: Mapping[str, Path], kinds: frozenset[str]) -> None:
    found = read_config(files["config.json"], "config.json").get("model_type")
    if found not in kinds:
        raise _wrong(spec, f"by config.json it is of the kind “{_shown(found)}”")


def _check_open_clip(spec: ModelSpec, files: Mapping[str, Path]) -> None:
    name = "open_clip_config.json"
    if name not in files:
        return  # the manifest names the architecture
    config = read_config(files[name], name)
    network = config.get("model_cfg", config)
    parts = ("embed_dim", "vision_cfg", "text_cfg")
    if not isinstance(network, dict) or not all(part in network for part in parts):
        raise _wrong(spec, f"{name} does not describe a CLIP")


def _check_gguf(spec: ModelSpec, facts: Mapping[str, Facts]) -> None:
    projector = spec.options.get(PROJECTOR)
    for name, fact in facts.items():
        if not isinstance(fact, GgufFacts):
            continue
        if not fact.tensors or not fact.architecture:
            raise _wrong(spec, f"“{name}” says nothing of a network")
        if spec.loader is Loader.GGUF_VISION and name == projector:
            if fact.architecture != "clip":
                raise _wrong(spec, f"“{name}” is no projector but “{_shown(fact.architecture)}”")
        elif fact.architecture in NOT_WRITING:
            raise _wrong(spec, f"“{name}” is of the kind “{_shown(fact.architecture)}”")


def _check_index(files: Mapping[str, Path]) -> None:
    """The parts that an index names are opened by a library: they must be ours."""
    parts = read_config(files[INDEX], INDEX).get("weight_map")
    if not isinstance(parts, dict):
        raise refused(INDEX, "it does not hold what its name says")
    for part in set(parts.values()) if all(isinstance(p, str) for p in parts.values()) else {""}:
        if part not in files or not part.lower().endswith(".safetensors"):
            raise refused(INDEX, f"it names a file that does not belong to it, “{_shown(part)}”")


def _wrong(spec: ModelSpec, what: str) -> WrongModel:
    roles = " or ".join(spec.roles)
    return WrongModel(
        f"The files are not those of {spec.title}: {what}.",
        f"Choose a model for this role ({roles}); “twofold models” lists them.",
    )


def _shown(value: object) -> str:
    return "".join(c if c.isprintable() else "·" for c in str(value)[:60])
