"""The findings of a comparison as a table, best first, and the part of it that is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)

from desktop import figures, finding_wording
from desktop.finding_filter import FindingFilter
from desktop.widgets.text import tooltip
from engine.vocabulary import Finding

AnyIndex = QModelIndex | QPersistentModelIndex

FINDING_ROLE = Qt.ItemDataRole.UserRole + 1
SORT_ROLE = Qt.ItemDataRole.UserRole + 2


class Column(IntEnum):
    RANK = 0
    SIDE = 1
    WHAT = 2
    AUROC = 3
    IN_A = 4
    IN_B = 5
    Q = 6


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_ALIGNED = {
    Column.IN_A: Qt.AlignmentFlag.AlignCenter,
    Column.IN_B: Qt.AlignmentFlag.AlignCenter,
    Column.Q: Qt.AlignmentFlag.AlignCenter,
}


def _titles() -> dict[Column, str]:
    translate = QCoreApplication.translate
    return {
        Column.RANK: "",
        Column.SIDE: "",
        Column.WHAT: translate("findings table", "What is more true"),
        Column.AUROC: translate("findings table", "Tells A from B (AUROC)"),
        Column.IN_A: translate("findings table", "in A"),
        Column.IN_B: translate("findings table", "in B"),
        Column.Q: "q",
    }


def _tips() -> dict[Column, str]:
    translate = QCoreApplication.translate
    return {
        Column.AUROC: translate(
            "findings table",
            "How often the image of this side scores higher in a random pair, with its 95 % "
            "interval. The grey region is where chance alone would put it.",
        ),
        Column.IN_A: translate("findings table", "Share of A's images of which it is true"),
        Column.IN_B: translate("findings table", "Share of B's images of which it is true"),
        Column.Q: translate("findings table", "p after correction for everything that was tested"),
    }


class FindingsModel(QAbstractTableModel):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._findings: tuple[Finding, ...] = ()

    def set_findings(self, findings: Sequence[Finding]) -> None:
        self.beginResetModel()
        self._findings = tuple(findings)
        self.endResetModel()

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._findings)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(Column)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _titles()[Column(section)]
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tips().get(Column(section))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_ALIGNED.get(Column(section), _LEFT))
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        finding = self._findings[index.row()]
        column = Column(index.column())
        if role == FINDING_ROLE:
            return finding
        if role == Qt.ItemDataRole.DisplayRole:
            return _shown(finding, column, index.row())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return _spoken(finding, column, index.row())
        if role == SORT_ROLE:
            return _sorted_by(finding, column, index.row())
        if role == Qt.ItemDataRole.ToolTipRole and column is Column.WHAT:
            return tooltip(finding_wording.phrase(finding))
        return None


class FindingsProxy(QSortFilterProxyModel):
    """Shows the findings that a filter accepts, in the engine's order or by a column."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._filter = FindingFilter()
        self.setSortRole(SORT_ROLE)

    @property
    def filter(self) -> FindingFilter:
        return self._filter

    def set_filter(self, wanted: FindingFilter) -> None:
        if wanted != self._filter:
            self.beginFilterChange()
            self._filter = wanted
            self.endFilterChange()

    def filterAcceptsRow(self, source_row: int, source_parent: AnyIndex) -> bool:
        finding = self.sourceModel().index(source_row, 0, source_parent).data(FINDING_ROLE)
        return isinstance(finding, Finding) and self._filter.accepts(finding)

    def findings(self) -> list[Finding]:
        """Those that are shown, in the order shown."""
        return [self.index(row, 0).data(FINDING_ROLE) for row in range(self.rowCount())]


def _shown(finding: Finding, column: Column, row: int) -> str:
    match column:
        case Column.RANK:
            return str(row + 1)
        case Column.SIDE:
            return str(finding.side)
        case Column.WHAT:
            return finding_wording.phrase(finding)
        case Column.AUROC:
            return finding_wording.mark(finding)
        case Column.IN_A:
            return figures.percent(finding.rate_a)
        case Column.IN_B:
            return figures.percent(finding.rate_b)
        case Column.Q:
            return figures.short_probability(finding.q)


def _spoken(finding: Finding, column: Column, row: int) -> str:
    if column is Column.WHAT:
        phrase = finding_wording.phrase(finding)
        direction = finding_wording.direction(finding)
        numbers = finding_wording.statistics(finding)
        return f"{phrase}. {direction}. {numbers}. {finding_wording.small_line(finding)}"
    return _shown(finding, column, row)


def _sorted_by(finding: Finding, column: Column, row: int) -> float | str:
    match column:
        case Column.RANK:
            return row
        case Column.SIDE:
            return str(finding.side)
        case Column.WHAT:
            return finding.description.casefold()
        case Column.AUROC:
            return -finding.auroc
        case Column.IN_A:
            return -finding.rate_a
        case Column.IN_B:
            return -finding.rate_b
        case Column.Q:
            return finding.q
