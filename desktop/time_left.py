"""An estimate of the time left that a person can bear to watch.

The engine estimates afresh several times a second; shown raw, the number would jump. What is
shown counts down, takes better news at once, and takes worse news only when it has lasted.
Writes no words.
"""

from __future__ import annotations

PATIENCE_S = 4.0  # worse estimates must have lasted so long before they are shown
TOLERANCE = 0.25  # share by which an estimate may be worse before it counts as worse at all
SETTLE_S = 1.0  # nothing is shown before: first estimates rest on a handful of images


class TimeLeft:
    """All times in seconds on one monotone clock."""

    def __init__(self, started_s: float) -> None:
        self._started_s = started_s
        self._end_s: float | None = None
        self._worse_since_s: float | None = None

    def update(self, now_s: float, remaining_s: float | None) -> None:
        """remaining_s: the engine's estimate for the whole job; None while unknown."""
        if remaining_s is None or now_s - self._started_s < SETTLE_S:
            return
        end_s = now_s + max(0.0, remaining_s)
        if self._end_s is None or end_s <= self._end_s:
            self._end_s = end_s
            self._worse_since_s = None
            return
        left_s = max(0.0, self._end_s - now_s)
        if remaining_s <= left_s * (1 + TOLERANCE):
            self._worse_since_s = None
            return
        if self._worse_since_s is None:
            self._worse_since_s = now_s
        elif now_s - self._worse_since_s >= PATIENCE_S:
            self._end_s = end_s
            self._worse_since_s = None

    def seconds(self, now_s: float) -> float | None:
        """What to show; None while nothing sensible is known."""
        if self._end_s is None:
            return None
        return max(0.0, self._end_s - now_s)
