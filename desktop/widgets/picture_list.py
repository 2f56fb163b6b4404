"""Pictures in rows that fill the width exactly. Shows one row, some rows, or all of them."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPainterPath, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from desktop.item_models.image_model import MARK_ROLE, MISSING, STATE_ROLE, ImageModel
from desktop.theme import colours, qcolor

GAP = 8
CORNER = 6
_BATCH = 64


class PictureDelegate(QStyledItemDelegate):
    """One picture in its tile, with a few characters in its corner.

    whole: evidence is shown to its edges, where a border may be the very point; otherwise the
    picture fills the tile.
    """

    def __init__(self, parent: QObject, *, whole: bool) -> None:
        super().__init__(parent)
        self._whole = whole
        self.tile = QSize(1, 1)  # with the gap to its right and below

    def sizeHint(
        self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return self.tile

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        theme = colours()
        rect: QRect = option.rect
        box = QRectF(rect).adjusted(0, 0, -GAP, -GAP)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        clip = QPainterPath()
        clip.addRoundedRect(box, CORNER, CORNER)
        painter.fillPath(clip, qcolor(theme.sunken))
        image = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(image, QImage) and not image.isNull():
            painter.setClipPath(clip)
            if self._whole:
                painter.drawImage(_contain(image.size(), box), image)
            else:
                painter.drawImage(box, image, _cover(image.size(), box))
            painter.setClipping(False)
            painter.setPen(QPen(qcolor(theme.ink, 0.12), 1))
            painter.drawPath(clip)
        elif index.data(STATE_ROLE) == MISSING:
            painter.setPen(qcolor(theme.muted))
            painter.drawText(
                box.adjusted(4, 4, -4, -4),
                int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap),
                self.tr("no longer there"),
            )
        self._draw_mark(painter, box, str(index.data(MARK_ROLE) or ""))
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(qcolor(theme.ring), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), CORNER, CORNER)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(QPen(qcolor(theme.ink, 0.6), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), CORNER, CORNER)
        painter.restore()

    def _draw_mark(self, painter: QPainter, box: QRectF, mark: str) -> None:
        if not mark:
            return
        font = painter.font()
        font.setPointSizeF(max(7.5, font.pointSizeF() * 0.82))
        font.setWeight(font.Weight.DemiBold)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        width = metrics.horizontalAdvance(mark) + 10
        height = metrics.height() + 2
        plate = QRectF(box.left() + 4, box.bottom() - height - 4, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("#16181a", 0.78))
        painter.drawRoundedRect(plate, 4, 4)
        painter.setPen(qcolor("#ffffff"))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, mark)


class PictureList(QListView):
    """opened(row): the person wants to see one picture large."""

    opened = Signal(int)
    reshaped = Signal()

    def __init__(
        self, name: str, *, tile_px: int = 104, aspect: float = 0.75, whole: bool = True
    ) -> None:
        super().__init__()
        self._tile_px = tile_px
        self._aspect = aspect
        self._rows: int | None = 1
        self._fill_height = False
        self.setProperty("role", "pictures")
        self.setAccessibleName(name)
        self._delegate = PictureDelegate(self, whole=whole)
        self.setItemDelegate(self._delegate)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(_BATCH)
        self.setSpacing(0)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setMouseTracking(True)
        # every tile has a gap to its right, the last one beyond the edge
        self.setViewportMargins(0, 0, -GAP, 0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda index: self.opened.emit(index.row()))

    def setModel(self, model: QAbstractItemModel | None) -> None:
        super().setModel(model)
        if model is not None:
            model.modelReset.connect(self.reshape)

    def show_rows(self, rows: int | None) -> None:
        """How many rows of pictures are shown at most; None: all."""
        self._rows = rows
        self.reshape()

    def fill_height(self) -> None:
        """Show as many whole rows as there is room for, instead of asking for room."""
        self._fill_height = True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)

    @property
    def columns(self) -> int:
        return max(1, (self.width() + GAP) // (self._tile_px + GAP))

    @property
    def hidden_pictures(self) -> bool:
        """Whether there are more than are shown."""
        model = self.model()
        return isinstance(model, ImageModel) and len(model.items) > model.rowCount()

    def reshape(self) -> None:
        """Fit tiles to the width, and the height to the rows."""
        model = self.model()
        if not isinstance(model, ImageModel) or self.width() < self._tile_px // 2:
            return
        columns = self.columns
        width = (self.width() + GAP - 1) // columns  # a row filled to the last pixel would wrap
        height = round((width - GAP) * self._aspect) + GAP
        rows = self._rows
        if self._fill_height:
            rows = max(1, (self.height() + GAP) // height)
        if self._delegate.tile != QSize(width, height):
            self._delegate.tile = QSize(width, height)
            self.setGridSize(self._delegate.tile)
            self.scheduleDelayedItemsLayout()
        model.set_limit(len(model.items) if rows is None else rows * columns)
        if not self._fill_height:
            shown_rows = -(-model.rowCount() // columns)
            self.setFixedHeight(max(0, shown_rows * height - (GAP if shown_rows else 0)))
        self.reshaped.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.reshape()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the page scrolls, never a strip of it

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            if self.currentIndex().isValid():
                self.opened.emit(self.currentIndex().row())
            return
        super().keyPressEvent(event)


def _cover(size: QSize, box: QRectF) -> QRectF:
    """The part of a picture that fills a box without distortion, from its middle."""
    if size.width() * box.height() > size.height() * box.width():
        width = size.height() * box.width() / box.height()
        return QRectF((size.width() - width) / 2, 0, width, size.height())
    height = size.width() * box.height() / box.width()
    return QRectF(0, (size.height() - height) / 2, size.width(), height)


def _contain(size: QSize, box: QRectF) -> QRectF:
    """Where a whole picture stands in a box without distortion."""
    scale = min(box.width() / size.width(), box.height() / size.height())
    inside = QRectF(0, 0, size.width() * scale, size.height() * scale)
    inside.moveCenter(box.center())
    return inside
