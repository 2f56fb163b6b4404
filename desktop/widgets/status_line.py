"""The line at the foot of the window: the state of the network lock, always, and the facts."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from desktop.theme import colours
from desktop.widgets.text import ElidedText, set_look

HEIGHT_PX = 32


class _Dot(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.tone = "idle"
        self.setFixedSize(QSize(10, 10))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours().tone(self.tone)[0]))
        painter.drawEllipse(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))


class StatusLine(QFrame):
    """privacy: the person wants to know more about the lock."""

    privacy = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "foot")
        self.setFixedHeight(HEIGHT_PX)
        self._dot = _Dot()
        self._lock = QPushButton()
        self._lock.setObjectName("lock")
        self._lock.setProperty("kind", "status")
        self._lock.setFixedHeight(24)
        self._lock.setToolTip(self.tr("What keeps your images on this computer"))
        self._lock.clicked.connect(self.privacy)
        self._facts = ElidedText("", "small")
        self._facts.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(4)
        row.addWidget(self._dot)
        row.addWidget(self._lock)
        row.addWidget(self._facts, 1)

    @property
    def lock_tone(self) -> str:
        return self._dot.tone

    @property
    def lock_text(self) -> str:
        return self._lock.text()

    def show_lock(self, tone: str, sentence: str) -> None:
        self._dot.tone = tone
        self._dot.update()
        self._lock.setText(sentence)
        self._lock.setAccessibleName(sentence)
        set_look(self._lock, tone=tone)

    def show_facts(self, text: str) -> None:
        self._facts.setText(text)
