"""The models of this machine: packs to install with one button, and every model in a table."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop import models_wording, models_work_wording
from desktop.dialogs.model_files import ExportModelsDialog, ImportModelsDialog, UseModelDialog
from desktop.models_state import INSTALLED, End, Task
from desktop.session import Session
from desktop.state import Change
from desktop.state_parts import Phase
from desktop.widgets.model_row import ModelHeadings, ModelRow
from desktop.widgets.model_work_card import ModelWorkCard
from desktop.widgets.notice import Notice
from desktop.widgets.pack_card import PackCard
from desktop.widgets.text import Text, card, rule
from engine.protocol import ModelEntry

INSET_PX = 16  # of the table within its card


class ModelsView(QScrollArea):
    """remove(name): the person wants a model gone, and has not been asked yet."""

    remove = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._session = session
        self._state = session.state.models
        self.cards: dict[str, PackCard] = {}
        self.rows: dict[str, ModelRow] = {}
        self._shown_table: tuple[tuple[str, tuple[str, ...]], ...] = ()
        self.notice = Notice()
        self.notice.closed.connect(session.models.forget_ended)
        self.notice.acted.connect(session.models.retry)
        self.work_card = ModelWorkCard(session.state.clock)
        self.work_card.stop.connect(session.models.stop)
        self._build()
        session.changed.connect(self._on_change)
        self.show_all()

    # --- what it shows ------------------------------------------------------------------------

    def _on_change(self, changes: set[Change]) -> None:
        if changes & {Change.MODELS, Change.ENGINE, Change.RUN}:
            self.show_all()

    def show_all(self) -> None:
        entries = self._state.entries
        self._first_run.setVisible(self._state.none_installed)
        self._promise.setVisible(not self._state.none_installed)
        self.work_card.show_work(self._state)
        self._show_notice()
        self._waiting.say("" if entries is not None else self._why_waiting())
        self._table.setVisible(bool(entries))
        no_change = models_work_wording.no_change(self._session.state)
        no_install = models_work_wording.no_install(self._session.state)
        for button in (self._import, self._use):
            button.setEnabled(entries is not None and not no_change)
            button.setToolTip(no_change)
        there = any(entry.state in INSTALLED for entry in entries or ())
        self._export.setEnabled(there and not no_change)
        self._export.setToolTip(no_change or ("" if there else self.tr("No model is installed.")))
        self._show_packs(no_install)
        self._show_rows(entries or (), no_install, no_change)

    def _why_waiting(self) -> str:
        state = self._session.state
        if self._state.list_failure is not None:
            return ""
        if state.engine.phase is Phase.DOWN:
            return self.tr("The engine is not running, so nobody can look at the models.")
        if state.run is not None:
            return self.tr("The models are listed when the comparison is over.")
        return self.tr("Looking at the models…")

    def _show_notice(self) -> None:
        ended, failure = self._state.ended, self._state.list_failure
        if ended is None:
            self.notice.show_failure(failure, self.tr("Ask again"))
        elif ended.end is End.FAILED:
            blocked = models_work_wording.no_install(self._session.state)
            again = "" if blocked or ended.order.task is Task.REMOVE else self.tr("Try again")
            self.notice.show_failure(ended.failure, again)
        else:
            self.notice.show_words(*models_work_wording.ended(ended, self._state))

    def _show_packs(self, no_install: str) -> None:
        packs = self._state.packs_to_install
        if [pack.name for pack in packs] != list(self.cards):
            self._clear(self._packs)
            self.cards = {}
            for pack in packs:
                self.cards[pack.name] = PackCard(pack)
                self.cards[pack.name].install.connect(lambda n: self._session.models.install([n]))
                self._packs.addWidget(self.cards[pack.name], 1)
        work = self._state.work
        named = work.order.names if work and work.order.task is Task.INSTALL else ()
        best = models_wording.best_pack(self._state)
        for name, shown in self.cards.items():
            shown.show_pack(
                models_wording.pack_models(shown.pack, self._state),
                being_installed=name in named,
                primary=name == best,
                why_not=no_install,
            )

    def _show_rows(self, entries: tuple[ModelEntry, ...], no_install: str, no_change: str) -> None:
        table = tuple((entry.name, entry.roles) for entry in entries)
        if table != self._shown_table:
            self._shown_table = table
            self._rebuild(entries)
        coming = self._state.being_installed
        for entry in entries:
            self.rows[entry.name].show_entry(
                entry,
                being_installed=entry.name in coming,
                no_install=no_install,
                no_change=no_change,
            )

    def _rebuild(self, entries: tuple[ModelEntry, ...]) -> None:
        """One row a model, below what it is for; a model with several uses stands at its first."""
        self._clear(self._table_rows)
        self.rows = {}
        roles = dict.fromkeys([*models_wording.ROLES, *(e.roles[0] for e in entries if e.roles)])
        for role in roles:
            members = [entry for entry in entries if entry.roles and entry.roles[0] == role]
            if members:
                self._table_rows.addWidget(self._group_heading(role))
            for entry in members:
                row = self.rows[entry.name] = ModelRow()
                row.install.connect(lambda name: self._session.models.install([name]))
                row.verify.connect(lambda name: self._session.models.verify([name]))
                row.remove.connect(self.remove)
                self._table_rows.addWidget(row)

    def _clear(self, layout: QVBoxLayout | QHBoxLayout) -> None:
        while (item := layout.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()

    def focus_first(self) -> None:
        """After the page was chosen: the first thing that can be done here."""
        buttons = [*(shown.button for shown in self.cards.values()), self._import]
        target = next((button for button in buttons if button.isEnabled()), None)
        if target is not None:
            target.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- dialogs ------------------------------------------------------------------------------

    def open_import(self) -> None:
        ImportModelsDialog(self._session, self.window()).open()

    def open_export(self) -> None:
        ExportModelsDialog(self._session, self.window()).open()

    def open_use(self) -> None:
        UseModelDialog(self._session, self.window()).open()

    # --- building -----------------------------------------------------------------------------

    def _build(self) -> None:
        page = QWidget()
        page.setObjectName("ground")
        column = QVBoxLayout(page)
        column.setContentsMargins(48, 24, 48, 24)
        column.setSpacing(16)
        column.addLayout(self._head())
        self._first_run = self._first_run_card()
        column.addWidget(self._first_run)
        column.addWidget(self.work_card)
        column.addWidget(self.notice)
        self._waiting = Text("", "muted")
        column.addWidget(self._waiting)
        self._packs = QHBoxLayout()
        self._packs.setSpacing(16)
        column.addLayout(self._packs)
        self._table = self._table_card()
        column.addWidget(self._table)
        column.addStretch(1)
        self.setWidget(page)

    def _head(self) -> QHBoxLayout:
        self._import = self._head_button(self.tr("Import…"), "importModels", self.open_import)
        self._import.setAccessibleDescription(self.tr("From a folder or a USB drive"))
        self._export = self._head_button(self.tr("Export…"), "exportModels", self.open_export)
        self._export.setAccessibleDescription(self.tr("To a folder or a USB drive"))
        self._use = self._head_button(self.tr("Use one you have…"), "useModel", self.open_use)
        self._promise = Text(
            self.tr("Installing is the only thing that ever uses the network."), "small"
        )
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Text(self.tr("Models on this computer"), "title"))
        words.addWidget(self._promise)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addLayout(words, 1)
        for button in (self._import, self._export, self._use):
            head.addWidget(button)
        return head

    def _head_button(self, text: str, name: str, action: object) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.clicked.connect(action)
        return button

    def _first_run_card(self) -> QFrame:
        frame = card()
        frame.setObjectName("firstRun")
        column = QVBoxLayout(frame)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(4)
        for sentence, role in (
            (
                self.tr(
                    "Models add what images show: a captioner describes them, a language model "
                    "proposes what differs, and a ranker scores every image."
                ),
                "strong",
            ),
            (
                self.tr(
                    "Installing them is the only thing that ever uses the network; it is done by a "
                    "separate program that never sees an image."
                ),
                "muted",
            ),
        ):
            column.addWidget(Text(sentence, role, wrap=True))
        return frame

    def _table_card(self) -> QFrame:
        frame = card()
        column = QVBoxLayout(frame)
        column.setContentsMargins(INSET_PX, 12, INSET_PX - 8, 8)
        column.setSpacing(0)
        column.addWidget(ModelHeadings())
        self._table_rows = QVBoxLayout()
        self._table_rows.setSpacing(0)
        column.addLayout(self._table_rows)
        return frame

    def _group_heading(self, role: str) -> QWidget:
        name, about = models_wording.group(role)
        widget = QWidget()
        column = QVBoxLayout(widget)
        column.setContentsMargins(0, 14, 0, 0)
        column.setSpacing(6)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(Text(name, "strong"))
        line.addWidget(Text(about, "small"), 1)
        column.addLayout(line)
        column.addWidget(rule())
        return widget
