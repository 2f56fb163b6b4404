"""Describes a model that the user brings and the manifest does not know.

What kind it is is read off its files: the header of a GGUF, the configuration of a folder. Reads
no weights and writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.errors import BadManifest, InputError, MissingPath, ModelMissing, WrongModel
from engine.model import Licence, Loader, ModelFile, ModelSpec, Role
from engine.weights.contents import INDEX, LLAVA_KINDS, check_file, read_config
from engine.weights.gguf_header import GgufFacts
from engine.weights.headers import pickled
from engine.weights.locate import snapshots
from engine.weights.manifest import Manifest
from engine.weights.manifest_file import EYE, PROJECTOR, ROLES, kind_faults
from engine.weights.safe_names import PICKLED, name_fault, path_fault
from engine.weights.safetensors_header import SafetensorsFacts

#: files that a library reads beside the weights
BESIDE = (
    "config.json", "generation_config.json", "preprocessor_config.json", "processor_config.json",
    "image_processor_config.json", "chat_template.json", "chat_template.jinja", "tokenizer.json",
    "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json",
    "merges.txt", "vocab.txt", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model",
)  # fmt: skip
OPEN_CLIP_CONFIG = "open_clip_config.json"
MAX_GGUF = 64  # files looked at in one folder

WORK_BYTES = 2_000_000_000  # of a GGUF model beside its files: conversation and work space
SPARE_BYTES = 1_000_000_000  # of other models beside their weights
OVERHEAD = 1.1  # of the weights, in memory


def described(
    path: Path,
    name: str,
    roles: Sequence[Role],
    projector: Path | None,
    title: str,
    manifest: Manifest,
) -> tuple[ModelSpec, dict[str, Path]]:
    """The model's manifest entry, without hashes, and where its files lie.

    Raises BadManifest (the name), MissingPath, InputError, ModelMissing, ModelRefused,
    ModelDamaged or WrongModel.
    """
    if fault := name_fault(name):
        raise BadManifest(f"The name “{name}” {fault}.", "Choose another name.")
    if name in manifest.models:
        raise BadManifest(f"There is a model of the name “{name}”.", "Choose another name.")
    for given in (path, projector):
        if given is not None and not given.exists():
            raise MissingPath(f"“{given}” does not exist.", "Check the path.")
    folder = next(snapshots(path), path) if path.is_dir() else path
    loader, files = _kind(folder, projector)
    for file in files:
        if fault := path_fault(file):
            raise BadManifest(f"The file's name “{file}” {fault}.", "Rename the file.")
    for fault in kind_faults(loader, list(files)):
        raise ModelMissing(f"The files of a model of this kind {fault}.", "Complete the folder.")
    if not set(roles) <= ROLES[loader]:
        raise WrongModel(
            f"A model of this kind ({loader}) cannot be {' or '.join(roles)}.",
            f"It can be {' or '.join(sorted(ROLES[loader]))}.",
        )
    return _spec(name, title or path.stem or name, loader, roles, files), files


def _kind(path: Path, projector: Path | None) -> tuple[Loader, dict[str, Path]]:
    if path.is_file():
        if path.suffix.lower() in PICKLED:
            raise pickled(path.name)
        if path.suffix.lower() != ".gguf":
            raise InputError(
                f"“{path.name}” alone is no model that can be used.",
                "Name a .gguf file, or the folder that holds a model's files.",
            )
        return _gguf(path, projector)
    found = sorted(path.glob("*.gguf"))[:MAX_GGUF]
    if found:
        return _gguf_folder(path, found, projector)
    if (path / OPEN_CLIP_CONFIG).is_file():
        return Loader.OPEN_CLIP, _open_clip(path)
    if (path / "config.json").is_file():
        return _transformers(path)
    for file in sorted(path.iterdir()):
        if file.suffix.lower() in PICKLED:
            raise pickled(file.name)
    raise ModelMissing(
        f"“{path}” holds no model that can be used.",
        "Name a .gguf file, or a folder with config.json or open_clip_config.json in it.",
    )


def _gguf(path: Path, projector: Path | None) -> tuple[Loader, dict[str, Path]]:
    if projector is None:
        return Loader.GGUF, {path.name: path}
    name = projector.name if EYE in projector.name.lower() else f"{EYE}-{projector.name}"
    if EYE in path.name.lower() or name == path.name:
        raise InputError(
            f"“{path.name}” is named like a projector, not like a model.", "Rename the file."
        )
    return Loader.GGUF_VISION, {path.name: path, name: projector}


def _gguf_folder(
    folder: Path, found: list[Path], projector: Path | None
) -> tuple[Loader, dict[str, Path]]:
    """The one model in a folder, and the one projector if there is one."""
    kinds = {path: _architecture(path) for path in found}
    models = [path for path, kind in kinds.items() if kind != "clip"]
    projectors = [path for path, kind in kinds.items() if kind == "clip"]
    if len(models) != 1 or (projector is None and len(projectors) > 1):
        raise InputError(
            f"“{folder}” holds several models.", "Name the .gguf file, and its --projector."
        )
    return _gguf(models[0], projector or (projectors[0] if projectors else None))


def _architecture(path: Path) -> str:
    facts = check_file(path, path.name)
    return facts.architecture if isinstance(facts, GgufFacts) else ""


def _open_clip(folder: Path) -> dict[str, Path]:
    weights = sorted(folder.glob("open_clip*.safetensors")) or sorted(folder.glob("*.safetensors"))
    _need_weights(folder, weights)
    beside = {"config.json", "preprocessor_config.json", "generation_config.json"}
    names = [OPEN_CLIP_CONFIG, *(name for name in BESIDE if name not in beside)]
    files = {name: folder / name for name in names if (folder / name).is_file()}
    return files | {path.name: path for path in weights}


def _transformers(folder: Path) -> tuple[Loader, dict[str, Path]]:
    kind = read_config(folder / "config.json", "config.json").get("model_type")
    if kind == "blip-2":
        loader = Loader.BLIP2
    elif kind in LLAVA_KINDS:
        loader = Loader.LLAVA
    else:
        raise WrongModel(
            f"Models of the kind “{str(kind)[:60]}” are not among those that Twofold can load.",
            "BLIP-2, LLaVA and its relatives, CLIP for open_clip, and GGUF files are.",
        )
    files = {name: folder / name for name in BESIDE if (folder / name).is_file()}
    index = folder / INDEX
    if index.is_file():
        parts = read_config(index, INDEX).get("weight_map")
        names = set(parts.values()) if isinstance(parts, dict) else set()
        weights = [folder / str(name) for name in sorted(map(str, names)) if not path_fault(name)]
        files[INDEX] = index
    else:
        weights = sorted(folder.glob("*.safetensors"))
    _need_weights(folder, weights)
    return loader, files | {path.name: path for path in weights}


def _need_weights(folder: Path, weights: list[Path]) -> None:
    if weights:
        return
    for file in sorted(folder.iterdir()):
        if file.suffix.lower() in PICKLED:
            raise pickled(file.name)
    raise ModelMissing(f"“{folder}” holds no weights.", "Its .safetensors files are needed.")


def memory(loader: Loader, elements: int, size_bytes: int) -> tuple[int, int]:
    """Bytes that a model needs on a graphics card, and in main memory without one; computed.

    elements: numbers that its weights hold. size_bytes: of its files.
    """
    if loader in (Loader.GGUF, Loader.GGUF_VISION):
        return size_bytes + WORK_BYTES, size_bytes + WORK_BYTES
    on_card, without = (round(elements * width * OVERHEAD) + SPARE_BYTES for width in (2, 4))
    return on_card, without


def _spec(
    name: str, title: str, loader: Loader, roles: Sequence[Role], files: dict[str, Path]
) -> ModelSpec:
    facts = {path: check_file(where, path) for path, where in files.items()}
    elements = sum(
        fact.elements for fact in facts.values() if isinstance(fact, GgufFacts | SafetensorsFacts)
    )
    gguf = {path: fact for path, fact in facts.items() if isinstance(fact, GgufFacts)}
    options: dict[str, str | int | float | bool] = {}
    if loader is Loader.GGUF_VISION:
        options[PROJECTOR] = next(path for path in files if EYE in path.lower())
    size = sum(path.stat().st_size for path in files.values())
    gpu, cpu = memory(loader, elements, size)
    shown = "".join(c for c in title if c.isprintable()).strip() or name
    return ModelSpec(
        name=name,
        title=shown,
        roles=tuple(roles) or tuple(sorted(ROLES[loader])),
        loader=loader,
        files=tuple(ModelFile(path=path) for path in files),
        licence=Licence(name="not known", url=""),
        parameters=round(elements / 1e9, 3),
        gpu_bytes=gpu,
        cpu_bytes=cpu,
        context=max((fact.context for fact in gguf.values()), default=0),
        options=options,
        notes="Brought by you; used where it lies.",
    )
