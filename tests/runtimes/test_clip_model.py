"""Loading CLIP and SigLIP models and encoding with them, on tiny models of the real classes."""

from __future__ import annotations

import gc
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

torch = pytest.importorskip("torch")
open_clip = pytest.importorskip("open_clip")

from open_clip.transformer import ResidualAttentionBlock, VisionTransformer  # noqa: E402
from PIL import Image  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402

from engine.errors import (  # noqa: E402
    BadManifest,
    Cancelled,
    ModelDamaged,
    ModelError,
    ModelFailed,
    ModelMissing,
    ModelRefused,
    NotEnoughMemory,
    WrongModel,
)
from engine.job import JobControl  # noqa: E402
from engine.model import InstalledModel  # noqa: E402
from engine.pixels import Cut, PixelShape  # noqa: E402
from engine.recipe import ClipOptions  # noqa: E402
from engine.runtimes.clip_config import read_config  # noqa: E402
from engine.runtimes.clip_model import ClipModel, load  # noqa: E402
from tests.fakes.tiny_clip import (  # noqa: E402
    CLIP,
    DIM,
    SIDE_PX,
    SIGLIP,
    SQUASH,
    installed,
    write_model,
)

CPU = torch.device("cpu")
TEXTS = ["a cat", "the dog outside", "Two people, a RED photo!", "", "a " * 200]
WEIGHTS = "open_clip_model.safetensors"


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clip")


@pytest.fixture(scope="module")
def model(folder: Path) -> InstalledModel:
    return write_model(folder / "clip")


@pytest.fixture(scope="module")
def siglip(folder: Path) -> InstalledModel:
    return write_model(folder / "siglip", SIGLIP, SQUASH)


@pytest.fixture(scope="module")
def clip(model: InstalledModel) -> Iterator[ClipModel]:
    loaded = loaded_on_cpu(model)
    yield loaded
    loaded.close()


def loaded_on_cpu(model: InstalledModel, replicas: int = 1, **options: Any) -> ClipModel:
    options.setdefault("precision", "float32")
    return load(model, ClipOptions(**options), JobControl(), [CPU] * replicas)


def noise(n: int, side: int = SIDE_PX, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, side, side, 3), dtype=np.uint8)


def reference(model: InstalledModel, pixels: np.ndarray, precision: str = "fp32") -> Any:
    """(image vectors, text vectors) as open_clip's own functions compute them."""
    name = f"local-dir:{model.folder}"
    network, _, prepare = open_clip.create_model_and_transforms(name, precision=precision)
    network.eval()
    tokens = open_clip.get_tokenizer(name)(TEXTS)
    images = torch.stack([prepare(Image.fromarray(image)) for image in pixels])
    with torch.inference_mode():
        dtype = torch.bfloat16 if "bf16" in precision else torch.float32
        rows = network.encode_image(images.to(dtype), normalize=True)
        texts = network.encode_text(tokens, normalize=True)
    return rows.float().numpy(), texts.float().numpy()


# --- the same as open_clip ----------------------------------------------------------------------

TIMM_EVA = {
    **CLIP,
    "custom_text": True,
    "vision_cfg": {
        "image_size": 224,
        "timm_model_name": "eva02_tiny_patch14_224",
        "timm_pool": "token",
        "timm_proj": None,
    },
}
RESNET = {
    **CLIP,
    "vision_cfg": {"image_size": 64, "layers": [1, 1, 1, 1], "width": 8, "head_width": 32},
}


@pytest.mark.parametrize(
    ("architecture", "preprocess"),
    [(CLIP, {}), (SIGLIP, SQUASH), (TIMM_EVA, {}), (RESNET, {})],
    ids=["clip", "siglip", "timm", "resnet"],
)
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_vectors_are_those_of_open_clip(
    tmp_path: Path, architecture: dict[str, Any], preprocess: dict[str, Any], precision: str
) -> None:
    model = write_model(tmp_path, architecture, preprocess)
    clip = loaded_on_cpu(model, precision=precision)
    pixels = noise(3, architecture["vision_cfg"]["image_size"])
    name = "fp32" if precision == "float32" else "pure_bf16"
    images, texts = reference(model, pixels, name)
    bound = 3e-4 if precision == "float32" else 2e-2  # float16 on the disk; eight bits of bfloat16
    job = JobControl()
    got = clip.encode_images(pixels, job)
    assert got.dtype == np.float16
    assert np.abs(got - images).max() < bound
    got_texts = clip.encode_texts(TEXTS, job)
    assert got_texts.dtype == np.float32
    assert np.abs(got_texts - texts).max() < (1e-5 if precision == "float32" else bound)
    assert np.abs(np.linalg.norm(got_texts, axis=1) - 1).max() < 1e-5
    assert np.abs(np.linalg.norm(got.astype(np.float32), axis=1) - 1).max() < 1e-3
    assert clip.precision == precision


