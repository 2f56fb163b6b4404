"""The engine as a process: greeted, refused, missed, stopped."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot

from desktop.engine_process import Cause, Death, EngineProcess
from engine import protocol
from engine.protocol import CancelledEvent, Done, ListComparisons, Progress, Welcome

FAKE = Path(__file__).parents[1] / "fakes" / "engine.py"
WAIT_MS = 10_000

StartEngine = Callable[..., "Heard"]


class Heard:
    """An engine, and all that was heard of it."""

    def __init__(self, command: list[str], *, ephemeral: bool = False) -> None:
        self.engine = EngineProcess(command, "/nowhere", ephemeral=ephemeral)
        self.welcomes: list[Welcome] = []
        self.events: list[protocol.Message] = []
        self.deaths: list[Death] = []
        self.engine.welcomed.connect(self.welcomes.append)
        self.engine.received.connect(self.events.append)
        self.engine.died.connect(self.deaths.append)
        self.engine.start()


@pytest.fixture
def begin(prepared: Path, qtbot: QtBot) -> Iterator[StartEngine]:
    started: list[Heard] = []

    def start(*options: str, command: list[str] | None = None, ephemeral: bool = False) -> Heard:
        words = [sys.executable, str(FAKE), "--comparison", str(prepared / "sample.json")]
        started.append(Heard(command or [*words, *options], ephemeral=ephemeral))
        return started[-1]

    yield start
    for heard in started:
        heard.engine.close()
    assert psutil.Process().children(recursive=True) == []


def job(identifier: str) -> protocol.Compare:
    source = protocol.SetSource(("/a",))
    return protocol.Compare(identifier, protocol.Job(a=source, b=source))


def ended(heard: Heard) -> bool:
    return bool(heard.events) and isinstance(heard.events[-1], Done)


def test_a_greeting_is_answered(begin: StartEngine, qtbot: QtBot) -> None:
    heard = begin("--lock", "seccomp")
    qtbot.waitUntil(lambda: bool(heard.welcomes), timeout=WAIT_MS)
    assert heard.welcomes[0].network_lock == ("seccomp",)
    heard.engine.send(ListComparisons("1"))
    qtbot.waitUntil(lambda: bool(heard.events), timeout=WAIT_MS)
    assert isinstance(heard.events[0], Done)


@pytest.mark.parametrize(
    ("behave", "cause"),
    [("newer-protocol", Cause.OTHER_PROTOCOL), ("garbage", Cause.GARBLED)],
)
def test_a_stranger_is_sent_away_and_not_started_again(
    begin: StartEngine, qtbot: QtBot, behave: str, cause: Cause
) -> None:
    heard = begin("--behave", behave)
    qtbot.waitUntil(lambda: bool(heard.deaths), timeout=WAIT_MS)
    death = heard.deaths[0]
    assert (death.cause, death.comes_back, heard.engine.process_id) == (cause, False, 0)
    if behave == "newer-protocol":
        assert death.build == "9.0"


def test_an_engine_may_say_itself_why_it_cannot_work(begin: StartEngine, qtbot: QtBot) -> None:
    heard = begin("--behave", "refuse")
    qtbot.waitUntil(lambda: bool(heard.deaths), timeout=WAIT_MS)
    death = heard.deaths[0]
    assert death.cause is Cause.REFUSED
    assert death.refusal is not None
    assert death.refusal.code == "database_newer"


def test_a_program_that_is_not_there_is_reported(begin: StartEngine, qtbot: QtBot) -> None:
    heard = begin(command=["/nowhere/engine"])
    qtbot.waitUntil(lambda: bool(heard.deaths), timeout=WAIT_MS)
    assert heard.deaths[0].cause is Cause.NOT_STARTED


def test_a_dead_engine_is_started_again_once(begin: StartEngine, qtbot: QtBot) -> None:
    heard = begin("--behave", "die")
    qtbot.waitUntil(lambda: len(heard.deaths) == 2, timeout=WAIT_MS)
    assert [death.comes_back for death in heard.deaths] == [True, False]
    assert heard.deaths[0].exit_code == 3
    assert "this is the end of the log" in heard.deaths[0].log


def test_an_engine_that_is_killed_comes_back(
    begin: StartEngine, qtbot: QtBot, tmp_path: Path
) -> None:
    heard = begin("--behave", "die-once", "--mark", str(tmp_path / "mark"))
    qtbot.waitUntil(lambda: bool(heard.welcomes), timeout=WAIT_MS)
    heard.engine.send(job("1"))
    qtbot.waitUntil(lambda: len(heard.welcomes) == 2, timeout=WAIT_MS)
    assert heard.deaths[0].exit_code is None
    heard.engine.send(job("2"))
    qtbot.waitUntil(lambda: ended(heard), timeout=WAIT_MS)


def test_a_garbled_answer_ends_the_engine(begin: StartEngine, qtbot: QtBot) -> None:
    heard = begin("--behave", "garbage-later")
    qtbot.waitUntil(lambda: bool(heard.welcomes), timeout=WAIT_MS)
    heard.engine.send(job("1"))
    qtbot.waitUntil(lambda: bool(heard.deaths), timeout=WAIT_MS)
    assert heard.deaths[0].cause is Cause.GARBLED


def test_cancel_is_heard(begin: StartEngine, qtbot: QtBot) -> None:
    heard = begin("--pace", "0.05")
    qtbot.waitUntil(lambda: bool(heard.welcomes), timeout=WAIT_MS)
    before = heard.engine.process_id
    heard.engine.send(job("1"))
    qtbot.waitUntil(lambda: bool(heard.events), timeout=WAIT_MS)
    heard.engine.cancel("1")
    qtbot.waitUntil(lambda: heard.events[-1] == CancelledEvent("1"), timeout=2_000)
    assert heard.engine.process_id == before


def test_an_engine_that_ignores_cancel_is_ended_and_replaced(
    begin: StartEngine, qtbot: QtBot
) -> None:
    heard = begin("--behave", "stall")
    qtbot.waitUntil(lambda: bool(heard.welcomes), timeout=WAIT_MS)
    before = heard.engine.process_id
    heard.engine.send(job("1"))
    reading = lambda: any(  # noqa: E731
        isinstance(e, protocol.SkippedEvent) and e.side == "B" for e in heard.events
    )
    qtbot.waitUntil(reading, timeout=WAIT_MS)
    qtbot.wait(50)
    heard.engine.cancel("1")
    qtbot.waitUntil(lambda: heard.events[-1] == CancelledEvent("1"), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: len(heard.welcomes) == 2, timeout=WAIT_MS)
    assert not psutil.pid_exists(before)
    assert heard.deaths == []  # it was meant to go


def test_closing_ends_even_an_engine_that_will_not_go(begin: StartEngine, qtbot: QtBot) -> None:
    heard = begin("--behave", "stall")
    qtbot.waitUntil(lambda: bool(heard.welcomes), timeout=WAIT_MS)
    heard.engine.send(job("1"))
    qtbot.waitUntil(lambda: len(heard.events) > 3, timeout=WAIT_MS)
    before = heard.engine.process_id
    heard.engine.close()
    assert not psutil.pid_exists(before)


def test_it_can_be_replaced_by_one_that_keeps_nothing(begin: StartEngine, qtbot: QtBot) -> None:
    heard = begin()
    qtbot.waitUntil(lambda: bool(heard.welcomes), timeout=WAIT_MS)
    heard.engine.restart(ephemeral=True)
    qtbot.waitUntil(lambda: len(heard.welcomes) == 2, timeout=WAIT_MS)
    assert [welcome.ephemeral for welcome in heard.welcomes] == [False, True]
    assert heard.deaths == []


def test_progress_keeps_its_order_among_many_lines(begin: StartEngine, qtbot: QtBot) -> None:
    heard = begin()
    qtbot.waitUntil(lambda: bool(heard.welcomes), timeout=WAIT_MS)
    heard.engine.send(job("1"))
    qtbot.waitUntil(lambda: ended(heard), timeout=WAIT_MS)
    reading = [e.done for e in heard.events if isinstance(e, Progress) and e.stage == "read"]
    assert reading == sorted(reading)
    assert len(reading) == 11
