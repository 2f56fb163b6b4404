"""The shared eyes under the names that BLIP-2 and LLaVA have for the same weights."""

from __future__ import annotations

from typing import Any

from engine.bench.pocket.scenes import SIDE_PX
from engine.bench.pocket.vision import HEADS, LAYERS, PATCH_PX, WIDTH

__all__ = ["PATCHES", "blip2_eyes", "blip2_vision", "vit_eyes", "vit_vision"]

PATCHES = (SIDE_PX // PATCH_PX) ** 2
_EPS = 1e-5  # of open_clip's layer norms


def blip2_vision() -> Any:
    """The configuration of BLIP-2's vision model that is built as the eyes are."""
    from transformers import Blip2VisionConfig

    return Blip2VisionConfig(
        hidden_size=WIDTH,
        intermediate_size=4 * WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        image_size=SIDE_PX,
        patch_size=PATCH_PX,
        hidden_act="gelu",
        layer_norm_eps=_EPS,
        qkv_bias=True,
    )


def vit_vision() -> Any:
    """The same for transformers' plain vision transformer."""
    from transformers import ViTConfig

    return ViTConfig(
        hidden_size=WIDTH,
        intermediate_size=4 * WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        image_size=SIDE_PX,
        patch_size=PATCH_PX,
        hidden_act="gelu",
        layer_norm_eps=_EPS,
        qkv_bias=True,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )


def blip2_eyes(eyes: Any) -> dict[str, Any]:
    """Weights for `Blip2VisionModel`."""
    named = eyes.state_dict()
    weights = {
        "embeddings.class_embedding": named["class_embedding"][None, None],
        "embeddings.position_embedding": named["positional_embedding"][None],
        **_patches(named, "embeddings.patch_embedding"),
        **_both(named, "ln_post", "post_layernorm"),
    }
    for k in range(LAYERS):
        ours, theirs = f"transformer.resblocks.{k}", f"encoder.layers.{k}"
        weights |= {
            f"{theirs}.self_attn.qkv.weight": named[f"{ours}.attn.in_proj_weight"],
            f"{theirs}.self_attn.qkv.bias": named[f"{ours}.attn.in_proj_bias"],
            **_both(named, f"{ours}.attn.out_proj", f"{theirs}.self_attn.projection"),
            **_both(named, f"{ours}.ln_1", f"{theirs}.layer_norm1"),
            **_both(named, f"{ours}.ln_2", f"{theirs}.layer_norm2"),
            **_both(named, f"{ours}.mlp.c_fc", f"{theirs}.mlp.fc1"),
            **_both(named, f"{ours}.mlp.c_proj", f"{theirs}.mlp.fc2"),
        }
    return weights


def vit_eyes(eyes: Any) -> dict[str, Any]:
    """Weights for `ViTModel`, but for its pooler, which nothing uses here."""
    named = eyes.state_dict()
    weights = {
        "embeddings.cls_token": named["class_embedding"][None, None],
        "embeddings.position_embeddings": named["positional_embedding"][None],
        **_patches(named, "embeddings.patch_embeddings.projection"),
        **_both(named, "ln_post", "layernorm"),
    }
    for k in range(LAYERS):
        ours, theirs = f"transformer.resblocks.{k}", f"layers.{k}"
        for kind in ("weight", "bias"):
            parts = named[f"{ours}.attn.in_proj_{kind}"].chunk(3)
            for name, part in zip(("q", "k", "v"), parts, strict=True):
                weights[f"{theirs}.attention.{name}_proj.{kind}"] = part
        weights |= {
            **_both(named, f"{ours}.attn.out_proj", f"{theirs}.attention.o_proj"),
            **_both(named, f"{ours}.ln_1", f"{theirs}.layernorm_before"),
            **_both(named, f"{ours}.ln_2", f"{theirs}.layernorm_after"),
            **_both(named, f"{ours}.mlp.c_fc", f"{theirs}.mlp.fc1"),
            **_both(named, f"{ours}.mlp.c_proj", f"{theirs}.mlp.fc2"),
        }
    return weights


def _both(named: dict[str, Any], ours: str, theirs: str) -> dict[str, Any]:
    return {f"{theirs}.{kind}": named[f"{ours}.{kind}"] for kind in ("weight", "bias")}


def _patches(named: dict[str, Any], theirs: str) -> dict[str, Any]:
    """open_clip's patches have no bias; the others' is zero."""
    weight = named["conv1.weight"]
    return {f"{theirs}.weight": weight, f"{theirs}.bias": weight.new_zeros(len(weight))}