@pytest.mark.slow
def test_a_real_architecture_from_weights_that_come_alone(tmp_path: Path) -> None:
    torch.manual_seed(0)
    plain = open_clip.create_model("ViT-B-32", pretrained=None)
    save_file(plain.state_dict(), tmp_path / WEIGHTS)
    model = installed(tmp_path, architecture="ViT-B-32", tag="laion2b_s34b_b79k")
    clip = loaded_on_cpu(model)
    assert clip.shape == PixelShape(Cut.CROP, 224, 224, "bicubic")
    pixels = noise(2, 224)
    _, _, prepare = open_clip.create_model_and_transforms("ViT-B-32", pretrained=None)
    plain.eval()
    with torch.inference_mode():
        images = torch.stack([prepare(Image.fromarray(image)) for image in pixels])
        rows = plain.encode_image(images, normalize=True).numpy()
        texts = plain.encode_text(open_clip.get_tokenizer("ViT-B-32")(TEXTS), normalize=True)
    assert np.abs(clip.encode_images(pixels, JobControl()) - rows).max() < 3e-4
    assert np.abs(clip.encode_texts(TEXTS, JobControl()) - texts.numpy()).max() < 1e-5


def test_weights_from_before_the_text_part_was_a_module(tmp_path: Path) -> None:
    model = write_model(tmp_path / "new", {**CLIP, "custom_text": True})
    weights = load_file(model.files[WEIGHTS])
    old = {f"module.{name.removeprefix('text.')}": value for name, value in weights.items()}
    old["module.logit_scale"] = old["module.logit_scale"].reshape(1)
    (tmp_path / "old").mkdir()
    save_file(old, tmp_path / "old" / WEIGHTS)
    (tmp_path / "old" / "open_clip_config.json").write_bytes(
        model.files["open_clip_config.json"].read_bytes()
    )
    job = JobControl()
    new_texts = loaded_on_cpu(model).encode_texts(TEXTS, job)
    assert np.array_equal(
        loaded_on_cpu(installed(tmp_path / "old")).encode_texts(TEXTS, job), new_texts
    )


@pytest.mark.parametrize(
    ("preprocess", "shape"),
    [
        ({}, PixelShape(Cut.CROP, 32, 32, "bicubic")),
        (SQUASH, PixelShape(Cut.SQUASH, 32, 32, "bicubic")),
        (
            {"resize_mode": "longest", "fill_color": 127, "interpolation": "bilinear"},
            PixelShape(Cut.PAD, 32, 32, "bilinear", (127, 127, 127)),
        ),
        ({"size": [224, 224]}, PixelShape(Cut.CROP, 32, 32, "bicubic")),
    ],
)
def test_the_shape_is_the_models_own(
    tmp_path: Path, preprocess: dict[str, Any], shape: PixelShape
) -> None:
    assert loaded_on_cpu(write_model(tmp_path, CLIP, preprocess)).shape == shape


# --- texts --------------------------------------------------------------------------------------


def test_siglip_reads_texts_in_its_own_way(siglip: InstalledModel) -> None:
    clip = loaded_on_cpu(siglip)
    same = clip.encode_texts(["a red dog", "A red, DOG!", " a  red dog "], JobControl())
    assert np.abs(same - same[0]).max() < 1e-6
    different = clip.encode_texts(["a red dog", "a blue dog"], JobControl())
    assert np.abs(different[0] - different[1]).max() > 1e-3


def test_a_tokenizer_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    model = write_model(tmp_path, SIGLIP, SQUASH, tokenizer=False)
    with pytest.raises(ModelMissing, match="tokenizer"):
        loaded_on_cpu(model)


