"""A small button that shows a glyph and is named in words for everyone who cannot see it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton

from desktop.theme import colours
from desktop.widgets.glyphs import draw_glyph


class GlyphButton(QAbstractButton):
    """outlined: with a border and a card's ground, as a button that stands alone."""

    def __init__(self, glyph: str, name: str, *, size_px: int = 28, outlined: bool = False) -> None:
        super().__init__()
        self._glyph = glyph
        self._outlined = outlined
        self._over = False
        self.setFixedSize(QSize(size_px, size_px))
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_glyph(self, glyph: str) -> None:
        self._glyph = glyph
        self.update()

    def enterEvent(self, _event: QEnterEvent) -> None:
        self._over = True
        self.update()

    def leaveEvent(self, _event: QEvent) -> None:
        self._over = False
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        ground = theme.hover if self._over and self.isEnabled() else theme.card
        if self._outlined or (self._over and self.isEnabled()):
            painter.setPen(
                QColor(theme.line_strong) if self._outlined else Qt.GlobalColor.transparent
            )
            painter.setBrush(QColor(ground))
            radius = box.height() / 2 if self._outlined else 6
            painter.drawRoundedRect(box, radius, radius)
        if not self.isEnabled():
            colour = theme.faint
        else:
            colour = theme.ink if self._over or self.isDown() else theme.muted
        inner = self.height() * 0.56
        glyph_box = QRectF(0, 0, inner, inner)
        glyph_box.moveCenter(box.center())
        draw_glyph(painter, self._glyph, glyph_box, QColor(colour))
