"""A wish to stop is heard while the libraries of models are brought in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

ROOT = Path(__file__).parents[2]
SCRIPT = """
import sys, threading, time
from pathlib import Path
from engine.errors import Cancelled
from engine.job import JobControl
from engine.model import InstalledModel, Licence, Loader, ModelSpec, Role
from engine.runtimes.libraries import bring_in

spec = ModelSpec(name="x", title="X", roles=(Role.CAPTIONER,), loader=Loader.BLIP2, files=(),
                 licence=Licence(name="MIT", url=""))
model = InstalledModel(spec=spec, folder=Path(), files={}, revision="", fingerprint="0" * 32)
job = JobControl()
threading.Timer(0.3, job.cancel).start()
begun = time.monotonic()
try:
    bring_in(model, job)
    print("there")
except Cancelled:
    print("cancelled", time.monotonic() - begun)
bring_in(model, JobControl())  # the next job waits for what the first one began
print("transformers" in sys.modules and "torch" in sys.modules)
"""


def test_cancelling_does_not_wait_for_an_import() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, timeout=150
    )
    first, second = done.stdout.splitlines()
    word, _, seconds = first.partition(" ")
    assert word == "cancelled", done.stderr
    assert float(seconds) < 2.3
    assert second == "True"
