"""One side of the comparison to be: empty, looked into, filled or failed.

Takes folders, files and tables by drop, paste, typing or Browse…, and says what it was given;
what that means is decided elsewhere.
"""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from desktop import wording
from desktop.item_models.image_model import ImageModel, PictureItem
from desktop.safe_text import isolated, shown
from desktop.sources import Look, SideState, Unusable, default_label
from desktop.theme import RADIUS, colours, qcolor
from desktop.thumbnail_loader import ThumbnailLoader
from desktop.widgets.glyph_button import GlyphButton
from desktop.widgets.letter_badge import LetterBadge
from desktop.widgets.notice import Notice
from desktop.widgets.picture_list import PictureList
from desktop.widgets.text import ElidedText, Text
from engine.vocabulary import Side

MIN_HEIGHT_PX = 304


def local_paths(mime: QMimeData) -> tuple[list[str], Unusable | None]:
    """The files and folders in something dropped or copied."""
    urls = mime.urls()
    if not urls:
        return [], Unusable.NOTHING
    if any(not url.isLocalFile() for url in urls):
        return [], Unusable.REMOTE
    return [url.toLocalFile().rstrip("/") or "/" for url in urls], None


def accept_copy(event: QDropEvent) -> None:
    """Never take a move that is offered: the file manager would delete what was dropped."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()


class BrowseMenu(QMenu):
    """chosen(kind): "folder", "images" or "table"."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        for kind, text in (
            ("folder", self.tr("Folder…")),
            ("images", self.tr("Single images…")),
            ("table", self.tr("Table with groups (CSV)…")),
        ):
            action = self.addAction(text)
            action.triggered.connect(lambda _=False, kind=kind: self.chosen.emit(kind))


