"""A model larger than the memory there is gets a sentence, not a dead engine."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("open_clip")
pytest.importorskip("llama_cpp")

from engine.errors import NotEnoughMemory
from engine.job import JobControl
from engine.recipe import ClipOptions
from engine.runtimes import clip_model, device, llama
from tests.fakes import tiny_clip, tiny_gguf


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with 100 kB of memory left, as the system would tell."""
    monkeypatch.setattr(device, "main_memory", lambda: (100_000, 1_000_000))


@pytest.mark.usefixtures("little")
def test_a_ranker_that_does_not_fit_is_not_loaded(tmp_path: Path) -> None:
    model = tiny_clip.write_model(tmp_path / "clip")
    with pytest.raises(NotEnoughMemory, match="of main memory is free") as caught:
        clip_model.load(model, ClipOptions(model=model.name), JobControl())
    assert "smaller model" in caught.value.hint


@pytest.mark.usefixtures("little")
def test_a_language_model_that_does_not_fit_is_not_loaded(tmp_path: Path) -> None:
    model = tiny_gguf.installed(tiny_gguf.language_model(tmp_path / "llm.gguf"))
    with pytest.raises(NotEnoughMemory, match="of memory is free") as caught:
        llama.load(model, 512, JobControl())
    assert "smaller model" in caught.value.hint
