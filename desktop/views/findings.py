"""The findings of a comparison: the verdict, the table, and one finding in full."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop import figures
from desktop.dialogs.image_viewer import ImageViewer
from desktop.finding_filter import FindingFilter, count
from desktop.item_models.findings_model import FindingsModel, FindingsProxy
from desktop.session import Session
from desktop.state import Change
from desktop.thumbnail_loader import ThumbnailLoader
from desktop.views.finding_detail import FindingDetail
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.evidence_strip import EvidenceStrip
from desktop.widgets.findings_table import FindingsTable
from desktop.widgets.score_plot import load_plotting
from desktop.widgets.text import card, set_look
from desktop.widgets.verdict_banner import VerdictBanner
from engine.vocabulary import Comparison, Finding, Outcome, Side

WARM_UP_MS = 300  # after the start of a comparison, once its progress can be seen

_TABLE, _NO_MATCH = 0, 1
_PANES, _NOTHING = 0, 1


class FindingsView(QWidget):
    """new_comparison: the next step where there is nothing to show."""

    new_comparison = Signal()

    def __init__(self, session: Session, loader: ThumbnailLoader) -> None:
        super().__init__()
        self.setObjectName("ground")
        self._session = session
        self._loader = loader
        self._comparison: Comparison | None = None
        self._warm = False
        self.banner = VerdictBanner()
        self._model = FindingsModel(self)
        self._proxy = FindingsProxy(self)
        self._proxy.setSourceModel(self._model)
        self.table = FindingsTable()
        self.table.set_proxy(self._proxy)
        self.table.moved.connect(self._show_current)
        self.detail = FindingDetail(loader)
        self.detail.wants_pictures.connect(session.want_thumbnails)
        self.detail.opened.connect(self._view_image)
        self._build()
        session.changed.connect(self._on_change)
        self.set_comparison(session.state.comparison)

    # --- what it shows ------------------------------------------------------------------------

    def _on_change(self, changes: set[Change]) -> None:
        state = self._session.state
        if Change.COMPARISON in changes and state.comparison is not self._comparison:
            self.set_comparison(state.comparison)
        if Change.RUN in changes and state.run is not None and not self._warm:
            self._warm = True  # while the person waits anyway
            QTimer.singleShot(WARM_UP_MS, self, load_plotting)
        if Change.THUMBNAILS in changes:
            self.detail.show_thumbnails(state.thumbnails, state.no_thumbnail)

    def set_comparison(self, comparison: Comparison | None) -> None:
        self._comparison = comparison
        if comparison is None:
            self._model.set_findings(())
            return
        self.banner.set_comparison(comparison)
        self._model.set_findings(comparison.findings)
        self._text.clear()
        self._all.setChecked(True)
        self._significant.setChecked(False)
        self._label_chips(comparison)
        self._apply_filter()
        self._panes.setCurrentIndex(_PANES if comparison.findings else _NOTHING)
        if not comparison.findings:
            self._show_nothing(comparison)
        self.table.select_row(0)

    def shown_findings(self) -> list[Finding]:
        """Those that the filters let through, in the order shown."""
        return self._proxy.findings()

    def focus_table(self) -> None:
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_current(self) -> None:
        finding = self.table.current()
        if finding is not None and self._comparison is not None:
            self.detail.set_finding(finding, self._comparison)
            state = self._session.state
            self.detail.show_thumbnails(state.thumbnails, state.no_thumbnail)

    def _show_nothing(self, comparison: Comparison) -> None:
        match comparison.verdict.outcome:
            case Outcome.IDENTICAL:
                words = (
                    self.tr("Nothing to tell apart"),
                    self.tr("Choose another folder for one of the sides and compare again."),
                )
            case Outcome.TOO_FEW:
                words = (
                    self.tr("More images are needed"),
                    self.tr("Add images to the smaller side. From about twenty a side, large "
                            "differences show; smaller ones need hundreds."),
                )  # fmt: skip
            case _:
                words = (
                    self.tr("No findings"),
                    self.tr("Nothing that was tested came near to telling A from B. That is a "
                            "result: export it, or compare other folders."),
                )  # fmt: skip
        self._nothing.show_words(*words, self.tr("New comparison"))

    def _label_chips(self, comparison: Comparison) -> None:
        counts = count(comparison.findings)
        self._all.setText(self.tr("All {n}").format(n=figures.count(counts.all)))
        self._a.setText(f"A {figures.count(counts.a)}")
        self._b.setText(f"B {figures.count(counts.b)}")
        self._significant.setText(
            self.tr("Significant {n}").format(n=figures.count(counts.significant))
        )

    # --- what the person does -----------------------------------------------------------------

    def _apply_filter(self) -> None:
        side = Side.A if self._a.isChecked() else Side.B if self._b.isChecked() else None
        before = self.table.current()
        self._proxy.set_filter(
            FindingFilter(side, self._significant.isChecked(), self._text.text())
        )
        some = self._proxy.rowCount() > 0
        self._list.setCurrentIndex(_TABLE if some else _NO_MATCH)
        if some and (before is None or self.table.current() is not before):
            self.table.select_row(0)
        elif some:
            self.table.scrollTo(self.table.currentIndex())

    def _show_everything(self) -> None:
        self._text.clear()
        self._significant.setChecked(False)
        self._all.setChecked(True)
        self._apply_filter()

    def _view_image(self, strip: EvidenceStrip, row: int) -> None:
        files = self._session.state.thumbnails
        viewer = ImageViewer(
            [(item, files.get(item.key, "")) for item in strip.model.items],
            row,
            strip.side,
            self._loader,
            self.window(),
        )
        viewer.open()

    def search(self) -> None:
        self._text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._text.selectAll()

    # --- building -----------------------------------------------------------------------------

    def _build(self) -> None:
        left = card()
        self._nothing = EmptyState()
        self._nothing.stepped.connect(self.new_comparison)
        no_match = EmptyState()
        no_match.show_words(
            self.tr("No finding matches"),
            self.tr("Other findings are hidden by the filter."),
            self.tr("Show all"),
        )
        no_match.stepped.connect(self._show_everything)
        self._list = QStackedWidget()
        self._list.addWidget(self.table)
        self._list.addWidget(no_match)
        column = QVBoxLayout(left)
        column.setContentsMargins(1, 12, 1, 8)
        column.setSpacing(8)
        column.addLayout(self._filter_row())
        column.addWidget(self._list, 1)
        right = card()
        inside = QVBoxLayout(right)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self.detail)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(16)
        splitter.addWidget(left)
        splitter.addWidget(right)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([1000, 1000])
        left.setMinimumWidth(560)
        right.setMinimumWidth(400)
        nothing_card = card()
        QVBoxLayout(nothing_card).addWidget(self._nothing)
        self._panes = QStackedWidget()
        self._panes.addWidget(splitter)
        self._panes.addWidget(nothing_card)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 16, 24, 16)
        outer.setSpacing(16)
        outer.addWidget(self.banner)
        outer.addWidget(self._panes, 1)

    def _filter_row(self) -> QHBoxLayout:
        self._all, self._a, self._b, self._significant = (_chip() for _ in range(4))
        set_look(self._a, side="A")
        set_look(self._b, side="B")
        self._a.setToolTip(self.tr("Only what is more true of A"))
        self._b.setToolTip(self.tr("Only what is more true of B"))
        self._significant.setToolTip(self.tr("Only what holds up after correction"))
        for button, name in (
            (self._all, "all"),
            (self._a, "onlyA"),
            (self._b, "onlyB"),
            (self._significant, "significant"),
        ):
            button.setObjectName(name)
            button.clicked.connect(self._apply_filter)
        group = QButtonGroup(self)
        for button in (self._all, self._a, self._b):
            group.addButton(button)
        self._all.setChecked(True)
        self._text = QLineEdit()
        self._text.setObjectName("filter")
        self._text.setAcceptDrops(False)
        self._text.setPlaceholderText(self.tr("Filter  ( / )"))
        self._text.setAccessibleName(self.tr("Filter the findings by words"))
        self._text.setClearButtonEnabled(True)
        self._text.setMaximumWidth(200)
        self._text.textChanged.connect(self._apply_filter)
        row = QHBoxLayout()
        row.setContentsMargins(15, 0, 15, 0)
        row.setSpacing(8)
        for button in (self._all, self._a, self._b):
            row.addWidget(button)
        row.addSpacing(8)
        row.addWidget(self._significant)
        row.addStretch(1)
        row.addWidget(self._text, 1)
        return row


def _chip() -> QPushButton:
    button = QPushButton()
    button.setProperty("kind", "chip")
    button.setCheckable(True)
    return button
