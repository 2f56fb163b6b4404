"""The CLIP ranker: vectors kept and used again, images that vanish, phrasings, precision."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("open_clip")

from open_clip.transformer import VisionTransformer  # noqa: E402

from engine import rankers  # noqa: E402
from engine.errors import Cancelled, DiskFull, ModelMissing  # noqa: E402
from engine.image_table import ImageTable  # noqa: E402
from engine.job import JobControl  # noqa: E402
from engine.measurement import Catalogue  # noqa: E402
from engine.model import InstalledModel  # noqa: E402
from engine.rankers.base import Ranker, VectorRanker  # noqa: E402
from engine.rankers.clip import Clip  # noqa: E402
from engine.recipe import ClipOptions, Recipe  # noqa: E402
from engine.runtimes.clip_model import load  # noqa: E402
from engine.storage.vectors import Vectors  # noqa: E402
from engine.tools import Tools  # noqa: E402
from engine.vocabulary import Hypothesis  # noqa: E402
from tests.contracts.ranker_contract import (  # noqa: E402
    CANCEL_WITHIN_S,
    RankerContract,
    cancelled_within,
)
from tests.fakes.clip_words import hypothesis, pictures  # noqa: E402
from tests.fakes.image_tables import catalogue as catalogue_of  # noqa: E402
from tests.fakes.image_tables import image_table  # noqa: E402
from tests.fakes.memory_tools import memory_tools  # noqa: E402
from tests.fakes.tiny_clip import write_model  # noqa: E402

ROOT = Path(__file__).parents[2]
N_A, N_B = 7, 6
N = N_A + N_B
OPTIONS = ClipOptions(model="tiny-clip", batch=4)
TEXTS = ["a red dog", "people outside", "two cats"]


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> InstalledModel:
    return write_model(tmp_path_factory.mktemp("clip") / "model")


@pytest.fixture
def tools(model: InstalledModel, tmp_path: Path) -> Iterator[Tools]:
    vectors = Vectors(tmp_path / "vectors")
    made = replace(memory_tools(pictures(N), [model]), vectors=vectors)
    yield made
    made.host.close()
    vectors.close()


@pytest.fixture
def table() -> ImageTable:
    return image_table(N_A, N_B)


@pytest.fixture
def catalogue() -> Catalogue:
    return catalogue_of()


@pytest.fixture
def hypotheses() -> list[Hypothesis]:
    return [hypothesis(text) for text in TEXTS]


@pytest.fixture
def ranker(tools: Tools) -> Clip:
    return Clip(OPTIONS, tools)


def afresh(tools: Tools, images: Any = None, **others: Any) -> Tools:
    """A later run of the program: nothing loaded, but what is kept is there."""
    made = memory_tools(pictures(N) if images is None else images, tools.host.shelf.models.values())
    return replace(made, **{"answers": tools.answers, "vectors": tools.vectors, **others})


def by_hand(model: InstalledModel, images: list[np.ndarray], texts: list[str]) -> np.ndarray:
    clip = load(model, OPTIONS, JobControl(), [torch.device("cpu")])
    rows = clip.encode_images(np.stack(images), JobControl()).astype(np.float64)
    return np.asarray(clip.encode_texts(texts, JobControl()).astype(np.float64) @ rows.T)


class TestClip(RankerContract):
    """The contract of every ranker."""

    def test_embedding_stops_in_time(
        self,
        ranker: Clip,
        hypotheses: list[Hypothesis],
        table: ImageTable,
        catalogue: Catalogue,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        real = VisionTransformer.forward

        def slow(self: Any, pixels: Any) -> Any:
            time.sleep(1.0)
            return real(self, pixels)

        monkeypatch.setattr(VisionTransformer, "forward", slow)
        ranker.text_vectors(TEXTS, JobControl())  # loads the model
        seconds = cancelled_within(lambda job: ranker.score(hypotheses, table, catalogue, job))
        assert seconds < CANCEL_WITHIN_S


def test_it_is_the_ranker_that_recipes_call_clip(tools: Tools) -> None:
    ranker = rankers.get("clip", Recipe(clip=OPTIONS), tools)
    assert isinstance(ranker, VectorRanker)
    assert ranker.name == "clip"


def test_scores_are_cosines(
    ranker: Ranker, table: ImageTable, hypotheses: list[Hypothesis], model: InstalledModel
) -> None:
    scores = ranker.score(hypotheses, table, catalogue_of(), JobControl())
    assert np.abs(scores - by_hand(model, pictures(N), TEXTS)).max() < 1e-5


def test_a_vanished_image_costs_its_own_scores_only(
    tools: Tools, table: ImageTable, hypotheses: list[Hypothesis], model: InstalledModel
) -> None:
    images: list[Any] = pictures(N)
    images[2] = images[9] = None
    told: list[tuple[str, int, int]] = []
    job = JobControl(lambda *fact: told.append(fact))
    ranker = Clip(OPTIONS, afresh(tools, images))
    scores = ranker.score(hypotheses, table, catalogue_of(), job)
    assert np.flatnonzero(np.isnan(scores).any(axis=0)).tolist() == [2, 9]
    whole = by_hand(model, pictures(N), TEXTS)
    kept = [i for i in range(N_A + N_B) if i not in (2, 9)]
    assert np.abs(scores[:, kept] - whole[:, kept]).max() < 1e-5
    assert ("embed", N_A + N_B, N_A + N_B) in told
    # it is back: only it has to be read
    later = afresh(tools)
    again = Clip(OPTIONS, later).score(hypotheses, table, catalogue_of(), JobControl())
    assert not np.isnan(again).any()
    assert sorted(later.pixels.handed_out) == [2, 9]  # type: ignore[attr-defined]


def test_embed_counts_what_is_done_and_what_was_there(
    tools: Tools, table: ImageTable, tmp_path: Path
) -> None:
    ranker = Clip(OPTIONS, tools)
    first = ranker.embed(table, JobControl())
    again = ranker.embed(table, JobControl())
    assert (first.done, first.reused) == (N_A + N_B, 0)
    assert (again.done, again.reused) == (N_A + N_B, N_A + N_B)
    images: list[Any] = pictures(N)
    images[0] = None
    fresh = replace(afresh(tools, images), vectors=Vectors(tmp_path / "empty"))
    assert Clip(OPTIONS, fresh).embed(table, JobControl()).done == N_A + N_B - 1


def test_the_same_content_is_embedded_once(tools: Tools, table: ImageTable) -> None:
    copies = [*table.images]
    copies[8] = copies[1]
    doubled = replace(table, images=copies)
    images = pictures(N)
    images[8] = images[1]
    used = afresh(tools, images)
    scores = Clip(OPTIONS, used).score([hypothesis("a")], doubled, catalogue_of(), JobControl())
    assert scores[0, 8] == scores[0, 1]
    assert 8 not in used.pixels.handed_out  # type: ignore[attr-defined]


def test_progress_never_falls_and_ends_at_the_end(tools: Tools, table: ImageTable) -> None:
    told: list[tuple[str, int, int]] = []
    Clip(OPTIONS, tools).embed(table, JobControl(lambda *fact: told.append(fact)))
    steps = [done for stage, done, _ in told if stage == "embed"]
    assert steps == sorted(steps)
    assert steps[-1] == N_A + N_B
    assert len(set(steps)) >= 4, "each batch is reported"


def test_a_second_run_loads_no_model_and_not_even_torch(
    tmp_path: Path, model: InstalledModel
) -> None:
    """In processes of their own, over the real store."""
    script = f"""
