"""The overall answer in one sentence, what it rests on, and what could mislead beside it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListView, QPushButton, QVBoxLayout

from desktop import verdict_wording
from desktop.item_models.lines_model import LinesModel
from desktop.verdict_wording import Caution, Details
from desktop.widgets.flow_layout import FlowLayout
from desktop.widgets.notice import ToneMark
from desktop.widgets.text import Text
from engine.vocabulary import Comparison, Side

LIST_HEIGHT_PX = 144


class VerdictBanner(QFrame):
    """Cautions are buttons; one at a time shows its sentence and its list beneath."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._comparison: Comparison | None = None
        self._mark = ToneMark("good", 24)
        self._headline = Text("", "title", wrap=True, selectable=True)
        self._basis = Text("", "muted", wrap=True, selectable=True)
        self._next = Text("", "", wrap=True, selectable=True)
        self._flow = FlowLayout()
        self._cautions: dict[QPushButton, Caution] = {}
        self._sentence = Text("", "", wrap=True, selectable=True)
        self._lines = LinesModel(self)
        self._list = QListView()
        self._list.setProperty("role", "names")
        self._list.setModel(self._lines)
        self._list.setUniformItemSizes(True)
        self._list.setLayoutMode(QListView.LayoutMode.Batched)
        self._list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._list.setFixedHeight(LIST_HEIGHT_PX)

        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self._headline)
        words.addWidget(self._basis)
        words.addWidget(self._next)
        words.addSpacing(4)
        words.addLayout(self._flow)
        self._sentence.setContentsMargins(0, 8, 0, 4)
        words.addWidget(self._sentence)
        words.addWidget(self._list)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 16, 16, 16)
        row.setSpacing(16)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)

    @property
    def headline(self) -> str:
        return self._headline.text()

    @property
    def caution_buttons(self) -> list[QPushButton]:
        return list(self._cautions)

    def set_comparison(self, comparison: Comparison) -> None:
        self._comparison = comparison
        words = verdict_wording.verdict(comparison)
        self._mark.set_tone(words.tone)
        self._headline.setText(words.headline)
        self._basis.say(words.basis)
        self._next.say(words.next_step)
        self._cautions.clear()
        self._flow.clear()
        for caution in verdict_wording.cautions(comparison):
            button = QPushButton(f"{caution.short}  ▸")
            button.setProperty("kind", "caution")
            button.setCheckable(True)
            button.setAccessibleName(caution.short)
            button.setAccessibleDescription(caution.sentence)
            self._cautions[button] = caution
            button.toggled.connect(self._toggled)
            self._flow.addWidget(button)
        self._sentence.hide()
        self._list.hide()
        self.updateGeometry()

    def _toggled(self, on: bool) -> None:
        """At most one caution is open."""
        chosen = self.sender()
        for button, caution in self._cautions.items():
            if on and button is not chosen and button.isChecked():
                button.setChecked(False)
            button.setText(f"{caution.short}  {'▾' if button.isChecked() else '▸'}")
        opened = [caution for button, caution in self._cautions.items() if button.isChecked()]
        self._show_details(opened[0] if opened else None)

    def _show_details(self, caution: Caution | None) -> None:
        if caution is None or self._comparison is None:
            self._sentence.hide()
            self._list.hide()
            return
        self._sentence.say(caution.sentence)
        self._lines.set_lines(*_lines(self._comparison, caution.details))
        self._list.setVisible(caution.details is not Details.NONE)
        self._list.setAccessibleName(caution.short)


def _lines(comparison: Comparison, details: Details) -> tuple[int, Callable[[int], str]]:
    """How many lines there are, and what a line says."""
    shared, in_a, in_b = comparison.shared, comparison.a.skipped, comparison.b.skipped
    if details is Details.SHARED:
        return len(shared), lambda row: verdict_wording.shared_line(shared[row])
    if details is Details.NONE:
        return 0, str

    def skipped(row: int) -> str:
        if row < len(in_a):
            return verdict_wording.skipped_line(Side.A, in_a[row])
        return verdict_wording.skipped_line(Side.B, in_b[row - len(in_a)])

    return len(in_a) + len(in_b), skipped
