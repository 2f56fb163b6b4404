"""Builds the network of a CLIP model and fills it from its file, without holding it twice.

The network is built without memory for its weights; each tensor is then read, brought to its
device and precision, and put in its place. So the peak is the model itself and one tensor more,
not the model in float32 and its copy. Encodes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import ModelDamaged, ModelMissing, ModelRefused, WrongModel
from engine.job import JobControl
from engine.model import InstalledModel
from engine.runtimes.clip_config import ClipConfig

if TYPE_CHECKING:
    import torch
    from torch import nn

WEIGHTS = "open_clip_model.safetensors"  # preferred where a folder holds several
_GROUP_BYTES = 256 * 1024**2  # read between openings: what a mapped file has read stays in memory

#: names in files from before the text part became a module of its own -> without "text."
_TEXT_PARTS = (
    "text_projection",
    "positional_embedding",
    "token_embedding",
    "transformer",
    "ln_final",
)


def weights_file(model: InstalledModel) -> Path:
    """The file with the weights. Raises ModelRefused, WrongModel."""
    found = {name: path for name, path in model.files.items() if name.endswith(".safetensors")}
    if WEIGHTS in found:
        return found[WEIGHTS]
    if len(found) == 1:
        return next(iter(found.values()))
    if not found and any(name.endswith((".bin", ".pt", ".pth")) for name in model.files):
        raise ModelRefused(
            f"The weights of {model.spec.title} are a pickle file, which could carry foreign code.",
            "Choose a repository that holds them as .safetensors, or import a converted copy.",
        )
    raise WrongModel(
        f"{model.spec.title} has {len(found) or 'no'} .safetensors files; one is needed.",
        f"Keep only the model's own weights, or name them {WEIGHTS}.",
    )


def build(model: InstalledModel, config: ClipConfig) -> nn.Module:
    """The network with its buffers, and with weights that have shapes but no memory yet.

    Raises WrongModel when the installed open_clip cannot make such an architecture.
    """
    from accelerate import init_empty_weights
    from open_clip.model import CLIP, CustomTextCLIP

    stated = dict(config.architecture)
    separate_text = bool(stated.pop("custom_text", False))
    stated["vision_cfg"] = {**stated["vision_cfg"], "timm_model_pretrained": False}
    kind = CustomTextCLIP if separate_text else CLIP
    try:
        with init_empty_weights(include_buffers=False):
            network: nn.Module = kind(**stated)
    except Exception as error:
        raise WrongModel(
            f"The installed open_clip cannot make the architecture of {model.spec.title} "
            f"({type(error).__name__}).",
            "Update open_clip, or choose another model.",
        ) from error
    return network


def fill(
    network: nn.Module,
    model: InstalledModel,
    path: Path,
    device: torch.device,
    dtype: torch.dtype,
    job: JobControl,
) -> None:
    """Puts the weights in their places, on a device and in a precision, ready to encode.

    Every weight must be there, in its shape, and none beside them: WrongModel else. Raises
    ModelDamaged, ModelMissing, Cancelled.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            shapes = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
        places = _places(network, model, shapes)
        weights: dict[str, torch.Tensor] = {}
        for group in _groups(places, shapes):
            with safe_open(path, "pt") as file:
                for place, name in group:
                    job.check_cancelled()
                    tensor = file.get_tensor(name)
                    wanted = dtype if tensor.is_floating_point() else tensor.dtype
                    weights[place] = tensor.to(device, wanted, copy=True)
    except FileNotFoundError:
        raise ModelMissing(
            f"“{path.name}” of {model.spec.title} is gone.", "Install the model again."
        ) from None
    except (SafetensorError, OSError) as error:
        raise ModelDamaged(
            f"“{path.name}” of {model.spec.title} is damaged or cut short.",
            "Install the model again.",
        ) from error
    _put(network, weights, device, dtype)


def _places(
    network: nn.Module, model: InstalledModel, shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, str]:
    """name in the network -> name in the file. Raises WrongModel."""
    wanted = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    prefix = "module." if all(name.startswith("module.") for name in shapes) else ""
    old_text = prefix + "positional_embedding" in shapes and "positional_embedding" not in wanted
    found: dict[str, str] = {}
    for name in shapes:
        place = name.removeprefix(prefix)
        found[f"text.{place}" if old_text and place.startswith(_TEXT_PARTS) else place] = name
    missing = wanted.keys() - found.keys() - {"logit_bias"}  # it shifts no cosine
    strange = found.keys() - wanted.keys()
    if missing or strange:
        example = min(missing or strange)
        raise WrongModel(
            f"The weights are not those of the architecture that {model.spec.title} names: "
            f"{len(missing)} are missing and {len(strange)} too many, such as “{example}”.",
            "Install the model again, or correct its architecture.",
        )
    for place, name in found.items():
        if wanted[place] != shapes[name] and place not in ("logit_scale", "logit_bias"):
            raise WrongModel(
                f"The weights are not those of the architecture that {model.spec.title} names: "
                f"“{place}” has the shape {shapes[name]} instead of {wanted[place]}.",
                "Install the model again, or correct its architecture.",
            )
    return found


def _groups(
    places: Mapping[str, str], shapes: Mapping[str, tuple[int, ...]]
) -> list[list[tuple[str, str]]]:
    """(name in the network, name in the file), together about _GROUP_BYTES of float32."""
    groups: list[list[tuple[str, str]]] = [[]]
    size = 0
    for place, name in places.items():
        numbers = 4
        for side in shapes[name]:
            numbers *= side
        if groups[-1] and size + numbers > _GROUP_BYTES:
            groups.append([])
            size = 0
        groups[-1].append((place, name))
        size += numbers
    return groups


def _put(network: Any, weights: dict[str, Any], device: torch.device, dtype: torch.dtype) -> None:
    import torch

    for name in ("logit_scale", "logit_bias"):  # of one number, written as () or as (1,)
        own = getattr(network, name)
        if own is None:
            continue
        given = weights.get(name, torch.zeros((), device=device, dtype=dtype))
        weights[name] = given.reshape(own.shape)
    network.load_state_dict(weights, strict=True, assign=True)
    network.to(device, dtype)  # what is no weight, such as masks, was made in main memory
    network.requires_grad_(requires_grad=False)
    network.eval()