class DropZone(QFrame):
    """given(paths): local files and folders. typed(text): a path in words. refused(Unusable)."""

    given = Signal(list)
    typed = Signal(str)
    refused = Signal(object)
    browse = Signal(str)
    relabelled = Signal(str)
    cleared = Signal()
    split = Signal()  # use the two subfolders as A and B

    def __init__(self, side: Side, loader: ThumbnailLoader) -> None:
        super().__init__()
        self._side = side
        self._over = False
        self._filled = False
        self.setObjectName(f"zone{side}")
        self.setAcceptDrops(True)
        self.setMinimumHeight(MIN_HEIGHT_PX)
        self.setAccessibleName(self.tr("Side {side}").format(side=side))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._model = ImageModel(loader, self)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self._empty_page())
        self._stack.addWidget(self._filled_page())

    # --- what it shows ------------------------------------------------------------------------

    def render_side(self, part: SideState) -> None:
        self._filled = bool(part.paths)
        self._stack.setCurrentIndex(1 if self._filled else 0)
        self._empty_notice.show_failure(None if self._filled else part.failure)
        self._path.setText("")
        if self._filled:
            self._render_filled(part)
        self.update()

    def _render_filled(self, part: SideState) -> None:
        if not self._label.hasFocus():
            self._label.setText(shown(part.label or default_label(part.paths)))
            self._label.setCursorPosition(0)
        answer = part.answer
        self._notice.show_failure(part.failure)
        self._pictures.setVisible(part.failure is None)
        if answer is None:
            looking = self.tr("Looking…") if part.look is Look.LOOKING else ""
            self._summary.setText(looking)
            self._summary.setToolTip("")
            self._remarks.say("")
            self._offer.hide()
            self._show_pictures(())
            return
        self._summary.setText(wording.side_summary(answer))
        self._summary.setToolTip(wording.formats_listed(answer))
        self._remarks.say(wording.side_remarks(answer))
        self._offer.setVisible(part.offers_split)
        if part.offers_split:
            first, second = answer.subfolders
            self._offer_text.setText(
                self.tr("It has two subfolders with images: {a} and {b}.").format(
                    a=isolated(first), b=isolated(second)
                )
            )
        if answer.images == 0:
            self._pictures.hide()
            self._notice.show_words(
                "warn",
                self.tr("No images here."),
                self.tr("Choose another folder, or switch on “Include subfolders”."),
            )
        self._show_pictures(answer.thumbnails)

    def _show_pictures(self, files: tuple[str, ...]) -> None:
        if tuple(item.key for item in self._model.items) != files:
            name = self.tr("An image of {side}").format(side=self._side)
            self._model.set_items([PictureItem(file, name) for file in files])
            self._model.set_files({file: file for file in files}, set())

    # --- building -----------------------------------------------------------------------------

    def _empty_page(self) -> QWidget:
        page = QWidget()
        first = self._side is Side.A
        headline = Text(
            self.tr("Drop the first folder here")
            if first
            else self.tr("Drop the second folder here"),
            "title",
        )
        explain = Text(self.tr("a folder, several, single images, or a CSV with groups"), "muted")
        for label in (headline, explain):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._browse = QPushButton(self.tr("Browse…"))
        self._browse.setAccessibleName(self.tr("Browse for {side}").format(side=self._side))
        menu = BrowseMenu(self._browse)
        menu.chosen.connect(self.browse)
        self._browse.setMenu(menu)
        self._path = QLineEdit()
        self._path.setObjectName(f"path{self._side}")
        self._path.setAcceptDrops(False)  # a folder dropped on it is meant for the zone
        self._path.setPlaceholderText(self.tr("or paste a path"))
        self._path.setAccessibleName(self.tr("Path for {side}").format(side=self._side))
        self._path.setMaximumWidth(240)
        self._path.returnPressed.connect(lambda: self.typed.emit(self._path.text()))
        self._empty_notice = Notice(closable=False)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(self._browse)
        row.addWidget(self._path)
        row.addStretch(1)
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addWidget(LetterBadge(self._side, 40), 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        column.addWidget(headline)
        column.addWidget(explain)
        column.addSpacing(8)
        column.addLayout(row)
        column.addStretch(1)
        column.addWidget(self._empty_notice)
        column.addSpacing(24)
        return page

    def _filled_page(self) -> QWidget:
        page = QWidget()
        self._label = QLineEdit()
        self._label.setObjectName(f"label{self._side}")
        self._label.setProperty("role", "title")
        self._label.setAcceptDrops(False)
        self._label.setMaxLength(120)
        self._label.setAccessibleName(self.tr("Name of {side}").format(side=self._side))
        self._label.setToolTip(self.tr("Click to give this side another name"))
        self._label.textEdited.connect(self.relabelled)
        self._label.editingFinished.connect(lambda: self._label.setCursorPosition(0))
        self._summary = ElidedText("", "small")
        self._summary.setContentsMargins(7, 0, 0, 0)
        change = GlyphButton(
            "folder", self.tr("Choose another folder for {side}").format(side=self._side)
        )
        change.clicked.connect(lambda: self.browse.emit("folder"))
        clear = GlyphButton("cross", self.tr("Clear {side}").format(side=self._side))
        clear.clicked.connect(self.cleared)
        self._pictures = PictureList(
            self.tr("Images of {side}").format(side=self._side),
            tile_px=80,
            aspect=0.9,
            whole=False,
        )
        self._pictures.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._pictures.setModel(self._model)
        self._pictures.fill_height()
        self._remarks = ElidedText("", "small")
        self._notice = Notice(closable=False)

        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self._label)
        names.addWidget(self._summary)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(LetterBadge(self._side, 40))
        head.addLayout(names, 1)
        head.addWidget(change, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(clear, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self._notice)
        column.addWidget(self._pictures, 1)
        column.addStretch(0)
        column.addWidget(self._offer_row())
        column.addWidget(self._remarks)
        return page

    def _offer_row(self) -> QWidget:
        self._offer = QFrame()
        self._offer.setProperty("role", "notice")
        self._offer_text = Text("", wrap=True)
        accept = QPushButton(self.tr("Use them as A and B"))
        accept.clicked.connect(self.split)
        row = QHBoxLayout(self._offer)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(12)
        row.addWidget(self._offer_text, 1)
        row.addWidget(accept)
        return self._offer

    # --- drops --------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            accept_copy(event)
            self._over = True
            self.update()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self._over = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        self._over = False
        self.update()
        paths, why = local_paths(event.mimeData())
        accept_copy(event)
        if why is not None:
            self.refused.emit(why)
        else:
            self.given.emit(paths)

    # --- drawing ------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(theme.line_strong), 1.5)
        if self._over:
            pen = QPen(QColor(theme.side(self._side)), 2)
        elif self._filled:
            pen = QPen(qcolor(theme.side(self._side), 0.75), 1.5)
        else:
            pen.setDashPattern([4, 4])
        painter.setPen(pen)
        painter.setBrush(QColor(theme.side_tint(self._side) if self._over else theme.card))
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(box, RADIUS + 2, RADIUS + 2)
