"""A comparison from the button to the findings, and everything that can come between."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.sources import Look
from desktop.state_parts import Phase
from desktop.widgets.header import Page
from desktop.widgets.text import Text
from tests.desktop.driving import Program, StartProgram

Folders = tuple[Path, Path]


def compare(program: Program, folders: Folders, qtbot: QtBot) -> None:
    program.ready()
    program.fill(*folders)
    button = program.window.findChild(QPushButton, "compare")
    assert isinstance(button, QPushButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    program.until(lambda: program.state.run is not None or program.state.comparison)


def said(program: Program, name: str) -> str:
    label = program.window.progress_view.findChild(Text, name)
    assert isinstance(label, Text)
    return label.text()


def notice(program: Program) -> str:
    shown = program.window.compare_view.notice
    return shown.message if shown.isVisible() else ""


def test_a_comparison_ends_at_its_findings(
    start: StartProgram, folders: Folders, qtbot: QtBot
) -> None:
    program = start()
    compare(program, folders, qtbot)
    program.until(lambda: program.window.page is Page.FINDINGS)
    view = program.window.findings_view
    assert view.banner.headline == "The two sets differ. 11 differences hold up."
    assert view.table.model().rowCount() == 14
    assert view.detail.phrase == "brighter images"
    job = program.requests("compare")[0]["job"]
    assert job["a"]["paths"] == [str(folders[0])]
    assert job["b"]["paths"] == [str(folders[1])]
    program.until(lambda: len(program.requests("list")) == 2)  # the list is fresh


def test_while_it_runs_one_sees_how_far_it_is(
    start: StartProgram, folders: Folders, qtbot: QtBot
) -> None:
    program = start("--hold", "--pace", "0.01")
    compare(program, folders, qtbot)
    assert program.window.page is Page.PROGRESS
    program.until(lambda: program.state.run and program.state.run.findings)
    assert said(program, "skipped").startswith("7 files could not be read (4 in A, 3 in B)")
    assert said(program, "found") == "14 findings"
    program.window.go(Page.HISTORY)
    assert program.window.page is Page.PROGRESS  # there is nowhere else to be


@pytest.mark.parametrize("way", ["escape", "button"])
def test_cancel_leads_back_within_two_seconds(
    start: StartProgram, folders: Folders, qtbot: QtBot, way: str
) -> None:
    program = start("--pace", "0.1")
    compare(program, folders, qtbot)
    if way == "escape":
        program.window.activateWindow()
        qtbot.keyClick(program.window, Qt.Key.Key_Escape)
    else:
        button = program.window.findChild(QPushButton, "cancel")
        assert isinstance(button, QPushButton)
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: program.window.page is Page.COMPARE, timeout=2_000)
    assert notice(program) == "Stopped."
    sides = program.state.sides.values()
    program.until(lambda: all(part.look is Look.DONE for part in sides))


def test_cancel_works_even_when_the_engine_does_not_listen(
    start: StartProgram, folders: Folders, qtbot: QtBot
) -> None:
    program = start("--behave", "stall")
    compare(program, folders, qtbot)
    program.until(lambda: program.state.run and sum(program.state.run.skipped.values()) == 7)
    qtbot.wait(50)
    program.session.stop()
    qtbot.waitUntil(lambda: program.window.page is Page.COMPARE, timeout=2_000)
    assert notice(program) == "Stopped."
    program.until(lambda: program.state.engine.phase is Phase.READY)  # another one


def test_an_engine_that_dies_is_reported_and_started_again(
    start: StartProgram, folders: Folders, qtbot: QtBot, tmp_path: Path
) -> None:
    program = start("--behave", "die-once", "--mark", str(tmp_path / "mark"))
    compare(program, folders, qtbot)
    program.until(lambda: notice(program))
    shown = program.window.compare_view.notice
    assert shown.message == "The engine was ended from outside or crashed."
    assert shown.code == "Code: engine_died"
    assert "this is the end of the log" in shown.details
    program.until(lambda: program.state.engine.phase is Phase.READY)
    program.session.compare()
    program.until(lambda: program.window.page is Page.FINDINGS)


def test_an_engine_that_keeps_dying_waits_for_the_person(start: StartProgram, qtbot: QtBot) -> None:
    program = start("--behave", "die")
    program.until(program.down)
    assert program.window.status_line.lock_text == "The engine is not running"
    assert "exit status 3" in notice(program)
    again = next(
        b for b in program.window.compare_view.notice.findChildren(QPushButton)
        if b.text() == "Start the engine again"
    )  # fmt: skip
    pids = program.process.process_id
    qtbot.mouseClick(again, Qt.MouseButton.LeftButton)
    assert program.process.process_id != pids
    program.until(program.down)


@pytest.mark.parametrize(
    ("behave", "code"),
    [
        ("newer-protocol", "protocol_mismatch"),
        ("garbage", "protocol_mismatch"),
        ("refuse", "database_newer"),
    ],
)
def test_an_engine_that_does_not_fit_is_explained(
    start: StartProgram, behave: str, code: str
) -> None:
    program = start("--behave", behave)
    program.until(program.down)
    assert program.window.compare_view.notice.code == f"Code: {code}"


def test_an_engine_killed_while_idle_comes_back_by_itself(start: StartProgram) -> None:
    program = start()
    program.ready()
    os.kill(program.process.process_id, signal.SIGKILL)
    program.until(lambda: program.state.engine.failure is not None)
    program.until(lambda: program.state.engine.phase is Phase.READY)
    assert len(program.requests("hello")) == 2


def test_a_comparison_that_fails_says_so_in_place(
    start: StartProgram, folders: Folders, qtbot: QtBot
) -> None:
    program = start("--behave", "fail")
    compare(program, folders, qtbot)
    program.until(lambda: notice(program))
    assert program.window.page is Page.COMPARE
    assert notice(program) == "Neither side holds an image."
    assert program.window.compare_view.notice.code == "Code: no_images"


def test_an_engine_that_lies_confuses_nobody(
    start: StartProgram, folders: Folders, qtbot: QtBot
) -> None:
    program = start("--behave", "lie")
    compare(program, folders, qtbot)
    program.until(lambda: notice(program))
    assert notice(program) == "The engine ended without an answer."
    program.open_first()
    program.until(lambda: program.requests("thumbnails"))
    qtbot.wait(200)  # its thumbnails are no pictures: empty tiles, no trouble
    assert program.window.findings_view.table.model().rowCount() == 14


def test_comparing_again_uses_the_folders_as_they_are_now(start: StartProgram) -> None:
    program = start()
    opened = program.open_first()
    program.window.header.compare_again.emit()
    program.until(lambda: program.requests("rerun") and program.state.run is None)
    assert program.requests("rerun")[0]["comparison"] == opened.id
    assert program.window.page is Page.FINDINGS