@pytest.mark.parametrize("name", ["tokenizer_config.json", "config.json"])
def test_a_tokenizer_that_brings_code_is_refused(tmp_path: Path, name: str) -> None:
    write_model(tmp_path, SIGLIP, SQUASH)
    path = tmp_path / name
    stated = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**stated, "auto_map": {"AutoTokenizer": ["evil.Evil", None]}}))
    with pytest.raises(ModelRefused):
        loaded_on_cpu(installed(tmp_path))


@pytest.mark.parametrize("name", ["tokenizer.json", "tokenizer_config.json"])
def test_a_broken_tokenizer_is_damage(tmp_path: Path, name: str) -> None:
    write_model(tmp_path, SIGLIP, SQUASH)
    (tmp_path / name).write_text("{")
    with pytest.raises(ModelDamaged):
        loaded_on_cpu(installed(tmp_path))


def test_tokenizer_settings_that_could_load_code_are_not_followed(tmp_path: Path) -> None:
    text = {**SIGLIP["text_cfg"], "tokenizer_kwargs": {"trust_remote_code": True}}
    with pytest.raises(WrongModel, match="trust_remote_code"):
        loaded_on_cpu(write_model(tmp_path, {**SIGLIP, "text_cfg": text}))


def test_no_texts_and_no_images(clip: ClipModel) -> None:
    assert clip.encode_texts([], JobControl()).shape == (0, DIM)
    assert clip.encode_images(noise(0), JobControl()).shape == (0, DIM)
    assert list(clip.encode_each([], JobControl())) == []


# --- many images, several devices ---------------------------------------------------------------


def test_two_replicas_give_what_one_gives_in_the_same_order(model: InstalledModel) -> None:
    batches = [(i, noise(5, seed=i)) for i in range(9)]
    one, two = loaded_on_cpu(model), loaded_on_cpu(model, replicas=2)
    alone = list(one.encode_each(batches, JobControl()))
    together = list(two.encode_each(batches, JobControl()))
    assert [i for i, _ in together] == [i for i, _ in alone] == list(range(9))
    for (_, a), (_, b), (_, pixels) in zip(alone, together, batches, strict=True):
        assert np.array_equal(a, b)
        assert np.abs(a - one.encode_images(pixels, JobControl())).max() < 1e-3
    assert two.device == "cpu + cpu"


