"""What captioners on transformers share: batches, halving, cancelling. Knows no architecture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PIL import Image

from engine.captioners.base import token_limit
from engine.captioners.odd_shapes import presentable
from engine.errors import Cancelled, NotEnoughMemory, TwofoldError
from engine.job import JobControl
from engine.pixels import Pixels, PixelShape
from engine.recipe import CaptionOptions
from engine.runtimes.device import empty_cache, is_out_of_memory
from engine.runtimes.transformers_model import LoadedModel, failed

#: at most so many images at a time: writing is bound by reading the weights, so that a batch is
#: nearly free until the arithmetic takes as long; that comes later on a card
CARD_BATCH = 32
CPU_BATCH = 32

Prepare = Callable[[list[Image.Image]], Any]  # images -> BatchFeature with `input_ids`


class GeneratingCaptioner:
    """A captioner around one loaded network; see `engine.captioners.base.Captioner`.

    prepare: makes the network's input of images. echoes: whether the network's answer begins
    with its input, as decoders' do.
    """

    def __init__(
        self,
        loaded: LoadedModel,
        prepare: Prepare,
        shape: PixelShape,
        options: CaptionOptions,
        *,
        echoes: bool,
    ) -> None:
        self._loaded = loaded
        self._prepare: Prepare | None = prepare
        self._shape = shape
        self._echoes = echoes
        self._batch = options.batch or _fitting(loaded, prepare, shape, options)
        self._remarks: tuple[str, ...] = ()
        self._limits = {"num_beams": options.beams, "max_new_tokens": token_limit(options)}

    @property
    def shape(self) -> PixelShape:
        return self._shape

    @property
    def batch(self) -> int:
        return self._batch

    @property
    def device(self) -> str:
        return self._loaded.device

    @property
    def precision(self) -> str:
        return self._loaded.precision

    @property
    def remarks(self) -> tuple[str, ...]:
        return self._loaded.remarks + self._remarks

    def peak_bytes(self) -> int:
        return self._loaded.peak_bytes()

    def close(self) -> None:
        self._prepare = None  # it holds the processor
        self._loaded.close()

    def caption(self, images: Sequence[Pixels], job: JobControl) -> list[str]:
        """See the role."""
        captions: list[str] = []
        while len(captions) < len(images):
            job.check_cancelled()
            chosen = images[len(captions) : len(captions) + self._batch]
            found = self._try(chosen, job)
            if found is None:
                self._halve(len(chosen))
            else:
                captions += found
        return captions

    def _try(self, images: Sequence[Pixels], job: JobControl) -> list[str] | None:
        """None when memory ran out; the error and all it holds are gone by then."""
        try:
            return self._describe(images, job)
        except (Cancelled, TwofoldError):
            raise
        except Exception as error:
            if is_out_of_memory(error):
                return None
            raise failed(self._loaded.title, "described images", error) from error

    def _halve(self, tried: int) -> None:
        empty_cache()
        if tried <= 1:
            raise NotEnoughMemory(
                f"{self._loaded.title} ran out of memory while it described a single image.",
                "Set captions.beams to 1, ask for short captions, or name a smaller captioner.",
            )
        self._batch = tried // 2
        self._remarks = (
            f"For want of memory, images were described {self._batch} at a time instead of more.",
        )

    def _describe(self, images: Sequence[Pixels], job: JobControl) -> list[str]:
        import torch

        assert self._prepare is not None
        loaded = self._loaded
        inputs = self._prepare([_picture(image) for image in images])
        inputs = inputs.to(loaded.input_device, dtype=loaded.dtype)
        with torch.inference_mode(), loaded.stopping(job):
            tokens = loaded.network.generate(**inputs, do_sample=False, **self._limits)
        if self._echoes:
            tokens = tokens[:, inputs["input_ids"].shape[1] :]
        decoded = loaded.processor.tokenizer.batch_decode(tokens, skip_special_tokens=True)
        return [str(text) for text in decoded]


def _fitting(
    loaded: LoadedModel, prepare: Prepare, shape: PixelShape, options: CaptionOptions
) -> int:
    """The batch for which memory suffices even if all images are of the largest shape."""
    largest = Image.new("RGB", (shape.width_px, shape.height_px), "grey")
    try:
        asked = int(prepare([largest])["input_ids"].shape[1])
    except Exception as error:
        raise failed(loaded.title, "prepared an image", error) from error
    most = CPU_BATCH if loaded.input_device.type == "cpu" else CARD_BATCH
    return loaded.texts_at_a_time((asked + token_limit(options)) * options.beams, most)


def _picture(pixels: Pixels) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(presentable(pixels)))
