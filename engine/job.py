"""How long work reports and stops: progress and cancel come in with the call.

A stage receives a `JobControl`, tells it how far it is, and asks it often (at least every
200 ms of work) whether to stop. Knows nothing of the wire.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from engine.errors import Cancelled
from engine.estimate import Planned

ProgressSink = Callable[[str, int, int], None]
PlanSink = Callable[[Sequence[Planned]], None]


class JobControl:
    """Progress out, cancel in. Safe to cancel from another thread."""

    def __init__(
        self, on_progress: ProgressSink | None = None, on_plan: PlanSink | None = None
    ) -> None:
        self._on_progress = on_progress
        self._on_plan = on_plan
        self._cancelled = threading.Event()

    def progress(self, stage: str, done: int, total: int) -> None:
        """done and total count items; total is 0 while unknown. Raises Cancelled."""
        if self._on_progress is not None:
            self._on_progress(stage, done, total)
        self.check_cancelled()

    def plan(self, stages: Sequence[Planned]) -> None:
        """Foretells heavy stages, so that the time left can be estimated before they begin."""
        if self._on_plan is not None:
            self._on_plan(stages)

    def cancel(self) -> None:
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    def check_cancelled(self) -> None:
        """Raises Cancelled once cancel() was called."""
        if self._cancelled.is_set():
            raise Cancelled
