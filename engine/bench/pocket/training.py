"""One training loop for all pocket models: seeded by step, written down as it goes, restartable."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

__all__ = ["Say", "train"]

Say = Callable[[str], None]

_SAVE_EVERY_S = 120.0
_SAY_EVERY_S = 30.0
_CLIP = 1.0  # largest norm of a gradient
_DECAY = 0.05
_WARM_UP = 0.04  # of all steps


def train(
    module: torch.nn.Module,
    loss_of: Callable[[int], torch.Tensor],
    *,
    steps: int,
    rate: float,
    checkpoint: Path,
    say: Say,
) -> None:
    """Takes `steps` steps of AdamW, warmed up and cooled down to zero along a cosine.

    loss_of: of the batch of a step, which must follow from its number alone. checkpoint: where
    training goes on if it exists; a finished one is only read. A run that was interrupted gives
    the same weights as one that was not, on the same machine.
    """
    import torch

    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    grouped = {
        decay: [p for p in module.parameters() if p.requires_grad and (p.ndim > 1) == decay]
        for decay in (True, False)
    }
    optimizer = torch.optim.AdamW(
        [
            {"params": grouped[True], "weight_decay": _DECAY},
            {"params": grouped[False], "weight_decay": 0.0},
        ],
        lr=rate,
        betas=(0.9, 0.98),
    )
    first = 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        module.load_state_dict(saved["module"])
        if saved["step"] >= steps:
            return
        optimizer.load_state_dict(saved["optimizer"])
        first = saved["step"]

    def save(step: int) -> None:
        part = checkpoint.with_suffix(".part")
        state = {"module": module.state_dict(), "optimizer": optimizer.state_dict(), "step": step}
        torch.save(state, part)
        part.replace(checkpoint)

    module.train()
    progress = _Progress(checkpoint.stem, first, steps, say)
    saved_at = time.monotonic()
    step = first
    try:
        while step < steps:
            for group in optimizer.param_groups:
                group["lr"] = rate * _share(step / steps)
            loss = loss_of(step)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(module.parameters(), _CLIP)
            optimizer.step()
            step += 1
            progress.add(step, float(loss.detach()))
            if time.monotonic() - saved_at > _SAVE_EVERY_S:
                save(step)
                saved_at = time.monotonic()
    finally:  # also when it is interrupted between two steps
        save(step)
    module.eval()


class _Progress:
    """Says now and then how far a training is, how wrong, and how long it may still take."""

    def __init__(self, name: str, first: int, steps: int, say: Say) -> None:
        self._name, self._first, self._steps, self._say = name, first, steps, say
        self._begun = self._said = time.monotonic()
        self._losses: list[float] = []

    def add(self, step: int, loss: float) -> None:
        self._losses.append(loss)
        now = time.monotonic()
        if now - self._said < _SAY_EVERY_S and step < self._steps:
            return
        left = (now - self._begun) / (step - self._first) * (self._steps - step) / 60.0
        mean = sum(self._losses) / len(self._losses)
        self._say(
            f"{self._name}: step {step} of {self._steps}, loss {mean:.4f}, {left:.0f} min left"
        )
        self._said = now
        self._losses.clear()


def _share(done: float) -> float:
    """Of the largest rate, after this share of the steps."""
    if done < _WARM_UP:
        return (done + 1e-3) / _WARM_UP
    return 0.5 * (1.0 + math.cos(math.pi * (done - _WARM_UP) / (1.0 - _WARM_UP)))
