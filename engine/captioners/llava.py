"""LLaVA as a captioner, and its relatives LLaVA-NeXT and LLaVA-OneVision."""

from __future__ import annotations

from typing import Any

from PIL import Image

from engine.captioners.base import Captioner, question
from engine.captioners.generating import GeneratingCaptioner
from engine.errors import ModelDamaged
from engine.job import JobControl
from engine.model import InstalledModel
from engine.pixels import Cut, PixelShape
from engine.recipe import CaptionOptions
from engine.runtimes import transformers_model

ARCHITECTURES = (
    "LlavaForConditionalGeneration",
    "LlavaNextForConditionalGeneration",
    "LlavaOnevisionForConditionalGeneration",
)
LONGEST_PX = 1024  # the relatives look at tiles of up to about this much; the first one at 336


def load(
    model: InstalledModel,
    options: CaptionOptions,
    seed: int,  # noqa: ARG001  draws nothing
    job: JobControl,
) -> Captioner:
    """See `engine.captioners.base.LoadCaptioner`."""
    loaded = transformers_model.load(
        model, ARCHITECTURES, "AutoModelForImageTextToText", "AutoProcessor", job
    )
    processor = loaded.processor
    if not processor.chat_template:
        raise ModelDamaged(
            f"{model.spec.title} brings no chat template, so it cannot be asked anything.",
            "Install it again, from a repository whose files include the template.",
        )
    tokenizer = processor.tokenizer
    # images of different shapes make prompts of different length: filled on the left, each one
    # is continued where it ends, and a batch says what its images would say alone
    tokenizer.padding_side = "left"
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    asked = question(options)

    def prepare(images: list[Image.Image]) -> Any:
        return processor.apply_chat_template(
            [_asked_about(image, asked) for image in images],
            add_generation_prompt=True,
            tokenize=True,
            return_dict=True,
            return_tensors="pt",
            processor_kwargs={"padding": True},
        )

    shape = PixelShape(Cut.FIT, LONGEST_PX, LONGEST_PX)
    return GeneratingCaptioner(loaded, prepare, shape, options, echoes=True)


def _asked_about(image: Image.Image, asked: str) -> list[dict[str, Any]]:
    content = [{"type": "image", "image": image}, {"type": "text", "text": asked}]
    return [{"role": "user", "content": content}]
