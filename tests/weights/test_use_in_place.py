"""Models that the user already has are used where they lie, and never touched."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import (
    BadManifest,
    InputError,
    MissingPath,
    ModelDamaged,
    ModelMissing,
    ModelRefused,
    WrongModel,
)
from engine.job import JobControl
from engine.model import InstalledModel, Loader, ModelSpec, Role
from engine.weights.manifest import load_manifest
from engine.weights.shelf import OWN, Shelf
from tests.weights import model_files

COMMIT = "0123456789abcdef0123456789abcdef01234567"
OTHER = "f" * 40
WEIGHTS = "open_clip_model.safetensors"
CONFIG = "open_clip_config.json"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    original = model_files.clip(tmp_path / "original")
    seer = model_files.vision(tmp_path / "seeing")
    return Shelf(
        tmp_path / "models",
        model_files.manifest(
            model_files.entry("eye", Loader.OPEN_CLIP, original, hashes=True),
            model_files.entry("seer", Loader.GGUF_VISION, seer),
        ),
    )


def hub_cache(root: Path, repository: str, folder: Path, *commits: str) -> Path:
    """The hub's cache as huggingface_hub lays it out: blobs, and links to them."""
    cached = root / ("models--" + repository.replace("/", "--"))
    for commit in commits:
        for path in folder.iterdir():
            blob = cached / "blobs" / model_files.sha256(path)
            blob.parent.mkdir(parents=True, exist_ok=True)
            blob.write_bytes(path.read_bytes())
            link = cached / "snapshots" / commit / path.name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(os.path.relpath(blob, link.parent))
    model_files.text(cached / "refs/main", commits[-1])
    return cached


def verified(shelf: Shelf, model: InstalledModel) -> InstalledModel:
    shelf.verify(model, JobControl())
    shelf.verify(model, JobControl(), thorough=True)
    return model


def content(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


class TestOfTheManifest:
    @pytest.mark.parametrize("level", ["repository", "cache", "home", "snapshot"])
    def test_the_hub_s_cache(self, shelf: Shelf, tmp_path: Path, level: str) -> None:
        root = tmp_path / "huggingface/hub"
        cached = hub_cache(root, "makers/eye", tmp_path / "original", COMMIT)
        path = {
            "repository": cached, "cache": root, "home": root.parent,
            "snapshot": cached / "snapshots" / COMMIT,
        }[level]  # fmt: skip
        before = content(root)
        model = verified(shelf, shelf.use_in_place(path, "eye"))
        assert model.in_place
        assert model.revision == COMMIT
        assert model.file(".safetensors").resolve().parent.name == "blobs"
        assert {path.name for path in model.folder.iterdir()} == {WEIGHTS, CONFIG}
        shelf.remove("eye")
        assert content(root) == before
        assert not shelf.has("eye")

    def test_the_wanted_commit_comes_first(self, shelf: Shelf, tmp_path: Path) -> None:
        from dataclasses import replace

        cached = hub_cache(tmp_path, "makers/eye", tmp_path / "original", COMMIT, OTHER)
        assert shelf.use_in_place(cached, "eye").revision == OTHER  # refs/main
        spec = replace(shelf.manifest.model("eye"), revision=COMMIT)
        assert shelf.use_in_place(cached, spec).revision == COMMIT

    def test_lm_studio(self, shelf: Shelf, tmp_path: Path) -> None:
        root = tmp_path / "lm-studio"
        model_files.vision(root / "makers/seer", projector="mmproj-model-f16.gguf")
        model = verified(shelf, shelf.use_in_place(root, "seer"))
        assert set(model.files) == {"seer.gguf", "mmproj-eyes.gguf"}
        assert model.revision == ""

    def test_a_plain_folder(self, shelf: Shelf, tmp_path: Path) -> None:
        model_files.text(tmp_path / "original/README.md", "more than is needed")
        model = verified(shelf, shelf.use_in_place(tmp_path / "original", "eye"))
        assert set(model.files) == {WEIGHTS, CONFIG}

    def test_single_files_of_other_names(self, shelf: Shelf, tmp_path: Path) -> None:
        folder = model_files.vision(tmp_path / "downloads")
        model = (folder / "seer.gguf").rename(folder / "my seer (1).gguf")
        eyes = (folder / "mmproj-eyes.gguf").rename(folder / "projector.gguf")
        found = verified(shelf, shelf.use(model, "seer", (), eyes, JobControl()))
        assert found.files["seer.gguf"].resolve() == model
        assert found.files["mmproj-eyes.gguf"].resolve() == eyes

    def test_another_file_than_the_manifest_names(self, shelf: Shelf, tmp_path: Path) -> None:
        other = model_files.clip(tmp_path / "other", seed=4)
        with pytest.raises(ModelDamaged, match=WEIGHTS):
            shelf.use_in_place(other, "eye")
        assert not shelf.has("eye")

    def test_what_is_lacking_is_named(self, shelf: Shelf, tmp_path: Path) -> None:
        (tmp_path / "original" / WEIGHTS).unlink()
        with pytest.raises(ModelMissing, match=WEIGHTS) as caught:
            shelf.use_in_place(tmp_path / "original", "eye")
        assert "twofold models install eye" in caught.value.hint
        with pytest.raises(MissingPath):
            shelf.use_in_place(tmp_path / "nowhere", "eye")

    def test_a_file_that_changed_where_it_lies(self, shelf: Shelf, tmp_path: Path) -> None:
        model = shelf.use_in_place(tmp_path / "original", "eye")
        path = tmp_path / "original" / WEIGHTS
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)
        with pytest.raises(ModelDamaged, match="SHA-256"):
            shelf.verify(model, JobControl())
        path.unlink()
        with pytest.raises(ModelDamaged, match="missing"):
            shelf.installed("eye")
        content[-1] ^= 1
        path.write_bytes(content)  # put back: it is read again, and counts again
        verified(shelf, shelf.installed("eye"))

    def test_what_is_used_in_place_can_be_installed_after_all(
        self, shelf: Shelf, tmp_path: Path
    ) -> None:
        import shutil

        shelf.use_in_place(tmp_path / "original", "eye")
        (tmp_path / "original" / CONFIG).unlink()
        staging = shelf.staging("eye")
        shutil.copy(tmp_path / "original" / WEIGHTS, staging)
        model_files.text(staging / CONFIG, model_files.CLIP_CONFIG)
        model = shelf.put(shelf.manifest.model("eye"), staging, {}, COMMIT, "hub")
        assert not model.in_place
        assert (tmp_path / "original" / WEIGHTS).is_file()


