"""The book-keeping of one batch: which images wait, which are being read, which are done.

Starts nothing and sends nothing.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from engine.pixels import PixelShape
from engine.workers.wire import Answer, Request, frame

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Task(Generic[T]):
    """One image to be read. item: whatever the caller knows it by."""

    item: T
    path: bytes  # on disk
    size_bytes: int  # 0 where it is not known
    target: Path | None = None  # of a thumbnail; without one, and without a shape, it is measured
    content_id: str = ""  # that the file must have; "" any


@dataclass(frozen=True, slots=True)
class Pace:
    """How far a batch may run ahead of whoever takes its answers."""

    held: int  # images sent to workers and not yet handed out, all together
    in_flight: int  # requests sent ahead to one worker, so that it never waits for the next
    #: large files, and the last of a batch, are sent ahead by one only: they would wait while
    #: other workers idle. None: they are not, for the workers must not idle while somebody
    #: computes with the images before
    small_bytes: int | None = None


class Batch(Generic[T]):
    """Tasks by number. Takes no more from the given tasks than it is about to need.

    shape: of the pixels, when pixels are wanted; the answers are then handed out in the order of
    the tasks, otherwise as they come.
    """

    def __init__(
        self,
        tasks: Iterator[Task[T]],
        ahead: int,
        first_number: int,
        pace: Pace,
        shape: PixelShape | None = None,
    ) -> None:
        """ahead: tasks to have at hand. first_number: numbers are never used twice in a pool."""
        self.next_number = first_number
        self.shape = shape
        self.pace = pace
        self._next_out = first_number
        self._tasks = tasks
        self._ahead = ahead
        self._waiting: deque[tuple[int, Task[T]]] = deque()
        self._running: dict[int, Task[T]] = {}
        self._done: dict[int, tuple[Task[T], Answer]] = {}

    @property
    def waiting(self) -> int:
        """Tasks at hand; there may be more to come."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        return len(self._running)

    @property
    def may_send(self) -> bool:
        """Whether a request is at hand, and its answer would not be one too many."""
        return bool(self._waiting) and len(self._running) + len(self._done) < self.pace.held

    def look_ahead(self) -> bool:
        """Whether anything is left to do."""
        while len(self._waiting) < self._ahead:
            task = next(self._tasks, None)
            if task is None:
                break
            self._waiting.append((self.next_number, task))
            self.next_number += 1
        return bool(self._waiting or self._running or self._done)

    def next_request(self) -> tuple[int, bytearray]:
        """Number and frame of the next request, which runs from now on."""
        number, task = self._waiting.popleft()
        self._running[number] = task
        target = os.fsencode(task.target) if task.target else b""
        measure = not target and self.shape is None
        request = Request(number, task.path, measure, target, task.content_id, self.shape)
        self.look_ahead()
        return number, frame(request)

    def can_take(self, in_flight: deque[int]) -> bool:
        """Whether a worker that has these should get one more."""
        pace = self.pace
        if len(in_flight) >= pace.in_flight:
            return False
        if pace.small_bytes is None or len(in_flight) < 2:
            return True
        size = sum(self._running[number].size_bytes for number in in_flight)
        return len(self._waiting) >= self._ahead and size < pace.small_bytes

    def finish(self, number: int, answer: Answer) -> None:
        self._done[number] = (self._running.pop(number), answer)

    def put_back(self, numbers: Iterable[int]) -> None:
        """In front of all that wait, in their order."""
        back = [(number, self._running.pop(number)) for number in numbers]
        self._waiting.extendleft(reversed(back))

    @property
    def next_done(self) -> int | None:
        """Number of the answer to be handed out now; None where none is due."""
        if self.shape is None:
            return next(iter(self._done), None)
        return self._next_out if self._next_out in self._done else None

    def hand_out(self, number: int) -> tuple[Task[T], Answer]:
        self._next_out = number + 1
        return self._done.pop(number)

    def targets_of(self, numbers: Iterable[int]) -> list[Path]:
        tasks = (self._running.get(number) for number in numbers)
        return [task.target for task in tasks if task is not None and task.target is not None]
