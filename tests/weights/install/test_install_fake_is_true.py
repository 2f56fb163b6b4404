"""The fake hub speaks as the real one does: the hub's own library finds all it needs there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.install_bench import CLIP, CONFIG, OWNER, WEIGHTS, Bench

pytest.importorskip("huggingface_hub")

ASK = """
import json, sys
from huggingface_hub import HfApi, get_hf_file_metadata, hf_hub_download, hf_hub_url
name, folder = sys.argv[1:]
api = HfApi()
info = api.model_info(name, files_metadata=True)
again = api.model_info(name, revision=info.sha, files_metadata=True)
files = {
    one.rfilename: [one.size, one.blob_id, one.lfs.sha256 if one.lfs else ""]
    for one in again.siblings
}
heads, paths = {}, {}
for file in files:
    head = get_hf_file_metadata(hf_hub_url(name, file, revision=info.sha))
    heads[file] = [head.size, head.etag, head.commit_hash]
    paths[file] = hf_hub_download(name, file, revision=info.sha, local_dir=folder)
print(json.dumps({"sha": info.sha, "files": files, "heads": heads, "paths": paths}))
"""

ERRORS = """
import sys
from huggingface_hub import HfApi, hf_hub_download
from huggingface_hub.errors import *
name = sys.argv[1]
for ask in (
    lambda: HfApi().model_info("makers/nowhere"),
    lambda: HfApi().model_info(name, revision="0" * 40),
    lambda: hf_hub_download(name, "nothing.json"),
):
    try:
        ask()
    except HfHubHTTPError as error:
        print(type(error).__name__)
"""


def ask(bench: Bench, script: str, *arguments: str) -> str:
    environment = {
        **os.environ,
        "HF_ENDPOINT": bench.hub.address,
        "HF_HOME": str(bench.root / "hf"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    }
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_hubs_own_library_reads_it_alike(bench: Bench, tmp_path: Path) -> None:
    bench.clip()
    told = json.loads(ask(bench, ASK, f"{OWNER}/{CLIP}", str(tmp_path / "fetched")))
    bench.install(CLIP).succeeded()

    model = bench.installed()
    assert told["sha"] == model.revision
    for name in (CONFIG, WEIGHTS):
        assert Path(told["paths"][name]).read_bytes() == model.files[name].read_bytes()
        size, blob_id, sha256 = told["files"][name]
        assert told["heads"][name] == [size, sha256 or blob_id, told["sha"]]


def test_the_hubs_own_library_understands_its_refusals(bench: Bench) -> None:
    bench.clip()
    assert ask(bench, ERRORS, f"{OWNER}/{CLIP}").split() == [
        "RepositoryNotFoundError",
        "RevisionNotFoundError",
        "RemoteEntryNotFoundError",
    ]
