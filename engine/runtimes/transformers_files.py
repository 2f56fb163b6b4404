"""Looks at the files of a transformers model before the library does. Loads nothing.

The library takes a missing folder for the name of a repository, makes up a tokenizer where there
is none, and says of a file that was cut short only that something went wrong.
"""

from __future__ import annotations

import json
import struct
from math import prod
from pathlib import Path

from engine.errors import ModelDamaged, ModelRefused, WrongModel
from engine.model import InstalledModel

REINSTALL = "Install it again; files that are whole are kept."
#: one of these holds the words
TOKENIZERS = ("tokenizer.json", "tokenizer.model", "spiece.model", "vocab.json", "vocab.txt")
LONGEST_HEADER = 100_000_000  # bytes; the format's own limit


def check_architecture(model: InstalledModel, architectures: tuple[str, ...]) -> None:
    """Reads config.json. Raises ModelDamaged, ModelRefused or WrongModel."""
    title = model.spec.title
    try:
        config = json.loads((model.folder / "config.json").read_text(encoding="utf-8"))
    except OSError:
        raise ModelDamaged(f"{title} has no readable config.json.", REINSTALL) from None
    except ValueError:
        raise ModelDamaged(f"The config.json of {title} is not valid JSON.", REINSTALL) from None
    if not isinstance(config, dict):
        raise ModelDamaged(f"The config.json of {title} holds no settings.", REINSTALL)
    if "auto_map" in config:
        raise ModelRefused(
            f"{title} wants to run code of its own, which Twofold never allows.",
            "Choose a model that the library knows by itself.",
        )
    stated = config.get("architectures") or ["(none)"]
    if not set(stated) & set(architectures):
        raise WrongModel(
            f"{title} is of the architecture {stated[0]}; {' or '.join(architectures)} is needed.",
            "Name another model in the recipe, or correct the model's entry in its manifest.",
        )


def check_tokenizer(model: InstalledModel) -> None:
    """Raises ModelDamaged when no file holds the words of the model."""
    if not any((model.folder / name).is_file() for name in TOKENIZERS):
        raise ModelDamaged(f"{model.spec.title} has no tokenizer.", REINSTALL)


def count_elements(model: InstalledModel) -> int:
    """How many numbers the weights hold, from the headers of the safetensors files.

    Raises ModelRefused when there are pickled weights only, ModelDamaged when there are none or
    a file is cut short.
    """
    weights = [path for name, path in model.files.items() if name.endswith(".safetensors")]
    if not weights:
        if any(name.endswith((".bin", ".pt", ".pth", ".ckpt")) for name in model.files):
            raise ModelRefused(
                f"The weights of {model.spec.title} are pickled, a format that can carry code.",
                "Use a copy of the model in the safetensors format.",
            )
        raise ModelDamaged(f"{model.spec.title} has no weights.", REINSTALL)
    try:
        return sum(_elements(path) for path in weights)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, struct.error):
        raise ModelDamaged(
            f"A file of weights of {model.spec.title} is missing, damaged or cut short.", REINSTALL
        ) from None


def _elements(path: Path) -> int:
    """https://huggingface.co/docs/safetensors: eight bytes of length, then JSON, then the data."""
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        if length > LONGEST_HEADER:
            raise ValueError(length)
        header = json.loads(file.read(length))
    header.pop("__metadata__", None)
    end = max((entry["data_offsets"][1] for entry in header.values()), default=0)
    if path.stat().st_size < 8 + length + end:
        raise ValueError(end)
    return sum(prod(entry["shape"]) for entry in header.values())
