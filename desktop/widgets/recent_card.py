"""A comparison made before, as a card to click."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFont, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy

from desktop import wording
from desktop.theme import RADIUS, colours
from desktop.widgets.glyph_button import GlyphButton
from engine.protocol import ComparisonEntry

HEIGHT_PX = 96
_PAD = 16


class RecentCard(QAbstractButton):
    """Clicked: open it. forget(id): the person wants it gone, and has not been asked yet."""

    forget = Signal(str)

    def __init__(self, entry: ComparisonEntry, now: datetime) -> None:
        super().__init__()
        self.entry = entry
        self._title = wording.compared_sets(entry.label_a, entry.label_b)
        self._facts = f"{wording.entry_sizes(entry)} · {wording.when(entry.created, now)}"
        self._tone, self._outcome = wording.entry_outcome(entry)
        self._over = False
        self.setAccessibleName(f"{self._title}, {self._facts}, {self._outcome}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._cross = GlyphButton("cross", self.tr("Forget this comparison…"), size_px=24)
        self._cross.setParent(self)
        self._cross.clicked.connect(lambda: self.forget.emit(self.entry.id))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)

    def sizeHint(self) -> QSize:
        return QSize(240, HEIGHT_PX)

    def enterEvent(self, _event: QEnterEvent) -> None:
        self._over = True
        self.update()

    def leaveEvent(self, _event: QEvent) -> None:
        self._over = False
        self.update()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._cross.move(self.width() - self._cross.width() - 8, 8)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.line_strong if self._over else theme.line), 1))
        painter.setBrush(QColor(theme.card))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        width = self.width() - 2 * _PAD
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        self._line(painter, QRectF(_PAD, 14, width - 24, 22), theme.ink, self._title)
        small = QFont(self.font())
        small.setPointSizeF(max(8.5, small.pointSizeF() * 0.88))
        painter.setFont(small)
        self._line(painter, QRectF(_PAD, 38, width, 22), theme.muted, self._facts)
        small.setWeight(QFont.Weight.DemiBold)
        painter.setFont(small)
        colour = theme.tone(self._tone)[0]
        self._line(painter, QRectF(_PAD, 62, width, 22), colour, self._outcome)

    def _line(self, painter: QPainter, box: QRectF, colour: str, text: str) -> None:
        painter.setPen(QColor(colour))
        cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, int(flags), cut)

    def _menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Open")).triggered.connect(self.click)
        menu.addAction(self.tr("Forget…")).triggered.connect(
            lambda: self.forget.emit(self.entry.id)
        )
        menu.popup(self.mapToGlobal(at))