import sys
from dataclasses import replace
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from engine.job import JobControl
from engine.rankers.clip import Clip
from engine.recipe import ClipOptions
from engine.storage.paths import data_place
from engine.storage.store import Store
from tests.fakes.image_tables import catalogue, image_table
from tests.fakes.memory_tools import memory_tools
from tests.fakes.tiny_clip import installed
from tests.fakes.clip_words import hypothesis, pictures
model = installed(Path({str(model.folder)!r}))
with data_place(Path({str(tmp_path)!r})) as place, Store.open(place) as store:
    made = memory_tools(pictures(13), [model])
    tools = replace(made, answers=store.answers, vectors=store.vectors)
    ranker = Clip(ClipOptions(model="tiny-clip"), tools)
    hypotheses = [hypothesis(text) for text in ("a red dog", "two cats")]
    scores = ranker.score(hypotheses, image_table(7, 6), catalogue(), JobControl())
    print(len(tools.host.uses), "torch" in sys.modules, scores.tobytes().hex())
"""

    def run() -> list[str]:
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    first, second = run(), run()
    assert first[:2] == ["1", "True"]
    assert second[:2] == ["0", "False"]
    assert second[2] == first[2], "the same answer to the last bit"


def test_a_run_that_is_stopped_goes_on_where_it_was(tools: Tools, table: ImageTable) -> None:
    def stop_half_way(stage: str, done: int, total: int) -> None:
        if stage == "embed" and done >= 8:
            job.cancel()

    job = JobControl(stop_half_way)
    with pytest.raises(Cancelled):
        Clip(OPTIONS, tools).embed(table, job)
    later = afresh(tools)
    count = Clip(OPTIONS, later).embed(table, JobControl())
    assert count.reused >= 8
    assert count.done == N_A + N_B
    assert len(later.pixels.handed_out) == count.done - count.reused  # type: ignore[attr-defined]


def test_a_full_disk_is_told_and_nothing_hangs(
    tools: Tools, table: ImageTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    real = os.fsync
    calls: list[int] = []

    def fsync(file: int) -> None:
        calls.append(file)
        if len(calls) > 4:
            raise OSError(28, "No space left on device")
        real(file)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(DiskFull):
        Clip(OPTIONS, tools).embed(table, JobControl())
    monkeypatch.undo()
    count = Clip(OPTIONS, afresh(tools)).embed(table, JobControl())
    assert 0 < count.reused < count.done == N_A + N_B


# --- texts --------------------------------------------------------------------------------------


def test_phrasings_are_averaged(tools: Tools, model: InstalledModel) -> None:
    phrasings = ("a photo of {}", "{} outside", "{{}} {}")
    ranker = Clip(replace(OPTIONS, phrasings=phrasings), tools)
    got = ranker.text_vectors(["a dog", "two {people}"], JobControl())
    clip = load(model, OPTIONS, JobControl(), [torch.device("cpu")])
    written = ["a photo of a dog", "a dog outside", "{a dog} a dog"]
    mean = clip.encode_texts(written, JobControl()).mean(axis=0)
    assert np.abs(got[0] - mean / np.linalg.norm(mean)).max() < 1e-6
    assert np.abs(np.linalg.norm(got, axis=1) - 1).max() < 1e-6
    assert got.dtype == np.float32


def test_no_texts_give_no_vectors(ranker: Clip) -> None:
    assert ranker.text_vectors([], JobControl()).shape == (0, 32)


def test_texts_are_encoded_once(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    ranker = Clip(OPTIONS, tools)
    first = ranker.text_vectors(["a dog", "a cat", "a dog"], JobControl())
    assert np.array_equal(first[0], first[2])
    later = afresh(tools)
    again = Clip(OPTIONS, later).text_vectors(["a cat", "a dog"], JobControl())
    assert np.array_equal(again, first[[1, 0]])
    assert later.host.uses == ()


# --- which vectors ------------------------------------------------------------------------------


def test_a_model_that_is_not_installed_is_said_to_be_missing(tools: Tools) -> None:
    with pytest.raises(ModelMissing):
        Clip(ClipOptions(model="another"), tools)


def test_vectors_of_another_precision_are_not_mixed_in(
    tools: Tools,
    table: ImageTable,
    hypotheses: list[Hypothesis],
    model: InstalledModel,
    tmp_path: Path,
) -> None:
    """The recipe leaves the precision open; the last run had a card with bfloat16, this has not."""
    job = JobControl()
    few = replace(table, images=table.images[:5])
    Clip(replace(OPTIONS, precision="bfloat16"), tools).score(
        hypotheses[:1], few, catalogue_of(), job
    )
    tools.host.close()
    before = afresh(tools, vectors=Vectors(tmp_path / "elsewhere"))
    Clip(OPTIONS, before).text_vectors(["a"], job)
    kept = before.answers.kept  # type: ignore[attr-defined]
    [last] = [key for key, answer in kept.items() if answer == b"float32"]
    kept[last] = b"bfloat16"
    automatic = Clip(OPTIONS, afresh(tools))
    scores = automatic.score(hypotheses, table, catalogue_of(), job)

    later = afresh(tools)
    assert np.array_equal(
        Clip(OPTIONS, later).score(hypotheses, table, catalogue_of(), job), scores
    )
    assert later.host.uses == ()
    exact = by_hand(model, pictures(N), TEXTS)
    assert np.abs(scores - exact).max() < 1e-5, "none is of bfloat16"


def test_weights_that_changed_have_vectors_of_their_own(
    tools: Tools, table: ImageTable, hypotheses: list[Hypothesis], tmp_path: Path
) -> None:
    old = Clip(OPTIONS, tools).score(hypotheses, table, catalogue_of(), JobControl())
    other = write_model(tmp_path / "other", seed=1)
    made = memory_tools(pictures(N), [other])
    later = replace(made, answers=tools.answers, vectors=tools.vectors)
    new = Clip(OPTIONS, later).score(hypotheses, table, catalogue_of(), JobControl())
    assert np.abs(new - old).max() > 1e-3
