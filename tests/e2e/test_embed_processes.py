"""Embedding ahead of a comparison, in one process and in several, as a person starts them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("open_clip")
pytest.importorskip("accelerate")

from blake3 import blake3

from engine.embed import Share
from engine.errors import InputError
from engine.model import Role
from engine.runtimes.clip_config import read_config
from engine.storage.vectors import StoredVectors, Vectors
from engine.weights.manifest import load_manifest
from engine.weights.shelf import OWN, Shelf
from tests.fakes.photo_folder import write_photos
from tests.fakes.tiny_clip import CLIP, write_model

ROOT = Path(__file__).parents[2]
N = 24  # images a side
RECIPE = """
proposers = ["caption_llm"]
[language]
model = "qwen3.5-4b"
[clip]
model = "tiny-clip"
batch = 5
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two folders, a shelf with a model and a recipe."""
    folder = tmp_path_factory.mktemp("embed")
    write_photos(folder / "A", N, 1)
    write_photos(folder / "B", N, 2, brightness=30)
    (folder / "B" / "damaged.jpg").write_bytes(b"\xff\xd8 no more")
    write_model(folder / "model")
    shelf_of(folder).adopt(folder / "model", "tiny-clip", [Role.RANKER])
    (folder / "own.toml").write_text(RECIPE, encoding="utf-8")
    return folder


def shelf_of(place: Path) -> Shelf:
    root = place / "models"
    return Shelf(root, load_manifest(root / OWN))


def command(place: Path, data: Path, launcher: Sequence[str] = ()) -> list[str]:
    begin = [str(Path(sys.executable).parent / launcher[0]), *launcher[1:]] if launcher else []
    return [
        *(begin or [sys.executable]), "-m", "engine.embed", "A", "B", "--recipe", "own.toml",
        "--data-dir", str(data), "--models-root", "models",
    ]  # fmt: skip


def environment(**more: str) -> dict[str, str]:
    found = {name: value for name, value in os.environ.items() if "TWOFOLD" not in name}
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**found, "PYTHONPATH": path, **more}


def run(
    place: Path, data: Path, launcher: Sequence[str] = (), **more: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(place, data, launcher),
        cwd=place,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=170,
    )


def cache(place: Path, data: Path) -> StoredVectors:
    model = shelf_of(place).installed("tiny-clip")
    key = read_config(model).encoder_key(model, "float32")
    return Vectors(data / "vectors").open(key, CLIP["embed_dim"])


def contents(place: Path) -> list[str]:
    photos = sorted([*(place / "A").glob("photo*.jpg"), *(place / "B").glob("photo*.jpg")])
    return [blake3(path.read_bytes()).hexdigest(length=16) for path in photos]


@pytest.fixture(scope="module")
def by_one(place: Path) -> np.ndarray:
    """The vectors as one process makes them."""
    data = place / "data of one"
    done = run(place, data, ACCELERATE_USE_CPU="1")
    assert done.returncode == 0, done.stderr
    assert f"process 1 of 1: {2 * N} embedded on cpu, float32" in done.stderr
    assert "0 known before, 1 unreadable" in done.stderr
    vectors = cache(place, data).get(contents(place))
    assert not np.isnan(vectors).any()
    return vectors


def test_what_was_embedded_is_not_embedded_again(place: Path, by_one: np.ndarray) -> None:
    again = run(place, place / "data of one", ACCELERATE_USE_CPU="1")
    assert again.returncode == 0
    assert "process 1 of 1: 0 embedded" in again.stderr
    assert f"{2 * N} known before" in again.stderr


@pytest.mark.parametrize(
    "launcher",
    [
        ("accelerate", "launch", "--multi_gpu", "--num_processes", "2"),
        ("torchrun", "--nproc-per-node", "2"),
    ],
    ids=["accelerate", "torchrun"],
)
@pytest.mark.slow
def test_several_processes_fill_one_cache(
    place: Path, by_one: np.ndarray, tmp_path: Path, launcher: tuple[str, ...]
) -> None:
    done = run(place, tmp_path / "data", launcher, ACCELERATE_USE_CPU="1", MASTER_PORT="0")
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("process ")]
    assert sorted(line.partition(":")[0] for line in lines) == ["process 1 of 2", "process 2 of 2"]
    counts = [int(line.partition(": ")[2].partition(" ")[0]) for line in lines]
    assert sum(counts) == 2 * N
    assert min(counts) > 0
    vectors = cache(place, tmp_path / "data").get(contents(place))
    assert np.abs(vectors - by_one).max() < 1e-3


@pytest.mark.slow
def test_accelerate_on_processors_alone(place: Path, by_one: np.ndarray, tmp_path: Path) -> None:
    """Without mpirun, accelerate starts one process there, whatever number is asked for."""
    launcher = ("accelerate", "launch", "--cpu", "--num_processes", "2")
    done = run(place, tmp_path / "data", launcher)
    assert done.returncode == 0, done.stderr
    vectors = cache(place, tmp_path / "data").get(contents(place))
    assert np.abs(vectors - by_one).max() < 1e-3


def test_shares_are_whole_and_do_not_overlap() -> None:
    names = [f"folder/image {n}.jpg" for n in range(500)]
    for processes in (1, 2, 3, 7):
        shares = [Share(rank, processes, 0, 1) for rank in range(processes)]
        taken = [sum(share.holds(name) for share in shares) for name in names]
        assert set(taken) == {1}
        sizes = [sum(share.holds(name) for name in names) for share in shares]
        assert min(sizes) > 0.6 * len(names) / processes


@pytest.mark.parametrize(
    ("told", "share"),
    [
        ({}, Share()),
        (
            {"RANK": "5", "WORLD_SIZE": "8", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "4"},
            Share(5, 8, 1, 4),
        ),
        (
            {"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2",
             "OMPI_COMM_WORLD_LOCAL_RANK": "1", "OMPI_COMM_WORLD_LOCAL_SIZE": "2"},
            Share(1, 2, 1, 2),
        ),
    ],
)  # fmt: skip
def test_the_share_is_what_the_launcher_tells(told: dict[str, str], share: Share) -> None:
    assert Share.of_environment(told) == share


@pytest.mark.parametrize(
    "told",
    [{"RANK": "2", "WORLD_SIZE": "2"}, {"RANK": "x", "WORLD_SIZE": "2"}, {"LOCAL_RANK": "-1"}],
)
def test_a_share_that_makes_no_sense_is_refused(told: dict[str, str]) -> None:
    with pytest.raises(InputError):
        Share.of_environment(told)


def test_what_cannot_be_done_is_told_with_the_exit_codes_of_the_command_line(
    place: Path, tmp_path: Path
) -> None:
    def status(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "engine.embed", "--data-dir", str(tmp_path), *arguments],
            cwd=place,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=170,
        )
        return done.returncode, done.stderr

    code, said = status("A", "--recipe", "measured")
    assert (code, "[bad_recipe]" in said) == (2, True)
    code, said = status("A", "--recipe", "own.toml", "--models-root", str(tmp_path / "none"))
    assert code == 69
    assert "[unknown_model]" in said or "[model_missing]" in said
    code, said = status("no such", "--recipe", "own.toml", "--models-root", "models")
    assert (code, "[missing_path]" in said) == (2, True)


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_it_can_be_stopped(place: Path, tmp_path: Path) -> None:
    write_photos(tmp_path / "many", 1500, 3)
    process = subprocess.Popen(
        [sys.executable, "-m", "engine.embed", str(tmp_path / "many"), "--recipe", "own.toml",
         "--data-dir", str(tmp_path / "data"), "--models-root", "models"],
        cwd=place, env=environment(ACCELERATE_USE_CPU="1"), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    vectors = tmp_path / "data" / "vectors"
    until = time.monotonic() + 120
    while not list(vectors.glob("*/*.vectors")) and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    asked = time.monotonic()
    _, said = process.communicate(timeout=60)
    assert time.monotonic() - asked < 5
    assert process.returncode == 130
    assert "kept" in said
