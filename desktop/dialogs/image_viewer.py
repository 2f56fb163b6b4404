"""One image of the evidence, large, with its name and score; arrows lead to the next."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop.item_models.image_model import PictureItem
from desktop.theme import RADIUS, colours, qcolor
from desktop.thumbnail_loader import ThumbnailLoader
from desktop.widgets.glyph_button import GlyphButton
from desktop.widgets.letter_badge import LetterBadge
from desktop.widgets.text import Text
from engine.vocabulary import Side

PICTURE_PX = QSize(640, 480)
LARGEST_SCALE = 2.5  # thumbnails are small; beyond this a viewer would only show blur


class _Picture(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._image: QImage | None = None
        self.setMinimumSize(PICTURE_PX)

    def show_image(self, image: QImage | None) -> None:
        self._image = image
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        ground = QPainterPath()
        ground.addRoundedRect(QRectF(self.rect()), RADIUS, RADIUS)
        painter.fillPath(ground, qcolor(theme.sunken))
        if self._image is None or self._image.isNull():
            painter.setPen(qcolor(theme.muted))
            painter.drawText(
                self.rect(), Qt.AlignmentFlag.AlignCenter, self.tr("The picture is not at hand.")
            )
            return
        size = self._image.size()
        scale = min(
            (self.width() - 32) / size.width(), (self.height() - 32) / size.height(), LARGEST_SCALE
        )
        box = QRectF(0, 0, size.width() * scale, size.height() * scale)
        box.moveCenter(QRectF(self.rect()).center())
        painter.drawImage(box, self._image)


class ImageViewer(QDialog):
    """items: what to show, and the thumbnail file of each ("" where there is none)."""

    def __init__(
        self,
        items: Sequence[tuple[PictureItem, str]],
        row: int,
        side: Side,
        loader: ThumbnailLoader,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle(self.tr("Image of {side}").format(side=side))
        self._items = items
        self._row = row
        self._loader = loader
        self._picture = _Picture()
        self._name = Text("", "", wrap=True, selectable=True)
        self._name.setObjectName("imageName")
        self._place = Text("", "small")
        before = GlyphButton("left", self.tr("Image before"), size_px=32)
        after = GlyphButton("right", self.tr("Next image"), size_px=32)
        before.clicked.connect(lambda: self.step(-1))
        after.clicked.connect(lambda: self.step(1))
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(LetterBadge(side, 24))
        foot.addWidget(self._name, 1)
        foot.addWidget(self._place)
        foot.addWidget(before)
        foot.addWidget(after)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self._picture, 1)
        column.addLayout(foot)
        loader.loaded.connect(self._on_loaded)
        self.step(0)

    @property
    def caption(self) -> str:
        return self._name.text()

    def step(self, rows: int) -> None:
        if not self._items:
            return
        self._row = min(max(self._row + rows, 0), len(self._items) - 1)
        item, file = self._items[self._row]
        self._name.setText(item.name)
        self._place.setText(f"{self._row + 1} / {len(self._items)}")
        self._picture.setAccessibleName(item.name)
        self._picture.show_image(self._loader.image(file) if file else None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_K):
            self.step(-1)
        elif event.key() in (Qt.Key.Key_Right, Qt.Key.Key_J):
            self.step(1)
        else:
            super().keyPressEvent(event)

    def _on_loaded(self, file: str) -> None:
        if self._items and file == self._items[self._row][1]:
            self.step(0)
