"""Requests about models, and how each is answered. Uses no network: files come from this machine.

The one program that fetches models, `engine.weights.install`, is started by the frontends.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.errors import InputError
from engine.job import JobControl
from engine.model import ModelSpec, Role
from engine.protocol import (
    Done,
    ExportModels,
    ImportModels,
    ListModels,
    ModelEntry,
    ModelRequest,
    PackEntry,
    RemoveModel,
    UseModel,
    VerifyModels,
)
from engine.recipe import offered_recipes
from engine.weights import bundle
from engine.weights.fit import Fit
from engine.weights.manifest import Pack
from engine.weights.only_writer import only_writer
from engine.weights.shelf import ModelState, Shelf

THERE = ("installed", "in_place", "bundled")  # states of models that can be used
WEIGHTS = (".safetensors", ".gguf")  # endings of the files that take nearly all the room


def answer(request: ModelRequest, shelf: Shelf, control: JobControl) -> Done:
    """Carries the request out; the answer names every model as it stands then.

    Raises ModelError, StorageError, InputError or Cancelled.
    """
    match request:
        case VerifyModels(names=names):
            for name in names or _installed(shelf):
                shelf.verify(shelf.installed(name), control, thorough=True)
        case ExportModels(names=names, folder=folder):
            bundle.export(shelf, names, Path(folder), control)
        case ListModels():
            pass
        case _:
            with only_writer(shelf.root):
                _change(request, shelf, control)
    return Done(
        request.id,
        models=entries(shelf),
        packs=packs(shelf),
        models_root=str(shelf.root),
        recipes=tuple(offered_recipes(shelf.has)),
    )


def _change(
    request: RemoveModel | ImportModels | UseModel, shelf: Shelf, control: JobControl
) -> None:
    match request:
        case RemoveModel(name=name):
            shelf.remove(name)
        case ImportModels(folder=folder, name=""):
            bundle.import_(shelf, Path(folder), control)
        case ImportModels(folder=folder, name=name):
            bundle.import_model(shelf, name, Path(folder), control)
        case UseModel():
            _use(request, shelf, control)


def entries(shelf: Shelf) -> tuple[ModelEntry, ...]:
    """Every model of the manifest, in its order."""
    within: dict[str, list[str]] = {}
    for pack in shelf.manifest.packs.values():
        for name in pack.models:
            within.setdefault(name, []).append(pack.name)
    return tuple(_entry(state, within.get(state.spec.name, ())) for state in shelf.states())


def packs(shelf: Shelf) -> tuple[PackEntry, ...]:
    """Every pack of the manifest, the one that needs least memory first; last what is bundled."""

    def place(pack: Pack) -> tuple[bool, int]:
        models = [shelf.manifest.model(name) for name in pack.models]
        return all(m.bundled for m in models), sum(m.gpu_bytes for m in models)

    found = sorted(shelf.manifest.packs.values(), key=place)
    return tuple(PackEntry(pack.name, pack.title, pack.summary, pack.models) for pack in found)


def _installed(shelf: Shelf) -> list[str]:
    return [s.spec.name for s in shelf.states() if s.state in (*THERE, "damaged")]


def _use(request: UseModel, shelf: Shelf, control: JobControl) -> None:
    try:
        roles = tuple(Role(role) for role in request.roles)
    except ValueError:
        raise InputError(
            "A model cannot have this role.", f"Roles are: {', '.join(Role)}."
        ) from None
    projector = Path(request.projector) if request.projector else None
    shelf.use(Path(request.path), request.name, roles, projector, control)


def _fits(fit: Fit) -> str:
    if not fit.need_gpu_bytes and not fit.need_ram_bytes:
        return "unknown"
    return "gpu" if fit.gpu else "ram" if fit.ram else "no"


def _to_fetch(spec: ModelSpec) -> int | None:
    """Bytes to install, as far as they are known; texts of a few kilobytes may be missing."""
    weights = [file.size_bytes for file in spec.files if file.path.endswith(WEIGHTS)]
    if None in weights:
        return None
    return sum(file.size_bytes or 0 for file in spec.files)


def _entry(state: ModelState, packs: Sequence[str]) -> ModelEntry:
    spec = state.spec
    whole = _to_fetch(spec)
    return ModelEntry(
        name=spec.name,
        title=spec.title,
        roles=tuple(str(role) for role in spec.roles),
        state=state.state,
        size_bytes=state.size_bytes if state.state in THERE else whole,
        licence=spec.licence.name,
        licence_url=spec.licence.url,
        forbids=spec.licence.forbids,
        fits=_fits(state.fit),
        fit_text=state.fit.text,
        packs=tuple(packs),
        certainty=str(spec.certainty),
        repository=spec.repository,
        revision=state.revision or spec.revision,
        notes=spec.notes,
        bundled=spec.bundled is not None,
    )
