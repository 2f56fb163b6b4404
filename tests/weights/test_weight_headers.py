"""No file of a stranger reaches a library before its structure is known to be sane."""

from __future__ import annotations

import io
import json
import os
import pickle
import random
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import gguf
import pytest

from engine.errors import ModelDamaged, ModelRefused
from engine.weights.contents import check_file
from engine.weights.gguf_header import BLOCKS, FILE_TYPES, read_gguf
from engine.weights.safetensors_header import SafetensorsFacts, read_safetensors
from tests.weights import model_files

MEGABYTE = 1024 * 1024
SECONDS = 8.0  # for the worst that a file can ask for, on a slow machine


def safetensors(header: Any, data: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def tensor(begin: int, end: int, *shape: int, dtype: str = "U8") -> dict[str, Any]:
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


def check(content: bytes, name: str = "weights.safetensors") -> object:
    read = read_gguf if name.endswith(".gguf") else read_safetensors
    return read(io.BytesIO(content), len(content), name)


def string(text: bytes) -> bytes:
    return struct.pack("<Q", len(text)) + text


def gguf_file(
    *,
    version: int = 3,
    tensors: int = 0,
    pairs: int = 0,
    body: bytes = b"",
) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, pairs) + body


ARCHITECTURE = string(b"general.architecture") + struct.pack("<I", 8) + string(b"llama")


def tensor_info(name: bytes, shape: tuple[int, ...], kind: int, offset: int) -> bytes:
    return (
        string(name)
        + struct.pack("<I", len(shape))
        + struct.pack(f"<{len(shape)}Q", *shape)
        + struct.pack("<IQ", kind, offset)
    )


class TestWholeFiles:
    def test_safetensors_as_the_library_writes_it(self, tmp_path: Path) -> None:
        path = model_files.tensors(tmp_path / "model.safetensors", rows=64)
        facts = check_file(path, path.name)
        assert facts == SafetensorsFacts(tensors=2, elements=64 * 16 + 16)

    def test_gguf_as_the_library_writes_it(self, tmp_path: Path) -> None:
        path = model_files.gguf(tmp_path / "model.gguf", context=4096)
        facts = check_file(path, path.name)
        assert facts.architecture == "llama"  # type: ignore[union-attr]
        assert facts.context == 4096  # type: ignore[union-attr]
        assert facts.chat_template  # type: ignore[union-attr]
        assert facts.elements == sum(  # type: ignore[union-attr]
            int(tensor.n_elements) for tensor in gguf.GGUFReader(path).tensors
        )

    def test_a_large_vocabulary_is_read_in_time(self, tmp_path: Path) -> None:
        words = [f"word{k}" for k in range(262_144)]
        writer = gguf.GGUFWriter(tmp_path / "words.gguf", "llama")
        writer.add_token_list(words)
        writer.add_token_merges(words)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.close()
        begun = time.monotonic()
        check_file(tmp_path / "words.gguf", "words.gguf")
        assert time.monotonic() - begun < 3.0

    def test_tables_are_those_of_the_format(self) -> None:
        theirs = {int(kind): size for kind, size in gguf.GGML_QUANT_SIZES.items()}
        assert theirs == BLOCKS
        names = {int(kind): kind.name.removeprefix("MOSTLY_") for kind in gguf.LlamaFileType}
        for number, name in FILE_TYPES.items():
            assert names[number].removeprefix("ALL_").removesuffix("_MOE") == name

    def test_empty_tensors_and_odd_bits_are_allowed(self) -> None:
        header = {
            "nothing": tensor(0, 0, 0, 7),
            "scalar": tensor(0, 4, dtype="F32"),
            "four_bits": tensor(4, 6, 4, dtype="F4"),
            "__metadata__": {"note": 'says "data_offsets": [1, 2]'},
        }
        check(safetensors(header, b"123456"))

    def test_padding_of_the_header_is_allowed(self) -> None:
        text = json.dumps({"a": tensor(0, 1, 1)}).encode() + b"      "
        check(safetensors(text, b"1"))


