"""How much longer a job takes, from how fast it has been. No clock of its own, no wire."""

from __future__ import annotations

AFTER_READING_SHARE = 0.05  # of the reading time that scoring and testing take afterwards
AFTER_READING_MIN_S = 1.0
SMOOTHING = 0.3  # weight of the newest estimate
MIN_ELAPSED_S = 1.5  # before this a rate says nothing


class Estimate:
    """Remaining seconds of a comparison; falls steadily instead of jumping.

    Reading dominates: its rate so far gives the estimate, and the stages after it get a fixed
    share. Files that the cache answers come first and fast, so the rate is taken over the last
    part of the work, not since the start.
    """

    def __init__(self) -> None:
        self._marks: list[tuple[float, int]] = []
        self._estimate: float | None = None
        self._at = 0.0

    def update(self, now: float, stage: str, done: int, total: int) -> float | None:
        """now: seconds of a monotonic clock. Returns seconds, or None while unknown."""
        if stage in ("propose", "score", "test"):
            return self._counted_down(now, AFTER_READING_MIN_S)
        if stage != "read" or total <= 0 or done <= 0:
            return None
        self._marks.append((now, done))
        if len(self._marks) > 64:
            del self._marks[1::2]
        begun, done_then = self._marks[len(self._marks) // 3]
        if now - begun < MIN_ELAPSED_S / 3 or done <= done_then or now - self._marks[0][0] < 1:
            return self._counted_down(now, None)
        reading = (total - done) * (now - begun) / (done - done_then)
        fresh = reading + max(AFTER_READING_MIN_S, AFTER_READING_SHARE * reading)
        before = self._counted_down(now, None)
        self._estimate = fresh if before is None else SMOOTHING * fresh + (1 - SMOOTHING) * before
        self._at = now
        return self._estimate

    def _counted_down(self, now: float, at_most: float | None) -> float | None:
        if self._estimate is None:
            return at_most
        left = max(0.0, self._estimate - (now - self._at))
        return left if at_most is None else min(left, at_most)
