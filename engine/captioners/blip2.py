"""BLIP-2 as a captioner: an image encoder, 32 queries, and a FLAN-T5 or OPT that writes."""

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

ARCHITECTURES = ("Blip2ForConditionalGeneration",)
IMAGE = "<image>"  # token that stands for each query of the image in a question


def load(
    model: InstalledModel,
    options: CaptionOptions,
    seed: int,  # noqa: ARG001  draws nothing
    job: JobControl,
) -> Captioner:
    """See `engine.captioners.base.LoadCaptioner`."""
    loaded = transformers_model.load(
        model, ARCHITECTURES, "Blip2ForConditionalGeneration", "Blip2Processor", job
    )
    network, processor = loaded.network, loaded.processor
    # folders saved before processors placed the image tokens themselves do not state how many
    processor.num_query_tokens = network.config.num_query_tokens
    if network.config.image_token_id != processor.tokenizer.convert_tokens_to_ids(IMAGE):
        raise ModelDamaged(
            f"The settings of {model.spec.title} and its tokenizer disagree on where the image "
            "stands in a question.",
            "Install a newer revision of the model.",
        )
    decoder = not network.config.text_config.is_encoder_decoder
    asked = question(options)
    # a decoder such as OPT was never taught to follow instructions: it completes a dialogue
    prompt = f"Question: {asked} Answer:" if decoder else asked

    def prepare(images: list[Image.Image]) -> Any:
        return processor(images=images, text=[prompt] * len(images), return_tensors="pt")

    side = network.config.vision_config.image_size
    shape = PixelShape(Cut.SQUASH, side, side)
    return GeneratingCaptioner(loaded, prepare, shape, options, echoes=decoder)
