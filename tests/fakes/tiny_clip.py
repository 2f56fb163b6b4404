"""Real CLIP models too small to be of use, written to a folder in well under a second.

`python -m tests.fakes.tiny_clip FOLDER` writes one. The architecture is open_clip's own, only
narrower; weights are random by seed, so that the same seed gives the same model.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from engine.model import InstalledModel, Licence, Loader, ModelFile, ModelSpec, Role

DIM = 32
SIDE_PX = 32

#: CLIP with the tokenizer that comes with open_clip
CLIP: dict[str, Any] = {
    "embed_dim": DIM,
    "vision_cfg": {
        "image_size": SIDE_PX,
        "layers": 2,
        "width": 32,
        "head_width": 16,
        "patch_size": 8,
    },
    "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2},
}

#: as SigLIP: a text part of its own, a tokenizer of its own, no mask, squashed images
SIGLIP: dict[str, Any] = {
    "embed_dim": DIM,
    "init_logit_bias": -10,
    "custom_text": True,
    "vision_cfg": {
        "image_size": SIDE_PX,
        "layers": 2,
        "width": 32,
        "head_width": 16,
        "patch_size": 8,
        "no_ln_pre": True,
        "pool_type": "avg",
    },
    "text_cfg": {
        "context_length": 12,
        "vocab_size": 40,
        "hf_tokenizer_name": "somebody/on-the-hub",
        "tokenizer_kwargs": {"clean": "canonicalize"},
        "width": 32,
        "heads": 2,
        "layers": 2,
        "no_causal_mask": True,
        "proj_bias": True,
        "pool_type": "last",
        "norm_kwargs": {"eps": 1e-6},
        "act_kwargs": {"approximate": "tanh"},
    },
}

SQUASH = {
    "mean": [0.5, 0.5, 0.5],
    "std": [0.5, 0.5, 0.5],
    "interpolation": "bicubic",
    "resize_mode": "squash",
}

WORDS = ("a", "the", "photo", "of", "cat", "dog", "red", "blue", "two", "people", "outside")


def write_model(
    folder: Path,
    architecture: dict[str, Any] = CLIP,
    preprocess: dict[str, Any] | None = None,
    *,
    seed: int = 0,
    tokenizer: bool | None = None,
    config: bool = True,
) -> InstalledModel:
    """A model as it stands once it is installed. tokenizer: None writes it where it is needed."""
    import torch
    from open_clip.model import CLIP as PlainCLIP
    from open_clip.model import CustomTextCLIP
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    stated = json.loads(json.dumps(architecture))
    kind = CustomTextCLIP if stated.pop("custom_text", False) else PlainCLIP
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = kind(**stated)
    save_file(network.state_dict(), folder / "open_clip_model.safetensors")
    if config:
        whole = {"model_cfg": architecture, "preprocess_cfg": preprocess or {}}
        (folder / "open_clip_config.json").write_text(json.dumps(whole), encoding="utf-8")
    if tokenizer or (tokenizer is None and "hf_tokenizer_name" in architecture["text_cfg"]):
        write_tokenizer(folder)
    return installed(folder)


def write_tokenizer(folder: Path) -> None:
    """One of words, that ends each text as SigLIP's does, and knows no upper case."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    names = ["<pad>", "</s>", "<unk>", *WORDS]
    words = Tokenizer(models.WordLevel({name: i for i, name in enumerate(names)}, "<unk>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", 1)]
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    )
    fast.save_pretrained(folder)


def installed(folder: Path, *, title: str = "Tiny CLIP", **options: str) -> InstalledModel:
    """The files of a folder as an installed model."""
    files = {path.name: path for path in sorted(folder.iterdir()) if path.is_file()}
    digest = hashlib.sha256()
    for name, path in files.items():
        digest.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    spec = ModelSpec(
        name="tiny-clip",
        title=title,
        roles=(Role.RANKER,),
        loader=Loader.OPEN_CLIP,
        files=tuple(ModelFile(path=name) for name in files),
        licence=Licence(name="Apache-2.0", url=""),
        options=options,
    )
    return InstalledModel(
        spec=spec,
        folder=folder,
        files=files,
        revision="",
        fingerprint=digest.hexdigest()[:32],
        size_bytes=sum(path.stat().st_size for path in files.values()),
    )


if __name__ == "__main__":
    write_model(Path(sys.argv[1]))
