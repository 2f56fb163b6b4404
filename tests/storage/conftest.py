"""Real folders, real databases, and scripts in processes of their own that may be killed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.storage.paths import Place, data_place
from engine.storage.store import Reading, Store
from engine.vocabulary import Caption

REPOSITORY = Path(__file__).resolve().parents[2]

#: what every script may use: argument 1 is the data folder
PREAMBLE = """
import os, sys, time
from pathlib import Path
from engine.errors import StorageError
from engine.storage.paths import data_place, ephemeral_place
from engine.storage.store import Reading, Store

def reading(number):
    return Reading(f"{number:032x}", 40, 30, "PNG", {"light": number / 7, "name": None})

def say(*words):
    print(*words, flush=True)
"""

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with data_place(tmp_path / "data") as made:
        yield made


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    with Store.open(place) as opened:
        yield opened


@pytest.fixture
def reading() -> Callable[[int], Reading]:
    """reading(number) -> a reading whose content id is that number."""

    def make(number: int) -> Reading:
        return Reading(
            content_id=f"{number:032x}",
            width_px=640,
            height_px=480,
            format="JPEG",
            values={"brightness": number / 3, "white_border": number % 2 == 0, "camera": None},
            captions=(Caption(f"caption {number}", "iptc"),),
            signature=bytes([number % 256] * 16),
        )

    return make


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """start(source, *arguments, under=()) -> a running Python process; killed at the end.

    Its first argument is the data folder of the test. under: a command line to run it under.
    """
    running: list[subprocess.Popen[str]] = []

    def launch(source: str, *arguments: str, under: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*under, sys.executable, "-c", PREAMBLE + source, str(tmp_path / "data"), *arguments],
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY), *sys.path])},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield launch
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def without_override() -> tuple[str, ...]:
    """A command prefix under which file modes bind the process, even one of root's."""
    if os.name != "posix":
        pytest.skip("needs POSIX permissions")
    if os.getuid() != 0:
        return ()
    if shutil.which("setpriv") is None:
        pytest.skip("needs setpriv to lay down root's rights")
    return ("setpriv", "--bounding-set=-all", "--inh-caps=-all")


def finished(process: subprocess.Popen[str]) -> str:
    """What a script said; the test fails with its errors when it failed."""
    said, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return said


@pytest.fixture
def result() -> Callable[[subprocess.Popen[str]], str]:
    return finished
