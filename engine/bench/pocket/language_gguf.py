"""Writes the pocket language model as llama.cpp reads it: a GGUF file, eight bits a weight."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.bench.pocket.language_network import EPSILON, THETA
from engine.bench.pocket.language_words import ANSWER, CONTROL, END, PRE, SYSTEM, USER, words

__all__ = ["CONTEXT", "write"]

CONTEXT = 2048  # tokens of prompt and answer; a prompt of 40 detailed captions has about 700
#: what cannot follow each other in any text, since a vocabulary must have some pair that merges
_NEVER = (0xFE, 0xFF)
_TEMPLATE = (
    "{%- for message in messages -%}"
    "{%- if message.role == 'system' -%}" + SYSTEM + "{{ message.content }}"
    "{%- elif message.role == 'user' -%}" + USER + "{{ message.content }}"
    "{%- else -%}" + ANSWER + "{{ message.content }}" + END + "{%- endif -%}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}" + ANSWER + "{%- endif -%}"
)

Weights = npt.NDArray[np.float32]


def write(model: Any, path: Path) -> None:
    """A file of a trained network of `language_network`."""
    import gguf

    shape = model.shape
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("Pocket language model")
    writer.add_description("Knows only the rendered world of Twofold's bench.")
    writer.add_license("Apache-2.0")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_layer_norm_rms_eps(EPSILON)
    writer.add_rope_dimension_count(shape.head)
    writer.add_rope_freq_base(THETA)
    writer.add_chat_template(_TEMPLATE)
    _add_words(writer)
    for name, weights in _tensors(model):
        if weights.ndim == 1:
            writer.add_tensor(name, weights)
        else:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(name, gguf.quants.quantize(weights, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _tensors(model: Any) -> Iterator[tuple[str, Weights]]:
    """Every tensor under llama.cpp's name; words are read and written with the same one.

    What only training needs is left out.
    """
    for name, tensor in model.state_dict().items():
        if name.startswith("side."):
            continue
        weights: Weights = tensor.detach().float().numpy()
        if "attn_kv" in name:
            for part, rows in zip("kv", np.split(weights, 2), strict=True):
                yield name.replace("attn_kv", f"attn_{part}"), rows
        elif "ffn_gate_up" in name:
            for part, rows in zip(("gate", "up"), np.split(weights, 2), strict=True):
                yield name.replace("ffn_gate_up", f"ffn_{part}"), rows
        else:
            yield name, weights


def _add_words(writer: Any) -> None:
    import gguf

    own = words()
    kinds = [gguf.TokenType.NORMAL] * (len(own.letters) + len(own.plain))
    kinds += [gguf.TokenType.USER_DEFINED] * len(own.whole)
    kinds += [gguf.TokenType.CONTROL] * len(CONTROL)
    writer.add_vocab_size(len(own))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(PRE)
    writer.add_token_list([own.written(token) for token in range(len(own))])
    writer.add_token_types(kinds)
    writer.add_token_merges([" ".join(own.letters[byte] for byte in _NEVER)])
    writer.add_eos_token_id(own.control[END])
    writer.add_add_bos_token(False)
