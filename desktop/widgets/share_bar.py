"""How far something has come, as a bar. No words and no numbers."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.theme import colours


class ShareBar(QWidget):
    """A share of 0 … 1 of a track; paler when it is over."""

    def __init__(self) -> None:
        super().__init__()
        self._share = 0.0
        self._over = False
        self.setFixedHeight(6)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def share(self) -> float:
        return self._share

    def set_share(self, share: float, *, over: bool = False) -> None:
        self._share = share
        self._over = over
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.line))
        box = QRectF(self.rect())
        painter.drawRoundedRect(box, 3, 3)
        if self._share > 0:
            painter.setBrush(QColor(theme.line_strong if self._over else theme.ink))
            filled = QRectF(box.left(), box.top(), max(6.0, box.width() * self._share), 6)
            painter.drawRoundedRect(filled, 3, 3)
