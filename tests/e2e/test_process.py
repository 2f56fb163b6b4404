"""The engine as a process: locked, killable, resumable, cancellable."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from engine import protocol
from engine.client import EngineClient, engine_command
from engine.errors import EngineDied
from engine.protocol import Compare, Done, Job, Peek, PeekAnswer, Progress, SetSource, Thumbnails
from tests.fakes.photo_folder import write_photos

LINUX = sys.platform.startswith("linux")


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    a, b = tmp_path / "a", tmp_path / "b"
    write_photos(a, 20, 1)
    write_photos(b, 20, 2, brightness=60)
    return a, b


@pytest.fixture
def many(tmp_path: Path) -> tuple[Path, Path]:
    """Enough work to be interrupted in the middle."""
    a, b = tmp_path / "many-a", tmp_path / "many-b"
    write_photos(a, 250, 1, size=(640, 480))
    write_photos(b, 250, 2, size=(640, 480))
    return a, b


def job(folders: tuple[Path, Path]) -> Job:
    a, b = (SetSource((str(folder),)) for folder in folders)
    return Job(a=a, b=b)


def test_peek_counts_before_it_paints(tmp_path: Path, folders: tuple[Path, Path]) -> None:
    with EngineClient(engine_command(tmp_path / "data")) as client:
        source = SetSource((str(folders[0]),))
        events = list(client.ask(Peek(client.new_id(), source, thumbnails=5)))
        answers = [event for event in events if isinstance(event, PeekAnswer)]
        assert [len(answer.thumbnails) for answer in answers] == [0, 5]
        assert answers[0].images == 20
        assert all(Path(path).stat().st_size > 100 for path in answers[1].thumbnails)
    assert not Path(answers[1].thumbnails[0]).exists(), "a look leaves nothing behind"


def test_thumbnails_come_by_content(tmp_path: Path, folders: tuple[Path, Path]) -> None:
    with EngineClient(engine_command(tmp_path / "data")) as client:
        comparison = client.result(Compare(client.new_id(), job(folders))).comparison
        assert comparison is not None
        finding = next(f for f in comparison.findings if f.significant)
        ids = tuple(image.content_id for image in finding.evidence.b_most)
        done = client.result(Thumbnails(client.new_id(), comparison.id, ids))
        assert set(done.thumbnails) == set(ids)
        assert all(Path(path).read_bytes()[:2] == b"\xff\xd8" for path in done.thumbnails.values())


@pytest.mark.skipif(not LINUX, reason="the lock of this system is not the kernel's")
def test_engine_and_its_children_have_no_network(tmp_path: Path) -> None:
    with EngineClient(engine_command(tmp_path / "data")) as client:
        assert {"namespace", "seccomp"} & set(client.welcome.network_lock)
        checks = client.result(protocol.Doctor(client.new_id())).checks
        attempts = [check for check in checks if check["name"].startswith("Attempt")]
        assert attempts and all(check["ok"] for check in attempts)


@pytest.mark.skipif(not LINUX or not shutil.which("strace"), reason="needs strace")
def test_no_system_call_of_a_comparison_opens_a_socket(
    twofold: Any, folders: tuple[Path, Path], tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    calls = "trace=socket,connect,bind,listen,accept,accept4,sendto,sendmsg,execve"
    command = twofold.command("compare", *folders, "--report", tmp_path / "r.pdf")
    done = subprocess.run(
        ["strace", "-f", "-qq", "-e", calls, "-o", str(trace), *command],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = trace.read_text(errors="replace").splitlines()
    assert sum("execve(" in line for line in lines) >= 3, "engine and workers were traced too"
    assert [
        line for line in lines if "execve(" not in line and "(" in line and "---" not in line
    ] == []


def test_killed_engine_is_told_and_the_next_run_resumes(
    tmp_path: Path, many: tuple[Path, Path]
) -> None:
    data = tmp_path / "data"
    client = EngineClient(engine_command(data))
    with pytest.raises(EngineDied), client:
        for event in client.ask(Compare(client.new_id(), job(many))):
            if isinstance(event, Progress) and event.stage == "read" and event.done > 200:
                os.kill(client.pid, signal.SIGKILL)
    with EngineClient(engine_command(data)) as client:
        done = client.result(Compare(client.new_id(), job(many)))
        assert done.comparison is not None
        read = next(stage for stage in done.comparison.stages if stage.name == "read")
        assert read.done == 500
        assert read.reused > 0


def test_no_process_outlives_a_killed_frontend(tmp_path: Path, many: tuple[Path, Path]) -> None:
    """The frontend dies without a word; engine and workers end by themselves."""
    code = (
        "import sys; from engine.client import *; from engine.protocol import *\n"
        f"c = EngineClient(engine_command(Path({str(tmp_path / 'data')!r})))\n"
        f"j = Job(a=SetSource(({str(many[0])!r},)), b=SetSource(({str(many[1])!r},)))\n"
        "for e in c.ask(Compare('1', j)):\n"
        "    if isinstance(e, Progress) and e.stage == 'read' and e.done > 20:\n"
        "        print(c.pid, flush=True)\n"
    )
    frontend = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert frontend.stdout is not None
    engine = psutil.Process(int(frontend.stdout.readline()))
    family = [engine, *engine.children(recursive=True)]
    assert len(family) > 1
    frontend.kill()
    frontend.wait()
    frontend.stdout.close()
    _, alive = psutil.wait_procs(family, timeout=8)
    assert alive == []


@pytest.mark.skipif(not LINUX, reason="signals")
def test_interrupt_stops_within_two_seconds(twofold: Any, many: tuple[Path, Path]) -> None:
    running = subprocess.Popen(
        twofold.command("compare", *many),
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert running.stderr is not None
    for line in running.stderr:
        if b"Reading" in line:
            break
    time.sleep(0.5)
    running.send_signal(signal.SIGINT)
    begun = time.monotonic()
    _, said = running.communicate(timeout=30)
    assert running.returncode == 130, said
    assert b"Cancelled" in said
    assert time.monotonic() - begun < 2 + 1.5, "two seconds, and the ends of three processes"


def test_files_that_vanish_meanwhile_are_counted(tmp_path: Path, many: tuple[Path, Path]) -> None:
    with EngineClient(engine_command(tmp_path / "data")) as client:
        comparison = None
        gone = False
        for event in client.ask(Compare(client.new_id(), job(many))):
            if isinstance(event, Progress) and event.stage == "read" and not gone:
                gone = True
                for image in sorted(many[1].glob("*.jpg"))[-30:]:
                    image.unlink()
            if isinstance(event, Done):
                comparison = event.comparison
    assert comparison is not None
    vanished = [item for item in comparison.b.skipped if item.code == "vanished"]
    assert len(vanished) == 30
    assert "files_changed" in comparison.notes
    assert comparison.b.compared == 220


def test_nonsense_on_the_wire_is_answered(tmp_path: Path) -> None:
    with subprocess.Popen(
        engine_command(tmp_path / "data"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(b"nonsense\n" + b'{"type":"open","id":"7"}\n')
        process.stdin.flush()
        first = protocol.decode_event(process.stdout.readline())
        second = protocol.decode_event(process.stdout.readline())
        assert isinstance(first, protocol.Failed) and first.code == "bad_request"
        assert isinstance(second, protocol.Failed) and second.id == "7"
        process.stdin.write(protocol.encode(protocol.Hello(protocol.PROTOCOL + 1, "x")))
        process.stdin.flush()
        third = protocol.decode_event(process.stdout.readline())
        assert isinstance(third, protocol.Failed) and third.code == "protocol_mismatch"
        process.stdin.close()
        assert process.wait(8) == 0


def test_help_loads_nothing_heavy() -> None:
    heavy = "('numpy', 'PIL', 'PySide6', 'torch')"
    code = f"import sys, engine.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
