"""A check box in the window's own colours, with a border that can be seen in both themes."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox

from desktop.theme import colours
from desktop.widgets.glyphs import draw_glyph

_BOX = 18
_GAP = 8


class CheckBox(QCheckBox):
    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        width = _BOX + _GAP + metrics.horizontalAdvance(self.text()) + 4
        return QSize(width, max(_BOX, metrics.height()) + 6)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = (self.height() - _BOX) / 2
        box = QRectF(1, top, _BOX, _BOX).adjusted(0.5, 0.5, -0.5, -0.5)
        enabled = self.isEnabled()
        on = self.isChecked()
        edge = theme.ink if on or self.underMouse() else theme.muted
        painter.setPen(QPen(QColor(edge if enabled else theme.line_strong), 1.4))
        fill = theme.ink if on and enabled else theme.line if on else theme.card
        painter.setBrush(QColor(fill))
        painter.drawRoundedRect(box, 4, 4)
        if on:
            draw_glyph(painter, "check", box.adjusted(1, 1, -1, -1), QColor(theme.on_ink))
        painter.setPen(QColor(theme.ink if enabled else theme.faint))
        words = QRectF(_BOX + _GAP, 0, self.width() - _BOX - _GAP, self.height())
        painter.drawText(
            words, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), self.text()
        )
