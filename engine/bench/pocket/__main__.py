"""Trains the pocket models and puts them where Twofold looks for them.

    python -m engine.bench.pocket                  everything that is not yet done
    python -m engine.bench.pocket --only clip      one model, and the eyes if they are missing

Everything follows from fixed seeds. What was begun and stopped goes on where it was: scenes and
checkpoints are kept in the work folder. On two processor cores it takes hours.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from engine.bench.pocket import blip2, clip, language, llava, vision
from engine.bench.pocket.entry import MANIFEST, write_entry
from engine.bench.pocket.scenes import SIDE_PX, Scenes, render
from engine.model import Loader, Role

BLOCKS = range(60)  # of training scenes
STEPS = {"eyes": 4_800, "clip": 1_500, "blip2": 1_700, "llava": 1_000, "llm": 1_900}
_PREPROCESSING = f"squashed to {SIDE_PX} × {SIDE_PX} pixels, bicubic"
MODELS = ("clip", "blip2", "llava", "llm")


@click.command(help=__doc__)
@click.option("--work", type=click.Path(path_type=Path), default=Path("build/pocket"))
@click.option("--only", type=click.Choice(MODELS), multiple=True)
@click.option("--threads", type=int, default=2, show_default=True)
@click.option("--export/--no-export", default=True, help="Write the models and their entries.")
def main(work: Path, only: tuple[str, ...], threads: int, *, export: bool) -> None:
    import torch

    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    chosen = only or MODELS
    if set(chosen) - {"llm"}:
        scenes = render(work / "scenes", BLOCKS)
        seeing, heads = vision.train_eyes(scenes, work, _say, steps=STEPS["eyes"])
        for name in chosen:
            if name in _SEEING:
                _SEEING[name](seeing, heads, scenes, work)
    if "llm" in chosen:
        language.train_language(work, _say, steps=STEPS["llm"])
    if export:
        for name in chosen:
            _EXPORTS[name](work, MANIFEST / "pocket" / f"pocket-{name}")


def _say(text: str) -> None:
    click.echo(f"{time.strftime('%H:%M:%S')} {text}")


def _clip(seeing: Any, heads: Any, scenes: Scenes, work: Path) -> None:
    clip.train_clip(seeing, heads, scenes, work, _say, steps=STEPS["clip"])


def _blip2(seeing: Any, _: Any, scenes: Scenes, work: Path) -> None:
    blip2.train_blip2(work, seeing, scenes, _say, steps=STEPS["blip2"])


def _llava(seeing: Any, _: Any, scenes: Scenes, work: Path) -> None:
    llava.train_llava(work, seeing, scenes, _say, steps=STEPS["llava"])


def _export_clip(work: Path, folder: Path) -> None:
    clip.export_clip(work, folder)
    _entry(folder, "CLIP", Role.RANKER, Loader.OPEN_CLIP, context=clip.CONTEXT)


def _export_blip2(work: Path, folder: Path) -> None:
    blip2.export_blip2(work, folder)
    _entry(folder, "BLIP-2", Role.CAPTIONER, Loader.BLIP2)


def _export_llava(work: Path, folder: Path) -> None:
    llava.export_llava(work, folder)
    _entry(folder, "LLaVA", Role.CAPTIONER, Loader.LLAVA)


def _export_llm(work: Path, folder: Path) -> None:
    language.export_language(work, folder)
    _entry(folder, "language model", Role.PROPOSER, Loader.GGUF, context=2048)


def _entry(folder: Path, title: str, role: Role, loader: Loader, *, context: int = 0) -> None:
    size = sum(path.stat().st_size for path in folder.iterdir())
    a_weight = 1.06 if loader is Loader.GGUF else 2.0  # bytes, eight bits in blocks or sixteen
    write_entry(
        folder.name,
        folder,
        title=title,
        roles=(role,),
        loader=loader,
        parameters=round(size / a_weight / 1e9, 4),
        context=context,
        preprocessing="" if role is Role.PROPOSER else _PREPROCESSING,
    )
    _say(f"{folder.name}: {size / 1e6:.1f} MB, described in its manifest entry")


_SEEING: dict[str, Callable[[Any, Any, Scenes, Path], None]] = {
    "clip": _clip,
    "blip2": _blip2,
    "llava": _llava,
}
_EXPORTS: dict[str, Callable[[Path, Path], None]] = {
    "clip": _export_clip,
    "blip2": _export_blip2,
    "llava": _export_llava,
    "llm": _export_llm,
}

if __name__ == "__main__":
    main()
