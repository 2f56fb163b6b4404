"""A model that comes with Twofold is there from the start, checked like any other, and stays."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("open_clip")

from engine import service_models  # noqa: E402
from engine.bench.pocket.entry import write_entry  # noqa: E402
from engine.errors import (  # noqa: E402
    BadManifest,
    InputError,
    ModelDamaged,
    ModelMissing,
    ModelRefused,
)
from engine.job import JobControl  # noqa: E402
from engine.model import Loader, ModelSpec, Role  # noqa: E402
from engine.protocol import ListModels, VerifyModels  # noqa: E402
from engine.recipe import ClipOptions  # noqa: E402
from engine.runtimes.clip_model import load  # noqa: E402
from engine.weights import bundle  # noqa: E402
from engine.weights.bundled import with_folder  # noqa: E402
from engine.weights.manifest import PACKAGE, Manifest, load_manifest  # noqa: E402
from engine.weights.shelf import Shelf  # noqa: E402
from tests.fakes import tiny_clip  # noqa: E402
from tests.weights import model_files  # noqa: E402

ROOT = Path(__file__).parents[2]
WEIGHTS = "open_clip_model.safetensors"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package of the manifest with one real model in it, as training leaves it."""
    package = tmp_path_factory.mktemp("package") / PACKAGE
    shutil.copytree(ROOT / PACKAGE, package, ignore=shutil.ignore_patterns("pocket*", "*.pyc"))
    (package / "packs" / "small.toml").write_text(
        'name = "small"\ntitle = "Small"\nsummary = "Small."\nmodels = ["tiny"]\n'
    )
    folder = package / "pocket" / "tiny"
    tiny_clip.write_model(folder)
    (folder / "README.md").write_text("# Tiny\n")
    entered(package)
    return package


def entered(package: Path) -> ModelSpec:
    return write_entry(
        "tiny",
        package / "pocket" / "tiny",
        title="Tiny",
        roles=[Role.RANKER],
        loader=Loader.OPEN_CLIP,
        parameters=0.002,
        context=16,
        preprocessing="squashed to 32 × 32 pixels",
        manifest=package,
    )


@pytest.fixture
def spec(finished: Path, tmp_path: Path) -> ModelSpec:
    """The model in a copy that a test may damage."""
    shutil.copytree(finished, tmp_path / PACKAGE)
    return entered(tmp_path / PACKAGE)


@pytest.fixture
def shelf(spec: ModelSpec, tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "models", Manifest({"tiny": spec}, {}))


def folder_of(spec: ModelSpec) -> Path:
    assert spec.bundled is not None
    return spec.bundled


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def state(shelf: Shelf) -> str:
    return shelf.states()[0].state


class TestThere:
    def test_it_is_installed_and_nothing_is_written(self, shelf: Shelf, spec: ModelSpec) -> None:
        files = sorted(folder_of(spec).iterdir())
        model = shelf.installed("tiny")
        for thorough in (False, True):
            shelf.verify(model, JobControl(), thorough=thorough)
        assert shelf.has("tiny")
        assert (state(shelf), model.in_place, model.revision) == ("bundled", False, "")
        assert model.size_bytes == sum(p.stat().st_size for p in files if p.name != "README.md")
        assert sorted(folder_of(spec).iterdir()) == files
        assert not shelf.root.exists()

    def test_the_product_s_own_loader_reads_it(self, shelf: Shelf) -> None:
        model = shelf.installed("tiny")
        clip = load(model, ClipOptions(), JobControl(), [torch.device("cpu")])
        assert clip.encode_texts(["a red cat"], JobControl()).shape == (1, tiny_clip.DIM)

    def test_its_fingerprint_is_that_of_the_same_files_elsewhere(
        self, shelf: Shelf, spec: ModelSpec, tmp_path: Path
    ) -> None:
        plain = replace(spec, bundled=None)
        other = Shelf(tmp_path / "other", Manifest({"tiny": plain}, {}))
        other.use_in_place(folder_of(spec), "tiny")
        assert other.installed("tiny").fingerprint == shelf.installed("tiny").fingerprint

    def test_a_frontend_hears_that_it_came_along(self, shelf: Shelf) -> None:
        for request in (ListModels("1"), VerifyModels("2", ())):
            (entry,) = service_models.answer(request, shelf, JobControl()).models
            assert (entry.state, entry.bundled) == ("bundled", True)
            assert entry.size_bytes == shelf.installed("tiny").size_bytes


class TestDamage:
    def test_a_changed_byte_is_found_before_it_is_loaded(
        self, shelf: Shelf, spec: ModelSpec
    ) -> None:
        flip(folder_of(spec) / WEIGHTS)
        with pytest.raises(ModelDamaged, match="SHA-256") as caught:
            shelf.verify(shelf.installed("tiny"), JobControl())
        assert "install Twofold again" in caught.value.hint
        assert not shelf.root.exists()

    def test_a_file_that_is_cut_short_shows_in_its_state(
        self, shelf: Shelf, spec: ModelSpec
    ) -> None:
        os.truncate(folder_of(spec) / WEIGHTS, 1000)
        with pytest.raises(ModelDamaged):
            shelf.installed("tiny")
        assert (state(shelf), shelf.has("tiny")) == ("damaged", True)

    def test_a_file_that_does_not_belong_is_refused(self, shelf: Shelf, spec: ModelSpec) -> None:
        (folder_of(spec) / "modeling.py").write_text("")
        with pytest.raises(ModelRefused, match=r"modeling\.py") as caught:
            shelf.verify(shelf.installed("tiny"), JobControl())
        assert "models remove" not in caught.value.hint

    def test_a_package_without_the_files_says_what_to_do(
        self, shelf: Shelf, spec: ModelSpec
    ) -> None:
        shutil.rmtree(folder_of(spec))
        with pytest.raises(ModelMissing, match="left out of this copy") as caught:
            shelf.installed("tiny")
        assert "complete package" in caught.value.hint
        assert (state(shelf), shelf.has("tiny")) == ("missing", False)


