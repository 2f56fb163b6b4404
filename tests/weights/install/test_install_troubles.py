"""Hubs that lie, refuse and stumble; disks that are full or closed. Nothing is ever installed."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
import socket
import sys
import time
from pathlib import Path

import pytest

from engine.errors import DiskFull, InstallFailed, ModelRefused, NoPermission, TwofoldError
from engine.install_client import Installer, install_command
from engine.job import JobControl
from engine.model import Loader, ModelFile
from engine.protocol import Failed
from engine.weights import fetch
from engine.weights.disk import make_sure_it_fits
from engine.weights.fetch import Expected, Patience
from engine.weights.hub import HubFile, Lapse
from engine.weights.manifest import load_manifest
from engine.weights.only_writer import only_writer
from engine.weights.orders import allowed, named
from tests.fakes.hub import commit_of
from tests.fakes.install_bench import CLIP, CONFIG, WEIGHTS, Bench, safetensors

GONE = "0" * 40


def refused(bench: Bench, code: str, name: str = CLIP) -> TwofoldError:
    """Installs, expects this failure, and that nothing came of it."""
    with pytest.raises(TwofoldError) as caught:
        bench.install_here(name)
    assert caught.value.code == code, caught.value
    assert caught.value.message.endswith(".")
    assert caught.value.hint
    assert not (bench.root / name).exists()
    assert not (bench.root / "locks").exists()
    return caught.value


class TestLies:
    def test_the_hub_lists_another_hash_than_the_bytes_have(self, bench: Bench) -> None:
        bench.clip()
        bench.hub.behave({"do": "list", "file": WEIGHTS, "sha256": "ab" * 32})
        assert "another file" in refused(bench, "model_damaged").message
        assert bench.parts() == []  # the file's own announcement already differed

    def test_and_announces_it_so(self, bench: Bench) -> None:
        bench.clip()
        bench.hub.behave(
            {"do": "list", "file": WEIGHTS, "sha256": "ab" * 32},
            {"do": "etag", "etag": "ab" * 32},
        )
        refused(bench, "model_damaged")
        assert bench.parts() == []

    def test_the_manifest_knows_better_than_the_hub(self, bench: Bench) -> None:
        files = (ModelFile(path=CONFIG), ModelFile(path=WEIGHTS, sha256="cd" * 32))
        bench.clip(files=files)
        refused(bench, "model_damaged")
        assert bench.hub.sent(WEIGHTS) == 0

    def test_the_manifest_knows_better_than_gits_name_of_a_small_file(self, bench: Bench) -> None:
        files = (ModelFile(path=CONFIG, sha256="cd" * 32), ModelFile(path=WEIGHTS))
        bench.clip(files=files)
        refused(bench, "model_damaged")
        assert bench.hub.sent(WEIGHTS) == 0

    def test_the_manifests_hash_when_it_is_right(self, bench: Bench) -> None:
        bench.clip()
        known = bench.hub.repositories / "makers" / CLIP
        files = [
            ModelFile(
                path=name,
                size_bytes=(known / name).stat().st_size,
                sha256=hashlib.sha256((known / name).read_bytes()).hexdigest(),
            )
            for name in (CONFIG, WEIGHTS)
        ]
        bench.clip(files=tuple(files))
        bench.install_here(CLIP)

    @pytest.mark.parametrize("file", [WEIGHTS, CONFIG])
    def test_a_byte_was_swapped_on_the_way(self, bench: Bench, file: str) -> None:
        bench.clip()
        bench.hub.behave({"at": file, "do": "swap", "byte": 60})
        assert file in refused(bench, "model_damaged").message
        assert bench.parts() == []

        bench.hub.behave()
        bench.install_here(CLIP)

    def test_the_file_has_another_size_than_the_hub_lists(self, bench: Bench) -> None:
        bench.clip(size=1000)
        bench.hub.behave({"do": "list", "file": WEIGHTS, "size": 500})
        refused(bench, "model_damaged")

    def test_more_comes_than_was_announced(self, bench: Bench) -> None:
        bench.clip(size=1000)
        bench.hub.behave({"at": f"large/.*{WEIGHTS}", "do": "more", "bytes": 50_000_000})
        refused(bench, "model_damaged")
        assert sum(path.stat().st_size for path in bench.root.rglob("*")) < 1_000_000

    def test_the_hub_answers_for_another_commit(self, bench: Bench) -> None:
        bench.clip()
        bench.clip(revision=commit_of(bench.hub.repositories / "makers" / CLIP))
        bench.hub.behave({"do": "commit", "commit": "ef" * 20})
        assert "another version" in refused(bench, "model_damaged").message


class TestRefusals:
    @pytest.mark.parametrize("token", ["", "hf_of_someone_else"])
    def test_a_licence_that_must_be_accepted(
        self, bench: Bench, token: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if token:
            monkeypatch.setenv("TWOFOLD_HUB_TOKEN", token)
        bench.clip()
        bench.hub.behave({"do": "token", "token": "hf_right"})
        failure = refused(bench, "install_failed")
        assert "licence" in failure.message
        assert f"{bench.hub.address}/makers/{CLIP}" in failure.hint
        assert "TWOFOLD_HUB_TOKEN" in failure.hint

    def test_a_token_that_is_no_good(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TWOFOLD_HUB_TOKEN", "hf_expired")
        bench.clip()
        bench.hub.behave({"do": "status", "status": 401})
        failure = refused(bench, "install_failed")
        assert "does not accept the token" in failure.message
        assert "hf_expired" not in failure.message + failure.hint

    def test_a_token_is_not_sent_where_anyone_can_read_it(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TWOFOLD_HUB_TOKEN", "hf_secret")
        monkeypatch.setenv("TWOFOLD_HUB", "http://hub.invalid")
        bench.clip()
        assert "token" in refused(bench, "install_failed").message

    def test_a_repository_that_does_not_exist(self, bench: Bench) -> None:
        bench.spec("nowhere", Loader.GGUF, ModelFile(path="a.gguf"))
        assert "does not exist" in refused(bench, "install_failed", "nowhere").message

    def test_a_revision_that_does_not_exist(self, bench: Bench) -> None:
        bench.clip(revision=GONE)
        assert "revision" in refused(bench, "install_failed").message

    def test_a_file_that_does_not_exist(self, bench: Bench) -> None:
        bench.clip(files=(ModelFile(path=CONFIG), ModelFile(path="other.safetensors")))
        assert "other.safetensors" in refused(bench, "install_failed").message

    def test_too_many_requests_are_borne_and_the_hub_is_left_alone_as_long_as_it_asks(
        self, bench: Bench
    ) -> None:
        bench.clip()
        bench.hub.behave({"at": "/api/", "do": "status", "status": 429, "after": 1, "times": 2})
        begun = time.monotonic()
        bench.install_here(CLIP)
        assert time.monotonic() - begun > 2

    def test_trouble_that_does_not_pass(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(fetch, "FIRST_WAITS_S", (0.0, 0.0))
        monkeypatch.setattr(fetch, "LATER_WAITS_S", (0.0, 0.0))
        bench.clip()
        bench.hub.behave({"at": "/resolve/", "do": "status", "status": 500})
        failure = refused(bench, "install_failed")
        assert "500" in failure.message
        assert "run the same command again" in failure.hint

    def test_trouble_between_two_files(self, bench: Bench) -> None:
        bench.clip()
        bench.hub.behave({"at": WEIGHTS, "do": "status", "status": 503, "times": 2})
        bench.install_here(CLIP)

    def test_a_page_for_people_instead_of_an_answer(self, bench: Bench) -> None:
        bench.clip()
        bench.hub.behave({"do": "page"})
        assert "twofold models import" in refused(bench, "install_failed").hint

    @pytest.mark.parametrize("to", ["/makers/loop", "ftp://127.0.0.1/"])
    def test_a_redirect_to_nowhere(self, bench: Bench, to: str) -> None:
        bench.clip()
        bench.hub.behave({"do": "lead", "to": to})
        refused(bench, "install_failed")


class TestPatience:
    def test_a_connection_that_breaks_again_and_again_is_taken_up_as_long_as_bytes_come(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(fetch, "FIRST_WAITS_S", (0.0, 0.0))
        monkeypatch.setattr(fetch, "LATER_WAITS_S", (0.0, 0.0, 0.0))
        patience = Patience(JobControl(), lambda line: None)
        lapse = Lapse(InstallFailed("It broke off.", "Run it again."))
        for _ in range(10):
            patience.bear(lapse)
            patience.bear(lapse)
            patience.flowing()
        for _ in range(3):  # once bytes have come, more is borne
            patience.bear(lapse)
        with pytest.raises(InstallFailed, match="It broke off"):
            patience.bear(lapse)


class TestNoNetwork:
    @pytest.fixture(autouse=True)
    def hasty(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(fetch, "FIRST_WAITS_S", (0.0,))

    def free_port(self) -> int:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port: int = server.getsockname()[1]
            return port

    def test_nobody_answers(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TWOFOLD_HUB", f"http://127.0.0.1:{self.free_port()}")
        bench.clip()
        failure = refused(bench, "install_failed")
        assert "cannot be reached" in failure.message
        assert "USB" in failure.hint

    def test_a_name_that_nobody_knows(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TWOFOLD_HUB", "https://hub.invalid")
        bench.clip()
        assert "cannot be reached" in refused(bench, "install_failed").message

    def test_somebody_who_does_not_prove_who_he_is(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TWOFOLD_HUB", bench.hub.address.replace("http:", "https:"))
        bench.clip()
        assert "prove" in refused(bench, "install_failed").message
        assert bench.hub.journal == []

    @pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "nonsense://x", "http://[::"])
    def test_a_proxy_of_a_kind_that_cannot_be_used(
        self, bench: Bench, proxy: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("http_proxy", proxy)
        bench.clip()
        assert "proxy" in refused(bench, "install_failed").message

    def test_a_proxy_that_is_not_there(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{self.free_port()}")
        bench.clip()
        assert "proxy" in refused(bench, "install_failed").hint

    @pytest.mark.parametrize("address", ["huggingface.co", "file:///etc", "https://", "http://["])
    def test_an_address_that_is_none(
        self, bench: Bench, address: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TWOFOLD_HUB", address)
        bench.clip()
        refused(bench, "install_failed")


class TestWhatMayNotBeInstalled:
    def test_a_pack_stands_for_its_models(self) -> None:
        manifest = load_manifest()
        for name, pack in manifest.packs.items():
            specs = named([name, *pack.models], manifest)
            assert tuple(spec.name for spec in specs) == pack.models  # each once

    def test_a_name_that_the_manifest_does_not_know(self, bench: Bench) -> None:
        bench.clip()
        assert "tiny-clap" in refused(bench, "unknown_model", "tiny-clap").message
        assert bench.hub.journal == []

    @pytest.mark.parametrize("path", ["pytorch_model.bin", "modeling.py", "weights.pt"])
    def test_pickles_and_code(self, bench: Bench, path: str) -> None:
        spec = bench.clip()
        worse = dataclasses.replace(spec, files=(*spec.files, ModelFile(path=path)))
        with pytest.raises(ModelRefused):
            allowed(worse)
        bench.spec(CLIP, Loader.OPEN_CLIP, *worse.files)
        failure = bench.install(CLIP).failure
        assert failure.code == "bad_manifest"  # already the entry is refused
        assert path in failure.message
        assert bench.hub.journal == []

    def test_a_text_that_asks_for_code(self, bench: Bench) -> None:
        bench.clip()
        bench.publish(CLIP, open_clip_config__json=b'{"model_cfg": {"auto_map": {"a": "b.c"}}}')
        refused(bench, "model_refused")
        assert bench.hub.sent(WEIGHTS) == 0  # the small files are looked at first
        assert not any(path.name == CONFIG for path in bench.root.rglob("*"))

    def test_an_index_that_leads_to_a_file_of_somebody_else(self, bench: Bench) -> None:
        parts = {"a": "model-1.safetensors", "b": "../other.safetensors"}
        bench.publish(
            "tiny-llava",
            config__json=b'{"model_type": "llava"}',
            model__safetensors__index__json=json.dumps({"weight_map": parts}).encode(),
            **{"model-1__safetensors": safetensors(10), "model-2__safetensors": safetensors(10)},
        )
        files = ["config.json", "model.safetensors.index.json"]
        files += ["model-1.safetensors", "model-2.safetensors"]
        bench.spec("tiny-llava", Loader.LLAVA, *(ModelFile(path=path) for path in files))
        refused(bench, "model_refused", "tiny-llava")
        assert bench.hub.sent("model-1.safetensors") == 0  # texts are looked at first

    def test_weights_that_are_a_pickle_in_disguise(self, bench: Bench) -> None:
        bench.clip()
        bench.publish(CLIP, open_clip_model__safetensors=b"PK\3\4" + bytes(1000))
        refused(bench, "model_refused")

    def test_the_files_of_another_kind_of_model(self, bench: Bench) -> None:
        bench.clip()
        bench.publish(CLIP, open_clip_config__json=b'{"model_cfg": {}}')
        refused(bench, "wrong_model")
        assert bench.hub.sent(WEIGHTS) == 0


class TestDisks:
    def test_too_little_room_is_said_before_anything_is_fetched(self, bench: Bench) -> None:
        bench.clip()
        size = 10**16
        bench.hub.behave({"do": "list", "file": WEIGHTS, "size": size})
        failure = refused(bench, "disk_full")
        assert "missing" in failure.message
        assert all("/api/" in one["path"] for one in bench.hub.journal)

    def test_how_much_is_missing(self, tmp_path: Path) -> None:
        free = shutil.disk_usage(tmp_path).free
        make_sure_it_fits(tmp_path, free // 2)
        with pytest.raises(DiskFull, match=r"2\.\d GB are missing"):
            make_sure_it_fits(tmp_path, free + 2 * 10**9)

    def test_what_an_earlier_try_left_counts(self, tmp_path: Path) -> None:
        size = 10**12
        expected = Expected(HubFile("deep/a.gguf", size, "ab" * 32, ""), "ab" * 32)
        assert expected.missing_bytes(tmp_path) == size
        part = expected.part(tmp_path)
        part.parent.mkdir()
        with part.open("wb") as sparse:
            sparse.truncate(size - 5)
        assert expected.missing_bytes(tmp_path) == 5

    @pytest.mark.skipif(sys.platform == "win32", reason="there files have no such limit")
    def test_the_disk_runs_full_midway(self, bench: Bench) -> None:
        bench.clip(size=3_000_000)
        limit = "import resource, sys, os; resource.setrlimit(resource.RLIMIT_FSIZE, "
        limit += "(1_000_000,) * 2); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
        command = install_command(bench.root, [CLIP])
        with Installer([sys.executable, "-c", limit, *command[1:]]) as installer:
            last = list(installer.events())[-1]
        assert isinstance(last, Failed)
        assert last.code == "disk_full"
        assert "Traceback" not in installer.log
        [part] = bench.parts()
        assert part.stat().st_size == 1_000_000
        bench.install_here(CLIP)
        assert bench.hub.journal[-1]["range"] == "bytes=1000000-"

    @pytest.mark.skipif(sys.platform != "linux", reason="/sys takes no folder from anyone")
    def test_a_models_folder_that_cannot_be_written(self) -> None:
        with pytest.raises(NoPermission), only_writer(Path("/sys/twofold")):
            pass

    def test_a_file_in_the_place_of_the_models_folder(self, bench: Bench) -> None:
        bench.root.write_text("a letter")
        assert bench.install("vit-b-32-laion2b").failure.code == "data_folder_read_only"
        assert bench.root.read_text() == "a letter"
