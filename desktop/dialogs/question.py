"""Asks before something is lost. One question, one sentence about what follows, two answers."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.widgets.text import Text

WIDTH_PX = 440


class Question(QDialog):
    """accepted: the person said yes."""

    def __init__(
        self, parent: QWidget, question: str, follows: str, yes: str, no: str = ""
    ) -> None:
        """no: "" says "Keep"."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Twofold")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setFixedWidth(WIDTH_PX)
        go = QPushButton(yes)
        go.setObjectName("yes")
        go.setProperty("kind", "danger")
        go.clicked.connect(self.accept)
        go.setAutoDefault(False)
        keep = QPushButton(no or self.tr("Keep"))
        keep.setObjectName("no")
        keep.setDefault(True)
        keep.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(keep)
        buttons.addWidget(go)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addWidget(Text(question, "title", wrap=True))
        column.addWidget(Text(follows, "muted", wrap=True))
        column.addSpacing(16)
        column.addLayout(buttons)
        keep.setFocus()