def test_the_next_batch_is_collected_while_one_is_encoded(
    model: InstalledModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work = threading.Event()
    collected_meanwhile = threading.Event()
    real = VisionTransformer.forward

    def forward(self: Any, pixels: Any) -> Any:
        at_work.set()
        assert collected_meanwhile.wait(20)
        return real(self, pixels)

    monkeypatch.setattr(VisionTransformer, "forward", forward)
    clip = loaded_on_cpu(model)

    def batches() -> Iterator[tuple[int, np.ndarray]]:
        yield 0, noise(2)
        assert at_work.wait(20)
        collected_meanwhile.set()
        yield 1, noise(2)

    assert [i for i, _ in clip.encode_each(batches(), JobControl())] == [0, 1]


def test_a_batch_has_room_for_the_models_own_shape(clip: ClipModel) -> None:
    assert clip.new_batch(7).shape == (7, SIDE_PX, SIDE_PX, 3)
    assert clip.batch >= 1


# --- memory -------------------------------------------------------------------------------------


def small_memory(monkeypatch: pytest.MonkeyPatch, most: int, error: type[Exception]) -> list[int]:
    """The real network, on a device that holds `most` images. Returns the sizes tried."""
    real = VisionTransformer.forward
    tried: list[int] = []

    def forward(self: Any, pixels: Any) -> Any:
        tried.append(len(pixels))
        if len(pixels) > most:
            raise error("CUDA out of memory. Tried to allocate 20.00 GiB.")
        return real(self, pixels)

    monkeypatch.setattr(VisionTransformer, "forward", forward)
    return tried


@pytest.mark.parametrize("error", [torch.OutOfMemoryError, MemoryError, RuntimeError])
def test_out_of_memory_halves_the_batch_and_goes_on(
    model: InstalledModel, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    pixels = noise(21)
    whole = loaded_on_cpu(model).encode_images(pixels, JobControl())
    tried = small_memory(monkeypatch, 3, error)
    clip = loaded_on_cpu(model, batch=16)
    got = [rows for _, rows in clip.encode_each([(0, pixels), (1, pixels)], JobControl())]
    assert np.abs(np.concatenate(got) - np.concatenate([whole, whole])).max() < 1e-3
    assert clip.batch == 2
    assert clip.remarks == ("The batch was halved to 2 images for want of memory.",)
    assert tried[:4] == [16, 8, 4, 2]
    assert max(tried[4:]) == 2


def test_when_not_even_one_image_fits_it_says_so(
    model: InstalledModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_memory(monkeypatch, 0, torch.OutOfMemoryError)
    with pytest.raises(NotEnoughMemory):
        loaded_on_cpu(model, batch=4).encode_images(noise(4), JobControl())


def test_other_failures_of_the_library_are_told_apart(
    model: InstalledModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forward(self: Any, pixels: Any) -> Any:
        raise RuntimeError("CUDA error: device-side assert triggered")

    monkeypatch.setattr(VisionTransformer, "forward", forward)
    with pytest.raises(ModelFailed):
        list(loaded_on_cpu(model).encode_each([(0, noise(4))], JobControl()))


def networks() -> int:
    return sum(type(thing) is VisionTransformer for thing in gc.get_objects())


def test_closing_gives_the_memory_back(model: InstalledModel) -> None:
    gc.collect()
    before = networks()
    clip = loaded_on_cpu(model, replicas=2)
    clip.encode_images(noise(3), JobControl())
    assert networks() == before + 2
    clip.close()
    assert networks() == before, "memory must not wait for the garbage collector"
    clip.close()
    assert clip.device == "cpu + cpu"
    assert clip.peak_bytes() == 0


# --- cancelling ---------------------------------------------------------------------------------


def test_one_long_forward_pass_is_left_in_the_middle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = {**CLIP, "vision_cfg": {**CLIP["vision_cfg"], "layers": 60}}
    clip = loaded_on_cpu(write_model(tmp_path, deep))
    real = ResidualAttentionBlock.forward

    def slow(self: Any, *given: Any, **named: Any) -> Any:
        time.sleep(0.1)
        return real(self, *given, **named)

    monkeypatch.setattr(ResidualAttentionBlock, "forward", slow)
    job = JobControl()
    timer = threading.Timer(0.4, job.cancel)
    timer.start()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        list(clip.encode_each(((i, noise(1)) for i in range(5)), job))
    assert time.monotonic() - begun < 0.4 + 2
    timer.join()


def test_a_cancelled_job_loads_and_encodes_nothing(clip: ClipModel, model: InstalledModel) -> None:
    job = JobControl()
    job.cancel()
    with pytest.raises(Cancelled):
        clip.encode_images(noise(1), job)
    with pytest.raises(Cancelled):
        clip.encode_texts(["a"], job)
    with pytest.raises(Cancelled):
        load(model, ClipOptions(), job, [CPU])


# --- files that are not what they should be -----------------------------------------------------


def replaced(model: InstalledModel, folder: Path, **weights: Any) -> InstalledModel:
    """A copy with other weights. None: left out."""
    folder.mkdir(exist_ok=True)
    for name, path in model.files.items():
        (folder / name).write_bytes(path.read_bytes())
    if weights:
        all_ = load_file(folder / WEIGHTS) | {k.replace("__", "."): v for k, v in weights.items()}
        save_file({k: v for k, v in all_.items() if v is not None}, folder / WEIGHTS)
    return installed(folder)


def test_not_finite_numbers_are_a_failure(model: InstalledModel, tmp_path: Path) -> None:
    proj = torch.full((32, DIM), torch.nan)
    clip = loaded_on_cpu(replaced(model, tmp_path, visual__proj=proj))
    with pytest.raises(ModelFailed, match="not finite"):
        clip.encode_images(noise(2), JobControl())


@pytest.mark.parametrize(
    "weights",
    [
        {"visual__proj": None},
        {"something__else": torch.zeros(3)},
        {"visual__proj": torch.zeros(32, 31)},
    ],
    ids=["missing", "too many", "shape"],
)
def test_weights_of_another_architecture(
    model: InstalledModel, tmp_path: Path, weights: dict[str, Any]
) -> None:
    with pytest.raises(WrongModel):
        loaded_on_cpu(replaced(model, tmp_path, **weights))


@pytest.mark.parametrize("keep", [0, 4, 100, 0.5, 0.999])
def test_truncated_weights(model: InstalledModel, tmp_path: Path, keep: float) -> None:
    copy = replaced(model, tmp_path)
    path = copy.files[WEIGHTS]
    body = path.read_bytes()
    path.write_bytes(body[: keep if isinstance(keep, int) else int(keep * len(body))])
    with pytest.raises(ModelDamaged):
        loaded_on_cpu(copy)


@pytest.mark.parametrize("name", [WEIGHTS, "open_clip_config.json"])
def test_files_that_are_gone(model: InstalledModel, tmp_path: Path, name: str) -> None:
    copy = replaced(model, tmp_path)
    copy.files[name].unlink()
    with pytest.raises(ModelMissing):
        loaded_on_cpu(copy)


def changed(key: str, value: Any) -> dict[str, Any]:
    part, _, name = key.rpartition(".")
    architecture: dict[str, Any] = json.loads(json.dumps(CLIP))
    (architecture[part] if part else architecture)[name] = value
    return architecture


@pytest.mark.parametrize(
    ("config", "error"),
    [
        (b"", ModelDamaged),
        (b"{", ModelDamaged),
        (b"[" * 100_000, ModelDamaged),
        (b"[]", WrongModel),
        (b'{"model_cfg": {}}', WrongModel),
        (b'{"architectures": ["BertModel"]}', WrongModel),
        (changed("text_cfg.hf_model_name", "bert-base"), WrongModel),
        (changed("vision_cfg.timm_model_name", "hf-hub:somebody/model"), WrongModel),
        (changed("vision_cfg.timm_model_name", "no_such_network"), WrongModel),
        (changed("vision_cfg.not_an_option", 3), WrongModel),
        (changed("vision_cfg.width", -5), WrongModel),
        (changed("vision_cfg.image_size", "big"), ModelError),
        (changed("multimodal_cfg", {}), WrongModel),
        (changed("embed_dim", "many"), WrongModel),
        (changed("text_cfg.layers", 1), WrongModel),
    ],
)
def test_configurations_that_cannot_be(
    model: InstalledModel, tmp_path: Path, config: Any, error: type[Exception]
) -> None:
    copy = replaced(model, tmp_path)
    if isinstance(config, dict):
        config = json.dumps({"model_cfg": config, "preprocess_cfg": {}}).encode()
    copy.files["open_clip_config.json"].write_bytes(config)
    with pytest.raises(error):
        loaded_on_cpu(copy)


@pytest.mark.parametrize(
    "preprocess", [{"resize_mode": "stretch"}, {"std": [0, 0, 0]}, {"mean": None, "std": [1]}]
)
def test_preprocessing_that_is_not_known(tmp_path: Path, preprocess: dict[str, Any]) -> None:
    with pytest.raises(WrongModel):
        loaded_on_cpu(write_model(tmp_path, CLIP, preprocess))


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({}, WrongModel),
        ({"architecture": "ViT-Z-99"}, BadManifest),
        ({"architecture": "../../../etc/passwd"}, BadManifest),
        ({"architecture": "ViT-B-32", "tag": "no_such_tag"}, BadManifest),
        ({"architecture": "ViT-B-32", "tag": "openai"}, BadManifest),  # trained with QuickGELU
        ({"architecture": "ViT-B-32", "tag": "laion2b_s34b_b79k"}, WrongModel),
    ],
)
def test_weights_alone_need_the_name_of_their_architecture(
    model: InstalledModel, tmp_path: Path, options: dict[str, str], error: type[Exception]
) -> None:
    (tmp_path / WEIGHTS).write_bytes(model.files[WEIGHTS].read_bytes())
    with pytest.raises(error):
        loaded_on_cpu(installed(tmp_path, **options))


def test_a_pickle_is_not_opened(model: InstalledModel, tmp_path: Path) -> None:
    copy = replaced(model, tmp_path)
    copy.files[WEIGHTS].rename(tmp_path / "open_clip_pytorch_model.bin")
    with pytest.raises(ModelRefused, match="pickle"):
        loaded_on_cpu(installed(tmp_path))


# --- the name of the encoder --------------------------------------------------------------------


def test_the_encoder_is_named_by_all_that_decides_a_vector(
    clip: ClipModel, model: InstalledModel, siglip: InstalledModel, tmp_path: Path
) -> None:
    keys = [
        loaded_on_cpu(model, precision="bfloat16").encoder_key,
        loaded_on_cpu(siglip).encoder_key,
        loaded_on_cpu(write_model(tmp_path / "other weights", seed=1)).encoder_key,
        loaded_on_cpu(write_model(tmp_path / "other size", CLIP, SQUASH)).encoder_key,
        clip.encoder_key,
    ]
    assert len(set(keys)) == len(keys)
    assert all(len(key) == 32 and int(key, 16) for key in keys)
    assert loaded_on_cpu(model, batch=3).encoder_key == clip.encoder_key
    assert read_config(model).encoder_key(model, "float32") == clip.encoder_key


# --- the largest one ----------------------------------------------------------------------------

BIGG = "ViT-bigG-14"
GIB = 1024**3


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_real_bigg_architecture_embeds_without_being_held_twice(tmp_path: Path) -> None:
    """2.5 billion random weights in bfloat16. Only a processor with instructions for these
    computes in them in sensible time, so others compute in float32, which takes twice as much."""
    exact = not torch.cpu._is_avx512_bf16_supported()
    needed = (16 if exact else 8) * GIB
    if psutil.virtual_memory().available < needed:
        pytest.skip(f"needs {needed // GIB} GiB of free memory")
    peak = PeakMemory()
    try:
        write_random_bigg(tmp_path)
        model = installed_without_hash(tmp_path, architecture=BIGG, tag="laion2b_s39b_b160k")
        with peak:
            clip = loaded_on_cpu(model, precision="float32" if exact else "bfloat16")
    finally:
        (tmp_path / WEIGHTS).unlink(missing_ok=True)  # 5 GB that pytest would keep
    weights = 2_539_567_362 * (4 if exact else 2)
    assert peak.bytes < 1.1 * weights + 0.5 * GIB
    assert (clip.dim, clip.batch) == (1280, 1)
    torch.set_num_threads(psutil.cpu_count(logical=False) or 1)
    rows = clip.encode_images(noise(2, 224), JobControl())
    torch.set_num_threads(1)
    clip.close()
    assert rows.shape == (2, 1280)
    assert np.abs(np.linalg.norm(rows.astype(np.float32), axis=1) - 1).max() < 1e-2
    assert not np.array_equal(rows[0], rows[1])


def write_random_bigg(folder: Path) -> None:
    """5 GB, each weight from one block of noise, so that it takes seconds."""
    from accelerate import init_empty_weights
    from open_clip.model import CLIP as PlainCLIP

    with init_empty_weights(include_buffers=False):
        network = PlainCLIP(**open_clip.get_model_config(BIGG))
    block = (torch.rand(20_000_000, dtype=torch.float32) - 0.5).mul_(0.06).to(torch.bfloat16)
    weights = {}
    for name, place in network.state_dict().items():
        if place.ndim < 2:
            weights[name] = torch.full(place.shape, float("weight" in name), dtype=torch.bfloat16)
        else:
            repeats = -(-place.numel() // len(block))
            weights[name] = block.repeat(repeats)[: place.numel()].reshape(place.shape).clone()
    save_file(weights, folder / WEIGHTS)


def installed_without_hash(folder: Path, **options: str) -> InstalledModel:
    (folder / "empty").mkdir()
    nothing = installed(folder / "empty", **options)
    return InstalledModel(
        spec=nothing.spec,
        folder=folder,
        files={WEIGHTS: folder / WEIGHTS},
        revision="",
        fingerprint="b1" * 16,
    )


class PeakMemory:
    """The most memory this process took within, beyond what it had before; not counting files
    that are mapped, whose pages the system takes back when it needs them."""

    def __enter__(self) -> PeakMemory:
        self._before = self._own()
        self.bytes = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.02):
            self.bytes = max(self.bytes, self._own() - self._before)

    @staticmethod
    def _own() -> int:
        found = psutil.Process().memory_info()
        return int(found.rss - getattr(found, "shared", 0))
