"""What is installed, from where, how it goes on after a break, and what the hub gets to know."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from engine.errors import ModelDamaged, ModelMissing
from engine.install_client import install_command
from engine.job import JobControl
from engine.model import Loader, ModelFile
from engine.protocol import Progress
from tests.fakes.install_bench import CLIP, CONFIG, SIZE, WEIGHTS, Bench

ROOT = Path(__file__).parents[3]
RATE = 2_000_000  # bytes a second: all of it then takes a second


def tiny_gguf(path: Path) -> bytes:
    from gguf import GGUFWriter

    writer = GGUFWriter(path, "llama")
    writer.add_context_length(64)
    writer.add_tensor("token_embd.weight", np.zeros((4, 32), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.read_bytes()


class TestWholeModels:
    def test_a_model_with_weights_and_a_text_is_there_once_every_byte_is(
        self, bench: Bench
    ) -> None:
        bench.clip()
        outcome = bench.install(CLIP)
        outcome.succeeded()

        model = bench.installed()
        assert set(model.files) == {CONFIG, WEIGHTS}  # and not what the entry does not name
        for name, path in model.files.items():
            original = bench.hub.repositories / "makers" / CLIP / name
            assert path.read_bytes() == original.read_bytes()
        assert len(model.revision) == 40  # learnt from the hub
        bench.shelf.verify(model, JobControl())
        assert bench.parts() == []

    def test_a_language_model_of_one_file(self, bench: Bench, tmp_path: Path) -> None:
        bench.publish("tiny-llm", llm__gguf=tiny_gguf(tmp_path / "llm.gguf"))
        bench.spec("tiny-llm", Loader.GGUF, ModelFile(path="llm.gguf"))
        bench.install("tiny-llm").succeeded()
        assert bench.installed("tiny-llm").file(".gguf").stat().st_size > 0

    def test_several_models_in_one_go_and_only_those_that_are_missing(self, bench: Bench) -> None:
        bench.clip(name="clip-a")
        bench.clip(name="clip-b")
        bench.install("clip-a").succeeded()
        bench.install("clip-b", "clip-a", "clip-b").succeeded()
        assert bench.installed("clip-b").revision == bench.installed("clip-a").revision
        assert sum("/api/models/makers/clip-a" in one["path"] for one in bench.hub.journal) == 1

    def test_what_is_installed_is_not_asked_for_again(self, bench: Bench) -> None:
        bench.clip()
        bench.install(CLIP).succeeded()
        asked = len(bench.hub.journal)
        bench.install(CLIP).succeeded()
        assert len(bench.hub.journal) == asked

    def test_the_pinned_revision_is_the_one_that_is_fetched(self, bench: Bench) -> None:
        spec = bench.clip()
        bench.install(CLIP).succeeded()
        commit = bench.installed().revision
        bench.clip(revision=commit, name=spec.name)
        outcome = bench.install(CLIP)  # installed already
        outcome.succeeded()

        other = bench.clip(name="clip-pinned", revision=commit)  # the same files: the same commit
        bench.install(other.name).succeeded()
        assert any(f"/revision/{commit}" in one["path"] for one in bench.hub.journal)
        assert bench.installed(other.name).revision == commit

    def test_a_learnt_hash_is_kept_and_a_later_change_is_noticed_and_mended(
        self, bench: Bench
    ) -> None:
        bench.clip()
        bench.install(CLIP).succeeded()
        model = bench.installed()
        fingerprint = model.fingerprint
        weights = model.files[WEIGHTS]
        weights.chmod(0o600)
        content = bytearray(weights.read_bytes())
        content[-1] ^= 1
        weights.write_bytes(content)
        with pytest.raises(ModelDamaged):
            bench.shelf.verify(bench.installed(), JobControl())

        asked = len(bench.hub.journal)
        bench.install(CLIP).succeeded()
        assert bench.installed().fingerprint == fingerprint
        paths = [one["path"] for one in bench.hub.journal[asked:]]
        assert not any(CONFIG in path for path in paths)  # the other file was whole

    def test_nothing_is_usable_before_all_is_there(self, bench: Bench) -> None:
        bench.clip(size=SIZE)
        bench.hub.behave({"at": WEIGHTS, "do": "slow", "rate": RATE})
        seen = 0
        with bench.installer(CLIP) as installer:
            for event in installer.events():
                if isinstance(event, Progress) and event.done < 0.8 * SIZE:
                    seen += event.done > 0
                    with pytest.raises(ModelMissing):
                        bench.installed()
        assert seen >= 3
        bench.installed()

    def test_an_empty_text_file_and_folders_within_a_model(self, bench: Bench) -> None:
        bench.clip()
        (bench.hub.repositories / "makers" / CLIP / "deep" / "er").mkdir(parents=True)
        (bench.hub.repositories / "makers" / CLIP / "deep" / "er" / "merges.txt").write_text("a b")
        files = (CONFIG, WEIGHTS, "deep/er/merges.txt")
        bench.spec(CLIP, Loader.OPEN_CLIP, *(ModelFile(path=path) for path in files))
        bench.install(CLIP).succeeded()
        assert bench.installed().files["deep/er/merges.txt"].read_text() == "a b"


class TestGoingOn:
    def test_after_a_kill_only_the_rest_is_fetched(self, bench: Bench) -> None:
        bench.clip(size=SIZE)
        bench.hub.behave({"at": WEIGHTS, "do": "slow", "rate": RATE, "times": 2})
        with bench.installer(CLIP) as installer:
            for event in installer.events():
                if getattr(event, "done", 0) > SIZE / 3:
                    os.kill(installer.pid, signal.SIGKILL)
                    break
        [part] = bench.parts()
        had = part.stat().st_size
        assert had > SIZE / 4
        with pytest.raises(ModelMissing):
            bench.installed()

        time.sleep(0.3)  # the hub notices that nobody listens any more
        before = bench.hub.sent(WEIGHTS)
        outcome = bench.install(CLIP)
        outcome.succeeded()
        whole = bench.installed().files[WEIGHTS].stat().st_size
        assert bench.hub.sent(WEIGHTS) - before == whole - had
        assert bench.hub.journal[-1]["range"] == f"bytes={had}-"
        assert outcome.progress[-1].done == outcome.progress[-1].total

    def test_a_connection_that_is_cut_is_taken_up_again_by_itself(self, bench: Bench) -> None:
        bench.clip(size=SIZE)
        bench.hub.behave({"at": f"large/.*{WEIGHTS}", "do": "cut", "after": SIZE // 3, "times": 2})
        outcome = bench.install(CLIP)
        outcome.succeeded()
        assert bench.hub.sent(WEIGHTS) == bench.installed().files[WEIGHTS].stat().st_size
        assert "broke off" in outcome.log

    def test_a_hub_that_knows_no_ranges_starts_from_the_beginning(self, bench: Bench) -> None:
        bench.clip(size=SIZE)
        large = f"large/.*{WEIGHTS}"
        bench.hub.behave(
            {"at": large, "do": "cut", "after": SIZE // 3, "times": 1}, {"at": large, "do": "whole"}
        )
        outcome = bench.install(CLIP)
        outcome.succeeded()
        assert outcome.progress[-1].done == outcome.progress[-1].total

    def test_what_another_version_left_behind_is_not_gone_on_with(self, bench: Bench) -> None:
        with bench.stalled():
            [part] = bench.parts()
        bench.clip(size=SIZE + 1)  # meanwhile the makers have uploaded another file
        bench.install(CLIP).succeeded()
        assert not part.exists()
        assert bench.parts() == []
        assert bench.installed().files[WEIGHTS].stat().st_size > SIZE

    def test_a_partial_file_that_lost_its_bytes_is_fetched_anew(self, bench: Bench) -> None:
        with bench.stalled():
            [part] = bench.parts()
        part.write_bytes(bytes(part.stat().st_size))  # its length outlived a power cut, alone

        outcome = bench.install(CLIP)
        outcome.succeeded()
        assert "anew" in outcome.log


class TestProgress:
    def test_it_counts_bytes_grows_and_is_told_at_most_ten_times_a_second(
        self, bench: Bench
    ) -> None:
        spec = bench.clip(size=6_000_000)
        bench.hub.behave({"at": WEIGHTS, "do": "slow", "rate": RATE})
        outcome = bench.install(CLIP)
        outcome.succeeded()
        total = sum(
            (bench.hub.repositories / spec.repository / file.path).stat().st_size
            for file in spec.files
        )
        assert {one.stage for one in outcome.progress} <= {"install", "verify"}
        fetching = [one for one in outcome.progress if one.stage == "install"]
        told = [(one.done, one.total) for one in fetching]
        assert {one.total for one in fetching} == {total}
        assert told == sorted(told)
        assert told[0][0] == 0
        assert told[-1][0] == total
        assert 10 <= len(told) <= len(outcome.progress) <= 10 * outcome.seconds
        left = [one.remaining_s for one in outcome.progress if one.remaining_s is not None]
        assert left  # the rest of the time is told once it can be known
        assert max(left) < 10


class TestWhatTheHubLearns:
    def test_only_names_of_files_and_a_plain_greeting(self, bench: Bench) -> None:
        bench.clip()
        bench.install(CLIP).succeeded()
        allowed = {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}
        for one in bench.hub.journal:
            headers = {name.title(): value for name, value in one["headers"].items()}
            assert set(headers) <= allowed
            assert headers["User-Agent"] == "twofold"
        asked = {one["path"].partition("?")[0].rpartition("/")[2] for one in bench.hub.journal}
        assert asked == {CLIP, CONFIG, WEIGHTS}

    def test_a_token_goes_to_the_hub_alone_and_into_no_log(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TWOFOLD_HUB_TOKEN", "hf_secret")
        monkeypatch.setenv("HF_TOKEN", "hf_of_another_program")
        bench.clip()
        bench.hub.behave({"do": "token", "token": "hf_secret"})
        outcome = bench.install(CLIP)
        outcome.succeeded()
        with_token = [one for one in bench.hub.journal if "Authorization" in one["headers"]]
        assert {one["headers"]["Authorization"] for one in with_token} == {"Bearer hf_secret"}
        assert not any("/large/" in one["path"] for one in with_token)  # another host
        assert "secret" not in outcome.log

    def test_the_users_own_cache_and_token_file_are_left_alone(
        self, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home = tmp_path / "hf"
        (home / "hub").mkdir(parents=True)
        (home / "token").write_text("hf_in_a_file")
        monkeypatch.setenv("HF_HOME", str(home))
        before = {path: path.stat().st_mtime_ns for path in home.rglob("*")}
        bench.clip()
        bench.install(CLIP).succeeded()
        assert {path: path.stat().st_mtime_ns for path in home.rglob("*")} == before
        assert not any("Authorization" in one["headers"] for one in bench.hub.journal)
        assert not (tmp_path / "home").exists()

    def test_a_mirror_by_the_name_others_use(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("TWOFOLD_HUB")
        monkeypatch.setenv("HF_ENDPOINT", bench.hub.address + "/")
        bench.clip()
        bench.install(CLIP).succeeded()

    def test_through_a_proxy(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("http_proxy", bench.hub.address)
        monkeypatch.setenv("TWOFOLD_HUB", "http://hub.invalid")  # only the proxy can know it
        bench.clip()
        bench.install(CLIP).succeeded()
        assert all(one["proxied"] for one in bench.hub.journal)


class TestWhatTheProcessIs:
    def test_it_loads_nothing_that_could_open_an_image_or_run_a_model(self, bench: Bench) -> None:
        bench.clip()
        command = install_command(bench.root, [CLIP])
        command[1:1] = ["-X", "importtime"]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
        ) as process:
            assert process.stdout is not None and process.stderr is not None
            said = process.stderr.read().decode()
            assert b'"done"' in process.stdout.read()
        loaded = {line.rpartition("|")[2].strip() for line in said.splitlines() if "|" in line}
        assert "httpx2" in loaded
        heavy = {"numpy", "torch", "PIL", "scipy", "huggingface_hub", "transformers", "llama_cpp"}
        assert not heavy & loaded
        assert not [name for name in loaded if name.startswith(("engine.images", "engine.storage"))]

    def test_its_help_says_what_it_connects_to(self) -> None:
        command = [sys.executable, "-m", "engine.weights.install", "--help"]
        said = subprocess.run(command, capture_output=True, text=True, cwd=ROOT).stdout
        assert "https://huggingface.co" in said
        assert "TWOFOLD_HUB_TOKEN" in said
