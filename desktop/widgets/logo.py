"""Two sheets, folded over one another: the sign of the program, drawn at any size."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from desktop.theme import LIGHT, Colours, colours

_ICON_SIZES_PX = (16, 24, 32, 48, 64, 128, 256)


def draw_logo(painter: QPainter, box: QRectF, theme: Colours) -> None:
    side = min(box.width(), box.height())
    sheet = side * 0.66
    corner = side * 0.13
    left = box.center().x() - side / 2
    top = box.center().y() - side / 2
    first, second = QPainterPath(), QPainterPath()
    first.addRoundedRect(QRectF(left, top, sheet, sheet), corner, corner)
    offset = side - sheet
    second.addRoundedRect(QRectF(left + offset, top + offset, sheet, sheet), corner, corner)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillPath(first, QColor(theme.a))
    painter.fillPath(second, QColor(theme.b))
    painter.fillPath(first.intersected(second), QColor(theme.ink))
    painter.restore()


class Logo(QWidget):
    def __init__(self, size_px: int = 24) -> None:
        super().__init__()
        self.setFixedSize(QSize(size_px, size_px))

    def paintEvent(self, _event: QPaintEvent) -> None:
        draw_logo(QPainter(self), QRectF(self.rect()), colours())


def app_icon() -> QIcon:
    icon = QIcon()
    for size in _ICON_SIZES_PX:
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        draw_logo(painter, QRectF(0, 0, size, size).adjusted(1, 1, -1, -1), LIGHT)
        painter.end()
        icon.addPixmap(pixmap)
    return icon
