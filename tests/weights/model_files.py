"""Tiny real models on the disk, and the entries of a manifest that describe them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from engine.job import JobControl
from engine.model import Licence, Loader, ModelFile, ModelSpec, Role
from engine.weights.manifest import Manifest
from engine.weights.manifest_file import EYE, PROJECTOR, ROLES
from engine.weights.verify import Learnt
from tests.fakes import tiny_gguf

CLIP_CONFIG = {"model_cfg": {"embed_dim": 8, "vision_cfg": {}, "text_cfg": {}}}
LICENCE = Licence(name="MIT", url="https://example.org/licence")


def tensors(path: Path, *, seed: int = 0, rows: int = 64) -> Path:
    """A safetensors file with two tensors."""
    rng = np.random.default_rng(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(
        {
            "visual.weight": rng.standard_normal((rows, 16), np.float32),
            "text.bias": rng.standard_normal(16, np.float32).astype(np.float16),
        },
        path,
        metadata={"format": "pt"},
    )
    return path


def text(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def clip(folder: Path, *, seed: int = 0, rows: int = 64) -> Path:
    text(folder / "open_clip_config.json", CLIP_CONFIG)
    tensors(folder / "open_clip_model.safetensors", seed=seed, rows=rows)
    return folder


def blip2(folder: Path, *, seed: int = 0, kind: str = "blip-2") -> Path:
    """Configuration, vocabulary, and weights in two parts with their index."""
    parts = [f"model-0000{k}-of-00002.safetensors" for k in (1, 2)]
    for k, part in enumerate(parts):
        tensors(folder / part, seed=seed + k)
    text(folder / "config.json", {"model_type": kind, "text_config": {"model_type": "t5"}})
    text(folder / "preprocessor_config.json", {"do_resize": True})
    text(folder / "tokenizer.json", {"model": {"vocab": {"a": 0}}})
    text(
        folder / "model.safetensors.index.json",
        {"metadata": {}, "weight_map": {"a": parts[0], "b": parts[1]}},
    )
    return folder


def gguf(path: Path, **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return tiny_gguf.language_model(path, **options)


def vision(folder: Path, projector: str = "mmproj-eyes.gguf") -> Path:
    gguf(folder / "seer.gguf")
    tiny_gguf.projector(folder / projector)
    return folder


def entry(
    name: str, loader: Loader, folder: Path, *, hashes: bool = False, **others: Any
) -> ModelSpec:
    """The manifest's entry for all files of a folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    options = {}
    if loader is Loader.GGUF_VISION:
        options[PROJECTOR] = next(path.name for path in paths if EYE in path.name)
    fields: dict[str, Any] = {"repository": f"makers/{name}", "options": options, **others}
    return ModelSpec(
        name=name,
        title=f"The {name}",
        roles=tuple(ROLES[loader]),
        loader=loader,
        files=tuple(
            ModelFile(
                path=path.relative_to(folder).as_posix(),
                size_bytes=path.stat().st_size if hashes else None,
                sha256=sha256(path) if hashes else "",
            )
            for path in paths
        ),
        licence=LICENCE,
        **fields,
    )


def learnt(spec: ModelSpec, folder: Path) -> dict[str, Learnt]:
    """What an honest source would say of the files."""
    return {
        file.path: Learnt((folder / file.path).stat().st_size, sha256(folder / file.path))
        for file in spec.files
    }


def manifest(*specs: ModelSpec) -> Manifest:
    return Manifest({spec.name: spec for spec in specs}, {})


def with_role(spec: ModelSpec, role: Role) -> ModelSpec:
    return replace(spec, roles=(role,))


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def counting() -> tuple[JobControl, list[tuple[str, int, int]]]:
    """A job, and the progress it was told of."""
    told: list[tuple[str, int, int]] = []
    return JobControl(lambda *progress: told.append(progress)), told


def cancelling(when: Callable[[str, int, int], bool]) -> JobControl:
    """A job that is cancelled as soon as its progress is so."""
    job = JobControl(lambda *progress: job.cancel() if when(*progress) else None)
    return job
