"""The values that `AppState` is made of. They change nothing by themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from desktop.sources import Failure
from desktop.time_left import TimeLeft
from engine.vocabulary import Finding, Side

#: stages of a comparison in their order
STAGES = ("scan", "read", "propose", "score", "test")


class Phase(Enum):
    """The engine process as the window sees it."""

    STARTING = auto()
    READY = auto()
    DOWN = auto()  # it will not come back by itself


@dataclass(slots=True)
class EngineState:
    phase: Phase = Phase.STARTING
    build: str = ""
    network_lock: tuple[str, ...] = ()
    ephemeral: bool = False
    failure: Failure | None = None  # why it is down, or why it had to be started again


@dataclass(slots=True)
class StageState:
    done: int = 0
    total: int = 0  # 0 while unknown


@dataclass(slots=True)
class RunState:
    """A comparison that is running."""

    id: str
    label_a: str
    label_b: str
    started_s: float
    time_left: TimeLeft
    stages: dict[str, StageState] = field(default_factory=dict)
    stage: str = ""
    skipped: dict[Side, int] = field(default_factory=lambda: {Side.A: 0, Side.B: 0})
    findings: list[Finding] = field(default_factory=list)
    stopping: bool = False


class Work(Enum):
    """How far a single piece of work has come."""

    IDLE = auto()
    BUSY = auto()
    DONE = auto()
    FAILED = auto()


@dataclass(slots=True)
class ExportState:
    work: Work = Work.IDLE
    path: str = ""
    failure: Failure | None = None
