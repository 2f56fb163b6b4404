"""One visible ring around whatever has the keyboard focus, in the whole window.

Shown only while the focus moves by keyboard; a click puts it out. Lists and fields show the
focus themselves.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QWindow
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QLineEdit,
    QWidget,
)

from desktop.theme import RADIUS, colours, qcolor

GAP_PX = 4  # from the widget's edge to the outer edge of the ring
WIDTH_PX = 2

_OWN_RING = (QLineEdit, QAbstractSpinBox, QAbstractItemView, QAbstractScrollArea)


class _Ring(QWidget):
    """Lies above a widget without taking part in anything."""

    def __init__(self, around: QWidget) -> None:
        ground = _ground(around)
        super().__init__(ground)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setGeometry(_inside(around, ground))
        self.show()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(qcolor(colours().ring), WIDTH_PX))
        inset = WIDTH_PX / 2
        box = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(box, RADIUS + 2, RADIUS + 2)


class FocusRing(QObject):
    """Follows the focus of an application; lives as long as it.

    Listens to the keys and clicks of the active window and to the focused widget, and to
    nothing else: a filter on the whole application would be called for every event there is.
    """

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._by_keyboard = False
        self._focused: QWidget | None = None
        self._ring: _Ring | None = None
        app.focusWindowChanged.connect(self._window_changed)
        app.focusChanged.connect(self._focus_changed)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if isinstance(watched, QWindow):
            if kind is QEvent.Type.KeyPress:
                self._by_keyboard = True
            elif kind is QEvent.Type.MouseButtonPress:
                self._by_keyboard = False
                self._put_out()
        elif watched is self._focused:
            if kind in (QEvent.Type.Move, QEvent.Type.Resize):
                self._follow()
            elif kind in (QEvent.Type.Hide, QEvent.Type.DeferredDelete):
                self._put_out()
        return False

    def _window_changed(self, window: QWindow | None) -> None:
        if window is not None:
            window.installEventFilter(self)  # twice is once

    def _focus_changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        self._put_out()
        if now is not None and self._by_keyboard and not isinstance(now, _OWN_RING):
            self._focused = now
            now.installEventFilter(self)
            self._ring = _Ring(now)

    def _follow(self) -> None:
        ground = self._ring.parentWidget() if self._ring is not None else None
        if self._ring is not None and self._focused is not None and ground is not None:
            self._ring.setGeometry(_inside(self._focused, ground))

    def _put_out(self) -> None:
        if self._focused is not None:
            self._focused.removeEventFilter(self)
        if self._ring is not None:
            self._ring.hide()
            self._ring.deleteLater()
        self._ring = None
        self._focused = None


def _ground(widget: QWidget) -> QWidget:
    """The nearest widget below that has room for the ring and scrolls along with the focus."""
    ground = widget.parentWidget() or widget
    while not ground.isWindow() and not ground.rect().contains(_around(widget, ground)):
        above = ground.parentWidget()
        if above is None or isinstance(above.parentWidget(), QAbstractScrollArea):
            break
        ground = above
    return ground


def _around(widget: QWidget, ground: QWidget) -> QRect:
    origin = widget.mapTo(ground, widget.rect().topLeft())
    return QRect(origin, widget.size()).adjusted(-GAP_PX, -GAP_PX, GAP_PX, GAP_PX)


def _inside(widget: QWidget, ground: QWidget) -> QRect:
    """The ring's place, drawn inward where the ground ends."""
    return _around(widget, ground) & ground.rect()
