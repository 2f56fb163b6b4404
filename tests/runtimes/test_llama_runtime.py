"""Language models in GGUF files, tiny ones, under the real llama.cpp."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

pytest.importorskip("llama_cpp")
pytest.importorskip("gguf")

from engine.errors import Cancelled, ModelDamaged, ModelFailed, WrongModel
from engine.job import JobControl
from engine.model import InstalledModel
from engine.runtimes import llama
from engine.runtimes.llama import LanguageModel, PromptTooLong
from tests.fakes import tiny_gguf as tiny

CANCEL_WITHIN_S = 2.0
SYSTEM = "You look at captions."
CAPTIONS = "".join(f"{k}. a dog on the beach, in red light, number {k}\n" for k in range(40))
#: four short strings
LIST = 'root ::= "[" item (", " item){3} "]"\nitem ::= "\\"" [a-z] [a-z ]{1,20} "\\""\n'

KINDS: dict[str, Callable[[Path], Path]] = {
    "byte pairs": tiny.language_model,
    "sentencepiece": lambda path: tiny.language_model(path, sentencepiece=True),
    "sliding window": lambda path: tiny.language_model(path, window=64),
    "cannot rewind": tiny.recurrent_model,
    "half of it cannot rewind": tiny.hybrid_model,
}


@pytest.fixture(scope="module", autouse=True)
def one_core() -> Iterator[None]:
    with tiny.one_core():
        yield


@pytest.fixture(params=KINDS)
def any_model(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LanguageModel]:
    loaded = load(tiny.installed(KINDS[request.param](tmp_path / "tiny.gguf")))
    yield loaded
    loaded.close()


@pytest.fixture
def model(tmp_path: Path) -> Iterator[LanguageModel]:
    loaded = load(tiny.installed(tiny.language_model(tmp_path / "tiny.gguf")))
    yield loaded
    loaded.close()


def load(model: InstalledModel, context: int = 4096) -> LanguageModel:
    return llama.load(model, context, JobControl())


def ask(
    model: LanguageModel,
    user: str,
    *,
    shared: str = CAPTIONS,
    seed: int = 0,
    temperature: float = 0.8,
    grammar: str = LIST,
    max_tokens: int = 130,
    job: JobControl | None = None,
) -> str:
    return model.answer(
        SYSTEM,
        user,
        shared=shared,
        grammar=grammar,
        max_tokens=max_tokens,
        temperature=temperature,
        seed=seed,
        job=job or JobControl(),
    )


def test_says_what_it_is(model: LanguageModel) -> None:
    assert (model.device, model.precision) == ("cpu", "float32")
    assert model.context == 4096
    assert model.remarks == ()
    assert model.peak_bytes() > 500_000


@pytest.mark.parametrize(("wanted", "trained", "got"), [
    (1, 8192, 256), (256, 8192, 256), (257, 8192, 512), (9000, 8192, 8192), (4000, 1000, 768),
    (4000, 100, 256),
])  # fmt: skip
def test_the_context_is_rounded_to_what_the_library_makes(
    wanted: int, trained: int, got: int, tmp_path: Path
) -> None:
    path = tiny.language_model(tmp_path / "tiny.gguf", context=trained)
    loaded = load(tiny.installed(path), wanted)
    assert loaded.context == got
    loaded.close()


@pytest.mark.parametrize("temperature", [0.0, 0.7, 3.0])
def test_the_answer_always_has_the_form_asked_for(
    any_model: LanguageModel, temperature: float
) -> None:
    answers = set()
    for seed in range(6):
        answer = ask(any_model, "What is it?", seed=seed, temperature=temperature)
        phrases = json.loads(answer)
        assert len(phrases) == 4
        assert all(2 <= len(phrase) <= 21 for phrase in phrases)
        answers.add(answer)
    assert (len(answers) > 1) is (temperature > 0)


def test_an_answer_depends_on_nothing_that_was_asked_before(
    any_model: LanguageModel, tmp_path: Path
) -> None:
    alone = ask(any_model, "About A?", seed=3)
    ask(any_model, "About B?", seed=3)
    assert ask(any_model, "About A?", seed=3) == alone
    ask(any_model, "short", shared="", seed=9, grammar="", max_tokens=300)
    ask(any_model, "About A?", shared=CAPTIONS[:500], seed=3)
    assert ask(any_model, "About A?", seed=3) == alone
    ask(any_model, "About A?", seed=4)
    assert ask(any_model, "About A?", seed=3) == alone


def test_another_process_memory_gives_the_same_answer(tmp_path: Path) -> None:
    installed = tiny.installed(tiny.language_model(tmp_path / "tiny.gguf"))
    answers = []
    for warm_up in ("", "something else first", CAPTIONS[:900]):
        loaded = load(installed)
        if warm_up:
            ask(loaded, warm_up, shared="")
        answers.append(ask(loaded, "About A?"))
        loaded.close()
    assert len(set(answers)) == 1


def test_what_questions_begin_with_in_common_is_read_once(any_model: LanguageModel) -> None:
    tokens = len(any_model.tokens(SYSTEM, "About A?", shared=CAPTIONS))
    ask(any_model, "About A?")
    first = any_model.evaluated
    assert first >= tokens
    ask(any_model, "About B?")
    assert any_model.evaluated - first < 250 < tokens


def test_a_question_that_does_not_fit(model: LanguageModel) -> None:
    with pytest.raises(PromptTooLong) as raised:
        ask(model, "a" * 5000)
    assert raised.value.tokens > raised.value.room == 4096 - 130 - 1
    at_most = model.context - 130 - 1
    around = len(model.tokens(SYSTEM, "", shared=""))
    just = "9" * (at_most - around)
    assert len(model.tokens(SYSTEM, just)) == at_most
    assert json.loads(ask(model, just, shared=""))


def test_free_answers_end_by_themselves_or_at_the_limit(model: LanguageModel) -> None:
    answers = [ask(model, "?", shared="", grammar="", seed=k, max_tokens=30) for k in range(8)]
    assert len(set(answers)) > 1
    assert all(len(answer.encode()) < 500 for answer in answers)


def test_a_form_that_is_none(model: LanguageModel) -> None:
    with pytest.raises(ModelFailed):
        ask(model, "?", grammar="root ::= (((")
    assert json.loads(ask(model, "?"))


@pytest.mark.parametrize("kind", ["byte pairs", "cannot rewind"])
def test_stops_while_it_reads_and_can_be_asked_again(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "slow.gguf"
    if kind == "byte pairs":
        tiny.language_model(path, width=384, layers=8, feed_forward=1536)
    else:
        tiny.recurrent_model(path, width=384, layers=8)
    model = load(tiny.installed(path), 8192)
    expected = ask(model, "?", shared="")
    job = JobControl()
    cancelled_at = 0.0

    def cancel() -> None:
        nonlocal cancelled_at
        cancelled_at = time.monotonic()
        job.cancel()

    timer = threading.Timer(0.3, cancel)
    timer.start()
    with pytest.raises(Cancelled):
        ask(model, "?", shared="a dog 3 " * 1500, job=job)
    assert time.monotonic() - cancelled_at < CANCEL_WITHIN_S
    timer.join()
    assert ask(model, "?", shared="") == expected
    model.close()


def test_a_cancelled_job_begins_nothing(model: LanguageModel, tmp_path: Path) -> None:
    job = JobControl()
    job.cancel()
    with pytest.raises(Cancelled):
        ask(model, "?", job=job)
    with pytest.raises(Cancelled):
        llama.load(tiny.installed(tiny.language_model(tmp_path / "b.gguf")), 512, job)


def test_unloading_gives_the_memory_back(tmp_path: Path) -> None:
    path = tiny.language_model(tmp_path / "large.gguf", width=256, layers=8, feed_forward=1024)
    installed = tiny.installed(path)
    load(installed, 8192).close()  # what the library keeps for good
    before = psutil.Process().memory_info().rss
    loaded = load(installed, 8192)
    ask(loaded, "?", shared="a dog 3 " * 100)
    held = psutil.Process().memory_info().rss - before
    assert held > path.stat().st_size / 2
    loaded.close()
    loaded.close()
    assert psutil.Process().memory_info().rss - before < held / 4
    with pytest.raises(ModelFailed):
        ask(loaded, "?")


def test_nothing_is_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    loaded = load(tiny.installed(tiny.language_model(tmp_path / "tiny.gguf")))
    ask(loaded, "?")
    loaded.close()
    (tmp_path / "bad.gguf").write_bytes(b"no model")
    with pytest.raises(ModelDamaged):
        load(tiny.installed(tmp_path / "bad.gguf"))
    assert capfd.readouterr() == ("", "")


def damaged(how: str, folder: Path) -> InstalledModel:
    path = tiny.language_model(folder / "tiny.gguf")
    raw = path.read_bytes()
    if how == "cut in the header":
        path.write_bytes(raw[:300])
    elif how == "cut in the weights":
        path.write_bytes(raw[:-20_000])
    elif how == "no GGUF":
        path.write_bytes(b"PK\x03\x04" * 1000)
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "too many tensors stated":
        path.write_bytes(raw[:8] + (10**6).to_bytes(8, "little") + raw[16:])
    installed = tiny.installed(path)
    if how == "gone":
        path.unlink()
    return installed


@pytest.mark.parametrize(
    "how",
    ["cut in the header", "cut in the weights", "no GGUF", "empty", "too many tensors stated",
     "gone"],
)  # fmt: skip
def test_damaged_files_are_refused_with_the_librarys_reason(how: str, tmp_path: Path) -> None:
    with pytest.raises(ModelDamaged) as raised:
        load(damaged(how, tmp_path))
    assert raised.value.hint
    assert raised.value.message.endswith(".")
    assert str(tmp_path) not in raised.value.message
    if how == "no GGUF":
        assert "invalid magic" in raised.value.message


def test_models_of_another_kind(tmp_path: Path) -> None:
    projector = tiny.projector(tmp_path / "clip.gguf")
    with pytest.raises(WrongModel, match="CLIP cannot be used as main model"):
        load(tiny.installed(projector))
    unknown = tiny.language_model(tmp_path / "unknown.gguf", kind="martian")
    with pytest.raises(WrongModel, match="martian"):
        load(tiny.installed(unknown))
    with pytest.raises(WrongModel, match="no language model"):
        load(tiny.installed(tiny.projector(tmp_path / "mmproj-x.gguf")))
    two = [tiny.language_model(tmp_path / name) for name in ("a.gguf", "b.gguf")]
    with pytest.raises(WrongModel, match="2 language model files"):
        load(tiny.installed(*two))
