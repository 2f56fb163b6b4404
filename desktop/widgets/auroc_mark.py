"""The AUROC as a mark with its interval, on a scale that shows where chance lives.

The same mark stands in the table, in the detail and, drawn by the report, on paper.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from desktop.finding_filter import null_half_width
from desktop.theme import colours, qcolor
from engine.vocabulary import Finding

SCALE_LOW, SCALE_HIGH = 0.4, 1.0  # ends of the scale; an interval may reach below one half


def draw_auroc(painter: QPainter, box: QRectF, finding: Finding) -> None:
    """A track over the whole width of `box`, in the middle of its height."""
    theme = colours()
    colour = QColor(theme.side(finding.side) if finding.significant else theme.muted)
    middle = box.center().y()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.line))
    painter.drawRoundedRect(QRectF(box.left(), middle - 1.5, box.width(), 3), 1.5, 1.5)
    half = null_half_width(finding.n_a, finding.n_b)
    left, right = _x(box, 0.5 - half), _x(box, 0.5 + half)
    painter.setBrush(qcolor(theme.faint, 0.45))
    painter.drawRoundedRect(QRectF(left, middle - 5, max(3.0, right - left), 10), 2, 2)
    chance = _x(box, 0.5)
    painter.setPen(QPen(QColor(theme.muted), 1))
    painter.drawLine(QPointF(chance, middle - 7), QPointF(chance, middle + 7))
    low, high = _x(box, finding.auroc_low), _x(box, finding.auroc_high)
    painter.setPen(QPen(colour, 2))
    painter.drawLine(QPointF(low, middle), QPointF(high, middle))
    for end in (low, high):
        painter.drawLine(QPointF(end, middle - 3.5), QPointF(end, middle + 3.5))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(_x(box, finding.auroc), middle), 4.5, 4.5)
    painter.restore()


def _x(box: QRectF, auroc: float) -> float:
    inside = min(max(auroc, SCALE_LOW), SCALE_HIGH)
    return box.left() + (inside - SCALE_LOW) / (SCALE_HIGH - SCALE_LOW) * box.width()
