"""Keeps models in memory: by default one heavy model at a time, more when they fit.

Loads through the function a stage hands in, so that it knows no library; writes down what was
loaded where, in which precision and for how long. A stage asks with `use`; a model that stays
loaded is handed out again at once.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol, TypeVar, cast

from engine.job import JobControl
from engine.model import InstalledModel, Role
from engine.vocabulary import ModelUse

MARGIN = 1.15  # of a model's stated need that must be free for it to stand beside another


class Resident(Protocol):
    """A loaded model, as the host sees it."""

    @property
    def device(self) -> str:
        """ "cuda:0", "cuda:0 + cpu", "mps", "cpu"."""
        ...

    @property
    def precision(self) -> str:
        """ "float16", "bfloat16", "float32", "Q4_K_M"."""
        ...

    @property
    def remarks(self) -> tuple[str, ...]:
        """Facts worth reporting, as sentences: "The batch was halved to 8 for want of memory."."""
        ...

    def peak_bytes(self) -> int:
        """Most memory it took on its device so far; 0 where that is not known."""
        ...

    def close(self) -> None:
        """Gives its memory back; a second call does nothing."""
        ...


R = TypeVar("R", bound=Resident)
Load = Callable[[InstalledModel, JobControl], R]


class ModelShelf(Protocol):
    """Where installed models are found and checked."""

    def installed(self, name: str) -> InstalledModel:
        """Raises ModelMissing or UnknownModel."""
        ...

    def verify(self, model: InstalledModel, job: JobControl) -> None:
        """Raises ModelDamaged or ModelRefused unless every file is what was installed."""
        ...


class Memory(Protocol):
    def free_bytes(self) -> int:
        """On the device models are loaded to."""
        ...

    def need_bytes(self, model: InstalledModel) -> int: ...


@dataclass(slots=True)
class _Place:
    resident: Resident
    model: InstalledModel
    role: Role
    load_s: float
    used_s: float = 0.0
    busy: int = 0


@dataclass(slots=True)
class ModelHost:
    """One to a comparison. Not for use from several threads."""

    shelf: ModelShelf
    memory: Memory
    prepare: Callable[[InstalledModel, JobControl], None] | None = None  # before a model is loaded
    _places: dict[tuple[str, Role], _Place] = field(default_factory=dict)
    _past: list[ModelUse] = field(default_factory=list)

    def installed(self, name: str) -> InstalledModel:
        """Where a model lies, without loading it. Raises ModelMissing or UnknownModel."""
        return self.shelf.installed(name)

    @contextmanager
    def use(self, name: str, role: Role, load: Load[R], job: JobControl) -> Iterator[R]:
        """The loaded model; it may stay in memory afterwards, until another needs the room.

        Raises ModelError when it is missing, damaged, of the wrong kind or too large.
        """
        place = self._places.get((name, role))
        if place is None:
            place = self._load(name, role, load, job)
        place.busy += 1
        begun = time.monotonic()
        try:
            yield cast(R, place.resident)
        finally:
            place.busy -= 1
            place.used_s += time.monotonic() - begun

    def _load(self, name: str, role: Role, load: Load[R], job: JobControl) -> _Place:
        model = self.shelf.installed(name)
        job.progress("load", 0, 0)
        self.shelf.verify(model, job)
        if self.prepare is not None:
            self.prepare(model, job)
        need = MARGIN * self.memory.need_bytes(model)
        if self._places and self.memory.free_bytes() < need:
            self.release()
        job.check_cancelled()
        begun = time.monotonic()
        resident = load(model, job)
        place = _Place(resident, model, role, time.monotonic() - begun)
        self._places[name, role] = place
        return place

    @property
    def uses(self) -> tuple[ModelUse, ...]:
        """What was loaded so far, in the order in which it was first."""
        return (*self._past, *(_use(place) for place in self._places.values()))

    def release(self) -> None:
        """Unloads every model that nobody is using."""
        for key, place in list(self._places.items()):
            if not place.busy:
                del self._places[key]
                self._past.append(_use(place))
                place.resident.close()
        gc.collect()

    def close(self) -> None:
        """Unloads all."""
        for place in self._places.values():
            place.busy = 0
        self.release()


def _use(place: _Place) -> ModelUse:
    spec, resident = place.model.spec, place.resident
    return ModelUse(
        name=spec.name,
        title=spec.title,
        role=str(place.role),
        revision=place.model.revision,
        fingerprint=place.model.fingerprint,
        licence=spec.licence.name,
        device=resident.device,
        precision=resident.precision,
        load_s=place.load_s,
        used_s=place.used_s,
        peak_bytes=resident.peak_bytes(),
        remarks=resident.remarks,
    )


def model_uses(host: ModelHost, needed: Mapping[Role, str]) -> tuple[ModelUse, ...]:
    """What was used of every model that was needed; of one whose answers were all known, no device.

    needed: role -> name, in the order of use.
    """
    loaded = {(use.name, use.role): use for use in host.uses}
    found = []
    for role, name in needed.items():
        use = loaded.get((name, str(role)))
        if use is None:
            model = host.installed(name)
            use = ModelUse(
                name=name,
                title=model.spec.title,
                role=str(role),
                revision=model.revision,
                fingerprint=model.fingerprint,
                licence=model.spec.licence.name,
                device="",
                precision="",
                load_s=0.0,
                used_s=0.0,
            )
        found.append(use)
    return tuple(found)
