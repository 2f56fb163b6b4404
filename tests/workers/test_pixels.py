"""Pixels for models come from workers: in order, ahead of time, and never those of another file."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import psutil
import pytest
from blake3 import blake3

from engine.errors import SKIP_REASONS, Cancelled, WorkersFailed
from engine.images.for_model import for_model
from engine.images.scan import scan_paths
from engine.job import JobControl
from engine.pixel_rows import PixelRows
from engine.pixels import Cut, Pixels, PixelShape, PixelSource
from engine.vocabulary import Skipped
from engine.workers.pool import AHEAD_BYTES, AHEAD_IMAGES, Inspection, WorkerPool
from tests.fakes import odd_files

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals and files")
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

SHAPE = PixelShape(Cut.CROP, 48, 48)
WAIT_S = 60.0  # for something that takes a moment, on a very busy machine
CANCEL_S = 1.0  # half a second is promised; the machine may be busy

Item = tuple[str, str, str]


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    """One for many tests: its workers load torch once."""
    with WorkerPool(2, pixel_limit=300_000_000, timeout_s=60) as pool:
        yield pool


def content_id(path: Path) -> str:
    return blake3(path.read_bytes()).hexdigest(length=16)


def items(paths: Sequence[Path]) -> list[Item]:
    return [(path.name, str(path), content_id(path)) for path in paths]


def photos(folder: Path, count: int, side: int = 64) -> list[Path]:
    return [
        odd_files.save(folder, f"{i:03}.jpg", odd_files.photo(i, side, side)) for i in range(count)
    ]


def take(
    pool: WorkerPool, paths: Sequence[Path], shape: PixelShape = SHAPE
) -> dict[str, Pixels | Skipped]:
    return dict(pool.pixels(items(paths), shape, JobControl()))


def codes(answers: dict[str, Pixels | Skipped]) -> dict[str, str]:
    return {
        name: answer.code if isinstance(answer, Skipped) else "" for name, answer in answers.items()
    }


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.01)


def during(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def reading(pool: WorkerPool) -> list[psutil.Process]:
    """Workers that are in the middle of slow_png: torch needs some 500 MB, decoding as much."""
    found = []
    for process_id in pool.process_ids:
        try:
            process = psutil.Process(process_id)
            if has_torch(process_id) and process.memory_info().rss > 750_000_000:
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


def has_torch(process_id: int) -> bool:
    try:
        return "libtorch" in Path(f"/proc/{process_id}/maps").read_text()
    except OSError:
        return False


# --- what comes back ----------------------------------------------------------------------


def test_pixels_come_in_order_and_are_those_of_the_file(tmp_path: Path, pool: WorkerPool) -> None:
    """Even if the first takes longest."""
    pytest.importorskip("torch")
    (tmp_path / "first").mkdir()
    paths = [odd_files.slow_png(tmp_path / "first", 6000), *photos(tmp_path, 40)]
    names = []
    for name, pixels in pool.pixels(items(paths), SHAPE, JobControl()):
        assert isinstance(pixels, np.ndarray)
        wanted = for_model(paths[len(names)].read_bytes(), SHAPE)
        np.testing.assert_array_equal(pixels, wanted)
        assert pixels.flags.writeable, "or torch warns"
        names.append(name)
    assert names == [path.name for path in paths]
    assert list(pool.pixels([], SHAPE, JobControl())) == []


def test_large_pixels_of_any_proportions_fit_through(tmp_path: Path, pool: WorkerPool) -> None:
    wide = odd_files.save(tmp_path, "wide.jpg", odd_files.photo(1, 1600, 700))
    small = odd_files.save(tmp_path, "small.jpg", odd_files.photo(1, 100, 70))
    answers = take(pool, [wide, small], PixelShape(Cut.FIT, 1024, 1024))
    assert [answers[path.name].shape for path in (wide, small)] == [(448, 1024, 3), (70, 100, 3)]  # type: ignore[union-attr]
    (huge,) = take(pool, [wide], PixelShape(Cut.SQUASH, 2400, 2400)).values()
    assert isinstance(huge, np.ndarray)
    assert huge.shape == (2400, 2400, 3)


def test_what_cannot_be_read_is_named_in_its_place(tmp_path: Path, pool: WorkerPool) -> None:
    wanted, paths = {}, []
    for i, (code, write) in enumerate(odd_files.BROKEN):
        (tmp_path / str(i)).mkdir()
        for each, is_code in ((write(tmp_path / str(i)), code), (photos(tmp_path, i + 1)[i], "")):
            paths.append(each)
            wanted[each.name] = is_code
    answers = take(pool, paths)
    assert codes(answers) == wanted
    assert list(answers) == list(wanted)
    for path in paths:
        answer = answers[path.name]
        if isinstance(answer, Skipped):
            assert (answer.path, answer.name) == (str(path), path.name)
            assert answer.reason == SKIP_REASONS[answer.code]


def test_another_file_in_its_place_counts_as_vanished(tmp_path: Path, pool: WorkerPool) -> None:
    paths = photos(tmp_path, 4)
    wanted = items(paths)
    paths[1].write_bytes(paths[0].read_bytes())
    paths[2].unlink()
    answers = dict(pool.pixels(wanted, SHAPE, JobControl()))
    assert list(codes(answers).values()) == ["", "vanished", "vanished", ""]


@pytest.mark.skipif(sys.platform != "linux", reason="needs names that are no Unicode")
def test_strange_names_are_found(tmp_path: Path, pool: WorkerPool) -> None:
    odd_files.strange_names(tmp_path)
    odd_files.name_without_unicode(tmp_path)
    files = scan_paths([str(tmp_path)], recursive=True, label="", job=JobControl()).files
    wanted = [(file.name, file.path, content_id(Path(file.open_path))) for file in files]
    assert set(codes(dict(pool.pixels(wanted, SHAPE, JobControl()))).values()) == {""}
    assert len(wanted) == 5


# --- decoded ahead ------------------------------------------------------------------------


@posix
def test_workers_decode_while_the_receiver_computes(tmp_path: Path) -> None:
    """The receiver takes one image and computes; then no worker works any more, and the images
    that were decoded meanwhile are there all the same.
    """
    paths = photos(tmp_path, 120)  # several may be taken in before the first is handed out
    with WorkerPool(1, pixel_limit=300_000_000, timeout_s=60) as pool:
        stream = pool.pixels(items(paths), SHAPE, JobControl())
        next(stream)
        worker = psutil.Process(pool.process_ids[0])
        wait_until(lambda: pool._inbox.qsize() >= 50)
        worker.send_signal(signal.SIGSTOP)
        start = time.monotonic()
        for _ in range(50):
            next(stream)
        assert time.monotonic() - start < 5
        worker.send_signal(signal.SIGCONT)
        assert len(list(stream)) == 69


@posix
def test_no_more_than_so_much_is_decoded_ahead(tmp_path: Path) -> None:
    """However long the receiver takes, and however far behind one worker stays."""
    side = 1500
    most = AHEAD_BYTES // (3 * side**2)
    assert most < 12
    paths = photos(tmp_path, 40)
    with WorkerPool(2, pixel_limit=300_000_000, timeout_s=60) as pool:
        stream = pool.pixels(items(paths), PixelShape(Cut.SQUASH, side, side), JobControl())
        next(stream)
        wait_until(lambda: pool._inbox.qsize() >= most // 2)
        time.sleep(1.0)
        assert pool._inbox.qsize() <= most
        assert len(list(stream)) == 39
    assert AHEAD_IMAGES < 1000


# --- workers ------------------------------------------------------------------------------


@linux
def test_only_workers_that_resize_load_torch(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    paths = photos(tmp_path, 6)
    files = scan_paths([str(tmp_path)], recursive=True, label="", job=JobControl()).files
    with WorkerPool(1, pixel_limit=300_000_000, timeout_s=60) as pool:
        inspected = [answer for _, answer in pool.inspect(files, JobControl())]
        assert all(isinstance(answer, Inspection) for answer in inspected)
        (process_id,) = pool.process_ids
        assert not has_torch(process_id)
        assert set(codes(take(pool, paths)).values()) == {""}
        assert pool.process_ids == (process_id,), "the same worker does both"
        assert has_torch(process_id)
        assert psutil.Process(process_id).num_threads() == 2, "one works, one listens"
        assert len(list(pool.inspect(files, JobControl()))) == 6


@linux
def test_too_much_memory_loses_the_image_and_nothing_else(tmp_path: Path) -> None:
    """What torch maps is not counted against an image, and nothing else is added."""
    bomb, plain = odd_files.slow_png(tmp_path), odd_files.jpeg(tmp_path)
    limit = 600 * 1024**2
    with WorkerPool(1, pixel_limit=300_000_000, timeout_s=60, memory_limit_bytes=limit) as pool:
        answers = take(pool, [plain, bomb, plain])
        assert codes(answers) == {"plain.jpg": "", "slow.png": "out_of_memory"}
        assert pool.memory_limited


def test_a_bomb_is_refused_by_its_header(tmp_path: Path, pool: WorkerPool) -> None:
    assert codes(take(pool, [odd_files.png_bomb(tmp_path)])) == {"bomb.png": "too_many_pixels"}


@linux
def test_a_killed_worker_loses_only_the_image_it_was_on(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    paths = photos(tmp_path, 8)
    paths.insert(3, odd_files.slow_png(tmp_path))
    with WorkerPool(1, pixel_limit=300_000_000, timeout_s=60) as pool:

        def kill() -> None:
            wait_until(lambda: len(reading(pool)) > 0)
            reading(pool)[0].kill()

        killer = during(kill)
        answers = take(pool, paths)
        killer.join()
    assert codes(answers) == {path.name: "" for path in paths} | {"slow.png": "crashed"}
    assert list(answers) == [path.name for path in paths]


@linux
def test_a_hanging_worker_is_replaced_and_does_not_delay_cancelling(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    paths = [odd_files.slow_png(tmp_path), *photos(tmp_path, 4)]

    def stop(pool: WorkerPool) -> None:
        wait_until(lambda: len(reading(pool)) > 0)
        reading(pool)[0].send_signal(signal.SIGSTOP)

    with WorkerPool(1, pixel_limit=300_000_000, timeout_s=5) as pool:
        stopper = during(lambda: stop(pool))
        answers = take(pool, paths)
        stopper.join()
        assert codes(answers) == {path.name: "" for path in paths} | {"slow.png": "timeout"}

        job, cancelled_s = JobControl(), 0.0

        def cancel() -> None:
            nonlocal cancelled_s
            stop(pool)
            cancelled_s = time.monotonic()
            job.cancel()

        canceller = during(cancel)
        with pytest.raises(Cancelled):
            list(pool.pixels(items(paths), SHAPE, job))
        canceller.join()
        assert time.monotonic() - cancelled_s < CANCEL_S
        assert set(codes(take(pool, paths[1:])).values()) == {""}, "it works on after cancelling"


def test_a_stream_that_is_given_up_leaves_the_pool_usable(tmp_path: Path, pool: WorkerPool) -> None:
    paths = photos(tmp_path, 40)
    for _ in pool.pixels(items(paths), SHAPE, JobControl()):
        break
    assert set(codes(take(pool, paths)).values()) == {""}


def foreign_torch(folder: Path, program: str) -> str:
    """A real package that stands where torch would be found."""
    (folder / "torch").mkdir()
    (folder / "torch" / "__init__.py").write_text(program)
    return str(folder)


def test_workers_that_cannot_load_torch_are_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a library that ends the process, which no image is to blame for."""
    program = (
        "import os, sys\nprint('illegal instruction', file=sys.stderr, flush=True)\nos._exit(4)"
    )
    monkeypatch.setenv("PYTHONPATH", foreign_torch(tmp_path, program))
    paths = photos(tmp_path, 5)
    with WorkerPool(2, pixel_limit=300_000_000, timeout_s=60) as pool:
        with pytest.raises(WorkersFailed) as error:
            take(pool, paths)
        assert "illegal instruction" in error.value.hint
        monkeypatch.undo()
        assert set(codes(take(pool, paths)).values()) == {""}, "it works once it is repaired"


