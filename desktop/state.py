"""What the screens show: requests go out of here, events come in. Plain Python, no Qt.

Every method that starts something returns the requests to send; `on_event` returns what has
changed. An event for a request that is no longer waited for changes nothing. Writes no
sentence: failures made on this side of the wire are handed in.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from enum import Enum, auto
from typing import Any

from desktop.models_state import ModelsState
from desktop.sources import Failure, Look, SideState
from desktop.state_parts import STAGES, EngineState, ExportState, Phase, RunState, StageState, Work
from desktop.time_left import TimeLeft
from engine import protocol
from engine.protocol import Job, Message, TableSource
from engine.vocabulary import Comparison, Side

#: one request for thumbnails asks for so many at most: other requests wait behind it
THUMBNAILS_A_REQUEST = 64


#: an engine that says "done" without the answer; its words are added where sentences are made
EMPTY_ANSWER = Failure("internal", "")


class Change(Enum):
    """A part of the state that a screen may have to show afresh."""

    ENGINE = auto()
    SIDES = auto()
    RUN = auto()
    COMPARISON = auto()
    ENTRIES = auto()
    THUMBNAILS = auto()
    EXPORT = auto()
    CHECKS = auto()
    MODELS = auto()


class _Purpose(Enum):
    PEEK_A = auto()
    PEEK_B = auto()
    COMPARE = auto()
    OPEN = auto()
    LIST = auto()
    FORGET = auto()
    EXPORT = auto()
    THUMBNAILS = auto()
    DOCTOR = auto()


_PEEK = {Side.A: _Purpose.PEEK_A, Side.B: _Purpose.PEEK_B}


class AppState:
    """Everything the window shows, apart from what Qt knows better (focus, scrolling)."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.engine = EngineState()
        self.sides = {Side.A: SideState(), Side.B: SideState()}
        self.table: TableSource | None = None
        self.recursive = True
        self.seed = 0
        self.recipe = "auto"
        self.goal = ""
        self.run: RunState | None = None
        self.run_failure: Failure | None = None
        self.stopped = False  # the last run was stopped by the person
        self.comparison: Comparison | None = None
        self.opening: str | None = None
        self.open_failure: Failure | None = None
        self.entries: tuple[protocol.ComparisonEntry, ...] | None = None  # None: not known yet
        self.entries_failure: Failure | None = None
        self.thumbnails: dict[str, str] = {}  # content id -> file
        self.no_thumbnail: set[str] = set()  # asked for, and the engine has none
        self.export = ExportState()
        self.checks: tuple[dict[str, Any], ...] = ()
        self.checks_work = Work.IDLE
        self.models = ModelsState(clock)
        self.clock = clock
        self._count = 0
        self._waiting: dict[str, _Purpose] = {}
        self._asked: dict[str, tuple[str, ...]] = {}  # thumbnail request -> content ids

    # --- requests -------------------------------------------------------------------------

    def peek(self, side: Side) -> list[Message]:
        """Look into a side, after letting go of an earlier look into it."""
        requests = self._drop(_PEEK[side])
        state = self.sides[side]
        state.answer = None
        state.failure = None
        state.look = Look.NOT_YET
        if not state.paths:
            return requests
        state.look = Look.LOOKING
        request = protocol.Peek(self._ask(_PEEK[side]), state.source(self.recursive))
        return [*requests, request]

    def compare(self, label_a: str, label_b: str) -> list[Message]:
        """Labels as they are shown. Looks that are still running give way."""
        requests = [*self._drop(_Purpose.PEEK_A), *self._drop(_Purpose.PEEK_B)]
        requests += self._drop(_Purpose.THUMBNAILS)
        identifier = self._ask(_Purpose.COMPARE)
        self._begin(identifier, label_a, label_b)
        a, b = (None if self.table else self.sides[side].source(self.recursive) for side in Side)
        job = Job(a=a, b=b, table=self.table, recipe=self.recipe, goal=self.goal, seed=self.seed)
        return [*requests, protocol.Compare(identifier, job)]

    def rerun(self) -> list[Message]:
        """Compare the open comparison's folders again."""
        if self.comparison is None or self.run is not None:
            return []
        identifier = self._ask(_Purpose.COMPARE)
        self._begin(identifier, self.comparison.a.label, self.comparison.b.label)
        return [protocol.Rerun(identifier, self.comparison.id)]

    def stop_run(self) -> str | None:
        """The id of the request to cancel, once."""
        if self.run is None or self.run.stopping:
            return None
        self.run.stopping = True
        return self.run.id

    def open(self, comparison: str) -> list[Message]:
        requests = self._drop(_Purpose.OPEN)
        self.opening = comparison
        self.open_failure = None
        return [*requests, protocol.Open(self._ask(_Purpose.OPEN), comparison)]

    def list_entries(self) -> list[Message]:
        if _Purpose.LIST in self._waiting.values():
            return []
        return [protocol.ListComparisons(self._ask(_Purpose.LIST))]

    def forget(self, comparison: str) -> list[Message]:
        """comparison: an id, or "*" for everything."""
        if self.comparison is not None and comparison in (self.comparison.id, "*"):
            self._show(None)
        return [protocol.Forget(self._ask(_Purpose.FORGET), comparison)]

    def start_export(
        self, path: str, file_format: str, options: protocol.ReportOptions
    ) -> list[Message]:
        if self.comparison is None or self.export.work is Work.BUSY:
            return []
        self.export = ExportState(Work.BUSY, path)
        identifier = self._ask(_Purpose.EXPORT)
        return [protocol.Export(identifier, self.comparison.id, path, file_format, options)]

    def want_thumbnails(self, content_ids: Iterable[str]) -> list[Message]:
        """Ask for what is not known and not asked for yet, in the order given."""
        if self.comparison is None or self.run is not None:
            return []
        asked = {content_id for ids in self._asked.values() for content_id in ids}
        known = self.thumbnails.keys() | self.no_thumbnail | asked
        missing = [c for c in dict.fromkeys(content_ids) if c not in known]
        requests: list[Message] = []
        for start in range(0, len(missing), THUMBNAILS_A_REQUEST):
            chunk = tuple(missing[start : start + THUMBNAILS_A_REQUEST])
            identifier = self._ask(_Purpose.THUMBNAILS)
            self._asked[identifier] = chunk
            requests.append(protocol.Thumbnails(identifier, self.comparison.id, chunk))
        return requests

    def drop_thumbnail_requests(self) -> list[Message]:
        """Let go of pictures that nobody looks at any more."""
        return self._drop(_Purpose.THUMBNAILS)

    def doctor(self) -> list[Message]:
        if self.checks_work is Work.BUSY:
            return []
        self.checks_work = Work.BUSY
        return [protocol.Doctor(self._ask(_Purpose.DOCTOR))]

    # --- the engine comes and goes ----------------------------------------------------------

    def on_starting(self, ephemeral: bool) -> set[Change]:
        self.engine = EngineState(ephemeral=ephemeral, failure=self.engine.failure)
        return {Change.ENGINE}

    def on_welcome(self, welcome: protocol.Welcome) -> tuple[set[Change], list[Message]]:
        """What to ask of an engine that has just started."""
        self.engine = EngineState(
            Phase.READY,
            welcome.build,
            welcome.network_lock,
            welcome.ephemeral,
            self.engine.failure,
            welcome.recipes,
        )
        requests = self.list_entries()
        for side in Side:
            if self.sides[side].paths and self.sides[side].answer is None:
                requests += self.peek(side)
        return {Change.ENGINE, Change.SIDES}, requests

    def on_engine_gone(self, failure: Failure | None, *, comes_back: bool) -> set[Change]:
        """Everything that was under way is lost. failure None: it was meant to go."""
        self._waiting.clear()
        self._asked.clear()
        phase = Phase.STARTING if comes_back else Phase.DOWN
        self.engine = EngineState(phase, ephemeral=self.engine.ephemeral, failure=failure)
        if self.run is not None:
            self.stopped = self.run.stopping
            self.run_failure = None if self.run.stopping else failure
            self.run = None
        for state in self.sides.values():
            if state.look in (Look.LOOKING, Look.COUNTED):
                state.answer = None
                state.look = Look.LOOKING if comes_back else Look.NOT_YET
        if self.export.work is Work.BUSY:
            self.export = ExportState(Work.FAILED, failure=failure)
        if self.opening is not None:
            self.opening = None
            self.open_failure = failure
        if self.checks_work is Work.BUSY:
            self.checks_work = Work.FAILED
        return set(Change)

    def forget_failures(self) -> set[Change]:
        """The person has read what went wrong."""
        self.engine.failure = None
        self.run_failure = None
        self.open_failure = None
        self.entries_failure = None
        self.stopped = False
        return {Change.ENGINE, Change.RUN, Change.ENTRIES}

    def keep_nothing_changed(self) -> None:
        """The engine is about to start on another store: what came from the old one is void."""
        self._show(None)
        self.entries = None
        for state in self.sides.values():
            state.answer = None
            state.look = Look.LOOKING if state.paths else Look.NOT_YET

    # --- events -----------------------------------------------------------------------------

    def on_event(self, event: Message) -> set[Change]:
        identifier = getattr(event, "id", "")
        purpose = self._waiting.get(identifier)
        if purpose is None:
            return set()
        match event:
            case protocol.Progress():
                return self._on_progress(event)
            case protocol.SkippedEvent():
                return self._on_skipped(event)
            case protocol.FindingEvent():
                if self.run is None or purpose is not _Purpose.COMPARE:
                    return set()
                self.run.findings.append(event.finding)
                return {Change.RUN}
            case protocol.PeekAnswer():
                return self._on_peek(purpose, event)
        del self._waiting[identifier]
        match event:
            case protocol.Done():
                return self._on_done(purpose, event)
            case protocol.CancelledEvent():
                return self._on_cancelled(purpose, identifier)
            case protocol.Failed():
                failure = Failure(event.code, event.message, event.hint)
                return self._on_failed(purpose, identifier, failure)
        return set()

    def _on_progress(self, event: protocol.Progress) -> set[Change]:
        if self.run is None or event.id != self.run.id:
            return set()
        far = StageState(event.done, event.total)
        if event.stage in STAGES:
            self.run.stage, self.run.aside = event.stage, ""
            self.run.stages[event.stage] = far
        else:
            self.run.aside, self.run.aside_state = event.stage, far
        self.run.time_left.update(self.clock(), event.remaining_s)
        return {Change.RUN}

    def _on_skipped(self, event: protocol.SkippedEvent) -> set[Change]:
        if self.run is None or event.id != self.run.id or event.side not in set(Side):
            return set()
        self.run.skipped[Side(event.side)] += 1
        return {Change.RUN}

    def _on_peek(self, purpose: _Purpose, event: protocol.PeekAnswer) -> set[Change]:
        for side, wanted in _PEEK.items():
            if purpose is wanted:
                self.sides[side].answer = event
                self.sides[side].look = Look.COUNTED
                return {Change.SIDES}
        return set()

    def _on_done(self, purpose: _Purpose, event: protocol.Done) -> set[Change]:
        match purpose:
            case _Purpose.PEEK_A | _Purpose.PEEK_B:
                self._side_of(purpose).look = Look.DONE
                return {Change.SIDES}
            case _Purpose.COMPARE | _Purpose.OPEN:
                if event.comparison is None:
                    return self._on_failed(purpose, event.id, EMPTY_ANSWER)
                self.run = None if purpose is _Purpose.COMPARE else self.run
                self.opening = None
                self._show(event.comparison)
                return {Change.RUN, Change.COMPARISON, Change.THUMBNAILS, Change.EXPORT}
            case _Purpose.LIST:
                self.entries = event.entries
                self.entries_failure = None
                return {Change.ENTRIES}
            case _Purpose.FORGET:
                return {Change.ENTRIES, Change.COMPARISON}
            case _Purpose.EXPORT:
                self.export = ExportState(Work.DONE, event.path)
                return {Change.EXPORT}
            case _Purpose.THUMBNAILS:
                asked = self._asked.pop(event.id, ())
                self.thumbnails.update(
                    (c, event.thumbnails[c]) for c in asked if c in event.thumbnails
                )
                self.no_thumbnail.update(c for c in asked if c not in event.thumbnails)
                return {Change.THUMBNAILS}
            case _Purpose.DOCTOR:
                self.checks = event.checks
                self.checks_work = Work.DONE
                return {Change.CHECKS}

    def _on_cancelled(self, purpose: _Purpose, identifier: str) -> set[Change]:
        self._asked.pop(identifier, None)
        if purpose is _Purpose.COMPARE and self.run is not None:
            self.run = None
            self.stopped = True
            return {Change.RUN}
        return set()

    def _on_failed(self, purpose: _Purpose, identifier: str, failure: Failure) -> set[Change]:
        match purpose:
            case _Purpose.PEEK_A | _Purpose.PEEK_B:
                side = self._side_of(purpose)
                side.look = Look.FAILED
                side.failure = failure
                return {Change.SIDES}
            case _Purpose.COMPARE:
                self.run = None
                self.run_failure = failure
                return {Change.RUN}
            case _Purpose.OPEN:
                self.opening = None
                self.open_failure = failure
                return {Change.ENTRIES}
            case _Purpose.LIST | _Purpose.FORGET:
                self.entries_failure = failure
                return {Change.ENTRIES}
            case _Purpose.EXPORT:
                self.export = ExportState(Work.FAILED, failure=failure)
                return {Change.EXPORT}
            case _Purpose.THUMBNAILS:
                self.no_thumbnail.update(self._asked.pop(identifier, ()))
                return {Change.THUMBNAILS}
            case _Purpose.DOCTOR:
                self.checks_work = Work.FAILED
                return {Change.CHECKS}

    # --- inside -----------------------------------------------------------------------------

    def _begin(self, identifier: str, label_a: str, label_b: str) -> None:
        now_s = self.clock()
        self.run = RunState(identifier, label_a, label_b, now_s, TimeLeft(now_s))
        self.run_failure = None
        self.stopped = False

    def _show(self, comparison: Comparison | None) -> None:
        self.comparison = comparison
        self.thumbnails.clear()
        self.no_thumbnail.clear()
        self.export = ExportState()

    def _side_of(self, purpose: _Purpose) -> SideState:
        return self.sides[Side.A if purpose is _Purpose.PEEK_A else Side.B]

    def _ask(self, purpose: _Purpose) -> str:
        self._count += 1
        identifier = f"w{self._count}"
        self._waiting[identifier] = purpose
        return identifier

    def _drop(self, purpose: _Purpose) -> list[Message]:
        """Stop waiting for requests of a kind, and tell the engine to stop working on them."""
        dropped = [i for i, waiting in self._waiting.items() if waiting is purpose]
        for identifier in dropped:
            del self._waiting[identifier]
            self._asked.pop(identifier, None)
        return [protocol.Cancel(identifier) for identifier in dropped]
