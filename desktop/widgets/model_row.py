"""One model as a row: what it is, what it costs and allows, how it stands, what can be done."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop import models_wording
from desktop.models_state import INSTALLED
from desktop.safe_text import shown
from desktop.widgets.glyph_button import GlyphButton
from desktop.widgets.text import ElidedText, Text, rule, set_look, tooltip
from engine.protocol import ModelEntry

SIZE_PX, FIT_PX, STATE_PX, ACTIONS_PX, MORE_PX = 64, 96, 104, 168, 28
GAP_PX = 16
MODEL_SHARE, LICENCE_SHARE = 5, 4  # of the width that is left
ROW_PX = 52
LABEL_PX = 80  # of the names of details


class ModelRow(QWidget):
    """install, verify, remove (name): what the person wants; nobody has been asked yet."""

    install = Signal(str)
    verify = Signal(str)
    remove = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._entry: ModelEntry | None = None
        self._title = ElidedText("", "strong")
        self._name = ElidedText("", "small")
        self._size = Text("", "small")
        self._size.setFixedWidth(SIZE_PX)
        self._size.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._licence = ElidedText()
        self._forbids = ElidedText("", "small")
        self._fit = Text("", "small")
        self._fit.setFixedWidth(FIT_PX)
        self._state = Text("", "small")
        self._state.setFixedWidth(STATE_PX)
        self.install_button = self._button(self.install)
        self.verify_button = self._button(self.verify)
        self.remove_button = self._button(self.remove)
        self.more_button = GlyphButton("right", "", size_px=MORE_PX)
        self.more_button.setCheckable(True)
        self.more_button.toggled.connect(self._show_details)
        self._details: _Details | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addLayout(self._line())
        self._column.addWidget(rule())

    @property
    def entry(self) -> ModelEntry | None:
        return self._entry

    @property
    def state_text(self) -> str:
        return self._state.text()

    def show_entry(
        self, entry: ModelEntry, *, being_installed: bool, no_install: str, no_change: str
    ) -> None:
        """no_install, no_change: why it cannot be installed or changed now; "" when it can."""
        changed = entry != self._entry
        self._entry = entry
        title = models_wording.title(entry)
        self._title.setText(title)
        self._name.setText(models_wording.small_line(entry))
        self._size.setText(models_wording.size(entry) or "?")
        self._size.setToolTip(models_wording.size_explained(entry))
        self._licence.setText(shown(entry.licence))
        self._forbids.setText(models_wording.forbids(entry))
        self._forbids.setVisible(bool(entry.forbids))
        tone, words = models_wording.fit(entry.fits)
        self._fit.setText(words)
        set_look(self._fit, tone=tone)
        self._fit.setToolTip(tooltip(shown(entry.fit_text)))
        tone, words = models_wording.state(entry, being_installed=being_installed)
        self._state.setText(words)
        set_look(self._state, tone=tone)
        there = entry.state in INSTALLED
        own = not entry.repository and not entry.bundled
        self._offer(
            self.install_button,
            models_wording.install_button(entry),
            not there and bool(entry.repository),
            self.tr("Already being installed.") if being_installed else no_install,
        )
        self._offer(self.verify_button, self.tr("Verify"), there, no_change)
        something = there or own or entry.state in ("partial", "damaged")
        removable = something and not entry.bundled
        self._offer(self.remove_button, self.tr("Remove…"), removable, no_change)
        self.more_button.setAccessibleName(self.tr("Where {model} comes from").format(model=title))
        self.more_button.setToolTip(self.tr("Where it comes from"))
        if changed:
            self._renew_details()

    def _offer(self, button: QPushButton, text: str, offered: bool, why_not: str) -> None:
        button.setText(text)
        button.setVisible(offered)
        button.setEnabled(not why_not)
        button.setToolTip(tooltip(why_not))
        button.setAccessibleName(f"{text.rstrip('…')} {self._title.text()}")
        button.setAccessibleDescription(
            why_not or shown(self._entry.fit_text if self._entry else "")
        )

    # --- where it comes from ------------------------------------------------------------------

    def _show_details(self, on: bool) -> None:
        self.more_button.set_glyph("down" if on else "right")
        if on and self._details is None and self._entry is not None:
            self._details = _Details(self._entry)
            self._column.insertWidget(1, self._details)
        if self._details is not None:
            self._details.setVisible(on)

    def _renew_details(self) -> None:
        """Details of an entry that has changed since."""
        if self._details is not None:
            self._details.hide()
            self._details.deleteLater()
            self._details = None
            self._show_details(self.more_button.isChecked())

    # --- building -----------------------------------------------------------------------------

    def _button(self, signal: SignalInstance) -> QPushButton:
        def tell() -> None:
            if self._entry is not None:
                signal.emit(self._entry.name)

        button = QPushButton()
        button.setProperty("kind", "small")
        button.clicked.connect(tell)
        return button

    def _line(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(GAP_PX)
        actions = QWidget()
        actions.setFixedSize(ACTIONS_PX, ROW_PX)
        buttons = QHBoxLayout(actions)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(4)
        buttons.addStretch(1)
        for button in (self.install_button, self.verify_button, self.remove_button):
            buttons.addWidget(button)
        line.addLayout(_two_lines(self._title, self._name), MODEL_SHARE)
        line.addWidget(self._size)
        line.addLayout(_two_lines(self._licence, self._forbids), LICENCE_SHARE)
        line.addWidget(self._fit)
        line.addWidget(self._state)
        line.addWidget(actions)
        line.addWidget(self.more_button)
        return line


class _Details(QWidget):
    """Where a model comes from and what is known of it, as text that can be copied."""

    def __init__(self, entry: ModelEntry) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, MORE_PX, 12)
        grid.setHorizontalSpacing(GAP_PX)
        grid.setVerticalSpacing(4)
        grid.setColumnMinimumWidth(0, LABEL_PX)
        grid.setColumnStretch(1, 1)
        lines = (
            (self.tr("From"), models_wording.origin(entry)),
            (self.tr("Certainty"), models_wording.certainty(entry)),
            (self.tr("Licence"), models_wording.licence(entry)),
            (self.tr("Memory"), shown(entry.fit_text)),
            (self.tr("Notes"), shown(entry.notes)),
        )
        for row, (name, text) in enumerate(line for line in lines if line[1]):
            words = Text(text, "small", wrap=True, selectable=True)
            words.setAccessibleName(f"{name}: {text}")
            grid.addWidget(Text(name, "small"), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(words, row, 1)


class ModelHeadings(QWidget):
    """The names of the columns, above rows of the same widths."""

    def __init__(self) -> None:
        super().__init__()
        size = Text(self.tr("Size"), "small")
        size.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        fits = Text(self.tr("Fits into"), "small")
        state = Text(self.tr("State"), "small")
        for label, width in ((size, SIZE_PX), (fits, FIT_PX), (state, STATE_PX)):
            label.setFixedWidth(width)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(GAP_PX)
        line.addWidget(ElidedText(self.tr("Model"), "small"), MODEL_SHARE)
        line.addWidget(size)
        line.addWidget(ElidedText(self.tr("Licence"), "small"), LICENCE_SHARE)
        line.addWidget(fits)
        line.addWidget(state)
        line.addSpacing(GAP_PX + ACTIONS_PX + GAP_PX + MORE_PX)


def _two_lines(first: QWidget, second: QWidget) -> QVBoxLayout:
    lines = QVBoxLayout()
    lines.setContentsMargins(0, 0, 0, 0)
    lines.setSpacing(1)
    lines.addStretch(1)
    lines.addWidget(first)
    lines.addWidget(second)
    lines.addStretch(1)
    return lines
