"""How much longer a job takes, from how fast it is and has been. No clock of its own, no wire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

AFTER_READING_SHARE = 0.05  # of the reading time that scoring and testing take afterwards
AFTER_READING_MIN_S = 1.0
SMOOTHING = 0.3  # weight of the newest estimate
MIN_ELAPSED_S = 1.5  # before this a rate says nothing
MAX_MARKS = 64  # of one stage; fewer as it goes on, evenly over it
UNCOUNTED = ("propose", "score", "test")  # short without models; not worth a rate of their own


@dataclass(frozen=True, slots=True)
class Planned:
    """A stage to come whose length can be foreseen."""

    stage: str
    items: int
    seconds_per_item: float  # as it was last time, or a guess


class Estimate:
    """Remaining seconds of a comparison; falls steadily instead of jumping.

    A stage that counts its items is estimated from its rate, and the planned stages after it
    from how fast they were before. Items that the cache answers come first and fast, so the rate
    is taken over the last part of the work, not since the start.
    """

    def __init__(self) -> None:
        self._plan: dict[str, Planned] = {}
        self._stage = ""
        self._marks: list[tuple[float, int]] = []
        self._estimate: float | None = None
        self._at = 0.0

    def plan(self, stages: Sequence[Planned]) -> None:
        """The heavy stages to come, in their order."""
        self._plan = {planned.stage: planned for planned in stages}

    def update(self, now: float, stage: str, done: int, total: int) -> float | None:
        """now: seconds of a monotonic clock. Returns seconds, or None while unknown."""
        if stage != self._stage:
            self._stage = stage
            self._marks = []
        if stage not in self._plan and stage in UNCOUNTED:
            return self._counted_down(now, AFTER_READING_MIN_S)
        if total <= 0 or done <= 0 or not (stage == "read" or stage in self._plan):
            return self._counted_down(now, None)
        per_item = self._rate(now, done)
        if per_item is None:
            return self._counted_down(now, None)
        fresh = (total - done) * per_item
        later = self._later(stage)
        fresh += max(AFTER_READING_MIN_S, AFTER_READING_SHARE * fresh) + later
        before = self._counted_down(now, None)
        self._estimate = fresh if before is None else SMOOTHING * fresh + (1 - SMOOTHING) * before
        self._at = now
        return self._estimate

    def _rate(self, now: float, done: int) -> float | None:
        """Seconds an item over the last part of the stage; None while it says nothing."""
        self._marks.append((now, done))
        if len(self._marks) > MAX_MARKS:
            del self._marks[1::2]
        begun, done_then = self._marks[len(self._marks) // 3]
        too_early = now - begun < MIN_ELAPSED_S / 3 or now - self._marks[0][0] < 1
        return None if too_early or done <= done_then else (now - begun) / (done - done_then)

    def _later(self, stage: str) -> float:
        """Seconds of the planned stages behind this one."""
        names = list(self._plan)
        behind = names[names.index(stage) + 1 :] if stage in self._plan else names
        return sum(self._plan[n].items * self._plan[n].seconds_per_item for n in behind)

    def _counted_down(self, now: float, at_most: float | None) -> float | None:
        if self._estimate is None:
            return at_most
        left = max(0.0, self._estimate - (now - self._at))
        return left if at_most is None else min(left, at_most)
