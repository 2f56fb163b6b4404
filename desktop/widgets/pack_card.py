"""A pack of models as a card: for whom it is, what it takes, how far it is, and one button."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from desktop import models_wording
from desktop.models_state import INSTALLED
from desktop.safe_text import shown
from desktop.widgets.text import ElidedText, Text, set_look, tooltip
from engine.protocol import ModelEntry, PackEntry


class PackCard(QFrame):
    """install(name): the person wants the whole pack."""

    install = Signal(str)

    def __init__(self, pack: PackEntry) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.pack = pack
        self._title = ElidedText(shown(pack.title), "title")
        self._state = Text("", "small")
        summary = Text(shown(pack.summary), "muted", wrap=True)
        self._facts = ElidedText("", "small")
        self._fit = Text("", "small", wrap=True)
        self.button = QPushButton()
        self.button.setObjectName(f"install-{pack.name}")
        self.button.clicked.connect(lambda: self.install.emit(pack.name))
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._title, 1)
        head.addWidget(self._state)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._facts)
        words.addWidget(self._fit)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addLayout(words, 1)
        foot.addWidget(self.button, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(summary)
        column.addStretch(1)
        column.addLayout(foot)

    @property
    def state_text(self) -> str:
        return self._state.text()

    @property
    def fit_text(self) -> str:
        return self._fit.text()

    def show_pack(
        self, entries: Sequence[ModelEntry], *, being_installed: bool, primary: bool, why_not: str
    ) -> None:
        """entries: of its models. why_not: it cannot be installed now; "" when it can."""
        tone, words = models_wording.pack_state(entries)
        self._state.setText(words)
        set_look(self._state, tone=tone)
        self._facts.setText(models_wording.pack_facts(entries))
        tone, words = models_wording.pack_fit(entries)
        self._fit.setText(words)
        set_look(self._fit, tone=tone)
        whole = all(entry.state in INSTALLED for entry in entries)
        text = models_wording.pack_button(entries, being_installed=being_installed)
        self.button.setText(text)
        self.button.setAccessibleName(f"{text} {self._title.text()}")
        self.button.setAccessibleDescription(f"{self._state.text()} {self._fit.text()} {why_not}")
        self.button.setEnabled(not whole and not being_installed and not why_not)
        self.button.setToolTip(tooltip(why_not))
        set_look(self.button, kind="primary" if primary and not whole else "")
