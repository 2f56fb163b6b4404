"""Comparisons made before as a Qt list model, newest first, narrowed by words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop import wording
from engine.protocol import ComparisonEntry

AnyIndex = QModelIndex | QPersistentModelIndex

ENTRY_ROLE = Qt.ItemDataRole.UserRole + 1


class HistoryModel(QAbstractListModel):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[ComparisonEntry, ...] = ()
        self._shown: tuple[ComparisonEntry, ...] = ()
        self._words = ""

    def set_entries(self, entries: Sequence[ComparisonEntry]) -> None:
        self._entries = tuple(entries)
        self._narrow()

    def set_words(self, words: str) -> None:
        """Every word must occur in one of the labels."""
        self._words = words
        self._narrow()

    def _narrow(self) -> None:
        wanted = self._words.casefold().split()
        self.beginResetModel()
        self._shown = tuple(
            entry
            for entry in self._entries
            if all(word in f"{entry.label_a}\n{entry.label_b}".casefold() for word in wanted)
        )
        self.endResetModel()

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        entry = self._shown[index.row()]
        if role == ENTRY_ROLE:
            return entry
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            title = wording.compared_sets(entry.label_a, entry.label_b)
            if role == Qt.ItemDataRole.DisplayRole:
                return title
            return f"{title}, {wording.entry_sizes(entry)}, {wording.entry_outcome(entry)[1]}"
        return None