HOSTILE_SAFETENSORS: dict[str, bytes] = {
    "overlapping": safetensors({"a": tensor(0, 4, 4), "b": tensor(2, 6, 4)}, b"123456"),
    "with a gap": safetensors({"a": tensor(0, 2, 2), "b": tensor(3, 5, 2)}, b"12345"),
    "backwards": safetensors({"a": tensor(4, 0, 4)}, b"1234"),
    "shape of another size": safetensors({"a": tensor(0, 4, 5)}, b"1234"),
    "shape beyond all numbers": safetensors({"a": tensor(0, 4, 2**52, 2**52, 2**52)}, b"1234"),
    "negative shape": safetensors({"a": tensor(0, 4, -4)}, b"1234"),
    "unknown numbers": safetensors({"a": tensor(0, 4, 4, dtype="PICKLE")}, b"1234"),
    "half a byte": safetensors({"a": tensor(0, 1, 1, dtype="F4")}, b"1"),
    "something behind": safetensors({"a": tensor(0, 4, 4)}, b"1234MZ"),
    "a tensor twice": safetensors(
        b'{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},'
        b'"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}',
        b"12",
    ),
    "spelt so that it is not seen": safetensors(
        b'{"a":{"dtype":"U8","shape":[2],"data\\u005foffsets":[0,2]}}', b"12"
    ),
    "more keys": safetensors({"a": {**tensor(0, 1, 1), "code": "x"}}, b"1"),
    "no object": safetensors(b"[1, 2, 3]"),
    "no JSON": safetensors(b"{not json at all}"),
    "no text": safetensors(b'{"\xff\xfe": 1}'),
    "metadata of another kind": safetensors({"__metadata__": {"a": {"b": 1}}}),
    "many levels": safetensors(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "many dimensions": safetensors({"a": tensor(0, 1, *[1] * 1000)}, b"1"),
    "endless header": safetensors(b"{}", length=2**63),
    "long header": safetensors(b"{}", length=9 * MEGABYTE),
    "noise": bytes(random.Random(1).randbytes(4096)),
    "a GGUF": b"GGUF" + bytes(100),
    "a pickle": pickle.dumps(list(range(1000)), protocol=4),
    "an old pickle": pickle.dumps({"state_dict": list(range(1000))}, protocol=2),
}


@pytest.mark.parametrize("content", HOSTILE_SAFETENSORS.values(), ids=HOSTILE_SAFETENSORS)
def test_hostile_safetensors_are_refused(content: bytes) -> None:
    with pytest.raises(ModelRefused) as caught:
        check(content)
    assert "weights.safetensors" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("left", [0, 1, 7, 8, 9, 40, 150, -1])
def test_a_safetensors_file_that_is_cut_short_is_damaged(tmp_path: Path, left: int) -> None:
    whole = model_files.tensors(tmp_path / "a.safetensors").read_bytes()
    with pytest.raises(ModelDamaged):
        check(whole[:left])


def test_a_checkpoint_of_torch_is_refused_whatever_it_is_called(tmp_path: Path) -> None:
    for name in ("model.safetensors", "model.gguf", "vocab.txt", "spiece.model"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("archive/data.pkl", pickle.dumps([1, 2]))
        with pytest.raises(ModelRefused, match="pickled") as caught:
            check_file(tmp_path / name, name)
        assert "safetensors" in caught.value.hint
    for name in ("pytorch_model.bin", "model.pt", "model.ckpt", "weights.PKL"):
        (tmp_path / name).write_bytes(b"anything")
        with pytest.raises(ModelRefused, match="pickled"):
            check_file(tmp_path / name, name)


def test_a_header_whose_length_reads_like_a_pickle_is_none() -> None:
    text = json.dumps({"a": tensor(0, 1, 1)}).encode().ljust(0x0280)
    content = safetensors(text, b"1")
    assert content[:2] == b"\x80\x02"
    check(content)


PAIR = struct.pack("<I", 4) + struct.pack("<I", 1)
HOSTILE_GGUF: dict[str, bytes] = {
    "another magic": b"GGML" + bytes(64),
    "version 1": gguf_file(version=1),
    "version of the future": gguf_file(version=9),
    "the other byte order": b"GGUF" + struct.pack(">IQQ", 3, 0, 0) + bytes(64),
    "endless tensors": gguf_file(tensors=2**60, body=bytes(64)),
    "endless pairs": gguf_file(pairs=2**60, body=bytes(64)),
    "endless key": gguf_file(pairs=1, body=struct.pack("<Q", 2**40) + bytes(64)),
    "no key": gguf_file(pairs=1, body=string(b"") + PAIR),
    "a key twice": gguf_file(pairs=2, body=(string(b"a") + PAIR) * 2),
    "a key that is no text": gguf_file(pairs=1, body=string(b"\xff\xfe") + PAIR),
    "endless text": gguf_file(
        pairs=1, body=string(b"a") + struct.pack("<IQ", 8, 2**50) + bytes(64)
    ),
    "endless list": gguf_file(
        pairs=1, body=string(b"a") + struct.pack("<IIQ", 9, 4, 2**61) + bytes(64)
    ),
    "list of lists": gguf_file(
        pairs=1, body=string(b"a") + struct.pack("<IIQ", 9, 9, 1) + bytes(64)
    ),
    "unknown value": gguf_file(pairs=1, body=string(b"a") + struct.pack("<I", 77) + bytes(64)),
    "neither yes nor no": gguf_file(pairs=1, body=string(b"a") + struct.pack("<IB", 7, 2)),
    "aligned to nothing": gguf_file(
        pairs=1, body=string(b"general.alignment") + struct.pack("<II", 4, 0)
    ),
    "aligned to three": gguf_file(
        pairs=1, body=string(b"general.alignment") + struct.pack("<II", 4, 3)
    ),
    "unknown tensor": gguf_file(tensors=1, body=tensor_info(b"t", (32,), 999, 0) + bytes(512)),
    "five dimensions": gguf_file(tensors=1, body=tensor_info(b"t", (1,) * 5, 0, 0) + bytes(512)),
    "no dimension": gguf_file(tensors=1, body=tensor_info(b"t", (), 0, 0) + bytes(512)),
    "shape of nothing": gguf_file(tensors=1, body=tensor_info(b"t", (0,), 0, 0) + bytes(512)),
    "shape beyond all numbers": gguf_file(
        tensors=1, body=tensor_info(b"t", (2**40, 2**40), 0, 0) + bytes(512)
    ),
    "part of a block": gguf_file(tensors=1, body=tensor_info(b"t", (33,), 2, 0) + bytes(512)),
    "offset elsewhere": gguf_file(tensors=1, body=tensor_info(b"t", (32,), 0, 64) + bytes(512)),
    "offset beyond all numbers": gguf_file(
        tensors=1, body=tensor_info(b"t", (32,), 0, 2**64 - 32) + bytes(512)
    ),
    "one over the other": gguf_file(
        tensors=2,
        body=tensor_info(b"t", (32,), 0, 0) + tensor_info(b"u", (32,), 0, 0) + bytes(512),
    ),
    "a tensor twice": gguf_file(
        tensors=2,
        body=tensor_info(b"t", (32,), 0, 0) + tensor_info(b"t", (32,), 0, 128) + bytes(512),
    ),
    "noise": bytes(random.Random(2).randbytes(4096)),
}


@pytest.mark.parametrize("content", HOSTILE_GGUF.values(), ids=HOSTILE_GGUF)
def test_hostile_gguf_is_refused(content: bytes) -> None:
    with pytest.raises(ModelRefused) as caught:
        check(content, "model.gguf")
    assert "model.gguf" in caught.value.message


@pytest.mark.parametrize("left", [5, 20, 23, 60, 400, -40])
def test_a_gguf_file_that_is_cut_short_is_damaged(tmp_path: Path, left: int) -> None:
    whole = model_files.gguf(tmp_path / "a.gguf").read_bytes()
    with pytest.raises(ModelDamaged):
        check(whole[:left], "a.gguf")


def survives(content: bytes, name: str) -> None:
    with suppress(ModelDamaged, ModelRefused):
        check(content, name)


@pytest.mark.parametrize("kind", ["safetensors", "gguf"])
def test_no_damage_does_anything_but_be_refused(tmp_path: Path, kind: str) -> None:
    make: Callable[[Path], Path] = (
        model_files.tensors if kind == "safetensors" else model_files.gguf
    )
    whole = make(tmp_path / f"whole.{kind}").read_bytes()
    header = 4096 if kind == "gguf" else 400
    rng = random.Random(7)
    tracemalloc.start()
    begun = time.monotonic()
    for _ in range(1500):
        content = bytearray(whole)
        for _ in range(rng.choice((1, 1, 2, 8))):
            content[rng.randrange(header)] = rng.choice(
                (0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256))
            )
        if rng.random() < 0.3:
            del content[rng.randrange(len(content)) :]
        if rng.random() < 0.1:
            at = rng.randrange(header)
            content[at : at + 8] = struct.pack("<Q", rng.choice((2**31, 2**32, 2**63, 2**64 - 1)))
        survives(bytes(content), f"model.{kind}")
    assert time.monotonic() - begun < 60
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 32 * MEGABYTE


def peak_memory() -> int:
    """Most memory this process ever took, in bytes; 0 where the system does not say."""
    if os.name != "posix":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


WORST: dict[str, Callable[[], bytes]] = {
    "texts of nothing": lambda: gguf_file(
        pairs=1,
        body=string(b"a") + struct.pack("<IIQ", 9, 8, 4 * MEGABYTE) + bytes(32 * MEGABYTE),
    ),
    "more texts of nothing": lambda: gguf_file(
        pairs=1,
        body=string(b"a") + struct.pack("<IIQ", 9, 8, 7 * MEGABYTE) + bytes(56 * MEGABYTE),
    ),
    "pairs without number": lambda: gguf_file(
        pairs=16_384, body=b"".join(string(b"k%d" % k) + PAIR for k in range(16_384))
    ),
    "texts up to the limit": lambda: gguf_file(
        pairs=15,
        body=b"".join(
            string(b"k%d" % k) + struct.pack("<I", 8) + string(b"x" * (4 * MEGABYTE))
            for k in range(15)
        ),
    ),
}


@pytest.mark.parametrize("make", WORST.values(), ids=WORST)
def test_the_worst_header_takes_little_time_and_memory(make: Callable[[], bytes]) -> None:
    content = make()
    file = io.BytesIO(content)
    before = peak_memory()
    begun = time.monotonic()
    with suppress(ModelDamaged, ModelRefused):
        read_gguf(file, len(content), "model.gguf")
    assert time.monotonic() - begun < SECONDS
    assert peak_memory() - before < 32 * MEGABYTE


def test_the_worst_safetensors_header_takes_little_memory() -> None:
    entries = b",".join(b'"%x":{}' % k for k in range(600_000))
    content = safetensors(b"{" + entries[: 8 * MEGABYTE - 64] + b"}")
    begun = time.monotonic()
    with pytest.raises(ModelRefused):
        check(content)
    assert time.monotonic() - begun < SECONDS


CODE: dict[str, tuple[str, Any]] = {
    "classes of its own": ("config.json", {"auto_map": {"AutoModel": "modeling.Mine"}}),
    "deep within": ("config.json", {"a": [{"b": {"auto_map": {"AutoConfig": "x.Y"}}}]}),
    "pipelines": ("config.json", {"custom_pipelines": {"go": {"impl": "run.Go"}}}),
    "the tokenizer's": ("tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["t.T", None]}}),
    "the processor's": ("processor_config.json", {"auto_map": {"AutoProcessor": "p.P"}}),
    "a kernel from the hub": ("config.json", {"_attn_implementation": "someone/kernel"}),
    "trust asked for": ("generation_config.json", {"trust_remote_code": True}),
}


@pytest.mark.parametrize("case", CODE.values(), ids=CODE)
def test_configurations_that_ask_for_code_are_refused(
    tmp_path: Path, case: tuple[str, Any]
) -> None:
    name, content = case
    path = model_files.text(tmp_path / name, content)
    with pytest.raises(ModelRefused, match="code") as caught:
        check_file(path, name)
    assert caught.value.hint


def test_configurations_that_ask_for_nothing_pass(tmp_path: Path) -> None:
    plain = {"_attn_implementation": "sdpa", "auto_map": {}, "trust_remote_code": False}
    check_file(model_files.text(tmp_path / "config.json", plain), "config.json")
    words = {"added_tokens": [], "model": {"vocab": {"auto_map": 5}}}
    check_file(model_files.text(tmp_path / "tokenizer.json", words), "tokenizer.json")


@pytest.mark.parametrize("content", ["", "{", "nonsense", "[1]", "[" * 100_000])
def test_configurations_that_cannot_be_read(tmp_path: Path, content: str) -> None:
    path = model_files.text(tmp_path / "config.json", content)
    with pytest.raises((ModelDamaged, ModelRefused)):
        check_file(path, "config.json")


@pytest.mark.skipif(os.name != "posix", reason="needs named pipes")
def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.safetensors")
    (tmp_path / "folder.gguf").mkdir()
    begun = time.monotonic()
    for name in ("pipe.safetensors", "folder.gguf"):
        with pytest.raises((ModelRefused, ModelDamaged)):
            check_file(tmp_path / name, name)
    with pytest.raises(ModelDamaged, match="missing"):
        check_file(tmp_path / "none.gguf", "none.gguf")
    assert time.monotonic() - begun < 1
