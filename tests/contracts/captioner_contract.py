"""What every captioner promises, whatever library stands behind it.

A test class of one captioner inherits these and says how models of its kind are made.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine import captioners
from engine.captioners.base import Captioner
from engine.errors import Cancelled
from engine.job import JobControl
from engine.model import InstalledModel
from engine.pixels import Pixels, PixelShape
from engine.recipe import CaptionOptions

CANCEL_WITHIN_S = 2.0


def load(model: InstalledModel, options: CaptionOptions, seed: int = 0) -> Captioner:
    return captioners.get(model)(model, options, seed, JobControl())


def noise(height: int, width: int, seed: int) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def odd_images() -> list[Pixels]:
    """One pixel, one pixel wide, one high, three wide, all grey, and read-only and strided."""
    strided = noise(60, 80, 5)[::2, ::-2]
    strided.flags.writeable = False
    return [
        noise(1, 1, 1),
        noise(700, 1, 2),
        noise(1, 700, 3),
        noise(48, 3, 4),
        np.full((40, 40, 3), 128, np.uint8),
        strided,
    ]


class CaptionerContract:
    #: few beams and words keep tiny models fast; batches of three leave a remainder
    options = CaptionOptions(beams=2, max_tokens=8, batch=3)

    @classmethod
    def make_model(cls, folder: Path, *, endless: bool = False) -> InstalledModel:
        """A tiny model of this captioner's kind; endless: its captions never end by themselves."""
        raise NotImplementedError

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls, tmp_path_factory: pytest.TempPathFactory) -> InstalledModel:
        return cls.make_model(tmp_path_factory.mktemp("captioner") / "model")

    @pytest.fixture(scope="class")
    @classmethod
    def captioner(cls, model: InstalledModel) -> Iterator[Captioner]:
        loaded = load(model, cls.options)
        yield loaded
        loaded.close()

    def test_says_what_it_is(self, captioner: Captioner) -> None:
        assert isinstance(captioner.shape, PixelShape)
        assert captioner.shape.width_px > 0
        assert captioner.batch >= 1
        assert captioner.device == "cpu"
        assert captioner.precision
        assert captioner.remarks == ()
        assert captioner.peak_bytes() >= 0

    def test_nothing_to_describe(self, captioner: Captioner) -> None:
        assert captioner.caption([], JobControl()) == []

    def test_order_is_kept(self, captioner: Captioner) -> None:
        images = [noise(40, 50, seed) for seed in range(5)]
        captions = captioner.caption(images, JobControl())
        assert len(set(captions)) > 1, "the images must lead to different captions"
        assert captioner.caption(images[::-1], JobControl()) == captions[::-1]

    def test_a_batch_says_what_its_images_say_alone(self, captioner: Captioner) -> None:
        images = [noise(40, 50, 0), noise(30, 90, 1), noise(90, 30, 2), noise(64, 64, 3)]
        alone = [captioner.caption([image], JobControl())[0] for image in images]
        assert captioner.caption(images, JobControl()) == alone

    def test_odd_images_harm_no_other(self, captioner: Captioner) -> None:
        plain = noise(40, 50, 0)
        images = [plain, *odd_images(), plain]
        captions = captioner.caption(images, JobControl())
        assert len(captions) == len(images)
        assert captions[0] == captions[-1] == captioner.caption([plain], JobControl())[0]

    def test_the_same_seed_gives_the_same_answer(
        self, model: InstalledModel, captioner: Captioner
    ) -> None:
        images = [noise(40, 50, seed) for seed in range(4)]
        again = load(model, self.options)
        try:
            assert again.caption(images, JobControl()) == captioner.caption(images, JobControl())
        finally:
            again.close()

    def test_a_cancelled_job_begins_nothing(self, captioner: Captioner) -> None:
        job = JobControl()
        job.cancel()
        with pytest.raises(Cancelled):
            captioner.caption([noise(40, 50, 0)], job)

    def test_stops_in_the_middle_of_a_long_caption(self, tmp_path: Path) -> None:
        model = self.make_model(tmp_path / "endless", endless=True)
        captioner = load(model, CaptionOptions(beams=2, max_tokens=2048, batch=2))
        images = [noise(40, 50, seed) for seed in range(4)]
        job = JobControl()
        cancelled_at = 0.0

        def cancel() -> None:
            nonlocal cancelled_at
            cancelled_at = time.monotonic()
            job.cancel()

        timer = threading.Timer(0.3, cancel)
        timer.start()
        try:
            with pytest.raises(Cancelled):
                captioner.caption(images, job)
            assert time.monotonic() - cancelled_at < CANCEL_WITHIN_S
        finally:
            timer.join()
            captioner.close()

    def test_closing_twice_does_no_harm(self, model: InstalledModel) -> None:
        captioner = load(model, self.options)
        captioner.close()
        captioner.close()
