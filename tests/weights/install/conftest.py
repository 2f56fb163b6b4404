"""A hub that runs, and an empty folder for models."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.install_bench import Bench, FakeHub

FAKE = Path(__file__).parents[2] / "fakes" / "hub.py"


@pytest.fixture
def fake_hub(tmp_path: Path) -> Iterator[FakeHub]:
    folder = tmp_path / "hub"
    (folder / "repositories").mkdir(parents=True)
    options = [str(folder / name) for name in ("repositories", "journal", "rules")]
    process = subprocess.Popen(
        [sys.executable, str(FAKE), *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    port = int(process.stdout.readline())
    repositories, journal, rules = map(Path, options)
    yield FakeHub(f"http://127.0.0.1:{port}", repositories, rules, journal)
    process.stdin.close()
    process.wait(10)
    process.stdout.close()


@pytest.fixture
def bench(fake_hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith(("HF_", "TWOFOLD_", "HUGGING")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TWOFOLD_HUB", fake_hub.address)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return Bench(fake_hub, tmp_path / "models")
