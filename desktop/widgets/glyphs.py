"""Small line drawings, drawn as vectors at any size and pixel density."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

_BOX = 16.0  # glyphs are described in a box of 16 × 16

#: glyph -> polylines; a line ends where the next one starts
_LINES: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "cross": (((4, 4), (12, 12)), ((12, 4), (4, 12))),
    "check": (((3.5, 8.5), (6.8, 11.8), (12.8, 4.8)),),
    "right": (((6, 3.5), (10.5, 8), (6, 12.5)),),
    "left": (((10, 3.5), (5.5, 8), (10, 12.5)),),
    "down": (((3.5, 6), (8, 10.5), (12.5, 6)),),
    "swap": (
        ((2.5, 5.5), (13, 5.5)),
        ((10.3, 2.8), (13, 5.5), (10.3, 8.2)),
        ((13.5, 10.5), (3, 10.5)),
        ((5.7, 7.8), (3, 10.5), (5.7, 13.2)),
    ),
    "bang": (((8, 3.2), (8, 9.2)), ((8, 12.3), (8, 12.4))),
    "minus": (((4, 8), (12, 8)),),
    "info": (((8, 7.2), (8, 12.8)), ((8, 3.6), (8, 3.7))),
    "pencil": (
        ((3, 13), (3.6, 10.2), (10.8, 3), (13, 5.2), (5.8, 12.4), (3, 13)),
        ((9.2, 4.6), (11.4, 6.8)),
    ),
    "folder": (
        ((2, 4), (6, 4), (7.5, 5.8), (14, 5.8), (14, 12.5), (2, 12.5), (2, 4)),
    ),
}  # fmt: skip


def draw_glyph(painter: QPainter, name: str, box: QRectF, colour: QColor) -> None:
    """Draw a glyph as large as fits into the middle of `box`. Raises KeyError."""
    side = min(box.width(), box.height())
    scale = side / _BOX
    left = box.center().x() - side / 2
    top = box.center().y() - side / 2
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(colour, max(1.2, 1.6 * scale))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if name == "search":
        painter.drawEllipse(QRectF(left + 3 * scale, top + 3 * scale, 7.4 * scale, 7.4 * scale))
        painter.drawLine(
            QPointF(left + 9.6 * scale, top + 9.6 * scale),
            QPointF(left + 13 * scale, top + 13 * scale),
        )
    else:
        path = QPainterPath()
        for line in _LINES[name]:
            path.moveTo(left + line[0][0] * scale, top + line[0][1] * scale)
            for x, y in line[1:]:
                path.lineTo(left + x * scale, top + y * scale)
        painter.drawPath(path)
    painter.restore()
