"""Vision models in GGUF format as captioners: a tiny LLaVA under the real llama.cpp."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

pytest.importorskip("llama_cpp")
pytest.importorskip("gguf")

from engine.errors import Cancelled, ModelDamaged, WrongModel
from engine.job import JobControl
from engine.model import InstalledModel, Loader, Role
from engine.recipe import CaptionOptions
from tests.contracts.captioner_contract import (
    CANCEL_WITHIN_S,
    CaptionerContract,
    load,
    noise,
)
from tests.fakes import tiny_gguf as tiny

OPTIONS = CaptionOptions(beams=1, max_tokens=8)


@pytest.fixture(scope="module", autouse=True)
def one_core() -> Iterator[None]:
    with tiny.one_core():
        yield


def vision_model(*paths: Path) -> InstalledModel:
    return tiny.installed(*paths, role=Role.CAPTIONER, loader=Loader.GGUF_VISION)


def make(folder: Path, *, endless: bool = False, **more: int) -> InstalledModel:
    folder.mkdir(exist_ok=True)
    return vision_model(
        tiny.language_model(folder / "tiny.gguf", endless=endless),
        tiny.projector(folder / "mmproj-tiny.gguf", **more),
    )


class TestGgufVision(CaptionerContract):
    options = CaptionOptions(beams=1, max_tokens=8, batch=3)

    @classmethod
    def make_model(cls, folder: Path, *, endless: bool = False) -> InstalledModel:
        return make(folder, endless=endless)


def test_what_was_described_before_changes_nothing(tmp_path: Path) -> None:
    captioner = load(make(tmp_path), OPTIONS)
    first = captioner.caption([noise(40, 50, 0)], JobControl())
    captioner.caption([noise(90, 30, 1)], JobControl())
    assert captioner.caption([noise(40, 50, 0)], JobControl()) == first
    captioner.close()


def test_the_question_reaches_the_model(tmp_path: Path) -> None:
    model = make(tmp_path)
    image = noise(40, 50, 0)
    captions = set()
    for prompt in ("What is on the beach?", "light light light red red", "9 8 7 6 5 4"):
        captioner = load(model, CaptionOptions(beams=1, max_tokens=20, prompt=prompt))
        captions.add(captioner.caption([image], JobControl())[0])
        captioner.close()
    assert len(captions) > 1


def test_beams_that_are_not_searched_are_reported(tmp_path: Path) -> None:
    captioner = load(make(tmp_path), CaptionOptions(beams=5, max_tokens=8))
    assert len(captioner.remarks) == 1
    captioner.close()


def test_stops_while_an_image_is_looked_at(tmp_path: Path) -> None:
    # an encoder that needs a second or more for an image
    model = make(tmp_path, vision_width=384, layers=16, size_px=336)
    captioner = load(model, OPTIONS)
    begun = time.monotonic()
    expected = captioner.caption([noise(336, 336, 0)], JobControl())
    needed_s = time.monotonic() - begun
    job = JobControl()
    timer = threading.Timer(needed_s / 4, job.cancel)
    begun = time.monotonic()
    timer.start()
    with pytest.raises(Cancelled):
        captioner.caption([noise(336, 336, 0)], job)
    waited_s = time.monotonic() - begun - needed_s / 4
    timer.join()
    assert waited_s < CANCEL_WITHIN_S
    assert waited_s < needed_s / 2
    assert captioner.caption([noise(336, 336, 0)], JobControl()) == expected
    captioner.close()


def test_unloading_lets_go_of_both_files(tmp_path: Path) -> None:
    captioner = load(make(tmp_path), OPTIONS)
    captioner.caption([noise(40, 50, 0)], JobControl())
    assert any("tiny.gguf" in part.path for part in psutil.Process().memory_maps())
    captioner.close()
    assert not any("tiny.gguf" in part.path for part in psutil.Process().memory_maps())


def test_nothing_is_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    captioner = load(make(tmp_path), OPTIONS)
    captioner.caption([noise(40, 50, 0)], JobControl())
    captioner.close()
    assert capfd.readouterr() == ("", "")


def test_a_projector_is_missing(tmp_path: Path) -> None:
    model = vision_model(tiny.language_model(tmp_path / "tiny.gguf"))
    with pytest.raises(WrongModel, match="no image projectors"):
        load(model, OPTIONS)


def test_a_projector_alone(tmp_path: Path) -> None:
    with pytest.raises(WrongModel, match="no language model"):
        load(vision_model(tiny.projector(tmp_path / "mmproj-tiny.gguf")), OPTIONS)


def test_a_projector_of_another_model(tmp_path: Path) -> None:
    model = make(tmp_path, width=96)
    with pytest.raises(WrongModel) as raised:
        load(model, OPTIONS)
    assert "mismatch between text model" in raised.value.message
    assert str(tmp_path) not in raised.value.message
    assert raised.value.hint


@pytest.mark.parametrize("how", ["cut short", "no GGUF", "gone"])
def test_a_damaged_projector(how: str, tmp_path: Path) -> None:
    model = make(tmp_path)
    path = model.file("mmproj-tiny.gguf")
    if how == "cut short":
        path.write_bytes(path.read_bytes()[:-5000])
    elif how == "no GGUF":
        path.write_bytes(b"PK" * 500)
    else:
        path.unlink()
    with pytest.raises(ModelDamaged) as raised:
        load(model, OPTIONS)
    assert raised.value.message.endswith(".")
    assert raised.value.hint
    assert str(tmp_path) not in raised.value.message
