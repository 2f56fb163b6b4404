"""Lines of text as a Qt list model, written only when they are looked at.

A set may hold a hundred thousand files that could not be read.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

AnyIndex = QModelIndex | QPersistentModelIndex


class LinesModel(QAbstractListModel):
    """`line` gives the safe text of a row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._count = 0
        self._line: Callable[[int], str] = str

    def set_lines(self, count: int, line: Callable[[int], str]) -> None:
        self.beginResetModel()
        self._count = count
        self._line = line
        self.endResetModel()

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else self._count

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if index.isValid() and role == Qt.ItemDataRole.DisplayRole:
            return self._line(index.row())
        return None