class TestOfOnesOwn:
    def adopted(self, shelf: Shelf, path: Path, name: str = "mine", **kw: object) -> ModelSpec:
        """Uses a model, and reads its entry as the next start of the engine would."""
        verified(shelf, shelf.adopt(path, name, **kw))  # type: ignore[arg-type]
        again = Shelf(shelf.root, load_manifest(shelf.root / OWN))
        verified(again, again.installed(name))
        spec = again.manifest.model(name)
        assert all(file.sha256 and file.size_bytes for file in spec.files)
        return spec

    def test_a_gguf_file(self, shelf: Shelf, tmp_path: Path) -> None:
        path = model_files.gguf(tmp_path / "some dir/Some-Model.Q8_0.gguf", context=2048)
        spec = self.adopted(shelf, path)
        assert spec.loader is Loader.GGUF
        assert spec.roles == (Role.PROPOSER,)
        assert spec.context == 2048
        assert spec.gpu_bytes > path.stat().st_size
        assert spec.title == "Some-Model.Q8_0"

    @pytest.mark.parametrize("named", [True, False])
    def test_a_vision_model_and_its_projector(
        self, shelf: Shelf, tmp_path: Path, named: bool
    ) -> None:
        folder = model_files.vision(tmp_path / "eyes", projector="eyes-f16.gguf")
        if named:
            spec = self.adopted(shelf, folder / "seer.gguf", projector=folder / "eyes-f16.gguf")
        else:
            spec = self.adopted(shelf, folder)
        assert spec.loader is Loader.GGUF_VISION
        assert spec.options["projector"] == "mmproj-eyes-f16.gguf"
        assert {file.path for file in spec.files} == {"seer.gguf", "mmproj-eyes-f16.gguf"}

    @pytest.mark.parametrize(
        ("kind", "loader"), [("blip-2", Loader.BLIP2), ("llava_next", Loader.LLAVA)]
    )
    def test_a_folder_of_transformers(
        self, shelf: Shelf, tmp_path: Path, kind: str, loader: Loader
    ) -> None:
        folder = model_files.blip2(tmp_path / "folder", kind=kind)
        model_files.text(folder / "modeling_mine.py", "print('never linked')")
        (folder / "pytorch_model.bin").write_bytes(pickle.dumps([1]))
        spec = self.adopted(shelf, folder, title="Mine, for captions")
        assert spec.loader is loader
        assert spec.title == "Mine, for captions"
        assert spec.parameters >= 0
        linked = {path.name for path in shelf.installed("mine").folder.iterdir()}
        assert linked == {file.path for file in spec.files}
        assert not linked & {"modeling_mine.py", "pytorch_model.bin"}

    def test_a_folder_of_open_clip(self, shelf: Shelf, tmp_path: Path) -> None:
        spec = self.adopted(shelf, tmp_path / "original")
        assert spec.loader is Loader.OPEN_CLIP
        assert spec.roles == (Role.RANKER,)

    def test_a_repository_in_the_hub_s_cache(self, shelf: Shelf, tmp_path: Path) -> None:
        folder = model_files.blip2(tmp_path / "folder")
        cached = hub_cache(tmp_path / "hub", "someone/blip", folder, COMMIT)
        assert self.adopted(shelf, cached).loader is Loader.BLIP2

    def test_removing_it_removes_its_entry_and_no_file(self, shelf: Shelf, tmp_path: Path) -> None:
        path = model_files.gguf(tmp_path / "mine.gguf")
        shelf.use(path, "mine", (Role.PROPOSER,), None, JobControl())
        shelf.remove("mine")
        assert path.is_file()
        assert "mine" not in load_manifest(shelf.root / OWN).models
        shelf.adopt(path, "mine")

    @pytest.mark.parametrize("name", ["Mine", "eye", "a/b", "own", ""])
    def test_names_that_will_not_do(self, shelf: Shelf, tmp_path: Path, name: str) -> None:
        path = model_files.gguf(tmp_path / "mine.gguf")
        with pytest.raises(BadManifest):
            shelf.adopt(path, name)
        assert not (shelf.root / OWN).exists()

    def test_a_role_it_cannot_have(self, shelf: Shelf, tmp_path: Path) -> None:
        with pytest.raises(WrongModel, match="ranker"):
            shelf.adopt(model_files.gguf(tmp_path / "mine.gguf"), "mine", (Role.RANKER,))

    @pytest.mark.parametrize(
        ("make", "error"),
        [
            (lambda f: (f / "pytorch_model.bin").write_bytes(pickle.dumps([1])), ModelRefused),
            (lambda f: (f / "mine.gguf").write_bytes(b"GGUF" + b"\xff" * 99), ModelRefused),
            (lambda f: model_files.text(f / "notes.txt", "no model"), ModelMissing),
            (lambda f: model_files.blip2(f, kind="bert"), WrongModel),
            (
                lambda f: (model_files.gguf(f / "a.gguf"), model_files.gguf(f / "b.gguf")),
                InputError,
            ),
            (lambda f: model_files.text(f / "config.json", {"model_type": "blip-2"}), ModelMissing),
            (
                lambda f: model_files.text(
                    model_files.blip2(f) / "processor_config.json", {"auto_map": {"A": "b.C"}}
                ),
                ModelRefused,
            ),
            (
                lambda f: model_files.text(
                    model_files.blip2(f) / "model.safetensors.index.json",
                    {"weight_map": {"a": "../../other.safetensors"}},
                ),
                (ModelRefused, ModelMissing),
            ),
        ],
        ids=["pickle", "hostile", "nothing", "other kind", "two", "no weights", "code", "index"],
    )
    def test_what_cannot_be_used(
        self,
        shelf: Shelf,
        tmp_path: Path,
        make: Callable[[Path], object],
        error: type[Exception] | tuple[type[Exception], ...],
    ) -> None:
        folder = tmp_path / "folder"
        folder.mkdir()
        make(folder)
        with pytest.raises(error) as caught:
            shelf.adopt(folder, "mine")
        assert getattr(caught.value, "hint", "")
        assert "mine" not in shelf.manifest.models
        assert not shelf.root.exists() or not list(shelf.root.rglob("*.json"))

    def test_a_pickled_file_alone(self, shelf: Shelf, tmp_path: Path) -> None:
        (tmp_path / "model.pt").write_bytes(pickle.dumps([1]))
        with pytest.raises(ModelRefused, match="pickled"):
            shelf.adopt(tmp_path / "model.pt", "mine")
        (tmp_path / "a.zip").write_bytes(b"PK\x03\x04")
        with pytest.raises(InputError):
            shelf.adopt(tmp_path / "a.zip", "mine")
        with pytest.raises(MissingPath):
            shelf.adopt(tmp_path / "nowhere", "mine")
