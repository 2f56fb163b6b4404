"""Writes the manifest's entry of a pocket model, from the folder of its finished files.

Checks the files as those of any other model are checked, and hashes them. Trains nothing, and
moves no file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from engine.job import JobControl
from engine.model import Certainty, Licence, Loader, ModelFile, ModelSpec, Role
from engine.weights.adopt import memory
from engine.weights.bundled import CARD
from engine.weights.disk import write_whole
from engine.weights.manifest_file import parse_model, to_toml
from engine.weights.shelf import filled
from engine.weights.verify import check_model

MANIFEST = Path(__file__).parents[3] / "models_manifest"
LICENCE = Licence(name="Apache-2.0", url="https://www.apache.org/licenses/LICENSE-2.0")
TITLE = "Pocket "  # how every title begins
ONLY_RENDERED = (
    "Comes with Twofold, for trying out and for tests: it knows only the rendered scenes that "
    "Twofold draws, and nothing of photographs."
)


def write_entry(
    name: str,
    folder: Path,
    *,
    title: str,
    roles: Sequence[Role],
    loader: Loader,
    parameters: float,
    context: int = 0,
    notes: str = "",
    preprocessing: str = "",
    options: Mapping[str, str | int | float | bool] | None = None,
    manifest: Path = MANIFEST,
) -> ModelSpec:
    """Writes models/NAME.toml, over an older one if there is one, and returns what it says.

    folder: holds the files, and a card that is none of them. title: without “Pocket”.
    parameters: billions. notes: what is to be said beyond that it knows only rendered scenes.
    Raises BadManifest, ModelDamaged, ModelRefused or WrongModel when the files will not do.
    """
    paths = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*"))}
    files = {file: path for file, path in paths.items() if path.is_file() and file != CARD}
    size_bytes = sum(path.stat().st_size for path in files.values())
    gpu, cpu = memory(loader, round(parameters * 1e9), size_bytes)
    spec = ModelSpec(
        name=name,
        title=TITLE + title.removeprefix(TITLE),
        roles=tuple(roles),
        loader=loader,
        files=tuple(ModelFile(path=file) for file in files),
        licence=LICENCE,
        parameters=parameters,
        gpu_bytes=gpu,
        cpu_bytes=cpu,
        context=context,
        options=dict(options or {}),
        certainty=Certainty.SURE,
        preprocessing=preprocessing,
        notes=f"{ONLY_RENDERED} {notes}".strip(),
    )
    whole = filled(spec, check_model(spec, files, {}, JobControl()))
    text = to_toml(whole).encode()
    parse_model(text, f"models/{name}.toml", name)  # or nobody could read what is written
    write_whole(manifest / "models" / f"{name}.toml", text)
    return replace(whole, bundled=folder)
