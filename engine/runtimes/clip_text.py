"""How a CLIP model reads text: its own tokenizer, from its own files. Encodes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import ModelDamaged, ModelMissing, ModelRefused, WrongModel
from engine.model import InstalledModel
from engine.runtimes.clip_config import ClipConfig

if TYPE_CHECKING:
    import torch

Tokenize = Callable[[list[str]], "torch.Tensor"]  # texts -> (n, context) int64

_NEEDED = ("tokenizer.json", "tokenizer_config.json")
_SETTINGS = {"clean", "strip_sep_token", "language"}  # that a model may state; no other is followed
_DEFAULT_CONTEXT = 77


def tokenizer(model: InstalledModel, config: ClipConfig) -> Tokenize:
    """The tokenizer this model was trained with; longer texts are cut to its context.

    A model whose tokenizer lies on the hub must bring it along: ModelMissing else. Raises
    ModelRefused, ModelDamaged, WrongModel.
    """
    stated = config.text
    settings = dict(stated.get("tokenizer_kwargs") or {})
    strange = settings.keys() - _SETTINGS
    if strange:
        raise WrongModel(
            f"The tokenizer of {model.spec.title} is set up in a way that Twofold does not know "
            f"({', '.join(sorted(strange))}).",
            "Choose another model.",
        )
    context = int(stated.get("context_length", _DEFAULT_CONTEXT))
    if not stated.get("hf_tokenizer_name"):
        from open_clip.tokenizer import SimpleTokenizer

        plain: Tokenize = SimpleTokenizer(context_length=context, **settings)
        return plain
    _require_files(model)
    from open_clip.tokenizer import HFTokenizer

    try:
        own: Tokenize = HFTokenizer(
            str(model.folder),
            context_length=context,
            tokenizer_mode=stated.get("tokenizer_mode"),
            local_files_only=True,
            trust_remote_code=False,
            **settings,
        )
    except Exception as error:
        raise ModelDamaged(
            f"The tokenizer of {model.spec.title} cannot be read ({type(error).__name__}).",
            "Install the model again.",
        ) from error
    return own


def _require_files(model: InstalledModel) -> None:
    missing = [name for name in _NEEDED if name not in model.files]
    if missing:
        raise ModelMissing(
            f"The tokenizer of {model.spec.title} is not among its files "
            f"({' and '.join(missing)}).",
            "Install the model with these files; without them its texts cannot be read.",
        )
    for name in ("tokenizer_config.json", "config.json"):
        path = model.folder / name  # the library reads it there, listed or not
        if path.exists() and _names_code(model, path):
            raise ModelRefused(
                f"“{name}” of {model.spec.title} asks to run code that comes with the model.",
                "Choose a model that needs none.",
            )


def _names_code(model: InstalledModel, path: Path) -> bool:
    try:
        stated: Any = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise ModelDamaged(
            f"“{path.name}” of {model.spec.title} cannot be read.", "Install the model again."
        ) from error
    return isinstance(stated, dict) and "auto_map" in stated
