"""Something a person should know, in place: a sentence, the next step, a code in small print."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.failure_wording import worded
from desktop.safe_text import shown
from desktop.sources import Failure
from desktop.theme import colours, qcolor
from desktop.widgets.glyph_button import GlyphButton
from desktop.widgets.glyphs import draw_glyph
from desktop.widgets.text import Text, set_look

_GLYPHS = {"good": "check", "warn": "bang", "bad": "cross", "idle": "minus"}


class ToneMark(QWidget):
    """A filled disc with a sign: what kind of sentence stands beside it."""

    def __init__(self, tone: str = "idle", size_px: int = 20) -> None:
        super().__init__()
        self._tone = tone
        self.setFixedSize(QSize(size_px, size_px))

    def set_tone(self, tone: str) -> None:
        self._tone = tone
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor(colours().tone(self._tone)[0]))
        painter.drawEllipse(box)
        inset = box.width() * 0.2
        glyph = _GLYPHS.get(self._tone, "minus")
        inner = box.adjusted(inset, inset, -inset, -inset)
        draw_glyph(painter, glyph, inner, qcolor(colours().card))


class Notice(QFrame):
    """Hidden until told something. closed: the person has read it; acted: they took the step."""

    closed = Signal()
    acted = Signal()

    def __init__(self, *, closable: bool = True) -> None:
        super().__init__()
        self.setProperty("role", "notice")
        self._failure: Failure | None = None
        self._mark = ToneMark("bad")
        self._message = Text("", "strong", wrap=True, selectable=True)
        self._hint = Text("", "", wrap=True, selectable=True)
        self._code = Text("", "code", selectable=True)
        self._action = QPushButton()
        self._action.clicked.connect(self.acted)
        self._more = QPushButton(self.tr("Show the end of its log"))
        self._more.setProperty("kind", "link")
        self._more.setCheckable(True)
        self._more.toggled.connect(self._show_details)
        self._details = QPlainTextEdit()
        self._details.setReadOnly(True)
        self._details.setAccessibleName(self.tr("End of the engine's log"))
        self._details.setFixedHeight(136)
        self._close = GlyphButton("cross", self.tr("Close this message"))
        self._close.clicked.connect(self._dismiss)

        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._message)
        words.addWidget(self._hint)
        small = QHBoxLayout()
        small.setSpacing(8)
        small.addWidget(self._code)
        small.addWidget(self._more)
        small.addStretch(1)
        words.addLayout(small)
        words.addWidget(self._details)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 12, 12)
        row.setSpacing(12)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self._action, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        if not closable:
            self._close.hide()
        self.hide()

    @property
    def message(self) -> str:
        return self._message.text()

    @property
    def code(self) -> str:
        return self._code.text()

    @property
    def details(self) -> str:
        return self._details.toPlainText()

    def show_failure(self, failure: Failure | None, action: str = "") -> None:
        """None hides the notice. Sentences of the engine are shown as they are."""
        if failure is self._failure and failure is not None and action == self._action.text():
            self.show()
            return
        self._failure = failure
        if failure is None:
            self.hide()
            return
        full = worded(failure)
        self._put("bad", shown(full.message), shown(full.hint), action)
        self._code.say(self.tr("Code: {code}").format(code=shown(full.code)))
        self._more.setVisible(bool(full.details))
        self._more.setChecked(False)
        self._details.setPlainText(full.details)

    def show_words(self, tone: str, message: str, hint: str = "", action: str = "") -> None:
        self._failure = None
        self._put(tone, message, hint, action)

    def _put(self, tone: str, message: str, hint: str, action: str) -> None:
        self._mark.set_tone(tone)
        set_look(self, tone=tone)
        self._message.setText(message)
        self._hint.say(hint)
        self._code.say("")
        self._more.hide()
        self._details.hide()
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self.setAccessibleName(f"{message} {hint}")
        self.show()

    def _show_details(self, open_: bool) -> None:
        self._details.setVisible(open_)

    def _dismiss(self) -> None:
        self.hide()
        self.closed.emit()
