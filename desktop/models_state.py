"""What the models page shows: the list, and the one piece of work that goes on. No Qt, no words.

Works like `AppState`: methods return the requests to send, events come in and may change what is
shown. Installing is done by a program of its own; its events come in through a door of their own,
so that nothing the engine says can be taken for them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from desktop.sources import Failure
from desktop.time_left import TimeLeft
from engine import protocol
from engine.protocol import Message, ModelEntry, PackEntry

INSTALLED = ("installed", "in_place", "bundled")  # states of models that can be used
SETTLE_S = 2.0  # of a stage before its speed says anything


class Task(Enum):
    """What can be done about models. All but the first is the engine's to do."""

    INSTALL = auto()
    VERIFY = auto()
    REMOVE = auto()
    IMPORT = auto()
    EXPORT = auto()
    USE = auto()


@dataclass(frozen=True, slots=True)
class Order:
    """What the person asked for. Asked again as it is when it failed."""

    task: Task
    names: tuple[str, ...] = ()  # of models; of INSTALL also of packs
    path: str = ""  # IMPORT, EXPORT: the folder; USE: the folder or file
    roles: tuple[str, ...] = ()  # USE
    projector: str = ""  # USE

    def request(self, identifier: str) -> Message:
        """Raises ValueError for INSTALL, which no engine can do."""
        name = self.names[0] if self.names else ""
        match self.task:
            case Task.VERIFY:
                return protocol.VerifyModels(identifier, self.names)
            case Task.REMOVE:
                return protocol.RemoveModel(identifier, name)
            case Task.IMPORT:
                return protocol.ImportModels(identifier, self.path, name)
            case Task.EXPORT:
                return protocol.ExportModels(identifier, self.names, self.path)
            case Task.USE:
                return protocol.UseModel(identifier, self.path, name, self.roles, self.projector)
            case Task.INSTALL:
                raise ValueError("the engine has no network")


@dataclass(slots=True)
class ModelWork:
    """A piece of work that goes on."""

    order: Order
    id: str  # of the engine's request; "" while the installer does it
    time_left: TimeLeft
    began_s: float  # when the stage began
    began_at: int = 0  # bytes that were done by then
    stage: str = ""
    done: int = 0  # bytes
    total: int = 0  # 0 while unknown
    stopping: bool = False


class End(Enum):
    DONE = auto()
    STOPPED = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class Ended:
    """How the last piece of work ended, until the person has read it."""

    order: Order
    end: End
    failure: Failure | None = None


