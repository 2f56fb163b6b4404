"""The program as a person meets it: a window to look at, a mouse to drop things with."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop.engine_process import EngineProcess
from desktop.main_window import MainWindow
from desktop.session import Session
from desktop.sources import Look
from desktop.state_parts import Phase
from desktop.widgets.header import Page
from engine.vocabulary import Comparison, Side

WAIT_MS = 10_000


class Program:
    """The program as it runs: a window, its session, its engine."""

    def __init__(
        self,
        command: list[str],
        journal: Path,
        data: Path,
        qtbot: QtBot,
        install_command: list[str] | None = None,
    ) -> None:
        self.journal = journal
        self.process = EngineProcess(command, str(data))
        self.session = Session(self.process, install_command or ())
        self.window = MainWindow(self.session)
        self.state = self.session.state
        self._qtbot = qtbot
        self.window.show()
        self.session.start()

    def until(self, holds: Callable[[], object]) -> None:
        def check() -> None:
            assert holds()

        self._qtbot.waitUntil(lambda: bool(holds()), timeout=WAIT_MS)
        self._qtbot.wait(60)  # until the news has been shown

    def ready(self) -> None:
        self.until(lambda: self.state.entries is not None)

    def requests(self, kind: str) -> list[dict[str, Any]]:
        """What the engine was asked, in order."""
        if not self.journal.exists():
            return []
        lines = self.journal.read_text(encoding="utf-8").splitlines()
        return [line for line in map(json.loads, lines) if line["type"] == kind]

    def fill(self, a: Path, b: Path) -> None:
        drop(self.window.compare_view.zones[Side.A], [a, b])
        sides = self.state.sides.values()
        self.until(lambda: all(part.look is Look.DONE for part in sides))

    def open_first(self) -> Comparison:
        self.until(lambda: self.state.entries)
        assert self.state.entries
        self.session.open(self.state.entries[0].id)
        self.until(lambda: self.window.page is Page.FINDINGS)
        assert self.state.comparison is not None
        return self.state.comparison

    def down(self) -> bool:
        return self.state.engine.phase is Phase.DOWN

    def close(self) -> None:
        self.window.leave()
        self.window.deleteLater()


StartProgram = Callable[..., Program]


def drop(target: QWidget, paths: list[Path] | list[str]) -> QDropEvent:
    """Drop files on a widget as a file manager does that would like to move them."""
    mime = QMimeData()
    mime.setUrls(
        [QUrl(path) if isinstance(path, str) else QUrl.fromLocalFile(str(path)) for path in paths]
    )
    middle = target.rect().center()
    actions = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    with warnings.catch_warnings():  # newer releases want a QPointF, older ones know none
        warnings.simplefilter("ignore", DeprecationWarning)
        enter = QDragEnterEvent(QPoint(middle), actions, mime, buttons, keys)
    QApplication.sendEvent(target, enter)
    assert enter.isAccepted()
    event = QDropEvent(QPointF(middle), actions, mime, buttons, keys)
    event.setDropAction(Qt.DropAction.MoveAction)
    QApplication.sendEvent(target, event)
    return event
