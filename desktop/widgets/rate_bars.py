"""How often a phrase is true in A and in B, as two bars: for scores that are yes or no."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop import figures
from desktop.theme import colours, qcolor
from desktop.widgets.letter_badge import draw_badge
from engine.vocabulary import Finding, Side

_BAR = 24
_GAP = 16
_LETTER = 20
_PAD = 16


class RateBars(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._finding: Finding | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_finding(self, finding: Finding) -> None:
        self._finding = finding
        self.setAccessibleName(
            self.tr("True of {a} of A and {b} of B").format(
                a=figures.percent(finding.rate_a), b=figures.percent(finding.rate_b)
            )
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, 2 * _PAD + 2 * _BAR + _GAP)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._finding is None:
            return
        theme = colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.sunken))
        painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
        rates = {Side.A: self._finding.rate_a, Side.B: self._finding.rate_b}
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        numbers = painter.fontMetrics().horizontalAdvance("99.9 % ") + 24
        track = self.width() - 2 * _PAD - _LETTER - 12 - numbers
        for row, (side, rate) in enumerate(rates.items()):
            top = _PAD + row * (_BAR + _GAP)
            draw_badge(painter, QRectF(_PAD, top + 2, _LETTER, _LETTER), side, filled=True)
            left = _PAD + _LETTER + 12
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.line))
            painter.drawRoundedRect(QRectF(left, top, track, _BAR), 4, 4)
            painter.setBrush(qcolor(theme.side(side), 0.85))
            painter.drawRoundedRect(QRectF(left, top, max(2.0, track * rate), _BAR), 4, 4)
            painter.setPen(QColor(theme.side(side)))
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            box = QRectF(left + track, top, numbers, _BAR)
            painter.drawText(box, int(flags), figures.percent(rate))
