"""A person compares what images show, with three models of their own, from the command line.

The models are real and tiny: they load, caption, propose and score exactly as large ones do, and
know nothing of the world, so what they find is not looked at.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdf
import pytest

from tests.e2e.conftest import ROOT, Twofold
from tests.fakes import tiny_captioners, tiny_clip, tiny_gguf
from tests.fakes.photo_folder import write_photos

RECIPE = """
proposers = ["measured", "phrases", "caption_llm"]
[captions]
model = "eyes"
beams = 1
[language]
model = "words"
rounds = 2
samples = 6
hypotheses = 4
[clip]
model = "judge"
"""


pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@dataclass(frozen=True)
class Home:
    """Where a person works: a data folder with three models in use, two folders, a recipe."""

    twofold: Any
    weights: Path
    a: Path
    b: Path
    recipe: Path

    def compare(self, *arguments: object) -> dict[str, Any]:
        exported: dict[str, Any] = self.twofold.compare_to_json(
            self.a, self.b, "--recipe", self.recipe, *arguments, timeout=300
        )
        return exported


def home_in(folder: Path, weights: Path) -> Home:
    twofold = Twofold(folder / "data")
    write_photos(folder / "harbour", 44, 1)
    write_photos(folder / "meadow", 41, 2, brightness=45)
    recipe = folder / "three.toml"
    recipe.write_text(RECIPE, encoding="utf-8")
    for path, name, role in (
        ("blip2", "eyes", "captioner"),
        ("llm.gguf", "words", "proposer"),
        ("clip", "judge", "ranker"),
    ):
        answer = twofold("models", "use", weights / path, "--name", name, "--role", role)
        assert answer.status == 0, answer.err
    return Home(twofold, weights, folder / "harbour", folder / "meadow", recipe)


@pytest.fixture(scope="module", autouse=True)
def calm() -> Iterator[None]:
    """Spinning threads are slow where others want the processor: the engines get one core."""
    with tiny_gguf.one_core():
        yield


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three tiny models as somebody might have them lying about."""
    folder = tmp_path_factory.mktemp("weights")
    tiny_captioners.blip2(folder / "blip2")
    tiny_gguf.language_model(folder / "llm.gguf")
    tiny_clip.write_model(folder / "clip")
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, weights: Path) -> Home:
    return home_in(tmp_path_factory.mktemp("home"), weights)


@pytest.fixture(scope="module")
def first(home: Home) -> dict[str, Any]:
    """What the first comparison exported."""
    report = home.recipe.with_name("report.pdf")
    return home.compare("--goal", "the light of the day", "--report", report)


GOAL = ("--goal", "the light of the day")


def test_three_models_propose_and_score_on_images_held_out(first: dict[str, Any]) -> None:
    assert first["settings"]["recipe"] == "three"
    used = first["settings"]["models"]
    assert [use["role"] for use in used] == ["captioner", "proposer", "ranker"]
    assert all(use["device"] and len(use["fingerprint"]) == 32 for use in used)
    proposed = [f for f in first["findings"] if f["origin"] == "caption_llm"]
    assert {f["side"] for f in proposed} == {"A", "B"}, "both directions"
    assert all(f["held_out"] and f["n_a"] == 22 for f in proposed), "tested on the other half"
    assert all(f["unit"] == "cosine" and -1 <= f["mean_a"] <= 1 for f in proposed)
    assert any(f["description"] == "brighter images" for f in first["findings"])
    stages = {stage["name"]: stage for stage in first["stages"]}
    assert stages["embed"]["done"] == 85
    assert 0 < stages["caption"]["done"] <= 2 * 2 * 6


def test_the_report_names_models_recipe_and_goal_and_no_path(
    first: dict[str, Any], home: Home
) -> None:
    reader = pypdf.PdfReader(home.recipe.with_name("report.pdf"))
    text = " ".join("".join(page.extract_text() for page in reader.pages).split())
    for word in ("three", "escribed images", "roposed phrases", "the light of the day"):
        assert word in text
    assert first["settings"]["models"][0]["fingerprint"][:12] in text.replace(" ", "")
    assert str(home.recipe.parent) not in text


def test_the_second_run_asks_no_model_anything(first: dict[str, Any], home: Home) -> None:
    second = home.compare(*GOAL)
    assert second["id"] == first["id"]
    assert second["findings"] == first["findings"]
    assert [use["device"] for use in second["settings"]["models"]] == ["", "", ""]
    stages = {stage["name"]: stage for stage in second["stages"]}
    assert stages["embed"]["reused"] == 85
    assert stages["caption"]["reused"] == stages["caption"]["done"]


def test_other_weights_make_another_comparison(
    first: dict[str, Any], home: Home, tmp_path: Path
) -> None:
    tiny_clip.write_model(tmp_path / "other", seed=1)
    use = home.twofold("models", "use", tmp_path / "other", "--name", "judge2", "--role", "ranker")
    assert use.status == 0, use.err
    second = home.compare(*GOAL, "--set", "clip.model=judge2")
    assert second["id"] != first["id"]
    means = [
        {f["id"]: f["mean_a"] for f in exported["findings"] if f["origin"] == "caption_llm"}
        for exported in (first, second)
    ]
    common = means[0].keys() & means[1].keys()
    assert common and all(means[0][i] != means[1][i] for i in common)
    captioner = second["settings"]["models"][0]
    assert captioner["device"] == "", "captions do not depend on who scores"


