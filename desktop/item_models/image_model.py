"""A list of pictures as a Qt model: which, how they are called, and the pixels once loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QImage

from desktop.thumbnail_loader import ThumbnailLoader
from desktop.widgets.text import tooltip

AnyIndex = QModelIndex | QPersistentModelIndex

MARK_ROLE = Qt.ItemDataRole.UserRole + 1  # a few characters drawn on the picture
STATE_ROLE = Qt.ItemDataRole.UserRole + 2  # WAITING, READY or MISSING

WAITING, READY, MISSING = range(3)


@dataclass(frozen=True, slots=True)
class PictureItem:
    """key: content id or file, by which the picture is found. name: safe to show."""

    key: str
    name: str
    mark: str = ""


class ImageModel(QAbstractListModel):
    """Pictures arrive by `set_files`; only those that are shown are read."""

    def __init__(self, loader: ThumbnailLoader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._loader = loader
        self._items: tuple[PictureItem, ...] = ()
        self._limit = 0
        self._files: dict[str, str] = {}  # key -> thumbnail file
        self._missing: set[str] = set()
        self._rows: dict[str, list[int]] = {}  # thumbnail file -> rows
        loader.loaded.connect(self._on_loaded)

    @property
    def items(self) -> tuple[PictureItem, ...]:
        """All of them, shown or not."""
        return self._items

    def set_items(self, items: Sequence[PictureItem]) -> None:
        self.beginResetModel()
        self._items = tuple(items)
        self._limit = len(self._items)
        self._files = {}
        self._missing = set()
        self._rows = {}
        self.endResetModel()

    def set_limit(self, count: int) -> None:
        """Show only the first `count`."""
        count = max(0, min(count, len(self._items)))
        if count < self._limit:
            self.beginRemoveRows(QModelIndex(), count, self._limit - 1)
            self._limit = count
            self.endRemoveRows()
        elif count > self._limit:
            self.beginInsertRows(QModelIndex(), self._limit, count - 1)
            self._limit = count
            self.endInsertRows()

    def set_files(self, files: dict[str, str], missing: set[str]) -> None:
        """files: key -> thumbnail file. missing: keys that have none."""
        for row, item in enumerate(self._items):
            file = files.get(item.key)
            if file is not None and self._files.get(item.key) != file:
                self._files[item.key] = file
            elif item.key not in missing or item.key in self._missing:
                continue
            else:
                self._missing.add(item.key)
            if row < self._limit:
                self._changed(row)

    def image(self, row: int) -> QImage | None:
        """The picture if it is at hand; otherwise it is being fetched, or there is none."""
        file = self._files.get(self._items[row].key)
        if file is None:
            return None
        rows = self._rows.setdefault(file, [])
        if row not in rows:
            rows.append(row)
        image = self._loader.image(file)
        return None if image is None or image.isNull() else image

    # --- Qt ---------------------------------------------------------------------------------

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else self._limit

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= self._limit:
            return None
        item = self._items[index.row()]
        match role:
            case Qt.ItemDataRole.AccessibleTextRole:
                return item.name
            case Qt.ItemDataRole.ToolTipRole:
                return tooltip(item.name)
            case Qt.ItemDataRole.DecorationRole:
                return self.image(index.row())
            case _ if role == MARK_ROLE:
                return item.mark
            case _ if role == STATE_ROLE:
                return self._state(index.row())
        return None

    def _state(self, row: int) -> int:
        item = self._items[row]
        if item.key in self._missing:
            return MISSING
        file = self._files.get(item.key)
        if file is None:
            return WAITING
        image = self._loader.image(file)
        if image is None:
            return WAITING
        return MISSING if image.isNull() else READY

    def _on_loaded(self, file: str) -> None:
        for row in self._rows.get(file, ()):
            if row < self._limit:
                self._changed(row)

    def _changed(self, row: int) -> None:
        index = self.index(row, 0)
        self.dataChanged.emit(index, index)