@dataclass(slots=True)
class ModelsState:
    clock: Callable[[], float]
    entries: tuple[ModelEntry, ...] | None = None  # None: not known yet
    packs: tuple[PackEntry, ...] = ()
    root: str = ""  # where models are kept
    list_failure: Failure | None = None
    work: ModelWork | None = None
    ended: Ended | None = None
    _listing: str = ""  # id of the request for the list
    _count: int = field(default=0)

    # --- what there is ------------------------------------------------------------------------

    @property
    def none_installed(self) -> bool:
        """Nothing but what came with Twofold: this person may not know what models are for."""
        return self.entries is not None and all(
            e.bundled or e.state == "missing" for e in self.entries
        )

    @property
    def packs_to_install(self) -> tuple[PackEntry, ...]:
        """Those that did not come with Twofold as a whole."""
        came = {e.name for e in self.entries or () if e.bundled}
        return tuple(pack for pack in self.packs if not came.issuperset(pack.models))

    @property
    def engine_is_busy(self) -> bool:
        """The engine works on models, and whatever else it is asked waits behind that."""
        return self.work is not None and self.work.order.task is not Task.INSTALL

    @property
    def being_installed(self) -> frozenset[str]:
        """Names of models that the installer is about to bring."""
        if self.work is None or self.work.order.task is not Task.INSTALL:
            return frozenset()
        named = set(self.work.order.names)
        named.update(m for pack in self.packs if pack.name in named for m in pack.models)
        return frozenset(
            e.name for e in self.entries or () if e.name in named and e.state not in INSTALLED
        )

    def entry(self, name: str) -> ModelEntry | None:
        return next((e for e in self.entries or () if e.name == name), None)

    # --- requests -----------------------------------------------------------------------------

    def list_models(self, *, anew: bool = False) -> list[Message]:
        """anew: an answer that is on its way would be old, and is not waited for."""
        if self._listing and not anew:
            return []
        self._listing = self._new_id()
        return [protocol.ListModels(self._listing)]

    def begin(self, order: Order) -> list[Message]:
        """Nothing while other work goes on. Of INSTALL the requests are empty."""
        if self.work is not None:
            return []
        identifier = "" if order.task is Task.INSTALL else self._new_id()
        now_s = self.clock()
        self.work = ModelWork(order, identifier, TimeLeft(now_s), now_s)
        self.ended = None
        return [order.request(identifier)] if identifier else []

    def stop(self) -> ModelWork | None:
        """The work to cancel, once."""
        if self.work is None or self.work.stopping:
            return None
        self.work.stopping = True
        return self.work

    def forget_ended(self) -> None:
        """The person has read how it ended."""
        self.ended = None
        self.list_failure = None

    # --- events -------------------------------------------------------------------------------

    def on_engine_event(self, event: Message) -> bool:
        """Whether anything changed."""
        identifier = getattr(event, "id", "")
        if identifier and identifier == self._listing:
            return self._on_list(event)
        if self.work is None or not identifier or identifier != self.work.id:
            return False
        return self._on_work(self.work, event)

    def on_install_event(self, event: Message) -> bool:
        if self.work is None or self.work.order.task is not Task.INSTALL:
            return False
        return self._on_work(self.work, event)

    def on_engine_gone(self, failure: Failure | None) -> None:
        """What the engine was asked is lost. failure None: it was meant to go."""
        self._listing = ""
        if self.work is not None and self.engine_is_busy:
            stopped = self.work.stopping or failure is None
            self._end(self.work, End.STOPPED if stopped else End.FAILED, failure)

    def on_install_failed(self, failure: Failure) -> None:
        """The installer ended without a word of its own."""
        if self.work is not None and self.work.order.task is Task.INSTALL:
            self._end(self.work, End.FAILED, failure)

    def _on_list(self, event: Message) -> bool:
        match event:
            case protocol.Done():
                self._listing = ""
                self._take(event)
            case protocol.Failed():
                self._listing = ""
                self.list_failure = Failure(event.code, event.message, event.hint)
            case protocol.CancelledEvent():
                self._listing = ""
            case _:
                return False
        return True

    def _on_work(self, work: ModelWork, event: Message) -> bool:
        match event:
            case protocol.Progress():
                self._advance(work, event)
            case protocol.Done():
                if event.models:
                    self._take(event)
                self._end(work, End.DONE)
            case protocol.CancelledEvent():
                self._end(work, End.STOPPED)
            case protocol.Failed():
                failure = Failure(event.code, event.message, event.hint)
                self._end(work, End.FAILED, failure)
            case _:
                return False
        return True

    def _advance(self, work: ModelWork, event: protocol.Progress) -> None:
        now_s = self.clock()
        done, total = max(0, event.done), max(0, event.total)
        if event.stage != work.stage or done < work.began_at:
            work.stage, work.began_s, work.began_at = event.stage, now_s, done
            work.time_left = TimeLeft(now_s)
        work.done, work.total = min(done, total) if total else done, total
        remaining_s = event.remaining_s
        if remaining_s is None:
            remaining_s = _by_speed(now_s - work.began_s, done - work.began_at, total - done)
        work.time_left.update(now_s, remaining_s)

    def _take(self, done: protocol.Done) -> None:
        self.entries = done.models
        self.packs = done.packs
        self.root = done.models_root
        self.list_failure = None

    def _end(self, work: ModelWork, end: End, failure: Failure | None = None) -> None:
        self.work = None
        self.ended = Ended(work.order, end, failure if end is End.FAILED else None)

    def _new_id(self) -> str:
        self._count += 1
        return f"m{self._count}"


def _by_speed(seconds: float, done: int, left: int) -> float | None:
    """Seconds left at the speed so far; None while that is not known."""
    if seconds < SETTLE_S or done <= 0 or left < 0:
        return None
    return left * seconds / done
