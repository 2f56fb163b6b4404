"""Whether a model fits is a sentence a person can act on, and never a barrier."""

from __future__ import annotations

import pytest

from engine.model import Loader, ModelFile, ModelSpec, Role
from engine.weights.fit import Room, fit
from tests.weights.model_files import LICENCE

GB = 10**9
SPEC = ModelSpec(
    name="eye",
    title="Eye",
    roles=(Role.RANKER,),
    loader=Loader.OPEN_CLIP,
    files=(ModelFile(path="a.safetensors"),),
    licence=LICENCE,
    gpu_bytes=6 * GB,
    cpu_bytes=12 * GB,
)


@pytest.mark.parametrize(
    ("room", "gpu", "ram", "said"),
    [
        (Room(20 * GB, 24 * GB, 30 * GB, 64 * GB), True, True, "Fits the graphics card"),
        (Room(2 * GB, 24 * GB, 30 * GB, 64 * GB), False, True, "other programs use it"),
        (Room(3 * GB, 4 * GB, 30 * GB, 64 * GB), False, True, "partly from main memory"),
        (Room(3 * GB, 4 * GB, 5 * GB, 8 * GB), False, False, "Too large for the graphics card"),
        (Room(0, 0, 30 * GB, 64 * GB), False, True, "slow without a graphics card"),
        (Room(0, 0, 5 * GB, 64 * GB), False, False, "other programs use it"),
        (Room(0, 0, 5 * GB, 8 * GB), False, False, "Too large for this machine's main memory"),
    ],
)
def test_every_machine_gets_a_sentence(room: Room, gpu: bool, ram: bool, said: str) -> None:
    found = fit(SPEC, room)
    assert (found.gpu, found.ram) == (gpu, ram)
    assert said in found.text
    assert found.text.endswith(".")


def test_this_machine_gets_one_too() -> None:
    assert fit(SPEC).need_gpu_bytes == 6 * GB
    assert Room.now().ram_total > 0
