"""The life of worker processes: how they start, and that they never outlive their pool."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import msgspec
import psutil
import pytest

from engine.errors import WorkersFailed
from engine.images.scan import scan_paths
from engine.job import JobControl
from engine.pixels import Cut, PixelShape
from engine.workers.pool import Inspection, WorkerPool, available_processors
from engine.workers.wire import Answer, Ready, Request, Setup, frame, read_frame
from tests.fakes import odd_files

ROOT = Path(__file__).parents[2]
WAIT_S = 20.0

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals and files")


def test_nothing_runs_before_there_is_something_to_read() -> None:
    with WorkerPool(pixel_limit=1, timeout_s=1) as pool:
        assert pool.process_ids == ()
        assert pool.processes == min(16, available_processors())


@posix
def test_workers_end_when_the_engine_is_killed(tmp_path: Path) -> None:
    """Even in the middle of an image."""
    odd_files.slow_png(tmp_path)
    engine = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(
                """
                import sys, threading, time
                from engine.images.scan import scan_paths
                from engine.job import JobControl
                from engine.workers.pool import WorkerPool

                job = JobControl()
                files = scan_paths(sys.argv[1:], recursive=True, label="", job=job).files
                pool = WorkerPool(1, pixel_limit=300_000_000, timeout_s=60)
                read = lambda: [list(pool.inspect(files, job)) for _ in range(1000)]
                threading.Thread(target=read, daemon=True).start()
                while not pool.process_ids:
                    time.sleep(0.01)
                print(*pool.process_ids, flush=True)
                time.sleep(60)
                """
            ),
            str(tmp_path),
        ],
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    with engine:
        assert engine.stdout is not None
        workers = [psutil.Process(int(text)) for text in engine.stdout.readline().split()]
        assert workers
        time.sleep(1)
        engine.kill()
    until = time.monotonic() + WAIT_S
    while left := [worker for worker in workers if worker.is_running()]:
        if time.monotonic() > until:
            for worker in left:
                worker.kill()
            pytest.fail("a worker outlived its engine")
        time.sleep(0.02)


@posix
def test_workers_that_cannot_start_are_reported_with_their_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real program that fails in the place of Python, as a broken installation would."""
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'libsomething.so: cannot open shared object' >&2\nexit 1\n")
    broken.chmod(0o755)
    odd_files.jpeg(tmp_path)
    files = scan_paths([str(tmp_path)], recursive=True, label="", job=JobControl()).files
    with WorkerPool(2, pixel_limit=300_000_000, timeout_s=60) as pool:
        monkeypatch.setattr(sys, "executable", str(broken))
        with pytest.raises(WorkersFailed) as error:
            list(pool.inspect(files, JobControl()))
        assert "libsomething.so" in error.value.hint
        monkeypatch.setattr(sys, "executable", str(tmp_path / "missing"))
        with pytest.raises(WorkersFailed):
            list(pool.inspect(files, JobControl()))
        monkeypatch.undo()
        assert len(list(pool.inspect(files, JobControl()))) == 1, "it works once it is repaired"


def test_what_stands_in_the_current_folder_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder of images may hold anything, a file named like a library too."""
    (tmp_path / "numpy.py").write_text("raise SystemExit('imported from the current folder')")
    odd_files.jpeg(tmp_path)
    files = scan_paths([str(tmp_path)], recursive=True, label="", job=JobControl()).files
    monkeypatch.chdir(tmp_path)
    with WorkerPool(1, pixel_limit=300_000_000, timeout_s=60) as pool:
        ((_, answer),) = pool.inspect(files, JobControl())
    assert isinstance(answer, Inspection)


def test_a_worker_speaks_its_wire_and_ends_with_it(tmp_path: Path) -> None:
    path, target = odd_files.jpeg(tmp_path), tmp_path / "thumbnail.jpg"
    worker = subprocess.Popen(
        [sys.executable, "-m", "engine.workers.inspect_image"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    with worker:
        try:
            assert worker.stdin is not None
            assert worker.stdout is not None
            request = Request(7, os.fsencode(path), True, os.fsencode(target))
            worker.stdin.write(frame(Setup(10_000, 10_000_000, 0)) + frame(request))
            worker.stdin.flush()
            ready = msgspec.msgpack.decode(read_frame(worker.stdout) or b"", type=Ready)
            assert ready.process_id == worker.pid
            answer = msgspec.msgpack.decode(read_frame(worker.stdout) or b"", type=Answer)
            assert (answer.number, answer.code) == (7, "")
            assert answer.inspection is not None
            assert answer.inspection.width_px == 64
            assert answer.pixels is None
            assert target.exists()
            request = Request(8, os.fsencode(path), False, shape=PixelShape(Cut.FIT, 32, 32))
            worker.stdin.write(frame(request))
            worker.stdin.flush()
            msgspec.msgpack.decode(read_frame(worker.stdout) or b"", type=Ready)
            answer = msgspec.msgpack.decode(read_frame(worker.stdout) or b"", type=Answer)
            assert (answer.number, answer.code, answer.inspection) == (8, "", None)
            assert answer.pixels is not None
            assert answer.pixels.pixels().shape == (24, 32, 3)
            worker.stdin.close()
            assert worker.wait(WAIT_S) == 0
            assert read_frame(worker.stdout) is None
        finally:
            worker.kill()
