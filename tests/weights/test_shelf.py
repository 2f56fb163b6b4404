"""What stands on the shelf is what was installed, or it is not used."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import (
    Cancelled,
    DiskFull,
    ModelDamaged,
    ModelMissing,
    ModelRefused,
    StorageError,
    UnknownModel,
    WrongModel,
)
from engine.job import JobControl
from engine.model import Loader, ModelSpec
from engine.weights.hashing import hash_files
from engine.weights.manifest_file import to_toml
from engine.weights.shelf import OWN, Learnt, Shelf, models_root
from engine.weights.verify import check_model
from tests.weights import model_files

REPOSITORY = Path(__file__).parents[2]
WEIGHTS = "open_clip_model.safetensors"
CONFIG = "open_clip_config.json"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def spec(tmp_path: Path) -> ModelSpec:
    return model_files.entry("eye", Loader.OPEN_CLIP, model_files.clip(tmp_path / "original"))


@pytest.fixture
def shelf(tmp_path: Path, spec: ModelSpec) -> Shelf:
    return Shelf(tmp_path / "models", model_files.manifest(spec))


def put(shelf: Shelf, spec: ModelSpec, original: Path) -> None:
    """As an installer would: files into the staging folder, then onto the shelf."""
    staging = shelf.staging(spec.name)
    shutil.copytree(original, staging, dirs_exist_ok=True)
    shelf.put(spec, staging, model_files.learnt(spec, original), COMMIT, "hub")


@pytest.fixture
def stocked(shelf: Shelf, spec: ModelSpec, tmp_path: Path) -> Shelf:
    put(shelf, spec, tmp_path / "original")
    return shelf


def verify(shelf: Shelf, *, thorough: bool = False) -> int:
    """How many bytes were read again."""
    job, told = model_files.counting()
    shelf.verify(shelf.installed("eye"), job, thorough=thorough)
    return max((total for stage, _, total in told if stage == "verify"), default=0)


def write_unnoticed(path: Path, change: bytes, at: int = -1) -> None:
    """Changes bytes and sets the time of the last change back, as someone with ill will would."""
    before = path.stat()
    content = bytearray(path.read_bytes())
    at = at if at >= 0 else len(content) - len(change)
    content[at : at + len(change)] = change
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size


class TestInstalling:
    def test_a_model_that_was_put_is_there(self, stocked: Shelf, tmp_path: Path) -> None:
        model = stocked.installed("eye")
        assert model.revision == COMMIT
        assert not model.in_place
        assert (
            model.file(".safetensors").read_bytes()
            == (tmp_path / "original" / WEIGHTS).read_bytes()
        )
        assert model.size_bytes == sum(path.stat().st_size for path in model.files.values())
        assert verify(stocked) == 0  # nothing changed since it was read at installation
        assert not (tmp_path / "models/.partial/eye").exists()

    def test_before_it_is_missing_and_says_how_to_get_it(self, shelf: Shelf) -> None:
        with pytest.raises(ModelMissing) as caught:
            shelf.installed("eye")
        assert "twofold models install eye" in caught.value.hint
        assert not shelf.has("eye")
        with pytest.raises(UnknownModel):
            shelf.installed("ear")

    def test_the_fingerprint_names_the_weights(self, tmp_path: Path) -> None:
        found = []
        for name, seed in (("a", 0), ("b", 0), ("c", 1)):
            original = model_files.clip(tmp_path / name, seed=seed)
            spec = model_files.entry("eye", Loader.OPEN_CLIP, original)
            shelf = Shelf(tmp_path / f"models-{name}", model_files.manifest(spec))
            put(shelf, spec, original)
            found.append(shelf.installed("eye").fingerprint)
        assert found[0] == found[1] != found[2]
        assert len(found[0]) == 32

    def test_what_else_lies_in_the_staging_folder_does_not_come_along(
        self, shelf: Shelf, spec: ModelSpec, tmp_path: Path
    ) -> None:
        model_files.text(shelf.staging("eye") / "modeling_eye.py", "print('hello')")
        model_files.text(shelf.staging("eye") / ".cache/huggingface/x.lock", "")
        put(shelf, spec, tmp_path / "original")
        assert {p.name for p in shelf.installed("eye").folder.iterdir()} == {WEIGHTS, CONFIG}

    def test_the_source_s_word_is_checked(
        self, shelf: Shelf, spec: ModelSpec, tmp_path: Path
    ) -> None:
        staging = shelf.staging("eye")
        shutil.copytree(tmp_path / "original", staging, dirs_exist_ok=True)
        honest = model_files.learnt(spec, staging)
        for lie in (
            Learnt(honest[WEIGHTS].size_bytes, "ab" * 32),
            Learnt(honest[WEIGHTS].size_bytes + 1, honest[WEIGHTS].sha256),
        ):
            with pytest.raises(ModelDamaged, match=WEIGHTS):
                shelf.put(spec, staging, honest | {WEIGHTS: lie}, COMMIT, "hub")
            assert not shelf.has("eye")
        shelf.put(spec, staging, honest, COMMIT, "hub")
        assert shelf.has("eye")

    def test_an_unknown_hash_is_learnt_and_kept(
        self, shelf: Shelf, spec: ModelSpec, tmp_path: Path
    ) -> None:
        staging = shelf.staging("eye")
        shutil.copytree(tmp_path / "original", staging, dirs_exist_ok=True)
        shelf.put(spec, staging, {}, "", "import")
        assert shelf.hashes("eye")[WEIGHTS] == model_files.sha256(tmp_path / "original" / WEIGHTS)
        write_unnoticed(shelf.installed("eye").files[WEIGHTS], b"\1\2\3\4")
        with pytest.raises(ModelDamaged):
            verify(shelf)

    def test_the_manifest_s_word_wins(self, tmp_path: Path) -> None:
        original = model_files.clip(tmp_path / "original")
        spec = model_files.entry("eye", Loader.OPEN_CLIP, original, hashes=True)
        other = model_files.clip(tmp_path / "other", seed=5)
        shelf = Shelf(tmp_path / "models", model_files.manifest(spec))
        staging = shelf.staging("eye")
        shutil.copytree(other, staging, dirs_exist_ok=True)
        for said in ({}, model_files.learnt(spec, other)):  # silent, or true of another file
            with pytest.raises(ModelDamaged, match=WEIGHTS):
                shelf.put(spec, staging, said, COMMIT, "hub")
        assert not shelf.has("eye")

    def test_a_hostile_file_never_gets_there(
        self, shelf: Shelf, spec: ModelSpec, tmp_path: Path
    ) -> None:
        staging = shelf.staging("eye")
        shutil.copytree(tmp_path / "original", staging, dirs_exist_ok=True)
        (staging / WEIGHTS).write_bytes(b"PK\x03\x04" + bytes(500))
        with pytest.raises(ModelRefused, match="pickled"):
            shelf.put(spec, staging, {}, COMMIT, "hub")
        assert not shelf.has("eye")

    def test_a_file_that_changes_after_it_was_checked_does_not_count(
        self, shelf: Shelf, spec: ModelSpec, tmp_path: Path
    ) -> None:
        staging = shelf.staging("eye")
        shutil.copytree(tmp_path / "original", staging, dirs_exist_ok=True)
        paths = {name: staging / name for name in (CONFIG, WEIGHTS)}
        checked = check_model(spec, paths, {}, JobControl())
        paths[WEIGHTS].write_bytes(paths[WEIGHTS].read_bytes()[:-1] + b"x")
        with pytest.raises(ModelDamaged, match=WEIGHTS):
            shelf.accept(spec, staging, checked, COMMIT, "hub")
        assert not shelf.has("eye")
        assert (shelf.staging("eye") / CONFIG).is_file()

    def test_putting_it_again_replaces_it(self, stocked: Shelf, tmp_path: Path) -> None:
        original = model_files.clip(tmp_path / "newer", seed=9)
        before = stocked.installed("eye").fingerprint
        put(stocked, stocked.manifest.model("eye"), original)
        assert stocked.installed("eye").fingerprint != before
        verify(stocked, thorough=True)

    @pytest.mark.skipif(os.name != "posix", reason="needs POSIX permissions")
    def test_the_folders_are_the_user_s_alone(self, stocked: Shelf) -> None:
        for name in ("", "locks", ".partial", "eye"):
            assert (stocked.root / name).stat().st_mode & 0o077 == 0


class TestTampering:
    def test_a_file_that_is_cut_short(self, stocked: Shelf) -> None:
        model = stocked.installed("eye")
        path = model.files[WEIGHTS]
        path.write_bytes(path.read_bytes()[:-10])
        for _ in range(2):
            with pytest.raises(ModelDamaged, match=WEIGHTS) as caught:
                stocked.verify(model, JobControl())
        assert "twofold models install eye" in caught.value.hint
        with pytest.raises(ModelDamaged):
            stocked.installed("eye")

    def test_a_file_that_is_missing(self, stocked: Shelf) -> None:
        model = stocked.installed("eye")
        model.files[CONFIG].unlink()
        with pytest.raises(ModelDamaged, match=f"{CONFIG}.*missing"):
            stocked.verify(model, JobControl())
        with pytest.raises(ModelDamaged, match=CONFIG):
            stocked.installed("eye")
        assert stocked.has("eye")  # and a recipe that wants it says so instead of doing without

    def test_a_file_that_was_changed_and_given_its_old_time(self, stocked: Shelf) -> None:
        path = stocked.installed("eye").files[WEIGHTS]
        write_unnoticed(path, b"\0\0\0\0")
        with pytest.raises(ModelDamaged) as caught:
            verify(stocked)
        expected = stocked.hashes("eye")[WEIGHTS][:12]
        assert expected in caught.value.message
        assert model_files.sha256(path)[:12] in caught.value.message

    def test_two_files_that_were_swapped(self, tmp_path: Path) -> None:
        original = model_files.blip2(tmp_path / "original")
        spec = model_files.entry("blip", Loader.BLIP2, original)
        shelf = Shelf(tmp_path / "models", model_files.manifest(spec))
        put(shelf, spec, original)
        model = shelf.installed("blip")
        one, two = (p for n, p in model.files.items() if n.endswith(".safetensors"))
        one.rename(one.with_suffix(".x"))
        two.rename(one)
        one.with_suffix(".x").rename(two)
        with pytest.raises(ModelDamaged, match="safetensors"):
            shelf.verify(model, JobControl())

    def test_a_file_that_was_put_in_its_place(self, stocked: Shelf, tmp_path: Path) -> None:
        other = model_files.tensors(tmp_path / "other.safetensors", seed=3)
        path = stocked.installed("eye").files[WEIGHTS]
        assert other.stat().st_size == path.stat().st_size
        other.replace(path)
        with pytest.raises(ModelDamaged):
            verify(stocked)

    @pytest.mark.parametrize("name", ["adapter_config.json", "sub/modeling.py", "model.bin"])
    def test_a_file_that_was_added(self, stocked: Shelf, name: str) -> None:
        model = stocked.installed("eye")
        added = model_files.text(model.folder / name, "{}")
        with pytest.raises(ModelRefused, match=name):
            stocked.verify(model, JobControl())
        added.unlink()
        stocked.verify(model, JobControl())

    def test_a_touched_file_is_read_once_and_then_trusted(self, stocked: Shelf) -> None:
        path = stocked.installed("eye").files[WEIGHTS]
        path.touch()
        assert verify(stocked) == path.stat().st_size
        assert verify(stocked) == 0

    def test_a_copied_shelf_is_read_once_and_then_trusted(
        self, stocked: Shelf, tmp_path: Path
    ) -> None:
        shutil.copytree(stocked.root, tmp_path / "elsewhere")
        moved = Shelf(tmp_path / "elsewhere", stocked.manifest)
        assert verify(moved) == moved.installed("eye").size_bytes
        assert verify(moved) == 0

    def test_thorough_reads_all_of_it(self, stocked: Shelf) -> None:
        assert verify(stocked, thorough=True) == stocked.installed("eye").size_bytes

    def test_a_lock_that_is_no_lock_means_not_installed(self, stocked: Shelf) -> None:
        lock = stocked.root / "locks/eye.json"
        for content in ("", "{", "[]", '{"format": 99}', "null", "[" * 100_000):
            lock.write_text(content)
            with pytest.raises(ModelMissing):
                stocked.installed("eye")

    def test_a_lock_that_was_changed_with_the_file(self, tmp_path: Path) -> None:
        original = model_files.clip(tmp_path / "original")
        spec = model_files.entry("eye", Loader.OPEN_CLIP, original, hashes=True)
        shelf = Shelf(tmp_path / "models", model_files.manifest(spec))
        put(shelf, spec, original)
        path = shelf.installed("eye").files[WEIGHTS]
        old = model_files.sha256(path)
        write_unnoticed(path, b"\0\0\0\0")
        lock = shelf.root / "locks/eye.json"
        lock.write_text(lock.read_text().replace(old, model_files.sha256(path)))
        with pytest.raises(ModelDamaged, match=WEIGHTS):  # the manifest knows better
            shelf.installed("eye")

    def test_a_manifest_that_changed_wants_it_installed_again(self, stocked: Shelf) -> None:
        spec = stocked.manifest.model("eye")
        more = replace(spec.files[0], path="merges.txt")
        stocked.manifest.models["eye"] = replace(spec, files=(*spec.files, more))
        with pytest.raises(ModelDamaged, match="another version"):
            stocked.installed("eye")


class TestMending:
    def test_what_is_whole_of_a_damaged_model_is_used_again(
        self, stocked: Shelf, tmp_path: Path
    ) -> None:
        model = stocked.installed("eye")
        write_unnoticed(model.files[CONFIG], b"  ")
        with pytest.raises(ModelDamaged):
            stocked.verify(model, JobControl())
        with pytest.raises(ModelDamaged):  # remembered, so that an installer sees it, too
            stocked.installed("eye")
        staging = stocked.staging("eye")
        assert (staging / WEIGHTS).read_bytes() == (tmp_path / "original" / WEIGHTS).read_bytes()
        assert not stocked.has("eye")
        put(stocked, stocked.manifest.model("eye"), tmp_path / "original")
        verify(stocked, thorough=True)

    def test_a_file_that_was_put_right_by_hand_counts_again(
        self, stocked: Shelf, tmp_path: Path
    ) -> None:
        path = stocked.installed("eye").files[WEIGHTS]
        write_unnoticed(path, b"\0\0\0\0")
        with pytest.raises(ModelDamaged):
            verify(stocked)
        shutil.copy(tmp_path / "original" / WEIGHTS, path)
        verify(stocked)
        assert verify(stocked) == 0

    def test_the_staging_folder_of_a_whole_model_is_empty(self, stocked: Shelf) -> None:
        assert list(stocked.staging("eye").iterdir()) == []
        verify(stocked)

    def test_removed_is_gone(self, stocked: Shelf) -> None:
        model_files.text(stocked.staging("eye") / "left.part", "x")
        stocked.remove("eye")
        assert not stocked.has("eye")
        left = [path for path in stocked.root.rglob("*") if path.is_file()]
        assert left == []
        stocked.remove("eye")  # a second time is fine
        with pytest.raises(UnknownModel):
            stocked.remove("../eye")

    def test_a_read_only_shelf_can_be_used(
        self, stocked: Shelf, without_override: tuple[str, ...]
    ) -> None:
        script = (
            "import sys; from pathlib import Path; from engine.job import JobControl\n"
            "from engine.weights.shelf import Shelf; from tests.weights import model_files\n"
            "from engine.model import Loader\n"
            "spec = model_files.entry('eye', Loader.OPEN_CLIP, Path(sys.argv[2]))\n"
            "shelf = Shelf(Path(sys.argv[1]), model_files.manifest(spec))\n"
            "shelf.verify(shelf.installed('eye'), JobControl(), thorough=True)\n"
            "try: shelf.staging('eye')\n"
            "except Exception as error: print(error.code)\n"
        )
        stocked.installed("eye").files[WEIGHTS].touch()
        for folder in (stocked.root / "locks", stocked.root / ".partial", stocked.root):
            folder.chmod(0o500)
        try:
            said = subprocess.run(
                [*without_override, sys.executable, "-c", script, str(stocked.root),
                 str(stocked.root.parent / "original")],
                cwd=REPOSITORY, capture_output=True, text=True, timeout=60,
            )  # fmt: skip
        finally:
            for folder in (stocked.root, stocked.root / "locks", stocked.root / ".partial"):
                folder.chmod(0o700)
        assert said.stdout.strip() == "no_permission", said.stderr


class TestKinds:
    def test_blip2_and_llava_are_told_apart(self, tmp_path: Path) -> None:
        for kind, loader in (("llava", Loader.BLIP2), ("blip-2", Loader.LLAVA)):
            original = model_files.blip2(tmp_path / kind, kind=kind)
            spec = model_files.entry("model", loader, original)
            shelf = Shelf(tmp_path / f"models-{kind}", model_files.manifest(spec))
            with pytest.raises(WrongModel, match=kind):
                put(shelf, spec, original)

    @pytest.mark.parametrize("kind", ["llava", "llava_next", "llava_onevision"])
    def test_the_relatives_of_llava_are_welcome(self, tmp_path: Path, kind: str) -> None:
        original = model_files.blip2(tmp_path / "original", kind=kind)
        spec = model_files.entry("model", Loader.LLAVA, original)
        shelf = Shelf(tmp_path / "models", model_files.manifest(spec))
        put(shelf, spec, original)
        assert shelf.has("model")

    def test_a_configuration_of_something_else_is_no_clip(self, tmp_path: Path) -> None:
        original = model_files.clip(tmp_path / "original")
        model_files.text(original / CONFIG, {"model_type": "bert"})
        spec = model_files.entry("eye", Loader.OPEN_CLIP, original)
        with pytest.raises(WrongModel, match="CLIP"):
            put(Shelf(tmp_path / "models", model_files.manifest(spec)), spec, original)

    def test_a_projector_is_no_language_model(self, tmp_path: Path) -> None:
        original = model_files.vision(tmp_path / "original")
        (original / "seer.gguf").unlink()
        spec = model_files.entry("llm", Loader.GGUF, original)
        with pytest.raises(WrongModel, match="clip"):
            put(Shelf(tmp_path / "models", model_files.manifest(spec)), spec, original)

    def test_a_language_model_is_no_projector(self, tmp_path: Path) -> None:
        original = model_files.vision(tmp_path / "original")
        shutil.copy(original / "seer.gguf", original / "mmproj-eyes.gguf")
        spec = model_files.entry("seer", Loader.GGUF_VISION, original)
        with pytest.raises(WrongModel, match="projector"):
            put(Shelf(tmp_path / "models", model_files.manifest(spec)), spec, original)

    @pytest.mark.parametrize("part", ["../../x.safetensors", "pytorch_model.bin", "other.json", 5])
    def test_an_index_that_leads_elsewhere_is_refused(self, tmp_path: Path, part: object) -> None:
        original = model_files.blip2(tmp_path / "original")
        model_files.text(original / "model.safetensors.index.json", {"weight_map": {"a": part}})
        spec = model_files.entry("blip", Loader.BLIP2, original)
        with pytest.raises(ModelRefused, match="index"):
            put(Shelf(tmp_path / "models", model_files.manifest(spec)), spec, original)


class TestStates:
    def state(self, shelf: Shelf) -> str:
        return next(one for one in shelf.states() if one.spec.name == "eye").state

    def test_from_missing_to_damaged(self, shelf: Shelf, spec: ModelSpec, tmp_path: Path) -> None:
        assert self.state(shelf) == "missing"
        shelf.staging("eye")
        assert self.state(shelf) == "missing"
        model_files.text(shelf.staging("eye") / f"{WEIGHTS}.0123.part", "half")
        assert self.state(shelf) == "partial"
        put(shelf, spec, tmp_path / "original")
        assert self.state(shelf) == "installed"
        assert shelf.states()[0].size_bytes == shelf.installed("eye").size_bytes
        assert shelf.states()[0].revision == COMMIT
        shelf.installed("eye").files[CONFIG].unlink()
        assert self.state(shelf) == "damaged"

    def test_every_state_says_whether_it_fits(self, stocked: Shelf) -> None:
        stocked.manifest.models["eye"] = replace(
            stocked.manifest.model("eye"), gpu_bytes=10**15, cpu_bytes=1
        )
        fit = stocked.states()[0].fit
        assert not fit.gpu
        assert fit.ram
        assert fit.text.endswith(".")


def test_where_models_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("TWOFOLD_MODELS", "TWOFOLD_DATA"):
        monkeypatch.delenv(variable, raising=False)
    usual = models_root(None)
    assert usual.name == "models"
    assert usual.is_absolute()
    assert models_root(tmp_path) == tmp_path / "models"
    monkeypatch.setenv("TWOFOLD_DATA", str(tmp_path / "data"))
    assert models_root(None) == tmp_path / "data/models"
    assert models_root(tmp_path) == tmp_path / "models"
    monkeypatch.setenv("TWOFOLD_MODELS", str(tmp_path / "elsewhere"))
    assert models_root(tmp_path) == models_root(None) == tmp_path / "elsewhere"


def test_hashing_stops_within_two_seconds(tmp_path: Path) -> None:
    files = {}
    for k in range(3):
        with (tmp_path / f"{k}").open("wb") as file:
            file.truncate(4 * 1024**3)  # sparse: costs no room
        files[str(k)] = tmp_path / f"{k}"
    job = model_files.cancelling(lambda stage, done, total: done > 0)
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        hash_files(files, job)
    assert time.monotonic() - begun < 2


def test_a_cancelled_installation_leaves_nothing_usable(
    shelf: Shelf, spec: ModelSpec, tmp_path: Path
) -> None:
    staging = shelf.staging("eye")
    shutil.copytree(tmp_path / "original", staging, dirs_exist_ok=True)
    job = JobControl()
    job.cancel()
    with pytest.raises(Cancelled):
        shelf.put(spec, staging, {}, COMMIT, "hub", job)
    assert not shelf.has("eye")
    shelf.put(spec, staging, {}, COMMIT, "hub")
    assert shelf.has("eye")


KILLED = """
import shutil, sys
from pathlib import Path
from engine.weights.manifest import load_manifest
from engine.weights.shelf import OWN, Shelf

