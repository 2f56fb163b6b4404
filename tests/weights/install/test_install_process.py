"""The installer as a process: it is stopped, killed, orphaned, started twice, and not believed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from engine.errors import InstallFailed, ModelMissing
from engine.install_client import Installer, install_command
from engine.protocol import CancelledEvent, Done, Event, Failed, Progress
from tests.fakes.install_bench import CLIP, CONFIG, SIZE, WEIGHTS, Bench, wait_until

ROOT = Path(__file__).parents[3]
SOON_S = 2.0  # by when whoever cancels has an answer


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


class TestCancelling:
    def test_a_stalled_connection_does_not_hold_it(self, bench: Bench) -> None:
        with bench.stalled() as installer:
            begun = time.monotonic()
            installer.cancel()
            events = list(installer.events())
            assert time.monotonic() - begun < SOON_S
            assert isinstance(events[-1], CancelledEvent)
            wait_until(lambda: gone(installer.pid))
        with pytest.raises(ModelMissing):
            bench.installed()
        assert bench.parts()[0].stat().st_size == SIZE // 2  # kept for the next time

        bench.install(CLIP).succeeded()
        assert bench.hub.journal[-1]["range"] == f"bytes={SIZE // 2}-"

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_by_a_signal(self, bench: Bench, number: signal.Signals) -> None:
        with bench.stalled() as installer:
            begun = time.monotonic()
            os.kill(installer.pid, number)
            assert isinstance(list(installer.events())[-1], CancelledEvent)
            assert time.monotonic() - begun < SOON_S

    def test_a_hub_that_does_not_even_begin_to_answer(self, bench: Bench) -> None:
        bench.clip()
        bench.hub.behave({"at": CONFIG, "do": "stall", "after": 0})
        with bench.installer(CLIP) as installer:
            wait_until(lambda: bool(bench.hub.journal))
            time.sleep(0.3)
            begun = time.monotonic()
            installer.cancel()
            assert isinstance(list(installer.events())[-1], CancelledEvent)
            assert time.monotonic() - begun < SOON_S

    def test_while_it_waits_for_a_busy_hub(self, bench: Bench) -> None:
        bench.clip()
        bench.hub.behave({"do": "status", "status": 429, "after": 60})
        with bench.installer(CLIP) as installer:
            wait_until(lambda: "again in" in installer.log)
            begun = time.monotonic()
            installer.cancel()
            assert isinstance(list(installer.events())[-1], CancelledEvent)
            assert time.monotonic() - begun < SOON_S

    def test_in_the_midst_of_a_fast_download(self, bench: Bench) -> None:
        bench.clip(size=20 * SIZE)
        bench.hub.behave({"at": WEIGHTS, "do": "slow", "rate": 20 * SIZE})
        with bench.installer(CLIP) as installer:
            events: list[Event] = []
            for event in installer.events():
                events.append(event)
                if isinstance(event, Progress) and event.done > SIZE:
                    installer.cancel()
        assert isinstance(events[-1], CancelledEvent)
        with pytest.raises(ModelMissing):
            bench.installed()

    def test_a_model_that_was_finished_before_stays(self, bench: Bench) -> None:
        bench.clip(name="clip-first", size=1000)
        with bench.stalled() as installer:
            installer.cancel()
        bench.hub.behave(
            {"at": f"large/.*{CLIP}/{WEIGHTS}", "do": "stall", "after": 1000, "times": 1}
        )
        with bench.installer("clip-first", CLIP) as installer:
            wait_until(lambda: "Installed" in installer.log)
            installer.cancel()
            assert isinstance(list(installer.events())[-1], CancelledEvent)
        bench.installed("clip-first")
        with pytest.raises(ModelMissing):
            bench.installed(CLIP)

    def test_leaving_the_context_ends_the_process(self, bench: Bench) -> None:
        with bench.stalled() as installer:
            pass
        assert gone(installer.pid)
        installer.close()  # again, to no effect


class TestNoProcessIsLeftBehind:
    def test_when_its_frontend_is_killed(self, bench: Bench) -> None:
        bench.clip(size=SIZE)
        bench.hub.behave({"at": f"large/.*{WEIGHTS}", "do": "stall", "after": SIZE // 2})
        frontend = (
            "import sys\n"
            "from engine.install_client import Installer\n"
            "with Installer(sys.argv[1:]) as installer:\n"
            "    print(installer.pid, flush=True)\n"
            "    list(installer.events())\n"
        )
        command = install_command(bench.root, [CLIP])
        with subprocess.Popen(
            [sys.executable, "-c", frontend, *command], stdout=subprocess.PIPE, cwd=ROOT
        ) as process:
            assert process.stdout is not None
            pid = int(process.stdout.readline())
            wait_until(lambda: bool(bench.parts()))
            process.kill()
            process.wait()
            begun = time.monotonic()
            wait_until(lambda: gone(pid))
            assert time.monotonic() - begun < SOON_S

    @pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs SIGSTOP")
    def test_when_it_hears_nothing(self, bench: Bench) -> None:
        with bench.stalled() as installer:
            os.kill(installer.pid, signal.SIGSTOP)
        assert gone(installer.pid)


class TestTwoAtOnce:
    def test_the_second_says_so_and_leaves_the_first_alone(self, bench: Bench) -> None:
        with bench.stalled() as first:
            outcome = bench.install(CLIP)
            assert outcome.failure.code == "shelf_busy"
            assert "Another program" in outcome.failure.message
            assert not gone(first.pid)
        bench.install(CLIP).succeeded()  # and the lock is gone with the first


class TestTheFrontendsSide:
    def test_it_goes_on_hearing_after_an_interrupt(self, bench: Bench) -> None:
        with bench.stalled() as installer:
            events = installer.events()
            assert isinstance(next(events), Progress)
            with pytest.raises(KeyboardInterrupt):
                events.throw(KeyboardInterrupt)  # type: ignore[attr-defined]
            installer.cancel()
            assert isinstance(list(installer.events())[-1], CancelledEvent)
            assert list(installer.events()) == []

    def program(self, text: str, *arguments: str) -> Installer:
        return Installer([sys.executable, "-c", text, *arguments])

    def test_one_that_dies_without_a_word(self) -> None:
        with (
            self.program("import sys; sys.exit('out of luck')") as installer,
            pytest.raises(InstallFailed, match=r"status 1\)\. Its last words: out of luck"),
        ):
            list(installer.events())

    def test_one_that_talks_nonsense(self) -> None:
        with (
            self.program("print('hello')") as installer,
            pytest.raises(InstallFailed, match="not understood"),
        ):
            list(installer.events())

    def test_one_that_cannot_be_started(self, tmp_path: Path) -> None:
        with pytest.raises(InstallFailed):
            Installer([str(tmp_path / "nothing")])

    def test_a_library_that_is_not_there(self, bench: Bench) -> None:
        without = "import runpy, sys; sys.modules['httpx2'] = None; "
        without += "runpy.run_module('engine.weights.install', run_name='__main__', alter_sys=True)"
        with self.program(without, *install_command(bench.root, [CLIP])[3:]) as installer:
            [last] = installer.events()
        assert isinstance(last, Failed)
        assert last.code == "library_missing"
        assert "twofold[models]" in last.hint

    def test_a_name_that_looks_like_an_option(self, bench: Bench) -> None:
        bench.clip()
        last = bench.install("--help").last
        assert isinstance(last, Failed)
        assert last.code == "unknown_model"

    def test_the_exit_status_says_how_it_ended(self, bench: Bench) -> None:
        bench.clip()
        for names, status in (([CLIP], 0), (["unknown"], 69)):
            process = subprocess.Popen(
                install_command(bench.root, names),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=ROOT,
            )
            with process:
                assert process.stdout is not None
                process.stdout.read()
                assert process.wait() == status

    def test_done_comes_last_and_once(self, bench: Bench) -> None:
        bench.clip()
        events = bench.install(CLIP).events
        assert [type(event) for event in events[-1:]] == [Done]
        assert all(isinstance(event, Progress) for event in events[:-1])
