"""The whole product as a person runs it: the command, its exit code, what it prints and writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Answer:
    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Twofold:
    """The command line with a data folder of its own."""

    data: Path

    def command(self, *arguments: object) -> list[str]:
        program = [sys.executable, "-m", "engine.cli", "--data-dir", str(self.data)]
        return program + [str(argument) for argument in arguments]

    def __call__(self, *arguments: object, timeout: float = 120, **options: Any) -> Answer:
        done = subprocess.run(
            self.command(*arguments),
            cwd=ROOT,
            capture_output=True,
            timeout=timeout,
            encoding="utf-8",
            errors="backslashreplace",
            **options,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def compare_to_json(self, *arguments: object, **options: Any) -> dict[str, Any]:
        """Compares, expects success, and returns the JSON export."""
        target = self.data.parent / f"out-{os.urandom(4).hex()}.json"
        answer = self("compare", *arguments, "--json", target, **options)
        assert answer.status == 0, answer.err
        exported: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
        return exported


@pytest.fixture
def twofold(tmp_path: Path) -> Twofold:
    return Twofold(tmp_path / "data")


@pytest.fixture
def names_of() -> Callable[[dict[str, Any]], set[str]]:
    """Descriptions of the significant findings of an export."""

    def names(exported: dict[str, Any]) -> set[str]:
        return {f["description"] for f in exported["findings"] if f["significant"]}

    return names