@posix
def test_a_worker_that_answers_something_else_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real program in the place of Python, which speaks the wire and gets the size wrong."""
    liar = tmp_path / "python"
    liar.write_text(
        f"#!{sys.executable}\n"
        "import sys, msgspec\n"
        "from engine.workers.wire import Answer, PixelData, Ready, Request, frame, read_frame\n"
        "ready, sent = frame(Ready(1, False)), 0\n"
        "read_frame(sys.stdin.buffer)\n"
        "sys.stdout.buffer.write(ready)\n"
        "sys.stdout.buffer.flush()\n"
        "while (body := read_frame(sys.stdin.buffer)) is not None:\n"
        "    request = msgspec.msgpack.decode(body, type=Request)\n"
        "    data = PixelData(48, 48, memoryview(bytes(48 * 48)))\n"
        "    answer = frame(Answer(request.number, pixels=data))\n"
        "    sys.stdout.buffer.write(answer if sent else ready + answer)\n"
        "    sys.stdout.buffer.flush()\n"
        "    sent += 1\n"
    )
    liar.chmod(0o755)
    paths = photos(tmp_path, 3)
    with WorkerPool(1, pixel_limit=300_000_000, timeout_s=60) as pool:
        monkeypatch.setattr(sys, "executable", str(liar))
        assert set(codes(take(pool, paths)).values()) == {"crashed"}


def test_without_torch_the_pixels_are_all_but_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = "raise ImportError('libsomething.so: cannot open shared object')"
    monkeypatch.setenv("PYTHONPATH", foreign_torch(tmp_path, program))
    (path,) = photos(tmp_path, 1, 200)
    with WorkerPool(1, pixel_limit=300_000_000, timeout_s=60) as pool:
        (pixels,) = take(pool, [path]).values()
    assert isinstance(pixels, np.ndarray)
    difference = np.abs(pixels.astype(int) - for_model(path.read_bytes(), SHAPE))
    assert difference.mean() < 0.03


# --- rows of a table ----------------------------------------------------------------------


def test_rows_are_streamed_in_the_order_asked_for(tmp_path: Path, pool: WorkerPool) -> None:
    paths = photos(tmp_path, 12)
    contents = [content_id(path) for path in paths]
    paths[5].write_bytes(b"no image")
    source: PixelSource = PixelRows([str(path) for path in paths], contents, lambda: pool)
    rows = [7, 3, 5, 11, 0, 3]
    found = list(source.stream(rows, SHAPE, JobControl()))
    assert [row for row, _ in found] == rows
    for row, pixels in found:
        if row == 5:
            assert pixels is None
        else:
            assert pixels is not None
            np.testing.assert_array_equal(pixels, for_model(paths[row].read_bytes(), SHAPE))


def test_no_rows_need_no_pool() -> None:
    def open_pool() -> WorkerPool:
        raise AssertionError

    source = PixelRows([], [], open_pool)
    assert list(source.stream([], SHAPE, JobControl())) == []


def test_a_wish_to_stop_ends_a_stream_and_frees_the_pool(tmp_path: Path, pool: WorkerPool) -> None:
    paths = photos(tmp_path, 30)
    source = PixelRows([str(p) for p in paths], [content_id(p) for p in paths], lambda: pool)
    job = JobControl()
    with pytest.raises(Cancelled):
        for row, _ in source.stream(range(30), SHAPE, job):
            if row == 3:
                job.cancel()
    assert len(list(source.stream([1, 2], SHAPE, JobControl()))) == 2
