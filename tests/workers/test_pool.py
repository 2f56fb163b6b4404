"""A pool reads what can be read, names what cannot, and survives whatever its workers do."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from PIL import Image

from engine.errors import SKIP_REASONS, Cancelled, DataFolderReadOnly
from engine.images.scan import FileEntry, scan_paths
from engine.job import JobControl
from engine.measurements.catalogue import CATALOGUE
from engine.vocabulary import Caption, Skipped
from engine.workers.pool import Inspection, WorkerPool
from tests.fakes import odd_files

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals and files")
WAIT_S = 20.0  # for something that takes a moment, on a very busy machine


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(2, pixel_limit=300_000_000, timeout_s=60) as pool:
        yield pool


def entries(*paths: Path) -> list[FileEntry]:
    chosen = [str(path) for path in paths]
    return scan_paths(chosen, recursive=True, label="", job=JobControl()).files


def inspect(pool: WorkerPool, files: list[FileEntry]) -> dict[str, Inspection | Skipped]:
    return {entry.name: answer for entry, answer in pool.inspect(files, JobControl())}


def codes(answers: dict[str, Inspection | Skipped]) -> dict[str, str]:
    """Why each was skipped, "" for what was read."""
    return {
        name: answer.code if isinstance(answer, Skipped) else "" for name, answer in answers.items()
    }


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.01)


def working(pool: WorkerPool) -> list[psutil.Process]:
    """Workers that have loaded everything: their self-test needs some 60 MB."""
    found = []
    for process_id in pool.process_ids:
        try:
            process = psutil.Process(process_id)
            if process.memory_info().rss > 150_000_000:
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


def during(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


# --- what comes back ----------------------------------------------------------------------


def test_each_image_is_measured_and_named_by_its_content(tmp_path: Path, pool: WorkerPool) -> None:
    path = odd_files.jpeg(tmp_path)
    (tmp_path / "copy.jpg").write_bytes(path.read_bytes())
    odd_files.deep_grey_png(tmp_path)
    answers = inspect(pool, entries(tmp_path))
    plain, copy, deep = answers["plain.jpg"], answers["copy.jpg"], answers["deep.png"]
    assert isinstance(plain, Inspection)
    assert isinstance(copy, Inspection)
    assert isinstance(deep, Inspection)
    assert set(plain.values) == {item.name for item in CATALOGUE.measurements}
    assert len(plain.content_id) == 32
    assert int(plain.content_id, 16) >= 0
    assert (plain.content_id, plain.values) == (copy.content_id, copy.values)
    assert plain.content_id != deep.content_id
    assert (plain.width_px, plain.height_px, plain.format) == (64, 48, "JPEG")
    assert plain.window is None
    assert deep.window is not None
    status = path.stat()
    assert plain.key == (
        *(status.st_dev, status.st_ino, status.st_size),
        *(status.st_mtime_ns, status.st_ctime_ns),
    )


def test_words_come_along_with_keywords_as_one_text(tmp_path: Path, pool: WorkerPool) -> None:
    image, tags = odd_files.quadrants(), Image.Exif()
    tags[270] = "A flag"
    tags[0x9C9E] = "red;green".encode("utf-16-le")
    odd_files.save(tmp_path, "a.jpg", image, exif=tags)
    answer = inspect(pool, entries(tmp_path))["a.jpg"]
    assert isinstance(answer, Inspection)
    assert answer.captions == (Caption("A flag", "exif"), Caption("red, green", "keywords"))


def test_every_broken_file_is_skipped_with_its_reason(tmp_path: Path, pool: WorkerPool) -> None:
    wanted = {write(tmp_path).name: code for code, write in odd_files.BROKEN}
    wanted[odd_files.jpeg(tmp_path).name] = ""
    answers = inspect(pool, entries(tmp_path))
    assert codes(answers) == wanted
    for name, answer in answers.items():
        if isinstance(answer, Skipped):
            assert (answer.path, answer.name) == (str(tmp_path / name), name)
            assert answer.reason == SKIP_REASONS[answer.code]


def test_every_readable_file_is_read(tmp_path: Path, pool: WorkerPool) -> None:
    for write in odd_files.READABLE:
        write(tmp_path)
    answers = inspect(pool, entries(tmp_path))
    assert set(codes(answers).values()) == {""}
    assert len(answers) == len(odd_files.READABLE)


@posix
def test_what_changed_since_the_scan(tmp_path: Path, pool: WorkerPool) -> None:
    for name in ("gone.jpg", "pipe.jpg", "link.jpg", "new.jpg"):
        odd_files.save(tmp_path, name, odd_files.quadrants())
    files = entries(tmp_path)
    for name in ("gone.jpg", "pipe.jpg", "link.jpg"):
        (tmp_path / name).unlink()
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "link.jpg").symlink_to("/etc/hostname")
    odd_files.save(tmp_path, "new.jpg", odd_files.photo(1))
    answers = inspect(pool, files)
    fresh = answers.pop("new.jpg")
    assert codes(answers) == {
        "gone.jpg": "vanished",
        "pipe.jpg": "special_file",
        "link.jpg": "vanished",
    }
    assert isinstance(fresh, Inspection)
    assert (fresh.width_px, fresh.height_px) == (320, 240)
    assert fresh.key[3] == (tmp_path / "new.jpg").stat().st_mtime_ns


@pytest.mark.skipif(sys.platform != "linux", reason="needs names that are no Unicode")
def test_strange_names_and_followed_links_are_read(tmp_path: Path, pool: WorkerPool) -> None:
    odd_files.strange_names(tmp_path)
    odd_files.name_without_unicode(tmp_path)
    (tmp_path / ".store").mkdir()
    odd_files.jpeg(tmp_path / ".store").rename(tmp_path / ".store" / "x")
    (tmp_path / "link.jpg").symlink_to(".store/x")
    answers = inspect(pool, entries(tmp_path))
    assert len(answers) == 6
    assert set(codes(answers).values()) == {""}


def test_many_files_come_back_once_each(tmp_path: Path, pool: WorkerPool) -> None:
    data = odd_files.jpeg(tmp_path).read_bytes()
    for i in range(300):
        (tmp_path / f"{i}.jpg").write_bytes(data)
    files = entries(tmp_path)
    seen = [id(entry) for entry, _ in pool.inspect(iter(files), JobControl())]
    assert sorted(seen) == sorted(id(entry) for entry in files)
    assert list(pool.inspect([], JobControl())) == []


# --- workers that die or hang -------------------------------------------------------------


@posix
def test_a_killed_worker_loses_only_the_image_it_was_on(tmp_path: Path) -> None:
    odd_files.slow_png(tmp_path)
    (tmp_path / "quick").mkdir()
    for i in range(6):
        odd_files.save(tmp_path / "quick", f"{i}.jpg", odd_files.quadrants())
    with WorkerPool(1, pixel_limit=300_000_000, timeout_s=60) as pool:
        slow, quick = entries(tmp_path / "slow.png"), entries(tmp_path / "quick")
        first = pool.process_ids

        def kill() -> None:
            wait_until(lambda: len(working(pool)) > 0)
            working(pool)[0].kill()

        killer = during(kill)
        answers = inspect(pool, slow + quick)
        killer.join()
        assert codes(answers) == {"slow.png": "crashed"} | {f"{i}.jpg": "" for i in range(6)}
        assert pool.process_ids != first


@posix
def test_a_worker_that_hangs_is_replaced(tmp_path: Path) -> None:
    """Stopped in the middle of an image, it answers nothing and reads nothing any more."""
    odd_files.slow_png(tmp_path)
    for i in range(4):
        odd_files.save(tmp_path, f"{i}.jpg", odd_files.quadrants())
    with WorkerPool(1, pixel_limit=300_000_000, timeout_s=3) as pool:
        stopped: list[psutil.Process] = []

        def stop() -> None:
            wait_until(lambda: len(working(pool)) > 0)
            stopped.append(working(pool)[0])
            stopped[0].send_signal(signal.SIGSTOP)

        stopper = during(stop)
        answers = inspect(pool, entries(tmp_path / "slow.png") + entries(tmp_path)[:4])
        stopper.join()
        assert codes(answers) == {"slow.png": "timeout"} | {f"{i}.jpg": "" for i in range(4)}
        wait_until(lambda: not stopped[0].is_running())


@posix
def test_a_hanging_worker_does_not_delay_cancelling(tmp_path: Path, pool: WorkerPool) -> None:
    odd_files.slow_png(tmp_path)
    job = JobControl()

    def stop() -> None:
        wait_until(lambda: len(working(pool)) > 0)
        working(pool)[0].send_signal(signal.SIGSTOP)
        job.cancel()

    stopper = during(stop)
    with pytest.raises(Cancelled):
        list(pool.inspect(entries(tmp_path), job))
    stopper.join()
    odd_files.jpeg(tmp_path)
    answers = inspect(pool, entries(tmp_path / "plain.jpg"))
    assert codes(answers) == {"plain.jpg": ""}, "the pool works on after cancelling"


def test_a_batch_that_is_given_up_leaves_the_pool_usable(tmp_path: Path, pool: WorkerPool) -> None:
    for i in range(40):
        odd_files.save(tmp_path, f"{i}.jpg", odd_files.quadrants())
    files = entries(tmp_path)
    for _ in pool.inspect(files, JobControl()):
        break
    assert set(codes(inspect(pool, files)).values()) == {""}


@pytest.mark.skipif(sys.platform != "linux", reason="the address space can be limited there")
def test_too_much_memory_loses_the_image_and_nothing_else(tmp_path: Path) -> None:
    odd_files.slow_png(tmp_path)
    odd_files.jpeg(tmp_path)
    limit = 600 * 1024**2
    with WorkerPool(1, pixel_limit=300_000_000, timeout_s=60, memory_limit_bytes=limit) as pool:
        assert codes(inspect(pool, entries(tmp_path))) == {
            "slow.png": "out_of_memory",
            "plain.jpg": "",
        }
        assert pool.memory_limited


def test_closing_leaves_no_process_and_no_thread(tmp_path: Path) -> None:
    odd_files.jpeg(tmp_path)
    threads = threading.active_count()
    with WorkerPool(2, pixel_limit=300_000_000, timeout_s=60) as pool:
        inspect(pool, entries(tmp_path))
        process_ids = pool.process_ids
        assert process_ids
    assert not any(psutil.pid_exists(process_id) for process_id in process_ids)
    assert threading.active_count() == threads
    pool.close()


# --- thumbnails ---------------------------------------------------------------------------


def test_thumbnails_are_written_where_they_are_wanted(tmp_path: Path, pool: WorkerPool) -> None:
    sources = [odd_files.turned_jpeg(tmp_path, 6), odd_files.text_as_jpeg(tmp_path)]
    targets = [tmp_path / "cache" / f"{i}.jpg" for i in range(2)]
    pairs = [(str(path), target) for path, target in zip(sources, targets, strict=True)]
    outcomes = dict(pool.thumbnails(pairs, JobControl()))
    assert outcomes[targets[0]] is None
    problem = outcomes[targets[1]]
    assert problem is not None
    assert (problem.code, problem.name, problem.path) == (
        "not_an_image",
        "text.jpg",
        str(sources[1]),
    )
    with Image.open(targets[0]) as image:
        assert image.size == (64, 48)
    assert os.listdir(tmp_path / "cache") == ["0.jpg"]  # noqa: PTH208 - names only


def test_a_thumbnail_named_by_content_shows_that_content(tmp_path: Path, pool: WorkerPool) -> None:
    path = odd_files.jpeg(tmp_path)
    answer = inspect(pool, entries(path))["plain.jpg"]
    assert isinstance(answer, Inspection)
    target = tmp_path / f"{answer.content_id}.jpg"
    odd_files.photo(1).save(path)
    ((_, problem),) = pool.thumbnails([(str(path), target)], JobControl(), named_by_content=True)
    assert problem is not None
    assert problem.code == "vanished"
    assert not target.exists()
    odd_files.jpeg(tmp_path)
    ((_, problem),) = pool.thumbnails([(str(path), target)], JobControl(), named_by_content=True)
    assert problem is None
    assert target.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="needs names that are no Unicode")
def test_a_path_as_it_is_shown_finds_its_file(tmp_path: Path, pool: WorkerPool) -> None:
    odd_files.name_without_unicode(tmp_path)
    (entry,) = entries(tmp_path)
    target = tmp_path / "thumbnail.jpg"
    assert list(pool.thumbnails([(entry.path, target)], JobControl())) == [(target, None)]
    (tmp_path / os.fsdecode(b"caf\xe8.jpg")).write_bytes(b"another that is shown alike")
    ((_, problem),) = pool.thumbnails([(entry.path, target)], JobControl())
    assert problem is not None
    assert problem.code == "vanished"


def test_a_folder_that_takes_no_thumbnail_is_said_so(tmp_path: Path, pool: WorkerPool) -> None:
    path = odd_files.jpeg(tmp_path)
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(DataFolderReadOnly) as error:
        list(pool.thumbnails([(str(path), tmp_path / "file" / "a.jpg")], JobControl()))
    assert error.value.hint
