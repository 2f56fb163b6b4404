"""Tiny GGUF files of every kind llama.cpp is asked to read here, with random weights.

Real files for the real library, written in milliseconds: a language model (Llama), one that
cannot rewind (Mamba), and an image projector (LLaVA's). Their answers are noise, so that only
what Twofold promises whatever a model says can be tested with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt
import psutil

from engine.model import InstalledModel, Licence, Loader, ModelFile, ModelSpec, Role

#: the layout of many models: turns between marks, no thinking when that is asked for
CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n"
    "{% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>\n\n{% endif %}"
    "{% endif %}"
)
CONTROL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "[INST]", "[/INST]")
WORDS = ("a", "the", "on", "of", "dog", "cat", "beach", "forest", "red", "image", "light")
STATE, KERNEL = 16, 4  # of Mamba layers: numbers remembered a channel, tokens of its convolution

Weights = npt.NDArray[np.float32]


def language_model(
    path: Path,
    *,
    seed: int = 0,
    width: int = 64,
    layers: int = 2,
    feed_forward: int = 128,
    context: int = 8192,
    template: str | None = CHATML,
    sentencepiece: bool = False,
    window: int = 0,
    endless: bool = False,
    kind: str = "",
) -> Path:
    """A Llama of random weights. template: None leaves it out, as base models do.

    sentencepiece: the older kind of tokenizer, that puts a blank before a text. window: when not
    0, a Gemma 2 whose every other layer sees so many tokens only. endless: its answers never end
    by themselves. kind: what the header claims it is.
    """
    kind = kind or ("gemma2" if window else "llama")
    writer = gguf.GGUFWriter(path, kind)
    rng = np.random.default_rng(seed)
    heads = max(1, width // 32)
    _about(writer, width, layers, context)
    writer.add_feed_forward_length(feed_forward)
    writer.add_head_count(heads)
    writer.add_head_count_kv(heads)
    writer.add_layer_norm_rms_eps(1e-5)
    if window:
        writer.add_key_length(32)
        writer.add_value_length(32)
        writer.add_sliding_window(window)
        writer.add_attn_logit_softcapping(50.0)
        writer.add_final_logit_softcapping(30.0)
    else:
        writer.add_rope_dimension_count(width // heads)
    words = _sentencepiece(writer) if sentencepiece else _byte_pairs(writer)
    writer.add_vocab_size(words)
    if template is not None:
        writer.add_chat_template(template)

    def add(name: str, *shape: int) -> None:
        writer.add_tensor(name, _random(rng, shape))

    add("token_embd.weight", words, width)
    if not window:
        output = _random(rng, (words, width))
        if endless:
            output[-len(CONTROL) :] = 0.0  # never the largest number
        writer.add_tensor("output.weight", output)
    writer.add_tensor("output_norm.weight", np.ones(width, np.float32))
    for i in range(layers):
        norms = ["attn_norm", "ffn_norm"]
        norms += ["post_attention_norm", "post_ffw_norm"] if window else []
        for norm in norms:
            writer.add_tensor(f"blk.{i}.{norm}.weight", np.ones(width, np.float32))
        for name in ("attn_q", "attn_k", "attn_v"):
            add(f"blk.{i}.{name}.weight", heads * 32 if window else width, width)
        add(f"blk.{i}.attn_output.weight", width, heads * 32 if window else width)
        add(f"blk.{i}.ffn_gate.weight", feed_forward, width)
        add(f"blk.{i}.ffn_up.weight", feed_forward, width)
        add(f"blk.{i}.ffn_down.weight", width, feed_forward)
    return _written(writer, path)


def recurrent_model(path: Path, *, seed: int = 0, width: int = 64, layers: int = 2) -> Path:
    """A Mamba of random weights: its memory of what it read cannot be cut back."""
    writer = gguf.GGUFWriter(path, "mamba")
    rng = np.random.default_rng(seed)
    _about(writer, width, layers, 8192)
    writer.add_feed_forward_length(0)
    writer.add_head_count(0)
    _about_mamba(writer, rng, width)
    for i in range(layers):
        _mamba_layer(writer, rng, i, width)
    return _written(writer, path)


def hybrid_model(path: Path, *, seed: int = 0, width: int = 64) -> Path:
    """A Jamba of random weights, two layers of Mamba around one of attention."""
    writer = gguf.GGUFWriter(path, "jamba")
    rng = np.random.default_rng(seed)
    heads = width // 32
    _about(writer, width, 3, 8192)
    writer.add_feed_forward_length(width)
    writer.add_head_count(heads)
    writer.add_head_count_kv([0, heads, 0])
    _about_mamba(writer, rng, width)
    for i in range(3):
        if i == 1:
            for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
                writer.add_tensor(f"blk.{i}.{name}.weight", _random(rng, (width, width)))
            writer.add_tensor(f"blk.{i}.attn_norm.weight", np.ones(width, np.float32))
        else:
            _mamba_layer(writer, rng, i, width)
            for name, size in (("dt", max(1, width // 16)), ("b", STATE), ("c", STATE)):
                writer.add_tensor(f"blk.{i}.ssm_{name}_norm.weight", np.ones(size, np.float32))
        for name in ("ffn_gate", "ffn_up", "ffn_down"):
            writer.add_tensor(f"blk.{i}.{name}.weight", _random(rng, (width, width)))
        writer.add_tensor(f"blk.{i}.ffn_norm.weight", np.ones(width, np.float32))
    return _written(writer, path)


def _about_mamba(writer: gguf.GGUFWriter, rng: np.random.Generator, width: int) -> None:
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_ssm_conv_kernel(KERNEL)
    writer.add_ssm_inner_size(2 * width)
    writer.add_ssm_state_size(STATE)
    writer.add_ssm_time_step_rank(max(1, width // 16))
    words = _byte_pairs(writer)
    writer.add_vocab_size(words)
    writer.add_chat_template(CHATML)
    writer.add_tensor("token_embd.weight", _random(rng, (words, width)))
    writer.add_tensor("output.weight", _random(rng, (words, width)))
    writer.add_tensor("output_norm.weight", np.ones(width, np.float32))


def _mamba_layer(writer: gguf.GGUFWriter, rng: np.random.Generator, i: int, width: int) -> None:
    inner, rank = 2 * width, max(1, width // 16)
    for name, tensor in {
        "attn_norm.weight": np.ones(width, np.float32),
        "ssm_in.weight": _random(rng, (2 * inner, width)),
        "ssm_conv1d.weight": _random(rng, (inner, KERNEL)),
        "ssm_conv1d.bias": np.zeros(inner, np.float32),
        "ssm_x.weight": _random(rng, (rank + 2 * STATE, inner)),
        "ssm_dt.weight": _random(rng, (inner, rank)),
        "ssm_dt.bias": np.zeros(inner, np.float32),
        "ssm_a": -np.tile(np.arange(1, STATE + 1, dtype=np.float32), (inner, 1)),
        "ssm_d": np.ones(inner, np.float32),
        "ssm_out.weight": _random(rng, (width, inner)),
    }.items():
        writer.add_tensor(f"blk.{i}.{name}", tensor)


def projector(
    path: Path,
    *,
    seed: int = 0,
    width: int = 64,
    vision_width: int = 64,
    layers: int = 3,
    size_px: int = 56,
    patch_px: int = 14,
) -> Path:
    """LLaVA's image encoder and projector, for a language model of this width."""
    writer = gguf.GGUFWriter(path, "clip")
    rng = np.random.default_rng(seed)
    writer.add_clip_has_vision_encoder(True)
    writer.add_clip_projector_type("mlp")
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_bool("clip.use_gelu", False)
    writer.add_vision_image_size(size_px)
    writer.add_vision_patch_size(patch_px)
    writer.add_vision_embedding_length(vision_width)
    writer.add_vision_feed_forward_length(2 * vision_width)
    writer.add_vision_head_count(2)
    writer.add_vision_block_count(layers)
    writer.add_vision_projection_dim(width)
    writer.add_vision_attention_layernorm_eps(1e-5)
    writer.add_vision_image_mean([0.5, 0.5, 0.5])
    writer.add_vision_image_std([0.5, 0.5, 0.5])
    patches = (size_px // patch_px) ** 2

    def add(name: str, *shape: int) -> None:
        writer.add_tensor(name, _random(rng, shape))

    add("v.class_embd", vision_width)
    add("v.patch_embd.weight", vision_width, 3, patch_px, patch_px)
    add("v.position_embd.weight", patches + 1, vision_width)
    norms = ["v.pre_ln", "v.post_ln"]
    for i in range(layers):
        norms += [f"v.blk.{i}.ln1", f"v.blk.{i}.ln2"]
        for name, rows, columns in (
            ("attn_q", vision_width, vision_width),
            ("attn_k", vision_width, vision_width),
            ("attn_v", vision_width, vision_width),
            ("attn_out", vision_width, vision_width),
            ("ffn_up", 2 * vision_width, vision_width),
            ("ffn_down", vision_width, 2 * vision_width),
        ):
            add(f"v.blk.{i}.{name}.weight", rows, columns)
            writer.add_tensor(f"v.blk.{i}.{name}.bias", np.zeros(rows, np.float32))
    for norm in norms:
        writer.add_tensor(f"{norm}.weight", np.ones(vision_width, np.float32))
        writer.add_tensor(f"{norm}.bias", np.zeros(vision_width, np.float32))
    add("mm.0.weight", width, vision_width)
    writer.add_tensor("mm.0.bias", np.zeros(width, np.float32))
    add("mm.2.weight", width, width)
    writer.add_tensor("mm.2.bias", np.zeros(width, np.float32))
    return _written(writer, path)


@contextmanager
def one_core() -> Iterator[None]:
    """llama.cpp's threads wait for each other in a loop, which is very slow on a busy machine."""
    process = psutil.Process()
    if not hasattr(process, "cpu_affinity"):
        yield
        return
    before = process.cpu_affinity()
    process.cpu_affinity(before[:1])
    try:
        yield
    finally:
        process.cpu_affinity(before)


def installed(
    *paths: Path, name: str = "tiny", role: Role = Role.PROPOSER, loader: Loader = Loader.GGUF
) -> InstalledModel:
    """Files as the model they would be once installed."""
    spec = ModelSpec(
        name=name,
        title=f"Tiny {name}",
        roles=(role,),
        loader=loader,
        files=tuple(ModelFile(path=path.name) for path in paths),
        licence=Licence(name="Apache-2.0", url=""),
        context=8192,
    )
    return InstalledModel(
        spec=spec,
        folder=paths[0].parent,
        files={path.name: path for path in paths},
        revision="",
        fingerprint=f"{sum(path.stat().st_size for path in paths):032x}",
        size_bytes=sum(path.stat().st_size for path in paths),
    )


def _about(writer: gguf.GGUFWriter, width: int, layers: int, context: int) -> None:
    writer.add_name("tiny")
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_context_length(context)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)


