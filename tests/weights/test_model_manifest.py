"""The manifest is checked to the last key, and says what the packaged recipes need."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadManifest, UnknownModel
from engine.model import Certainty, Loader, Role
from engine.recipe import BUILT_IN, needed_models
from engine.weights.manifest import load_manifest
from engine.weights.manifest_file import (
    FileTable,
    LicenceTable,
    ModelTable,
    PackTable,
    parse_model,
    parse_pack,
    to_toml,
)
from tests.weights import model_files

FOLDER = Path(__file__).parents[2] / "models_manifest"

GOOD = """
name = "my-llm"
title = "My language model"
roles = ["proposer"]
loader = "gguf"
[licence]
name = "MIT"
[[files]]
path = "my-llm.gguf"
"""
VISION = (
    GOOD.replace('"proposer"', '"captioner"').replace('"gguf"', '"gguf_vision"')
    + '[[files]]\npath = "mmproj-my-llm.gguf"\n[options]\nprojector = "mmproj-my-llm.gguf"\n'
)
BLIP = (
    GOOD.replace('"proposer"', '"captioner"').replace('"gguf"', '"blip2"').replace("my-llm.g", "g")
)


def parse(text: str, stem: str = "my-llm") -> Any:
    return parse_model(text.encode(), "my-llm.toml", stem)


class TestPackaged:
    def test_every_entry_is_whole(self) -> None:
        manifest = load_manifest()
        assert len(manifest.models) >= 15
        for spec in manifest.models.values():
            assert bool(spec.repository) is not bool(spec.bundled), spec.name
            assert spec.licence.url, spec.name
            assert spec.parameters > 0, spec.name
            assert 0 < spec.gpu_bytes <= spec.cpu_bytes or "cpu_precision" in spec.options
            weights = sum(file.size_bytes or 0 for file in spec.files)
            if spec.loader in (Loader.GGUF, Loader.GGUF_VISION):
                assert spec.gpu_bytes > weights, spec.name
            else:
                assert spec.gpu_bytes > spec.parameters * 2e9, spec.name
                assert spec.preprocessing, spec.name

    def test_what_is_sure_is_pinned(self) -> None:
        for spec in load_manifest().models.values():
            if spec.certainty is Certainty.SURE:
                assert spec.revision or spec.bundled, spec.name
                big = [f for f in spec.files if f.path.endswith((".safetensors", ".gguf"))]
                assert all(file.sha256 and file.size_bytes for file in big), spec.name

    def test_recipes_find_their_models(self) -> None:
        manifest = load_manifest()
        for recipe in BUILT_IN.values():
            for role, name in needed_models(recipe).items():
                assert role in manifest.model(name).roles

    def test_packs_hold_what_their_recipes_need(self) -> None:
        manifest = load_manifest()
        assert set(manifest.packs) == {"paper", "workstation", "laptop", "pocket"}
        for name, pack in manifest.packs.items():
            assert set(needed_models(BUILT_IN[name]).values()) <= set(pack.models)
            roles = {role for model in pack.models for role in manifest.model(model).roles}
            assert roles == set(Role)

    def test_a_workstation_needs_no_licence_that_forbids(self) -> None:
        manifest = load_manifest()
        for pack in ("workstation", "laptop"):
            for name in manifest.packs[pack].models:
                assert not manifest.model(name).licence.forbids

    def test_the_folder_holds_data_only(self) -> None:
        files = [path for path in FOLDER.rglob("*") if path.is_file() and path.suffix != ".pyc"]
        code = [path for path in files if path.suffix == ".py"]
        ours = [path for path in files if "pocket" not in path.relative_to(FOLDER).parts[:1]]
        assert {path.suffix for path in ours} - {".py"} == {".toml", ".json", ".md"}
        assert code == [FOLDER / "__init__.py"], "what makes it a package, and no more"
        assert len(code[0].read_text(encoding="utf-8").splitlines()) == 1

    def test_named_expands_packs_and_drops_what_is_twice(self) -> None:
        manifest = load_manifest()
        specs = manifest.named(["laptop", "qwen3.5-4b", "gemma-4-12b"])
        names = [spec.name for spec in specs]
        assert names == [*manifest.packs["laptop"].models, "gemma-4-12b"]


class TestSchema:
    """schema.json says what the reader accepts."""

    def test_keys_and_values_agree(self) -> None:
        schema = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
        model = schema["$defs"]["model"]
        for table, told in (
            (ModelTable, model),
            (PackTable, schema["$defs"]["pack"]),
            (LicenceTable, model["properties"]["licence"]),
            (FileTable, model["properties"]["files"]["items"]),
        ):
            fields = msgspec.structs.fields(table)
            assert set(told["properties"]) == {field.name for field in fields}
            assert set(told["required"]) == {field.name for field in fields if field.required}
            assert told["additionalProperties"] is False
        assert model["properties"]["loader"]["enum"] == [str(loader) for loader in Loader]
        assert model["properties"]["roles"]["items"]["enum"] == [str(role) for role in Role]
        assert model["properties"]["certainty"]["enum"] == [str(level) for level in Certainty]

    def test_every_key_is_explained(self) -> None:
        readme = (FOLDER / "README.md").read_text(encoding="utf-8")
        for table in (ModelTable, PackTable, LicenceTable, FileTable):
            for field in msgspec.structs.fields(table):
                assert f"`{field.name}`" in readme or f".{field.name}`" in readme, field.name


BAD: dict[str, tuple[str, str, str]] = {
    # what is wrong: (in the good text, put instead, what the error must name)
    "unknown key": ('title = "My', 'titel = 1\ntitle = "My', "titel"),
    "unknown key of a file": ('path = "my-llm.gguf"', 'path = "my-llm.gguf"\nurl = "x"', "url"),
    "unknown key of the licence": ('name = "MIT"', 'name = "MIT"\nfee = 3', "fee"),
    "no title": ('title = "My language model"', "", "title"),
    "blank title": ('"My language model"', '" "', "title"),
    "no files": ('[[files]]\npath = "my-llm.gguf"', "", "files"),
    "no licence": ('[licence]\nname = "MIT"', "", "licence"),
    "unknown role": ('"proposer"', '"chef"', "roles"),
    "no role": ('["proposer"]', "[]", "roles"),
    "role that the loader has not": ('"proposer"', '"ranker"', "roles"),
    "unknown loader": ('loader = "gguf"', 'loader = "exec"', "loader"),
    "another name than the file": ('name = "my-llm"', 'name = "other"', "name"),
    "text for a number": ('loader = "gguf"', 'loader = "gguf"\ngpu_bytes = "9"', "gpu_bytes"),
    "negative number": ('loader = "gguf"', 'loader = "gguf"\ncontext = -1', "context"),
    "short revision": ('loader = "gguf"', 'loader = "gguf"\nrevision = "abc"', "revision"),
    "branch as revision": ('loader = "gguf"', 'loader = "gguf"\nrevision = "main"', "revision"),
    "short hash": ('path = "my-llm.gguf"', 'path = "my-llm.gguf"\nsha256 = "ab"', "sha256"),
    "hash that is none": (
        'path = "my-llm.gguf"', f'path = "my-llm.gguf"\nsha256 = "{"g" * 64}"', "sha256",
    ),
    "size of nothing": ('path = "my-llm.gguf"', 'path = "my-llm.gguf"\nsize_bytes = 0', "size"),
    "repository that is a path": (
        'loader = "gguf"', 'loader = "gguf"\nrepository = "../../x"', "repository",
    ),
    "licence on a plain page": ('name = "MIT"', 'name = "MIT"\nurl = "http://x"', "licence.url"),
    "control characters": ('"My language model"', '"My\\u001b[31m model"', "title"),
    "option of a strange name": ("[[files]]", '[options]\n"a-b" = 1\n[[files]]', "options"),
    "option that is a list": ("[[files]]", "[options]\na = [1]\n[[files]]", "options"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_what_is_wrong_is_named(case: tuple[str, str, str]) -> None:
    before, after, key = case
    assert before in GOOD
    with pytest.raises(BadManifest) as caught:
        parse(GOOD.replace(before, after))
    assert "my-llm.toml" in caught.value.message
    assert key in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "path",
    [
        "../my-llm.gguf", "a/../../b.gguf", "/etc/passwd.json", "C:/a.gguf", "a\\\\b.gguf",
        "./a.gguf", "a//b.gguf", "", ".gguf/", "a.gguf ", " a.gguf", "con.gguf", "sub/NUL.json",
        "a\\u0000.gguf", "a\\n.gguf", "model.bin", "pytorch_model.pt", "model.ckpt", "weights.pkl",
        "modeling.py",
        "lib.so", "model.safetensors.bin", "x.npz", "model", "a?.gguf", "x" * 250 + ".gguf",
    ],
)  # fmt: skip
def test_paths_that_lead_elsewhere_or_run_are_refused(path: str) -> None:
    with pytest.raises(BadManifest) as caught:
        parse(GOOD.replace("my-llm.gguf", path))
    assert "files[0].path" in caught.value.message


@pytest.mark.parametrize(
    "name", ["My-LLM", "a b", "../x", "a/b", ".hidden", "own", "locks", "con", "a..b", "x" * 70, ""]
)
def test_names_that_are_no_folder_are_refused(name: str) -> None:
    with pytest.raises(BadManifest):
        parse(GOOD.replace('name = "my-llm"', f'name = "{name}"'), stem=name)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (GOOD + '[[files]]\npath = "my-llm.gguf"\n', "files"),
        (GOOD + '[[files]]\npath = "MY-LLM.gguf"\n', "files"),
        (GOOD + '[[files]]\npath = "my-llm.gguf/a.json"\n', "files"),
        (GOOD + '[[files]]\npath = "second.gguf"\n', "files"),
        (GOOD.replace(".gguf", ".safetensors"), "files"),
        (VISION.replace("projector =", "other ="), "options.projector"),
        (VISION.replace('r = "mmproj-my', 'r = "my'), "options.projector"),
        (BLIP, "files"),
        (GOOD.replace('"gguf"', '"open_clip"').replace('"proposer"', '"ranker"'), "files"),
    ],
)
def test_files_must_fit_together(text: str, key: str) -> None:
    with pytest.raises(BadManifest) as caught:
        parse(text)
    assert key in caught.value.message


@pytest.mark.parametrize("text", ["= 1", "[" * 5000, "a = 1" * 9, "name = 3"])
def test_what_is_no_toml_is_told(text: str) -> None:
    with pytest.raises(BadManifest, match=r"my-llm\.toml"):
        parse(text)
    with pytest.raises(BadManifest):
        parse_model(b"\xff\xfe", "my-llm.toml", "my-llm")
    with pytest.raises(BadManifest, match="too long"):
        parse_model(b"#" * 2_000_000, "my-llm.toml", "my-llm")


def test_packs_are_checked_too() -> None:
    good = 'name = "mine"\ntitle = "M"\nsummary = "S"\nmodels = ["a"]\n'
    assert parse_pack(good.encode(), "mine.toml", "mine").models == ("a",)
    for bad in (good + "x = 1", good.replace('["a"]', "[]"), good.replace('["a"]', '["a", "a"]')):
        with pytest.raises(BadManifest, match=r"mine\.toml"):
            parse_pack(bad.encode(), "mine.toml", "mine")


printable = st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" "))


@given(title=printable.filter(str.strip), notes=printable, option=printable | st.booleans())
def test_what_is_written_is_read_again(title: str, notes: str, option: str | bool) -> None:
    spec = parse(VISION)
    options = {**spec.options, "number": 1.5, "count": 3, "text": option}
    spec = replace(spec, title=title, notes=notes, options=options)
    text = to_toml(spec)
    assert parse(text) == spec
    assert tomllib.loads(text)["title"] == title


class TestOwn:
    def test_own_entries_are_added(self, tmp_path: Path) -> None:
        (tmp_path / "my-llm.toml").write_text(GOOD)
        (tmp_path / "notes.txt").write_text("not looked at")
        manifest = load_manifest(tmp_path)
        assert manifest.model("my-llm").title == "My language model"
        assert "vit-b-32-laion2b" in manifest.models

    def test_a_folder_that_is_not_there_is_none(self, tmp_path: Path) -> None:
        assert load_manifest(tmp_path / "none").models == load_manifest().models

    def test_a_broken_entry_is_named_by_its_path(self, tmp_path: Path) -> None:
        path = tmp_path / "my-llm.toml"
        path.write_text(GOOD.replace("roles", "rolls"))
        with pytest.raises(BadManifest) as caught:
            load_manifest(tmp_path)
        assert str(path) in caught.value.message
        assert "rolls" in caught.value.message

    def test_a_known_name_cannot_be_taken(self, tmp_path: Path) -> None:
        name = "qwen3.5-4b"
        (tmp_path / f"{name}.toml").write_text(GOOD.replace('"my-llm"', f'"{name}"'))
        with pytest.raises(BadManifest, match=name) as caught:
            load_manifest(tmp_path)
        assert "another name" in caught.value.hint


@pytest.mark.parametrize(
    ("asked", "meant"),
    [("qwen3.5-8b", "qwen3.5-9b"), ("Vit-bigG-14", "vit-bigg-14-laion2b"), ("llava", "llava-1.5")],
)
def test_an_unknown_name_brings_near_ones(asked: str, meant: str) -> None:
    with pytest.raises(UnknownModel) as caught:
        load_manifest().model(asked)
    assert asked in caught.value.message
    assert meant in caught.value.hint


def test_entries_for_real_files_can_be_written(tmp_path: Path) -> None:
    folder = model_files.blip2(tmp_path / "blip")
    spec = model_files.entry("my-blip", Loader.BLIP2, folder, hashes=True)
    assert parse_model(to_toml(spec).encode(), "x", "my-blip") == spec
