"""The table of findings: one row each, with the side's letter, the mark, rates and q."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QPainter,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from desktop import finding_wording
from desktop.item_models.findings_model import FINDING_ROLE, Column, FindingsProxy
from desktop.theme import colours
from desktop.widgets.auroc_mark import draw_auroc
from desktop.widgets.glyphs import draw_glyph
from desktop.widgets.letter_badge import draw_badge
from engine.vocabulary import Finding, Side

AnyIndex = QModelIndex | QPersistentModelIndex

ROW_PX = 64
_WIDTHS = {
    Column.RANK: 36,
    Column.SIDE: 32,
    Column.AUROC: 160,
    Column.IN_A: 52,
    Column.IN_B: 52,
    Column.Q: 72,
}
_LINES = 2  # of a phrase before it is cut


class FindingDelegate(QStyledItemDelegate):
    def sizeHint(self, _option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return QSize(_WIDTHS.get(Column(index.column()), 160), ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        finding = index.data(FINDING_ROLE)
        if not isinstance(finding, Finding):
            return
        theme = colours()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        font: QFont = option.font
        box = QRectF(rect)
        column = Column(index.column())
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font)
        if selected:
            painter.fillRect(box, QColor(theme.side_tint(finding.side)))
            if column is Column.RANK:
                bar = QRectF(box.left(), box.top(), 4, box.height())
                painter.fillRect(bar, QColor(theme.side(finding.side)))
        painter.fillRect(QRectF(box.left(), box.bottom() - 1, box.width(), 1), QColor(theme.line))
        strong = finding.significant
        match column:
            case Column.RANK:
                painter.setPen(QColor(theme.muted))
                painter.drawText(
                    box.adjusted(4, 0, -8, 0),
                    int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter),
                    str(index.data()),
                )
            case Column.SIDE:
                badge = QRectF(0, 0, 22, 22)
                badge.moveCenter(box.center())
                draw_badge(painter, badge, finding.side, filled=selected)
            case Column.WHAT:
                self._what(painter, box.adjusted(8, 0, -8, -1), finding, selected)
            case Column.AUROC:
                self._mark(painter, box.adjusted(8, 0, -16, -1), finding)
            case Column.IN_A | Column.IN_B:
                side = Side.A if column is Column.IN_A else Side.B
                _set_weight(painter, QFont.Weight.DemiBold)
                painter.setPen(QColor(theme.side(side) if strong else theme.muted))
                painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), str(index.data()))
            case Column.Q:
                self._q(painter, box, finding, str(index.data()))
        painter.restore()

    def _what(self, painter: QPainter, box: QRectF, finding: Finding, selected: bool) -> None:
        theme = colours()
        if selected:
            _set_weight(painter, QFont.Weight.DemiBold)
        lines = _wrapped(finding_wording.phrase(finding), painter.font(), box.width())
        metrics = QFontMetricsF(painter.font())
        small = _small(painter.font())
        small_height = QFontMetricsF(small).height()
        total = metrics.height() * len(lines) + 2 + small_height
        top = box.center().y() - total / 2
        painter.setPen(QColor(theme.ink if finding.significant else theme.muted))
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for line in lines:
            painter.drawText(QRectF(box.left(), top, box.width(), metrics.height()), flags, line)
            top += metrics.height()
        painter.setFont(small)
        painter.setPen(QColor(theme.muted))
        cut = QFontMetricsF(small).elidedText(
            finding_wording.small_line(finding), Qt.TextElideMode.ElideRight, box.width()
        )
        painter.drawText(QRectF(box.left(), top + 2, box.width(), small_height), flags, cut)

    def _mark(self, painter: QPainter, box: QRectF, finding: Finding) -> None:
        draw_auroc(painter, QRectF(box.left(), box.top() + 10, box.width(), 20), finding)
        painter.setFont(_small(painter.font()))
        painter.setPen(QColor(colours().muted))
        painter.drawText(
            QRectF(box.left(), box.top() + 34, box.width(), 18),
            int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter),
            finding_wording.mark(finding),
        )

    def _q(self, painter: QPainter, box: QRectF, finding: Finding, text: str) -> None:
        theme = colours()
        painter.setFont(_small(painter.font()))
        painter.setPen(QColor(theme.ink if finding.significant else theme.muted))
        painter.drawText(
            box.adjusted(4, 0, -24, 0),
            int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter),
            text,
        )
        sign = QRectF(box.right() - 20, box.center().y() - 6, 12, 12)
        if finding.significant:
            draw_glyph(painter, "check", sign, QColor(theme.good))
        else:
            draw_glyph(painter, "minus", sign, QColor(theme.faint))


class FindingsTable(QTableView):
    """moved: another finding is the current one (or none is)."""

    moved = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("findings")
        self.setAccessibleName(self.tr("Findings"))
        self.setItemDelegate(FindingDelegate(self))
        self.setShowGrid(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(ROW_PX)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setMinimumSectionSize(24)

    def set_proxy(self, proxy: FindingsProxy) -> None:
        self.setModel(proxy)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(Column.WHAT, QHeaderView.ResizeMode.Stretch)
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, width)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        proxy.sort(-1)
        self.selectionModel().currentRowChanged.connect(self._current_moved)

    def _current_moved(self) -> None:
        self.moved.emit()

    def current(self) -> Finding | None:
        finding = self.currentIndex().data(FINDING_ROLE)
        return finding if isinstance(finding, Finding) else None

    def step(self, rows: int) -> None:
        """Move to another finding, staying inside the table."""
        count = self.model().rowCount()
        if count:
            here = self.currentIndex().row()
            self.select_row(min(max(here + rows, 0), count - 1))

    def select_row(self, row: int) -> None:
        index = self.model().index(row, Column.WHAT)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_J, Qt.Key.Key_K):
            event.ignore()  # moves by the window's shortcuts instead of searching for a letter
            return
        super().keyPressEvent(event)


def _set_weight(painter: QPainter, weight: QFont.Weight) -> None:
    font = QFont(painter.font())
    font.setWeight(weight)
    painter.setFont(font)


def _small(font: QFont) -> QFont:
    small = QFont(font)
    small.setWeight(QFont.Weight.Normal)
    small.setPointSizeF(max(8.5, font.pointSizeF() * 0.88))
    return small


def _wrapped(text: str, font: QFont, width: float) -> list[str]:
    """The text in at most _LINES lines; the last one cut where there is more."""
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    lines: list[str] = []
    layout.beginLayout()
    while len(lines) < _LINES:
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(width)
        if len(lines) == _LINES - 1:
            rest = text[line.textStart() :]
            lines.append(QFontMetricsF(font).elidedText(rest, Qt.TextElideMode.ElideRight, width))
        else:
            lines.append(text[line.textStart() : line.textStart() + line.textLength()].rstrip())
    layout.endLayout()
    return lines
