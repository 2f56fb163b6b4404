"""Reads thumbnail files off the window's thread.

Reads only JPEG, the form in which the engine writes thumbnails from bare pixels: the window
never decodes a file that a person was given. A file that cannot be read is no image.
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from PySide6.QtCore import QObject, QThreadPool, Signal
from PySide6.QtGui import QImage, QImageReader

KEPT = 600  # images held in memory; 256 × 192 pixels take 200 kB each
LONGEST_SIDE_PX = 1024  # a larger file is none of the engine's thumbnails


class ThumbnailLoader(QObject):
    """loaded(path, image): the image is null when the file cannot be read."""

    loaded = Signal(str, QImage)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(2)
        self._kept: OrderedDict[str, QImage] = OrderedDict()
        self._under_way: set[str] = set()
        self.loaded.connect(self._keep)

    def image(self, path: str) -> QImage | None:
        """The image if it is at hand; otherwise None, and `loaded` will tell."""
        found = self._kept.get(path)
        if found is not None:
            self._kept.move_to_end(path)
            return found
        if path not in self._under_way:
            self._under_way.add(path)
            self._pool.start(lambda: self.loaded.emit(path, read_thumbnail(path)))
        return None

    def close(self) -> None:
        self._pool.clear()
        self._pool.waitForDone()

    def _keep(self, path: str, image: QImage) -> None:
        self._under_way.discard(path)
        self._kept[path] = image
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)


def read_thumbnail(path: str) -> QImage:
    """A null image when the file is not a small JPEG."""
    if not Path(path).is_file():
        return QImage()
    reader = QImageReader(path, b"jpeg")
    reader.setAutoDetectImageFormat(False)
    size = reader.size()
    if not size.isValid() or max(size.width(), size.height()) > LONGEST_SIDE_PX:
        return QImage()
    return reader.read()