class TestStays:
    def test_it_can_be_neither_removed_nor_replaced(
        self, shelf: Shelf, spec: ModelSpec, tmp_path: Path
    ) -> None:
        tiny_clip.write_model(tmp_path / "else", seed=1)
        for change in (
            lambda: shelf.remove("tiny"),
            lambda: shelf.use_in_place(tmp_path / "else", "tiny"),
            lambda: bundle.import_model(shelf, "tiny", tmp_path / "else", JobControl()),
        ):
            with pytest.raises(InputError, match="comes with Twofold"):
                change()
        shelf.verify(shelf.installed("tiny"), JobControl())
        assert not shelf.root.exists()

    def test_it_is_exported_for_a_twofold_that_lacks_it(self, shelf: Shelf, tmp_path: Path) -> None:
        bundle.export(shelf, ["tiny"], tmp_path / "usb", JobControl())
        away = Shelf(tmp_path / "away", Manifest({}, {}))
        bundle.import_(away, tmp_path / "usb", JobControl())
        there = away.installed("tiny")
        away.verify(there, JobControl())
        assert there.fingerprint == shelf.installed("tiny").fingerprint
        assert there.spec.bundled is None

    def test_a_bundle_that_holds_it_brings_the_others(
        self, shelf: Shelf, spec: ModelSpec, tmp_path: Path
    ) -> None:
        eye = model_files.entry("eye", Loader.OPEN_CLIP, model_files.clip(tmp_path / "eye"))
        here = Shelf(tmp_path / "here", Manifest({"tiny": spec, "eye": eye}, {}))
        here.use_in_place(tmp_path / "eye", "eye")
        bundle.export(here, ["tiny", "eye"], tmp_path / "usb", JobControl())
        away = Shelf(tmp_path / "away", Manifest({"tiny": spec, "eye": eye}, {}))
        bundle.import_(away, tmp_path / "usb", JobControl())
        assert [found.state for found in away.states()] == ["bundled", "installed"]
        assert not (away.root / "tiny").exists()


class TestEntry:
    def test_it_says_all_that_is_known_of_the_files(self, spec: ModelSpec) -> None:
        assert {file.path for file in spec.files} == {WEIGHTS, "open_clip_config.json"}
        assert all(file.size_bytes and len(file.sha256) == 64 for file in spec.files)
        assert spec.title == "Pocket Tiny"
        assert "only the rendered scenes" in spec.notes
        assert 0 < spec.gpu_bytes < spec.cpu_bytes

    def test_training_it_again_renews_the_entry(self, spec: ModelSpec, tmp_path: Path) -> None:
        tiny_clip.write_model(folder_of(spec), seed=1)
        fresh = entered(tmp_path / PACKAGE)
        assert fresh != spec
        shelf = Shelf(tmp_path / "models", Manifest({"tiny": fresh}, {}))
        shelf.verify(shelf.installed("tiny"), JobControl())

    def test_files_that_no_model_may_have_are_refused(
        self, spec: ModelSpec, tmp_path: Path
    ) -> None:
        (folder_of(spec) / "modeling.py").write_text("import os")
        text = (tmp_path / PACKAGE / "models" / "tiny.toml").read_bytes()
        with pytest.raises((BadManifest, ModelRefused)):
            entered(tmp_path / PACKAGE)
        assert (tmp_path / PACKAGE / "models" / "tiny.toml").read_bytes() == text

    def test_one_that_names_no_hashes_is_no_entry(self, spec: ModelSpec) -> None:
        bare = replace(spec, files=tuple(replace(f, sha256="") for f in spec.files), bundled=None)
        with pytest.raises(BadManifest, match=r"tiny\.toml"):
            with_folder(bare, PACKAGE)

    def test_a_model_of_one_s_own_is_never_taken_for_it(self, spec: ModelSpec) -> None:
        assert spec.bundled is not None
        own = folder_of(spec).parents[1] / "models" / "tiny.toml"
        for other in own.parent.glob("*.toml"):
            if other != own:
                other.unlink()
        assert load_manifest(own.parent).model("tiny").bundled is None


def test_the_command_line_knows_it(finished: Path, tmp_path: Path) -> None:
    """The real program, with this package in the place of the one it ships with."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(finished.parent), str(ROOT)])}

    def twofold(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "engine.cli", "--data-dir", str(tmp_path / "data")]
        return subprocess.run(
            [*command, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True
        )

    rows = [line.split("\t") for line in twofold("models").stdout.splitlines()]
    (tiny,) = (row for row in rows if row[0] == "tiny")
    assert (tiny[3], tiny[6]) == ("bundled", "small")
    installed = twofold("models", "install", "small")
    assert installed.returncode == 0, installed.stderr
    assert "there already: tiny" in installed.stderr
    removed = twofold("models", "remove", "tiny")
    assert removed.returncode == 2
    assert "comes with Twofold" in removed.stderr