def _random(rng: np.random.Generator, shape: tuple[int, ...]) -> Weights:
    fan_in = shape[-1] if len(shape) > 1 else 1
    return (rng.standard_normal(shape) / np.sqrt(fan_in)).astype(np.float32)


def _written(writer: gguf.GGUFWriter, path: Path) -> Path:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _byte_pairs(writer: gguf.GGUFWriter) -> int:
    """Bytes, a few words built from them, and marks for control. Returns the number of tokens."""
    letters = _byte_letters()
    tokens = list(letters)
    merges = []
    for word in WORDS:
        for text in (word, "Ġ" + word):
            for end in range(2, len(text) + 1):
                if text[:end] not in tokens:
                    tokens.append(text[:end])
                    merges.append(f"{text[: end - 1]} {text[end - 1]}")
    types = [gguf.TokenType.NORMAL] * len(tokens) + [gguf.TokenType.CONTROL] * len(CONTROL)
    tokens += CONTROL
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(tokens.index("<|endoftext|>"))
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_add_bos_token(False)
    return len(tokens)


def _byte_letters() -> list[str]:
    """The visible letter that stands for each byte in this kind of vocabulary."""
    plain = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in plain]
    letters = {byte: chr(byte) for byte in plain}
    letters |= {byte: chr(256 + k) for k, byte in enumerate(others)}
    return [letters[byte] for byte in range(256)]


def _sentencepiece(writer: gguf.GGUFWriter) -> int:
    tokens = ["<unk>", "<s>", "</s>"]
    types = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
    tokens += [f"<0x{byte:02X}>" for byte in range(256)]
    types += [gguf.TokenType.BYTE] * 256
    pieces = ["▁", *(chr(code) for code in range(33, 127)), *("▁" + word for word in WORDS)]
    tokens += pieces
    types += [gguf.TokenType.NORMAL] * len(pieces)
    tokens += CONTROL
    types += [gguf.TokenType.CONTROL] * len(CONTROL)
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_scores([-float(k) for k in range(len(tokens))])
    writer.add_token_types(types)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    return len(tokens)
