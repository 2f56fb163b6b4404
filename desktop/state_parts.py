"""The values that `AppState` is made of. They change nothing by themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from desktop.sources import Failure
from desktop.time_left import TimeLeft
from engine.vocabulary import Finding, Side

#: stages of a comparison in their order
STAGES = ("scan", "read", "caption", "propose", "embed", "score", "test")
#: of these, the ones that a comparison without models does not have
OF_MODELS = ("caption", "embed")


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
    recipes: tuple[str, ...] = ()  # that can be used now, best first, and for trying out last


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
    aside: str = ""  # what it does in the midst of a stage: "load", "verify"; "" nothing
    aside_state: StageState = field(default_factory=StageState)
    skipped: dict[Side, int] = field(default_factory=lambda: {Side.A: 0, Side.B: 0})
    findings: list[Finding] = field(default_factory=list)
    stopping: bool = False

    @property
    def expected(self) -> tuple[str, ...]:
        """The stages it has, as far as that is known by now.

        Those of models are known once they begin; whoever has images described will also have
        them encoded.
        """
        begun = {*self.stages, *(("embed",) if "caption" in self.stages else ())}
        return tuple(name for name in STAGES if name not in OF_MODELS or name in begun)


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
