"""Models share the memory there is, and what they did is written down."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from engine.errors import Cancelled, ModelDamaged, ModelMissing
from engine.job import JobControl
from engine.model import InstalledModel, Licence, Loader, ModelSpec, Role
from engine.model_host import ModelHost, model_uses

GB = 1_000_000_000


def model(name: str, need: int = 4 * GB) -> InstalledModel:
    spec = ModelSpec(
        name=name,
        title=name.title(),
        roles=(Role.RANKER,),
        loader=Loader.OPEN_CLIP,
        files=(),
        licence=Licence(name="MIT", url=""),
        cpu_bytes=need,
    )
    return InstalledModel(
        spec=spec, folder=Path(), files={}, revision="r" * 40, fingerprint=f"{name:0<32}"
    )


@dataclass
class Machine:
    """A shelf and a memory of a given size, which loaded models really take from."""

    size: int
    taken: int = 0
    verified: list[str] = field(default_factory=list)
    damaged: str = ""
    known: dict[str, InstalledModel] = field(default_factory=dict)

    def installed(self, name: str) -> InstalledModel:
        if name not in self.known:
            raise ModelMissing("It is not installed.", "Install it.")
        return self.known[name]

    def verify(self, model: InstalledModel, job: JobControl) -> None:
        self.verified.append(model.name)
        if model.name == self.damaged:
            raise ModelDamaged("A file was changed.", "Install it again.")

    def free_bytes(self) -> int:
        return self.size - self.taken

    def need_bytes(self, model: InstalledModel) -> int:
        return model.spec.cpu_bytes

    def load(self, model: InstalledModel, job: JobControl) -> Loaded:
        job.check_cancelled()
        self.taken += model.spec.cpu_bytes
        assert self.taken <= self.size, "the machine is out of memory"
        return Loaded(self, model.spec.cpu_bytes)


class Loaded:
    device, precision, remarks = "cpu", "float32", ("Slower than usual.",)

    def __init__(self, machine: Machine, size: int) -> None:
        self.machine, self.size, self.closed = machine, size, False

    def peak_bytes(self) -> int:
        return self.size

    def close(self) -> None:
        if not self.closed:
            self.machine.taken -= self.size
        self.closed = True


def host_of(size: int, *names: str) -> tuple[ModelHost, Machine]:
    machine = Machine(size, known={name: model(name) for name in names})
    return ModelHost(machine, machine), machine


def test_one_heavy_model_at_a_time_when_two_do_not_fit() -> None:
    host, machine = host_of(7 * GB, "captioner", "ranker")
    with host.use("captioner", Role.CAPTIONER, machine.load, JobControl()) as first:
        assert not first.closed
    with host.use("ranker", Role.RANKER, machine.load, JobControl()):
        assert first.closed
        assert machine.taken == 4 * GB


def test_models_stay_side_by_side_when_they_fit() -> None:
    host, machine = host_of(20 * GB, "captioner", "ranker")
    for name, role in (("captioner", Role.CAPTIONER), ("ranker", Role.RANKER)) * 2:
        with host.use(name, role, machine.load, JobControl()):
            pass
    assert machine.taken == 8 * GB
    assert machine.verified == ["captioner", "ranker"], "each was loaded once"


def test_a_model_in_use_is_never_unloaded() -> None:
    host, machine = host_of(9 * GB, "a", "b")
    with host.use("a", Role.PROPOSER, machine.load, JobControl()) as first:
        machine.size = 8 * GB  # too little for the margin, enough to load
        with host.use("b", Role.RANKER, machine.load, JobControl()):
            assert not first.closed


def test_closing_gives_all_memory_back() -> None:
    host, machine = host_of(20 * GB, "a", "b")
    with host.use("a", Role.PROPOSER, machine.load, JobControl()) as loaded:
        gone = weakref.ref(loaded)
    del loaded
    host.close()
    assert machine.taken == 0
    assert gone() is None
    host.close()


def test_writes_down_what_was_used_and_what_was_not_needed() -> None:
    host, machine = host_of(20 * GB, "eyes", "words")
    with host.use("words", Role.PROPOSER, machine.load, JobControl()):
        pass
    host.close()
    eyes, words = model_uses(host, {Role.CAPTIONER: "eyes", Role.PROPOSER: "words"})
    assert (eyes.device, eyes.used_s, eyes.fingerprint) == ("", 0.0, f"{'eyes':0<32}")
    assert (words.device, words.precision, words.role) == ("cpu", "float32", "proposer")
    assert words.peak_bytes == 4 * GB
    assert words.remarks == ("Slower than usual.",)
    assert words.load_s >= 0 and words.used_s >= 0


def test_a_damaged_model_is_not_loaded() -> None:
    host, machine = host_of(20 * GB, "a")
    machine.damaged = "a"
    with pytest.raises(ModelDamaged), host.use("a", Role.RANKER, machine.load, JobControl()):
        pass
    assert machine.taken == 0
    assert host.uses == ()


def test_a_cancelled_job_loads_nothing() -> None:
    host, machine = host_of(20 * GB, "a")
    job = JobControl()
    job.cancel()
    with pytest.raises(Cancelled), host.use("a", Role.RANKER, machine.load, job):
        pass
    assert machine.taken == 0


def test_a_model_that_is_not_installed_says_so() -> None:
    host, machine = host_of(20 * GB)
    with pytest.raises(ModelMissing), host.use("a", Role.RANKER, machine.load, JobControl()):
        pass
