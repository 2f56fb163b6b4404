"""A place with nothing to show: why, and the one next step."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.widgets.logo import Logo
from desktop.widgets.text import Text

TEXT_WIDTH_PX = 440


class EmptyState(QWidget):
    """stepped: the person takes the next step."""

    stepped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._title = Text("", "title", wrap=True)
        self._text = Text("", "muted", wrap=True)
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setFixedWidth(TEXT_WIDTH_PX)
        self._step = QPushButton()
        self._step.clicked.connect(self.stepped)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addStretch(2)
        column.addWidget(Logo(48), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(8)
        for label in (self._title, self._text):
            row = QHBoxLayout()
            row.addStretch(1)
            row.addWidget(label)
            row.addStretch(1)
            column.addLayout(row)
        column.addSpacing(8)
        column.addWidget(self._step, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    @property
    def title(self) -> str:
        return self._title.text()

    def show_words(self, title: str, text: str, step: str = "") -> None:
        self._title.setText(title)
        self._text.say(text)
        self._step.setText(step)
        self._step.setVisible(bool(step))
