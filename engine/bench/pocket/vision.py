"""The eyes that all pocket models share: a vision transformer that learns to name attributes.

It is open_clip's, so that the CLIP model takes it as it is; BLIP-2 and LLaVA get the same weights
under their own names (`eyes_of_blip2`, `eyes_of_vit`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engine.bench.pocket.scenes import DIMENSIONS, SIDE_PX, UNSEEN, Scenes
from engine.bench.pocket.training import Say, train
from engine.bench.rendered.world import VALUES, Dimension, Place

if TYPE_CHECKING:
    import torch

__all__ = [
    "HEADS",
    "LAYERS",
    "PATCH_PX",
    "VISION",
    "WIDTH",
    "accuracy",
    "batch",
    "eyes",
    "naming",
    "normalised",
    "train_eyes",
]

WIDTH, LAYERS, HEADS, PATCH_PX = 128, 5, 4, 8
EMBED = 128
#: as open_clip's configuration of the vision part has it
VISION: dict[str, Any] = {
    "image_size": SIDE_PX,
    "patch_size": PATCH_PX,
    "width": WIDTH,
    "layers": LAYERS,
    "head_width": WIDTH // HEADS,
    "no_ln_pre": True,
    "output_tokens": False,
}
MEAN = DEVIATION = 0.5  # of every channel

_SEED = 1
_PLACE = DIMENSIONS.index(Dimension.PLACE)
_LEFT, _RIGHT = (VALUES[Dimension.PLACE].index(p) for p in (Place.LEFT, Place.RIGHT))


def eyes() -> Any:
    """An untrained vision transformer of open_clip."""
    import torch
    from open_clip.transformer import VisionTransformer

    torch.manual_seed(_SEED)
    return VisionTransformer(
        image_size=SIDE_PX,
        patch_size=PATCH_PX,
        width=WIDTH,
        layers=LAYERS,
        heads=HEADS,
        mlp_ratio=4.0,
        output_dim=EMBED,
        no_ln_pre=True,
        output_tokens=False,
    )


def normalised(pixels: npt.NDArray[np.uint8]) -> torch.Tensor:
    """(n, side, side, 3) uint8 to (n, 3, side, side), -1 … 1."""
    import torch

    images = torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2).float()
    return (images / 255.0 - MEAN) / DEVIATION


def batch(
    scenes: Scenes, rows: npt.NDArray[np.intp], rng: np.random.Generator
) -> tuple[torch.Tensor, npt.NDArray[np.int8]]:
    """Images and codes of some scenes, half of them mirrored, a little brighter or darker."""
    import torch

    pixels, codes = scenes.pixels[rows], scenes.codes[rows].copy()
    mirrored = rng.random(len(rows)) < 0.5
    pixels[mirrored] = pixels[mirrored, :, ::-1]
    place = codes[mirrored, _PLACE]
    codes[mirrored, _PLACE] = np.select([place == _LEFT, place == _RIGHT], [_RIGHT, _LEFT], place)
    images = normalised(pixels)
    gain = torch.from_numpy(rng.uniform(0.92, 1.08, (len(rows), 1, 1, 1)).astype(np.float32))
    shift = torch.from_numpy(rng.uniform(-0.06, 0.06, (len(rows), 1, 1, 1)).astype(np.float32))
    return images * gain + shift, codes


def features(eyes: Any, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The class token (n, width) and the patches (n, patches, width), after the last norm."""
    hidden = eyes.ln_post(eyes.transformer(eyes._embeds(images)))
    return hidden[:, 0], hidden[:, 1:]


def naming() -> torch.nn.Module:
    """A linear reading of every dimension from the eyes; only used in training."""
    import torch

    return torch.nn.Linear(2 * WIDTH, sum(len(VALUES[d]) for d in DIMENSIONS))


def read_names(heads: torch.nn.Module, seen: torch.Tensor, patches: torch.Tensor) -> Any:
    """Scores of the values, one tensor a dimension."""
    import torch

    scores = heads(torch.cat([seen, patches.mean(dim=1)], dim=-1))
    return scores.split([len(VALUES[d]) for d in DIMENSIONS], dim=-1)


def naming_loss(scores: Any, codes: npt.NDArray[np.int8]) -> torch.Tensor:
    import torch

    wanted = torch.from_numpy(codes).long()
    losses = [
        torch.nn.functional.cross_entropy(score, wanted[:, k], ignore_index=UNSEEN, reduction="sum")
        / max(1, int((wanted[:, k] != UNSEEN).sum()))
        for k, score in enumerate(scores)
    ]
    return torch.stack(losses).mean()


def train_eyes(scenes: Scenes, work: Path, say: Say, *, steps: int, size: int = 64) -> Any:
    """Returns (eyes, heads), trained. size: of a batch."""
    import torch

    module = torch.nn.ModuleDict({"eyes": eyes(), "heads": naming()})

    def loss_of(step: int) -> torch.Tensor:
        rng = np.random.default_rng([_SEED, step])
        images, codes = batch(scenes, rng.integers(len(scenes), size=size), rng)
        scores = read_names(module["heads"], *features(module["eyes"], images))
        return naming_loss(scores, codes)

    train(module, loss_of, steps=steps, rate=1e-3, checkpoint=work / "eyes.pt", say=say)
    return module["eyes"], module["heads"]


def accuracy(eyes: Any, heads: Any, scenes: Scenes) -> dict[Dimension, float]:
    """The share of seen values that are named right."""
    import torch

    found: list[list[torch.Tensor]] = [[] for _ in DIMENSIONS]
    with torch.inference_mode():
        for first in range(0, len(scenes), 500):
            images = normalised(scenes.pixels[first : first + 500])
            for k, score in enumerate(read_names(heads, *features(eyes, images))):
                found[k].append(score.argmax(dim=-1))
    shares = {}
    for k, dimension in enumerate(DIMENSIONS):
        said, true = torch.cat(found[k]).numpy(), scenes.codes[:, k]
        seen = true != UNSEEN
        shares[dimension] = float((said[seen] == true[seen]).mean())
    return shares
