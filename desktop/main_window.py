"""The window: the header, one page at a time, the status line, and the dialogs above them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial

from PySide6.QtCore import QSettings, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from desktop import models_wording, models_work_wording, wording
from desktop.dialogs.export import ExportDialog
from desktop.dialogs.privacy import PrivacyDialog
from desktop.dialogs.question import Question
from desktop.dialogs.shortcuts import ShortcutsDialog
from desktop.session import Session
from desktop.state import Change
from desktop.thumbnail_loader import ThumbnailLoader
from desktop.views.compare import CompareView
from desktop.views.findings import FindingsView
from desktop.views.history import HistoryView
from desktop.views.models import ModelsView
from desktop.views.progress import ProgressView
from desktop.widgets.header import Header, Page
from desktop.widgets.logo import app_icon
from desktop.widgets.status_line import StatusLine
from engine.vocabulary import Comparison

SIZE_PX = QSize(1280, 800)
SMALLEST_PX = QSize(1040, 640)
GEOMETRY = "window/geometry"  # the one thing that is remembered of the window


class MainWindow(QMainWindow):
    """settings: where the window's size is kept; None keeps nothing."""

    def __init__(self, session: Session, settings: QSettings | None = None) -> None:
        super().__init__()
        self.setWindowTitle("Twofold")
        self.setWindowIcon(app_icon())
        self.setMinimumSize(SMALLEST_PX)
        self.resize(SIZE_PX)
        self._session = session
        self._settings = settings
        self._loader = ThumbnailLoader(self)
        self._running = False
        self._leaving = False  # for good, whatever goes on
        self._opened: Comparison | None = None
        self.page = Page.COMPARE
        self.header = Header()
        self.compare_view = CompareView(session, self._loader)
        self.status_line = StatusLine()
        self._stack = QStackedWidget()
        self._build()
        self._connect()
        self._add_shortcuts()
        if settings is not None:
            geometry = settings.value(GEOMETRY)
            if geometry is not None:
                self.restoreGeometry(geometry)
        self.go(Page.COMPARE)
        self._show_status()
        QTimer.singleShot(0, self, self._build_the_rest)

    # --- pages, the first at once, the others once the window can be seen ---------------------

    @cached_property
    def progress_view(self) -> ProgressView:
        view = ProgressView(self._session)
        self._stack.addWidget(view)
        return view

    @cached_property
    def findings_view(self) -> FindingsView:
        view = FindingsView(self._session, self._loader)
        view.new_comparison.connect(self.new_comparison)
        self._stack.addWidget(view)
        return view

    @cached_property
    def history_view(self) -> HistoryView:
        view = HistoryView(self._session)
        view.forget.connect(self.ask_to_forget)
        view.new_comparison.connect(self.new_comparison)
        self._stack.addWidget(view)
        return view

    @cached_property
    def models_view(self) -> ModelsView:
        view = ModelsView(self._session)
        view.remove.connect(self.ask_to_remove)
        self._stack.addWidget(view)
        return view

    def _build_the_rest(self) -> None:
        for page in Page:
            self._view(page)

    def _view(self, page: Page) -> QWidget:
        match page:
            case Page.COMPARE:
                return self.compare_view
            case Page.PROGRESS:
                return self.progress_view
            case Page.FINDINGS:
                return self.findings_view
            case Page.HISTORY:
                return self.history_view
            case Page.MODELS:
                return self.models_view

    # --- where one is -------------------------------------------------------------------------

    def go(self, page: Page) -> None:
        """Show a page. While a comparison runs there are only its progress and the models."""
        state = self._session.state
        if state.run is not None and page is not Page.MODELS:
            page = Page.PROGRESS
        elif page is Page.PROGRESS or (page is Page.FINDINGS and state.comparison is None):
            page = Page.COMPARE
        self.page = page
        self._stack.setCurrentWidget(self._view(page))
        self._show_place()
        if page is Page.FINDINGS:
            self.findings_view.focus_table()
        elif page is Page.HISTORY:
            self.history_view.entries.setFocus(Qt.FocusReason.OtherFocusReason)
        elif page is Page.MODELS:
            self._session.models.refresh()
            self.models_view.focus_first()

    def _show_place(self) -> None:
        state = self._session.state
        self.header.show_place(self.page, state.comparison, running=state.run is not None)
        self.header.allow_again(not state.models.engine_is_busy)
        self._show_facts()

    def _on_change(self, changes: set[Change]) -> None:
        state = self._session.state
        if Change.ENGINE in changes:
            self._show_status()
        if Change.MODELS in changes:
            self._show_place()
        running = state.run is not None
        if running != self._running:
            self._running = running
            arrived = not running and Change.COMPARISON in changes and state.comparison is not None
            ended = Page.FINDINGS if arrived else Page.COMPARE
            stay = self.page is Page.MODELS and not running
            self.go(Page.PROGRESS if running else self.page if stay else ended)
        elif Change.COMPARISON in changes:
            if state.comparison is None:
                self.go(Page.COMPARE if self.page is Page.FINDINGS else self.page)
            elif self._opened is not state.comparison:
                self.go(Page.FINDINGS)
            self._show_place()
        self._opened = state.comparison

    def _show_status(self) -> None:
        self.status_line.show_lock(*wording.lock(self._session.state.engine))
        self._show_facts()

    def _show_facts(self) -> None:
        state = self._session.state
        if state.models.work is not None:
            self.status_line.show_facts(
                models_work_wording.in_short(state.models.work, state.models)
            )
        elif self.page is Page.FINDINGS and state.comparison is not None:
            self.status_line.show_facts(wording.run_facts(state.comparison))
        elif state.engine.ephemeral:
            self.status_line.show_facts(self.tr("Keeping nothing"))
        else:
            self.status_line.show_facts("")

    # --- dialogs ------------------------------------------------------------------------------

    def ask_to_forget(self, comparison: str) -> None:
        """comparison: an id, or "*" for everything."""
        if comparison == "*":
            question = self.tr("Forget every comparison?")
        else:
            question = self.tr("Forget this comparison?")
        follows = self.tr(
            "Its findings and thumbnails are erased for good. Your images are not touched."
        )
        dialog = Question(self, question, follows, self.tr("Forget"))
        dialog.accepted.connect(lambda: self._session.forget(comparison))
        dialog.open()

    def ask_to_remove(self, model: str) -> None:
        entry = self._session.state.models.entry(model)
        if entry is None:
            return
        question = self.tr("Remove {model}?").format(model=models_wording.title(entry))
        dialog = Question(self, question, models_wording.removal(entry), self.tr("Remove"))
        dialog.accepted.connect(lambda: self._session.models.remove(model))
        dialog.open()

    def open_export(self) -> None:
        comparison = self._session.state.comparison
        if comparison is None or self.page is not Page.FINDINGS:
            return
        ExportDialog(self._session, comparison, self.findings_view.shown_findings(), self).open()

    def open_privacy(self) -> None:
        dialog = PrivacyDialog(self._session, self)
        dialog.forget_all.connect(lambda: self.ask_to_forget("*"))
        dialog.open()

    def open_shortcuts(self) -> None:
        ShortcutsDialog(self).open()

    def new_comparison(self) -> None:
        if self._session.state.run is None:
            self._session.new_comparison()
            self.go(Page.COMPARE)

    # --- building -----------------------------------------------------------------------------

    def _build(self) -> None:
        self._stack.addWidget(self.compare_view)
        central = QWidget()
        central.setObjectName("ground")
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self._stack, 1)
        column.addWidget(self.status_line)
        self.setCentralWidget(central)

    def _connect(self) -> None:
        self._session.changed.connect(self._on_change)
        self.header.chosen.connect(self.go)
        self.header.export.connect(self.open_export)
        self.header.compare_again.connect(self._session.compare_again)
        self.header.shortcuts.connect(self.open_shortcuts)
        self.status_line.privacy.connect(self.open_privacy)
        self.compare_view.forget.connect(self.ask_to_forget)

    def _add_shortcuts(self) -> None:
        for keys, action in (
            ("Ctrl+E", self.open_export),
            ("Ctrl+N", self.new_comparison),
            ("F1", self.open_shortcuts),
            ("?", self.open_shortcuts),
            ("Ctrl+1", lambda: self.go(Page.COMPARE)),
            ("Ctrl+2", lambda: self.go(Page.FINDINGS)),
            ("Ctrl+3", lambda: self.go(Page.HISTORY)),
            ("Ctrl+Q", self.close),
            ("Ctrl+4", lambda: self.go(Page.MODELS)),
            ("Esc", self._stop),
        ):
            self._add_shortcut(keys, action)
        self._add_shortcut("Ctrl+V", self._on_page(Page.COMPARE, self.compare_view.paste))
        for keys, rows in (("J", 1), ("K", -1)):
            step = partial(self._step, rows)
            self._add_shortcut(keys, self._on_page(Page.FINDINGS, step))
        self._add_shortcut("/", self._on_page(Page.FINDINGS, self._search))

    def _stop(self) -> None:
        """What goes on before one's eyes."""
        if self.page is Page.MODELS:
            self._session.models.stop()
        else:
            self._session.stop()

    def _step(self, rows: int) -> None:
        self.findings_view.table.step(rows)

    def _search(self) -> None:
        self.findings_view.search()

    def _on_page(self, page: Page, action: Callable[[], object]) -> Callable[[], None]:
        """An action that belongs to one page only."""

        def act() -> None:
            if self.page is page:
                action()

        return act

    def _add_shortcut(self, keys: str, action: Callable[[], object]) -> None:
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.activated.connect(action)

    # --- the end --------------------------------------------------------------------------------

    def leave(self) -> None:
        """Close without asking anything: the system or a signal wants it."""
        self._leaving = True
        self.close()

    def _asks_before_leaving(self) -> bool:
        """An installation would be broken off: that is for the person to say."""
        work = self._session.state.models.work
        if self._leaving or work is None:
            return False
        dialog = Question(
            self,
            self.tr("Stop the work on models?"),
            self.tr("What was fetched or copied is kept; it goes on from there the next time."),
            self.tr("Stop and quit"),
            self.tr("Go on"),
        )
        dialog.accepted.connect(self.leave)
        dialog.open()
        return True

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._asks_before_leaving():
            event.ignore()
            return
        if self._settings is not None:
            self._settings.setValue(GEOMETRY, self.saveGeometry())
            self._settings.sync()
        self.hide()
        self._loader.close()
        self._session.close()
        event.accept()
