"""What is stated of a CLIP or SigLIP model: its architecture, preprocessing and tokenizer.

Read from the model's own folder, or, for weights that come alone, by the name its manifest
entry gives the architecture. Loads no library, so that vectors can be looked up without one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from blake3 import blake3

from engine.errors import BadManifest, LibraryMissing, ModelDamaged, ModelMissing, WrongModel
from engine.model import InstalledModel

CONFIG = "open_clip_config.json"
PREPROCESSING = 1  # raised whenever the same image would give another vector
KEY_BYTES = 16

_MAX_CONFIG_BYTES = 1024 * 1024
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class ClipConfig:
    """architecture: as open_clip's classes take it, all parts present. preprocess: as stated;
    what it leaves out is open_clip's default. name, tag: of open_clip's own list, where the
    model's folder states nothing; tag then names the preprocessing."""

    architecture: Mapping[str, Any]
    preprocess: Mapping[str, Any]
    name: str = ""
    tag: str = ""

    @property
    def dim(self) -> int:
        """Numbers a vector."""
        return int(self.architecture["embed_dim"])

    @property
    def text(self) -> Mapping[str, Any]:
        stated: Mapping[str, Any] = self.architecture["text_cfg"]
        return stated

    def encoder_key(self, model: InstalledModel, precision: str) -> str:
        """32 hex digits that name all that decides a vector: weights, preprocessing, precision."""
        causes = {
            "preprocessing": PREPROCESSING,
            "weights": model.fingerprint,
            "architecture": self.architecture,
            "preprocess": self.preprocess,
            "name": self.name,
            "tag": self.tag,
            "precision": precision,
        }
        return blake3(json.dumps(causes, sort_keys=True).encode()).hexdigest(length=KEY_BYTES)


def read_config(model: InstalledModel) -> ClipConfig:
    """Raises WrongModel, ModelDamaged, ModelMissing, BadManifest or LibraryMissing."""
    path = model.files.get(CONFIG)
    if path is not None:
        return _of_folder(model, _read_json(model, path))
    name = str(model.spec.options.get("architecture", ""))
    if not name:
        raise WrongModel(
            f"{model.spec.title} does not say which architecture it is: there is no {CONFIG}.",
            "Install it again, or state options.architecture in its manifest entry.",
        )
    stated = _of_library(model, name)
    tag = str(model.spec.options.get("tag", ""))
    return ClipConfig(_checked(model, stated), {}, name=name, tag=tag)


def _of_folder(model: InstalledModel, stated: Any) -> ClipConfig:
    architecture = stated.get("model_cfg", stated) if isinstance(stated, dict) else None
    if not isinstance(architecture, dict):
        raise WrongModel(
            f"The {CONFIG} of {model.spec.title} describes no CLIP model.",
            "Choose a model made for open_clip.",
        )
    preprocess = stated.get("preprocess_cfg", {})
    return ClipConfig(
        _checked(model, architecture), preprocess if isinstance(preprocess, dict) else {}
    )


def _of_library(model: InstalledModel, name: str) -> Any:
    found = find_spec("open_clip")
    if found is None or found.origin is None:
        raise LibraryMissing(
            "open_clip is not installed.",
            "Install Twofold with its models: pip install 'twofold[models]'.",
        )
    path = Path(found.origin).parent / "model_configs" / f"{name}.json"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise BadManifest(
            f"The manifest says that {model.spec.title} is a “{name}”, which the installed "
            "open_clip does not know.",
            "Correct options.architecture, or update open_clip.",
        )
    return _read_json(model, path)


def _read_json(model: InstalledModel, path: Path) -> Any:
    try:
        with path.open("rb") as file:
            body = file.read(_MAX_CONFIG_BYTES + 1)
        if len(body) > _MAX_CONFIG_BYTES:
            raise ValueError("too long")
        return json.loads(body)
    except FileNotFoundError:
        raise ModelMissing(
            f"“{path.name}” of {model.spec.title} is gone.", "Install the model again."
        ) from None
    except (OSError, ValueError, RecursionError):
        raise ModelDamaged(
            f"“{path.name}” of {model.spec.title} cannot be read.", "Install the model again."
        ) from None


def _checked(model: InstalledModel, stated: dict[str, Any]) -> dict[str, Any]:
    """The architecture, if it is one of a kind that can be built from this folder alone."""
    parts = (stated.get("vision_cfg"), stated.get("text_cfg"))
    dim = stated.get("embed_dim")
    if not isinstance(dim, int) or dim <= 0 or not all(isinstance(part, dict) for part in parts):
        raise WrongModel(
            f"The architecture of {model.spec.title} lacks its image or its text part.",
            "Choose a model made for open_clip.",
        )
    vision, text = stated["vision_cfg"], stated["text_cfg"]
    trunk = vision.get("timm_model_name") or ""
    if not isinstance(trunk, str) or (trunk and not _NAME.fullmatch(trunk)):
        raise WrongModel(  # open_clip would look for it outside this folder
            f"The image part of {model.spec.title} is named as one to be fetched from elsewhere.",
            "Choose a model whose files are complete.",
        )
    if text.get("hf_model_name") or "multimodal_cfg" in stated:
        raise WrongModel(
            f"{model.spec.title} has a text part of a kind that Twofold cannot load.",
            "Choose a CLIP or SigLIP model.",
        )
    return stated
