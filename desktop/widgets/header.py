"""The bar at the top: what is open on the left, where one can go on the right."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QSizePolicy

from desktop import figures
from desktop.safe_text import shown
from desktop.widgets.letter_badge import LetterBadge
from desktop.widgets.logo import Logo
from desktop.widgets.text import ElidedText, Text
from engine.vocabulary import Comparison, Side

HEIGHT_PX = 56
WIDE_PX = 1200  # from here on there is room for a word between the two sets


class Page(Enum):
    COMPARE = auto()
    PROGRESS = auto()
    FINDINGS = auto()
    HISTORY = auto()
    MODELS = auto()


class _SetChip(QFrame):
    """ "A holiday 2012 · 1,204"."""

    def __init__(self, side: Side) -> None:
        super().__init__()
        self._name = ElidedText("", "strong")
        self._name.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._count = Text("", "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(LetterBadge(side, 24))
        row.addWidget(self._name)
        row.addWidget(self._count)

    def fill(self, label: str, compared: int) -> None:
        self._name.setText(shown(label))
        self._count.setText(figures.count(compared))


class Header(QFrame):
    chosen = Signal(Page)
    export = Signal()
    compare_again = Signal()
    shortcuts = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "bar")
        self.setFixedHeight(HEIGHT_PX)
        self._brand = Text("Twofold", "title")
        self._chips = {side: _SetChip(side) for side in Side}
        self._against = Text(self.tr("against"), "muted")
        self._at_findings = False
        self._pages: dict[Page, QPushButton] = {}
        group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 0, 24, 0)
        row.setSpacing(8)
        row.addWidget(Logo(24))
        row.addWidget(self._brand)
        row.addSpacing(8)
        row.addWidget(self._chips[Side.A])
        row.addSpacing(8)
        row.addWidget(self._against)
        row.addSpacing(8)
        row.addWidget(self._chips[Side.B])
        row.addStretch(1)
        for page, text in (
            (Page.COMPARE, self.tr("Compare")),
            (Page.FINDINGS, self.tr("Findings")),
            (Page.HISTORY, self.tr("History")),
            (Page.MODELS, self.tr("Models")),
        ):
            button = QPushButton(text)
            button.setObjectName(f"go{page.name.title()}")
            button.setProperty("kind", "nav")
            button.setCheckable(True)
            button.setFixedHeight(HEIGHT_PX - 1)
            # bold must not move its neighbours
            button.setMinimumWidth(button.fontMetrics().horizontalAdvance(text) + 36)
            button.clicked.connect(lambda _=False, page=page: self.chosen.emit(page))
            group.addButton(button)
            self._pages[page] = button
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
        self._again = QPushButton(self.tr("Compare again"))
        self._again.clicked.connect(self.compare_again)
        self._export = QPushButton(self.tr("Export…"))
        self._export.setObjectName("export")
        self._export.setProperty("kind", "primary")
        self._export.clicked.connect(self.export)
        help_button = QPushButton("?")
        help_button.setFixedWidth(32)
        help_button.setStyleSheet("padding: 6px 0;")
        help_button.setAccessibleName(self.tr("Keyboard shortcuts"))
        help_button.setToolTip(self.tr("Keyboard shortcuts (F1)"))
        help_button.clicked.connect(self.shortcuts)
        row.addSpacing(8)
        row.addWidget(self._again)
        row.addWidget(self._export)
        row.addWidget(help_button)

    def show_place(self, page: Page, comparison: Comparison | None, *, running: bool) -> None:
        """Mark the page, and offer only where one can go now."""
        self._pages[Page.COMPARE if page is Page.PROGRESS else page].setChecked(True)
        self._pages[Page.FINDINGS].setEnabled(comparison is not None and not running)
        self._pages[Page.HISTORY].setEnabled(not running)
        at_findings = page is Page.FINDINGS and comparison is not None
        self._export.setVisible(at_findings)
        self._again.setVisible(at_findings)
        self._brand.setVisible(not at_findings)
        self._at_findings = at_findings
        self._show_against()
        for side, chip in self._chips.items():
            chip.setVisible(at_findings)
            if comparison is not None:
                part = comparison.a if side is Side.A else comparison.b
                chip.fill(part.label, part.compared)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_against()

    def _show_against(self) -> None:
        self._against.setVisible(self._at_findings and self.width() >= WIDE_PX)

    def allow_again(self, allowed: bool) -> None:
        """Whether the open comparison can be made again now."""
        self._again.setEnabled(allowed)
        self._again.setToolTip(
            self.tr("Compare the same folders as they are now")
            if allowed
            else self.tr("Waiting for the work on models.")
        )
