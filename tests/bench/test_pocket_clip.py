"""The pocket ranker: taught the truth, restartable, and read by the product's own loader."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("open_clip")

from engine.bench.pocket import clip, clip_card, vision  # noqa: E402
from engine.bench.pocket.phrases import phrase_of, truth  # noqa: E402
from engine.bench.pocket.scenes import Scenes, draw, scenes_of  # noqa: E402
from engine.bench.pocket.training import train  # noqa: E402
from engine.bench.rendered.reading import holds, read  # noqa: E402
from engine.bench.rendered.scene import visible  # noqa: E402
from engine.bench.rendered.world import Dimension  # noqa: E402
from engine.job import JobControl  # noqa: E402
from engine.recipe import ClipOptions  # noqa: E402
from engine.runtimes import clip_model  # noqa: E402
from tests.fakes.tiny_clip import installed  # noqa: E402


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def scenes() -> Scenes:
    return draw(scenes_of(970)[:60])


def silent(_: str) -> None:
    """Training says how far it is; nobody listens here."""


class TestWhatIsTaught:
    def test_phrases_are_true_and_can_be_seen(self) -> None:
        rng = np.random.default_rng(0)
        for scene in scenes_of(971)[:400]:
            reading = read(phrase_of(scene, rng))
            assert reading.claims
            assert holds(reading, scene)
            assert all(
                visible(scene, claim.dimension) or claim.dimension is Dimension.OTHER
                for claim in reading.claims
                if not claim.second
            )

    def test_truth_of_many_is_the_truth_of_each(self, scenes: Scenes) -> None:
        rng = np.random.default_rng(1)
        phrases = [phrase_of(scene, rng) for scene in scenes.scenes]
        rows = np.arange(len(scenes))
        true, known = truth(phrases, scenes, rows, scenes.codes)
        each = np.array([[holds(phrase, scene) for scene in scenes.scenes] for phrase in phrases])
        assert np.array_equal(true[known], each[known])
        assert known.mean() > 0.9

    def test_a_mirrored_picture_has_left_and_right_exchanged(self, scenes: Scenes) -> None:
        left = "on the left"
        rows = np.array([k for k, s in enumerate(scenes.scenes) if holds(left, s)])
        assert rows.size
        for seed in range(4):
            images, codes = vision.batch(scenes, rows, np.random.default_rng(seed))
            there, _ = truth([left], scenes, rows, codes)
            plain = vision.normalised(scenes.pixels[rows])
            for k in range(len(rows)):
                apart = [(images[k] - p).abs().mean() for p in (plain[k], plain[k].flip(-1))]
                assert there[0, k] == (apart[0] < apart[1])


class TestTraining:
    def test_stopped_and_begun_again_gives_the_same_model(
        self, scenes: Scenes, tmp_path: Path
    ) -> None:
        def taught(checkpoint: Path, stop_at: int = -1) -> torch.nn.Module:
            torch.manual_seed(0)
            module = torch.nn.ModuleDict({"eyes": vision.eyes(), "heads": vision.naming()})

            def loss_of(step: int) -> torch.Tensor:
                if step == stop_at:
                    raise KeyboardInterrupt
                rng = np.random.default_rng(step)
                images, codes = vision.batch(scenes, rng.integers(len(scenes), size=8), rng)
                seen = vision.features(module["eyes"], images)
                return vision.naming_loss(vision.read_names(module["heads"], *seen), codes)

            train(module, loss_of, steps=4, rate=1e-3, checkpoint=checkpoint, say=silent)
            return module

        whole = taught(tmp_path / "whole.pt")
        with pytest.raises(KeyboardInterrupt):
            taught(tmp_path / "parts.pt", stop_at=2)
        again = taught(tmp_path / "parts.pt")
        for one, other in zip(whole.parameters(), again.parameters(), strict=True):
            assert torch.equal(one, other)

    def test_the_product_reads_what_was_trained(self, scenes: Scenes, tmp_path: Path) -> None:
        work, folder = tmp_path / "work", tmp_path / "pocket-clip"
        eyes, heads = vision.eyes(), vision.naming()
        network = clip.train_clip(eyes, heads, scenes, work, silent, steps=2, size=16)
        clip.save_clip(clip.trained_clip(work), folder)
        model = clip_model.load(installed(folder), ClipOptions(), JobControl())
        try:
            assert (model.shape.width_px, model.shape.height_px) == (64, 64)
            pictured = model.encode_images(scenes.pixels[:12], JobControl()).astype(np.float32)
            written = model.encode_texts(["dogs", "Two red cars."], JobControl())
        finally:
            model.close()
        with torch.inference_mode():
            images = network.encode_image(vision.normalised(scenes.pixels[:12]), normalize=True)
            texts = network.encode_text(clip.tokens(["dogs", "two red cars"]), normalize=True)
        assert np.abs(pictured - images.numpy()).max() < 0.01  # kept in half precision
        assert np.abs(written - texts.numpy()).max() < 0.01

    def test_the_card_asks_for_every_value_that_captions_name(self) -> None:
        asked = clip_card.probes()
        for dimension in set(Dimension) - {Dimension.OTHER}:
            assert asked[dimension]
            for phrase in asked[dimension]:
                assert read(phrase).of(dimension), phrase
