"""The role of a captioner: one sentence, or a paragraph, about each image. Compares nothing.

What is asked of the images is decided here, so that every captioner is asked the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from engine.job import JobControl
from engine.model import InstalledModel
from engine.model_host import Resident
from engine.pixels import Pixels, PixelShape
from engine.recipe import CaptionOptions

VERSION = 1  # raised whenever the same model would be asked, or its answer read, differently

SHORT = "Say in one short sentence what this image shows."
DETAILED = (
    "Describe this image thoroughly in plain sentences: who or what is seen, what is going on, "
    "the surroundings, the light, the colours and the kind of picture it is."
)

SHORT_TOKENS = 30  # a sentence; more invites a model to go on when it has said all
DETAILED_TOKENS = 256  # a paragraph


class Captioner(Resident, Protocol):
    """A loaded model that describes images.

    A caption depends on the weights, the options and its image, not on which images share a
    batch (but for rounding in half precision). All captioners take the likeliest words and draw
    none at random. `remarks` says what went otherwise than usual.
    """

    @property
    def shape(self) -> PixelShape:
        """What it wants of each image; it also takes images of any other size."""
        ...

    @property
    def batch(self) -> int:
        """How many images it describes at a time now; smaller after memory ran out."""
        ...

    def caption(self, images: Sequence[Pixels], job: JobControl) -> list[str]:
        """What the model wrote about each image, in order, as it wrote it; [] for none.

        images: any number, each (height, width, 3) uint8; they are worked on `batch` at a time.
        Raises Cancelled within two seconds of a wish to stop, NotEnoughMemory when not even one
        image fits, ModelFailed when the library gives up.
        """
        ...


class LoadCaptioner(Protocol):
    """Makes a captioner from a model's files on this machine.

    seed: for libraries that want one although nothing is drawn. Raises WrongModel, ModelDamaged,
    ModelRefused, NotEnoughMemory, LibraryMissing or ModelFailed.
    """

    def __call__(
        self, model: InstalledModel, options: CaptionOptions, seed: int, job: JobControl
    ) -> Captioner: ...


def question(options: CaptionOptions) -> str:
    """What the captioner is asked about every image."""
    if options.prompt.strip():
        return options.prompt.strip()
    return DETAILED if options.length == "detailed" else SHORT


def token_limit(options: CaptionOptions) -> int:
    """New tokens a caption may have."""
    if options.max_tokens:
        return options.max_tokens
    return DETAILED_TOKENS if options.length == "detailed" else SHORT_TOKENS