root, original = Path(sys.argv[1]), Path(sys.argv[2])
shelf = Shelf(root, load_manifest(root / OWN))
print("ready", flush=True)
while True:
    staging = shelf.staging("eye")
    shutil.copytree(original, staging, dirs_exist_ok=True)
    shelf.put(shelf.manifest.model("eye"), staging, {}, "", "hub")
"""


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_killed_at_any_moment_it_is_whole_or_not_there(tmp_path: Path) -> None:
    original = model_files.clip(tmp_path / "original", rows=4_000)
    spec = model_files.entry("eye", Loader.OPEN_CLIP, original)
    shelf = Shelf(tmp_path / "models", model_files.manifest(spec))
    own = model_files.text(shelf.root / OWN / "eye.toml", to_toml(spec))
    seen = set()
    pauses = random.Random(3)
    for _ in range(12):
        running = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(shelf.root), str(original)],
            cwd=REPOSITORY, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        time.sleep(pauses.uniform(0.0, 0.25))
        running.send_signal(signal.SIGKILL)
        running.communicate()
        if shelf.has("eye"):
            shelf.verify(shelf.installed("eye"), JobControl(), thorough=True)
        seen.add(shelf.has("eye"))
    own.unlink()
    put(shelf, spec, original)
    shelf.verify(shelf.installed("eye"), JobControl(), thorough=True)
    assert True in seen


def test_no_room_is_said_before_anything_else(tmp_path: Path) -> None:
    from engine.weights.disk import make_sure_it_fits

    make_sure_it_fits(tmp_path, 0)
    with pytest.raises(DiskFull) as caught:
        make_sure_it_fits(tmp_path, 10**15)
    assert "1,000.0 TB" in caught.value.message
    assert isinstance(caught.value, StorageError)
