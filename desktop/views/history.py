"""All comparisons that were kept: to reopen, or to forget."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QMenu,
    QPushButton,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop import wording
from desktop.item_models.history_model import ENTRY_ROLE, HistoryModel
from desktop.session import Session
from desktop.state import Change
from desktop.theme import colours
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.notice import Notice
from desktop.widgets.text import Text, card
from engine.protocol import ComparisonEntry

AnyIndex = QModelIndex | QPersistentModelIndex

ROW_PX = 56
_OUTCOME_PX = 200
_WHEN_PX = 160
_SIZES_PX = 180


class _EntryDelegate(QStyledItemDelegate):
    def sizeHint(self, _option: QStyleOptionViewItem, _index: AnyIndex) -> QSize:
        return QSize(320, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        entry = index.data(ENTRY_ROLE)
        if not isinstance(entry, ComparisonEntry):
            return
        theme = colours()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        box = QRectF(rect)
        painter.save()
        painter.setFont(option.font)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, QColor(theme.hover))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(box, QColor(theme.sunken))
        painter.fillRect(QRectF(box.left(), box.bottom() - 1, box.width(), 1), QColor(theme.line))
        tone, outcome = wording.entry_outcome(entry)
        inner = box.adjusted(16, 0, -16, 0)
        title = QRectF(inner)
        title.setRight(inner.right() - _OUTCOME_PX - _WHEN_PX - _SIZES_PX)
        _draw(painter, title.adjusted(0, 0, -16, 0), str(index.data()), theme.ink, bold=True)
        column = QRectF(title.right(), inner.top(), _SIZES_PX, inner.height())
        _draw(painter, column, wording.entry_sizes(entry), theme.muted)
        column.translate(_SIZES_PX, 0)
        column.setWidth(_WHEN_PX)
        now = datetime.now().astimezone()
        _draw(painter, column, wording.when(entry.created, now), theme.muted)
        column.translate(_WHEN_PX, 0)
        column.setWidth(_OUTCOME_PX)
        _draw(painter, column, outcome, theme.tone(tone)[0], bold=True)
        painter.restore()


def _draw(painter: QPainter, box: QRectF, text: str, colour: str, *, bold: bool = False) -> None:
    font = QFont(painter.font())
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    painter.setFont(font)
    painter.setPen(QColor(colour))
    cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), cut)


class _EntryList(QListView):
    chosen = Signal(str)
    forget = Signal(str)

    def current(self) -> str:
        entry = self.currentIndex().data(ENTRY_ROLE)
        return entry.id if isinstance(entry, ComparisonEntry) else ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current():
            self.chosen.emit(self.current())
        elif event.key() == Qt.Key.Key_Delete and self.current():
            self.forget.emit(self.current())
        else:
            super().keyPressEvent(event)


class HistoryView(QWidget):
    """forget(id or "*"): the person wants something gone, and has not been asked yet."""

    forget = Signal(str)
    new_comparison = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("ground")
        self._session = session
        self._model = HistoryModel(self)
        self.entries = _EntryList()
        self._notice = Notice()
        self._notice.closed.connect(session.forget_failures)
        self._build()
        session.changed.connect(self._on_change)
        self._on_change({Change.ENTRIES})

    def _on_change(self, changes: set[Change]) -> None:
        if changes & {Change.ENTRIES, Change.ENGINE}:
            state = self._session.state
            self._notice.show_failure(state.open_failure or state.entries_failure)
            self._model.set_entries(state.entries or ())
            self._show_kind()

    def _show_kind(self) -> None:
        state = self._session.state
        some = bool(state.entries)
        self._stack.setCurrentIndex(0 if some else 1)
        self._search.setVisible(some)
        self._forget_all.setVisible(some)
        self._forget_one.setVisible(some)
        if state.engine.ephemeral:
            title = self.tr("Nothing is being kept")
            text = self.tr("“Keep nothing” is on. Comparisons made before are not shown.")
        else:
            title = self.tr("No comparisons yet")
            text = self.tr("What you compare is kept here, on this computer only.")
        self._empty.show_words(title, text, self.tr("New comparison"))

    def _menu(self, at: QPoint) -> None:
        chosen = self.entries.current()
        if not chosen:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Open")).triggered.connect(lambda: self._session.open(chosen))
        menu.addAction(self.tr("Forget…")).triggered.connect(lambda: self.forget.emit(chosen))
        menu.popup(self.entries.viewport().mapToGlobal(at))

    def _open_index(self, index: QModelIndex) -> None:
        entry = index.data(ENTRY_ROLE)
        if isinstance(entry, ComparisonEntry):
            self._session.open(entry.id)

    def _forget_current(self) -> None:
        if self.entries.current():
            self.forget.emit(self.entries.current())

    def _build(self) -> None:
        self.entries.setObjectName("entries")
        self.entries.setAccessibleName(self.tr("Comparisons"))
        self.entries.setModel(self._model)
        self.entries.setItemDelegate(_EntryDelegate(self.entries))
        self.entries.setUniformItemSizes(True)
        self.entries.setLayoutMode(QListView.LayoutMode.Batched)
        self.entries.setFrameShape(QFrame.Shape.NoFrame)
        self.entries.setMouseTracking(True)
        self.entries.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.entries.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.entries.customContextMenuRequested.connect(self._menu)
        self.entries.chosen.connect(self._session.open)
        self.entries.forget.connect(self.forget)
        self.entries.activated.connect(self._open_index)
        self._search = QLineEdit()
        self._search.setPlaceholderText(self.tr("Search"))
        self._search.setAccessibleName(self.tr("Search the comparisons"))
        self._search.setAcceptDrops(False)
        self._search.setClearButtonEnabled(True)
        self._search.setMaximumWidth(240)
        self._search.textChanged.connect(self._model.set_words)
        forget_one = QPushButton(self.tr("Forget…"))
        forget_one.setToolTip(self.tr("Forget the chosen comparison (Delete)"))
        forget_one.clicked.connect(self._forget_current)
        self._forget_all = QPushButton(self.tr("Forget everything…"))
        self._forget_all.setObjectName("forgetAll")
        self._forget_all.clicked.connect(lambda: self.forget.emit("*"))
        self._empty = EmptyState()
        self._empty.stepped.connect(self.new_comparison)
        list_card = card()
        inside = QVBoxLayout(list_card)
        inside.setContentsMargins(1, 8, 1, 8)
        inside.addWidget(self.entries)
        self._stack = QStackedWidget()
        self._stack.addWidget(list_card)
        self._stack.addWidget(self._empty)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Text(self.tr("Comparisons on this computer"), "title"))
        head.addStretch(1)
        head.addWidget(self._search, 1)
        head.addWidget(forget_one)
        head.addWidget(self._forget_all)
        self._forget_one = forget_one
        outer = QVBoxLayout(self)
        outer.setContentsMargins(48, 24, 48, 24)
        outer.setSpacing(16)
        outer.addLayout(head)
        outer.addWidget(self._notice)
        outer.addWidget(self._stack, 1)
