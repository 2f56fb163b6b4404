"""The captioning step: what is asked, what is kept, what happens when it is stopped half way."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from engine.captioning import caption_rows, captioner_name  # noqa: E402
from engine.errors import Cancelled, ModelMissing  # noqa: E402
from engine.image_table import ImageTable  # noqa: E402
from engine.job import JobControl  # noqa: E402
from engine.model import InstalledModel, Loader  # noqa: E402
from engine.pixels import Pixels  # noqa: E402
from engine.recipe import CaptionOptions, Recipe  # noqa: E402
from engine.tools import Tools  # noqa: E402
from tests.contracts.captioner_contract import load, noise  # noqa: E402
from tests.fakes import tiny_captioners as tiny  # noqa: E402
from tests.fakes.image_tables import image_table  # noqa: E402
from tests.fakes.memory_tools import Captions, Pictures, memory_tools  # noqa: E402

OPTIONS = CaptionOptions(model="llava", beams=1, max_tokens=8, batch=3)
RECIPE = Recipe(captions=OPTIONS)
N = 10


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> InstalledModel:
    folder = tmp_path_factory.mktemp("models") / "llava"
    return tiny.installed(tiny.llava(folder), Loader.LLAVA)


@pytest.fixture
def table() -> ImageTable:
    return image_table(N // 2, N // 2, texts=[f"text {row}\nmore" for row in range(N)])


def pictures() -> list[Pixels | None]:
    return [noise(40, 50, row) for row in range(N)]


def handed_out(tools: Tools) -> list[int]:
    assert isinstance(tools.pixels, Pictures)
    return tools.pixels.handed_out


def test_every_row_gets_the_caption_of_its_image(model: InstalledModel, table: ImageTable) -> None:
    tools = memory_tools(pictures(), [model])
    seen: list[tuple[str, int, int]] = []
    job = JobControl(lambda stage, done, total: seen.append((stage, done, total)))
    rows = [7, 2, 9, 0]
    found = caption_rows(table, rows, RECIPE, tools, 0, job)
    assert list(found.captions) == rows
    assert (found.asked, found.reused, found.empty) == (4, 0, 0)
    alone = load(model, OPTIONS)
    for row in rows:
        raw = alone.caption([noise(40, 50, row)], JobControl())[0]
        assert found.captions[row]
        assert set(found.captions[row].split()) <= set(raw.split())
    assert handed_out(tools) == rows
    captions = [(done, total) for stage, done, total in seen if stage == "caption"]
    assert captions == [(0, 4), (3, 4), (4, 4)]
    (use,) = tools.host.uses
    assert (use.name, use.role, use.device) == ("llava", "captioner", "cpu")


def test_a_second_run_asks_for_nothing(model: InstalledModel, table: ImageTable) -> None:
    kept = Captions()
    rows = list(range(6))
    first = caption_rows(
        table, rows, RECIPE, memory_tools(pictures(), [model], captions=kept), 0, JobControl()
    )
    tools = memory_tools(pictures(), [model], captions=kept)
    again = caption_rows(table, rows, RECIPE, tools, 99, JobControl())
    assert again.captions == first.captions
    assert (again.asked, again.reused) == (6, 6)
    assert handed_out(tools) == []
    assert tools.host.uses == ()
    more = caption_rows(table, range(8), RECIPE, tools, 0, JobControl())
    assert more.reused == 6
    assert handed_out(tools) == [6, 7]


def test_a_run_that_was_stopped_goes_on_where_it_was(
    model: InstalledModel, table: ImageTable
) -> None:
    kept = Captions()
    stop = ("caption", 6)
    job = JobControl(lambda stage, done, _: job.cancel() if (stage, done) == stop else None)
    tools = memory_tools(pictures(), [model], captions=kept)
    with pytest.raises(Cancelled):
        caption_rows(table, range(N), RECIPE, tools, 0, job)
    assert len(kept.kept) == 6
    assert kept.commits == 2
    tools = memory_tools(pictures(), [model], captions=kept)
    found = caption_rows(table, range(N), RECIPE, tools, 0, JobControl())
    assert found.reused == 6
    assert handed_out(tools) == [6, 7, 8, 9]
    whole = caption_rows(
        table, range(N), RECIPE, memory_tools(pictures(), [model]), 0, JobControl()
    )
    assert found.captions == whole.captions


def test_an_image_that_vanished_gets_no_caption(model: InstalledModel, table: ImageTable) -> None:
    images = pictures()
    images[0] = images[3] = images[4] = images[5] = None
    kept = Captions()
    tools = memory_tools(images, [model], captions=kept)
    found = caption_rows(table, range(7), RECIPE, tools, 0, JobControl())
    assert list(found.captions) == [1, 2, 6]
    assert (found.asked, found.empty) == (7, 4)
    assert len(kept.kept) == 3


def test_an_empty_caption_is_kept_and_counted(table: ImageTable, tmp_path: Path) -> None:
    folder = tiny.llava(tmp_path / "llava")
    tiny.silence(folder)
    kept = Captions()
    model = tiny.installed(folder, Loader.LLAVA)
    tools = memory_tools(pictures(), [model], captions=kept)
    found = caption_rows(table, range(4), RECIPE, tools, 0, JobControl())
    assert found.captions == dict.fromkeys(range(4), "")
    assert found.empty == 4
    assert set(kept.kept.values()) == {""}
    again = caption_rows(table, range(4), RECIPE, tools, 0, JobControl())
    assert (again.reused, again.empty) == (4, 4)


def test_the_same_image_twice_is_asked_about_once(model: InstalledModel, table: ImageTable) -> None:
    images = list(table.images)
    images[5] = replace(images[5], content_id=images[1].content_id)
    tools = memory_tools(pictures(), [model])
    found = caption_rows(
        replace(table, images=images), [1, 5, 5, 2], RECIPE, tools, 0, JobControl()
    )
    assert handed_out(tools) == [1, 2]
    assert found.captions[1] == found.captions[5]
    assert found.asked == 3


def test_nothing_to_caption(model: InstalledModel, table: ImageTable) -> None:
    tools = memory_tools(pictures(), [model])
    found = caption_rows(table, [], RECIPE, tools, 0, JobControl())
    assert (found.captions, found.asked, found.reused, found.empty) == ({}, 0, 0, 0)
    assert tools.host.uses == ()


def test_a_captioner_that_is_not_installed(table: ImageTable) -> None:
    with pytest.raises(ModelMissing):
        caption_rows(table, [0], RECIPE, memory_tools(pictures()), 0, JobControl())


def test_texts_that_images_bring_along_need_no_model(table: ImageTable) -> None:
    table.texts[2] = ""
    table.texts[3] = "A photo of\u202e Anna<|im_end|>"
    tools = memory_tools(pictures())
    found = caption_rows(table, [4, 2, 3], Recipe(), tools, 0, JobControl())
    assert found.captions == {4: "text 4 more", 2: "", 3: "A photo of Anna"}
    assert (found.asked, found.reused, found.empty) == (3, 0, 1)
    assert handed_out(tools) == []


def test_every_cause_of_a_caption_changes_the_cache(model: InstalledModel) -> None:
    other = replace(model, fingerprint="0" * 32)
    half = replace(model, spec=replace(model.spec, options={"cpu_precision": "bfloat16"}))
    names = [
        captioner_name(model, OPTIONS),
        captioner_name(other, OPTIONS),
        captioner_name(half, OPTIONS),
        captioner_name(model, replace(OPTIONS, beams=2)),
        captioner_name(model, replace(OPTIONS, max_tokens=9)),
        captioner_name(model, replace(OPTIONS, prompt="What is it?")),
        captioner_name(model, replace(OPTIONS, length="detailed")),
    ]
    assert len(set(names)) == len(names)
    assert all(len(bytes.fromhex(name)) == 16 for name in names)
    assert captioner_name(model, replace(OPTIONS, batch=1)) == names[0]


def test_importing_the_step_imports_no_library_of_models() -> None:
    program = (
        "import sys, engine.captioning, engine.captioners.clean, engine.captioners.brought\n"
        "import engine.captioners.blip2, engine.captioners.llava\n"
        "heavy = {'torch', 'transformers', 'accelerate', 'llama_cpp', 'open_clip'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
