"""Captions through Twofold's captioning step, beside asking the same model about one image a time.

    python -m benchmarks.captions [--images 32] [--batch 32] [--tokens 40] [--beams 1] [--layers 9]
                                  [--rounds 3] [--precision float32] [--threads 1]

The model is a LLaVA with random weights whose language model has 17 million of them a layer, in
all too many for any cache of the processor, so that reading them decides how long a word takes, as
with real captioners. Its captions never end by themselves: every caption costs the same. What a
user would write, `generate` in a loop (over a quarter of the images); `generate` on whole batches;
and the product, with decoded images handed in, its clean-up and its cache, take turns in one
process; medians are printed. How much batches bring depends on how much faster the machine
computes than it reads memory: least on a single old core, most on a graphics card.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.captioners.base import question, token_limit
from engine.captioning import caption_rows
from engine.job import JobControl
from engine.model import InstalledModel, Loader
from engine.pixels import Pixels
from engine.recipe import CaptionOptions, Recipe
from engine.runtimes.device import devices
from engine.tools import Tools
from tests.contracts.captioner_contract import noise
from tests.fakes import tiny_captioners as tiny
from tests.fakes.image_tables import image_table
from tests.fakes.memory_tools import Captions, memory_tools

LANGUAGE = {
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "num_attention_heads": 16,
    "num_key_value_heads": 16,
}
PROMPT = "Describe it."


def bare(
    network: Any, processor: Any, images: Sequence[Pixels], size: int, options: CaptionOptions
) -> list[str]:
    """As the library's own pages show it, so many images at a time."""
    import torch
    from PIL import Image

    captions: list[str] = []
    for first in range(0, len(images), size):
        text = {"type": "text", "text": question(options)}
        inputs = processor.apply_chat_template(
            [
                [
                    {
                        "role": "user",
                        "content": [{"type": "image", "image": Image.fromarray(image)}, text],
                    }
                ]
                for image in images[first : first + size]
            ],
            add_generation_prompt=True,
            tokenize=True,
            return_dict=True,
            return_tensors="pt",
            processor_kwargs={"padding": True, "padding_side": "left"},
        ).to(network.device, dtype=network.dtype)
        with torch.inference_mode():
            tokens = network.generate(
                **inputs,
                do_sample=False,
                num_beams=options.beams,
                max_new_tokens=token_limit(options),
            )
        new = tokens[:, inputs["input_ids"].shape[1] :]
        captions += processor.tokenizer.batch_decode(new, skip_special_tokens=True)
    return captions


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def product(tools: Tools, images: Sequence[Pixels], options: CaptionOptions) -> None:
    """The step with an empty cache; its model stays loaded from round to round, as the bare one."""
    table = image_table(len(images), 0)
    recipe = Recipe(captions=options)
    fresh = replace(tools, captions=Captions())
    found = caption_rows(table, range(len(images)), recipe, fresh, 0, JobControl())
    assert len(found.captions) == len(images)
    assert found.reused == 0


def measure(model: InstalledModel, count: int, rounds: int, options: CaptionOptions) -> None:
    from transformers import AutoModelForImageTextToText, AutoProcessor

    images = [noise(48, 64, seed) for seed in range(count)]
    few = images[: max(1, count // 4)]
    network = AutoModelForImageTextToText.from_pretrained(model.folder, dtype="auto")
    network.to(devices()[0])
    processor = AutoProcessor.from_pretrained(model.folder)
    weights = sum(part.numel() * part.itemsize for part in network.parameters())
    tools = memory_tools(images, [model])
    bare(network, processor, few, 1, options)  # warms up
    product(tools, few, options)
    times = []
    for _ in range(rounds):
        one = seconds(lambda: bare(network, processor, few, 1, options)) / len(few)
        many = seconds(lambda: bare(network, processor, images, options.batch, options)) / count
        ours = seconds(lambda: product(tools, images, options)) / count
        times.append((one, many, ours))
    one, many, ours = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"{weights / 1e6:.0f} MB of weights, {count} images, {token_limit(options)} words each")
    print(f"generate, one image a time: {1 / one:6.2f} captions/s")
    print(f"generate, {options.batch} images a time:  {1 / many:6.2f} captions/s")
    print(f"Twofold, {options.batch} images a time:   {1 / ours:6.2f} captions/s")
    print(f"as fast as one by one:      {one / ours:.1f} ×")
    print(f"of the bare batches' speed: {many / ours:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--images", type=int, default=32)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--tokens", type=int, default=40)
    parser.add_argument("--beams", type=int, default=1)
    parser.add_argument("--layers", type=int, default=9)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--precision", default="float32")  # bfloat16 where a processor has it
    parser.add_argument("--threads", type=int, default=1)  # several wait for each other when shared
    given = parser.parse_args()
    import torch

    torch.set_num_threads(given.threads)
    options = CaptionOptions(
        model="llava",
        beams=given.beams,
        max_tokens=given.tokens,
        batch=given.batch,
        prompt=PROMPT,
    )
    language = LANGUAGE | {"num_hidden_layers": given.layers}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "llava"
        tiny.llava(folder, endless=True, language=language, precision=given.precision)
        model = tiny.installed(folder, Loader.LLAVA, cpu_precision=given.precision)
        measure(model, given.images, given.rounds, options)


if __name__ == "__main__":
    main()
