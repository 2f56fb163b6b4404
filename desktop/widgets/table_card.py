"""A table that describes both sides: its file, and which columns say what."""

from __future__ import annotations

from pathlib import Path

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout

from desktop.safe_text import shown
from desktop.widgets.letter_badge import LetterBadge
from desktop.widgets.text import ElidedText, Text
from engine.protocol import TableSource
from engine.vocabulary import Side

_COLUMNS = 3  # of fields


class TableCard(QFrame):
    """edited(TableSource): a column or a group was named. cleared: choose folders instead."""

    edited = Signal(object)
    cleared = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._table: TableSource | None = None
        self._name = ElidedText("", "title")
        explain = Text(
            self.tr(
                "A table with one row an image. Paths start at the table's own folder. Leave the "
                "groups empty when the column holds exactly two."
            ),
            "muted",
            wrap=True,
        )
        clear = QPushButton(self.tr("Choose folders instead"))
        clear.clicked.connect(self.cleared)
        self._fields: dict[str, QLineEdit] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        for place, (name, text, hint) in enumerate(
            (
                ("path_column", self.tr("Column with the path"), ""),
                ("group_column", self.tr("Column with the group"), ""),
                ("caption_column", self.tr("Column with a caption, if any"), ""),
                ("group_a", self.tr("Group that becomes A"), self.tr("the first group")),
                ("group_b", self.tr("Group that becomes B"), self.tr("the second group")),
            )
        ):
            row, column = divmod(place, _COLUMNS)
            label, field = self._field(name, text, hint)
            grid.addWidget(label, 2 * row, column, Qt.AlignmentFlag.AlignBottom)
            grid.addWidget(field, 2 * row + 1, column)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(LetterBadge(Side.A, 32))
        head.addWidget(LetterBadge(Side.B, 32))
        head.addWidget(self._name, 1)
        head.addWidget(clear)
        column_box = QVBoxLayout(self)
        column_box.setContentsMargins(24, 24, 24, 24)
        column_box.setSpacing(12)
        column_box.addLayout(head)
        column_box.addWidget(explain)
        column_box.addLayout(grid)
        column_box.addStretch(1)

    def _field(self, name: str, text: str, hint: str) -> tuple[Text, QLineEdit]:
        label = Text(text, "small")
        field = QLineEdit()
        field.setObjectName(name)
        field.setAcceptDrops(False)
        field.setPlaceholderText(hint)
        field.setAccessibleName(text)
        field.textEdited.connect(self._edit)
        label.setBuddy(field)
        self._fields[name] = field
        return label, field

    def show_table(self, table: TableSource) -> None:
        if table == self._table:
            return
        self._table = table
        self._name.setText(shown(Path(table.file).name))
        for name, field in self._fields.items():
            field.setText(getattr(table, name))

    def _edit(self) -> None:
        if self._table is not None:
            values = {name: field.text().strip() for name, field in self._fields.items()}
            self._table = msgspec.structs.replace(self._table, **values)
            self.edited.emit(self._table)
