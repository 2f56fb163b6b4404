"""Trains the words of a captioner on frozen eyes, and writes finished models. Knows no family.

Besides answering, it learns to name the attributes of a scene in what the language model gets of
the image: that is one true label a dimension, where a caption is one word among many.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.bench.pocket.captioner_lessons import Lessons
from engine.bench.pocket.captioner_packing import Packed
from engine.bench.pocket.scenes import DIMENSIONS
from engine.bench.pocket.training import Say, train
from engine.bench.pocket.vision import WIDTH, naming_loss
from engine.bench.rendered.world import VALUES

if TYPE_CHECKING:
    import torch

__all__ = ["Read", "save", "train_captioner", "trained"]

RATE = 2e-3
_NAMING = 0.5  # weight of naming beside answering

#: of images and what is said about them: the last hidden states, (n, all, width), and what the
#: language model gets of the image to name each dimension by, (n, dimensions, width)
Read = Callable[["torch.Tensor", Packed], "tuple[torch.Tensor, torch.Tensor]"]


def train_captioner(
    network: Any,
    eyes: torch.nn.Module,
    lessons: Lessons,
    read: Read,
    *,
    steps: int,
    size: int,
    seed: int,
    checkpoint: Path,
    say: Say,
) -> None:
    """Trains all of the network but its eyes. size: images in a batch."""
    import torch

    for weights in eyes.parameters():
        weights.requires_grad_(False)
    naming = torch.nn.ModuleList(torch.nn.Linear(WIDTH, len(VALUES[d])) for d in DIMENSIONS)
    module = torch.nn.ModuleDict({"network": network, "naming": naming})
    _forget_other_eyes(module, eyes, checkpoint, say)

    def loss_of(step: int) -> torch.Tensor:
        images, codes, packed = lessons.batch(size, seed, step)
        hidden, told = read(images, packed)
        names = [name(told[:, k]) for k, name in enumerate(naming)]
        answers = packed.loss(hidden, network.get_output_embeddings())
        return answers + _NAMING * naming_loss(names, codes)

    train(module, loss_of, steps=steps, rate=RATE, checkpoint=checkpoint, say=say)


def _forget_other_eyes(
    module: torch.nn.Module, eyes: torch.nn.Module, checkpoint: Path, say: Say
) -> None:
    """Training begins anew when the eyes are not those that the checkpoint was trained with."""
    import torch

    if not checkpoint.exists():
        return
    (prefix,) = (f"{name}." for name, part in module.named_modules() if part is eyes)
    saved = torch.load(checkpoint, weights_only=True)["module"]
    for name, weights in eyes.state_dict().items():
        if not torch.equal(saved[prefix + name], weights):
            say(f"{checkpoint.stem}: the eyes have changed, training begins anew")
            checkpoint.unlink()
            return


def trained(checkpoint: Path) -> tuple[dict[str, Any], int]:
    """The weights of a network, and after how many steps they were kept."""
    import torch

    saved = torch.load(checkpoint, weights_only=True)
    weights = {
        name.removeprefix("network."): value
        for name, value in saved["module"].items()
        if name.startswith("network.")
    }
    return weights, int(saved["step"])


def save(network: Any, processor: Any, folder: Path) -> None:
    """As real models are saved, in half precision."""
    folder.mkdir(parents=True, exist_ok=True)
    network.eval().half().save_pretrained(folder)
    processor.save_pretrained(folder)
    for path in folder.iterdir():
        path.chmod(0o644)  # weights come readable for their owner only
