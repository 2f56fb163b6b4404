"""Putting a comparison together: two sides, a few choices, and what was compared before."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop import wording
from desktop.file_dialogs import BrowseDialog
from desktop.session import Session
from desktop.state import Change
from desktop.state_parts import Phase
from desktop.thumbnail_loader import ThumbnailLoader
from desktop.widgets.check_box import CheckBox
from desktop.widgets.drop_zone import DropZone, accept_copy, local_paths
from desktop.widgets.glyph_button import GlyphButton
from desktop.widgets.more_options import MoreOptions
from desktop.widgets.notice import Notice
from desktop.widgets.recent_card import RecentCard
from desktop.widgets.table_card import TableCard
from desktop.widgets.text import ElidedText, Text, card
from engine.vocabulary import Side

RECENT = 6  # comparisons shown as cards; all of them stand in the history
RECENT_COLUMNS = 3
TALLEST_PX = 560  # of the sides; a larger window gets more air instead


class CompareView(QScrollArea):
    """forget(id): the person wants a comparison gone, and has not been asked yet."""

    forget = Signal(str)

    def __init__(self, session: Session, loader: ThumbnailLoader) -> None:
        super().__init__()
        self._session = session
        self._shown_entries: object = None
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAcceptDrops(True)  # a scroll area hears of drops there
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.zones = {side: DropZone(side, loader) for side in Side}
        self._notice = Notice()
        self._notice.closed.connect(session.forget_failures)
        self._notice.acted.connect(session.start_engine_again)
        self._build()
        session.changed.connect(self._on_change)
        self.show_all()

    @property
    def notice(self) -> Notice:
        return self._notice

    # --- what it shows ------------------------------------------------------------------------

    def _on_change(self, changes: set[Change]) -> None:
        if changes & {Change.ENGINE, Change.SIDES, Change.RUN}:
            self.show_all()
        if Change.MODELS in changes:
            self._show_go()
        if Change.ENTRIES in changes:
            self._show_entries()

    def show_all(self) -> None:
        state = self._session.state
        self._show_notice()
        self._inputs.setCurrentIndex(0 if state.table is None else 1)
        if state.table is not None:
            self._table.show_table(state.table)
        for side, zone in self.zones.items():
            zone.render_side(state.sides[side])
        self._swap.setEnabled(any(part.paths for part in state.sides.values()))
        self._recursive.setChecked(state.recursive)
        self._more.show_recipes(state.engine.recipes)
        self._keep_nothing.setChecked(state.engine.ephemeral)
        self._keep_nothing.setEnabled(state.engine.phase is Phase.READY)
        self._show_go()

    def _show_go(self) -> None:
        state = self._session.state
        why_not = wording.why_not(state)
        self._compare.setEnabled(not why_not)
        self._reason.setText(why_not or wording.ready_line(state))
        self._compare.setAccessibleDescription(self._reason.text())

    def _show_notice(self) -> None:
        state = self._session.state
        if state.engine.phase is Phase.DOWN:
            self._notice.show_failure(state.engine.failure, self.tr("Start the engine again"))
        elif state.run_failure is not None:
            self._notice.show_failure(state.run_failure)
        elif state.open_failure is not None:
            self._notice.show_failure(state.open_failure)
        elif state.engine.failure is not None:
            self._notice.show_failure(state.engine.failure)
        elif state.entries_failure is not None:
            self._notice.show_failure(state.entries_failure)
        elif state.stopped:
            hint = (
                self.tr("What was read stays in memory until Twofold is closed.")
                if state.engine.ephemeral
                else self.tr("What was read is kept: the same comparison goes on from there.")
            )
            self._notice.show_words("idle", self.tr("Stopped."), hint)
        else:
            self._notice.show_failure(None)

    def _show_entries(self) -> None:
        entries = self._session.state.entries
        self._show_notice()
        if entries is None or entries == self._shown_entries:
            return
        self._shown_entries = entries
        while (item := self._cards.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        now = datetime.now().astimezone()
        for place, entry in enumerate(entries[:RECENT]):
            recent = RecentCard(entry, now)
            recent.clicked.connect(lambda _=False, e=entry: self._session.open(e.id))
            recent.forget.connect(self.forget)
            self._cards.addWidget(recent, place // RECENT_COLUMNS, place % RECENT_COLUMNS)
        self._recent.setVisible(bool(entries))

    # --- what the person does -----------------------------------------------------------------

    def paste(self) -> None:
        """A path or files from the clipboard, for the first side that is empty."""
        mime = QGuiApplication.clipboard().mimeData()
        target = self._session.first_empty()
        if mime.hasUrls():
            paths, why = local_paths(mime)
            if why is not None:
                self._session.refuse(target, why)
            else:
                self._session.give(target, paths)
        elif mime.hasText():
            self._session.give_text(target, mime.text())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            accept_copy(event)

    def dropEvent(self, event: QDropEvent) -> None:
        paths, why = local_paths(event.mimeData())
        accept_copy(event)
        if why is not None:
            self._session.refuse(self._session.first_empty(), why)
        else:
            self._session.give_somewhere(paths)

    def _browse(self, side: Side, kind: str) -> None:
        title = {
            "folder": self.tr("Choose a folder for {side}"),
            "images": self.tr("Choose images for {side}"),
            "table": self.tr("Choose a table for A and B"),
        }[kind].format(side=side)
        dialog = BrowseDialog(self.window(), kind, title)
        dialog.filesSelected.connect(lambda paths: self._session.give(side, paths))
        dialog.open()

    def _build(self) -> None:
        page = QWidget()
        page.setObjectName("ground")
        column = QVBoxLayout(page)
        column.setContentsMargins(48, 24, 48, 24)
        column.setSpacing(16)
        column.addWidget(self._notice)
        self._inputs = QStackedWidget()
        self._inputs.addWidget(self._zones_row())
        self._table = TableCard()
        self._table.cleared.connect(self._session.clear_table)
        self._table.edited.connect(self._session.set_table)
        self._inputs.addWidget(self._table)
        self._inputs.setMaximumHeight(TALLEST_PX)
        column.addWidget(self._inputs, 100)
        column.addWidget(self._options())
        column.addWidget(self._recent_part())
        column.addStretch(1)
        self.setWidget(page)

    def _zones_row(self) -> QWidget:
        row_widget = QWidget()
        row = QHBoxLayout(row_widget)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        self._swap = GlyphButton("swap", self.tr("Swap A and B"), size_px=40, outlined=True)
        self._swap.clicked.connect(self._session.swap)
        for side, zone in self.zones.items():
            zone.given.connect(lambda paths, side=side: self._session.give(side, paths))
            zone.typed.connect(lambda text, side=side: self._session.give_text(side, text))
            zone.refused.connect(lambda why, side=side: self._session.refuse(side, why))
            zone.browse.connect(lambda kind, side=side: self._browse(side, kind))
            zone.relabelled.connect(lambda text, side=side: self._session.relabel(side, text))
            zone.cleared.connect(lambda side=side: self._session.clear(side))
            zone.split.connect(lambda side=side: self._session.split(side))
        row.addWidget(self.zones[Side.A], 1)
        row.addWidget(self._swap)
        row.addWidget(self.zones[Side.B], 1)
        return row_widget

    def _options(self) -> QFrame:
        frame = card()
        self._recursive = CheckBox(self.tr("Include subfolders"))
        self._recursive.clicked.connect(self._session.set_recursive)
        self._keep_nothing = CheckBox(self.tr("Keep nothing"))
        self._keep_nothing.setObjectName("keepNothing")
        self._keep_nothing.clicked.connect(self._session.keep_nothing)
        explain = ElidedText(
            self.tr("Everything stays in memory and is gone when Twofold is closed."), "small"
        )
        self._keep_nothing.setAccessibleDescription(explain.text())
        self._advanced_button = QPushButton(self.tr("Advanced ▸"))
        self._advanced_button.setProperty("kind", "link")
        self._advanced_button.setCheckable(True)
        self._advanced_button.setObjectName("advanced")
        self._advanced_button.toggled.connect(self._show_advanced)
        first = QHBoxLayout()
        first.setSpacing(24)
        first.addWidget(self._recursive)
        nothing = QHBoxLayout()
        nothing.setSpacing(8)
        nothing.addWidget(self._keep_nothing)
        nothing.addWidget(explain, 1)
        first.addLayout(nothing, 1)
        choices = QVBoxLayout()
        choices.setSpacing(8)
        choices.addStretch(1)
        choices.addLayout(first)
        more = QHBoxLayout()
        more.setContentsMargins(-6, 0, 0, 0)  # its words stand under the box above
        more.addWidget(self._advanced_button, 0, Qt.AlignmentFlag.AlignLeft)
        choices.addLayout(more)
        choices.addWidget(self._advanced())
        choices.addStretch(1)
        self._compare = QPushButton(self.tr("Compare"))
        self._compare.setObjectName("compare")
        self._compare.setProperty("kind", "big")
        self._compare.setMinimumWidth(224)
        self._compare.setShortcut(QKeySequence("Ctrl+Return"))
        self._compare.clicked.connect(self._session.compare)
        self._reason = Text("", "small")
        self._reason.setAlignment(Qt.AlignmentFlag.AlignCenter)
        go = QVBoxLayout()
        go.setSpacing(4)
        go.addStretch(1)
        go.addWidget(self._compare)
        go.addWidget(self._reason)
        go.addStretch(1)
        row = QHBoxLayout(frame)
        row.setContentsMargins(24, 16, 24, 12)
        row.setSpacing(24)
        row.addLayout(choices, 1)
        row.addLayout(go)
        return frame

    def _advanced(self) -> QWidget:
        state = self._session.state
        self._more = MoreOptions()
        self._more.goal.connect(lambda text: setattr(state, "goal", text.strip()))
        self._more.recipe.connect(lambda name: setattr(state, "recipe", name))
        self._more.seed.connect(lambda number: setattr(state, "seed", number))
        self._more.hide()
        return self._more

    def _show_advanced(self, on: bool) -> None:
        self._more.setVisible(on)
        self._advanced_button.setText(self.tr("Advanced ▾") if on else self.tr("Advanced ▸"))

    def _recent_part(self) -> QWidget:
        self._recent = QWidget()
        self._cards = QGridLayout()
        self._cards.setSpacing(16)
        for place in range(RECENT_COLUMNS):
            self._cards.setColumnStretch(place, 1)
        column = QVBoxLayout(self._recent)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(12)
        column.addWidget(Text(self.tr("Recent"), "strong"))
        column.addLayout(self._cards)
        self._recent.hide()
        return self._recent
