"""One of a few things, in the window's own colours; drops down like any combo box."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox

from desktop.theme import colours
from desktop.widgets.glyphs import draw_glyph

_GLYPH = 12
_MARGIN = 10


class Choice(QComboBox):
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        left = self.width() - _GLYPH - _MARGIN
        box = QRectF(left, (self.height() - _GLYPH) / 2, _GLYPH, _GLYPH)
        theme = colours()
        draw_glyph(painter, "down", box, QColor(theme.muted if self.isEnabled() else theme.faint))
