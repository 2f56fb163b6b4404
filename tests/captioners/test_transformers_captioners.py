"""BLIP-2 and LLaVA captioners on tiny models of the real classes."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from safetensors.torch import load_file, save_file  # noqa: E402

from engine import captioners  # noqa: E402
from engine.captioners.base import DETAILED, SHORT, question, token_limit  # noqa: E402
from engine.captioners.generating import CPU_BATCH  # noqa: E402
from engine.errors import (  # noqa: E402
    Cancelled,
    ModelDamaged,
    ModelError,
    ModelRefused,
    NotEnoughMemory,
    WrongModel,
)
from engine.job import JobControl  # noqa: E402
from engine.model import InstalledModel, Loader  # noqa: E402
from engine.recipe import CaptionOptions  # noqa: E402
from tests.contracts.captioner_contract import CaptionerContract, load, noise  # noqa: E402
from tests.fakes import tiny_captioners as tiny  # noqa: E402

GREEDY = CaptionOptions(beams=1, max_tokens=6)
MAKERS: dict[str, tuple[Loader, Callable[..., Path]]] = {
    "blip2-t5": (Loader.BLIP2, tiny.blip2),
    "blip2-opt": (Loader.BLIP2, lambda folder, **o: tiny.blip2(folder, decoder=True, **o)),
    "llava": (Loader.LLAVA, tiny.llava),
    "llava-next": (Loader.LLAVA, lambda folder, **o: tiny.llava(folder, family="llava_next", **o)),
    "llava-onevision": (
        Loader.LLAVA,
        lambda folder, **o: tiny.llava(folder, family="llava_onevision", **o),
    ),
}


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # tiny products take longer to share out than to compute
    yield
    torch.set_num_threads(before)


def make(kind: str, folder: Path, **options: Any) -> InstalledModel:
    loader, maker = MAKERS[kind]
    return tiny.installed(maker(folder / kind, **options), loader)


class OfKind(CaptionerContract):
    kind = ""

    @classmethod
    def make_model(cls, folder: Path, *, endless: bool = False) -> InstalledModel:
        loader, maker = MAKERS[cls.kind]
        return tiny.installed(maker(folder, endless=endless), loader)


class TestBlip2WithT5(OfKind):
    kind = "blip2-t5"


class TestBlip2WithOpt(OfKind):
    kind = "blip2-opt"


class TestLlava(OfKind):
    kind = "llava"


class TestLlavaNext(OfKind):
    kind = "llava-next"


class TestLlavaOnevision(OfKind):
    kind = "llava-onevision"


@pytest.fixture(scope="module", params=list(MAKERS))
def endless(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return make(request.param, tmp_path_factory.mktemp("endless"), endless=True)


def test_the_answer_does_not_echo_the_question(endless: InstalledModel) -> None:
    """Every word of the answer is a new one: as many as were allowed, none of them asked."""
    options = CaptionOptions(beams=1, max_tokens=7, prompt="zebra? answer")
    captioner = load(endless, options)
    for caption in captioner.caption([noise(40, 50, 0), noise(90, 30, 1)], JobControl()):
        assert 1 <= len(caption.split()) <= 7
        assert set(caption.split()) <= set(tiny.WORDS)
    captioner.close()


def test_unloading_frees_the_network(tmp_path: Path) -> None:
    model = make("llava", tmp_path)

    def parameters() -> int:
        gc.collect()
        return sum(type(thing) is torch.nn.Parameter for thing in gc.get_objects())

    before = parameters()
    captioner = load(model, GREEDY)
    captioner.caption([noise(40, 50, 0)], JobControl())
    assert parameters() > before
    captioner.close()
    assert parameters() == before


@contextmanager
def too_small_for(images: int) -> Iterator[None]:
    """As if the memory held the activations of so many images: the image encoder really raises."""

    def check(module: Any, arguments: tuple[Any, ...]) -> None:
        if type(module).__name__ == "CLIPEncoderLayer" and arguments[0].shape[0] > images:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 1.00 GiB.")

    handle = torch.nn.modules.module.register_module_forward_pre_hook(check)
    try:
        yield
    finally:
        handle.remove()


def test_out_of_memory_halves_the_batch_and_says_so(tmp_path: Path) -> None:
    captioner = load(make("llava", tmp_path), CaptionOptions(beams=1, max_tokens=6, batch=8))
    images = [noise(40, 50, seed) for seed in range(9)]
    expected = captioner.caption(images, JobControl())
    assert captioner.remarks == ()
    with too_small_for(3):
        assert captioner.caption(images, JobControl()) == expected
    assert captioner.batch == 2
    assert len(captioner.remarks) == 1
    assert "2 at a time" in captioner.remarks[0]
    captioner.close()


@pytest.mark.parametrize("kind", MAKERS)
def test_the_batch_is_chosen_by_memory_and_can_be_set(kind: str, tmp_path: Path) -> None:
    model = make(kind, tmp_path)
    assert load(model, GREEDY).batch == CPU_BATCH
    assert load(model, replace(GREEDY, batch=5)).batch == 5


def test_not_even_one_image_fits(tmp_path: Path) -> None:
    captioner = load(make("llava", tmp_path), GREEDY)
    with too_small_for(0), pytest.raises(NotEnoughMemory) as raised:
        captioner.caption([noise(40, 50, 0), noise(40, 50, 1)], JobControl())
    assert raised.value.hint
    captioner.close()


def test_what_a_folder_says_about_writing_changes_nothing(tmp_path: Path) -> None:
    model = make("llava", tmp_path)
    images = [noise(40, 50, seed) for seed in range(3)]
    plain = load(model, GREEDY).caption(images, JobControl())
    path = model.folder / "generation_config.json"
    stated = json.loads(path.read_text())
    stated |= {"do_sample": True, "temperature": 9.0, "repetition_penalty": 9.0, "min_length": 99}
    path.write_text(json.dumps(stated))
    assert load(model, GREEDY).caption(images, JobControl()) == plain


def test_precision_the_manifest_asks_for_without_a_graphics_card(tmp_path: Path) -> None:
    for kind in ("blip2-t5", "llava-next"):
        loader, maker = MAKERS[kind]
        model = tiny.installed(maker(tmp_path / kind), loader, cpu_precision="bfloat16")
        captioner = load(model, GREEDY)
        assert captioner.precision == "bfloat16"
        assert len(captioner.caption([noise(40, 50, 0)] * 2, JobControl())) == 2


def test_loading_can_be_cancelled(tmp_path: Path) -> None:
    model = make("llava", tmp_path)
    job = JobControl(lambda stage, done, total: job.cancel() if done == 3 else None)
    with pytest.raises(Cancelled):
        captioners.get(model)(model, GREEDY, 0, job)


def test_nothing_is_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    model = make("blip2-opt", tmp_path)
    capfd.readouterr()
    load(model, CaptionOptions(beams=3, max_tokens=6)).caption([noise(9, 9, 0)], JobControl())
    assert capfd.readouterr() == ("", "")


def _delete(*names: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        for name in names:
            (folder / name).unlink(missing_ok=True)

    return change


def _write(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: bool((folder / name).write_bytes(content)) and None


def _cut_short(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])


def _pickled(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def _first_tensor(becomes: Any) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        tensors = load_file(folder / "model.safetensors")
        name = min(tensors)
        tensors.pop(name)
        if becomes is not None:
            tensors[name] = becomes
        save_file(tensors, folder / "model.safetensors", {"format": "pt"})

    return change


#: what happened to a folder -> how, and what is said about it
DAMAGES: dict[str, tuple[Callable[[Path], None], type[ModelError]]] = {
    "no config": (_delete("config.json"), ModelDamaged),
    "config is no JSON": (_write("config.json", b"{"), ModelDamaged),
    "config is a list": (_write("config.json", b"[]"), ModelDamaged),
    "cut short": (_cut_short, ModelDamaged),
    "header is nonsense": (_write("model.safetensors", b"\xff" * 64), ModelDamaged),
    "empty file": (_write("model.safetensors", b""), ModelDamaged),
    "no weights": (_delete("model.safetensors"), ModelDamaged),
    "pickled": (_pickled, ModelRefused),
    "own code": (lambda f: tiny.edit_config(f, auto_map={"AutoModel": "x.Y"}), ModelRefused),
    "a tensor is missing": (_first_tensor(None), ModelDamaged),
    "a tensor of another shape": (_first_tensor(torch.zeros(3, 3)), ModelDamaged),
    "no tokenizer": (_delete("tokenizer.json", "tokenizer_config.json"), ModelDamaged),
    "tokenizer is nonsense": (_write("tokenizer.json", b"{}"), ModelDamaged),
    "no processor": (_delete("processor_config.json", "preprocessor_config.json"), ModelDamaged),
    "another architecture": (lambda f: tiny.edit_config(f, architectures=["Other"]), WrongModel),
    "no architecture": (lambda f: tiny.edit_config(f, architectures=None), WrongModel),
}


@pytest.mark.parametrize("how", DAMAGES)
@pytest.mark.parametrize("kind", ["blip2-t5", "llava"])
def test_bad_folders_are_told_apart(how: str, kind: str, tmp_path: Path) -> None:
    change, error = DAMAGES[how]
    model = make(kind, tmp_path)
    change(model.folder)
    with pytest.raises(error) as raised:
        load(tiny.installed(model.folder, model.spec.loader), GREEDY)
    assert raised.value.message.endswith(".")
    assert raised.value.hint
    assert str(tmp_path) not in str(raised.value)


def test_a_question_in_which_the_image_has_no_place(tmp_path: Path) -> None:
    """Else BLIP-2 would write about nothing, without a complaint."""
    model = make("blip2-t5", tmp_path)
    tiny.edit_config(model.folder, image_token_index=7)
    with pytest.raises(ModelDamaged, match="image"):
        load(model, GREEDY)


def test_a_tokenizer_of_another_model(tmp_path: Path) -> None:
    model = make("llava", tmp_path)
    path = model.folder / "tokenizer.json"
    words = json.loads(path.read_text())
    words["model"]["vocab"] |= {f"more{i}": 1000 + i for i in range(100)}
    path.write_text(json.dumps(words))
    with pytest.raises(ModelDamaged, match="token"):
        load(model, GREEDY)


def test_a_model_of_the_other_kind(tmp_path: Path) -> None:
    model = tiny.installed(tiny.llava(tmp_path / "llava"), Loader.BLIP2)
    with pytest.raises(WrongModel, match="LlavaForConditionalGeneration"):
        load(model, GREEDY)


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    model = make("llava", tmp_path)
    for path in model.folder.iterdir():
        path.unlink()
    model.folder.rmdir()
    with pytest.raises(ModelDamaged):
        load(model, GREEDY)


def test_llava_without_a_chat_template(tmp_path: Path) -> None:
    model = tiny.installed(tiny.llava(tmp_path / "llava", template=None), Loader.LLAVA)
    with pytest.raises(ModelDamaged, match="chat template"):
        load(model, GREEDY)


def test_a_language_model_is_no_captioner(tmp_path: Path) -> None:
    model = tiny.installed(tiny.llava(tmp_path / "llava"), Loader.OPEN_CLIP)
    with pytest.raises(WrongModel):
        captioners.get(model)


def test_length_and_question_are_options() -> None:
    short, detailed = CaptionOptions(), CaptionOptions(length="detailed")
    assert (question(short), token_limit(short)) == (SHORT, 30)
    assert (question(detailed), token_limit(detailed)) == (DETAILED, 256)
    own = CaptionOptions(prompt=" What is it? ", max_tokens=5)
    assert (question(own), token_limit(own)) == ("What is it?", 5)
