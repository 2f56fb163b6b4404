"""Any vision model in GGUF format with its projector as a captioner, through llama.cpp."""

from __future__ import annotations

from collections.abc import Sequence

from engine.captioners.base import Captioner, question, token_limit
from engine.captioners.odd_shapes import presentable
from engine.job import JobControl
from engine.model import InstalledModel
from engine.pixels import Cut, Pixels, PixelShape
from engine.recipe import CaptionOptions
from engine.runtimes import llama_chat
from engine.runtimes.llama_sampling import Sampler
from engine.runtimes.llama_vision import ImageEncoder
from engine.runtimes.llama_weights import Weights, load_weights, projector_file

CONTEXT = 6144  # tokens; models that cut an image into tiles take up to about 4,000 for it
LONGEST_PX = 768  # models that take any size see about 600 tokens of such an image
ONE_BEAM = "llama.cpp searches over one caption at a time; the recipe's captions.beams is not used."


def load(
    model: InstalledModel,
    options: CaptionOptions,
    seed: int,
    job: JobControl,
) -> Captioner:
    """See `engine.captioners.base.LoadCaptioner`."""
    projector = projector_file(model)
    weights = load_weights(model, CONTEXT, job)
    try:
        encoder = ImageEncoder(projector, weights, job)
    except BaseException:
        weights.close()
        raise
    return GgufVisionCaptioner(weights, encoder, options, seed)


class GgufVisionCaptioner:
    """Describes one image at a time; see `engine.captioners.base.Captioner`.

    Takes the likeliest words, without a search over several captions at once.
    """

    def __init__(
        self, weights: Weights, encoder: ImageEncoder, options: CaptionOptions, seed: int
    ) -> None:
        self._weights = weights
        self._encoder: ImageEncoder | None = encoder
        self._seed = seed
        self._limit = token_limit(options)
        self._before, self._after = llama_chat.around(
            weights.vocabulary, weights.layout, question(options)
        )
        self._encoder_bytes = encoder.peak_bytes
        self._remarks = weights.remarks + ((ONE_BEAM,) if options.beams > 1 else ())

    @property
    def shape(self) -> PixelShape:
        return PixelShape(Cut.FIT, LONGEST_PX, LONGEST_PX)

    @property
    def batch(self) -> int:
        return 1

    @property
    def device(self) -> str:
        return self._weights.device

    @property
    def precision(self) -> str:
        return self._weights.precision

    @property
    def remarks(self) -> tuple[str, ...]:
        return self._remarks

    def peak_bytes(self) -> int:
        return self._weights.peak_bytes() + self._encoder_bytes

    def close(self) -> None:
        if self._encoder is not None:
            self._encoder.close()
            self._encoder = None
            self._weights.close()

    def caption(self, images: Sequence[Pixels], job: JobControl) -> list[str]:
        """See the role."""
        return [self._describe(image, job) for image in images]

    def _describe(self, image: Pixels, job: JobControl) -> str:
        assert self._encoder is not None, "closed"
        context = self._weights.context
        context.forget()
        sampler = Sampler(
            self._weights.vocabulary.handle, self._weights.vocabulary.words, "", 0.0, self._seed
        )
        try:
            context.put(self._before, 0, job)
            behind = self._encoder.write(presentable(image), len(self._before), job)
            context.put(self._after, behind, job)
            room = context.size - behind - len(self._after)
            return self._weights.generate(
                sampler, min(self._limit, room), job, behind + len(self._after)
            )
        finally:
            sampler.close()
            context.forget()  # also after a wish to stop in the middle of an image
