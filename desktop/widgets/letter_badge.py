"""The letter A or B in its colour: the mark that stands wherever the colour stands."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.theme import colours, qcolor
from engine.vocabulary import Side


def draw_badge(painter: QPainter, box: QRectF, side: Side, *, filled: bool = False) -> None:
    """A rounded square with the letter in the middle, as large as `box`."""
    theme = colours()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor(theme.side(side) if filled else theme.side_tint(side)))
    painter.drawRoundedRect(box, box.height() / 4, box.height() / 4)
    font = QFont(painter.font())
    font.setPixelSize(max(8, round(box.height() * 0.56)))
    font.setWeight(QFont.Weight.Bold)
    painter.setFont(font)
    painter.setPen(qcolor(theme.card if filled else theme.side(side)))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(side))
    painter.restore()


class LetterBadge(QWidget):
    def __init__(self, side: Side, size_px: int = 32, *, filled: bool = False) -> None:
        super().__init__()
        self._side = side
        self._filled = filled
        self.setFixedSize(QSize(size_px, size_px))
        self.setAccessibleName(str(side))

    def set_side(self, side: Side) -> None:
        self._side = side
        self.setAccessibleName(str(side))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        draw_badge(QPainter(self), QRectF(self.rect()), self._side, filled=self._filled)
