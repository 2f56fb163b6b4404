"""What keeps the images on this computer, checked on demand, and how to forget what is kept."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop import wording
from desktop.safe_text import shown
from desktop.session import Session
from desktop.state import Change
from desktop.state_parts import Phase, Work
from desktop.widgets.notice import ToneMark
from desktop.widgets.text import Text, card

WIDTH_PX, HEIGHT_PX = 640, 600


class PrivacyDialog(QDialog):
    """forget_all: the person wants everything gone, and has not been asked yet."""

    forget_all = Signal()

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle(self.tr("Privacy"))
        self.resize(WIDTH_PX, HEIGHT_PX)
        self._session = session
        self._mark = ToneMark("idle", 24)
        self._sentence = Text("", "title", wrap=True)
        self._explained = Text("", "muted", wrap=True)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(12)
        self._grid.setColumnStretch(1, 1)
        self._again = QPushButton(self.tr("Check again"))
        self._again.clicked.connect(session.check)
        self._build()
        session.changed.connect(self._on_change)
        self._show_lock()
        self._show_checks()
        session.check()

    def _on_change(self, changes: set[Change]) -> None:
        if Change.ENGINE in changes:
            self._show_lock()
        if Change.CHECKS in changes:
            self._show_checks()

    def _show_lock(self) -> None:
        engine = self._session.state.engine
        tone, sentence = wording.lock(engine)
        self._mark.set_tone(tone)
        self._sentence.setText(sentence)
        self._explained.setText(wording.lock_explained(engine))
        self._again.setEnabled(engine.phase is Phase.READY)

    def _show_checks(self) -> None:
        state = self._session.state
        while (item := self._grid.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        if state.checks_work is Work.FAILED:
            self._grid.addWidget(Text(self.tr("The checks could not be carried out."), "muted"))
        elif not state.checks:
            self._grid.addWidget(Text(self.tr("Checking…"), "muted"))
        for row, check in enumerate(state.checks):
            self._add_check(row, check)

    def _add_check(self, row: int, check: dict[str, Any]) -> None:
        fine = bool(check.get("ok"))
        mark = ToneMark("good" if fine else "warn", 18)
        mark.setAccessibleName(self.tr("in order") if fine else self.tr("attention"))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Text(shown(str(check.get("name", ""))), "strong", wrap=True))
        words.addWidget(
            Text(shown(str(check.get("text", ""))), "muted", wrap=True, selectable=True)
        )
        hint = shown(str(check.get("hint", "")))
        if hint and not fine:
            words.addWidget(Text(hint, "", wrap=True, selectable=True))
        holder = QWidget()
        holder.setObjectName("plain")
        holder.setLayout(words)
        words.setContentsMargins(0, 0, 0, 0)
        self._grid.addWidget(mark, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(holder, row, 1)

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._sentence, 1)
        inside = QWidget()
        inside.setObjectName("plain")
        box = QVBoxLayout(inside)
        box.setContentsMargins(16, 16, 16, 16)
        box.addLayout(self._grid)
        box.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(inside)
        frame = card()
        framed = QVBoxLayout(frame)
        framed.setContentsMargins(1, 1, 1, 1)
        framed.addWidget(area)
        kept = Text(
            self.tr(
                "Kept on this computer: comparisons, thumbnails of the images in them, and what "
                "was measured. The window remembers its size, and no folder."
            ),
            "small",
            wrap=True,
        )
        forget = QPushButton(self.tr("Forget everything…"))
        forget.setObjectName("forgetAll")
        forget.clicked.connect(self.forget_all)
        close = QPushButton(self.tr("Close"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(forget)
        buttons.addStretch(1)
        buttons.addWidget(self._again)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self._explained)
        column.addWidget(frame, 1)
        column.addWidget(kept)
        column.addLayout(buttons)