def test_texts_that_come_along_can_be_read_instead_of_captions(home: Home, tmp_path: Path) -> None:
    write_photos(tmp_path / "a", 12, 1, caption="a lighthouse")
    write_photos(tmp_path / "b", 12, 2, caption="a cow")
    exported = home.twofold.compare_to_json(
        tmp_path / "a", tmp_path / "b", "--recipe", home.recipe, "--set", "captions.model=",
        timeout=300,
    )  # fmt: skip
    assert [use["role"] for use in exported["settings"]["models"]] == ["proposer", "ranker"]
    proposed = [f for f in exported["findings"] if f["origin"] == "caption_llm"]
    assert proposed and not any(f["held_out"] for f in proposed)
    assert "not_held_out" in {note["code"] for note in exported["notes"]}


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path, weights: Path) -> None:
    home = home_in(tmp_path, weights)
    command = home.twofold.command("compare", home.a, home.b, "--recipe", home.recipe)
    process = subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    assert process.stderr is not None
    seen = []
    for line in process.stderr:
        seen.append(line.strip())
        if line.startswith("Looking for"):  # the captions are there
            break
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert "Describing a sample of images …" in seen
    exported = home.compare()
    stages = {stage["name"]: stage for stage in exported["stages"]}
    assert stages["caption"]["reused"] == stages["caption"]["done"] > 0


def test_a_run_is_cancelled_within_two_seconds(tmp_path: Path, weights: Path) -> None:
    home = home_in(tmp_path, weights)
    command = home.twofold.command("compare", home.a, home.b, "--recipe", home.recipe)
    process = subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("Describing"):
            break
    time.sleep(1)  # into the loading of the libraries, the slowest to interrupt
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert time.monotonic() - begun < 10, "the answer, and the end of two processes"


def test_a_missing_model_is_said_before_any_image_is_read(home: Home) -> None:
    answer = home.twofold("compare", home.a, home.b, "--recipe", "laptop")
    assert answer.status == 69
    assert "[model_missing]" in answer.err
    assert "twofold models install" in answer.err
    assert "Reading" not in answer.err


def test_without_models_says_how_to_get_more(twofold: Any, home: Home) -> None:
    answer = twofold("compare", home.a, home.b)
    assert answer.status == 0
    assert "twofold models" in answer.err
    assert twofold("compare", home.a, home.b, "--quiet").err == ""


def test_a_model_that_was_tampered_with_is_not_loaded(home: Home, tmp_path: Path) -> None:
    copy = tmp_path / "clip"
    shutil.copytree(home.weights / "clip", copy)
    twofold = home.twofold
    assert twofold("models", "use", copy, "--name", "mine", "--role", "ranker").status == 0
    file = next(copy.glob("*.safetensors"))
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    answer = twofold(
        "compare", home.a, home.b, "--recipe", home.recipe, "--set", "clip.model=mine", timeout=300
    )
    assert answer.status == 69
    assert "[model_damaged]" in answer.err
    assert twofold("models", "verify", "mine").status == 69
    assert twofold("models", "remove", "mine").status == 0


def test_lists_verifies_exports_imports_and_removes(home: Home, tmp_path: Path) -> None:
    lines = home.twofold("models").out.splitlines()
    rows = {line.split("\t")[0]: line.split("\t") for line in lines}
    assert rows["eyes"][3] == "in_place"
    assert rows["vit-bigg-14-laion2b"][3] == "missing"
    assert rows["vit-bigg-14-laion2b"][5] == "MIT"
    assert home.twofold("models", "verify", "judge").status == 0
    usb = tmp_path / "usb"
    answer = home.twofold("models", "export", usb, "judge", "words")
    assert answer.status == 0, answer.err
    away = Twofold(tmp_path / "elsewhere")
    answer = away("models", "import", usb)
    assert answer.status == 0, answer.err
    there = {line.split("\t")[0]: line.split("\t")[3] for line in away("models").out.splitlines()}
    assert (there["judge"], there["words"]) == ("installed", "installed")
    assert away("models", "remove", "judge").status == 0
    assert "judge" not in away("models").out
    assert (home.weights / "clip").is_dir()


def test_doctor_speaks_of_models(home: Home) -> None:
    out = home.twofold("doctor").out
    assert "eyes" in out
    assert "Model libraries" in out


def test_an_unknown_model_is_named_with_what_is_near(twofold: Any) -> None:
    answer = twofold("models", "verify", "vit-big-14-laion2b")
    assert answer.status == 69
    assert "vit-bigg-14-laion2b" in answer.err


def test_help_of_the_command_line_loads_no_model_library() -> None:
    code = (
        "import sys, engine.cli, click.testing as t\n"
        "t.CliRunner().invoke(engine.cli.cli, ['models', '--help'])\n"
        "print([m for m in ('torch', 'numpy', 'transformers', 'llama_cpp') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "[]", done.stderr
