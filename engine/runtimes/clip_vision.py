"""What a CLIP model wants of an image, as a shape to decode to and numbers to scale by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.errors import BadManifest, WrongModel
from engine.model import InstalledModel
from engine.pixels import Cut, PixelShape
from engine.runtimes.clip_config import ClipConfig

_CUTS = {"shortest": Cut.CROP, "squash": Cut.SQUASH, "longest": Cut.PAD}


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """value of a channel = scale * byte + shift, so that bytes become what the model saw."""

    shape: PixelShape
    scale: tuple[float, float, float]
    shift: tuple[float, float, float]


def preprocessing(model: InstalledModel, config: ClipConfig) -> Preprocessing:
    """Raises WrongModel, BadManifest."""
    from open_clip.transform import PreprocessCfg, merge_preprocess_dict

    stated = dict(config.preprocess)
    if config.tag:
        stated = _of_tag(model, config)
    size = config.architecture["vision_cfg"].get("image_size", 224)
    try:
        whole: Any = merge_preprocess_dict(PreprocessCfg(), {**stated, "size": size})
        height, width = (size, size) if isinstance(size, int) else map(int, size)
        mean, std = ([float(x) for x in whole[name]] for name in ("mean", "std"))
        shape = PixelShape(
            _CUTS[whole["resize_mode"]],
            width,
            height,
            "bilinear" if whole["interpolation"] == "bilinear" else "bicubic",
            (int(whole["fill_color"]),) * 3,
        )
        red, green, blue = (1 / (255 * s) for s in std)
        shift = tuple(-m / s for m, s in zip(mean, std, strict=True))
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        raise WrongModel(
            f"{model.spec.title} wants its images prepared in a way that Twofold does not know.",
            "Choose another model.",
        ) from None
    return Preprocessing(shape, (red, green, blue), (shift[0], shift[1], shift[2]))


def _of_tag(model: InstalledModel, config: ClipConfig) -> dict[str, Any]:
    from open_clip.pretrained import get_pretrained_cfg

    found: dict[str, Any] = get_pretrained_cfg(config.name, config.tag)
    if not found:
        raise BadManifest(
            f"The manifest says that {model.spec.title} is “{config.name}” / “{config.tag}”, which "
            "the installed open_clip does not know.",
            "Correct options.tag, or update open_clip.",
        )
    if bool(found.get("quick_gelu")) != bool(config.architecture.get("quick_gelu")):
        raise BadManifest(
            f"“{config.tag}” was trained with another activation than “{config.name}” has.",
            "Name the architecture whose name ends in -quickgelu, or the one that does not.",
        )
    return found
