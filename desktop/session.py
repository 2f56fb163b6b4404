"""Joins the engine process and the state: what the person asks for goes down, news come up.

Views call its methods and listen to `changed`; they never speak to the engine themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from desktop import failure_wording, wording
from desktop.engine_process import Death, EngineProcess
from desktop.installer_process import InstallerProcess, default_install_command
from desktop.models_session import ModelsSession
from desktop.sources import Failure, Look, Unusable, paths_in_text, take
from desktop.state import AppState, Change
from desktop.state_parts import Work
from engine.protocol import Message, ReportOptions, TableSource, Welcome
from engine.vocabulary import Side

NEWS_MS = 40  # changes are collected so long before screens are drawn afresh


class Session(QObject):
    """changed(set of Change): parts of `state` that are to be shown afresh."""

    changed = Signal(object)

    def __init__(
        self,
        engine: EngineProcess,
        install_command: Sequence[str] = (),
        parent: QObject | None = None,
    ) -> None:
        """install_command: how the installer of models is started; empty takes Twofold's own."""
        super().__init__(parent)
        self.state = AppState()
        self._engine = engine
        self.models = ModelsSession(
            self.state.models,
            InstallerProcess(install_command or default_install_command(), self),
            self._send,
            engine.cancel,
            self._on_models,
            self,
        )
        self._open_at_start = ""
        self._news: set[Change] = set()
        self._news_timer = QTimer(self)
        self._news_timer.setSingleShot(True)
        self._news_timer.setInterval(NEWS_MS)
        self._news_timer.timeout.connect(self._tell)
        engine.starting.connect(self._on_starting)
        engine.welcomed.connect(self._on_welcome)
        engine.received.connect(self._on_event)
        engine.died.connect(self._on_death)

    def start(self, open_at_start: str = "") -> None:
        self._open_at_start = open_at_start
        self._engine.start()

    def close(self) -> None:
        self._news_timer.stop()
        self.models.begin_close()
        self._engine.close()
        self.models.close()

    # --- putting a comparison together ------------------------------------------------------

    def give(self, target: Side, paths: Sequence[str]) -> None:
        """Something was dropped on a side, or chosen for it."""
        taken = take(paths, target)
        if taken.unusable is not None:
            self.refuse(target, taken.unusable, taken.culprit)
            return
        if taken.table:
            self.state.table = TableSource(taken.table)
            for side in Side:
                self._empty(side)
            self._note({Change.SIDES})
            return
        self.state.table = None
        for side, chosen in taken.sides.items():
            part = self.state.sides[side]
            part.paths = chosen
            part.label = ""
            self._look_into(side)

    def give_text(self, target: Side, text: str) -> None:
        """A path was typed or pasted."""
        paths, why = paths_in_text(text)
        if why is not None:
            self.refuse(target, why)
        else:
            self.give(target, paths)

    def give_somewhere(self, paths: Sequence[str]) -> None:
        """Something was dropped beside the sides: it fills the first that is empty."""
        self.give(self.first_empty(), paths)

    def first_empty(self) -> Side:
        return next((side for side in Side if not self.state.sides[side].paths), Side.B)

    def refuse(self, side: Side, why: Unusable, culprit: str = "") -> None:
        self.state.sides[side].failure = failure_wording.unusable(why, culprit)
        self._note({Change.SIDES})

    def split(self, side: Side) -> None:
        """Use the two subfolders of a side's folder as A and B."""
        part = self.state.sides[side]
        if part.offers_split and part.answer is not None:
            first, second = part.answer.subfolders
            folder = part.paths[0].rstrip("/")
            self.give(Side.A, (f"{folder}/{first}", f"{folder}/{second}"))

    def relabel(self, side: Side, label: str) -> None:
        self.state.sides[side].label = label

    def clear(self, side: Side) -> None:
        self._empty(side)
        self._note({Change.SIDES})

    def clear_table(self) -> None:
        self.state.table = None
        self._note({Change.SIDES})

    def set_table(self, table: TableSource) -> None:
        self.state.table = table

    def swap(self) -> None:
        sides = self.state.sides
        waiting = [side for side in Side if sides[side].paths and sides[side].answer is None]
        sides[Side.A], sides[Side.B] = sides[Side.B], sides[Side.A]
        for side in waiting:
            self._look_into(side.other)
        self._note({Change.SIDES})

    def set_recursive(self, recursive: bool) -> None:
        if recursive != self.state.recursive:
            self.state.recursive = recursive
            for side in Side:
                if self.state.sides[side].paths:
                    self._look_into(side)

    def new_comparison(self) -> None:
        self.state.table = None
        for side in Side:
            self._empty(side)
        self._note(self.state.forget_failures() | {Change.SIDES})

    # --- work -------------------------------------------------------------------------------

    def compare(self) -> None:
        if wording.why_not(self.state) or self.state.run is not None:
            return
        labels = [wording.label_of(self.state.sides[side]) for side in Side]
        self._send(self.state.compare(labels[0], labels[1]))
        self._note({Change.RUN})

    def compare_again(self) -> None:
        """What the open comparison compared, as the folders are now."""
        if self.state.models.engine_is_busy:
            return  # it would wait behind that without being able to say so
        self._send(self.state.rerun())
        self._note({Change.RUN})

    def stop(self) -> None:
        request = self.state.stop_run()
        if request is not None:
            self._engine.cancel(request)
            self._note({Change.RUN})

    def open(self, comparison: str) -> None:
        self._send(self.state.open(comparison))
        self._note({Change.ENTRIES})

    def forget(self, comparison: str) -> None:
        self._send(self.state.forget(comparison))
        self._note({Change.COMPARISON})

    def export(self, path: str, file_format: str, options: ReportOptions) -> None:
        self._send(self.state.start_export(path, file_format, options))
        self._note({Change.EXPORT})

    def forget_export(self) -> None:
        if self.state.export.work is not Work.BUSY:
            self.state.export = type(self.state.export)()

    def want_thumbnails(self, content_ids: Iterable[str]) -> None:
        """Pictures that are looked at now; earlier wishes are dropped."""
        self._send(self.state.drop_thumbnail_requests())
        self._send(self.state.want_thumbnails(content_ids))

    def check(self) -> None:
        self._send(self.state.doctor())
        self._note({Change.CHECKS})

    def keep_nothing(self, nothing: bool) -> None:
        """Go on with an engine that keeps what it learns, or nothing."""
        if nothing != self.state.engine.ephemeral and self.state.run is None:
            self.state.keep_nothing_changed()
            self.models.on_engine_gone(None)
            self._note(self.state.on_engine_gone(None, comes_back=True))
            self._engine.restart(ephemeral=nothing)

    def start_engine_again(self) -> None:
        self.state.engine.failure = None
        self._engine.start_again()

    def forget_failures(self) -> None:
        self._note(self.state.forget_failures())

    # --- the engine -------------------------------------------------------------------------

    def _on_starting(self, ephemeral: bool) -> None:
        self._note(self.state.on_starting(ephemeral))

    def _on_welcome(self, welcome: Welcome) -> None:
        changes, requests = self.state.on_welcome(welcome)
        self._send(requests)
        if self._open_at_start:
            self._send(self.state.open(self._open_at_start))
            self._open_at_start = ""
        self.models.on_welcome()
        self._note(changes)

    def _on_event(self, event: Message) -> None:
        self.models.on_engine_event(event)
        changes = self.state.on_event(event)
        if Change.COMPARISON in changes:  # one came or went: the list of them is old
            self._send(self.state.list_entries())
        if Change.RUN in changes and self.state.run is None:
            self._finish_looking()
        self._note(changes)

    def _on_death(self, death: Death) -> None:
        failure: Failure = failure_wording.engine_gone(death)
        self.models.on_engine_gone(failure)
        self._note(self.state.on_engine_gone(failure, comes_back=death.comes_back))

    def _on_models(self, recipes: tuple[str, ...]) -> None:
        """recipes: that can be used from now on; empty while that is not known afresh."""
        changes = {Change.MODELS}
        if recipes and recipes != self.state.engine.recipes:
            self.state.engine.recipes = recipes
            changes.add(Change.ENGINE)
        self._note(changes)

    def _finish_looking(self) -> None:
        """Looks that gave way to a comparison before their pictures came."""
        for side, part in self.state.sides.items():
            if part.look is Look.COUNTED:
                self._look_into(side)

    # --- inside -----------------------------------------------------------------------------

    def _empty(self, side: Side) -> None:
        part = self.state.sides[side]
        part.paths = ()
        part.label = ""
        self._look_into(side)

    def _look_into(self, side: Side) -> None:
        requests = self.state.peek(side)
        if self._engine.greeted:
            self._send(requests)
        self._note({Change.SIDES})

    def _send(self, requests: Iterable[Message]) -> None:
        for request in requests:
            self._engine.send(request)

    def _note(self, changes: set[Change]) -> None:
        self._news |= changes
        if self._news and not self._news_timer.isActive():
            self._news_timer.start()

    def _tell(self) -> None:
        news, self._news = self._news, set()
        self.changed.emit(news)
