"""Models as a stand-in engine knows them: those of the real manifest, as one file a model says.

FOLDER/NAME holds the state of a model ("installed", "partial", …); no file: it is missing, or
comes with Twofold. A stand-in installer and a stand-in engine share the folder, and a test can
look into it. Holds no weights. The machine is made up, so that pictures look the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.model import ModelSpec
from engine.protocol import (
    Done,
    ImportModels,
    ModelEntry,
    ModelRequest,
    PackEntry,
    RemoveModel,
    UseModel,
)
from engine.weights.fit import Room, fit
from engine.weights.manifest import load_manifest

ROOM = Room(gpu_free=22_900_000_000, gpu_total=24_000_000_000,
            ram_free=25_000_000_000, ram_total=32_000_000_000)  # fmt: skip
ORDER = ("laptop", "workstation", "paper")
THERE = ("installed", "in_place", "bundled")


class FakeShelf:
    """folder: see above. Made when it is first written to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = load_manifest()

    def state(self, name: str) -> str:
        file = self.folder / name
        if file.exists():
            return file.read_text(encoding="utf-8")
        spec = self.manifest.models.get(name)
        return "bundled" if spec is not None and spec.bundled else "missing"

    def put(self, name: str, state: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(state, encoding="utf-8")

    def take(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)

    def named(self, names: tuple[str, ...] | list[str]) -> list[str]:
        """Models of these names and of packs of these names."""
        packs = self.manifest.packs
        return [m for n in names for m in (packs[n].models if n in packs else (n,))]

    def entries(self) -> Iterator[ModelEntry]:
        for spec in self.manifest.models.values():
            yield self._entry(spec)
        brought = sorted(self.folder.iterdir()) if self.folder.is_dir() else []
        for file in brought:
            if file.name not in self.manifest.models:
                yield _own(file.name, file.read_text(encoding="utf-8"))

    def packs(self) -> tuple[PackEntry, ...]:
        names = (*ORDER, *(name for name in self.manifest.packs if name not in ORDER))
        packs = (self.manifest.packs[name] for name in names)
        return tuple(PackEntry(p.name, p.title, p.summary, p.models) for p in packs)

    def recipes(self) -> Iterator[str]:
        """Packs that are whole; a recipe of the same name needs no more."""
        for name in reversed(ORDER):
            if all(self.state(m) in THERE for m in self.manifest.packs[name].models):
                yield name

    def done(self, request_id: str) -> Done:
        """The answer to every request about models."""
        return Done(
            request_id,
            models=tuple(self.entries()),
            packs=self.packs(),
            models_root=str(self.folder),
            recipes=(*self.recipes(), "measured"),
        )

    def change(self, request: ModelRequest) -> None:
        match request:
            case RemoveModel(name=name):
                self.take(name)
            case ImportModels(name=name):
                for brought in self.named([name or "laptop"]):
                    if self.state(brought) not in THERE:
                        self.put(brought, "installed")
            case UseModel(name=name):
                self.put(name, "in_place")

    def _entry(self, spec: ModelSpec) -> ModelEntry:
        sizes = [file.size_bytes for file in spec.files]
        fits = fit(spec, ROOM)
        state = self.state(spec.name)
        learnt = round(spec.parameters * 2_000_000_000) if state in THERE else None
        return ModelEntry(
            name=spec.name,
            title=spec.title,
            roles=tuple(str(role) for role in spec.roles),
            state=state,
            size_bytes=learnt if None in sizes else sum(size or 0 for size in sizes),
            licence=spec.licence.name,
            licence_url=spec.licence.url,
            forbids=spec.licence.forbids,
            fits="gpu" if fits.gpu else "ram" if fits.ram else "no",
            fit_text=fits.text,
            packs=(),
            certainty=str(spec.certainty),
            repository=spec.repository,
            revision=spec.revision,
            notes=spec.notes,
            bundled=spec.bundled is not None,
        )


def _own(name: str, state: str) -> ModelEntry:
    return ModelEntry(
        name=name, title=name, roles=("proposer",), state=state, size_bytes=3_100_000_000,
        licence="not known", licence_url="", forbids="", fits="unknown", fit_text="", packs=(),
        certainty="unverified", repository="", revision="",
        notes="Brought by you; used where it lies.", bundled=state == "bundled",
    )  # fmt: skip
